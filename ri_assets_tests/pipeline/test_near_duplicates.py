from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.near_duplicates import with_copies
from ri_assets.pipeline.near_duplicates import EXACT_LIMIT, nearest_earlier

BAR = 0.95
Found = tuple[NDArray[np.int64], NDArray[np.float64]]


@cache
def vectors(n: int = 6_000) -> NDArray[np.float32]:
    """Draw vectors with copies, around as many topics as a corpus of this size has."""
    rng = np.random.default_rng(3)
    topics = rng.standard_normal((200, 64)).astype(np.float32)
    return with_copies(topics / np.linalg.norm(topics, axis=1, keepdims=True), n, seed=1)


@cache
def exact() -> Found:
    return nearest_earlier(vectors(), BAR)


@cache
def indexed() -> Found:
    return nearest_earlier(vectors(), BAR, limit=0)


def recall(found: Found) -> float:
    is_copy = exact()[0] >= 0
    return float((found[0][is_copy] >= 0).mean())


def test_there_is_something_to_find() -> None:
    assert 0.02 < (exact()[0] >= 0).mean() < 0.5


def test_the_index_finds_what_comparing_all_pairs_finds() -> None:
    assert recall(indexed()) >= 0.99


def test_what_the_index_reports_is_a_copy_of_an_earlier_kept_vector() -> None:
    nearest, cosine = indexed()
    copies = np.flatnonzero(nearest >= 0)
    assert (nearest[copies] < copies).all()
    assert (nearest[nearest[copies]] == -1).all()
    own = np.einsum("ij,ij->i", vectors()[copies], vectors()[nearest[copies]])
    np.testing.assert_allclose(cosine[copies], own, atol=1e-5)
    assert (cosine[copies] > BAR).all()


def test_two_kept_vectors_are_no_copies_of_each_other_where_all_pairs_are_compared() -> None:
    kept = vectors()[exact()[0] < 0]
    similar = np.tril(kept @ kept.T, -1)
    assert similar.max() <= BAR


def test_few_vectors_are_compared_exactly() -> None:
    assert len(vectors()) <= EXACT_LIMIT
    for index, (one, other) in enumerate(
        zip(exact(), nearest_earlier(vectors(), BAR), strict=True)
    ):
        np.testing.assert_array_equal(one, other, err_msg=str(index))


def test_copies_of_one_vector_name_the_first() -> None:
    one = vectors()[:1]
    nearest, _ = nearest_earlier(np.repeat(one, 3_000, axis=0), BAR, limit=0)
    assert nearest[0] == -1
    assert (nearest[1:] == 0).all()


@pytest.mark.parametrize("n", [1, 2])
def test_vectors_too_few_for_an_index_are_compared(n: int) -> None:
    nearest, cosine = nearest_earlier(np.repeat(vectors()[:1], n, axis=0), BAR, limit=0)
    assert nearest.tolist() == [-1, 0][:n]
    assert len(cosine) == n


_IN_A_PROCESS = """
import hashlib
from ri_assets.pipeline.near_duplicates import EXACT_LIMIT, nearest_earlier
from ri_assets_tests.pipeline.test_near_duplicates import BAR, vectors
for limit in (0, EXACT_LIMIT):
    nearest, cosine = nearest_earlier(vectors(), BAR, limit=limit)
    print(hashlib.sha256(nearest.tobytes() + cosine.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_any_process_with_any_number_of_threads_finds_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = set()
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        done = subprocess.run(
            [sys.executable, "-c", _IN_A_PROCESS], capture_output=True, text=True, check=True
        )
        said.add(done.stdout)
    assert len(said) == 1
