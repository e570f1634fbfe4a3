"""What assigning needs of a run, as the tables of a snapshot, and back.

Belongs here: the form. Does not belong here: what is learnt (`ri_assets.pipeline.assigner`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.config import FuseSettings
from ri_assets.errors import StoreError
from ri_assets.pipeline.assigner import BASES, Assigner, Calibration
from ri_assets.pipeline.embed import DIMENSIONS
from ri_assets.pipeline.features import NAMES
from ri_assets.pipeline.fuse import Fusion, Scale, weight_of_behavior
from ri_assets.records.assigning import ASSIGNING

if TYPE_CHECKING:
    import pandas as pd

TABLES = tuple(table.name for table in ASSIGNING)


def frames_of(assigner: Assigner) -> dict[str, pd.DataFrame]:
    """Give the frame of each table of the contract `ASSIGNING`, by its name."""
    import pandas as pd

    scale = assigner.fusion.scale
    space = np.vstack([assigner.center, assigner.directions.T])
    centroid = np.zeros((len(assigner.centroids), DIMENSIONS + len(NAMES)), dtype=np.float32)
    centroid[:, : assigner.centroids.shape[1]] = assigner.centroids
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
        "assign_persona": pd.DataFrame(
            {
                "persona_id": assigner.personas,
                "tweet_count": assigner.tweet_counts,
                "centroid": list(centroid),
            }
        ),
        "assign_familiar": pd.DataFrame(
            {"tweet_id": assigner.familiar_ids, "embedding": list(assigner.familiar)}
        ),
        "assign_calibration": pd.DataFrame(knots, columns=["basis", "score", "probability"]),
    }


def assigner_of(
    tables: Mapping[str, pa.Table], fused_with: FuseSettings, n_neighbors: int
) -> Assigner:
    """Read what `frames_of` wrote.

    Parameters
    ----------
    tables
        By name.
    fused_with
        The run's.
    n_neighbors
        With how many of the familiar a text is compared.

    Raises
    ------
    StoreError
        There is nothing to assign by.
    """
    personas = tables["assign_persona"]
    if not personas.num_rows:
        raise StoreError(
            "the snapshot holds no personas to assign to",
            "the tables that a run writes for assigning",
            "rerun the pipeline, or open another snapshot",
        )
    center, spread = (tables["assign_scale"][name].to_numpy() for name in ("center", "spread"))
    scale = Scale(center[DIMENSIONS:], spread[DIMENSIONS:])
    space = _vectors(tables["assign_space"], "direction")
    knots = tables["assign_calibration"]
    basis = np.array(knots["basis"].to_pylist())
    score, probability = (knots[name].to_numpy() for name in ("score", "probability"))
    return Assigner(
        fusion=Fusion(center[:DIMENSIONS], scale, weight_of_behavior(scale, fused_with)),
        center=space[0],
        directions=space[1:].T,
        personas=tuple(personas["persona_id"].to_pylist()),
        tweet_counts=personas["tweet_count"].to_numpy(),
        centroids=_vectors(personas, "centroid")[:, : len(space) - 1],
        familiar_ids=tables["assign_familiar"]["tweet_id"].to_numpy(),
        familiar=_vectors(tables["assign_familiar"], "embedding"),
        calibrations={
            name: Calibration(score[basis == name], probability[basis == name]) for name in BASES
        },
        n_neighbors=n_neighbors,
    )


def _vectors(table: pa.Table, column: str) -> NDArray[np.float32]:
    lists = table[column].combine_chunks()
    flat: NDArray[np.float32] = lists.flatten().to_numpy()
    return flat.reshape(len(table), lists.type.list_size)
