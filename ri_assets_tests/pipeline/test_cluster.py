from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.pipeline.cluster import (
    NOISE,
    assign_noise,
    canonical,
    hdbscan,
    hdbscan_clustering,
    own_distance,
    settled,
)
from ri_assets_tests.pipeline.clouds import HDBSCAN, Float32, blobs

few = settings(max_examples=25)

labellings = st.lists(st.integers(-1, 6), min_size=1, max_size=60)


@few
@given(labellings)
def test_canonical_numbers_by_size_then_by_first_row(values: list[int]) -> None:
    labels = canonical(np.array(values, dtype=np.int32))
    names = list(dict.fromkeys(values))  # by first row
    ranked = sorted(names, key=lambda name: -values.count(name))  # stable: ties keep their order
    assert labels.tolist() == [ranked.index(value) for value in values]


@few
@given(labellings, st.permutations(range(8)))
def test_canonical_does_not_depend_on_names(values: list[int], names: list[int]) -> None:
    renamed = [names[value + 1] for value in values]
    np.testing.assert_array_equal(
        canonical(np.array(values, dtype=np.int32)), canonical(np.array(renamed, dtype=np.int32))
    )


@few
@given(st.integers(0, 2**32 - 1), labellings.filter(lambda values: max(values) >= 0))
def test_noise_goes_to_the_nearest_centroid(seed: int, values: list[int]) -> None:
    core = np.array(values, dtype=np.int32)
    space = np.random.default_rng(seed).standard_normal((len(core), 5)).astype(np.float32)
    clusters = assign_noise(lambda: space, core, np.ones(len(core), dtype=np.float32))
    distance = own_distance(clusters)
    for i, point in enumerate(space):
        lengths = {
            name: float(np.linalg.norm(space[core == name].mean(axis=0) - point))
            for name in set(values) - {NOISE}
        }
        own = min(lengths, key=lambda name: lengths[name]) if core[i] == NOISE else core[i]
        mates = np.flatnonzero(core == own)
        assert (clusters.labels[mates] == clusters.labels[i]).all()
        assert distance[i] == pytest.approx(lengths[own], abs=1e-4)


@few
@given(labellings)
def test_labels_before_and_after_assignment_fit_together(values: list[int]) -> None:
    core = np.array(values, dtype=np.int32)
    space = np.arange(len(core) * 2, dtype=np.float32).reshape(-1, 2)
    clusters = assign_noise(lambda: space, core, np.full(len(core), 0.5, dtype=np.float32))
    assert (clusters.labels >= 0).all()
    np.testing.assert_array_equal(clusters.was_noise, core == NOISE)
    np.testing.assert_array_equal(
        clusters.core_labels[~clusters.was_noise], clusters.labels[~clusters.was_noise]
    )
    np.testing.assert_array_equal(clusters.probability, np.where(core == NOISE, 0, 0.5))
    assert (np.diff(clusters.sizes) <= 0).all()
    assert clusters.sizes.sum() == len(core)


def test_hdbscan_finds_planted_blobs() -> None:
    space, truth = blobs((60, 40, 30), seed=1, dimensions=6, spread=0.03)
    clusters = hdbscan_clustering(space, HDBSCAN)
    assert clusters.count == 3
    np.testing.assert_array_equal(clusters.labels, canonical(truth))
    assert clusters.labels.dtype == clusters.core_labels.dtype == np.int32
    assert own_distance(clusters).dtype == clusters.probability.dtype == np.float32


@few
@given(st.integers(0, 2**32 - 1), st.permutations((5, 12, 30)))
def test_runs_that_share_a_tree_find_what_each_finds_alone(seed: int, sizes: list[int]) -> None:
    space, _ = blobs((60, 40, 30), seed=seed, dimensions=5, spread=0.25)
    run = partial(hdbscan, space, min_samples=5, selection="leaf")
    alone = [run(min_cluster_sizes=[size])[0] for size in sizes]
    for found, expected in zip(run(min_cluster_sizes=sizes), alone, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_shared_tree_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from hdbscan import hdbscan_

    built: list[str] = []
    for name in ("_hdbscan_boruvka_kdtree", "_hdbscan_prims_kdtree", "_hdbscan_generic"):
        build = getattr(hdbscan_, name)

        def tell(*args: object, of: str = name, by: Any = build) -> object:
            built.append(of)
            return by(*args)

        monkeypatch.setattr(hdbscan_, name, tell)
    space, _ = blobs((60, 40, 30), seed=1, dimensions=5)
    assert len(hdbscan(space, min_cluster_sizes=[5, 12, 30], min_samples=5, selection="leaf")) == 3
    assert len(built) == 1


def test_without_noise_nobody_asks_for_the_space() -> None:
    def never() -> Float32:
        raise AssertionError

    clusters = assign_noise(
        never, np.array([4, 4, 9], dtype=np.int32), np.ones(3, dtype=np.float32)
    )
    np.testing.assert_array_equal(clusters.labels, [0, 0, 1])
    np.testing.assert_array_equal(clusters.core_labels, [0, 0, 1])


@few
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_settled_tweets_lie_nearest_to_the_mean_of_their_own(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    space = rng.standard_normal((80, 3)).astype(np.float32)
    core = rng.integers(-1, count, 80).astype(np.int32)
    core[:count] = np.arange(count)
    labels = settled(space, core)
    assert labels.dtype == np.int32
    assert labels.min() >= 0
    means = np.array([space[labels == name].mean(axis=0) for name in np.unique(labels)])
    lengths = np.linalg.norm(space[:, None] - means[None], axis=2)
    own = lengths[np.arange(80), np.searchsorted(np.unique(labels), labels)]
    assert (own <= lengths.min(axis=1) + 0.05).all()


def test_what_is_settled_already_stays_and_noise_joins() -> None:
    points, truth = blobs((30, 20, 10), seed=8)
    core = truth.astype(np.int32)
    core[::7] = NOISE
    labels = settled(points.astype(np.float32), core)
    assert len({*zip(labels.tolist(), truth.tolist(), strict=True)}) == 3


@pytest.mark.parametrize("core", [[-1, -1, -1], [4, 4, -1]])
def test_without_two_clusters_all_are_one(core: list[int]) -> None:
    space = np.eye(3, dtype=np.float32)
    assert settled(space, np.array(core, dtype=np.int32)).tolist() == [0, 0, 0]
