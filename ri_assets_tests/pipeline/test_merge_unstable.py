"""Which clusters are joined, on partitions and draws made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ri_assets.config import Profile
from ri_assets.pipeline.cluster import Clustering, assign_noise
from ri_assets.pipeline.consensus import Consensus
from ri_assets.pipeline.count_curve import CurvePoint
from ri_assets.pipeline.ensemble import BaseClusterings
from ri_assets.pipeline.fit import ConsensusClustering
from ri_assets.pipeline.merge_unstable import merge_unstable
from ri_assets.pipeline.null_model import Baseline
from ri_assets.pipeline.out_of_sample import draw_subsample
from ri_assets.pipeline.stability import Rerun, cluster_stability
from ri_assets_tests.pipeline.clouds import (
    CONSENSUS,
    HDBSCAN,
    Float32,
    Labels,
    small_profile,
)

SIZES = (60, 50, 40, 30)
TRUTH = np.repeat(np.arange(len(SIZES)), SIZES).astype(np.int32)


def profile(fewest: int = 2, min_jaccard: float = 0.5) -> Profile:
    plain = small_profile(CONSENSUS.model_copy(update={"min_jaccard": min_jaccard}))
    gates = plain.gates.model_copy(update={"personas_min": fewest})
    return plain.model_copy(update={"gates": gates})


def points() -> Float32:
    rng = np.random.default_rng(0)
    noisy = np.eye(len(SIZES))[TRUTH] + 0.02 * rng.standard_normal((len(TRUTH), len(SIZES)))
    return np.asarray(noisy / np.linalg.norm(noisy, axis=1, keepdims=True), dtype=np.float32)


def curve(nulls: Mapping[int, float] | None = None) -> list[CurvePoint]:
    """Give what structureless data agree at each number, nothing if not said otherwise."""
    agreed = dict.fromkeys(range(1, 5), 0.0) | dict(nulls or {})
    return [
        CurvePoint(count, 1.0, 0.0, Baseline((null,), null, null), 1.0, 1.0)
        for count, null in agreed.items()
    ]


def fit_of(groups: Labels) -> ConsensusClustering:
    """Give the consensus of an ensemble of one run, which found the groups."""
    space = points()
    found = Consensus(
        runs=BaseClusterings(groups[None, :], np.zeros(len(groups), dtype=np.float32)),
        directions=space,
        coordinates=space.astype(np.float64),
        groups=groups,
        settings=CONSENSUS,
    )
    whole = draw_subsample(space, len(space), 1, 0)
    return ConsensusClustering.of(lambda: space, found, whole, space)


def draw(seed: int, labels: NDArray[np.integer]) -> Rerun:
    rows = np.sort(np.random.default_rng(seed).choice(len(labels), 140, replace=False))
    return Rerun(rows, labels[rows].astype(np.int32))


def merged(group: int, other: int) -> NDArray[np.integer]:
    return np.where(group == TRUTH, other, TRUTH)


def together(fit: Clustering) -> set[frozenset[int]]:
    """Give the planted groups that share each cluster."""
    return {frozenset(TRUTH[fit.labels == cluster].tolist()) for cluster in range(fit.count)}


def test_a_cluster_that_draws_do_not_find_again_joins_the_one_they_put_it_with() -> None:
    """It is the smaller part of group 1 in three draws of four, so it is found by 0.6 at most."""
    draws = [draw(seed, TRUTH if seed % 4 == 0 else merged(3, 1)) for seed in range(12)]
    left, joined = merge_unstable(fit_of(TRUTH), draws, profile(min_jaccard=0.6), curve())
    assert together(left) == {frozenset({0}), frozenset({1, 3}), frozenset({2})}
    assert [item.tweets for item in joined] == [30]
    assert joined[0].jaccard == pytest.approx(cluster_stability(TRUTH, draws)[3].jaccard, abs=1e-12)
    assert joined[0].jaccard < 0.6
    assert min(item.jaccard for item in cluster_stability(left.labels, draws)) > 0.8


def test_clusters_that_draws_find_again_stay() -> None:
    found = fit_of(TRUTH)
    left, joined = merge_unstable(
        found, [draw(seed, TRUTH) for seed in range(4)], profile(), curve()
    )
    assert left is found
    assert joined == ()


def test_no_more_are_joined_than_the_gate_wants() -> None:
    draws = [draw(seed, merged(3, 1)) for seed in range(4)]
    found = fit_of(TRUTH)
    assert merge_unstable(found, draws, profile(fewest=4, min_jaccard=0.6), curve()) == (found, ())
    assert merge_unstable(found, draws, profile(fewest=3, min_jaccard=0.6), curve())[0].count == 3


def test_two_clusters_stay_whatever_the_draws_say() -> None:
    rng = np.random.default_rng(1)
    draws = [draw(seed, rng.integers(0, 4, len(TRUTH))) for seed in range(4)]
    left, _ = merge_unstable(fit_of(TRUTH), draws, profile(fewest=1), curve())
    assert left.count >= 2


def test_where_joining_does_not_help_the_clusters_stay_as_they_were() -> None:
    """Draws break groups 2 and 3 into crumbs: the join of both is found again no better."""
    rng = np.random.default_rng(2)
    labels = np.where(TRUTH < 2, TRUTH, 2 + rng.integers(0, 60, len(TRUTH)))
    found = fit_of(TRUTH)
    draws = [draw(seed, labels) for seed in range(4)]
    assert merge_unstable(found, draws, profile(fewest=3), curve()) == (found, ())


def test_a_cluster_found_well_enough_stays_though_joined_it_would_be_found_better() -> None:
    draws = [draw(seed, TRUTH if seed % 2 == 0 else merged(3, 1)) for seed in range(12)]
    found = fit_of(TRUTH)
    assert merge_unstable(found, draws, profile(min_jaccard=0.6), curve()) == (found, ())
    assert merge_unstable(found, draws, profile(min_jaccard=0.8), curve())[0].count == 3


def test_only_a_consensus_can_be_joined() -> None:
    draws = [draw(seed, merged(3, 1)) for seed in range(4)]
    space = points()
    found = assign_noise(lambda: space, TRUTH, np.ones(len(TRUTH), dtype=np.float32))
    assert merge_unstable(found, draws, profile(min_jaccard=0.9), curve()) == (found, ())
    assert merge_unstable(fit_of(TRUTH), draws, small_profile(HDBSCAN), curve())[1] == ()


def test_what_is_left_is_compared_with_draws_cut_at_as_many() -> None:
    """Cut into four, draws halve group 0; cut into three, they find the joined three."""
    halved = np.where(TRUTH == 3, 1, TRUTH) + 4 * (np.arange(len(TRUTH)) % 2) * (TRUTH == 0)
    draws = [
        Rerun(run.rows, run.labels, {4: halved[run.rows].astype(np.int32), 3: run.labels})
        for run in (draw(seed, merged(3, 1)) for seed in range(4))
    ]
    left, joined = merge_unstable(fit_of(TRUTH), draws, profile(fewest=3, min_jaccard=0.6), curve())
    assert len(joined) == 1
    assert together(left) == {frozenset({0}), frozenset({1, 3}), frozenset({2})}


def test_agreement_that_fewer_clusters_have_by_themselves_joins_nothing() -> None:
    draws = [draw(seed, TRUTH if seed % 4 == 0 else merged(3, 1)) for seed in range(12)]
    found, asked = fit_of(TRUTH), profile(min_jaccard=0.6)
    assert merge_unstable(found, draws, asked, curve({4: 0.5, 3: 0.5}))[0].count == 3
    assert merge_unstable(found, draws, asked, curve({4: 0.0, 3: 0.9})) == (found, ())


def test_what_is_clear_of_the_gates_is_not_joined_to_what_is_not() -> None:
    """Of three clusters structureless data sometimes agree as well, though not in the mean."""
    draws = [draw(seed, TRUTH if seed % 4 == 0 else merged(3, 1)) for seed in range(12)]
    found, asked = fit_of(TRUTH), profile(min_jaccard=0.6)
    spread = [
        replace(point, null=Baseline((0.0,), 0.0, 0.95 if point.count == 3 else 0.0))
        for point in curve()
    ]
    assert merge_unstable(found, draws, asked, spread) == (found, ())


def test_nothing_is_joined_to_a_number_whose_null_is_not_known() -> None:
    draws = [draw(seed, merged(3, 1)) for seed in range(12)]
    found = fit_of(TRUTH)
    known = [point for point in curve() if point.count == 4]
    assert merge_unstable(found, draws, profile(min_jaccard=0.6), known) == (found, ())
