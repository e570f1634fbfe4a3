"""One clustering: HDBSCAN, noise assigned to the nearest centroid, canonical numbers.

`consensus` combines several clusterings, `stability` compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import ConsensusSettings, HdbscanSettings, Profile

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Labels = NDArray[np.int32]
Space = Callable[[], Float32]
"""Gives the reduced space, float32, shape (n, d), and computes it on the first call."""

NOISE = -1


@dataclass(frozen=True, eq=False)
class Clustering:
    """The cluster of every tweet, and the reduced space in which clusters are judged.

    Clusters are numbered from 0 by size, largest first, ties by their first tweet.

    Parameters
    ----------
    space
        Gives the reduced space, float32, shape (n, d). It is computed only if something
        asks for it; a consensus without noise does not.
    core_labels
        int32, shape (n,), before noise was assigned; -1 is noise.
    labels
        int32, shape (n,), after noise was assigned; never -1.
    probability
        float32, shape (n,), 0 to 1: how surely the tweet belongs to its cluster; 0 for noise.
    """

    space: Space
    core_labels: Labels
    labels: Labels
    probability: Float32

    @property
    def was_noise(self) -> NDArray[np.bool_]:
        """Whether each tweet was noise before assignment."""
        return np.asarray(self.core_labels == NOISE)

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max(initial=-1)) + 1

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Tweets in each cluster, after assignment."""
        return np.bincount(self.labels, minlength=self.count)

    def among(self, rows: NDArray[np.intp]) -> Clustering:
        """Give the same clusters with some of the rows only, shape (m,)."""
        return Clustering(
            lambda: self.space()[rows],
            self.core_labels[rows],
            self.labels[rows],
            self.probability[rows],
        )

    def at(self, count: int) -> Clustering:  # noqa: ARG002 -- a consensus uses it
        """Cut into `count` clusters; only a consensus can, another clustering stays as it is."""
        return self


def minimum_tweets(profile: Profile) -> int:
    """Give the smallest number of tweets that the settings work with.

    Every run needs more tweets than neighbours and dimensions, and room for two clusters.
    """
    space = profile.reduce
    needed = max(space.n_neighbors + 1, space.n_components + 2)
    settings = profile.cluster
    if isinstance(settings, ConsensusSettings):
        of_a_run = max(
            max(settings.n_neighbors) + 1,
            settings.n_components + 2,
            settings.min_samples + 1,
            settings.personas[1],
            max(settings.kmeans_clusters, default=0),
        )
        return max(needed, ceil(of_a_run / settings.draw_share))
    return max(needed, 2 * settings.min_cluster_size, settings.min_samples + 1)


def hdbscan(
    space: Float32, *, min_cluster_sizes: Sequence[int], min_samples: int, selection: str
) -> list[tuple[Labels, Float32]]:
    """Run one HDBSCAN for each minimum cluster size; they share one single-linkage tree.

    Parameters
    ----------
    space
        Shape (n, d).
    min_cluster_sizes, min_samples, selection
        HDBSCAN's parameters.

    Returns
    -------
    For each size labels (-1 is noise) and probabilities, both of shape (n,).
    """
    from hdbscan import HDBSCAN

    tree, points = _OneTree(), space.astype(np.float64)
    models = [
        HDBSCAN(
            min_cluster_size=size,
            min_samples=min_samples,
            cluster_selection_method=selection,
            core_dist_n_jobs=1,
            memory=tree,
        ).fit(points)
        for size in min_cluster_sizes
    ]
    return [
        (model.labels_.astype(np.int32), model.probabilities_.astype(np.float32))
        for model in models
    ]


class _OneTree:
    """Keeps the single-linkage tree of one space, which does not depend on cluster sizes.

    HDBSCAN keeps its tree in a `joblib.Memory`, which writes to disk. This class has the part
    of that interface that HDBSCAN uses.
    """

    def __init__(self) -> None:
        self._tree: object = None

    def cache(self, build: Callable[..., object]) -> Callable[..., object]:
        """Give a function that builds the tree when it is first called."""

        def remembered(*args: object, **kwargs: object) -> object:
            if self._tree is None:
                self._tree = build(*args, **kwargs)
            return self._tree

        return remembered


def hdbscan_clustering(space: Float32, settings: HdbscanSettings) -> Clustering:
    """Cluster the reduced space by one HDBSCAN, and assign its noise.

    Parameters
    ----------
    space
        Shape (n, d).
    settings
        HDBSCAN's parameters.
    """
    ((labels, probability),) = hdbscan(
        space,
        min_cluster_sizes=[settings.min_cluster_size],
        min_samples=settings.min_samples,
        selection=settings.selection,
    )
    return assign_noise(lambda: space, labels, probability)


def assign_noise(space: Space, core_labels: Labels, probability: Float32) -> Clustering:
    """Assign noise to the cluster with the nearest centroid, and number clusters by size.

    A centroid is the mean of a cluster's tweets before assignment. If there is no cluster
    at all, every tweet goes to cluster 0.

    Parameters
    ----------
    space
        Gives the space, shape (n, d); computed only if there is noise.
    core_labels
        Shape (n,); -1 is noise, other numbers are arbitrary.
    probability
        Shape (n,), 0–1.
    """
    noise = core_labels == NOISE
    labels = nearest_centroid(space(), core_labels) if noise.any() else core_labels
    renumbered = canonical(labels)
    core = np.where(noise, NOISE, renumbered).astype(np.int32)
    sure = np.where(noise, 0, probability).astype(np.float32)
    return Clustering(space, core, renumbered, sure)


def nearest_centroid(space: Float32, core_labels: Labels) -> Labels:
    """Assign noise to the nearest centroid; return labels without noise, shape (n,)."""
    names, distances = _centroid_distances(space, core_labels)
    own = np.searchsorted(names, core_labels)
    own = np.where(core_labels == NOISE, distances.argmin(axis=1), own)
    return names[own].astype(np.int32)


def own_distance(clustering: Clustering) -> Float32:
    """Give each tweet's Euclidean distance to the centroid of its cluster, shape (n,)."""
    _, distances = _centroid_distances(clustering.space(), clustering.core_labels)
    return distances[np.arange(len(distances)), clustering.labels].astype(np.float32)


def _centroid_distances(space: Float32, core_labels: Labels) -> tuple[Labels, Float64]:
    """Clusters in ascending order, and the distance of all tweets to all their centroids."""
    names = np.unique(core_labels[core_labels != NOISE])
    if names.size == 0:
        names, members = np.array([0], dtype=np.int32), [np.arange(len(space))]
    else:
        members = [np.flatnonzero(core_labels == name) for name in names]
    centroids = np.array([space[rows].mean(axis=0, dtype=np.float64) for rows in members])
    square = (space.astype(np.float64) ** 2).sum(axis=1)[:, None] + (centroids**2).sum(axis=1)
    return names, np.sqrt(np.maximum(square - 2 * space.astype(np.float64) @ centroids.T, 0))


def settled(space: Float32, core_labels: Labels) -> Labels:
    """Move every tweet to its nearest centroid until none moves, starting from given clusters.

    HDBSCAN finds how many clusters there are and where; where exactly its dense cores end
    changes with every subsample. After Lloyd's iteration (1982, "Least squares quantization
    in PCM") two subsamples agree better on the tweets in between.

    Parameters
    ----------
    space
        Shape (n, d).
    core_labels
        Shape (n,); -1 is noise. If there is no cluster, all tweets are in one.

    Returns
    -------
    int32, shape (n,), 0 to the number of clusters − 1; none is -1.
    """
    from sklearn.cluster import KMeans

    names = np.unique(core_labels[core_labels != NOISE])
    if names.size < 2:  # noqa: PLR2004 -- one cluster has no border
        return np.zeros(len(space), dtype=np.int32)
    centroids = np.array([space[core_labels == name].mean(axis=0) for name in names])
    model = KMeans(len(names), init=centroids, n_init=1).fit(space)
    return np.asarray(model.labels_, dtype=np.int32)


def canonical(labels: Labels) -> Labels:
    """Renumber clusters from 0 by size, largest first, ties by their first row.

    Parameters
    ----------
    labels
        Any integers, shape (n,).
    """
    _, first, inverse, sizes = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[inverse]
