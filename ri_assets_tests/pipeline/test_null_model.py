from __future__ import annotations

import numpy as np
import pytest

from ri_assets.pipeline.null_model import MatchedGaussian, baseline, lift
from ri_assets_tests.pipeline.clouds import blobs


def test_mean_and_covariance_are_those_of_the_data() -> None:
    points, _ = blobs((9000, 9000), seed=0, dimensions=5, spread=0.2)
    null = MatchedGaussian(points).draw(seed=1)
    assert null.shape == points.shape
    assert null.dtype == np.float32
    np.testing.assert_allclose(null.mean(axis=0), points.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(np.cov(null.T), np.cov(points.T), atol=0.02)


def test_the_clusters_are_gone() -> None:
    points, truth = blobs((500, 500), seed=2, dimensions=5, spread=0.05)
    axis = points[truth == 0].mean(axis=0) - points[truth == 1].mean(axis=0)
    middle = np.median(points @ axis)
    spread = (points @ axis).std()

    def share_between(vectors: np.ndarray) -> float:
        return float((np.abs(vectors @ axis - middle) < spread / 2).mean())

    assert share_between(points) < 0.01
    assert share_between(MatchedGaussian(points).draw(seed=3)) > 0.25


def test_directions_without_spread_stay_so() -> None:
    points = np.zeros((50, 4), dtype=np.float32)
    points[:, 1] = np.random.default_rng(0).standard_normal(50)
    points[:, 2] = 7
    null = MatchedGaussian(points).draw(seed=1)
    np.testing.assert_allclose(null[:, [0, 3]], 0, atol=1e-6)
    np.testing.assert_allclose(null[:, 2], 7, atol=1e-5)


def test_repeatable_by_seed() -> None:
    points, _ = blobs((30,), seed=4)
    null = MatchedGaussian(points)
    np.testing.assert_array_equal(null.draw(5), MatchedGaussian(points).draw(5))
    assert not np.array_equal(null.draw(5), null.draw(6))


def test_baseline_and_lift() -> None:
    found = baseline([0.1, 0.2, 0.3, 0.4, 0.5])
    assert found.mean == pytest.approx(0.3)
    assert found.p95 == pytest.approx(0.48)
    assert lift(0.65, found.mean) == pytest.approx(0.5)
    assert lift(found.mean, found.mean) == 0
    assert lift(1.0, found.mean) == pytest.approx(1)
    assert lift(0.9, 1.0) == 0
