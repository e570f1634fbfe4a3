"""Consensus: the common partition of many varied runs.

Tweets and the clusters of all runs form a bipartite graph, and its spectral cut
is the consensus (Fern and Brodley 2004, "Solving cluster ensemble problems by
bipartite graph partitioning"). Its cost grows with the number of tweets, not with
its square.

Belongs here: the cut, and how many clusters it makes. Does not belong here: the
runs (`ballots`), or the assignment of noise in the reduced space (`cluster`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.cluster import NOISE, Labels, settled
from ri_assets.pipeline.ensemble import UNSEEN, Ballots, vote
from ri_assets.pipeline.fuse import unit_rows
from ri_assets.pipeline.stability import Rerun, cluster_stability

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_FINER = 5  # cuts beyond the most personas that are tried where small groups leave too few


@dataclass(frozen=True, eq=False)
class Consensus:
    """The partition that runs agree on, and all that it takes to join two of its groups.

    Parameters
    ----------
    groups
        int32, shape (n,), 0 to groups − 1: where each tweet belongs, noise too.
    directions
        float32, shape (n, d), unit rows: among them the groups are settled.
    points
        float64, shape (n, c): the tweets' spectral coordinates, of most agreement first.
    ballots
        What every run said.
    settings
        Which runs voted.
    """

    groups: Labels
    directions: Float32
    points: Float64
    ballots: Ballots
    settings: ConsensusSettings

    @property
    def labels(self) -> Labels:
        """The groups, int32, shape (n,); -1 where more than `noise_share` of the runs say noise."""
        seen = (self.ballots.labels != UNSEEN).sum(axis=0)
        noise = self.ballots.noise.sum(axis=0) > self.settings.noise_share * seen
        return np.where(noise | (seen == 0), NOISE, self.groups).astype(np.int32)

    @property
    def support(self) -> Float32:
        """How surely each tweet belongs to its group; float32, shape (n,).

        Of the tweets that shared a cluster with it, over all runs, the share in its group.
        """
        incidence = _incidence(self.ballots)
        rows = np.arange(len(self.groups))
        final = sparse.csr_array((np.ones(len(rows)), (rows, self.groups)))
        shares = (incidence.T @ final).toarray() / incidence.sum(axis=0)[:, None]
        seen = np.maximum(incidence.sum(axis=1), 1)
        return ((incidence @ shares)[rows, self.groups] / seen).astype(np.float32)

    def at(self, count: int) -> Consensus:
        """Cut the same runs into `count` groups.

        Where groups that are too small leave fewer, the cut is made finer, and where it then
        has too many, those that runs find again worst are given up. It has fewer only where
        no cut has as many.
        """
        cuts = (
            _settled(
                self.directions, _large(cut(self.points[:, :tried]), self.settings), self.settings
            )
            for tried in range(count, self.points.shape[1] + 1)
        )
        groups = next((labels for labels in cuts if labels.max() + 1 >= count), None)
        if groups is None:
            return self.at(count - 1)
        groups = _recovered(self.directions, groups, self.ballots, self.settings, most=count)
        return replace(self, groups=groups)

    def joined(self, group: int, other: int) -> Consensus:
        """Join a group to another; all tweets settle anew."""
        labels = np.where(self.groups == group, other, self.groups)
        _, groups = np.unique(labels, return_inverse=True)
        settled_groups = _settled(self.directions, groups.astype(np.int32), self.settings)
        return replace(self, groups=settled_groups)


def consensus(vectors: Float32, settings: ConsensusSettings, seed: int) -> Consensus:
    """Find the partition that varied runs agree on.

    The number of clusters is that of the directions that hold most of the runs' agreement
    (`agreed_count`), within `settings.personas`; `Consensus.at` cuts the same runs at
    another. The cut is settled among the vectors themselves: how the runs' clusters are cut
    apart changes at their borders with every draw, where the vectors lie does not. Groups
    that the runs seldom find again are given up.

    Parameters
    ----------
    vectors
        Fused vectors or their principal components, shape (n, d).
    settings
        Which runs vote.
    seed
        Of every random choice.
    """
    ballots = vote(vectors, settings, seed)
    directions = unit_rows(vectors).astype(np.float32)
    points, agreement = coordinates(ballots, settings.personas[1] + _FINER)
    labels = _settled(directions, _cut(points, agreement, settings), settings)
    groups = _recovered(directions, labels, ballots, settings)
    return Consensus(groups, directions, points, ballots, settings)


def _cut(points: Float64, agreement: Float64, settings: ConsensusSettings) -> Labels:
    """Cut what runs agree on; groups that are too small are -1.

    It is as much finer as small groups take away. Where no number allowed leaves as many
    large ones as there should be, it is the first cut after all.
    """
    fewest, most = settings.personas
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
    directions: Float32,
    labels: Labels,
    ballots: Ballots,
    settings: ConsensusSettings,
    most: int | None = None,
) -> Labels:
    """Give up the group that runs find again worst, until all are found well enough.

    With `most` it is given up until no more are left, however well they are found.

    How well is Hennig's recovery (2007, "Cluster-wise assessment of cluster stability"): the
    Jaccard of a group with the most similar cluster of a run, mean over the runs. Groups
    that draws of the tweets do not find again show by it before any draw is made. As many
    stay as are wanted at least.
    """
    seen = ballots.labels != UNSEEN
    runs = [
        Rerun(np.flatnonzero(rows), run[rows])
        for run, rows in zip(ballots.labels, seen, strict=True)
    ]
    while labels.max() + 1 > (most or settings.personas[0]):
        recovery = [group.jaccard for group in cluster_stability(labels, runs)]
        weakest = int(np.argmin(recovery))
        if most is None and recovery[weakest] >= settings.min_recovery:
            break
        labels = _settled(directions, np.where(labels == weakest, NOISE, labels), settings)
    return labels


def _incidence(ballots: Ballots) -> sparse.csr_array:
    """Tweets by clusters of all runs, shape (n, clusters): 1 where it was a member."""
    blocks = []
    for run in ballots.labels:
        rows = np.flatnonzero(run != UNSEEN)
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
