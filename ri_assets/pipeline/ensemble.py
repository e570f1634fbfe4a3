"""The ensemble: base clusterings by many varied UMAP + HDBSCAN runs on subsamples.

One UMAP + HDBSCAN run on real tweets finds other clusters with every seed and subsample, so
no single run is trusted. `consensus` combines the base clusterings.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.cluster import NOISE, Labels, hdbscan, settled
from ri_assets.pipeline.reduce import EXACT_LIMIT, Neighbors, exact_neighbors, umap

Float32 = NDArray[np.float32]

UNSEEN = -2
# Fewer tweets are no cluster in any corpus. Only samples of a few hundred tweets reach this
# bound; in larger ones `min_cluster_share` decides.
_SMALLEST_CLUSTER = 5
# A subsample leaves some neighbours out, so twice as many are found first. This saves time and
# changes no result: where too few are left, they are computed anew.
_SPARE_NEIGHBORS = 2


def base_clusterings(
    vectors: Float32, settings: ConsensusSettings, seed: int
) -> tuple[Labels, NDArray[np.bool_]]:
    """Run UMAP and HDBSCAN on many subsamples with varied settings.

    Parameters
    ----------
    vectors
        Principal components, shape (n, d), most variance first.
    settings
        One subsample for each repeat of each `n_neighbors` in each number of
        `principal_components`; on it one HDBSCAN for each `min_cluster_share`.
    seed
        Seed of the subsamples and the runs.

    Returns
    -------
    labels
        int32, shape (runs, n): each run's cluster of each tweet, with noise assigned to the
        nearest cluster; -2 where the run did not see the tweet.
    is_noise
        bool, shape (runs, n): whether the run called the tweet noise.
    """
    n = len(vectors)
    rng = np.random.default_rng(seed)
    labels, is_noise = [], []
    for known, pool, n_neighbors in _variations(vectors, settings):
        rows = np.sort(rng.choice(n, round(settings.draw_share * n), replace=False))
        space = umap(
            known[rows],
            _neighbors(known, pool, rows, n_neighbors),
            n_components=settings.n_components,
            n_neighbors=n_neighbors,
            min_dist=0.0,  # as dense as possible, for HDBSCAN
            n_epochs=settings.n_epochs,
            negative_sample_rate=settings.negative_sample_rate,
            init="pca",  # cheaper than spectral
            seed=int(rng.integers(2**31)),
        )
        for found in _partitions(space, settings):
            of_all = np.full(n, UNSEEN, dtype=np.int32)
            of_all[rows] = settled(space, found)
            labels.append(of_all)
            noise_of_all = np.zeros(n, dtype=np.bool_)
            noise_of_all[rows] = found == NOISE
            is_noise.append(noise_of_all)
    return np.array(labels), np.array(is_noise)


def _variations(
    vectors: Float32, settings: ConsensusSettings
) -> Iterator[tuple[Float32, Neighbors | None, int]]:
    """Give for each run its vectors, their exact neighbours if few enough, and `n_neighbors`.

    A few components show the broad subjects, more components the fine ones. Which of them are
    stable differs from corpus to corpus, so the runs use both.
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
