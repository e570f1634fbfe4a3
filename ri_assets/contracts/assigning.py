"""Tables beside `ri_index_app` with which tweets are assigned that the run never saw.

They hold vectors, ids and figures; no text.
"""

from __future__ import annotations

import pyarrow as pa

from ri_assets.contracts.stages import TWEET_ID
from ri_assets.contracts.table import Column, Table
from ri_assets.pipeline.assigner import BASES
from ri_assets.pipeline.embed import DIMENSIONS
from ri_assets.pipeline.features import NAMES

_FUSED = DIMENSIONS + len(NAMES)


def _vector(name: str, length: int, description: str) -> Column:
    return Column(name, pa.list_(pa.float32(), length), description)


ASSIGN_SCALE = Table(
    "assign_scale",
    "one number of an embedding or behavioural feature, as the run put it on one scale",
    (
        Column(
            "place",
            pa.int64(),
            "Place in the fused vector: embedding, then features.",
            minimum=0,
            maximum=_FUSED - 1,
        ),
        Column("name", pa.string(), "The feature.", allowed=("embedding", *NAMES)),
        Column(
            "center", pa.float64(), "What is subtracted; missing for a feature without use.", True
        ),
        Column("spread", pa.float64(), "What it is divided by, likewise; of embeddings 1.", True),
    ),
    ("place",),
)
ASSIGN_SPACE = Table(
    "assign_space",
    "the mean of the fused vectors (component 0), or one of their principal components",
    (
        Column("component", pa.int64(), "0, or the component's rank from 1.", minimum=0),
        _vector("direction", _FUSED, "In the space of fused vectors."),
    ),
    ("component",),
)
ASSIGN_PERSONA = Table(
    "assign_persona",
    "one persona that new tweets can be assigned to",
    (
        Column("persona_id", pa.string(), "The persona.", is_own=True),
        Column(
            "tweet_count", pa.int64(), "Its tweets among those that were learnt from.", minimum=1
        ),
        _vector(
            "centroid",
            _FUSED,
            "Mean direction of its tweets in the principal components; 0 beyond the last.",
        ),
    ),
    ("persona_id",),
)
ASSIGN_FAMILIAR = Table(
    "assign_familiar",
    "one drawn tweet with which texts are compared to see whether they are like the corpus",
    (TWEET_ID, _vector("embedding", DIMENSIONS, "Unit vector of its text.")),
    ("tweet_id",),
)
ASSIGN_CALIBRATION = Table(
    "assign_calibration",
    "one knot of the line from clearness to probability",
    (
        Column(
            "basis",
            pa.string(),
            "For whole tweets, or for texts alone.",
            allowed=BASES,
        ),
        Column(
            "score",
            pa.float64(),
            "Clearness: 1 less the distance to the nearest centroid over that to the next.",
            minimum=0,
            maximum=1,
        ),
        Column(
            "probability",
            pa.float64(),
            "How often so clear a case was right among tweets of the run.",
            minimum=0,
            maximum=1,
        ),
    ),
    ("basis", "score"),
)

ASSIGNING = (
    ASSIGN_SCALE,
    ASSIGN_SPACE,
    ASSIGN_PERSONA,
    ASSIGN_FAMILIAR,
    ASSIGN_CALIBRATION,
)
