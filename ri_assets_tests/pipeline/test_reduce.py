from __future__ import annotations

import numpy as np
import pytest

from ri_assets.pipeline.reduce import exact_neighbors, reduce
from ri_assets_tests.pipeline.clouds import REDUCE, blobs, unit


def test_neighbours_are_those_that_sorting_all_cosines_gives() -> None:
    points = unit(np.random.default_rng(0).standard_normal((80, 12)))
    found = exact_neighbors(points, 9)
    distances = 1 - points.astype(np.float64) @ points.T.astype(np.float64)
    np.testing.assert_array_equal(found.indices, np.argsort(distances, axis=1)[:, :9])
    np.testing.assert_allclose(found.distances, np.sort(distances, axis=1)[:, :9], atol=1e-6)


def test_each_point_is_its_own_first_neighbour_even_among_duplicates() -> None:
    points = np.repeat(unit(np.random.default_rng(1).standard_normal((5, 4))), 6, axis=0)
    found = exact_neighbors(points, 7)
    np.testing.assert_array_equal(found.indices[:, 0], np.arange(30))
    assert not found.distances[:, 0].any()


@pytest.mark.parametrize("k", [1, 40])
def test_one_and_all_neighbours(k: int) -> None:
    points = unit(np.random.default_rng(2).standard_normal((40, 6)))
    found = exact_neighbors(points, k)
    assert found.indices.shape == (40, k)
    assert all(len(set(row)) == k for row in found.indices.tolist())


def test_a_subset_of_known_neighbours_is_what_computing_them_anew_gives() -> None:
    points = unit(np.random.default_rng(3).standard_normal((90, 8)))
    rows = np.sort(np.random.default_rng(4).choice(90, 80, replace=False))
    derived = exact_neighbors(points, 40).among(rows, 12)
    anew = exact_neighbors(points[rows], 12)
    assert derived is not None
    np.testing.assert_array_equal(derived.indices, anew.indices)
    np.testing.assert_allclose(derived.distances, anew.distances, atol=1e-6)


def test_a_subset_that_knows_too_few_says_so() -> None:
    points = unit(np.random.default_rng(5).standard_normal((60, 8)))
    assert exact_neighbors(points, 10).among(np.arange(0, 60, 2), 10) is None


@pytest.mark.slow
def test_umap_is_repeatable_and_keeps_blobs_apart() -> None:
    points, truth = blobs((50, 50, 50), seed=6)
    space = reduce(points, REDUCE, seed=1)
    assert space.shape == (150, REDUCE.n_components)
    assert space.dtype == np.float32
    np.testing.assert_array_equal(space, reduce(points, REDUCE, seed=1))
    assert not np.array_equal(space, reduce(points, REDUCE, seed=2))
    nearest = ((space[:, None] - space[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(nearest, np.inf)
    np.testing.assert_array_equal(truth[nearest.argmin(axis=1)], truth)
