"""Coherence: how close the members of a cluster are to its centroid.

`stability` compares clusterings with each other; this module judges a single one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ri_assets.pipeline.cluster import NOISE, Clustering
from ri_assets.pipeline.fuse import unit_rows

# A silhouette compares all pairs: of a larger corpus a sample of this size is compared, which
# bounds time and memory.
SILHOUETTE_LIMIT = 10_000


@dataclass(frozen=True)
class SpaceCoherence:
    """Coherence in one space.

    Parameters
    ----------
    centered, uncentered
        With and without subtracting the corpus mean first; −1 to 1.
    random_centered, random_uncentered
        Mean of the same over randomly permuted labels.
    core_only
        Centred, over tweets that were not noise; None if all were.
    """

    centered: float
    uncentered: float
    random_centered: float
    random_uncentered: float
    core_only: float | None


@dataclass(frozen=True)
class Coherence:
    """Coherence in the reduced, the fused and the text space, and the silhouette.

    `reduced.centered` is the figure that the gate reads. The silhouette is
    Euclidean, in the reduced space, −1 to 1.
    """

    reduced: SpaceCoherence
    fused: SpaceCoherence
    text: SpaceCoherence
    silhouette: float


def coherence(
    vectors: NDArray[np.floating], labels: NDArray[np.integer], *, centered: bool = True
) -> float:
    """Give the mean cosine of every member to the centroid of its cluster.

    With the corpus mean subtracted, one cluster scores 0 by construction and random labels
    score near 0.

    Parameters
    ----------
    vectors
        Shape (n, d).
    labels
        Shape (n,), without noise.
    centered
        Whether the mean of all vectors is subtracted first.
    """
    points = np.asarray(vectors, dtype=np.float64)
    if centered:
        points = points - points.mean(axis=0)
    typical = np.linalg.norm(points, axis=1).mean()
    if typical == 0:
        return 0.0
    points = points / typical
    clusters, own = np.unique(labels, return_inverse=True)
    centroids = unit_rows(np.array([points[own == i].mean(axis=0) for i in range(len(clusters))]))
    return float((unit_rows(points) * centroids[own]).sum(axis=1).mean())


def measure_coherence(
    clustering: Clustering,
    fused: NDArray[np.floating],
    text: NDArray[np.floating],
    *,
    n_random: int,
    seed: int,
) -> Coherence:
    """Measure coherence of a clustering in the reduced, the fused and the text space.

    Parameters
    ----------
    clustering
        The cluster of each of n tweets, and their reduced space.
    fused, text
        Fused and text vectors of the same tweets.
    n_random
        Number of permutations of the labels to measure too.
    seed
        Random seed of the permutations and of the silhouette's sample.
    """
    labels, core = clustering.labels, clustering.core_labels != NOISE
    shuffles = [np.random.default_rng((seed, i)).permutation(labels) for i in range(n_random)]

    def measured(vectors: NDArray[np.floating]) -> SpaceCoherence:
        # The mean of all tweets is subtracted here too, so that both values compare.
        around = vectors - vectors.mean(axis=0, dtype=np.float64)
        return SpaceCoherence(
            centered=coherence(vectors, labels),
            uncentered=coherence(vectors, labels, centered=False),
            random_centered=float(np.mean([coherence(vectors, s) for s in shuffles])),
            random_uncentered=float(
                np.mean([coherence(vectors, s, centered=False) for s in shuffles])
            ),
            core_only=coherence(around[core], labels[core], centered=False) if core.any() else None,
        )

    space = clustering.space()
    return Coherence(
        measured(space), measured(fused), measured(text), silhouette(space, labels, seed)
    )


def silhouette(
    space: NDArray[np.floating],
    labels: NDArray[np.integer],
    seed: int,
    limit: int = SILHOUETTE_LIMIT,
) -> float:
    """Give the Euclidean silhouette of at least two clusters, −1 to 1.

    Parameters
    ----------
    space
        Shape (n, d).
    labels
        Shape (n,).
    seed
        Random seed of the sample.
    limit
        If there are more tweets, a sample of this size is compared.
    """
    from sklearn.metrics import silhouette_score

    size = limit if len(space) > limit else None
    return float(silhouette_score(space, labels, sample_size=size, random_state=seed))
