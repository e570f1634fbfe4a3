from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.records.posts import REPLIES
from ri_assets.sources.values import ValueProblem, reader_of

READERS = {column.name: reader_of(column) for column in REPLIES.columns}
INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("column", "found", "expected"),
    [
        ("tweet_id", "1005577757262025429", 1005577757262025429),
        ("tweet_id", " 7 ", 7),
        ("tweet_id", Decimal(9007199254740993), 9007199254740993),
        ("tweet_id", 2**63 - 1, 2**63 - 1),
        ("tweet_id", "x1005577757262025429", 1005577757262025429),
        ("tweet_id", "7.0", 7),
        ("in_reply_to_tweet_id", "0", None),
        ("in_reply_to_tweet_id", 0, None),
        ("in_reply_to_tweet_id", -1, None),
        ("in_reply_to_tweet_id", "0.0", None),
        ("in_reply_to_tweet_id", "NA", None),
        ("like_count", "1.2K", 1200),
        ("like_count", "3M", 3_000_000),
        ("like_count", "1,204", 1204),
        ("like_count", " " * 30, None),
        ("like_count", -1, None),
        ("like_count", "-1", None),
        ("like_count", "12.0", 12),
        ("like_count", 12.0, 12),
        ("like_count", float("nan"), None),
        ("like_count", "  ", None),
        ("author_verified", "True", True),
        ("author_verified", "t", True),
        ("author_verified", "F", False),
        ("author_verified", b"\x01", True),
        ("author_verified", b"\x00", False),
        ("created_at", "0000-00-00 00:00:00", None),
        ("created_at", "2018-06-09 17:55:28 UTC", datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        ("created_at", "2018-06-09 17:55:28 +0000", datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        ("created_at", "2018-06-09 10:55:28 -0700", datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        ("created_at", "2018/6/9 17:55:28Z", datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        ("created_at", 1528566928, datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        ("created_at", "1528566928", datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        ("created_at", 1528566928000, datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        ("created_at", "1528566928123", datetime(2018, 6, 9, 17, 55, 28, 123000, UTC)),
        ("created_at", 1528566928.5, datetime(2018, 6, 9, 17, 55, 28, 500000, UTC)),
        ("author_verified", 0, False),
        ("created_at", "2018-06-09T17:55:28.5Z", datetime(2018, 6, 9, 17, 55, 28, 500000, UTC)),
        ("created_at", "2018-06-09 23:25:28+05:30", datetime(2018, 6, 9, 17, 55, 28, 0, UTC)),
        (
            "created_at",
            datetime(2018, 6, 9, 23, 25, tzinfo=INDIA),
            datetime(2018, 6, 9, 17, 55, 0, 0, UTC),
        ),
        (
            "created_at",
            "Wed Oct 10 20:19:24 +0000 2018",
            datetime(2018, 10, 10, 20, 19, 24, 0, UTC),
        ),
        ("author_handle", "@asha", "asha"),
        ("author_handle", 4711, "4711"),
        ("author_handle", "None", None),
        ("author_handle", "none", "none"),
        ("lang", "na", "na"),
        ("lang", "NA", None),
        ("source_app", '<a href="https://x">Twitter Lite</a>', "Twitter Lite"),
        ("text", "none", "none"),
        ("text", "NA", "NA"),
        ("text", "\\N", None),
        ("text", "  spaces stay \r\n", "  spaces stay \r\n"),
        ("text", "né".encode(), "né"),
        ("lang", "", None),
        ("in_reply_to_tweet_id", None, None),
    ],
)
def test_reads_what_sources_write(column: str, found: object, expected: object) -> None:
    read = READERS[column](found)
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize(
    ("column", "found", "reason"),
    [
        ("tweet_id", 1005577757262025429.0, "bad_id"),
        ("tweet_id", "1.00558E+18", "bad_id"),
        ("tweet_id", "-7", "bad_id"),
        ("tweet_id", -7, "bad_id"),
        ("tweet_id", True, "bad_id"),
        ("tweet_id", str(2**63), "bad_id"),
        ("tweet_id", "١٢", "bad_id"),
        ("tweet_id", "1_000", "bad_id"),
        ("author_id", "1.00558E+18", "bad_id"),
        ("author_id", "Asha Rao", "bad_id"),
        ("in_reply_to_tweet_id", "1e5", "bad_id"),
        ("like_count", "1.5", "bad_number"),
        ("like_count", -2, "bad_number"),
        ("like_count", float("inf"), "bad_number"),
        ("like_count", 2**63, "bad_number"),
        ("like_count", [], "bad_number"),
        ("author_verified", "maybe", "bad_boolean"),
        ("author_verified", 2, "bad_boolean"),
        ("created_at", "yesterday", "bad_timestamp"),
        ("created_at", 152856752, "bad_timestamp"),
        ("created_at", True, "bad_timestamp"),
        ("created_at", "06/09/2018 17:55", "bad_timestamp"),
        ("created_at", "2018-06-09", "bad_timestamp"),
        ("author_handle", "Asha Rao", "not_a_post"),
        ("author_handle", "{'id': 5}", "not_a_post"),
        ("created_at", "0001-01-01T00:00:00+05:30", "bad_timestamp"),
        ("created_at", "2018-06-09 17:55:28", "naive_timestamp"),
        ("created_at", datetime(2018, 6, 9), "naive_timestamp"),
        ("text", b"\xff\xfe", "invalid_utf8"),
        ("text", "half \ud83c", "invalid_utf8"),
        ("text", {"a": 1}, "not_a_post"),
        ("text", "x" * 25_001, "too_long"),
    ],
)
def test_refuses_the_rest_with_its_reason(column: str, found: object, reason: str) -> None:
    with pytest.raises(ValueProblem) as problem:
        READERS[column](found)
    assert problem.value.reason == reason
    assert column in problem.value.detail


def test_the_longest_post_of_the_network_is_read() -> None:
    assert READERS["text"]("x" * 25_000) == "x" * 25_000


def test_naive_timestamps_come_with_the_remedy() -> None:
    with pytest.raises(ValueProblem, match="--timezone"):
        READERS["created_at"]("2018-06-09 17:55:28")


@pytest.mark.parametrize("value", ["2018-06-09 17:55:28", datetime(2018, 6, 9, 17, 55, 28)])
def test_a_zone_serves_times_without_one_and_no_others(value: object) -> None:
    created = next(column for column in REPLIES.columns if column.name == "created_at")
    read = reader_of(created, ZoneInfo("Europe/Berlin"))
    assert read(value) == datetime(2018, 6, 9, 15, 55, 28, tzinfo=UTC)
    assert read("2018-06-09 17:55:28Z") == datetime(2018, 6, 9, 17, 55, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "nothing", ["NA", "NULL", "\\N", "None", "nan", "NaN", "<NA>", "#N/A", " "]
)
@pytest.mark.parametrize("column", sorted({*READERS} - {"text"}))
def test_words_for_nothing_are_missing(column: str, nothing: str) -> None:
    assert READERS[column](nothing) is None


def test_an_author_without_number_gets_one_that_lasts() -> None:
    read = READERS["author_id"]
    hashed = "njDtuA3JHRk0Q9wz5Y1w=="
    # Pinned: another number in another version would make everybody somebody else.
    assert read("asha_88") == read("@Asha_88") == read(b"asha_88") == 6475974542261702155
    assert read("asha_88") != read("ravi_7")
    assert read(hashed) == read(hashed)
    assert 2**62 <= cast("int", read("asha_88")) < 2**63  # no id of the network is as large


@given(
    st.sampled_from(sorted(READERS)),
    st.none()
    | st.text()
    | st.binary()
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.lists(st.none()),
)
def test_any_value_is_read_or_refused(column: str, found: object) -> None:
    with suppress(ValueProblem):
        READERS[column](found)


def test_a_refusal_never_shows_the_value() -> None:
    for column in set(READERS) - {"text", "lang", "source_app"}:
        if not column.endswith("_handle"):
            with pytest.raises(ValueProblem) as problem:
                READERS[column]("call 98765 43210")
            assert "98765" not in str(problem.value)
