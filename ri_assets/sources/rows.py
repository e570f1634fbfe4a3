"""Check rows and build frames of the contract; unreadable rows are rejected with a reason.

Belongs here: checking rows, duplicates, order. Does not belong here: splitting a format into
rows, telling tweets from replies (`gatherer`), and what the options leave out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.records.posts import REJECTED
from ri_assets.records.table import Table
from ri_assets.sources.encoding import mended
from ri_assets.sources.reading import Faults, UnreadableColumn, as_text, printable
from ri_assets.sources.values import (
    LEAST_MADE_ID,
    ValueProblem,
    is_empty,
    reader_of,
)

CHUNK_ROWS = 2_000
RAW_CHARS = 2_000
_MISSING = {"tweet_id": "missing_id", "text": "null_text"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row that could be split into values.

    Parameters
    ----------
    values
        Values as found, by native column; other keys are ignored.
    raw
        The row as in the source; None if there are only values.
    is_reply
        Whether it answers another post, even if it doesn't say which.
    """

    values: Mapping[str, object]
    raw: str | None = None
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """One row that could not be split into values.

    Parameters
    ----------
    reason
        One of `REJECT_REASONS`.
    detail
        What was expected, without content of the row.
    raw
        The row as in the source.
    """

    reason: str
    detail: str
    raw: str


@dataclass(frozen=True, eq=False)
class Gathered:
    """Rows of one table: `n_raw = len(frame) + len(rejected)`.

    Parameters
    ----------
    frame
        Sorted by `tweet_id`, with the dtypes of `Corpus`.
    rejected
        Frame of the contract `REJECTED`.
    n_raw
        Rows that were added.
    filled
        Optional columns with values, and the number of unreadable ones.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    n_raw: int
    filled: tuple[UnreadableColumn, ...] = ()


@dataclass(frozen=True, eq=False)
class CheckedRows:
    """Rows of one table that were checked, and not yet compared with each other.

    Parameters
    ----------
    posts
        Accepted rows, with the columns of the table.
    remarks
        What else there is to say, as JSON objects: `rejected` (rows of the contract `REJECTED`),
        `unreadable` (by column, the counts of `Faults`) and `n_mojibake`.
    """

    posts: pa.Table
    remarks: Sequence[Mapping[str, Any]] = ()


class TableGatherer:
    """Checks the rows of one table, chunk by chunk.

    Parameters
    ----------
    table
        `TWEETS` or `REPLIES`.
    zone
        Zone of times without one.
    fix_mojibake
        See `SourceOptions`.
    """

    def __init__(
        self, table: Table, zone: tzinfo | None = None, *, fix_mojibake: bool = False
    ) -> None:
        self._table = table
        self._readers = {column.name: reader_of(column, zone) for column in table.columns}
        self._faults = {name: Faults(name) for name in table.names if name not in _MISSING}
        self._chunk: list[dict[str, object]] = []
        self._batches: list[pa.RecordBatch] = []
        self._rejected: list[dict[str, str | None]] = []
        self.n_mojibake = 0
        self._fix_mojibake = fix_mojibake
        self.has_made_ids = False

    def add(self, row: Row | BrokenRow) -> None:
        """Check one row, and keep or reject it."""
        if isinstance(row, BrokenRow):
            self._reject(row.reason, row.detail, None, row.raw)
            return
        try:
            self._chunk.append(self._checked(row.values))
        except ValueProblem as problem:
            raw = _as_json(row.values) if row.raw is None else row.raw
            tweet_id = row.values.get("tweet_id")  # noqa: PD011 - a mapping, not a frame
            self._reject(problem.reason, problem.detail, tweet_id, raw)
        if len(self._chunk) == CHUNK_ROWS:
            self._close_chunk()

    def join(self, rows: CheckedRows) -> None:
        """Add rows that were checked before, with the same options."""
        self._batches += rows.posts.cast(self._table.schema).to_batches()
        for remark in rows.remarks:
            self._rejected += remark["rejected"]
            self.n_mojibake += remark["n_mojibake"]
            for name, (expected, examples) in remark["unreadable"].items():
                self._faults[name].join(expected, examples)

    def checked(self) -> CheckedRows:
        """Return what was added so far, for `join`."""
        self._close_chunk()
        remark = {
            "rejected": self._rejected,
            "unreadable": {n: f.counts() for n, f in self._faults.items() if f.n_unreadable},
            "n_mojibake": self.n_mojibake,
        }
        posts = pa.Table.from_batches(self._batches, self._table.schema)
        return CheckedRows(posts, [remark] if any(remark.values()) else [])

    def finish(self) -> Gathered:
        """Sort, reject duplicates, and return the frames."""
        posts = self.checked().posts
        n_raw = len(posts) + len(self._rejected)
        largest = pc.max(posts["author_id"]).as_py()
        self.has_made_ids = largest is not None and largest >= LEAST_MADE_ID
        filled = [
            faults.column(n_read)
            for name, faults in self._faults.items()
            if (n_read := len(posts) - posts[name].null_count) or faults.n_unreadable
        ]
        frame = self._without_duplicates(frame_of(posts.sort_by("tweet_id")))
        rejected = pd.DataFrame(self._rejected, columns=REJECTED.names, dtype=object)
        rejected = rejected.sort_values([*REJECTED.key, "detail"], ignore_index=True)
        return Gathered(frame, rejected, n_raw, tuple(filled))

    def _checked(self, values: Mapping[str, object]) -> dict[str, object]:
        """Parse the values; an unreadable optional one becomes missing and is counted."""
        checked: dict[str, object] = {}
        for name, reason in _MISSING.items():
            checked[name] = self._readers[name](values.get(name))
            if checked[name] is None:
                raise ValueProblem(reason, f"{name} is empty; a post needs it")
        for name, faults in self._faults.items():
            value = values.get(name)
            if value is None or value == "":
                continue
            try:
                read = self._readers[name](value)
            except ValueProblem as problem:
                faults.add(problem, value)
            else:
                checked[name] = read
        self._mend(checked)
        return checked

    def _mend(self, checked: dict[str, object]) -> None:
        """Count a row with mojibake, and repair it if the options say so."""
        found = {
            name: text
            for name, value in checked.items()
            if isinstance(value, str) and not value.isascii() and (text := mended(value))
        }
        self.n_mojibake += bool(found)
        if self._fix_mojibake:
            checked.update(found)

    def _reject(self, reason: str, detail: str, tweet_id: object, raw: str) -> None:
        self._rejected.append(
            {
                "reason": reason,
                "detail": detail,
                "tweet_id": None
                if is_empty(tweet_id)
                else printable(as_text(tweet_id))[:RAW_CHARS],
                "raw": printable(raw)[:RAW_CHARS],
            }
        )

    def _close_chunk(self) -> None:
        if self._chunk:
            self._batches.append(pa.RecordBatch.from_pylist(self._chunk, self._table.schema))
            self._chunk = []

    def _without_duplicates(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Keep one row per id: the one with most values; among equals, the last by content."""
        repeated = frame[frame["tweet_id"].duplicated(keep=False)]
        if repeated.empty:
            return frame
        rank = pd.DataFrame(
            {
                "tweet_id": repeated["tweet_id"],
                "filled": repeated.notna().sum(axis="columns"),
                "content": [_as_json(row) for row in records_of(repeated, self._table)],
            }
        ).sort_values(["tweet_id", "filled", "content"])
        losers = rank[rank.duplicated("tweet_id", keep="last")]
        for tweet_id, content in zip(losers["tweet_id"], losers["content"], strict=True):
            detail = "another row has the same tweet_id; the row with more values filled was kept"
            self._reject("duplicate_id", detail, tweet_id, content)
        return frame.drop(index=losers.index).reset_index(drop=True)


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Convert an Arrow table to a frame with the dtypes of `Corpus`."""
    return nullable_frame(table).astype({"tweet_id": "int64"})


def nullable_frame(table: pa.Table) -> pd.DataFrame:
    """Convert an Arrow table to a frame; integers and booleans stay nullable."""
    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=nullable.get)
    return frame


def records_of(frame: pd.DataFrame, table: Table) -> list[dict[str, object]]:
    """Rows of a frame as plain Python values, None if missing, timestamps in UTC."""
    arrow = pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False)
    records: list[dict[str, object]] = arrow.to_pylist()
    return records


def _as_json(values: Mapping[str, object]) -> str:
    """Content of a row as JSON, independent of the order of its keys."""
    filled = {key: value for key, value in values.items() if not is_empty(value)}
    return json.dumps(filled, ensure_ascii=False, sort_keys=True, default=as_text)
