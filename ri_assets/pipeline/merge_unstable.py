"""Joining: a cluster that draws of the tweets do not find again is no persona of its own.

It is mostly a group between two siblings, which stands alone in some draws and in others is
part of one of them. Joined to that one, both are found again.

Belongs here: which clusters are joined to which. Does not belong here: how tweets settle
afterwards (`consensus`), or the draws (`evidence`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ri_assets.config import ConsensusSettings, Profile
from ri_assets.pipeline.count_curve import CurvePoint, measure_point
from ri_assets.pipeline.fit import Fit
from ri_assets.pipeline.stability import ClusterStability, Rerun, agreements, cluster_stability

_SEPARATING = 2  # fewer clusters separate nothing


@dataclass(frozen=True)
class Joined:
    """A cluster that was joined to another.

    Parameters
    ----------
    tweets
        How many it had.
    jaccard
        How well draws found it again, mean over them.
    """

    tweets: int
    jaccard: float


def join_weak(
    found: Fit, draws: Sequence[Rerun], profile: Profile, curve: Sequence[CurvePoint]
) -> tuple[Fit, tuple[Joined, ...]]:
    """Join the cluster that draws find again worst to another, until all are found well enough.

    It is joined to the cluster with which the draws then agree best. As many stay as the
    gate on the number of personas wants. Nothing is joined, and each cluster stays with its
    verdict, where clusters that are all found again are not reached, or where what is left is
    less stable: nearer to what structureless data of its number reach, or no longer clear of
    the gates. (Fewer clusters agree better by themselves.)

    Parameters
    ----------
    found
        The fit; one without a consensus stays as it is.
    draws
        Reruns on random draws of its tweets; those that report figures must be others, or the
        joined clusters would be judged by what they were chosen by.
    profile
        `cluster.min_jaccard` says what is well enough, `gates` how many stay and what is clear.
    curve
        Of the same draws. Its structureless data serve the joined clusters too, so nothing is
        joined to a number that is not on it.

    Returns
    -------
    fit
        What is left.
    joined
        In the order in which they were.
    """
    if found.agreed is None or not isinstance(profile.cluster, ConsensusSettings):
        return found, ()
    wanted, nulls = profile.cluster.min_jaccard, {point.count: point.null for point in curve}
    if found.clusters.count not in nulls or _weakest(found, draws).jaccard >= wanted:
        return found, ()
    fewest = max(profile.gates.personas_min, _SEPARATING)
    left, gone = found, list[Joined]()
    while (weakest := _weakest(left, draws)).jaccard < wanted:
        gone.append(Joined(int(left.clusters.sizes[weakest.cluster]), weakest.jaccard))
        left = _joined(left, weakest.cluster, draws)
        if left.clusters.count < fewest or left.clusters.count not in nulls:
            return found, ()
    before, after = (
        measure_point(one.clusters.count, one.clusters.labels, draws, nulls[one.clusters.count])
        for one in (found, left)
    )
    is_clear = after.is_clear(profile.gates) or not before.is_clear(profile.gates)
    return (left, tuple(gone)) if after.lift >= before.lift and is_clear else (found, ())


def _weakest(found: Fit, draws: Sequence[Rerun]) -> ClusterStability:
    held = [run.at(found.clusters.count) for run in draws]
    return min(cluster_stability(found.clusters.labels, held), key=lambda item: item.jaccard)


def _joined(found: Fit, cluster: int, draws: Sequence[Rerun]) -> Fit:
    others = [other for other in range(found.clusters.count) if other != cluster]
    held = [run.at(found.clusters.count - 1) for run in draws]
    return max(
        (found.joined(cluster, other) for other in others),
        key=lambda left: sum(agreements(left.clusters.labels, held)),
    )
