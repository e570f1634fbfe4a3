"""Merging unstable clusters: those that random draws of the tweets do not find again.

Such a cluster is mostly a group between two siblings: on its own in some draws, and part of one
sibling in the others. After merging it into that sibling, draws find both again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ri_assets.config import ConsensusSettings, Profile
from ri_assets.pipeline.cluster import Clustering
from ri_assets.pipeline.count_curve import CurvePoint, measure_point
from ri_assets.pipeline.fit import ConsensusClustering
from ri_assets.pipeline.stability import ClusterStability, Rerun, agreements, cluster_stability

_SEPARATING = 2  # a single cluster separates nothing


@dataclass(frozen=True)
class Merged:
    """A cluster that was merged into another.

    Parameters
    ----------
    tweets
        How many tweets it had.
    jaccard
        How well the draws found it again: mean Jaccard index over them.
    """

    tweets: int
    jaccard: float


def merge_unstable(
    found: Clustering, draws: Sequence[Rerun], profile: Profile, curve: Sequence[CurvePoint]
) -> tuple[Clustering, tuple[Merged, ...]]:
    """Merge the cluster that draws recover worst, until all are recovered well enough.

    It is merged into the cluster with which the draws then agree best. Nothing is merged, and
    each cluster keeps its stability class, if

    - all clusters cannot be recovered well enough without falling below the gate on the number
      of personas, or
    - the result is less stable: its lift is lower, or it is no longer clear of the gates. Fewer
      clusters agree better in any case, so the null of their own number is taken.

    Parameters
    ----------
    found
        The clustering; one that is not a consensus stays as it is.
    draws
        Reruns on random draws of its tweets. The reported figures must rest on other draws, or
        the merged clusters would be judged by what chose them.
    profile
        `cluster.min_jaccard` says what is well enough, `gates` how many must stay.
    curve
        Made from the same draws. Its nulls serve the merged clusters too, so nothing is merged
        into a number of clusters that is not on it.

    Returns
    -------
    clustering
        The clusters that are left.
    merged
        The clusters that are gone, in the order of merging.
    """
    if not isinstance(found, ConsensusClustering):
        return found, ()
    if not isinstance(profile.cluster, ConsensusSettings):
        return found, ()
    wanted, nulls = profile.cluster.min_jaccard, {point.count: point.null for point in curve}
    if found.count not in nulls or _weakest(found, draws).jaccard >= wanted:
        return found, ()
    fewest = max(profile.gates.personas_min, _SEPARATING)
    left, gone = found, list[Merged]()
    while (weakest := _weakest(left, draws)).jaccard < wanted:
        gone.append(Merged(int(left.sizes[weakest.cluster]), weakest.jaccard))
        left = _merged(left, weakest.cluster, draws)
        if left.count < fewest or left.count not in nulls:
            return found, ()
    before, after = (
        measure_point(one.count, one.labels, draws, nulls[one.count]) for one in (found, left)
    )
    is_clear = after.is_clear(profile.gates) or not before.is_clear(profile.gates)
    return (left, tuple(gone)) if after.lift >= before.lift and is_clear else (found, ())


def _weakest(found: Clustering, draws: Sequence[Rerun]) -> ClusterStability:
    held = [run.at(found.count) for run in draws]
    return min(cluster_stability(found.labels, held), key=lambda item: item.jaccard)


def _merged(
    found: ConsensusClustering, cluster: int, draws: Sequence[Rerun]
) -> ConsensusClustering:
    others = [other for other in range(found.count) if other != cluster]
    held = [run.at(found.count - 1) for run in draws]
    return max(
        (found.merged(cluster, other) for other in others),
        key=lambda left: sum(agreements(left.labels, held)),
    )
