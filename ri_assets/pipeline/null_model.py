"""Data without structure, and what the figures are worth against it.

Belongs here: covariance-matched vectors, and the comparison with their figures.
Does not belong here: the runs on them (`evidence`), which are the same as on tweets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

_NEARLY_ONE = 1 - 1e-9


@dataclass(frozen=True)
class Baseline:
    """One figure on data without structure.

    Parameters
    ----------
    values
        One of each run.
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
    """Share of the way from the null's mean to perfect: (value − mean) / (1 − mean).

    0 where even the null is perfect, since nothing is left to gain.
    """
    return (value - null_mean) / (1 - null_mean) if null_mean < _NEARLY_ONE else 0.0


class NullVectors:
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


def matched_gaussian(vectors: NDArray[np.floating], seed: int) -> NDArray[np.float32]:
    """Draw normal vectors with the mean and covariance of others, once (`NullVectors`)."""
    return NullVectors(vectors).draw(seed)
