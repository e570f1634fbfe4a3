from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from ri_assets.config import ConsensusSettings, HdbscanSettings
from ri_assets.pipeline.fit import cluster_fused, fit, reduce_fused
from ri_assets_tests.pipeline.clouds import CONSENSUS, HDBSCAN, blobs, small_profile

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("settings", [CONSENSUS, HDBSCAN])
def test_planted_blobs_are_recovered_and_a_second_fit_is_the_same(
    settings: ConsensusSettings | HdbscanSettings,
) -> None:
    points, truth = blobs((70, 60, 50, 40), seed=5, spread=0.08)
    profile = small_profile(settings)
    first, second = fit(points, profile, seed=9), fit(points, profile, seed=9)
    assert adjusted_rand_score(truth, first.labels) > 0.95
    np.testing.assert_array_equal(first.space(), second.space())
    for name in ("core_labels", "labels", "probability"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_the_two_steps_are_the_whole() -> None:
    points, _ = blobs((70, 60, 50), seed=6)
    profile = small_profile()
    whole = fit(points, profile, seed=2)
    space = reduce_fused(points, profile, seed=2)
    np.testing.assert_array_equal(space, whole.space())
    np.testing.assert_array_equal(
        cluster_fused(points, lambda: space, profile, seed=2).labels, whole.labels
    )


def test_the_clusters_lean_to_the_text_as_the_profile_says() -> None:
    """Texts fall into three groups, behaviour into four others; the weight says which count."""
    text, of_text = blobs((70, 60, 50), seed=7, dimensions=384, spread=0.02)
    told, of_behavior = blobs((60, 50, 40, 30), seed=8, dimensions=36)
    fused = np.hstack([np.sqrt(0.5) * text, np.sqrt(0.5) * told]).astype(np.float32)
    profile = small_profile()
    evenly = profile.model_copy(
        update={"fuse": profile.fuse.model_copy(update={"text_weight": 0.5})}
    )
    for weight, truth, other in ((1.0, of_text, of_behavior), (0.0, of_behavior, of_text)):
        leaning = CONSENSUS.model_copy(update={"text_weight": weight})
        found = fit(fused, evenly.model_copy(update={"cluster": leaning}), seed=4).labels
        assert adjusted_rand_score(truth, found) > 0.95
        assert abs(adjusted_rand_score(other, found)) < 0.1


def test_tweets_that_are_not_fitted_lean_to_the_text_too() -> None:
    """Text weighs a tenth in the fused vectors, and all in what runs look at."""
    text, of_text = blobs((70, 60, 50), seed=7, dimensions=384, spread=0.02)
    told, of_behavior = blobs((60, 50, 40, 30), seed=8, dimensions=36)
    fused = np.hstack([np.sqrt(0.1) * text, np.sqrt(0.9) * told]).astype(np.float32)
    profile = small_profile(CONSENSUS.model_copy(update={"text_weight": 1.0, "fit_limit": 90}))
    behaving = profile.fuse.model_copy(update={"text_weight": 0.1})
    found = fit(fused, profile.model_copy(update={"fuse": behaving}), seed=4).labels
    assert adjusted_rand_score(of_text, found) > 0.95
    assert abs(adjusted_rand_score(of_behavior, found)) < 0.1
