"""What people give to `assign`: texts, tweets as records, or a frame of tweets.

Belongs here: reading it into the columns of the contract `raw_tweets`. Does not belong
here: assigning (`assign.py`), or files (`ri_assets.sources`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ri_assets.errors import QueryError
from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import Table
from ri_assets.sources.rows import frame_of
from ri_assets.sources.values import ValueProblem, reader_of

TweetsGiven = str | Iterable[str | Mapping[str, Any]] | pd.DataFrame
"""A text, texts, records with the columns of a source's tweets, or a frame of them."""

_EXPECTED = (
    "texts, or tweets with a column text and any of the source contract's (created_at, "
    "author_id, …), as records or as a frame"
)


def read_tweets(given: object) -> tuple[pd.DataFrame, list[int | None]]:
    """Read what was given; `tweet_id` of the frame is the row, the ids given come beside it.

    Raises
    ------
    QueryError
        It is nothing of the kind, or a value cannot be read; the row is named.
    """
    rows = _rows(given)
    readers = {column.name: reader_of(column) for column in TWEETS.columns}
    read = [_read(row, values, readers) for row, values in enumerate(rows)]
    ids = [values["tweet_id"] for values in read]
    for row, values in enumerate(read):
        values["tweet_id"] = row
        values["text"] = values["text"] or ""
    return _frame(read, TWEETS), ids


def read_replies(given: object, ids: list[int | None]) -> pd.DataFrame:
    """Read replies to the tweets; they are told from each other by the ids of the tweets.

    Raises
    ------
    QueryError
        A reply cannot be read, or the tweets' ids are missing or repeat.
    """
    if given is None:
        return _frame([], REPLIES)
    if None in ids or len(set(ids)) < len(ids):
        raise QueryError(
            "replies are given, but tweets without ids, or two with one",
            "tweets with a tweet_id of their own each",
            "give the ids, or leave the replies out",
        )
    readers = {column.name: reader_of(column) for column in REPLIES.columns}
    rows = _rows(given)
    place = {tweet_id: row for row, tweet_id in enumerate(ids)}
    read = [_read(row, values, readers) for row, values in enumerate(rows)]
    for row, values in enumerate(read):
        answered = values["in_reply_to_tweet_id"]
        own = values["tweet_id"]
        # Tweets are numbered by row: replies keep their ids, out of the way of those numbers.
        values["in_reply_to_tweet_id"] = place.get(answered, _apart(answered))
        values["tweet_id"] = _apart(row if own is None else own)
        values["text"] = values["text"] or ""
    return _frame(read, REPLIES)


def _apart(number: int | None) -> int | None:
    return None if number is None else -1 - number


def _rows(given: object) -> list[Mapping[str, Any]]:
    if isinstance(given, pd.DataFrame):
        if "text" not in given.columns:
            raise QueryError(
                f"the frame has the columns {', '.join(map(str, given.columns))}",
                _EXPECTED,
                "name the column with the texts `text`",
            )
        known = [name for name in REPLIES.names if name in given.columns]
        return [
            dict(zip(known, row, strict=True))
            for row in zip(*(given[name] for name in known), strict=True)
        ]
    if isinstance(given, str | Mapping):
        given = [given]
    if not isinstance(given, Iterable) or isinstance(given, bytes):
        raise QueryError(
            f"a {type(given).__name__} was given", _EXPECTED, "give a list of texts, say"
        )
    return [_record(row, one) for row, one in enumerate(given)]


def _record(row: int, one: object) -> Mapping[str, Any]:
    if isinstance(one, str):
        return {"text": one}
    if isinstance(one, Mapping) and "text" in one:
        return one
    found = "a record without text" if isinstance(one, Mapping) else f"a {type(one).__name__}"
    raise QueryError(f"row {row} is {found}", _EXPECTED, "correct the row, or leave it out")


def _read(
    row: int, values: Mapping[str, Any], readers: Mapping[str, Callable[[object], object]]
) -> dict[str, Any]:
    try:
        return {name: read(_plain(values.get(name))) for name, read in readers.items()}
    except ValueProblem as problem:
        raise QueryError(
            f"row {row} cannot be read ({problem.reason})",
            problem.detail,
            "correct the value, or leave the column out",
        ) from None


def _plain(value: object) -> object:
    """Give a value as Python knows it; pandas has several that mean nothing."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is pd.NaT or value is pd.NA else value


def _frame(rows: list[dict[str, Any]], table: Table) -> pd.DataFrame:
    return frame_of(pa.Table.from_pylist(rows, schema=table.schema))
