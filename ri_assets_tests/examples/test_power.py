"""The power calculation: does an experiment of that size show the change as often as it says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from ri_assets.errors import QueryError
from ri_assets.records.answers import Audience
from ri_assets_tests.examples.conftest import EXAMPLES


@pytest.fixture(scope="module")
def power() -> Iterator[ModuleType]:
    sys.path.insert(0, str(EXAMPLES))
    yield import_module("power")
    sys.path.remove(str(EXAMPLES))


def shown_share(rate: float, other: float, n_a: int, n_b: int, alpha: float) -> float:
    """How often a z test of two drawn shares finds them different."""
    rng = np.random.default_rng(0)
    a, b = rng.binomial(n_a, rate, 20_000) / n_a, rng.binomial(n_b, other, 20_000) / n_b
    both = (a * n_a + b * n_b) / (n_a + n_b)
    error = np.sqrt(both * (1 - both) * (1 / n_a + 1 / n_b))
    return float((np.abs(a - b) > norm.isf(alpha / 2) * error).mean())


@pytest.mark.parametrize(
    ("rate", "n_a", "n_b", "alpha"),
    [(0.5, 200, 200, 0.05), (0.8, 183, 233, 0.05), (0.1, 400, 300, 0.05), (0.8, 402, 402, 0.005)],
)
def test_a_detectable_change_is_found_four_times_in_five(
    power: ModuleType, rate: float, n_a: int, n_b: int, alpha: float
) -> None:
    change = power.detectable(rate, n_a, n_b, alpha)
    other = rate - change if rate > 0.5 else rate + change
    assert shown_share(rate, other, n_a, n_b, alpha) == pytest.approx(0.8, abs=0.04)


@settings(max_examples=25)
@given(rate=st.floats(0.01, 0.99), n=st.integers(2, 5000))
def test_more_authors_show_smaller_changes(power: ModuleType, rate: float, n: int) -> None:
    few, many = (power.detectable(rate, size, size, 0.05) for size in (n, 2 * n))
    assert many is not None or few is None
    assert few is None or (0 < many < few <= 1)


@settings(max_examples=25)
@given(rate=st.floats(0, 1), change=st.floats(0.02, 0.5))
def test_what_is_needed_is_what_detects_it(power: ModuleType, rate: float, change: float) -> None:
    n = power.needed(rate, change, 0.05)
    found = power.detectable(rate, n, n, 0.05)
    assert found is None or found <= change * 1.001 or n <= 2


def audience(**known: object) -> Audience:
    values: dict[str, object] = {
        "personas": ("P01",), "tweet_count": 300, "share": 0.2, "author_count": 100,
        "author_share": 0.2, "tweets_per_author": 3.0, "reply_share": 0.7,
        "reply_design_effect": 1.5, "first_tweet_at": None, "last_tweet_at": None,
    }  # fmt: skip
    return Audience(**(values | known))


def test_all_tweets_count_for_what_their_likeness_leaves(power: ModuleType) -> None:
    assert power.group(audience(), None).observations == pytest.approx(300 / 1.5)
    # An estimate below 1 is chance; one above the tweets of an author leaves one tweet each.
    assert power.group(audience(reply_design_effect=0.8), None).observations == 300
    assert power.group(audience(reply_design_effect=9.0), None).observations == 100
    assert power.group(audience(), 0.05).observations == 100
    assert power.group(audience(author_count=101), None).half().authors == 50


def test_without_authors_or_a_rate_there_is_no_design(power: ModuleType) -> None:
    with pytest.raises(QueryError, match="names no author"):
        power.group(audience(author_count=None, tweets_per_author=None), None)
    with pytest.raises(QueryError, match="--baseline"):
        power.group(audience(reply_share=None), None)


def test_two_tweets_show_nothing(power: ModuleType) -> None:
    assert power.detectable(0.8, 1, 1, 0.05) is None
    assert power.detectable(0.8, 2, 2, 0.05) is None
