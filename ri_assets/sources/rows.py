"""Rows as found become a frame of the contract; what cannot be read is set aside with its reason.

Belongs here: checking rows, duplicates, order. Does not belong here: how a
format is cut into rows, and what the options leave out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from ri_assets.records.posts import REJECTED, REPLIES, TWEETS
from ri_assets.records.table import Table
from ri_assets.sources.base import SourceOptions, UnreadableColumn
from ri_assets.sources.faults import Faults, as_text, printable
from ri_assets.sources.mojibake import mended, note_on
from ri_assets.sources.values import (
    LEAST_MADE_ID,
    ValueProblem,
    is_empty,
    is_nobody,
    reader_of,
    stable_id,
)

CHUNK_ROWS = 2_000
RAW_CHARS = 2_000
_MISSING = {"tweet_id": "missing_id", "text": "null_text"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row that its format could cut into values.

    Parameters
    ----------
    values
        Values as found by native column name; other keys are ignored.
    raw
        The row as it stood in the source; None where only values exist.
    is_reply
        Whether it answers another post, though it may not name which.
    """

    values: Mapping[str, object]
    raw: str | None = None
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """One row that its format could not cut into values.

    Parameters
    ----------
    reason
        One of `REJECT_REASONS`.
    detail
        What was expected; holds no content of the row.
    raw
        The row as it stood in the source.
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
        By ascending `tweet_id`, in the dtypes that `Corpus` promises.
    rejected
        Frame of the contract `REJECTED`.
    n_raw
        Rows that were added.
    filled
        Optional columns with values, and how many of these could not be read.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    n_raw: int
    filled: tuple[UnreadableColumn, ...] = ()


class TableGatherer:
    """Checks the rows of one table as they come, in memory of a chunk plus typed columns.

    Parameters
    ----------
    table
        `TWEETS` or `REPLIES`.
    zone
        Zone of times that carry none.
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
        self._n_raw = self.n_mojibake = 0
        self._fix_mojibake = fix_mojibake
        self.has_made_ids = False

    def add(self, row: Row | BrokenRow) -> None:
        """Check one row and keep it, or set it aside."""
        self._n_raw += 1
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

    def finish(self) -> Gathered:
        """Sort, set duplicates aside, and hand over frames."""
        self._close_chunk()
        schema = self._table.schema
        table = pa.Table.from_batches(self._batches, schema).sort_by("tweet_id")
        frame = self._without_duplicates(frame_of(table))
        rejected = pd.DataFrame(self._rejected, columns=REJECTED.names, dtype=object)
        rejected = rejected.sort_values([*REJECTED.key, "detail"], ignore_index=True)
        filled = [faults.column() for faults in self._faults.values() if faults.n_filled]
        return Gathered(frame, rejected, self._n_raw, tuple(filled))

    def _checked(self, values: Mapping[str, object]) -> dict[str, object]:
        """Values of the contract; an optional one that cannot be read is missing, and counted."""
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
                faults.n_filled += read is not None
        author = checked.get("author_id")
        self.has_made_ids |= isinstance(author, int) and author >= LEAST_MADE_ID
        self._mend(checked)
        return checked

    def _mend(self, checked: dict[str, object]) -> None:
        """Count a row with mojibake, and mend it if that was asked for."""
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
        """Keep one row of each id, chosen by content: most values filled, then last in order."""
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


class PostGatherer:
    """Sends each row to the tweets or to the replies.

    A row that answers another post is a reply, whatever the file is called; in a file of
    replies every row is one.

    Parameters
    ----------
    options
        Say the zone of times that carry none, and whether mojibake is mended.
    """

    def __init__(self, options: SourceOptions) -> None:
        zone = None if options.timezone is None else ZoneInfo(options.timezone)
        self._options = options
        self._tweets = TableGatherer(TWEETS, zone, fix_mojibake=options.fix_mojibake)
        self._replies = TableGatherer(REPLIES, zone, fix_mojibake=options.fix_mojibake)

    def add(self, rows: Iterable[Row | BrokenRow], *, replies_only: bool) -> None:
        """Check rows, each into its table."""
        for row in rows:
            (self._replies if replies_only or is_reply(row) else self._tweets).add(row)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the rows so far; see `Reading`."""
        n_rows = self._tweets.n_mojibake + self._replies.n_mojibake
        return note_on(n_rows, is_mended=self._options.fix_mojibake)

    def finish(self) -> tuple[Gathered, Gathered]:
        """Tweets, then replies; an author has one id in both."""
        tweets, replies = self._tweets.finish(), self._replies.finish()
        if not (self._tweets.has_made_ids or self._replies.has_made_ids):
            return tweets, replies
        known = _ids_by_handle(tweets.frame, replies.frame)
        return (
            replace(tweets, frame=_with_one_id(tweets.frame, known)),
            replace(replies, frame=_with_one_id(replies.frame, known)),
        )


def _ids_by_handle(*frames: pd.DataFrame) -> dict[str, int]:
    """Ids of the network by handle, where each handle has one."""
    found: dict[str, set[int]] = {}
    for frame in frames:
        for handle, author in _authors(frame):
            if handle is not None and author is not None and author != stable_id(handle):
                found.setdefault(handle.casefold(), set()).add(author)
    return {handle: min(ids) for handle, ids in found.items() if len(ids) == 1}


def _with_one_id(frame: pd.DataFrame, known: Mapping[str, int]) -> pd.DataFrame:
    """Give authors whose id was made of the handle in some rows the id that they have in others."""
    ids = [
        known.get(handle.casefold(), author)
        if handle is not None and author == stable_id(handle)
        else author
        for handle, author in _authors(frame)
    ]
    return frame.assign(author_id=pd.array(ids, dtype="Int64"))


def _authors(frame: pd.DataFrame) -> Iterator[tuple[str | None, int | None]]:
    ids = (None if author is pd.NA else int(author) for author in frame["author_id"].array)
    return zip(frame["author_handle"], ids, strict=True)


def is_reply(row: Row | BrokenRow) -> bool:
    """Whether the row answers another post."""
    if isinstance(row, BrokenRow):
        return False
    return row.is_reply or not is_nobody(row.values.get("in_reply_to_tweet_id"))  # noqa: PD011


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Frame of an Arrow table in the dtypes that `Corpus` promises."""
    return nullable_frame(table).astype({"tweet_id": "int64"})


def nullable_frame(table: pa.Table) -> pd.DataFrame:
    """Frame of an Arrow table; integers and booleans may be missing without turning float."""
    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=nullable.get)
    return frame


def records_of(frame: pd.DataFrame, table: Table) -> list[dict[str, object]]:
    """Rows of a frame as plain Python values, None where missing, timestamps in UTC."""
    arrow = pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False)
    records: list[dict[str, object]] = arrow.to_pylist()
    return records


def _as_json(values: Mapping[str, object]) -> str:
    """Content of a row in one form, whatever the order of its keys."""
    filled = {key: value for key, value in values.items() if not is_empty(value)}
    return json.dumps(filled, ensure_ascii=False, sort_keys=True, default=as_text)
