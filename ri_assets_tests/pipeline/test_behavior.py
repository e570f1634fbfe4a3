from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.config import BehaviorSettings
from ri_assets.pipeline.behavior import behavioral_features, thread_roots
from ri_assets.pipeline.features import FEATURES, NAMES
from ri_assets_tests.posts import replies, tweets

SETTINGS = BehaviorSettings(timezone="Asia/Kolkata", working_hours=(9, 18), night_hours=(23, 5))
NO_REPLIES = replies([])


def features(frame: pd.DataFrame, answers: pd.DataFrame = NO_REPLIES) -> pd.DataFrame:
    return behavioral_features(frame, answers, SETTINGS).features


def test_there_are_eight_twelve_ten_and_six() -> None:
    assert Counter(feature.group for feature in FEATURES) == {
        "temporal": 8,
        "interaction": 12,
        "style": 10,
        "network": 6,
    }
    assert len(set(NAMES)) == 36


def test_hours_are_read_in_the_configured_zone() -> None:
    # 18:30 UTC on Friday 6 March 2026 is midnight on Saturday in India.
    row = features(tweets(["a"], created_at=["2026-03-06T18:30:00Z"])).iloc[0]
    assert row.hour_sin == pytest.approx(0, abs=1e-6)
    assert row.hour_cos == pytest.approx(1)
    assert (row.is_weekend, row.is_night, row.is_working_hours) == (1, 1, 0)


def test_working_hours_begin_and_end_on_weekdays() -> None:
    times = [
        "2026-03-06T03:30:00Z",
        "2026-03-06T12:29:00Z",
        "2026-03-06T12:30:00Z",
        "2026-03-07T05:00:00Z",
    ]
    assert features(tweets(list("abcd"), created_at=times))["is_working_hours"].tolist() == [
        1,
        1,
        0,
        0,
    ]


def test_threads_are_followed_through_replies_to_replies() -> None:
    frame = tweets(["q1", "q2"], author_id=[10, 20], created_at=["2026-01-01T00:00:00Z"] * 2)
    answers = replies(
        ["brand answers", "author answers back", "a stranger", "lost"],
        in_reply_to_tweet_id=[1, 1001, 1002, 999_999],
        author_id=[77, 10, 88, 99],
        created_at=["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z", "2026-01-01T03:00:00Z", None],
    )
    roots = thread_roots(frame, answers).tolist()
    assert roots[:3] == [1, 1, 1]
    assert pd.isna(roots[3])
    first, second = features(frame, answers).to_dict("records")
    assert np.expm1(first["thread_replies_log"]) == pytest.approx(3, rel=1e-5)
    assert np.expm1(first["thread_authors_log"]) == pytest.approx(2, rel=1e-5)
    assert first["own_reply_share"] == pytest.approx(1 / 3)
    assert np.expm1(first["first_reply_hours_log"]) == pytest.approx(1, rel=1e-5)
    assert second["thread_replies_log"] == 0
    assert np.isnan(second["first_reply_hours_log"])


def test_a_circle_of_replies_ends() -> None:
    answers = replies(["a", "b"], in_reply_to_tweet_id=[1002, 1001])
    assert thread_roots(tweets(["q"]), answers).isna().all()


def test_style_looks_past_handles_and_links() -> None:
    row = features(tweets(["@shop WHY so sloooow?! 😡 https://t.co/x #fail"])).iloc[0]
    said = "WHY so sloooow?! 😡 #fail"
    assert np.expm1(row.chars_log) == pytest.approx(len(said), rel=1e-5)
    assert np.expm1(row.words_log) == pytest.approx(4, rel=1e-5)
    assert np.expm1(row.emoji_log) == pytest.approx(1, rel=1e-5)
    assert row.elongated_share == pytest.approx(0.25)
    assert row.upper_share == pytest.approx(3 / 16)
    assert (
        row.is_addressed,
        np.expm1(row.hashtags_log).round(),
        np.expm1(row.links_log).round(),
    ) == (1, 1, 1)


def test_what_the_source_lacks_is_missing_and_named() -> None:
    result = behavioral_features(tweets(["only text here"]), NO_REPLIES, SETTINGS)
    assert result.lacking["hour_sin"] == ("created_at",)
    assert result.lacking["account_years_log"] == ("author_created_at", "created_at")
    assert "words_log" not in result.lacking
    lacking = result.features[list(result.lacking)]
    assert lacking.isna().all(axis=None)
    assert result.features.drop(columns=list(result.lacking)).notna().all(axis=None)


@given(st.lists(st.text(max_size=80), min_size=1, max_size=12))
def test_any_text_stays_in_range(texts: list[str]) -> None:
    frame = features(
        tweets(texts, like_count=[2**40] * len(texts), author_verified=[True] * len(texts))
    )
    assert list(frame.columns) == ["tweet_id", *NAMES]
    for feature in FEATURES:
        values = frame[feature.name].dropna()
        assert values.between(feature.low, feature.high).all(), feature.name


def test_row_order_never_matters() -> None:
    frame = tweets(
        ["one a", "two b", "three c"], author_id=[5, 5, 6], created_at=["2026-01-01T00:00:00Z"] * 3
    )
    pd.testing.assert_frame_equal(features(frame), features(frame.iloc[[2, 0, 1]]))
