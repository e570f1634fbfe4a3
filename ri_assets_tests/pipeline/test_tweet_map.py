from __future__ import annotations

import numpy as np
import pytest
from sklearn import manifold

from ri_assets.pipeline.tweet_map import trustworthiness, tweet_map


def groups(n: int, d: int = 12, k: int = 5, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centers = 3 * rng.standard_normal((k, d))
    return (centers[np.arange(n) % k] + rng.standard_normal((n, d))).astype(np.float32)


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    vectors = groups(300)
    points = vectors[:, :2].copy()
    ours = trustworthiness(vectors, points, np.arange(300))
    theirs = manifold.trustworthiness(vectors, points, n_neighbors=15, metric="cosine")
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_a_map_keeps_neighbours_and_repeats() -> None:
    vectors = groups(240)
    found = tweet_map(vectors, seed=7)
    assert found.points.shape == (240, 2)
    assert np.abs(found.points).max() == pytest.approx(1, abs=1e-6)
    assert np.ptp(found.points[:, 0]) >= np.ptp(found.points[:, 1])
    assert found.trustworthiness > 0.9
    assert found.shuffled == pytest.approx(0.5, abs=0.06)
    assert found.measured == 240
    np.testing.assert_array_equal(found.points, tweet_map(vectors, seed=7).points)


def test_beyond_the_limit_the_rest_lies_among_those_like_it() -> None:
    vectors = groups(400)
    found = tweet_map(vectors, seed=7, limit=150)
    middles = np.stack([found.points[np.arange(400) % 5 == k].mean(axis=0) for k in range(5)])
    away = ((found.points[:, None] - middles[None]) ** 2).sum(axis=2)
    assert (away.argmin(axis=1) == np.arange(400) % 5).mean() > 0.95


@pytest.mark.parametrize("n", [2, 20, 31])
def test_few_tweets_have_places_too(n: int) -> None:
    found = tweet_map(groups(n), seed=1)
    assert found.points.shape == (n, 2)
    assert np.isfinite(found.points).all()
    assert found.measured == 0
