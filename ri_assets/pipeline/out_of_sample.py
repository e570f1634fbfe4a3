"""Placement: of a large corpus a sample is fitted, and the rest follows its neighbours.

Belongs here: which tweets are fitted, and what the others take from them. Does
not belong here: the fit itself, or tweets that came after the run (`assigner`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.pipeline.cluster import Labels
from ri_assets.pipeline.fuse import unit_rows

Float32 = NDArray[np.float32]

_BLOCK = 2_000


@dataclass(frozen=True, eq=False)
class Sample:
    """The tweets that are fitted, and whom each of the others follows.

    Parameters
    ----------
    fitted
        Rows that are fitted, shape (m,), ascending.
    rest
        All other rows, shape (n − m,), ascending.
    nearest
        int32, shape (n − m, k): places within `fitted` of the most similar ones.
    weight
        float32, shape (n − m, k): their cosines, 0 or more, that sum to 1 in each row.
    """

    fitted: NDArray[np.intp]
    rest: NDArray[np.intp]
    nearest: NDArray[np.int32]
    weight: Float32

    def spread(self, space: Float32) -> Float32:
        """Put every tweet into a space that the fitted ones span, shape (m, d) to (n, d).

        A tweet of the rest lies at the weighted mean of those that it follows.
        """
        full = np.empty((len(self.fitted) + len(self.rest), space.shape[1]), dtype=np.float32)
        full[self.fitted] = space
        for start in range(0, len(self.rest), _BLOCK):
            block = slice(start, start + _BLOCK)
            full[self.rest[block]] = np.einsum(
                "rk,rkd->rd", self.weight[block], space[self.nearest[block]]
            )
        return full

    def elect(self, labels: Labels, support: Float32) -> tuple[Labels, Float32]:
        """Give every tweet a label, and how surely it has it.

        Parameters
        ----------
        labels
            int32, shape (m,), of the fitted; -1 is noise, which may be elected too.
        support
            float32, shape (m,), 0–1.

        Returns
        -------
        labels
            int32, shape (n,): of the rest, the label of most weight among those followed,
            ties to the smallest.
        support
            float32, shape (n,): of the rest, the weighted support of those that agree.
        """
        all_labels = np.empty(len(self.fitted) + len(self.rest), dtype=np.int32)
        all_support = np.empty(len(all_labels), dtype=np.float32)
        all_labels[self.fitted], all_support[self.fitted] = labels, support
        names, own = np.unique(labels, return_inverse=True)
        elected = votes(own, len(names), self.nearest, self.weight).argmax(axis=1)
        agrees = own[self.nearest] == elected[:, None]
        all_labels[self.rest] = names[elected]
        all_support[self.rest] = (self.weight * agrees * support[self.nearest]).sum(axis=1)
        return all_labels, all_support


def draw_sample(vectors: Float32, limit: int, k: int, seed: int) -> Sample:
    """Draw at most `limit` rows evenly at random, and find whom the others follow.

    Parameters
    ----------
    vectors
        Shape (n, d).
    limit
        A corpus that is no larger is fitted whole.
    k
        How many each of the others follows; `limit` at most.
    seed
        Of the draw.
    """
    n = len(vectors)
    if n <= limit:
        nothing = np.empty((0, k))
        return Sample(
            np.arange(n), np.arange(0), nothing.astype(np.int32), nothing.astype(np.float32)
        )
    fitted = drawn_rows(n, limit, seed)
    rest = np.setdiff1d(np.arange(n), fitted, assume_unique=True)
    nearest, weight = follow(vectors[fitted], vectors[rest], k)
    return Sample(fitted, rest, nearest, weight)


def drawn_rows(n: int, limit: int, seed: int) -> NDArray[np.intp]:
    """Draw at most `limit` of `n` rows evenly at random; ascending."""
    if n <= limit:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, limit, replace=False))


def follow(known: Float32, others: Float32, k: int) -> tuple[NDArray[np.int32], Float32]:
    """Find for each of the others the `k` most similar known vectors, and their weights.

    Parameters
    ----------
    known, others
        Shapes (m, d) and (n, d).
    k
        At most m.

    Returns
    -------
    nearest
        int32, shape (n, k), rows of `known`, ascending.
    weight
        float32, shape (n, k): cosines, 0 or more, that sum to 1 in each row.
    """
    unit = unit_rows(known).astype(np.float32)
    nearest = np.empty((len(others), k), dtype=np.int32)
    weight = np.empty((len(others), k), dtype=np.float32)
    with threadpool_limits(1):  # the number of threads changes sums in their last bits
        for start in range(0, len(others), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(others)))
            similar = unit_rows(others[rows]).astype(np.float32) @ unit.T
            places = np.sort(np.argpartition(-similar, k - 1, axis=1)[:, :k], axis=1)
            nearest[rows] = places
            # Even where nothing is similar, somebody must be followed.
            weight[rows] = np.maximum(np.take_along_axis(similar, places, axis=1), 1e-6)
    weight /= weight.sum(axis=1, keepdims=True)
    return nearest, weight


def votes(
    own: NDArray[np.integer], count: int, nearest: NDArray[np.int32], weight: Float32
) -> Float32:
    """Add up the weight that each label has among those followed.

    Parameters
    ----------
    own
        Labels of the known, shape (m,), 0 to `count` − 1.
    count
        Number of labels.
    nearest, weight
        Of `follow`, shape (n, k).

    Returns
    -------
    float32, shape (n, count); each row sums to 1.
    """
    found = np.zeros((len(nearest), count), dtype=np.float32)
    rows = np.arange(len(nearest))
    for place in range(nearest.shape[1]):
        found[rows, own[nearest[:, place]]] += weight[:, place]
    return found
