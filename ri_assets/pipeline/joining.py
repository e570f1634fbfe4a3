"""Joining: a cluster that draws of the tweets do not find again is no persona of its own.

It is mostly a group between two siblings, which stands alone in some draws and in others is
part of one of them. Joined to that one, both are found again.

Belongs here: which clusters are joined to which. Does not belong here: how tweets settle
afterwards (`consensus`), or the draws (`evidence`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ri_assets.config import ConsensusSettings, Profile
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
    found: Fit, draws: Sequence[Rerun], profile: Profile
) -> tuple[Fit, tuple[Joined, ...]]:
    """Join the cluster that draws find again worst to another, until all are found well enough.

    It is joined to the cluster with which the draws then agree best. As many stay as the
    gate on the number of personas wants. Where clusters that are all found again are not
    reached, or the draws would agree less with what is left, nothing is joined: the clusters
    stay, each with its verdict.

    Parameters
    ----------
    found
        The fit; one without a consensus stays as it is.
    draws
        Reruns on random draws of its tweets; those that report figures must be others, or the
        joined clusters would be judged by what they were chosen by.
    profile
        `cluster.min_jaccard` says what is well enough, `gates.personas_min` how many stay.

    Returns
    -------
    fit
        What is left.
    joined
        In the order in which they were.
    """
    if found.agreed is None or not isinstance(profile.cluster, ConsensusSettings):
        return found, ()
    fewest = max(profile.gates.personas_min, _SEPARATING)
    path, weakest = [found], [_weakest(found, draws)]
    while weakest[-1].jaccard < profile.cluster.min_jaccard:
        left = _joined(path[-1], weakest[-1].cluster, draws)
        if left.clusters.count < fewest:
            break
        path.append(left)
        weakest.append(_weakest(left, draws))
    best = len(path) - 1
    if weakest[best].jaccard < profile.cluster.min_jaccard or _agreed(path[best], draws) < _agreed(
        found, draws
    ):
        best = 0
    gone = zip(path[:best], weakest[:best], strict=True)
    return path[best], tuple(
        Joined(int(before.clusters.sizes[worst.cluster]), worst.jaccard) for before, worst in gone
    )


def _agreed(found: Fit, draws: Sequence[Rerun]) -> float:
    labels, count = found.clusters.labels, found.clusters.count
    return float(np.mean(agreements(labels, [run.at(count) for run in draws])))


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
