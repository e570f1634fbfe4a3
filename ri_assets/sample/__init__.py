"""The bundled sample: an invented corpus in the shape of the report's.

Belongs here: everything that generates `data/sample/`. Does not belong here: real posts, or
anything that the pipeline needs. The pipeline reads the sample like any other source and
doesn't know what was planted. All people, handles, numbers and complaints are invented; the
firms in complaints do not exist.
"""

LABELS_FILE = "planted_labels.csv"
"""The truth beside the sample: the audience of each tweet, which the pipeline never reads."""
