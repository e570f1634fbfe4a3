"""The null model: data without structure, and every figure as it is on such data.

Several figures look excellent on noise, so each is compared with what the same computation
gives on normal vectors that have the mean and covariance of the fused vectors, but no
clusters. `evidence` runs the fits on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.pipeline.stability import Rerun, ami, ari, cluster_stability

_NEARLY_ONE = 1 - 1e-9  # guards a division against rounding errors


class MatchedGaussian:
    """Normal vectors with the mean and covariance of others, but no clusters.

    Parameters
    ----------
    vectors
        Shape (n, d), n ≥ 2.
    """

    def __init__(self, vectors: NDArray[np.floating]) -> None:
        self._count = len(vectors)
        self._mean = vectors.mean(axis=0, dtype=np.float64)
        centered = vectors - self._mean
        with threadpool_limits(1):  # the number of threads changes sums in their last bits
            variances, axes = np.linalg.eigh(centered.T @ centered / (self._count - 1))
        self._scaled_axes = np.sqrt(np.maximum(variances, 0))[:, None] * axes.T

    def draw(self, seed: int) -> NDArray[np.float32]:
        """Draw as many vectors as were given, float32, shape (n, d)."""
        normal = np.random.default_rng(seed).standard_normal((self._count, len(self._mean)))
        with threadpool_limits(1):
            return np.asarray(self._mean + normal @ self._scaled_axes, dtype=np.float32)


@dataclass(frozen=True)
class Baseline:
    """One figure on data without structure.

    Parameters
    ----------
    values
        One for each run.
    mean, p95
        Their mean and 95th percentile.
    """

    values: tuple[float, ...]
    mean: float
    p95: float


def baseline(values: Sequence[float]) -> Baseline:
    """Summarise a figure's values on data without structure."""
    return Baseline(
        tuple(float(v) for v in values), float(np.mean(values)), float(np.percentile(values, 95))
    )


def lift(value: float, null_mean: float) -> float:
    """Give the share of the way from the null's mean to 1: (value − mean) / (1 − mean).

    It is 0 if the null's mean is 1 already, since nothing is left to gain.
    """
    return (value - null_mean) / (1 - null_mean) if null_mean < _NEARLY_ONE else 0.0


@dataclass(frozen=True)
class NullFigures:
    """Figures of data without structure, cut into as many clusters as the tweets.

    A method that cannot be cut at a given number is taken at the number it chooses.

    Parameters
    ----------
    coherence, silhouette
        Of every run on all of a data set.
    seed_ari
        Of pairs of runs on the same data with different seeds.
    resample_ari, resample_ami
        Of each run on a random draw, compared with the run on all of the same data.
    jaccard
        Of every cluster of the runs on all data with the most similar cluster of the draw.
    count
        Number of clusters that every run chooses itself.
    """

    coherence: Baseline
    silhouette: Baseline
    seed_ari: Baseline
    resample_ari: Baseline
    resample_ami: Baseline
    jaccard: Baseline
    count: Baseline


@dataclass(frozen=True, eq=False, kw_only=True)
class NullRun(Rerun):
    """A rerun on data without structure that is judged in its own space.

    Parameters
    ----------
    coherence, silhouette
        In its own reduced space, by the number of clusters; under None at the number that
        the run chose. 0.0 where it found no clusters.
    """

    coherence: Mapping[int | None, float]
    silhouette: Mapping[int | None, float]


def null_figures(
    reseeded: Sequence[Rerun], fits: Sequence[NullRun], draws: Sequence[Rerun], count: int
) -> NullFigures:
    """Compare the runs on data without structure with each other.

    Parameters
    ----------
    reseeded
        Runs with new seeds on the same data as the first of `fits`.
    fits
        Runs on all of a data set, each on one of its own.
    draws
        One run for each of `fits`, on a random draw of the same data.
    count
        Number of clusters at which they are compared.
    """
    runs = [*reseeded, *fits, *draws]
    same_data = [run.at(count).labels for run in (fits[0], *reseeded)]
    pairs = [(fit.at(count), draw.at(count)) for fit, draw in zip(fits, draws, strict=True)]
    return NullFigures(
        coherence=baseline([_at(run.coherence, count) for run in fits]),
        silhouette=baseline([_at(run.silhouette, count) for run in fits]),
        seed_ari=baseline([ari(a, b) for a, b in combinations(same_data, 2)]),
        resample_ari=baseline([ari(fit.labels[draw.rows], draw.labels) for fit, draw in pairs]),
        resample_ami=baseline([ami(fit.labels[draw.rows], draw.labels) for fit, draw in pairs]),
        jaccard=baseline([value for pair in pairs for value in _jaccards(*pair)]),
        count=baseline([run.count for run in runs]),
    )


def _at(by_count: Mapping[int | None, float], count: int) -> float:
    return by_count[count] if count in by_count else by_count[None]


def _jaccards(fit: Rerun, draw: Rerun) -> list[float]:
    """Of every cluster; 0 if either run has one cluster, which any draw finds again."""
    if fit.count == 1 or draw.count == 1:
        return [0.0]
    return [cluster.jaccard for cluster in cluster_stability(fit.labels, [draw])]
