"""Rows as found become a frame of the contract; what cannot be read is set aside with its reason.

Belongs here: checking rows, duplicates, order. Does not belong here: how a
format is cut into rows, and what the options leave out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from ri_assets.contracts.raw import REJECTED, REPLIES, TWEETS
from ri_assets.contracts.table import Table
from ri_assets.errors import SourceError
from ri_assets.sources.values import ValueProblem, is_missing, reader_of

CHUNK_ROWS = 2_000
RAW_CHARS = 2_000
INDISPENSABLE = ("tweet_id", "text")
_OPTIONAL = [name for name in REPLIES.names if name not in INDISPENSABLE]
_SEPARATORS = re.compile(r"[;\t|]")
_COLUMN_NAME = re.compile(r"([A-Za-z_][\w .-]{0,39})?")
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
    """

    values: Mapping[str, object]
    raw: str | None = None


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
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    n_raw: int


class TableGatherer:
    """Checks the rows of one table as they come, in memory of a chunk plus typed columns.

    Parameters
    ----------
    table
        `TWEETS` or `REPLIES`.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._readers = [(column.name, reader_of(column)) for column in table.columns]
        self._chunk: list[dict[str, object]] = []
        self._batches: list[pa.RecordBatch] = []
        self._rejected: list[dict[str, str | None]] = []
        self._n_raw = 0

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
        return Gathered(frame, rejected, self._n_raw)

    def _checked(self, values: Mapping[str, object]) -> dict[str, object]:
        checked = {name: read(values.get(name)) for name, read in self._readers}
        for name, reason in _MISSING.items():
            if checked[name] is None:
                raise ValueProblem(reason, f"{name} is empty; a post needs it")
        return checked

    def _reject(self, reason: str, detail: str, tweet_id: object, raw: str) -> None:
        self._rejected.append(
            {
                "reason": reason,
                "detail": detail,
                "tweet_id": None
                if is_missing(tweet_id)
                else _printable(_as_text(tweet_id))[:RAW_CHARS],
                "raw": _printable(raw)[:RAW_CHARS],
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

    A row that names the post it answers (`in_reply_to_tweet_id`) is a reply, whatever
    the file is called; in a file of replies every row is one.
    """

    def __init__(self) -> None:
        self._tweets = TableGatherer(TWEETS)
        self._replies = TableGatherer(REPLIES)

    def add(self, rows: Iterable[Row | BrokenRow], *, replies_only: bool) -> None:
        """Check rows, each into its table."""
        for row in rows:
            (self._replies if replies_only or is_reply(row) else self._tweets).add(row)

    def finish(self) -> tuple[Gathered, Gathered]:
        """Tweets, then replies."""
        return self._tweets.finish(), self._replies.finish()


def is_reply(row: Row | BrokenRow) -> bool:
    """Whether the row names the post that it answers."""
    if isinstance(row, BrokenRow):
        return False
    return not is_missing(row.values.get("in_reply_to_tweet_id"))  # noqa: PD011 - a mapping


def require_columns(found: Iterable[str], where: str) -> None:
    """Check that the indispensable columns are there.

    Parameters
    ----------
    found
        Column names of the source.
    where
        What to call the source in the message.

    Raises
    ------
    SourceError
        `tweet_id` or `text` is missing, or a column stands there twice.
    """
    names = list(found)
    missing = [name for name in INDISPENSABLE if name not in names]
    twice = sorted({name for name in TWEETS.names if names.count(name) > 1})
    if missing or twice:
        problem = f"no column {' and '.join(missing)}" if missing else f"{twice[0]} twice"
        raise SourceError(
            f"{where} has {problem}; {_shown(names)}",
            f"{' and '.join(INDISPENSABLE)}, and any of {', '.join(_OPTIONAL)}",
            "rename the columns to these names, with commas between them in a CSV",
        )


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


def _shown(names: list[str]) -> str:
    """Names fit for a message: without a header, they would be somebody's tweet."""
    parts = [part for name in names for part in _SEPARATORS.split(name)]
    if all(map(_COLUMN_NAME.fullmatch, parts)):
        return f"its columns are {', '.join(names)}" if names else "it has no columns"
    return "its first row looks like data, not like a header"


def _as_json(values: Mapping[str, object]) -> str:
    """Content of a row in one form, whatever the order of its keys."""
    filled = {key: value for key, value in values.items() if not is_missing(value)}
    return json.dumps(filled, ensure_ascii=False, sort_keys=True, default=_as_text)


def _as_text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _printable(text: str) -> str:
    """Text with bytes that are no UTF-8 written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
