"""Outcome and message of every kind of figure."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ri_assets.config import GateSettings, load_profile
from ri_assets.quality.checks import Bounds, Check, checks_of
from ri_assets.quality.judge import judge, judge_all, threshold_text
from ri_assets.quality.metrics import Figure
from ri_assets.records.display import without_outcome
from ri_assets.records.manifest import Verdict

GATES = load_profile("report").gates
METRIC = "coherence"  # any with a null


def check(bounds: Bounds, **changes: Any) -> Check:
    fields: dict[str, Any] = {
        "asset": "clusters",
        "name": "figure",
        "judges": METRIC,
        "sentence": "it is {value} ({needs})",
        "remedy": "do this",
        "bounds": lambda _: bounds,
        **changes,
    }
    return Check(**fields)


def said(
    bounds: Bounds, value: float | None, null_p95: float | None = None, **changes: Any
) -> Verdict:
    return judge(check(bounds, **changes), Figure(METRIC, value, 7, 0.1, null_p95), GATES, "abc")


@pytest.mark.parametrize(
    ("bounds", "passing", "failing", "needs"),
    [
        ((0.5, None), 0.5, 0.4999, "needs 0.5"),
        ((None, 20), 20, 20.1, "at most 20"),
        ((8, 15), 8, 7, "needs 8 to 15"),
        ((8, 15), 15, 16, "needs 8 to 15"),
        ((0, 0), 0, 1, "needs 0"),
        ((0, 0), 0, -1, "needs 0"),
    ],
)
def test_bounds_are_inclusive(bounds: Bounds, passing: float, failing: float, needs: str) -> None:
    good, bad = said(bounds, passing), said(bounds, failing)
    assert good.is_passed
    assert good.message == f"Passed: it is {passing:g} ({needs})."
    assert not bad.is_passed
    assert bad.message == f"Failed: it is {failing:g} ({needs}). What to do: do this."


def test_a_good_value_that_noise_reaches_fails() -> None:
    assert said((0.6, None), 0.71, 0.70, must_beat_null=True).is_passed
    equal = said((0.6, None), 0.70, 0.70, must_beat_null=True)
    assert not equal.is_passed
    assert "needs more than the 0.7 of data without structure" in equal.message
    assert "null p95 0.700" in equal.threshold


def test_a_value_within_the_margin_of_noise_fails() -> None:
    margin = {"must_beat_null": True, "null_margin": lambda _: 0.1}
    assert said((0.6, None), 0.81, 0.70, **margin).is_passed
    near = said((0.6, None), 0.79, 0.70, **margin)
    assert not near.is_passed
    assert "needs more than 0.8, 0.1 above the 0.7 of data without structure" in near.message
    assert near.threshold == ">= 0.6 and > null p95 0.700 + 0.1"


def test_a_null_that_was_not_measured_fails() -> None:
    verdict = said((0.6, None), 0.99, None, must_beat_null=True)
    assert not verdict.is_passed
    expected = "(needs 0.6 and more than data without structure, which was not measured)"
    assert expected in verdict.message


@pytest.mark.parametrize("bounds", [(None, None), (0, 0), (0.6, None), (None, 20)])
@pytest.mark.parametrize("must_beat_null", [True, False])
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_was_not_measured_never_passes(
    bounds: Bounds, must_beat_null: bool, value: float | None
) -> None:
    verdict = said(bounds, value, 0.5, must_beat_null=must_beat_null)
    assert not verdict.is_passed
    assert verdict.message == "Failed: this could not be measured. What to do: do this."


def test_a_verdict_carries_what_was_measured() -> None:
    verdict = said((0.6, None), 0.75, is_blocking=False)
    assert (verdict.asset, verdict.check, verdict.sha256) == ("clusters", "figure", "abc")
    assert (verdict.value, verdict.baseline, verdict.n) == (0.75, 0.1, 7)
    assert not verdict.is_blocking
    assert math.isnan(said((0.6, None), None).value)


def test_a_check_that_only_warns_says_so() -> None:
    assert said((0.6, None), 0.5, is_blocking=False).message.startswith("Warning: ")


def test_a_threshold_comes_from_the_profile() -> None:
    strict = GateSettings.model_validate({**GATES.model_dump(), "coverage_min": 1.0})
    [of_coverage] = [check for check in checks_of("clusters") if check.name == "coverage"]
    figure = Figure("coverage", 0.97, 100)
    assert judge(of_coverage, figure, GATES, "").is_passed
    assert not judge(of_coverage, figure, strict, "").is_passed


def test_figures_that_a_broken_contract_hides_fail_and_say_why() -> None:
    checks = [check((0, 0), name="contract", judges=""), check((None, None))]
    broken, hidden = judge_all(checks, {"contract": Figure("contract", 2, 10)}, GATES, "")
    assert not broken.is_passed
    assert not hidden.is_passed
    assert hidden.n == 0
    assert hidden.message == (
        "Failed: this could not be measured: the tables break their data contract. "
        "What to do: see the check contract of this asset."
    )


def test_thresholds_in_short() -> None:
    assert threshold_text((0, 0)) == "= 0"
    assert threshold_text((8, 15)) == "8 to 15"
    assert threshold_text((0.85, None)) == ">= 0.85"
    assert threshold_text((None, 20.0)) == "<= 20"
    assert threshold_text((None, None)) == "> null"


def test_a_figures_own_remedy_comes_first() -> None:
    figure = Figure(METRIC, 0.5, 10, remedy="do that")
    assert judge(check((0.85, None)), figure, GATES, "").message.endswith("What to do: do that.")


def test_tables_show_a_message_without_its_outcome() -> None:
    assert without_outcome(said((0.6, None), 0.7).message) == "it is 0.7 (needs 0.6)."
    earlier = "coherence 0.9554 keeps >= 0.7"  # as a snapshot of an earlier version has it
    assert without_outcome(earlier) == earlier
