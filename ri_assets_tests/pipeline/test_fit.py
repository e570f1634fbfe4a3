from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from ri_assets.config import ConsensusSettings, HdbscanSettings
from ri_assets.pipeline.fit import clustered, fit, reduced
from ri_assets_tests.pipeline.clouds import CONSENSUS, HDBSCAN, blobs, small_profile

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("settings", [CONSENSUS, HDBSCAN])
def test_planted_blobs_are_recovered_and_a_second_fit_is_the_same(
    settings: ConsensusSettings | HdbscanSettings,
) -> None:
    points, truth = blobs((70, 60, 50, 40), seed=5, spread=0.08)
    profile = small_profile(settings)
    first, second = fit(points, profile, seed=9), fit(points, profile, seed=9)
    assert adjusted_rand_score(truth, first.clusters.labels) > 0.95
    np.testing.assert_array_equal(first.space, second.space)
    for name in ("core_labels", "labels", "distance", "probability"):
        np.testing.assert_array_equal(getattr(first.clusters, name), getattr(second.clusters, name))


def test_the_two_steps_are_the_whole() -> None:
    points, _ = blobs((70, 60, 50), seed=6)
    profile = small_profile()
    whole = fit(points, profile, seed=2)
    space = reduced(points, profile, seed=2)
    np.testing.assert_array_equal(space, whole.space)
    np.testing.assert_array_equal(
        clustered(points, space, profile, seed=2).labels, whole.clusters.labels
    )
