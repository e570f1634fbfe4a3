"""Consensus: many varied runs vote, and their common partition is taken.

One UMAP and HDBSCAN on real tweets finds other clusters with every seed. Here
many runs over varied settings and draws vote. Tweets and the clusters of all
runs form a bipartite graph, and its spectral cut is the consensus (Fern and
Brodley 2004, "Solving cluster ensemble problems by bipartite graph
partitioning"). Its cost grows with the number of tweets, not with its square.

Belongs here: the votes, their cut, and how many clusters it makes. Does
not belong here: assignment of noise in the reduced space (`cluster`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.cluster import NOISE, Labels, hdbscan, settled
from ri_assets.pipeline.fuse import unit_rows
from ri_assets.pipeline.reduce import EXACT_LIMIT, Neighbors, exact_neighbors, umap
from ri_assets.pipeline.stability import Rerun, cluster_stability

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
    """

    labels: Labels
    noise: NDArray[np.bool_]


def consensus(
    vectors: Float32, settings: ConsensusSettings, seed: int, count: int | None = None
) -> tuple[Labels, Float32, int]:
    """Find the partition that varied runs agree on.

    The number of clusters is that of the directions that hold most of the runs' agreement
    (`agreed_count`), within `settings.personas`. The cut is settled among the vectors
    themselves: how the runs' clusters are cut apart changes at their borders with every
    draw, where the vectors lie does not. Groups that the runs seldom find again are given
    up. A tweet is noise where more than `settings.noise_share` of the runs that saw it
    said so.

    Parameters
    ----------
    vectors
        Fused vectors or their principal components, shape (n, d).
    settings
        Which runs vote.
    seed
        Of every random choice.
    count
        How many clusters there shall be; None leaves it to the runs.

    Returns
    -------
    labels
        int32, shape (n,); -1 is noise.
    support
        float32, shape (n,): of the tweets that shared a cluster with it, over all
        runs, the share that shares its final one.
    own_count
        How many clusters there are where `count` is None.
    """
    ballots = vote(vectors, settings, seed)
    directions = unit_rows(vectors).astype(np.float32)
    labels = _partition(directions, ballots, settings)
    own_count = int(labels.max()) + 1
    if count is not None:
        fixed = settings.model_copy(update={"personas": (count, count)})
        labels = _partition(directions, ballots, fixed)
    seen = (ballots.labels != _UNSEEN).sum(axis=0)
    noise = ballots.noise.sum(axis=0) > settings.noise_share * seen
    core = np.where(noise | (seen == 0), NOISE, labels).astype(np.int32)
    return core, _support(ballots, labels), own_count


def _partition(directions: Float32, ballots: Ballots, settings: ConsensusSettings) -> Labels:
    labels = _settled(directions, _cut(ballots, settings), settings)
    return _recovered(directions, labels, ballots, settings)


def _cut(ballots: Ballots, settings: ConsensusSettings) -> Labels:
    """Cut what runs agree on; groups that are too small are -1.

    It is as much finer as small groups take away. Where no number allowed leaves as many
    large ones as there should be, it is the first cut after all.
    """
    fewest, most = settings.personas
    points, agreement = coordinates(ballots, most)
    count = min(max(agreed_count(agreement, settings.agreement_share), fewest), most)
    cuts = [_large(cut(points[:, :tried]), settings) for tried in range(count, most + 1)]
    return next((labels for labels in cuts if labels.max() + 1 >= count), cuts[0])


def _large(labels: Labels, settings: ConsensusSettings) -> Labels:
    """Renumber the groups that are large enough from 0; the others become -1."""
    _, group, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    is_large = sizes >= settings.min_persona_share * len(labels)
    return np.where(is_large, is_large.cumsum() - 1, NOISE)[group].astype(np.int32)


def _settled(directions: Float32, labels: Labels, settings: ConsensusSettings) -> Labels:
    """Settle until no group has become too small; int32, shape (n,), 0 to groups − 1."""
    while True:
        labels = _large(settled(directions, labels), settings)
        if (labels != NOISE).all():
            return labels


def _recovered(
    directions: Float32, labels: Labels, ballots: Ballots, settings: ConsensusSettings
) -> Labels:
    """Give up the group that runs find again worst, until all are found well enough.

    How well is Hennig's recovery (2007, "Cluster-wise assessment of cluster stability"): the
    Jaccard of a group with the most similar cluster of a run, mean over the runs. Groups
    that draws of the tweets do not find again show by it before any draw is made. As many
    stay as are wanted at least.
    """
    seen = ballots.labels != _UNSEEN
    runs = [
        Rerun(np.flatnonzero(rows), run[rows])
        for run, rows in zip(ballots.labels, seen, strict=True)
    ]
    while labels.max() + 1 > settings.personas[0]:
        recovery = [group.jaccard for group in cluster_stability(labels, runs)]
        weakest = int(np.argmin(recovery))
        if recovery[weakest] >= settings.min_recovery:
            break
        labels = _settled(directions, np.where(labels == weakest, NOISE, labels), settings)
    return labels


def vote(vectors: Float32, settings: ConsensusSettings, seed: int) -> Ballots:
    """Run UMAP and HDBSCAN on many draws with varied settings.

    Parameters
    ----------
    vectors
        Shape (n, d).
    settings
        One draw for each repeat of each `n_neighbors`; on it one HDBSCAN for
        each `min_cluster_share`.
    seed
        Of draws and runs.
    """
    n = len(vectors)
    rng = np.random.default_rng(seed)
    pool = None
    if n <= EXACT_LIMIT:
        pool = exact_neighbors(vectors, min(n, _SPARE_NEIGHBORS * max(settings.n_neighbors)))
    labels, noise = [], []
    for n_neighbors in settings.n_neighbors * settings.repeats:
        rows = np.sort(rng.choice(n, round(settings.draw_share * n), replace=False))
        space = umap(
            vectors[rows],
            _neighbors(vectors, pool, rows, n_neighbors),
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
    return Ballots(np.array(labels), np.array(noise))


def _neighbors(
    vectors: Float32, pool: Neighbors | None, rows: NDArray[np.intp], k: int
) -> Neighbors | None:
    if pool is None:
        return None
    return pool.among(rows, k) or exact_neighbors(vectors[rows], k)


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


def coordinates(ballots: Ballots, count: int) -> tuple[Float64, Float64]:
    """Place tweets so that those often clustered together lie together.

    Parameters
    ----------
    ballots
        What every run said.
    count
        Number of dimensions, of most agreement first.

    Returns
    -------
    points
        float64, shape (n, count): the leading left singular vectors of the incidence
        matrix, scaled by the square roots of its degrees. Zeros for a tweet that no
        run saw.
    agreement
        float64, shape (clusters of all runs,): how far the runs agree on each direction,
        most first, 1 where all do. They are the eigenvalues of the normalised
        co-association, which says how often two tweets share a cluster.
    """
    incidence = _incidence(ballots)
    seen = np.maximum(incidence.sum(axis=1), 1)
    sizes = incidence.sum(axis=0)
    scaled = (
        sparse.diags_array(1 / np.sqrt(seen)) @ incidence @ sparse.diags_array(1 / np.sqrt(sizes))
    )
    values, vectors = np.linalg.eigh((scaled.T @ scaled).toarray())
    order = np.argsort(-values, kind="stable")
    agreement = np.maximum(values[order], 0)
    length = np.sqrt(np.maximum(agreement[:count], np.finfo(np.float64).tiny))
    return np.asarray(scaled @ vectors[:, order[:count]] / length), agreement


def agreed_count(agreement: Float64, share: float) -> int:
    """Count the directions that hold a share of what the runs agree on.

    As many as principal components are kept for a share of the variance: the squares of
    the eigenvalues sum to the squared norm of the co-association. Where all runs found the
    same clusters it is their number; directions that runs seldom agree on weigh little,
    so that the number changes far less from draw to draw than the best of a curve would.
    A direction that one run alone found has an eigenvalue of one over the runs: of few runs
    a smaller share should be asked for.

    Parameters
    ----------
    agreement
        As of `coordinates`.
    share
        0–1.
    """
    held = np.cumsum(agreement**2)
    return int(np.searchsorted(held, share * held[-1])) + 1


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


def _support(ballots: Ballots, labels: Labels) -> Float32:
    incidence = _incidence(ballots)
    final = sparse.csr_array(
        (np.ones(len(labels)), (np.arange(len(labels)), labels)),
        shape=(len(labels), int(labels.max()) + 1),
    )
    shares = (incidence.T @ final).toarray() / incidence.sum(axis=0)[:, None]
    seen = np.maximum(incidence.sum(axis=1), 1)
    return ((incidence @ shares)[np.arange(len(labels)), labels] / seen).astype(np.float32)
