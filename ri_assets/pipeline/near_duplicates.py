"""Near duplicates: for each vector, the most similar earlier vector that is kept itself.

Belongs here: the search, exact for few vectors and through an index for many. Does not belong
here: what is embedded, and what a duplicate is called (`denoise`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

EXACT_LIMIT = 30_000
"""Up to this many vectors, every pair is compared; beyond, that takes longer than an index."""

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_BLOCK = 1024  # rows compared at once; bounds memory, changes no exact result
# Vectors of each cell of the index, cells searched for each vector, and vectors found there by
# their codes that are compared exactly; measured in docs/performance.md.
_CELL, _PROBED, _COMPARED = 512, 16, 32
# Dimensions that share a code of four bits; the least code that faiss can scan fast.
_CODED, _BITS = 4, 4
# Vectors from which the centre of a cell is learnt (faiss asks for 39 at least), and passes.
_LEARNT_FROM, _PASSES = 40, 4


class _Kept(Protocol):
    """The vectors kept so far."""

    def nearest(self, block: Int64) -> tuple[Int64, Float64]:
        """Give the most similar kept row of each row and its cosine; −1 and 0 if none is found."""

    def add(self, rows: Int64) -> None:
        """Keep more rows."""


def nearest_earlier(
    vectors: Float32, threshold: float, limit: int = EXACT_LIMIT
) -> tuple[Int64, Float64]:
    """Find for each row the most similar earlier row that is kept itself.

    Parameters
    ----------
    vectors
        Unit vectors, shape (n, d), oldest first.
    threshold
        A row is a copy above this cosine.
    limit
        Up to this many rows the search is exact. Beyond, it takes linear time and misses
        less than one copy in a hundred; what it reports is a copy in any case.

    Returns
    -------
    nearest
        int64, shape (n,): index of the kept row that it repeats, −1 if there is none.
    cosine
        float64, shape (n,): cosine to that row, 0 if there is none.

    Notes
    -----
    The same vectors give the same result in every process, with any number of threads. Rows are
    compared in blocks, so memory grows with block × n.
    """
    # The number of threads that multiply changes sums in their last bits.
    with threadpool_limits(1, user_api="blas"):
        return _search(vectors, threshold, limit)


def _search(vectors: Float32, threshold: float, limit: int) -> tuple[Int64, Float64]:
    n = len(vectors)
    nearest = np.full(n, -1, dtype=np.int64)
    cosine = np.zeros(n)
    is_exact = n <= max(limit, _LEARNT_FROM << _BITS)  # codes cannot be learnt from fewer
    kept: _Kept = _Compared(vectors) if is_exact else _Indexed(vectors)
    for start in range(0, n, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, n))
        nearest[block], cosine[block] = kept.nearest(block)
        inside = vectors[block] @ vectors[block].T
        survivors: list[int] = []
        for row in range(len(block)):
            if survivors:
                best_inside = survivors[int(inside[row, survivors].argmax())]
                if inside[row, best_inside] > cosine[block[row]]:
                    cosine[block[row]] = inside[row, best_inside]
                    nearest[block[row]] = block[best_inside]
            if cosine[block[row]] <= threshold:
                survivors.append(row)
                nearest[block[row]], cosine[block[row]] = -1, 0.0
        kept.add(block[survivors])
    return nearest, cosine


class _Compared:
    """Compares with every kept vector."""

    def __init__(self, vectors: Float32) -> None:
        self._vectors = vectors
        self._rows = np.empty(0, dtype=np.int64)

    def nearest(self, block: Int64) -> tuple[Int64, Float64]:
        if not len(self._rows):
            return np.full(len(block), -1, dtype=np.int64), np.zeros(len(block))
        similar = self._vectors[block] @ self._vectors[self._rows].T
        best = similar.argmax(axis=1)
        return self._rows[best], similar[np.arange(len(block)), best].astype(np.float64)

    def add(self, rows: Int64) -> None:
        self._rows = np.concatenate([self._rows, rows])


class _Indexed:
    """Compares with the kept vectors of the nearest cells: faiss's inverted file of codes.

    Cells hold equally many vectors on average, whatever the corpus's size, which makes the search
    linear. Vectors in them are found by short codes and then compared exactly. Cells and codes are
    learnt on one thread from a fixed random sample with fixed seeds, so that nothing depends on
    chance or on the number of cores.
    """

    def __init__(self, vectors: Float32) -> None:
        import faiss

        self._vectors = vectors
        n, width = vectors.shape
        cells = max(n // _CELL, 1)
        metric = faiss.METRIC_INNER_PRODUCT
        codes = max(width // _CODED, 1) if width % _CODED == 0 else width
        self._centres = faiss.IndexFlatIP(width)  # the index does not keep it alive
        self._index = faiss.IndexIVFPQFastScan(self._centres, width, cells, codes, _BITS, metric)
        self._index.cp.spherical, self._index.cp.niter = True, _PASSES
        self._index.nprobe = min(_PROBED, cells)
        least = max(_LEARNT_FROM * cells, _LEARNT_FROM << _BITS)
        drawn = np.random.default_rng(0).choice(n, min(n, least), replace=False)
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        try:
            self._index.train(vectors[np.sort(drawn)])
        finally:
            faiss.omp_set_num_threads(threads)

    def nearest(self, block: Int64) -> tuple[Int64, Float64]:
        found = self._index.search(self._vectors[block], _COMPARED)[1]
        similar = np.einsum("rd,rkd->rk", self._vectors[block], self._vectors[found])
        best = np.where(found < 0, 0.0, similar).argmax(axis=1)
        rows = np.arange(len(block))
        nearest = found[rows, best]
        return nearest, np.where(nearest < 0, 0.0, similar[rows, best]).astype(np.float64)

    def add(self, rows: Int64) -> None:
        self._index.add_with_ids(self._vectors[rows], rows)
