"""One whole fit: reduce, cluster, assign. Pipeline and evidence both go through here.

Belongs here: the order of the steps, and what a corpus must offer for them.
Does not belong here: any step itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.config import ConsensusSettings, Profile
from ri_assets.errors import CorpusError
from ri_assets.pipeline.cluster import Clusters, assign, density_clusters
from ri_assets.pipeline.consensus import consensus
from ri_assets.pipeline.fuse import require_finite
from ri_assets.pipeline.reduce import reduce

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Fit:
    """The reduced space and the clusters of one run.

    Parameters
    ----------
    space
        float32, shape (n, 50 or as the profile says).
    clusters
        Where every tweet belongs.
    """

    space: Float32
    clusters: Clusters


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
    CorpusError
        The vectors are not finite, too few or too alike, or fall into fewer than two clusters.
    """
    space = reduced(fused, profile, seed)
    return Fit(space, clustered(fused, space, profile, seed))


def reduced(fused: Float32, profile: Profile, seed: int) -> Float32:
    """Run the first step of `fit` alone: the reduced space.

    Raises
    ------
    CorpusError
        The vectors are not finite, too few or too alike.
    """
    require_clusterable(fused, profile)
    with threadpool_limits(1):  # the number of threads changes sums in their last bits
        return reduce(fused, profile.reduce, seed)


def clustered(fused: Float32, space: Float32, profile: Profile, seed: int) -> Clusters:
    """Run the other steps of `fit`, given the reduced space.

    Raises
    ------
    CorpusError
        There are fewer than two clusters.
    """
    settings = profile.cluster
    with threadpool_limits(1):
        if isinstance(settings, ConsensusSettings):
            clusters = assign(space, *consensus(fused, settings, seed))
        else:
            clusters = density_clusters(space, settings)
    if clusters.count < 2:  # noqa: PLR2004 -- the smallest number that separates anything
        raise CorpusError(
            f"{clusters.count} cluster in {len(fused)} tweets "
            f"({clusters.was_noise.sum()} of them noise)",
            "at least two clusters",
            "collect more or more varied tweets, or lower the minimum cluster size",
        )
    return clusters


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
    CorpusError
        The vectors are not finite, or fewer of them differ than the settings need.
    """
    require_finite(fused, "fused vectors")
    needed = minimum_tweets(profile)
    remedy = f"collect more tweets, or use a profile that needs fewer than {profile.name!r}"
    if len(fused) < needed:
        raise CorpusError(f"{len(fused)} tweets", f"at least {needed} tweets", remedy)
    distinct = len(np.unique(fused, axis=0))
    if distinct < needed:
        raise CorpusError(
            f"{distinct} distinct vectors in {len(fused)} tweets",
            f"at least {needed} distinct vectors",
            remedy,
        )
