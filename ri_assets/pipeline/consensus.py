"""Consensus: the partition that the base clusterings agree on.

Tweets and the clusters of all base clusterings form a bipartite graph, and its spectral cut
is the consensus (Fern and Brodley 2004, "Solving cluster ensemble problems by bipartite graph
partitioning"). Its cost grows linearly with the number of tweets. `ensemble` makes the base
clusterings, and `cluster` assigns noise in the reduced space.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.bounds import row_blocks
from ri_assets.pipeline.cluster import NOISE, Labels, settled
from ri_assets.pipeline.ensemble import UNSEEN, BaseClusterings, base_clusterings
from ri_assets.pipeline.fuse import unit_rows
from ri_assets.pipeline.stability import Rerun, cluster_stability

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

# Cuts beyond the most personas, tried where small groups leave too few. It only bounds that
# search; the settings say how many groups there may be.
_FINER = 5


@dataclass(frozen=True, eq=False)
class Consensus:
    """The partition that an ensemble agrees on, and what it takes to cut it anew.

    Parameters
    ----------
    runs
        The ensemble, of n tweets.
    directions
        float32, shape (n, d): the clustered vectors, scaled to unit length.
    coordinates
        float64, shape (n, c): the tweets' spectral coordinates, most agreement first.
    groups
        int32, shape (n,), 0 to groups − 1: the group of each tweet, noise included.
    settings
        Settings of the ensemble and of the cut.
    """

    runs: BaseClusterings
    directions: Float32
    coordinates: Float64
    groups: Labels
    settings: ConsensusSettings

    @property
    def labels(self) -> Labels:
        """The groups, int32, shape (n,); -1 for noise and for tweets that no run saw."""
        is_seen = (self.runs.labels != UNSEEN).any(axis=0)
        is_noise = (self.runs.noise > self.settings.noise_share) | ~is_seen
        return np.where(is_noise, NOISE, self.groups).astype(np.int32)

    def support_in(self, groups: Labels) -> Float32:
        """Say how surely each tweet belongs to a group; float32, shape (n,).

        It is the share, over all runs, of the tweets clustered with it that are in that group.

        Parameters
        ----------
        groups
            A group for each tweet, shape (n,); their own are `self.groups`.
        """
        incidence = self.runs.incidence
        rows = np.arange(len(self.groups))
        final = sparse.csr_array((np.ones(len(rows)), (rows, self.groups)))
        shares = (incidence.T @ final).toarray() / incidence.sum(axis=0)[:, None]
        seen = np.maximum(incidence.sum(axis=1), 1)
        return ((incidence @ shares)[rows, groups] / seen).astype(np.float32)

    def at(self, count: int) -> Consensus:
        """Cut the same ensemble into `count` groups.

        If groups that are too small leave fewer, the cut is made finer; if it then has too
        many, the groups that the runs recover worst are given up. It has fewer groups only if
        no cut has as many.
        """
        cuts = (
            _settled(
                self.directions,
                _large(cut(self.coordinates[:, :tried]), self.settings),
                self.settings,
            )
            for tried in range(count, self.coordinates.shape[1] + 1)
        )
        groups = next((labels for labels in cuts if labels.max() + 1 >= count), None)
        if groups is None:
            return self.at(count - 1)
        groups = _recovered(self.directions, groups, self.runs.labels, self.settings, most=count)
        return replace(self, groups=groups)

    def merged(self, group: int, other: int) -> Consensus:
        """Merge a group into another; all tweets are assigned anew."""
        labels = np.where(self.groups == group, other, self.groups)
        _, groups = np.unique(labels, return_inverse=True)
        settled_groups = _settled(self.directions, groups.astype(np.int32), self.settings)
        return replace(self, groups=settled_groups)


def consensus(vectors: Float32, settings: ConsensusSettings, seed: int) -> Consensus:
    """Find the partition that an ensemble agrees on.

    The number of groups is the number of directions that hold most of the runs' agreement
    (`agreed_count`), within `settings.personas`; `Consensus.at` cuts the same runs at another
    number. After the cut every tweet moves to its nearest group among the vectors themselves:
    the borders of the runs' clusters change with every subsample, the vectors do not. Groups
    that the runs seldom recover are given up.

    Parameters
    ----------
    vectors
        Fused vectors or their principal components, shape (n, d).
    settings
        Settings of the ensemble and of the cut.
    seed
        Random seed.
    """
    runs = base_clusterings(vectors, settings, seed)
    directions = directions_of(vectors)
    coordinates, agreement = spectral_coordinates(runs, settings.personas[1] + _FINER)
    first = _settled(directions, _cut(coordinates, agreement, settings), settings)
    groups = _recovered(directions, first, runs.labels, settings)
    return Consensus(runs, directions, coordinates, groups, settings)


def directions_of(vectors: Float32) -> Float32:
    """Scale vectors to unit length, float32, shape (n, d)."""
    directions = np.empty_like(vectors)
    for rows in row_blocks(len(vectors)):
        directions[rows] = unit_rows(vectors[rows])
    return directions


def _cut(coordinates: Float64, agreement: Float64, settings: ConsensusSettings) -> Labels:
    """Cut into as many large groups as the runs agree on; groups that are too small are -1.

    If no number that the settings allow leaves as many large groups, the first cut is taken.
    """
    fewest, most = settings.personas
    count = min(max(agreed_count(agreement, settings.agreement_share), fewest), most)
    cuts = [_large(cut(coordinates[:, :tried]), settings) for tried in range(count, most + 1)]
    return next((labels for labels in cuts if labels.max() + 1 >= count), cuts[0])


def _large(labels: Labels, settings: ConsensusSettings) -> Labels:
    """Renumber the groups that are large enough from 0; the others become -1."""
    _, group, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    is_large = sizes >= settings.min_persona_share * len(labels)
    return np.where(is_large, is_large.cumsum() - 1, NOISE)[group].astype(np.int32)


def _settled(directions: Float32, labels: Labels, settings: ConsensusSettings) -> Labels:
    """Move tweets to their nearest group until no group is too small; 0 to groups − 1."""
    while True:
        labels = _large(settled(directions, labels), settings)
        if (labels != NOISE).all():
            return labels


def _recovered(
    directions: Float32,
    labels: Labels,
    base: Labels,
    settings: ConsensusSettings,
    most: int | None = None,
) -> Labels:
    """Give up the group that the runs recover worst, until all are recovered well enough.

    With `most`, groups are given up until no more than that are left, however well the runs
    recover them. Without it, at least as many stay as `settings.personas` asks for.

    Recovery is Hennig's (2007, "Cluster-wise assessment of cluster stability"): the Jaccard
    index of a group with the most similar cluster of a run, averaged over the runs. A low
    recovery shows before any resampling that resampling will not find the group again.
    """
    seen = base != UNSEEN
    runs = [Rerun(np.flatnonzero(rows), run[rows]) for run, rows in zip(base, seen, strict=True)]
    while labels.max() + 1 > (most or settings.personas[0]):
        recovery = [group.jaccard for group in cluster_stability(labels, runs)]
        weakest = int(np.argmin(recovery))
        if most is None and recovery[weakest] >= settings.min_recovery:
            break
        labels = _settled(directions, np.where(labels == weakest, NOISE, labels), settings)
    return labels


def spectral_coordinates(runs: BaseClusterings, count: int) -> tuple[Float64, Float64]:
    """Give coordinates in which tweets that are often clustered together are close.

    Parameters
    ----------
    runs
        The ensemble, of n tweets.
    count
        Number of dimensions to keep, most agreement first.

    Returns
    -------
    coordinates
        float64, shape (n, count): the leading left singular vectors of the incidence
        matrix, scaled by the square roots of its degrees. Zeros for a tweet that no
        run saw.
    agreement
        float64, shape (clusters of all runs,): how far the runs agree on each direction,
        most first, 1 where all do. They are the eigenvalues of the normalised
        co-association matrix, which holds how often two tweets share a cluster.
    """
    incidence = runs.incidence
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
    """Count the directions that hold a given share of the runs' agreement.

    Principal components are counted for a share of the variance in the same way: the squares
    of the eigenvalues sum to the squared norm of the co-association matrix. If all runs found
    the same clusters, the result is their number. Directions that runs seldom agree on weigh
    little, so the number changes far less between subsamples than the maximum of a curve
    would. A direction that only one run found has an eigenvalue of one over the number of
    runs, so a small ensemble needs a smaller share.

    Parameters
    ----------
    agreement
        As `spectral_coordinates` gives it.
    share
        Between 0 and 1.
    """
    held = np.cumsum(agreement**2)
    return int(np.searchsorted(held, share * held[-1])) + 1


def cut(coordinates: Float64) -> Labels:
    """Cut spectral coordinates into as many clusters as they have dimensions.

    Pivoted QR picks one representative tweet for each cluster, so no random start is
    needed (Damle, Minden and Ying 2019, "Simple, direct and efficient
    multi-way spectral clustering").

    Parameters
    ----------
    coordinates
        Shape (n, count), orthonormal columns.

    Returns
    -------
    int32, shape (n,), 0 to count − 1.
    """
    from scipy.linalg import qr, svd

    count = coordinates.shape[1]
    _, _, pivots = qr(coordinates.T, pivoting=True, mode="economic")
    left, _, right = svd(coordinates[pivots[:count]].T)
    return np.asarray(np.abs(coordinates @ (left @ right)).argmax(axis=1), dtype=np.int32)
