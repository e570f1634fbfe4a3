from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline.cluster import canonical
from ri_assets.pipeline.fit import ConsensusClustering, fit
from ri_assets.pipeline.out_of_sample import Subsample, draw_subsample
from ri_assets_tests.pipeline.clouds import CONSENSUS, blobs, small_profile


def test_a_small_corpus_is_fitted_whole() -> None:
    points, _ = blobs((30, 20), seed=1)
    sample = draw_subsample(points, limit=50, k=5, seed=1)
    np.testing.assert_array_equal(sample.fitted, np.arange(50))
    np.testing.assert_array_equal(sample.extend_space(points), points)
    labels = np.arange(50, dtype=np.int32)
    support = np.linspace(0, 1, 50, dtype=np.float32)
    np.testing.assert_array_equal(sample.extend_labels(labels), labels)
    np.testing.assert_array_equal(sample.extend_support(support, labels), support)


@given(n=st.integers(12, 60), limit=st.integers(6, 40), seed=st.integers(0, 99))
def test_every_row_is_fitted_or_follows(n: int, limit: int, seed: int) -> None:
    points, _ = blobs((n,), seed=seed)
    sample = draw_subsample(points, limit, k=5, seed=seed)
    assert sorted([*sample.fitted, *sample.rest]) == list(range(n))
    assert len(sample.fitted) == min(n, limit)
    assert (sample.weight >= 0).all()
    np.testing.assert_allclose(sample.weight.sum(axis=1), 1, rtol=1e-5)


def test_whom_a_tweet_follows_are_the_most_similar() -> None:
    points, _ = blobs((40, 40), seed=3, spread=0.3)
    sample = draw_subsample(points, limit=30, k=4, seed=3)
    for row, followed in zip(sample.rest, sample.nearest, strict=True):
        cosine = points[sample.fitted] @ points[row]
        assert set(followed.tolist()) == set(np.argsort(-cosine)[:4].tolist())


def test_the_rest_joins_its_own_cloud() -> None:
    points, truth = blobs((80, 60, 40), seed=4, spread=0.08)
    sample = draw_subsample(points, limit=60, k=5, seed=4)
    labels = sample.extend_labels(truth[sample.fitted])
    np.testing.assert_array_equal(labels, truth)
    support = sample.extend_support(np.full(len(sample.fitted), 0.5, dtype=np.float32), truth)
    np.testing.assert_allclose(support, 0.5, rtol=1e-5)


def test_support_comes_from_those_of_the_same_group_alone() -> None:
    sample = Subsample(
        fitted=np.array([0, 1]),
        rest=np.array([2, 3]),
        nearest=np.array([[0, 1], [0, 1]], dtype=np.int32),
        weight=np.array([[0.7, 0.3], [0.7, 0.3]], dtype=np.float32),
    )
    support = np.array([1, 0.5], dtype=np.float32)
    found = sample.extend_support(support, np.array([0, 1, 0, 1], dtype=np.int32))
    assert found.tolist() == pytest.approx([1, 0.5, 0.7, 0.15])


def test_noise_can_be_followed_too() -> None:
    points, truth = blobs((50, 50), seed=5, spread=0.05)
    sample = draw_subsample(points, limit=40, k=5, seed=5)
    core = np.where(truth == 0, -1, 7).astype(np.int32)
    np.testing.assert_array_equal(sample.extend_labels(core[sample.fitted]), core)


@pytest.mark.slow
def test_a_fit_on_a_sample_finds_what_a_fit_on_all_finds() -> None:
    points, truth = blobs((240, 200, 160, 120), seed=6, spread=0.08)
    limited = ConsensusSettings(**{**CONSENSUS.model_dump(), "fit_limit": 240})
    found = fit(points, small_profile(limited), seed=1)
    again = fit(points, small_profile(limited), seed=1)
    assert adjusted_rand_score(truth, found.labels) > 0.95
    np.testing.assert_array_equal(found.space(), again.space())
    np.testing.assert_array_equal(found.labels, again.labels)


def test_clusters_settle_among_all_tweets() -> None:
    """A tweet lies nearest to its own cluster, whichever fitted tweets it follows."""
    points, _ = blobs((300, 250, 200, 150), seed=7, spread=0.25)
    limited = ConsensusSettings(**{**CONSENSUS.model_dump(), "fit_limit": 240})
    found = fit(points, small_profile(limited), seed=1)
    assert isinstance(found, ConsensusClustering)
    assert len(found.subsample.rest) == 660
    centroids = np.array(
        [found.directions[found.labels == c].mean(axis=0) for c in range(found.count)]
    )
    apart = ((found.directions[:, None] - centroids) ** 2).sum(axis=2)
    np.testing.assert_array_equal(apart.argmin(axis=1), found.labels)
    followed = found.subsample.extend_labels(found.consensus.groups)
    assert (canonical(followed) != found.labels).any()


def test_a_merge_on_a_sample_joins_whole_clusters() -> None:
    points, truth = blobs((300, 250, 200, 150), seed=8, spread=0.08)
    limited = ConsensusSettings(**{**CONSENSUS.model_dump(), "fit_limit": 240})
    found = fit(points, small_profile(limited), seed=1)
    assert isinstance(found, ConsensusClustering)
    four = found.at(4)
    np.testing.assert_array_equal(canonical(truth), four.labels)
    three = four.merged(3, 1)
    np.testing.assert_array_equal(canonical(np.where(truth == 3, 1, truth)), three.labels)
