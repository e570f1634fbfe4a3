from __future__ import annotations

import math
from typing import Any

import pytest

from ri_assets.checks.figures import Figure
from ri_assets.checks.judge import judge, judge_all, threshold_text
from ri_assets.checks.table import Bounds, Check, checks_of
from ri_assets.config import GateSettings, load_profile
from ri_assets.records.manifest import Verdict

GATES = load_profile("report").gates


def check(bounds: Bounds, **changes: Any) -> Check:
    fields: dict[str, Any] = {
        "asset": "clusters",
        "name": "figure",
        "bounds": lambda _: bounds,
        "is_blocking": True,
        "must_beat_null": False,
        "why": "why",
        "remedy": "do this",
        **changes,
    }
    return Check(**fields)


def said(bounds: Bounds, value: float, null_p95: float | None = None, **changes: Any) -> Verdict:
    return judge(check(bounds, **changes), Figure(value, 7, 0.1, null_p95), GATES, "abc")


@pytest.mark.parametrize(
    ("bounds", "passing", "failing", "found"),
    [
        ((0.5, None), 0.5, 0.4999, "below 0.5"),
        ((None, 20), 20, 20.1, "above 20"),
        ((8, 15), 8, 7, "below 8"),
        ((8, 15), 15, 16, "above 15"),
        ((0, 0), 0, 1, "above 0"),
        ((0, 0), 0, -1, "below 0"),
    ],
)
def test_bounds_are_inclusive(bounds: Bounds, passing: float, failing: float, found: str) -> None:
    good, bad = said(bounds, passing), said(bounds, failing)
    assert good.is_passed
    assert "Remedy" not in good.message
    assert not bad.is_passed
    assert found in bad.message
    assert bad.message.endswith("Remedy: do this")


def test_a_good_value_that_noise_reaches_fails() -> None:
    assert said((0.6, None), 0.71, 0.70, must_beat_null=True).is_passed
    equal = said((0.6, None), 0.70, 0.70, must_beat_null=True)
    assert not equal.is_passed
    assert "no better than structureless data (p95 0.700)" in equal.message
    assert "null p95 0.700" in equal.threshold


def test_a_value_within_the_margin_of_noise_fails() -> None:
    margin = {"must_beat_null": True, "null_margin": lambda _: 0.1}
    assert said((0.6, None), 0.81, 0.70, **margin).is_passed
    near = said((0.6, None), 0.79, 0.70, **margin)
    assert not near.is_passed
    assert "less than 0.1 above structureless data (p95 0.700)" in near.message
    assert near.threshold == ">= 0.6 and > null p95 0.700 + 0.1"


def test_a_null_that_was_not_computed_fails() -> None:
    verdict = said((0.6, None), 0.99, None, must_beat_null=True)
    assert not verdict.is_passed
    assert "its null was not computed" in verdict.message


@pytest.mark.parametrize("bounds", [(None, None), (0, 0), (0.6, None), (None, 20)])
@pytest.mark.parametrize("must_beat_null", [True, False])
def test_not_a_number_never_passes(bounds: Bounds, must_beat_null: bool) -> None:
    verdict = said(bounds, math.nan, 0.5, must_beat_null=must_beat_null)
    assert not verdict.is_passed
    assert "could not be computed" in verdict.message


def test_every_problem_is_told_at_once() -> None:
    message = said((0.6, None), 0.2, 0.3, must_beat_null=True).message
    assert "below 0.6 and no better than" in message


def test_a_verdict_carries_what_was_measured() -> None:
    verdict = said((0.6, None), 0.75, is_blocking=False)
    assert (verdict.asset, verdict.check, verdict.sha256) == ("clusters", "figure", "abc")
    assert (verdict.value, verdict.baseline, verdict.n) == (0.75, 0.1, 7)
    assert not verdict.is_blocking


def test_a_threshold_comes_from_the_profile() -> None:
    strict = GateSettings.model_validate({**GATES.model_dump(), "coverage_min": 1.0})
    [of_coverage] = [check for check in checks_of("clusters") if check.name == "coverage"]
    figure = Figure(0.97, 100)
    assert judge(of_coverage, figure, GATES, "").is_passed
    assert not judge(of_coverage, figure, strict, "").is_passed


def test_figures_that_a_broken_contract_hides_fail() -> None:
    checks = [check((0, 0), name="contract"), check((None, None), name="other")]
    broken, hidden = judge_all(checks, {"contract": Figure(2, 10)}, GATES, "")
    assert not broken.is_passed
    assert not hidden.is_passed
    assert hidden.n == 0


def test_thresholds_in_words() -> None:
    assert threshold_text((0, 0)) == "= 0"
    assert threshold_text((8, 15)) == "8 to 15"
    assert threshold_text((0.85, None)) == ">= 0.85"
    assert threshold_text((None, 20.0)) == "<= 20"
    assert threshold_text((None, None)) == "> null"


def test_a_failing_check_says_what_made_the_value() -> None:
    figure = Figure(0.5, 10, because="short took most, 5 of 10 tweets")
    bad = judge(check((0.85, None)), figure, GATES, "")
    assert "below 0.85 (short took most, 5 of 10 tweets). Remedy" in bad.message
    assert "short" not in judge(check((0.4, None)), figure, GATES, "").message
