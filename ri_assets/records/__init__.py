"""Records: everything that is stored, judged, answered or exported, each declared once.

A record is a frozen pydantic model; each field has its description, unit and bounds beside it.
Derived from it are the Arrow schema and the contract check of a stored table, what an older
snapshot without the field reads as, the JSON Schema of exports, the OpenAPI schema of HTTP
answers, the columns of a table in the terminal, and `docs/data_contracts.md`.

Belongs here: fields, and what is derived from their declaration. Does not belong here: how a
value is computed. Tables of tweets stay Arrow or pandas; their models only declare the schema.
"""
