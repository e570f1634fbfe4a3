"""The benchmark of fitting a sample: it sees that nothing is lost, and that something is."""

from __future__ import annotations

import numpy as np

from benchmarks.fit_limit import compare
from ri_assets_tests.pipeline.clouds import blobs, small_profile

PROFILE = small_profile()


def test_clear_clouds_lose_nothing() -> None:
    points, _ = blobs((150, 120, 100, 80, 60), seed=1)
    found = compare(points, PROFILE, 250)
    assert list(found) == [3, 4, 5, 6, 7, 8]
    assert found[5] == (1.0, 1.0)


def test_without_clouds_a_sample_gives_others() -> None:
    points = np.random.default_rng(0).standard_normal((500, 40)).astype(np.float32)
    sampled, _ = compare(points, PROFILE, 250)[8]
    assert sampled < 0.5
