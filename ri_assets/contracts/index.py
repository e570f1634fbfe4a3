"""Columns of `ri_index_app`: what applications list, look up and assign by."""

from __future__ import annotations

import pyarrow as pa

from ri_assets.contracts.assigning import ASSIGNING
from ri_assets.contracts.figures import FIGURES
from ri_assets.contracts.personas import PERSONAS
from ri_assets.contracts.stages import TWEET_ID
from ri_assets.contracts.table import AssetContract, Column, Table

LISTED = (
    "persona_id",
    "name",
    "focus",
    "key_insight",
    "tier",
    "tier_label",
    "tweet_count",
    "share",
    "author_count",
    "jaccard",
    "verdict",
    "top_terms",
    "peak_hour_local",
    "busiest_hour_local",
    "avg_word_count",
)
_BY_NAME = {column.name: column for column in PERSONAS.columns}

RI_INDEX_APP = AssetContract(
    Table(
        "ri_index_app",
        "one persona, as applications list it",
        tuple(_BY_NAME[name] for name in LISTED),
        ("persona_id",),
    ),
    (
        Table(
            "tweet_personas",
            "one kept tweet",
            (
                TWEET_ID,
                Column("persona_id", pa.string(), "The persona that it belongs to.", is_own=True),
                Column("was_noise", pa.bool_(), "Whether it was assigned from the noise."),
                Column("distance", pa.float64(), "Distance to the persona's centroid.", minimum=0),
            ),
            ("tweet_id",),
        ),
        Table(
            "tweet_map",
            "one kept tweet on the map, for looking at",
            (
                TWEET_ID,
                Column("x", pa.float32(), "Across, -1 to 1.", minimum=-1, maximum=1),
                Column("y", pa.float32(), "Up, -1 to 1.", minimum=-1, maximum=1),
                Column(
                    "certainty",
                    pa.float64(),
                    "Probability that it belongs to its persona: how often so clear a tweet was "
                    "assigned right when it was left out.",
                    minimum=0,
                    maximum=1,
                ),
            ),
            ("tweet_id",),
        ),
        FIGURES,
        *ASSIGNING,
    ),
)
