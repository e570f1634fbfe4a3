"""The bundled sample: an invented corpus in the shape of the report's.

Belongs here: everything that makes `data/sample/`. Does not belong here: real
posts, or anything that the pipeline needs; the pipeline reads the sample like
any other source and knows nothing of what was planted. All people, handles,
numbers and complaints are invented; firms that are complained about do not
exist.
"""
