"""Tables beside `ri_index_app` with which tweets are assigned that the run never saw.

They hold vectors, ids and figures; no text.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ri_assets.pipeline.assigner import BASES
from ri_assets.pipeline.embed import DIMENSIONS
from ri_assets.pipeline.features import NAMES
from ri_assets.records.record import Column, Record, column, count, vector
from ri_assets.records.table import Table

_FUSED = DIMENSIONS + len(NAMES)


# fmt: off
class FeatureScale(Record):
    """One number of an embedding or behavioural feature, as the run put it on one scale."""

    place: Annotated[int, column(
        "Place in the fused vector: embedding, then features.", ge=0, le=_FUSED - 1)]
    name: Annotated[str, column("The feature.", allowed=("embedding", *NAMES))]
    center: Annotated[float | None, column(
        "What is subtracted; missing for a feature without use.")]
    spread: Annotated[float | None, column(
        "What it is divided by, likewise; of embeddings 1.")]


class PrincipalComponent(Record):
    """The mean of the fused vectors (component 0), or one of their principal components."""

    component: Annotated[int, column("0, or the component's rank from 1.", ge=0)]
    direction: ClassVar[Column] = vector(_FUSED, "In the space of fused vectors.")


class AssignablePersona(Record):
    """One persona that new tweets can be assigned to."""

    persona_id: Annotated[str, column("The persona.", is_own=True)]
    tweet_count: Annotated[int, count("Its tweets among those that were learnt from.", ge=1)]
    centroid: ClassVar[Column] = vector(
        _FUSED,
        "Mean direction of its tweets in the principal components; 0 beyond the last.")


class FamiliarTweet(Record):
    """One drawn tweet with which texts are compared to see whether they are like the corpus."""

    tweet_id: Annotated[int, column("Id of the tweet.", ge=0)]
    embedding: ClassVar[Column] = vector(DIMENSIONS, "Unit vector of its text.")


class CalibrationKnot(Record):
    """One knot of the line from clearness to probability."""

    basis: Annotated[str, column("For whole tweets, or for texts alone.", allowed=BASES)]
    score: Annotated[float, column(
        "Clearness: 1 less the distance to the nearest centroid over that to the next.",
        ge=0, le=1)]
    probability: Annotated[float, column(
        "How often so clear a case was right among tweets of the run.", ge=0, le=1)]
# fmt: on


ASSIGNING = (
    Table(
        "assign_scale",
        "one number of an embedding or behavioural feature, as the run put it on one scale",
        FeatureScale,
        ("place",),
    ),
    Table(
        "assign_space",
        "the mean of the fused vectors (component 0), or one of their principal components",
        PrincipalComponent,
        ("component",),
    ),
    Table(
        "assign_persona",
        "one persona that new tweets can be assigned to",
        AssignablePersona,
        ("persona_id",),
    ),
    Table(
        "assign_familiar",
        "one drawn tweet with which texts are compared to see whether they are like the corpus",
        FamiliarTweet,
        ("tweet_id",),
    ),
    Table(
        "assign_calibration",
        "one knot of the line from clearness to probability",
        CalibrationKnot,
        ("basis", "score"),
    ),
)
