"""Corpora that cannot be clustered: each is refused in words, none crashes a library."""

from __future__ import annotations

import numpy as np
import pytest

from ri_assets.config import ConsensusSettings, HdbscanSettings
from ri_assets.errors import CorpusError
from ri_assets.pipeline.cluster import assign_noise, canonical, minimum_tweets, own_distance
from ri_assets.pipeline.fit import cluster_fused, fit
from ri_assets_tests.pipeline.clouds import CONSENSUS, HDBSCAN, blobs, small_profile, unit

either = pytest.mark.parametrize("settings", [CONSENSUS, HDBSCAN], ids=["consensus", "hdbscan"])
Either = ConsensusSettings | HdbscanSettings


@either
@pytest.mark.parametrize("n", [0, 1, 2, 14])
def test_too_few_tweets(settings: Either, n: int) -> None:
    points = unit(np.random.default_rng(0).standard_normal((n, 20)))
    with pytest.raises(
        CorpusError, match=f"^these tweets cannot be clustered: {n} tweets\n  expected: at least"
    ):
        fit(points, small_profile(settings), seed=1)


@either
def test_all_duplicates(settings: Either) -> None:
    points = np.tile(unit(np.random.default_rng(0).standard_normal((1, 20))), (200, 1))
    with pytest.raises(
        CorpusError, match=r"these tweets cannot be clustered: 1 distinct vectors in 200 tweets"
    ):
        fit(points, small_profile(settings), seed=1)


@either
def test_constant_zero(settings: Either) -> None:
    with pytest.raises(CorpusError, match="distinct"):
        fit(np.zeros((200, 20), dtype=np.float32), small_profile(settings), seed=1)


@either
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_not_finite(settings: Either, broken: float) -> None:
    points, _ = blobs((50, 50, 50), seed=1)
    points[33, 4] = broken
    with pytest.raises(CorpusError, match="first in row 33"):
        fit(points, small_profile(settings), seed=1)


@pytest.mark.slow
@either
def test_the_fewest_tweets_that_are_allowed_do_not_crash(settings: Either) -> None:
    profile = small_profile(settings)
    n = minimum_tweets(profile)
    points, _ = blobs((n // 2, n - n // 2), seed=2)
    try:
        found = fit(points, profile, seed=1)
    except CorpusError as error:
        assert "at least two clusters" in error.expected  # noqa: PT017 -- either outcome is right
    else:
        assert len(found.labels) == n


@pytest.mark.slow
@either
def test_many_duplicates_among_enough_others(settings: Either) -> None:
    points, truth = blobs((60, 60, 60), seed=3)
    points, truth = (
        np.vstack([points, np.tile(points[:1], (60, 1))]),
        np.append(truth, [truth[0]] * 60),
    )
    found = fit(points, small_profile(settings), seed=1)
    assert np.isfinite(found.space()).all()
    assert len(set(found.labels[truth == truth[0]][-60:].tolist())) == 1


def test_one_cluster_is_refused() -> None:
    space = np.random.default_rng(0).standard_normal((200, 4)).astype(np.float32)
    strict = HdbscanSettings(
        method="hdbscan", min_cluster_size=100, min_samples=50, selection="eom"
    )
    with pytest.raises(CorpusError, match="cluster in 200 tweets"):
        cluster_fused(space, lambda: space, small_profile(strict), seed=1)


def test_assignment_of_nothing_but_noise() -> None:
    space = np.arange(6, dtype=np.float32).reshape(3, 2)
    clusters = assign_noise(
        lambda: space, np.full(3, -1, dtype=np.int32), np.ones(3, dtype=np.float32)
    )
    assert clusters.count == 1
    assert clusters.was_noise.all()
    distance = np.hypot(space[:, 0] - 2, space[:, 1] - 3)
    np.testing.assert_allclose(own_distance(clusters), distance)


def test_one_tweet_is_cluster_zero() -> None:
    np.testing.assert_array_equal(canonical(np.array([4], dtype=np.int32)), [0])


@pytest.mark.parametrize("settings", [CONSENSUS, HDBSCAN])
def test_the_minimum_leaves_room_for_neighbours_and_dimensions(settings: Either) -> None:
    profile = small_profile(settings)
    assert minimum_tweets(profile) > profile.reduce.n_neighbors
    assert minimum_tweets(profile) > profile.reduce.n_components
