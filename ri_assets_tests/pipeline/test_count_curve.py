"""The curve over the number of clusters and the choice, on figures made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.config import load_profile
from ri_assets.pipeline.count_curve import CurvePoint, choose, count_curve
from ri_assets.pipeline.null_model import Baseline
from ri_assets.pipeline.stability import Rerun

GATES = load_profile("frozen-2026-11").gates


def point(
    count: int, ari: float, *, null: float = 0.4, error: float = 0.02, jaccard: float = 0.8
) -> CurvePoint:
    return CurvePoint(
        count, ari, error, Baseline((null,), null, null), (ari - null) / (1 - null), jaccard
    )


def test_the_highest_lift_wins_not_the_highest_agreement() -> None:
    curve = [point(8, 0.80, null=0.7), point(12, 0.75, null=0.4)]
    assert choose(curve, 0.6, GATES, None) == 12


def test_of_equal_numbers_the_largest_is_taken() -> None:
    curve = [point(8, 0.80), point(10, 0.80), point(12, 0.79)]
    assert choose(curve, 0.6, GATES, None) == 10


def test_numbers_that_clear_the_gates_come_first() -> None:
    """Eight agree best, but structureless data may, too; of ten a cluster is not found again."""
    unclear = replace(point(8, 0.85, null=0.2), null=Baseline((0.2,), 0.2, 0.74))
    assert choose([unclear, point(10, 0.7, jaccard=0.5)], 0.6, GATES, None) == 10
    assert choose([unclear, point(10, 0.7, jaccard=0.5)], 0.6, GATES, 8) == 10
    assert choose([unclear, point(10, 0.61)], 0.6, GATES, None) == 8  # by a standard error


def test_a_point_is_clear_of_both_gates_by_a_standard_error() -> None:
    assert point(8, 0.63, error=0.02, null=0.3).is_clear(GATES)
    assert not point(8, 0.61, error=0.02, null=0.3).is_clear(GATES)
    assert point(8, 0.73, error=0.02, null=0.6).is_clear(GATES)
    assert not point(8, 0.71, error=0.02, null=0.6).is_clear(GATES)


def test_within_a_standard_error_the_published_number_is_kept() -> None:
    curve = [point(8, 0.80), point(9, 0.79), point(10, 0.79), point(12, 0.70)]
    assert choose(curve, 0.6, GATES, 9) == 9
    assert choose(curve, 0.6, GATES, 8) == 8
    assert choose(curve, 0.6, GATES, 12) == 8  # no longer as good
    assert choose(curve, 0.6, GATES, 11) == 8  # not on the curve


def test_a_number_with_a_cluster_that_draws_do_not_find_again_comes_last() -> None:
    curve = [point(8, 0.7, jaccard=0.65), point(12, 0.9, jaccard=0.3)]
    assert choose(curve, 0.6, GATES, None) == 8
    assert choose(curve, 0.6, GATES, 12) == 8


@settings(max_examples=50)
@given(st.permutations(range(4)), st.integers(0, 3))
def test_the_order_of_the_curve_does_not_matter(order: list[int], previous: int) -> None:
    curve = [point(8, 0.7), point(9, 0.75, jaccard=0.4), point(10, 0.74), point(11, 0.73)]
    assert choose([curve[i] for i in order], 0.6, GATES, 8 + previous) == choose(
        curve, 0.6, GATES, 8 + previous
    )


def test_figures_of_a_point_by_hand() -> None:
    """Three draws at two groups: two find them again, one cuts across."""
    groups = np.repeat(np.arange(2), 6).astype(np.int32)
    across = (np.arange(12) % 2).astype(np.int32)
    open_labels = np.arange(12).astype(np.int32)
    everyone = np.arange(12)
    draws = [Rerun(everyone, open_labels, {2: found}) for found in (groups, 1 - groups, across)]
    pair = (Rerun(everyone, open_labels, {2: groups}), Rerun(everyone, open_labels, {2: across}))
    [found] = count_curve({2: groups}, draws, [pair, pair])
    crossed = (12 - 30 * 30 / 66) / (30 - 30 * 30 / 66)
    values = np.array([1, 1, crossed])
    assert found.count == 2
    assert found.resample_ari == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(values.std(ddof=1) / 3**0.5)
    assert found.null.values == pytest.approx((crossed, crossed))
    assert found.lift == pytest.approx((values.mean() - crossed) / (1 - crossed))
    assert found.min_jaccard == pytest.approx((1 + 1 + 3 / 9) / 3)
