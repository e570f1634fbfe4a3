"""Columns of a table of figures, as `clusters` and `personas_enriched` have one beside them."""

from __future__ import annotations

import pyarrow as pa

from ri_assets.contracts.table import Column, Table

FIGURES = Table(
    "figures",
    "one figure",
    (
        Column("figure", pa.string(), "Name of the figure.", is_own=True),
        Column("value", pa.float64(), "Its value on the corpus."),
        Column("null_mean", pa.float64(), "Its mean on data without structure.", True),
        Column("null_p95", pa.float64(), "Its 95th percentile on such data.", True),
        Column("n", pa.int64(), "Tweets, pairs or draws that it rests on.", minimum=0),
        Column("note", pa.string(), "What it is, in one sentence.", is_own=True),
    ),
    ("figure",),
)
