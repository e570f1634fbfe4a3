"""What assigning needs of a run, as the tables of a snapshot, and back.

Belongs here: the form. Does not belong here: what is learnt (`ri_assets.pipeline.assigner`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.config import Profile
from ri_assets.contracts.assigning import ASSIGNING
from ri_assets.errors import StoreError
from ri_assets.pipeline.assigner import BASES, COMPONENTS, Assigner, Calibration
from ri_assets.pipeline.embed import DIMENSIONS
from ri_assets.pipeline.features import NAMES
from ri_assets.pipeline.fuse import Fusion, Scale, weight_of_behavior

if TYPE_CHECKING:
    import pandas as pd

TABLES = tuple(table.name for table in ASSIGNING)


def frames_of(assigner: Assigner) -> dict[str, pd.DataFrame]:
    """Give the frame of each table of the contract `ASSIGNING`, by its name."""
    import pandas as pd

    scale = assigner.fusion.scale
    space = np.vstack([assigner.center, assigner.directions.T])
    position = np.zeros((len(assigner.references), COMPONENTS), dtype=np.float32)
    position[:, : assigner.references.shape[1]] = assigner.references
    knots = [
        (basis, score, probability)
        for basis in BASES
        for score, probability in zip(
            assigner.calibrations[basis].score,
            assigner.calibrations[basis].probability,
            strict=True,
        )
    ]
    return {
        "assign_scale": pd.DataFrame(
            {
                "place": np.arange(DIMENSIONS + len(NAMES)),
                "name": ["embedding"] * DIMENSIONS + list(NAMES),
                "center": np.concatenate([assigner.fusion.text_center, scale.center]),
                "spread": np.concatenate([np.ones(DIMENSIONS), scale.spread]),
            }
        ),
        "assign_space": pd.DataFrame(
            {"component": np.arange(len(space)), "direction": list(space)}
        ),
        "assign_reference": pd.DataFrame(
            {
                "tweet_id": assigner.reference_ids,
                "persona_id": [assigner.personas[own] for own in assigner.own.tolist()],
                "position": list(position),
            }
        ),
        "assign_familiar": pd.DataFrame(
            {"tweet_id": assigner.familiar_ids, "embedding": list(assigner.familiar)}
        ),
        "assign_calibration": pd.DataFrame(knots, columns=["basis", "score", "probability"]),
    }


def assigner_of(tables: Mapping[str, pa.Table], profile: Profile) -> Assigner:
    """Read what `frames_of` wrote.

    Raises
    ------
    StoreError
        There is nothing to assign by.
    """
    if not tables["assign_reference"].num_rows:
        raise StoreError(
            "the snapshot holds no tweets to assign by",
            "the tables that a run writes for assigning",
            "rerun the pipeline, or open another snapshot",
        )
    center, spread = (tables["assign_scale"][name].to_numpy() for name in ("center", "spread"))
    scale = Scale(center[DIMENSIONS:], spread[DIMENSIONS:])
    space = _vectors(tables["assign_space"], "direction")
    reference = tables["assign_reference"]
    personas, own = np.unique(reference["persona_id"].to_pylist(), return_inverse=True)
    knots = tables["assign_calibration"]
    basis = np.array(knots["basis"].to_pylist())
    score, probability = (knots[name].to_numpy() for name in ("score", "probability"))
    return Assigner(
        fusion=Fusion(center[:DIMENSIONS], scale, weight_of_behavior(scale, profile.fuse)),
        center=space[0],
        directions=space[1:].T,
        reference_ids=reference["tweet_id"].to_numpy(),
        references=_vectors(reference, "position")[:, : len(space) - 1],
        own=own,
        personas=tuple(personas.tolist()),
        familiar_ids=tables["assign_familiar"]["tweet_id"].to_numpy(),
        familiar=_vectors(tables["assign_familiar"], "embedding"),
        calibrations={
            name: Calibration(score[basis == name], probability[basis == name]) for name in BASES
        },
        n_neighbors=profile.reduce.n_neighbors,
    )


def _vectors(table: pa.Table, column: str) -> NDArray[np.float32]:
    lists = table[column].combine_chunks()
    flat: NDArray[np.float32] = lists.flatten().to_numpy()
    return flat.reshape(len(table), lists.type.list_size)
