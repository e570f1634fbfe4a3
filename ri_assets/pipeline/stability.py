"""Stability: how well partitions of the same tweets agree.

Partitions are compared after noise was assigned. `evidence` makes the reruns that are
compared here, and `null_model` the data without structure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ri_assets.records.personas import StabilityClass

Labels = NDArray[np.int32]
Score = Callable[[Labels, Labels], float]

# Hennig 2007, "Cluster-wise assessment of cluster stability". They are published bars, so a
# profile does not change them.
STABLE_FROM, HELD_FROM = 0.75, 0.60


@dataclass(frozen=True, eq=False)
class Rerun:
    """The partition of one rerun.

    Parameters
    ----------
    rows
        Which of the n tweets it saw, shape (m,), ascending.
    labels
        Their clusters after assignment, shape (m,), at the number that the run chose.
    held
        The same cut at a given number of clusters, by that number; empty for a method that
        cannot be cut at a given number.
    """

    rows: NDArray[np.intp]
    labels: Labels
    held: Mapping[int, Labels] = field(default_factory=dict)

    def at(self, count: int) -> Rerun:
        """Give the partition into `count` clusters, or the run's own if it has none."""
        return Rerun(self.rows, self.held.get(count, self.labels))

    @property
    def count(self) -> int:
        """Number of clusters."""
        return len(np.unique(self.labels))


@dataclass(frozen=True)
class ClusterStability:
    """Stability of one cluster: the Jaccard index of its best match, averaged over the draws."""

    cluster: int
    jaccard: float
    stability: StabilityClass


@dataclass(frozen=True)
class Stability:
    """How well reruns with new seeds, and on random draws of the tweets, agree.

    Parameters
    ----------
    seed_ari
        Mean over all pairs of runs on the same tweets, the reference among them.
    seed_ari_values
        One for each pair.
    resample_ari, resample_ami
        Mean over draws, against the reference on the shared tweets.
    resample_ari_values
        One for each draw.
    resample_ari_open
        The same mean where every run chooses its own number of clusters.
    open_counts
        The numbers they choose: reference first, then seeds, then draws.
    clusters
        One entry for each cluster of the reference.
    """

    seed_ari: float
    seed_ari_values: tuple[float, ...]
    resample_ari: float
    resample_ami: float
    resample_ari_values: tuple[float, ...]
    resample_ari_open: float
    open_counts: tuple[int, ...]
    clusters: tuple[ClusterStability, ...]


def measure_stability(
    reference: Labels, left_open: Labels, seeds: Sequence[Rerun], draws: Sequence[Rerun]
) -> Stability:
    """Compare reruns with a reference.

    Parameters
    ----------
    reference
        Shape (n,), clusters 0 to k − 1 after assignment. Reruns are compared at the same k.
    left_open
        Shape (n,): the partition of the same run at the number that it chose itself.
    seeds
        Reruns with new seeds, on all tweets or all on the same sample of them.
    draws
        Reruns on random draws of the tweets with new seeds.
    """
    count = int(reference.max()) + 1
    same = [reference[seeds[0].rows], *(run.at(count).labels for run in seeds)]
    held = [run.at(count) for run in draws]
    seed_values = tuple(ari(a, b) for a, b in combinations(same, 2))
    draw_values = agreements(reference, held)
    whole = Rerun(np.arange(len(reference)), left_open)
    return Stability(
        seed_ari=float(np.mean(seed_values)),
        seed_ari_values=seed_values,
        resample_ari=float(np.mean(draw_values)),
        resample_ami=float(np.mean(agreements(reference, held, ami))),
        resample_ari_values=draw_values,
        resample_ari_open=float(np.mean(agreements(left_open, draws))),
        open_counts=tuple(run.count for run in (whole, *seeds, *draws)),
        clusters=cluster_stability(reference, held),
    )


def ari(first: Labels, second: Labels) -> float:
    """Give the adjusted Rand index of two partitions of the same tweets, shape (n,) each.

    It is 0, not 1, if either has a single cluster: two runs that separate nothing agree on
    nothing.
    """
    from sklearn.metrics import adjusted_rand_score

    return _agreement(first, second, adjusted_rand_score)


def ami(first: Labels, second: Labels) -> float:
    """Give the adjusted mutual information, 0 if either has a single cluster."""
    from sklearn.metrics import adjusted_mutual_info_score

    return _agreement(first, second, adjusted_mutual_info_score)


def _agreement(first: Labels, second: Labels, score: Score) -> float:
    if len(np.unique(first)) == 1 or len(np.unique(second)) == 1:
        return 0.0
    return float(score(first, second))


def agreements(reference: Labels, draws: Sequence[Rerun], score: Score = ari) -> tuple[float, ...]:
    """Compare a partition with every draw on the tweets that the draw saw; one value each."""
    return tuple(score(reference[run.rows], run.labels) for run in draws)


def cluster_stability(reference: Labels, draws: Sequence[Rerun]) -> tuple[ClusterStability, ...]:
    """Measure each cluster of the reference by its best match in every draw.

    A draw that holds no tweet of a cluster is left out of that cluster's mean.
    """
    count = int(reference.max()) + 1
    best = np.full((len(draws), count), np.nan)
    for i, run in enumerate(draws):
        overlap = jaccard(reference[run.rows], run.labels, count)
        present = np.bincount(reference[run.rows], minlength=count) > 0
        best[i, present] = overlap.max(axis=1)[present]
    return tuple(
        ClusterStability(cluster, value, stability_class(value))
        for cluster, value in enumerate(_means(best))
    )


def jaccard(first: Labels, second: Labels, count: int) -> NDArray[np.float64]:
    """Give the Jaccard index of every cluster of one partition with every cluster of another.

    Parameters
    ----------
    first
        Shape (m,), clusters 0 to `count` − 1; not every one need occur.
    second
        Shape (m,), any integers.
    count
        Number of clusters of `first`.

    Returns
    -------
    float64, shape (count, clusters of `second`).
    """
    names, column = np.unique(second, return_inverse=True)
    return jaccards(shared_counts(first, column, (count, len(names))))


def stability_class(value: float) -> StabilityClass:
    """Give the stability class of a mean Jaccard index."""
    if value >= STABLE_FROM:
        return "stable"
    return "doubtful" if value >= HELD_FROM else "not to be trusted"


def _means(values: NDArray[np.float64]) -> list[float]:
    """Average each column over its known values; 0 for a column without any."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(axis=0)
    return [float(mean) for mean in total / np.maximum(known.sum(axis=0), 1)]


def shared_counts(
    first: NDArray[np.integer], second: NDArray[np.integer], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """Count the tweets that each group of one partition shares with each of another.

    Parameters
    ----------
    first, second
        Shape (n,): group of each tweet, 0 to p - 1 and 0 to c - 1; not every one need occur.
    shape
        (p, c), the numbers of groups.

    Returns
    -------
    int64, shape (p, c).
    """
    shared = np.zeros(shape, dtype=np.int64)
    np.add.at(shared, (first, second), 1)
    return shared


def jaccards(shared: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the Jaccard index of every pair of groups: shared tweets over tweets in either.

    Parameters
    ----------
    shared
        Shape (p, c), as `shared_counts` gives it.

    Returns
    -------
    float64, shape (p, c), 0 to 1; 0 for two empty groups.
    """
    union = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1))
