"""The table of metrics, and one figure on its way from the run to JSON and back."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.config import load_profile
from ri_assets.quality.checks import CHECKS, Check
from ri_assets.quality.metrics import HEADLINES, METRICS, Figure, flat
from ri_assets.quality.tables import figure_table, read_figures
from ri_assets.quality.units import Direction, Null, Unit
from ri_assets.records.quality import FIGURES

GATES = load_profile("report").gates
VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.asset}.{check.name}")
def test_thresholds_agree_with_the_direction_of_the_metric(check: Check) -> None:
    low, high = check.bounds(GATES)
    if low is None:
        assert check.metric.better is Direction.LOWER
    elif high is None:
        assert check.metric.better is Direction.HIGHER
    if check.must_beat_null:
        assert check.metric.null is not Null.NONE


def test_headlines_are_stored_and_compared_with_a_null() -> None:
    assert HEADLINES == ("coherence", "resample_ari", "seed_ari", "silhouette")
    for name in HEADLINES:
        assert METRICS[name].stored_in == "clusters"
        assert METRICS[name].null is Null.RANDOM_DATA


@given(VALUES, VALUES, VALUES, st.integers(0, 10**6), st.sampled_from(["", "two of them"]))
def test_a_figure_survives_json_and_the_stored_table(
    value: float | None, mean: float | None, p95: float | None, n: int, detail: str
) -> None:
    figure = Figure("resample_ari", value, n, mean, p95, detail)
    assert Figure.of_row(json.loads(json.dumps(figure.row(), allow_nan=False))) == figure
    table = figure_table([figure])
    assert list(table.columns) == FIGURES.names
    assert read_figures(table) == {"resample_ari": figure}


def test_what_was_not_measured_is_missing_and_never_zero() -> None:
    figures = [Figure("coherence", None, 0), Figure("seed_ari", 0.0, 3, 0.1, 0.2)]
    table = figure_table(figures).set_index("figure")["value"]
    assert math.isnan(table["coherence"])
    assert table["seed_ari"] == 0
    assert flat(figures) == {
        "coherence": None,
        "seed_ari": 0.0,
        "seed_ari_null_mean": 0.1,
        "seed_ari_null_p95": 0.2,
    }


def test_a_figure_of_another_version_is_left_out() -> None:
    table = figure_table([Figure("coherence", 0.9, 5)])
    other = table.assign(figure="of_tomorrow")
    assert read_figures(pd.concat([table, other])).keys() == {"coherence"}


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (Unit.SHARE, 0.8986, "90%"),
        (Unit.SHARE, 0.997, "99.7%"),
        (Unit.SHARE, 1.0, "100%"),
        (Unit.SHARE, 0.0004, "0.04%"),
        (Unit.SHARE, 0.0, "0%"),
        (Unit.AGREEMENT, -0.0001, "-0.01%"),
        (Unit.COSINE, -0.001, "0"),
        (Unit.COSINE, 0.9554, "0.96"),
        (Unit.COUNT, 1454, "1,454"),
        (Unit.RATIO, 4.04, "4 times"),
        (Unit.RATIO, 4.16, "4.2 times"),
    ],
)
def test_values_in_words(unit: Unit, value: float, shown: str) -> None:
    assert unit.text(value) == shown


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_values_that_differ_look_different(value: float, other: float) -> None:
    if abs(value - other) > 1e-12:
        assert Unit.SHARE.text(value, (other,)) != Unit.SHARE.text(other, (value,))
