from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.pipeline.cluster import Clustering, canonical
from ri_assets.pipeline.coherence import coherence, measure_coherence
from ri_assets_tests.pipeline.clouds import blobs

few = settings(max_examples=25)

seeds = st.integers(0, 2**32 - 1)


@few
@given(seeds)
def test_one_cluster_scores_zero(seed: int) -> None:
    points = np.random.default_rng(seed).standard_normal((40, 6)) + 20
    assert coherence(points, np.zeros(40, dtype=int)) == pytest.approx(0, abs=0.02)


@few
@given(seeds)
def test_random_labels_score_near_zero_only_when_centred(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((2000, 30)) + 20
    labels = rng.integers(0, 5, 2000)
    assert abs(coherence(points, labels)) < 0.1
    assert coherence(points, labels, centered=False) > 0.95


@few
@given(seeds)
def test_names_order_scale_and_place_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, labels = rng.standard_normal((60, 5)), rng.integers(0, 4, 60)
    order = rng.permutation(60)
    value = coherence(points, labels)
    assert coherence(points[order], 9 - labels[order]) == pytest.approx(value)
    assert coherence(points * 1000 + 7, labels) == pytest.approx(value, abs=1e-9)


def test_the_mean_is_over_members_not_over_clusters() -> None:
    # Opposite pairs on two axes: a cluster of three equal points (cosine 1 each), and
    # one of two orthogonal points (cosine √½ each).
    points = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [-1, 0]], dtype=float)
    labels = np.array([0, 0, 0, 1, 1])
    assert coherence(points, labels, centered=False) == pytest.approx((3 + 2 * np.sqrt(0.5)) / 5)


def test_points_without_spread_score_zero() -> None:
    assert coherence(np.ones((6, 3)), np.array([0, 0, 0, 1, 1, 1])) == 0


def test_measured_in_all_spaces_with_values_on_random_labels() -> None:
    space, truth = blobs((80, 60, 40), seed=2, dimensions=8)
    labels = canonical(truth)
    core = np.where(np.arange(180) % 9 == 0, -1, labels).astype(np.int32)
    nothing = np.zeros(180, dtype=np.float32)
    clustering = Clustering(lambda: space, core, labels, nothing)
    noise = np.random.default_rng(0).standard_normal((180, 8))
    found = measure_coherence(clustering, space + 3, noise, n_random=5, seed=1)
    assert found.reduced.centered == pytest.approx(coherence(space, labels))
    assert found.fused.centered == pytest.approx(found.reduced.centered, abs=1e-5)
    assert found.fused.uncentered > found.fused.centered
    assert found.text.centered < 0.35
    assert found.reduced.random_centered < 0.3
    assert found.reduced.centered > 0.9
    assert found.fused.random_uncentered > 0.9
    assert found.reduced.core_only == pytest.approx(found.reduced.centered, abs=0.02)
    assert found.silhouette > 0.7
