"""Small posts for tests: frames of the raw contracts, with only what a test names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import Table

_NULLABLE: dict[str, Any] = {"int64": "Int64", "bool": "boolean", "string": "object"}


def tweets(texts: Sequence[str], **columns: Sequence[Any]) -> pd.DataFrame:
    """Give tweets with ids 1, 2, 3, … unless `tweet_id` is among the columns."""
    return _posts(TWEETS, {"tweet_id": range(1, len(texts) + 1), "text": texts, **columns})


def replies(texts: Sequence[str], **columns: Sequence[Any]) -> pd.DataFrame:
    """Give replies with ids from 1001 on."""
    return _posts(REPLIES, {"tweet_id": range(1001, 1001 + len(texts)), "text": texts, **columns})


def _posts(table: Table, given: dict[str, Sequence[Any]]) -> pd.DataFrame:
    n = len(given["text"])
    frame = pd.DataFrame({name: list(given.get(name, [None] * n)) for name in table.names})
    for column in table.columns:
        kind = str(column.type)
        if kind.startswith("timestamp"):
            frame[column.name] = pd.to_datetime(frame[column.name], utc=True).astype(
                "datetime64[us, UTC]"
            )
        else:
            frame[column.name] = frame[column.name].astype(_NULLABLE[kind])
    return frame.astype({"tweet_id": "int64"})
