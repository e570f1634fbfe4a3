from __future__ import annotations

import numpy as np

from ri_assets.personas.naming.name_agreement import held_out, name_agreement


def test_a_fifth_of_each_cluster_is_held_out_whatever_the_order() -> None:
    ids = np.arange(200, dtype=np.int64) * 4_194_304  # as snowflakes are: low bits are zero
    clusters = np.repeat([0, 1, 2], [50, 147, 3])
    held = held_out(ids, clusters)
    assert [int(held[clusters == c].sum()) for c in range(3)] == [10, 29, 0]
    order = np.random.default_rng(0).permutation(200)
    assert np.array_equal(held_out(ids[order], clusters[order]), held[order])


def test_right_names_agree_and_wrong_ones_do_not() -> None:
    names = np.eye(4, 8, dtype=np.float32)
    clusters = np.arange(100) % 4
    right = name_agreement(names[clusters], clusters, names)
    wrong = name_agreement(names[clusters], clusters, np.roll(names, 1, axis=0))
    assert right is not None
    assert wrong is not None
    assert right.share == 1
    assert wrong.share == 0
    assert abs(right.shuffled_mean - 0.25) < 0.1
    assert right.n_members == 100


def test_without_members_there_is_no_figure() -> None:
    names = np.eye(2, 8, dtype=np.float32)
    assert name_agreement(names[:0], np.zeros(0, dtype=np.int64), names) is None


def test_the_judged_order_is_not_among_its_shuffles() -> None:
    """Of three names, every sixth order is the given one: right names could never pass."""
    names = np.eye(3, 8, dtype=np.float32)
    clusters = np.arange(30) % 3
    right = name_agreement(names[clusters], clusters, names)
    assert right is not None
    assert right.share == 1
    assert right.shuffled_p95 < 0.5
    single = name_agreement(names[:1], np.zeros(1, dtype=np.int64), names[:1])
    assert single is not None
    assert single.shuffled_p95 == 1
