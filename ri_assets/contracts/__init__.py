"""Data contracts: the columns of every stored table, each defined once.

Belongs here: names, Arrow types, units, ranges and meanings of columns. The
Parquet schema, the column schema in the Dagster UI, the dagster-pandas check
and the table in `docs/data_contracts.md` are all made from these. Does not
belong here: how a column is computed.
"""
