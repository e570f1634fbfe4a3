"""Dimension reduction: principal components, exact nearest neighbours, and UMAP over them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import ReduceSettings
from ri_assets.pipeline.bounds import row_blocks
from ri_assets.pipeline.fuse import unit_rows

Float32 = NDArray[np.float32]
Factors = NDArray[np.float64]

# Of more vectors, comparing all pairs takes longer than UMAP's approximate search.
EXACT_LIMIT = 10_000
_BLOCK = 2_000  # rows compared at once; bounds memory, changes no result


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Nearest neighbours of every vector, itself first.

    Parameters
    ----------
    indices
        int32, shape (n, k), rows of the vectors, nearest first, ties by row.
    distances
        float32, shape (n, k), cosine distances.
    """

    indices: NDArray[np.int32]
    distances: Float32

    def among(self, rows: NDArray[np.intp], k: int) -> Neighbors | None:
        """Return the `k` nearest among some of the rows, numbered within them.

        None if some row has fewer than `k` neighbours among those rows: the caller must
        then compute them anew.
        """
        position = np.full(len(self.indices), -1, dtype=np.int32)
        position[rows] = np.arange(len(rows), dtype=np.int32)
        candidates = position[self.indices[rows]]
        chosen = candidates >= 0
        if chosen.sum(axis=1).min() < k:
            return None
        order = np.argsort(~chosen, axis=1, kind="stable")[:, :k]
        return Neighbors(
            np.take_along_axis(candidates, order, axis=1),
            np.take_along_axis(self.distances[rows], order, axis=1),
        )


def exact_neighbors(vectors: Float32, k: int) -> Neighbors:
    """Find the `k` nearest neighbours by cosine, comparing every pair.

    Parameters
    ----------
    vectors
        Shape (n, d).
    k
        Neighbours of each, itself included; at most n.
    """
    unit = unit_rows(vectors).astype(np.float32)
    n = len(unit)
    indices = np.empty((n, k), dtype=np.int32)
    distances = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n))
        block = np.maximum(1 - unit[rows] @ unit.T, 0)
        block[rows - start, rows] = -1  # every row comes first itself, also among duplicates
        nearest = np.argpartition(block, k - 1, axis=1)[:, :k] if k < n else _all(len(rows), n)
        nearest.sort(axis=1)
        order = np.argsort(np.take_along_axis(block, nearest, axis=1), axis=1, kind="stable")
        indices[rows] = np.take_along_axis(nearest, order, axis=1)
        distances[rows] = np.take_along_axis(block, indices[rows], axis=1)
    distances[:, 0] = 0
    return Neighbors(indices, distances)


def _all(rows: int, n: int) -> NDArray[np.intp]:
    return np.tile(np.arange(n), (rows, 1))


def principal(vectors: Float32, count: int, factors: Factors | None = None) -> Float32:
    """Project vectors on their principal components.

    The rest of a fused vector is mostly peculiar to one tweet. It changes nearest neighbours,
    and so clusters, whenever tweets come or go.

    Parameters
    ----------
    vectors
        Shape (n, d).
    count
        Number of components to keep; all if there are fewer.
    factors
        Shape (d,), by which columns are multiplied first. A million vectors are not copied for
        it.

    Returns
    -------
    float32, shape (n, min(count, d)): centred, most variance first; the largest coefficient
    of each axis is positive. Zeros for vectors that do not differ.
    """
    if not len(vectors):
        return np.empty((0, min(count, vectors.shape[1])), dtype=np.float32)
    mean, axes = principal_axes(vectors, count, factors)
    placed = np.empty((len(vectors), axes.shape[1]), dtype=np.float32)
    for rows, block in _blocks(vectors, factors):
        placed[rows] = (block - mean) @ axes
    return placed


def principal_axes(
    vectors: Float32, count: int, factors: Factors | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean, shape (d,), and the principal axes, shape (d, min(count, d))."""
    sums = np.zeros(vectors.shape[1])
    for _, block in _blocks(vectors, factors):
        sums += block.sum(axis=0, dtype=np.float64)
    mean = sums / len(vectors)
    products = np.zeros((vectors.shape[1], vectors.shape[1]))
    for _, block in _blocks(vectors, factors):
        centered = block - mean
        products += centered.T @ centered
    _, axes = np.linalg.eigh(products)
    leading = axes[:, ::-1][:, :count]
    signs = np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])])
    return mean, leading * signs


def _blocks(vectors: Float32, factors: Factors | None) -> Iterator[tuple[slice, Float32]]:
    for rows in row_blocks(len(vectors)):
        block = vectors[rows]
        yield rows, block if factors is None else (block * factors).astype(np.float32)


def reduce(vectors: Float32, settings: ReduceSettings, seed: int) -> Float32:
    """Reduce fused vectors to the space in which clusters are judged.

    The result is bitwise repeatable on one machine; another machine may differ.

    Parameters
    ----------
    vectors
        Fused vectors, shape (n, d), ordered by tweet id.
    settings
        UMAP's parameters; `seed` replaces theirs.
    seed
        Random seed of this run.

    Returns
    -------
    float32, shape (n, settings.n_components).
    """
    neighbors = None
    if len(vectors) <= EXACT_LIMIT:
        neighbors = exact_neighbors(vectors, settings.n_neighbors)
    return umap(
        vectors,
        neighbors,
        n_components=settings.n_components,
        n_neighbors=settings.n_neighbors,
        min_dist=settings.min_dist,
        n_epochs=settings.n_epochs,
        init=settings.init,
        seed=seed,
    )


def umap(
    vectors: Float32,
    neighbors: Neighbors | None,
    *,
    n_components: int,
    n_neighbors: int,
    min_dist: float,
    n_epochs: int | None,
    init: Literal["spectral", "pca"],
    seed: int,
    negative_sample_rate: int = 5,  # UMAP's own
) -> Float32:
    """Run UMAP by cosine on one thread, over given neighbours or those of its own search."""
    known = (None, None, None) if neighbors is None else (neighbors.indices, neighbors.distances)
    with warnings.catch_warnings():
        # It warns that it cannot transform more vectors, which the pipeline never does.
        warnings.filterwarnings("ignore", message="precomputed_knn")
        # Tensorflow is needed only by its neural variant, which the pipeline does not use.
        warnings.filterwarnings(
            "ignore", message="Tensorflow not installed", category=ImportWarning
        )
        from umap import UMAP

        _keep_compiled()
        space = UMAP(
            n_components=n_components,
            n_neighbors=n_neighbors,
            min_dist=min_dist,
            n_epochs=n_epochs,
            negative_sample_rate=negative_sample_rate,
            init=init,
            metric="cosine",
            precomputed_knn=known,
            random_state=seed,
            n_jobs=1,
        ).fit_transform(vectors)
    return np.asarray(space, dtype=np.float32)


@cache
def _keep_compiled() -> None:
    """Cache UMAP's compiled loops on disk.

    Otherwise every process compiles them again, which takes five to ten seconds, and a run has
    three that use them. Numba keeps them next to UMAP's own files or, if it may not write
    there, in the user's cache; for other versions and processors it compiles them again.
    """
    from numba.core.dispatcher import Dispatcher
    from umap import layouts, umap_

    for module in (layouts, umap_):
        for function in vars(module).values():
            is_jitted = isinstance(function, Dispatcher) and not function.signatures
            if is_jitted and function.py_func.__module__ == module.__name__:
                function.enable_caching()
