"""One whole fit: reduce, cluster, assign. Pipeline and evidence both go through here.

A consensus is fitted on at most `fit_limit` tweets; those of a larger corpus that
are left over follow their nearest fitted ones (`place`), so that time and memory
grow linearly with the corpus.

Belongs here: the order of the steps, and what a corpus must offer for them.
Does not belong here: any step itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from math import ceil

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.config import ConsensusSettings, Profile
from ri_assets.errors import NoPersonasError
from ri_assets.pipeline.cluster import Clusters, Space, assign, density_clusters
from ri_assets.pipeline.consensus import Consensus, consensus
from ri_assets.pipeline.fuse import leaning, require_finite
from ri_assets.pipeline.out_of_sample import Sample, draw_sample, drawn_rows
from ri_assets.pipeline.reduce import principal, reduce

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Agreed:
    """What a fit by consensus rests on.

    Parameters
    ----------
    sample
        Which tweets were fitted, and whom the others follow.
    consensus
        Of the fitted.
    """

    sample: Sample
    consensus: Consensus

    def clusters(self, space: Space) -> Clusters:
        """Spread the groups over all tweets; noise settles in the reduced space."""
        elected = self.sample.elect(self.consensus.labels, self.consensus.support)
        return assign(space, *elected)


@dataclass(frozen=True, eq=False)
class Fit:
    """The reduced space and the clusters of one run.

    Parameters
    ----------
    space
        Gives the reduced space, float32, shape (n, 50 or as the profile says). A consensus
        whose runs leave no noise has no need of it, so that it is made for those who ask.
    clusters
        Where every tweet belongs.
    agreed
        What they rest on; None where no consensus was asked.
    """

    space: Space
    clusters: Clusters
    agreed: Agreed | None = None

    def at(self, count: int) -> Fit:
        """Cut the same runs into `count` clusters; without a consensus it stays as it is."""
        if self.agreed is None:
            return self
        with threadpool_limits(1):
            agreed = replace(self.agreed, consensus=self.agreed.consensus.at(count))
            return replace(self, clusters=agreed.clusters(self.space), agreed=agreed)

    def joined(self, cluster: int, other: int) -> Fit:
        """Join a cluster of a consensus to another; all tweets settle anew.

        Raises
        ------
        ValueError
            The clusters do not come from a consensus.
        """
        if self.agreed is None:
            raise ValueError("only clusters of a consensus can settle anew")
        sample, found = self.agreed.sample, self.agreed.consensus
        core = self.clusters.core_labels[sample.fitted]
        group, into = (int(found.groups[core == label][0]) for label in (cluster, other))
        with threadpool_limits(1):
            agreed = Agreed(sample, found.joined(group, into))
            return replace(self, clusters=agreed.clusters(self.space), agreed=agreed)


def fit(fused: Float32, profile: Profile, seed: int) -> Fit:
    """Reduce and cluster fused vectors.

    Parameters
    ----------
    fused
        float32, shape (n, d), ordered by tweet id.
    profile
        Its `reduce` and `cluster` settings are used.
    seed
        Of this run; a profile's own is `profile.reduce.seed`.

    Raises
    ------
    NoPersonasError
        The vectors are not finite, too few or too alike, or fall into fewer than two clusters.
    """
    _require_usable(fused, profile, seed)
    return clustered(fused, cache(partial(_reduced, fused, profile, seed)), profile, seed)


def reduced(fused: Float32, profile: Profile, seed: int) -> Float32:
    """Run the first step of `fit` alone: the reduced space.

    Raises
    ------
    NoPersonasError
        The vectors are not finite, too few or too alike.
    """
    _require_usable(fused, profile, seed)
    return _reduced(fused, profile, seed)


def _require_usable(fused: Float32, profile: Profile, seed: int) -> None:
    require_finite(fused, "fused vectors")
    require_clusterable(fused[drawn_rows(len(fused), _limit(len(fused), profile), seed)], profile)


def _reduced(fused: Float32, profile: Profile, seed: int) -> Float32:
    with threadpool_limits(1):  # the number of threads changes sums in their last bits
        vectors = _principal(fused, profile)
        sample = _sample(vectors, profile, seed)
        return sample.spread(reduce(vectors[sample.fitted], profile.reduce, seed))


def clustered(fused: Float32, space: Space, profile: Profile, seed: int) -> Fit:
    """Run the other step of `fit`, given the reduced space.

    Of a large corpus the tweets that a consensus is not fitted on follow those that lie
    nearest where its runs looked, which need not be nearest in the fused vectors.

    Raises
    ------
    NoPersonasError
        There are fewer than two clusters.
    """
    settings = profile.cluster
    with threadpool_limits(1):
        if isinstance(settings, ConsensusSettings):
            vectors = clustered_space(fused, profile)
            sample = _sample(vectors, profile, seed)
            agreed = Agreed(sample, consensus(vectors[sample.fitted], settings, seed))
            found = Fit(space, agreed.clusters(space), agreed)
        else:
            found = Fit(space, density_clusters(space(), settings))
    if found.clusters.count < 2:  # noqa: PLR2004 -- the smallest number that separates anything
        raise NoPersonasError(
            f"{found.clusters.count} cluster in {len(fused)} tweets "
            f"({found.clusters.was_noise.sum()} of them noise)",
            "at least two clusters",
            "collect more or more varied tweets, or lower the minimum cluster size",
        )
    return found


def clustered_space(fused: Float32, profile: Profile) -> Float32:
    """Give the vectors whose neighbours decide the clusters, shape (n, d), from fused ones."""
    settings = profile.cluster
    if not isinstance(settings, ConsensusSettings):
        return _principal(fused, profile)
    leaned = (fused * text_leaning(profile, fused.shape[1])).astype(np.float32)
    return principal(leaned, max(settings.principal_components))


def _principal(vectors: Float32, profile: Profile) -> Float32:
    count = profile.reduce.principal_components
    return vectors if count is None else principal(vectors, count)


def _sample(vectors: Float32, profile: Profile, seed: int) -> Sample:
    """Draw who is fitted: the same tweets, whatever the vectors."""
    return draw_sample(vectors, _limit(len(vectors), profile), profile.reduce.n_neighbors, seed)


def _limit(n: int, profile: Profile) -> int:
    settings = profile.cluster
    if not isinstance(settings, ConsensusSettings):
        return n
    return max(settings.fit_limit, minimum_tweets(profile))


def text_leaning(profile: Profile, dimensions: int) -> NDArray[np.float64]:
    """Find what columns of fused vectors are multiplied by before runs vote on them.

    Hours, likes and followers change from tweet to tweet without a gap, and wherever runs
    cut them, draws of the tweets cut elsewhere. So a profile can let the text weigh more
    in what is clustered than in the fused vectors themselves.
    """
    settings = profile.cluster
    if not isinstance(settings, ConsensusSettings):
        return np.ones(dimensions)
    return leaning(profile.fuse.text_weight, settings.text_weight, dimensions)


def minimum_tweets(profile: Profile) -> int:
    """Fewest tweets that the settings can work with.

    Every run needs more tweets than neighbours and dimensions, and room for two clusters.
    """
    space = profile.reduce
    needed = max(space.n_neighbors + 1, space.n_components + 2)
    settings = profile.cluster
    if isinstance(settings, ConsensusSettings):
        member = max(
            max(settings.n_neighbors) + 1,
            settings.n_components + 2,
            settings.min_samples + 1,
            settings.personas[1],
        )
        return max(needed, ceil(member / settings.draw_share))
    return max(needed, 2 * settings.min_cluster_size, settings.min_samples + 1)


def require_clusterable(fused: Float32, profile: Profile) -> None:
    """Refuse vectors that a library would crash on or find nothing in.

    Raises
    ------
    NoPersonasError
        Fewer of them differ than the settings need.
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
