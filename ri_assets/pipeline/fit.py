"""One whole fit of fused vectors: reduce, cluster, assign noise.

The pipeline and the evidence both fit through this module. A consensus is fitted on at most
`fit_limit` tweets; the rest of a larger corpus follows its most similar fitted tweets
(`out_of_sample`), so time and memory grow linearly with the corpus.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.config import ConsensusSettings, Profile
from ri_assets.errors import NoPersonasError
from ri_assets.pipeline.cluster import (
    NOISE,
    Clustering,
    Labels,
    Space,
    assign_noise,
    hdbscan_clustering,
    minimum_tweets,
    settled,
)
from ri_assets.pipeline.consensus import Consensus, consensus, directions_of
from ri_assets.pipeline.fuse import require_finite, reweighting
from ri_assets.pipeline.out_of_sample import Subsample, draw_subsample, drawn_rows
from ri_assets.pipeline.reduce import principal, reduce

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ConsensusClustering(Clustering):
    """A clustering by consensus: it can be cut or merged again without new runs.

    Parameters
    ----------
    consensus
        The consensus of the fitted tweets.
    subsample
        Which tweets were fitted, and which of them each of the others follows.
    directions
        float32, shape (n, d): the clustered vectors of all tweets, scaled to unit length.
    groups
        int32, shape (n,): each tweet's group in the consensus.
    """

    consensus: Consensus
    subsample: Subsample
    directions: Float32
    groups: Labels

    @classmethod
    def of(
        cls, space: Space, found: Consensus, subsample: Subsample, directions: Float32
    ) -> ConsensusClustering:
        """Extend a consensus to all tweets and assign its noise.

        The other tweets start in the groups of those that they follow. Then all tweets move to
        their nearest group until none moves, as the fitted ones did: a sample alone does not
        say where exactly a group ends.
        """
        labels, groups = found.labels, found.groups
        if len(subsample.rest):
            groups = settled(directions, subsample.extend_labels(groups))
            labels = np.where(subsample.extend_labels(labels) == NOISE, NOISE, groups)
        support = subsample.extend_support(found.support_in(groups[subsample.fitted]), groups)
        plain = assign_noise(space, labels, support)
        return cls(
            **vars(plain),
            consensus=found,
            subsample=subsample,
            directions=directions,
            groups=groups,
        )

    def at(self, count: int) -> ConsensusClustering:
        """Cut the same ensemble into `count` clusters."""
        return self._again(self.consensus.at(count))

    def merged(self, cluster: int, other: int) -> ConsensusClustering:
        """Merge a cluster into another; all tweets are assigned anew."""
        group, into = (int(self.groups[self.core_labels == one][0]) for one in (cluster, other))
        return self._again(self.consensus.merged(group, into))

    def _again(self, found: Consensus) -> ConsensusClustering:
        with threadpool_limits(1):
            return self.of(self.space, found, self.subsample, self.directions)


def fit(fused: Float32, profile: Profile, seed: int) -> Clustering:
    """Reduce and cluster fused vectors.

    Parameters
    ----------
    fused
        float32, shape (n, d), ordered by tweet id.
    profile
        Its `reduce` and `cluster` settings are used.
    seed
        Random seed of this run; the profile's own is `profile.reduce.seed`.

    Raises
    ------
    NoPersonasError
        The vectors are not finite, too few or too alike, or fall into fewer than two clusters.
    """
    _require_usable(fused, profile, seed)
    return cluster_fused(fused, cache(partial(_reduce, fused, profile, seed)), profile, seed)


def reduce_fused(fused: Float32, profile: Profile, seed: int) -> Float32:
    """Run the first step of `fit` alone: give the reduced space.

    Raises
    ------
    NoPersonasError
        The vectors are not finite, too few or too alike.
    """
    _require_usable(fused, profile, seed)
    return _reduce(fused, profile, seed)


def _require_usable(fused: Float32, profile: Profile, seed: int) -> None:
    require_finite(fused, "fused vectors")
    require_clusterable(fused[drawn_rows(len(fused), _limit(len(fused), profile), seed)], profile)


def _reduce(fused: Float32, profile: Profile, seed: int) -> Float32:
    with threadpool_limits(1):  # the number of threads changes sums in their last bits
        vectors = _principal(fused, profile)
        subsample = _subsample(vectors, profile, seed)
        return subsample.extend_space(reduce(vectors[subsample.fitted], profile.reduce, seed))


def cluster_fused(fused: Float32, space: Space, profile: Profile, seed: int) -> Clustering:
    """Run the second step of `fit`, given the reduced space.

    In a large corpus, tweets that a consensus is not fitted on follow the fitted tweets that
    are nearest in the space that its runs see. Those need not be nearest among fused vectors.

    Raises
    ------
    NoPersonasError
        There are fewer than two clusters.
    """
    settings = profile.cluster
    found: Clustering
    with threadpool_limits(1):
        if isinstance(settings, ConsensusSettings):
            vectors = clustered_space(fused, profile)
            subsample = _subsample(vectors, profile, seed)
            agreed = consensus(vectors[subsample.fitted], settings, seed)
            found = ConsensusClustering.of(space, agreed, subsample, directions_of(vectors))
        else:
            found = hdbscan_clustering(space(), settings)
    if found.count < 2:  # noqa: PLR2004 -- the smallest number that separates anything
        raise NoPersonasError(
            f"{found.count} cluster in {len(fused)} tweets ({found.was_noise.sum()} of them noise)",
            "at least two clusters",
            "collect more or more varied tweets, or lower the minimum cluster size",
        )
    return found


def clustered_space(fused: Float32, profile: Profile) -> Float32:
    """Give the vectors whose neighbours decide the clusters, shape (n, d), from fused ones."""
    settings = profile.cluster
    if not isinstance(settings, ConsensusSettings):
        return _principal(fused, profile)
    factors = text_reweighting(profile, fused.shape[1])
    return principal(fused, max(settings.principal_components), factors)


def _principal(fused: Float32, profile: Profile) -> Float32:
    count = profile.reduce.principal_components
    return fused if count is None else principal(fused, count)


def _subsample(vectors: Float32, profile: Profile, seed: int) -> Subsample:
    """Draw the tweets to fit: the same rows, whatever the vectors."""
    return draw_subsample(vectors, _limit(len(vectors), profile), profile.reduce.n_neighbors, seed)


def _limit(n: int, profile: Profile) -> int:
    settings = profile.cluster
    if not isinstance(settings, ConsensusSettings):
        return n
    return max(settings.fit_limit, minimum_tweets(profile))


def text_reweighting(profile: Profile, dimensions: int) -> NDArray[np.float64]:
    """Give the factors of the columns of fused vectors in what is clustered.

    Hours, likes and followers vary from tweet to tweet without a gap, so wherever a run cuts
    them, a run on another subsample cuts elsewhere. A profile can therefore give the text more
    weight in the clustered vectors than it has in the fused vectors.
    """
    settings = profile.cluster
    if not isinstance(settings, ConsensusSettings):
        return np.ones(dimensions)
    return reweighting(profile.fuse.text_weight, settings.text_weight, dimensions)


def require_clusterable(fused: Float32, profile: Profile) -> None:
    """Refuse vectors that a library would crash on or find nothing in.

    Raises
    ------
    NoPersonasError
        There are fewer distinct vectors than the settings need.
    """
    needed = minimum_tweets(profile)
    remedy = (
        "collect more tweets, or lower `reduce.n_neighbors` and `cluster.n_neighbors` in a copy "
        f"of the profile {profile.name!r}"
    )
    if len(fused) < needed:
        raise NoPersonasError(f"{len(fused)} tweets", f"at least {needed} tweets", remedy)
    distinct = len(np.unique(fused, axis=0))
    if distinct < needed:
        raise NoPersonasError(
            f"{distinct} distinct vectors in {len(fused)} tweets",
            f"at least {needed} distinct vectors",
            remedy,
        )
