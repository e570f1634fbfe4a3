from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from ri_assets.personas import distinct
from ri_assets.personas.distinct import Distinctness, distinctness

N_TERMS = 40


def _tweets(
    own: list[tuple[int, int]], n_each: int = 40, seed: int = 0
) -> tuple[sparse.csr_array, NDArray[np.float32], NDArray[np.int64]]:
    """Each cluster draws four terms a tweet from its own range of terms."""
    rng = np.random.default_rng(seed)
    uses = np.zeros((n_each * len(own), N_TERMS), dtype=np.int64)
    for row in range(len(uses)):
        low, high = own[row // n_each]
        uses[row, rng.integers(low, high, 4)] = 1
    vectors = uses / np.linalg.norm(uses, axis=1, keepdims=True)
    labels = np.repeat(np.arange(len(own)), n_each)
    return sparse.csr_array(uses), vectors.astype(np.float32), labels


def _found(*given: object) -> Distinctness:
    found = distinctness(*given)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_two_with_their_own_words_are_told_apart_and_two_halves_are_not() -> None:
    found = _found(*_tweets([(0, 10), (10, 20), (20, 40), (20, 40)]))
    assert {c: one.cluster for c, one in found.neighbours.items()}[2] == 3
    told = {c: one.told_apart for c, one in found.neighbours.items()}
    assert told[2] == told[3] == found.least
    assert found.least == pytest.approx(0.5, abs=0.15)
    assert min(told[0] or 0, told[1] or 0) > 0.95


def test_shuffled_members_are_chance() -> None:
    found = _found(*_tweets([(0, 20), (20, 40)]))
    assert found.shuffled_mean == pytest.approx(0.5, abs=0.06)
    assert found.shuffled_p95 < 0.65
    assert found.least > 0.95


def test_a_large_persona_does_not_win_by_its_size() -> None:
    """Of two halves of one subject, 20 to 1: guessing the larger is right in 95% of cases."""
    uses, vectors, _ = _tweets([(0, 40)], n_each=210)
    labels = np.array([1] * 10 + [0] * 200)
    assert _found(uses, vectors, labels).least == pytest.approx(0.5, abs=0.15)


def test_texts_without_terms_are_not_measured() -> None:
    uses, vectors, labels = _tweets([(0, 20), (20, 40)])
    assert distinctness(uses[:, :0], vectors, labels) is None


def test_one_persona_has_no_neighbour_and_one_member_is_not_measured() -> None:
    uses, vectors, labels = _tweets([(0, 40)])
    assert distinctness(uses, vectors, labels) is None
    alone = np.array([1] + [0] * (len(labels) - 1))
    assert distinctness(uses, vectors, alone) is None


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), order=st.permutations([0, 1, 2]))
def test_numbers_of_clusters_mean_nothing(seed: int, order: list[int]) -> None:
    uses, vectors, labels = _tweets([(0, 15), (10, 25), (20, 40)], n_each=15, seed=seed)
    one = _found(uses, vectors, labels)
    other = _found(uses, vectors, np.array(order)[labels])
    for cluster, neighbour in one.neighbours.items():
        twin = other.neighbours[order[cluster]]
        assert twin.cluster == order[neighbour.cluster]
        assert twin.told_apart == pytest.approx(neighbour.told_apart, abs=0.1)


def test_of_many_members_a_random_part_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def note(uses: sparse.csr_array, is_first: NDArray[np.bool_], folds: int) -> float:
        asked.append((uses.shape[0], int(is_first.sum())))
        return told_apart(uses, is_first, folds)

    told_apart = distinct._told_apart
    monkeypatch.setattr(distinct, "_ENOUGH", 30)
    monkeypatch.setattr(distinct, "_told_apart", note)
    assert _found(*_tweets([(0, 20), (20, 40)])).least > 0.95
    assert set(asked) == {(60, 30)}
