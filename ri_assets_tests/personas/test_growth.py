from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ri_assets.personas.growth import GROWTH_COLUMNS, growth_table

START = pd.Timestamp("2025-01-01", tz="UTC")


def _corpus(halves: list[tuple[int, int]], days: float = 60) -> tuple[pd.Series, NDArray[np.int64]]:
    """So many tweets of each cluster in the first and in the second half."""
    times, labels = [START, START + pd.Timedelta(days=days)], [0, 0]
    for cluster, (before, after) in enumerate(halves):
        for share, n in ((0.25, before), (0.75, after)):
            times += [START + pd.Timedelta(days=days * share)] * n
            labels += [cluster] * n
    return pd.Series(times), np.array(labels)


def _trends(table: pd.DataFrame) -> list[str]:
    return table["trend"].tolist()


def test_what_grows_against_the_corpus_emerges_and_nothing_else() -> None:
    table = growth_table(*_corpus([(100, 100), (20, 80), (80, 20), (50, 55)]))
    assert _trends(table) == ["no clear change", "emerging", "fading", "no clear change"]
    row = table.iloc[1]
    assert row["growth_ratio"] == pytest.approx((80 / 20) / (176 / 231), rel=0.05)
    assert 1 < row["growth_low"] < row["growth_ratio"] < row["growth_high"]
    assert "20 tweets in the first half" in row["trend_basis"]


def test_a_corpus_that_grows_as_a_whole_makes_nothing_emerge() -> None:
    table = growth_table(*_corpus([(40, 160), (30, 120), (20, 80)]))
    assert _trends(table) == ["no clear change"] * 3


@pytest.mark.parametrize(
    ("days", "missing", "halves", "why"),
    [
        (13.9, 0.0, [(50, 50), (10, 90)], "span 13.9 days"),
        (60, 0.2, [(50, 50), (10, 90)], "have a time"),
        (60, 1.0, [(50, 50), (10, 90)], "0% of the tweets have a time"),
        (60, 0.0, [(2, 500), (2, 400)], "lie in the second half"),
    ],
)
def test_nothing_is_claimed_where_times_do_not_suffice(
    days: float, missing: float, halves: list[tuple[int, int]], why: str
) -> None:
    times, labels = _corpus(halves, days)
    times[np.random.default_rng(0).random(len(times)) < missing] = pd.NaT
    table = growth_table(times, labels)
    assert set(_trends(table)) == {"unknown"}
    assert table[["growth_ratio", "growth_low", "growth_high"]].isna().all(axis=None)
    assert table["trend_basis"].str.contains(why).all()


def test_a_persona_of_few_tweets_has_no_trend() -> None:
    table = growth_table(*_corpus([(100, 100), (0, 9)]))
    assert _trends(table) == ["no clear change", "unknown"]


def test_chance_rarely_emerges() -> None:
    """Jointly for all personas of a corpus, at most one corpus in twenty (and some noise)."""
    rng = np.random.default_rng(7)
    false = 0
    for _ in range(200):
        times = START + pd.to_timedelta(rng.random(1200) * 60, unit="D")
        table = growth_table(pd.Series(times), rng.integers(0, 10, 1200))
        false += set(_trends(table)) != {"no clear change"}
    assert false <= 20


@given(st.permutations(range(40)), st.integers(0, 3))
@settings(max_examples=20)
def test_order_changes_nothing(order: list[int], shift: int) -> None:
    times = pd.Series([START + pd.Timedelta(days=(n * 7) % 40) for n in range(40)])
    labels = (np.arange(40) + shift) % 2
    expected = growth_table(times, labels)
    mixed = growth_table(times.iloc[np.array(order)].reset_index(drop=True), labels[order])
    pd.testing.assert_frame_equal(mixed, expected)
    assert list(expected.columns) == list(GROWTH_COLUMNS)
