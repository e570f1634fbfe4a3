"""Out-of-sample extension: a large corpus is fitted on a subsample, and the rest follows.

Every other tweet of the corpus takes its place, and the cluster that it starts in, from the
fitted tweets that are most similar to it; `fit` then settles all clusters. `assigner` does this
for tweets that came after the run.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.pipeline.bounds import row_blocks
from ri_assets.pipeline.cluster import Labels
from ri_assets.pipeline.fuse import unit_rows

Float32 = NDArray[np.float32]

_BLOCK = 500  # rows compared at once by each thread; bounds memory, changes no result
_MOST_THREADS = 8
_LEAST_WEIGHT = 1e-6  # keeps weights positive for a tweet that is similar to none


@dataclass(frozen=True, eq=False)
class Subsample:
    """The tweets that are fitted, and which of them each of the others follows.

    Parameters
    ----------
    fitted
        Rows that are fitted, shape (m,), ascending.
    rest
        All other rows, shape (n − m,), ascending.
    nearest
        int32, shape (n − m, k): positions within `fitted` of the most similar tweets.
    weight
        float32, shape (n − m, k): their cosines, at least 0, scaled to sum to 1 in each row.
    """

    fitted: NDArray[np.intp]
    rest: NDArray[np.intp]
    nearest: NDArray[np.int32]
    weight: Float32

    def extend_space(self, space: Float32) -> Float32:
        """Extend a space of the fitted tweets to all tweets, from shape (m, d) to (n, d).

        Every other tweet is put at the weighted mean of the tweets it follows.
        """
        full = np.empty((len(self.fitted) + len(self.rest), space.shape[1]), dtype=np.float32)
        full[self.fitted] = space
        for block in row_blocks(len(self.rest)):
            full[self.rest[block]] = np.einsum(
                "rk,rkd->rd", self.weight[block], space[self.nearest[block]]
            )
        return full

    def extend_labels(self, labels: Labels) -> Labels:
        """Extend labels of the fitted tweets to all tweets.

        Parameters
        ----------
        labels
            int32, shape (m,); -1 is noise, which other tweets may follow too.

        Returns
        -------
        int32, shape (n,): every other tweet has the label with the most weight among the
        tweets it follows, ties to the smallest.
        """
        extended = np.empty(len(self.fitted) + len(self.rest), dtype=np.int32)
        extended[self.fitted] = labels
        names, own = np.unique(labels, return_inverse=True)
        for block in row_blocks(len(self.rest)):
            weights = _label_weights(own, len(names), self.nearest[block], self.weight[block])
            extended[self.rest[block]] = names[weights.argmax(axis=1)]
        return extended

    def extend_support(self, support: Float32, groups: Labels) -> Float32:
        """Extend to all tweets how surely they belong to their groups.

        Parameters
        ----------
        support
            float32, shape (m,), 0 to 1, of the fitted tweets.
        groups
            Of all tweets, shape (n,).

        Returns
        -------
        float32, shape (n,): every other tweet has the weighted support of the tweets it
        follows that are in its group.
        """
        extended = np.empty(len(groups), dtype=np.float32)
        extended[self.fitted] = support
        of_fitted = groups[self.fitted]
        for block in row_blocks(len(self.rest)):
            nearest, weight = self.nearest[block], self.weight[block]
            agrees = of_fitted[nearest] == groups[self.rest[block]][:, None]
            extended[self.rest[block]] = (weight * agrees * support[nearest]).sum(axis=1)
        return extended


def draw_subsample(vectors: Float32, limit: int, k: int, seed: int) -> Subsample:
    """Draw at most `limit` rows uniformly at random, and find which the others follow.

    Parameters
    ----------
    vectors
        Shape (n, d).
    limit
        A corpus that is not larger is fitted as a whole.
    k
        How many fitted tweets each of the others follows; at most `limit`.
    seed
        Random seed.
    """
    n = len(vectors)
    if n <= limit:
        nothing = np.empty((0, k))
        return Subsample(
            np.arange(n), np.arange(0), nothing.astype(np.int32), nothing.astype(np.float32)
        )
    fitted = drawn_rows(n, limit, seed)
    rest = np.setdiff1d(np.arange(n), fitted, assume_unique=True)
    nearest, weight = _follow(vectors[fitted], vectors[rest], k)
    return Subsample(fitted, rest, nearest, weight)


def drawn_rows(n: int, limit: int, seed: int) -> NDArray[np.intp]:
    """Draw at most `limit` of `n` rows uniformly at random; ascending."""
    if n <= limit:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, limit, replace=False))


def _follow(known: Float32, others: Float32, k: int) -> tuple[NDArray[np.int32], Float32]:
    """Find for each of the others the `k` most similar known vectors, and their weights."""
    unit = unit_rows(known).astype(np.float32)
    nearest = np.empty((len(others), k), dtype=np.int32)
    weight = np.empty((len(others), k), dtype=np.float32)

    def follow(rows: slice) -> None:
        similar = unit_rows(others[rows]).astype(np.float32) @ unit.T
        places = np.sort(np.argpartition(-similar, k - 1, axis=1)[:, :k], axis=1)
        nearest[rows] = places
        cosine = np.maximum(np.take_along_axis(similar, places, axis=1), _LEAST_WEIGHT)
        weight[rows] = cosine / cosine.sum(axis=1, keepdims=True)

    # The number of threads that multiply together changes sums in their last bits, so each of
    # these threads multiplies alone.
    with (
        threadpool_limits(1),
        ThreadPoolExecutor(min(cpu_count(), _MOST_THREADS), "follow") as pool,
    ):
        for _ in pool.map(follow, row_blocks(len(others), _BLOCK)):
            pass  # raises what a thread raised
    return nearest, weight


def _label_weights(
    own: NDArray[np.integer], count: int, nearest: NDArray[np.int32], weight: Float32
) -> Float32:
    """Add up the weight of each label among the tweets followed; float32, shape (n, count)."""
    found = np.zeros((len(nearest), count), dtype=np.float32)
    rows = np.arange(len(nearest))
    for place in range(nearest.shape[1]):
        found[rows, own[nearest[:, place]]] += weight[:, place]
    return found
