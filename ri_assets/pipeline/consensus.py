"""Consensus: many varied runs vote, and their common partition is taken.

One UMAP and HDBSCAN on real tweets finds other clusters with every seed. Here
many runs over varied settings and draws vote. Tweets and the clusters of all
runs form a bipartite graph, and its spectral cut is the consensus (Fern and
Brodley 2004, "Solving cluster ensemble problems by bipartite graph
partitioning"). Its cost grows with the number of tweets, not with its square.

Belongs here: the votes, their cut, and the choice of how many clusters. Does
not belong here: assignment of noise in the reduced space (`cluster`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.cluster import NOISE, Labels, hdbscan, settled
from ri_assets.pipeline.reduce import EXACT_LIMIT, Neighbors, exact_neighbors, umap

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_UNSEEN = -2
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
    draw
        int, shape (runs,): runs of one draw share its UMAP.
    """

    labels: Labels
    noise: NDArray[np.bool_]
    draw: NDArray[np.intp]

    def of_draws(self, draws: NDArray[np.intp]) -> Ballots:
        """Return the ballots of some draws only."""
        chosen = np.isin(self.draw, draws)
        return Ballots(self.labels[chosen], self.noise[chosen], self.draw[chosen])


def consensus(fused: Float32, settings: ConsensusSettings, seed: int) -> tuple[Labels, Float32]:
    """Find the partition that varied runs agree on.

    The number of clusters is the one, within `settings.personas`, at which two
    halves of the runs agree best with each other (`choose_count`). A tweet is
    noise where more than `settings.noise_share` of the runs that saw it said so, or
    where its group is smaller than `settings.min_persona_share` of the tweets; if that
    leaves fewer groups than allowed, the cut is one finer.

    Parameters
    ----------
    fused
        Shape (n, d).
    settings
        Which runs vote.
    seed
        Of every random choice.

    Returns
    -------
    labels
        int32, shape (n,); -1 is noise.
    support
        float32, shape (n,): of the tweets that shared a cluster with it, over all
        runs, the share that shares its final one.
    """
    ballots = vote(fused, settings, seed)
    count = choose_count(ballots, settings, seed)
    labels, is_small = _cut_with_room(ballots, count, settings)
    support = _support(ballots, labels)
    seen = (ballots.labels != _UNSEEN).sum(axis=0)
    noise = ballots.noise.sum(axis=0) > settings.noise_share * seen
    lost = noise | (seen == 0) | is_small[labels]
    return np.where(lost, NOISE, labels).astype(np.int32), support


def _cut_with_room(
    ballots: Ballots, count: int, settings: ConsensusSettings
) -> tuple[Labels, NDArray[np.bool_]]:
    """Cut into `count` groups, or a few more where small ones would leave too few.

    Returns labels, and for each of them whether its group is too small to be kept. Where
    no number leaves as many as the fewest personas allowed, it is `count` after all.
    """
    fewest, most = settings.personas
    points = coordinates(ballots, most)
    found = []
    for tried in range(count, most + 1):
        labels = cut(points[:, :tried])
        sizes = np.bincount(labels, minlength=tried)
        found.append((labels, sizes < settings.min_persona_share * len(labels)))
        if (~found[-1][1]).sum() >= fewest:
            return found[-1]
    return found[0]


def vote(fused: Float32, settings: ConsensusSettings, seed: int) -> Ballots:
    """Run UMAP and HDBSCAN on many draws with varied settings.

    Parameters
    ----------
    fused
        Shape (n, d).
    settings
        One draw for each repeat of each `n_neighbors`; on it one HDBSCAN for
        each `min_cluster_share`.
    seed
        Of draws and runs.
    """
    n = len(fused)
    rng = np.random.default_rng(seed)
    pool = None
    if n <= EXACT_LIMIT:
        pool = exact_neighbors(fused, min(n, _SPARE_NEIGHBORS * max(settings.n_neighbors)))
    labels, noise, draws = [], [], []
    for draw, n_neighbors in enumerate(settings.n_neighbors * settings.repeats):
        rows = np.sort(rng.choice(n, round(settings.draw_share * n), replace=False))
        space = umap(
            fused[rows],
            _neighbors(fused, pool, rows, n_neighbors),
            n_components=settings.n_components,
            n_neighbors=n_neighbors,
            min_dist=0.0,
            n_epochs=settings.n_epochs,
            init="pca",
            seed=int(rng.integers(2**31)),
        )
        for found in _partitions(space, settings):
            full = np.full(n, _UNSEEN, dtype=np.int32)
            full[rows] = settled(space, found)
            labels.append(full)
            silent = np.zeros(n, dtype=np.bool_)
            silent[rows] = found == NOISE
            noise.append(silent)
            draws.append(draw)
    return Ballots(np.array(labels), np.array(noise), np.array(draws))


def _neighbors(
    fused: Float32, pool: Neighbors | None, rows: NDArray[np.intp], k: int
) -> Neighbors | None:
    if pool is None:
        return None
    return pool.among(rows, k) or exact_neighbors(fused[rows], k)


def _partitions(space: Float32, settings: ConsensusSettings) -> Iterator[Labels]:
    for share in settings.min_cluster_share:
        yield hdbscan(
            space,
            min_cluster_size=max(_SMALLEST_CLUSTER, round(share * len(space))),
            min_samples=settings.min_samples,
            selection=settings.selection,
        )[0]


def _incidence(ballots: Ballots) -> sparse.csr_array:
    """Tweets by clusters of all runs, shape (n, clusters): 1 where it was a member."""
    blocks = []
    for run in ballots.labels:
        rows = np.flatnonzero(run != _UNSEEN)
        _, column = np.unique(run[rows], return_inverse=True)
        blocks.append(
            sparse.csr_array(
                (np.ones(len(rows)), (rows, column)), shape=(len(run), int(column.max()) + 1)
            )
        )
    return sparse.hstack(blocks, format="csr")


def coordinates(ballots: Ballots, count: int) -> Float64:
    """Place tweets so that those often clustered together lie together.

    Parameters
    ----------
    ballots
        What every run said.
    count
        Number of dimensions, of most agreement first.

    Returns
    -------
    float64, shape (n, count): the leading left singular vectors of the incidence
    matrix, scaled by the square roots of its degrees. Zeros for a tweet that no
    run saw.
    """
    incidence = _incidence(ballots)
    seen = np.maximum(incidence.sum(axis=1), 1)
    sizes = incidence.sum(axis=0)
    scaled = (
        sparse.diags_array(1 / np.sqrt(seen)) @ incidence @ sparse.diags_array(1 / np.sqrt(sizes))
    )
    values, vectors = np.linalg.eigh((scaled.T @ scaled).toarray())
    leading = np.argsort(-values, kind="stable")[:count]
    length = np.sqrt(np.maximum(values[leading], np.finfo(np.float64).tiny))
    return np.asarray(scaled @ vectors[:, leading] / length)


def cut(points: Float64) -> Labels:
    """Cut spectral coordinates into as many clusters as they have dimensions.

    Pivoted QR picks one representative tweet for each cluster, so that no random
    start is needed (Damle, Minden and Ying 2019, "Simple, direct and efficient
    multi-way spectral clustering").

    Parameters
    ----------
    points
        Shape (n, count), orthonormal columns.

    Returns
    -------
    int32, shape (n,), 0 to count − 1.
    """
    from scipy.linalg import qr, svd

    count = points.shape[1]
    _, _, pivots = qr(points.T, pivoting=True, mode="economic")
    left, _, right = svd(points[pivots[:count]].T)
    return np.asarray(np.abs(points @ (left @ right)).argmax(axis=1), dtype=np.int32)


def choose_count(ballots: Ballots, settings: ConsensusSettings, seed: int) -> int:
    """Choose how many clusters, by how well two halves of the draws agree.

    Parameters
    ----------
    ballots
        What every run said.
    settings
        `personas` bounds the choice; `splits` is how often the draws are halved.
    seed
        Of the halving.

    Returns
    -------
    The fewest whose mean ARI between halves is as good as the best one's: no
    further below it than the best one's own standard deviation over the halvings.
    """
    low, high = settings.personas
    counts = np.arange(low, high + 1)
    agreement = np.empty((settings.splits, len(counts)))
    rng = np.random.default_rng(seed)
    draws = np.unique(ballots.draw)
    for split in range(settings.splits):
        order = rng.permutation(draws)
        halves = (order[::2], order[1::2])
        points = [coordinates(ballots.of_draws(half), high) for half in halves]
        for i, count in enumerate(counts):
            first, second = (cut(half[:, :count]) for half in points)
            agreement[split, i] = adjusted_rand_score(first, second)
    means = agreement.mean(axis=0)
    best = means.argmax()
    return int(counts[np.argmax(means >= means[best] - agreement[:, best].std(ddof=1))])


def _support(ballots: Ballots, labels: Labels) -> Float32:
    incidence = _incidence(ballots)
    final = sparse.csr_array(
        (np.ones(len(labels)), (np.arange(len(labels)), labels)),
        shape=(len(labels), int(labels.max()) + 1),
    )
    shares = (incidence.T @ final).toarray() / incidence.sum(axis=0)[:, None]
    seen = np.maximum(incidence.sum(axis=1), 1)
    return ((incidence @ shares)[np.arange(len(labels)), labels] / seen).astype(np.float32)
