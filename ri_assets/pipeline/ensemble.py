"""The ensemble: base clusterings of random subsamples by UMAP + HDBSCAN and by k-means.

One clustering of real tweets finds other clusters with every seed and subsample, so no single
run is trusted. UMAP and HDBSCAN see how densely tweets lie. k-means with more clusters than
personas cuts them into small compact pieces, at a tenth of the cost (Fred and Jain 2005,
"Combining multiple clusterings using evidence accumulation"). `consensus` combines them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.cluster import NOISE, Labels, hdbscan, settled
from ri_assets.pipeline.fuse import unit_rows
from ri_assets.pipeline.reduce import EXACT_LIMIT, Neighbors, exact_neighbors, umap

Float32 = NDArray[np.float32]
Rows = NDArray[np.intp]

UNSEEN = -2
# Fewer tweets are no cluster in any corpus. Only samples of a few hundred tweets reach this
# bound; in larger ones `min_cluster_share` decides.
_SMALLEST_CLUSTER = 5
# A subsample leaves some neighbours out, so twice as many are found first. This saves time and
# changes no result: where too few are left, they are computed anew.
_SPARE_NEIGHBORS = 2


@dataclass(frozen=True, eq=False)
class BaseClusterings:
    """What every run of an ensemble found.

    Parameters
    ----------
    labels
        int32, shape (runs, n): each run's cluster of each tweet, with noise assigned to the
        nearest cluster; -2 where the run did not see the tweet.
    noise
        float32, shape (n,): share of the HDBSCAN runs that called the tweet noise, of those
        that saw it; 0 if none saw it.
    """

    labels: Labels
    noise: Float32

    @cached_property
    def incidence(self) -> sparse.csr_array:
        """Tweets by clusters of all runs, shape (n, clusters): 1 where the tweet is a member."""
        blocks = []
        for run in self.labels:
            rows = np.flatnonzero(run != UNSEEN)
            _, column = np.unique(run[rows], return_inverse=True)
            blocks.append(
                sparse.csr_array(
                    (np.ones(len(rows)), (rows, column)), shape=(len(run), int(column.max()) + 1)
                )
            )
        return sparse.hstack(blocks, format="csr")


def base_clusterings(vectors: Float32, settings: ConsensusSettings, seed: int) -> BaseClusterings:
    """Cluster many random subsamples with varied settings.

    Parameters
    ----------
    vectors
        Principal components, shape (n, d), most variance first.
    settings
        In each number of `principal_components`: one UMAP for each repeat of each
        `n_neighbors`, with one HDBSCAN for each `min_cluster_share`; and for each of the
        `kmeans_repeats` one k-means for each number of `kmeans_clusters`. Each repeat has a
        subsample of its own.
    seed
        Seed of the subsamples and the runs.

    Returns
    -------
    Runs of HDBSCAN first, then those of k-means.
    """
    n, rng = len(vectors), np.random.default_rng(seed)
    labels: list[Labels] = []
    called, seen = np.zeros(n), np.zeros(n)
    for rows, space, found in _density_runs(vectors, settings, rng):
        labels.append(_of_all(n, rows, settled(space, found)))
        called[rows] += found == NOISE
        seen[rows] += 1
    for rows, found in _kmeans_runs(vectors, settings, rng):
        labels.append(_of_all(n, rows, found))
    noise = (called / np.maximum(seen, 1)).astype(np.float32)
    return BaseClusterings(np.array(labels), noise)


def _of_all(n: int, rows: Rows, labels: Labels) -> Labels:
    of_all = np.full(n, UNSEEN, dtype=np.int32)
    of_all[rows] = labels
    return of_all


def _density_runs(
    vectors: Float32, settings: ConsensusSettings, rng: np.random.Generator
) -> Iterator[tuple[Rows, Float32, Labels]]:
    """Give for each HDBSCAN run the rows it saw, their reduced space and clusters."""
    for known, pool, n_neighbors in _variations(vectors, settings):
        rows = _subsample(len(vectors), settings, rng)
        space = umap(
            known[rows],
            _neighbors(known, pool, rows, n_neighbors),
            n_components=settings.n_components,
            n_neighbors=n_neighbors,
            min_dist=0.0,  # as dense as possible, for HDBSCAN
            n_epochs=settings.n_epochs,
            negative_sample_rate=settings.negative_sample_rate,
            init="pca",  # cheaper than spectral
            seed=_next_seed(rng),
        )
        for found in _partitions(space, settings):
            yield rows, space, found


def _kmeans_runs(
    vectors: Float32, settings: ConsensusSettings, rng: np.random.Generator
) -> Iterator[tuple[Rows, Labels]]:
    """Give for each k-means run the rows it saw and their clusters, found by direction."""
    from sklearn.cluster import KMeans

    for count in settings.principal_components:
        directions = unit_rows(vectors[:, :count]).astype(np.float32)
        for _ in range(settings.kmeans_repeats):
            rows = _subsample(len(vectors), settings, rng)
            for n_clusters in settings.kmeans_clusters:
                # Random starts are as good for a consensus as careful ones, at half the cost.
                model = KMeans(n_clusters, init="random", n_init=1, random_state=_next_seed(rng))
                yield rows, model.fit_predict(directions[rows]).astype(np.int32)


def _subsample(n: int, settings: ConsensusSettings, rng: np.random.Generator) -> Rows:
    return np.sort(rng.choice(n, round(settings.draw_share * n), replace=False))


def _next_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


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


def _neighbors(vectors: Float32, pool: Neighbors | None, rows: Rows, k: int) -> Neighbors | None:
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
