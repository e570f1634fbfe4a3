"""Stability: what stays when everything is rerun.

Belongs here: agreement between partitions, after noise was assigned. Does not
belong here: the reruns (`evidence`), or the data without structure (`null`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from ri_assets.pipeline.overlap import jaccards, shared_counts

Labels = NDArray[np.int32]
Score = Callable[[Labels, Labels], float]
Verdict = Literal["stable", "doubtful", "not to be trusted"]

_STABLE, HELD_FROM = 0.75, 0.60  # Hennig 2007, "Cluster-wise assessment of cluster stability"


@dataclass(frozen=True, eq=False)
class Rerun:
    """The partition of one rerun.

    Parameters
    ----------
    rows
        Which of the n tweets it saw, shape (m,), ascending.
    labels
        Their clusters after assignment, shape (m,), where their number is left open.
    held
        The same with the number held, by the number; empty where a method holds none.
    """

    rows: NDArray[np.intp]
    labels: Labels
    held: Mapping[int, Labels] = field(default_factory=dict)

    def at(self, count: int) -> Rerun:
        """Give the partition into `count` clusters, or the open one where none is held."""
        return Rerun(self.rows, self.held.get(count, self.labels))

    @property
    def count(self) -> int:
        """Number of clusters."""
        return len(np.unique(self.labels))


@dataclass(frozen=True)
class ClusterStability:
    """Stability of one cluster: its best match's Jaccard, mean over the draws."""

    cluster: int
    jaccard: float
    verdict: Verdict


@dataclass(frozen=True)
class Stability:
    """What stays under new seeds and under new draws.

    Parameters
    ----------
    seed_ari
        Mean over all pairs of runs on the same tweets, the reference among them.
    seed_ari_values
        One of each pair.
    resample_ari, resample_ami
        Mean over draws, against the reference on the shared tweets.
    resample_ari_values
        One of each draw.
    resample_ari_open
        The same mean where every run chooses its own number of clusters.
    open_counts
        The numbers that they choose: reference first, then seeds, then draws.
    clusters
        One entry of each cluster of the reference.
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
        Shape (n,): the partition of the same run where the number is left open.
    seeds
        Reruns on all tweets with new seeds.
    draws
        Reruns on random draws of the tweets with new seeds.
    """
    count = int(reference.max()) + 1
    same = [reference, *(run.at(count).labels for run in seeds)]
    held = [run.at(count) for run in draws]
    seed_values = tuple(agreement(a, b) for a, b in combinations(same, 2))
    draw_values = agreements(reference, held)
    whole = Rerun(np.arange(len(reference)), left_open)
    return Stability(
        seed_ari=float(np.mean(seed_values)),
        seed_ari_values=seed_values,
        resample_ari=float(np.mean(draw_values)),
        resample_ami=float(np.mean(agreements(reference, held, adjusted_mutual_info_score))),
        resample_ari_values=draw_values,
        resample_ari_open=float(np.mean(agreements(left_open, draws))),
        open_counts=tuple(run.count for run in (whole, *seeds, *draws)),
        clusters=cluster_stability(reference, held),
    )


def agreement(first: Labels, second: Labels, score: Score = adjusted_rand_score) -> float:
    """Compare two partitions of the same tweets, by the adjusted Rand index if not otherwise said.

    Where either has a single cluster the result is 0, not 1: two runs that
    separate nothing agree on nothing.
    """
    if len(np.unique(first)) == 1 or len(np.unique(second)) == 1:
        return 0.0
    return float(score(first, second))


def agreements(
    reference: Labels, draws: Sequence[Rerun], score: Score = adjusted_rand_score
) -> tuple[float, ...]:
    """Compare a partition with every draw on the tweets that the draw saw; one value of each."""
    return tuple(agreement(reference[run.rows], run.labels, score) for run in draws)


def cluster_stability(reference: Labels, draws: Sequence[Rerun]) -> tuple[ClusterStability, ...]:
    """Measure each cluster of the reference by its best match in every draw.

    A draw without any tweet of a cluster says nothing about it and is left out.
    """
    count = int(reference.max()) + 1
    best = np.full((len(draws), count), np.nan)
    for i, run in enumerate(draws):
        overlap = jaccard(reference[run.rows], run.labels, count)
        present = np.bincount(reference[run.rows], minlength=count) > 0
        best[i, present] = overlap.max(axis=1)[present]
    return tuple(
        ClusterStability(cluster, value, verdict(value))
        for cluster, value in enumerate(_means(best))
    )


def jaccard(first: Labels, second: Labels, count: int) -> NDArray[np.float64]:
    """Jaccard of every cluster of one partition with every cluster of another.

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


def verdict(value: float) -> Verdict:
    """Say in words what a mean Jaccard means."""
    if value >= _STABLE:
        return "stable"
    return "doubtful" if value >= HELD_FROM else "not to be trusted"


def _means(values: NDArray[np.float64]) -> list[float]:
    """Mean of each column over its known values; 0 for a column without any."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(axis=0)
    return [float(mean) for mean in total / np.maximum(known.sum(axis=0), 1)]
