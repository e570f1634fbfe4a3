"""Ballots: many varied runs on draws of the tweets, each of which says what it found.

One UMAP and HDBSCAN on real tweets finds other clusters with every seed and draw, so that
none is believed alone.

Belongs here: the runs that vote. Does not belong here: what is made of their votes (`consensus`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.cluster import NOISE, Labels, hdbscan, settled
from ri_assets.pipeline.reduce import EXACT_LIMIT, Neighbors, exact_neighbors, umap

Float32 = NDArray[np.float32]

UNSEEN = -2
_SMALLEST_CLUSTER = 5
_SPARE_NEIGHBORS = 2  # a draw leaves some out: know twice as many as a run needs


@dataclass(frozen=True, eq=False)
class Ballots:
    """What every run said.

    Parameters
    ----------
    labels
        int32, shape (runs, n): the run's cluster once its boundaries have settled; -2 unseen.
    noise
        bool, shape (runs, n): whether the run called the tweet noise.
    """

    labels: Labels
    noise: NDArray[np.bool_]


def vote(vectors: Float32, settings: ConsensusSettings, seed: int) -> Ballots:
    """Run UMAP and HDBSCAN on many draws with varied settings.

    Parameters
    ----------
    vectors
        Principal components, shape (n, d), most variance first.
    settings
        One draw for each repeat of each `n_neighbors` in each number of `principal_components`;
        on it one HDBSCAN for each `min_cluster_share`.
    seed
        Of draws and runs.
    """
    n = len(vectors)
    rng = np.random.default_rng(seed)
    labels, noise = [], []
    for known, pool, n_neighbors in _varied(vectors, settings):
        rows = np.sort(rng.choice(n, round(settings.draw_share * n), replace=False))
        space = umap(
            known[rows],
            _neighbors(known, pool, rows, n_neighbors),
            n_components=settings.n_components,
            n_neighbors=n_neighbors,
            min_dist=0.0,
            n_epochs=settings.n_epochs,
            init="pca",
            seed=int(rng.integers(2**31)),
        )
        for found in _partitions(space, settings):
            full = np.full(n, UNSEEN, dtype=np.int32)
            full[rows] = settled(space, found)
            labels.append(full)
            silent = np.zeros(n, dtype=np.bool_)
            silent[rows] = found == NOISE
            noise.append(silent)
    return Ballots(np.array(labels), np.array(noise))


def _varied(
    vectors: Float32, settings: ConsensusSettings
) -> Iterator[tuple[Float32, Neighbors | None, int]]:
    """Give for each run the vectors, their neighbours where they are compared exactly, and k.

    Few components show the broad subjects, more of them the fine ones, and which of them are
    stable differs from corpus to corpus: so the runs look at both.
    """
    most = min(len(vectors), _SPARE_NEIGHBORS * max(settings.n_neighbors))
    for count in settings.principal_components:
        known = np.ascontiguousarray(vectors[:, :count])
        pool = exact_neighbors(known, most) if len(vectors) <= EXACT_LIMIT else None
        for n_neighbors in settings.n_neighbors * settings.repeats:
            yield known, pool, n_neighbors


def _neighbors(
    vectors: Float32, pool: Neighbors | None, rows: NDArray[np.intp], k: int
) -> Neighbors | None:
    if pool is None:
        return None
    return pool.among(rows, k) or exact_neighbors(vectors[rows], k)


def _partitions(space: Float32, settings: ConsensusSettings) -> list[Labels]:
    smallest = (round(share * len(space)) for share in settings.min_cluster_share)
    found = hdbscan(
        space,
        min_cluster_sizes=[max(_SMALLEST_CLUSTER, size) for size in smallest],
        min_samples=settings.min_samples,
        selection=settings.selection,
    )
    return [labels for labels, _ in found]
