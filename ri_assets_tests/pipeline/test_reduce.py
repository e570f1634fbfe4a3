from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.pipeline.reduce import exact_neighbors, principal, reduce
from ri_assets_tests.pipeline.clouds import REDUCE, blobs, unit

few = settings(max_examples=25)


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


@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_principal_components_lose_only_what_varies_least(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    spread = np.sort(rng.uniform(0.1, 5, 8))[::-1]
    turn = np.linalg.qr(rng.standard_normal((8, 8)))[0]
    points = ((rng.standard_normal((60, 8)) * spread) @ turn + 3).astype(np.float32)
    found = principal(points, count)
    assert found.shape == (60, min(count, 8))
    assert found.dtype == np.float32
    variances = np.sort(np.linalg.eigvalsh(np.cov(points.T.astype(np.float64))))[::-1]
    np.testing.assert_allclose(found.var(axis=0, ddof=1), variances[:count], rtol=1e-3)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)


@few
@given(st.integers(0, 2**32 - 1))
def test_all_principal_components_keep_every_distance_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((30, 6)).astype(np.float32)
    order = rng.permutation(30)
    found = principal(points, 6)
    np.testing.assert_allclose(principal(points[order], 6), found[order], atol=1e-4)
    before = np.linalg.norm(points[:, None] - points[None], axis=2)
    after = np.linalg.norm(found[:, None] - found[None], axis=2)
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_vectors_that_do_not_differ_have_no_components() -> None:
    assert not principal(np.ones((9, 4), dtype=np.float32), 2).any()


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


_PRINTS_WHAT_WAS_COMPILED = """
import hashlib
from umap import layouts, umap_
from ri_assets.pipeline.reduce import reduce
from ri_assets_tests.pipeline.clouds import REDUCE, blobs
space = reduce(blobs((50, 50), seed=6)[0], REDUCE, seed=1)
loops = (umap_.smooth_knn_dist, layouts._nb_optimize_layout_euclidean_single_epoch)
print(hashlib.sha256(space.tobytes()).hexdigest(), *(len(f.stats.cache_hits) for f in loops))
"""


@pytest.mark.slow
def test_a_second_process_finds_what_the_first_compiled(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", _PRINTS_WHAT_WAS_COMPILED]
    first, second = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    bits, *hits = second.stdout.split()
    assert first.stdout.split() == [bits, "0", "0"]
    assert hits == ["1", "1"]
