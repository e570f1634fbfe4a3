from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.pipeline.stability import (
    Rerun,
    ami,
    ari,
    jaccard,
    measure_stability,
    stability_class,
)

few = settings(max_examples=25)
seeds = st.integers(0, 2**32 - 1)


def drawn(reference: np.ndarray, rows: np.ndarray, names: np.ndarray) -> Rerun:
    return Rerun(rows, names[reference[rows]].astype(np.int32))


@few
@given(seeds)
def test_reruns_that_only_rename_clusters_are_perfect(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference = rng.permutation(np.repeat(np.arange(5), 30)).astype(np.int32)
    everyone = np.arange(150)
    half = np.sort(rng.choice(150, 120, replace=False))
    found = measure_stability(
        reference,
        reference,
        [drawn(reference, everyone, rng.permutation(5)) for _ in range(3)],
        [drawn(reference, half, rng.permutation(5)) for _ in range(2)],
    )
    assert found.seed_ari == found.resample_ari == pytest.approx(1)
    assert found.resample_ami == pytest.approx(1)
    assert len(found.seed_ari_values) == 6
    assert len(found.resample_ari_values) == 2
    assert found.open_counts == (5,) * 6
    assert [cluster.cluster for cluster in found.clusters] == list(range(5))
    assert all(c.jaccard == 1 and c.stability == "stable" for c in found.clusters)


@few
@given(seeds)
def test_unrelated_reruns_score_near_zero(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, 6, 3000).astype(np.int32)
    runs = [Rerun(np.arange(3000), rng.integers(0, 6, 3000).astype(np.int32)) for _ in range(2)]
    found = measure_stability(reference, reference, runs, runs)
    assert abs(found.seed_ari) < 0.02
    assert abs(found.resample_ari) < 0.02
    assert all(c.stability == "not to be trusted" for c in found.clusters)


@few
@given(seeds)
def test_row_order_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference = np.concatenate([np.arange(4), rng.integers(0, 4, 76)]).astype(np.int32)
    other = rng.integers(0, 3, 80).astype(np.int32)
    order = rng.permutation(80)
    everyone = np.arange(80)
    plain = measure_stability(
        reference, reference, [Rerun(everyone, other)], [Rerun(everyone, other)]
    )
    shuffled = measure_stability(
        reference[order],
        reference[order],
        [Rerun(everyone, other[order])],
        [Rerun(everyone, other[order])],
    )
    assert shuffled.seed_ari == pytest.approx(plain.seed_ari)
    assert [c.jaccard for c in shuffled.clusters] == pytest.approx(
        [c.jaccard for c in plain.clusters]
    )


def test_jaccard_by_sets() -> None:
    first = np.array([0, 0, 0, 1, 1, 2], dtype=np.int32)
    second = np.array([7, 7, 4, 4, 4, 9], dtype=np.int32)
    expected = [
        [
            len({*np.flatnonzero(first == a)} & {*np.flatnonzero(second == b)})
            / len({*np.flatnonzero(first == a)} | {*np.flatnonzero(second == b)})
            for b in (4, 7, 9)
        ]
        for a in range(3)
    ]
    np.testing.assert_allclose(jaccard(first, second, 3), expected)


def test_only_the_shaken_cluster_loses_trust() -> None:
    reference = np.repeat(np.arange(3), 40).astype(np.int32)
    shaken = reference.copy()
    shaken[80:] = 3 + np.arange(40) % 4  # the third falls into quarters
    found = measure_stability(
        reference,
        reference,
        [Rerun(np.arange(120), reference)],
        [Rerun(np.arange(120), shaken)] * 2,
    )
    assert [c.jaccard for c in found.clusters] == [1, 1, 0.25]
    assert [c.stability for c in found.clusters] == ["stable", "stable", "not to be trusted"]


def test_a_draw_that_misses_a_cluster_says_nothing_about_it() -> None:
    reference = np.array([0, 0, 0, 1, 1, 2], dtype=np.int32)
    rows = np.arange(5)
    missed, whole = Rerun(rows, reference[:5]), Rerun(np.arange(6), reference)
    found = measure_stability(reference, reference, [whole], [missed, whole])
    assert found.clusters[2].jaccard == 1


def test_the_number_is_held_and_what_it_is_when_left_open_stands_beside() -> None:
    reference = np.repeat(np.arange(3), 20).astype(np.int32)
    left_open = np.minimum(reference, 1)  # two groups
    everyone = np.arange(60)
    finer = (np.arange(60) // 10).astype(np.int32)  # six groups where the number is left open
    rerun = Rerun(everyone, finer, {3: reference})
    found = measure_stability(reference, left_open, [rerun], [rerun])
    assert found.resample_ari == found.seed_ari == 1
    assert found.resample_ari_open == pytest.approx(ari(left_open, finer))
    assert found.resample_ari_open < 0.6
    assert found.open_counts == (2, 6, 6)


def test_two_runs_that_separate_nothing_agree_on_nothing() -> None:
    one = np.zeros(10, dtype=np.int32)
    assert ari(one, one) == 0
    assert ami(one, one) == 0
    assert ari(one, np.arange(10, dtype=np.int32)) == 0


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (1.0, "stable"),
        (0.75, "stable"),
        (0.7499, "doubtful"),
        (0.60, "doubtful"),
        (0.5999, "not to be trusted"),
        (0.0, "not to be trusted"),
    ],
)
def test_stability_classes(value: float, word: str) -> None:
    assert stability_class(value) == word
