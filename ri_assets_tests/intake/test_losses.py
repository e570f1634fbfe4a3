from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
import pytest

from ri_assets.intake.corpus import reading_frame
from ri_assets.intake.losses import losses
from ri_assets.records.posts import REJECTED
from ri_assets.sources.base import Reading, UnreadableColumn
from ri_assets_tests.posts import tweets


def rejected(*rows: tuple[str, str | None, str]) -> pd.DataFrame:
    made = [(reason, "what was expected", tweet_id, raw) for reason, tweet_id, raw in rows]
    return pd.DataFrame(made, columns=REJECTED.names, dtype=object)


def reading(*columns: tuple[str, int, int]) -> pd.DataFrame:
    found = tuple(UnreadableColumn(name, n, bad, "a number", ("x",)) for name, n, bad in columns)
    return reading_frame(Reading({name: name for name, _, _ in columns}, (), found))


POSTS = tweets(["my order is late again and nobody answers"] * 9)


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        ((), 0.0),
        ((("like_count", 10, 5),), 0.0),  # half is not mostly
        ((("like_count", 10, 6),), 0.6),
        ((("like_count", 10, 6), ("created_at", 4, 4)), 1.0),
        ((("created_at", 0, 0),), 0.0),
    ],
)
def test_a_column_counts_when_it_is_mostly_unreadable(
    columns: Sequence[tuple[str, int, int]], value: float
) -> None:
    assert losses(9, rejected(), POSTS, reading(*columns)).value == value


def test_rows_count_by_reason() -> None:
    found = losses(12, rejected(("bad_id", "x", "x"), ("null_text", "7", "7")), POSTS, None)
    assert found.value == pytest.approx(2 / 12)
    assert found.because == "2 of 12 rows cannot be read: bad_id 1, null_text 1"


def test_a_copy_is_no_loss_and_another_text_under_one_id_is() -> None:
    """Spreadsheets round ids, until tweets that have nothing in common share one."""
    copy = json.dumps({"text": "my order is late again and nobody ans…", "tweet_id": 3})
    other = json.dumps({"text": "lovely noodles in the new place", "tweet_id": 4})
    rows = rejected(("duplicate_id", "3", copy), ("duplicate_id", "4", other))
    found = losses(11, rows, POSTS, None)
    assert dict(found.reasons) == {"duplicate_id": 1}


def test_an_empty_source_lost_nothing() -> None:
    assert losses(0, rejected(), tweets([]), None).value == 0
