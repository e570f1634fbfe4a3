"""How a source was understood: which columns were used, and what could not be read.

Belongs here: counting unreadable values and rejected rows. Does not belong here: reading values
(see `values`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ri_assets.pipeline.text import body
from ri_assets.records.posts import REPLIES
from ri_assets.sources.values import ValueProblem


@dataclass(frozen=True)
class UnreadableColumn:
    """An optional column with values that could not be read and are now missing.

    Parameters
    ----------
    column
        Native name.
    n_filled
        Rows with a value in it.
    n_unreadable
        Rows whose value could not be read.
    expected
        What a value should look like, and the option that helps, if any.
    examples
        Up to three of the values, cut to 40 characters. They may be personal data: show them
        only to the person who gave the file, and don't log them.
    """

    column: str
    n_filled: int
    n_unreadable: int
    expected: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How the source's columns were understood.

    Parameters
    ----------
    columns
        The source's column to the native column, for those that were used.
    ignored
        The source's columns that were not used, in alphabetical order.
    unreadable
        Optional columns with values that became missing, in the order of the contract.
    notes
        Other notes for the user, such as a guessed encoding.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    unreadable: tuple[UnreadableColumn, ...] = ()
    notes: tuple[str, ...] = ()


EXAMPLE_CHARS = 40
N_EXAMPLES = 3


class Faults:
    """Counts the unreadable values of one optional column, and keeps three examples.

    Parameters
    ----------
    column
        Native name.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._expected: Counter[str] = Counter()
        self._examples: list[str] = []

    @property
    def n_unreadable(self) -> int:
        """Number of unreadable values."""
        return self._expected.total()

    def add(self, problem: ValueProblem, value: object) -> None:
        """Count one value; the examples are the first in alphabetical order."""
        self.join({problem.detail: 1}, [printable(as_text(value))[:EXAMPLE_CHARS]])

    def join(self, expected: Mapping[str, int], examples: Sequence[str]) -> None:
        """Add values that were counted elsewhere, as `counts` gives them."""
        self._expected.update(expected)
        if not {*examples} <= {*self._examples}:
            self._examples = sorted({*self._examples, *examples})[:N_EXAMPLES]

    def counts(self) -> tuple[dict[str, int], list[str]]:
        """Return the number of values by what was expected, and the examples."""
        return dict(self._expected), self._examples

    def column(self, n_read: int) -> UnreadableColumn:
        """Return the counts, with the most frequent problem; `n_read` values were readable."""
        expected = min(
            self._expected, key=lambda detail: (-self._expected[detail], detail), default=""
        )
        if expected:
            expected += f"; --map {self._column}= leaves the column out"
        n_unreadable = self.n_unreadable
        return UnreadableColumn(
            self._column, n_read + n_unreadable, n_unreadable, expected, tuple(self._examples)
        )


def unreadable_columns(*tables: Sequence[UnreadableColumn]) -> tuple[UnreadableColumn, ...]:
    """Combine the unreadable columns of several tables."""
    found: dict[str, UnreadableColumn] = {}
    for column in (column for table in tables for column in table):
        other = found.get(column.column)
        found[column.column] = column if other is None else _together(column, other)
    columns = [found[name] for name in REPLIES.names if name in found]
    return tuple(column for column in columns if column.n_unreadable)


def _together(one: UnreadableColumn, other: UnreadableColumn) -> UnreadableColumn:
    most = max(one, other, key=lambda column: (column.n_unreadable, column.expected))
    return UnreadableColumn(
        one.column,
        one.n_filled + other.n_filled,
        one.n_unreadable + other.n_unreadable,
        most.expected,
        tuple(sorted({*one.examples, *other.examples})[:N_EXAMPLES]),
    )


def as_text(value: object) -> str:
    """Value as text; bytes that are no UTF-8 become escapes."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def printable(text: str) -> str:
    """Text with bytes that are no UTF-8 written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


MOSTLY = 0.5
"""An optional column is lost if more than this share of its values is unreadable."""
# A column that hardly any row fills doesn't matter.
_NOTABLE = 0.01
_SAME_START_CHARS = 20


@dataclass(frozen=True)
class Losses:
    """What was lost in reading a source.

    Parameters
    ----------
    n_read
        Rows of the source.
    reasons
        Rows that are lost, by reason, in alphabetical order.
    columns
        Optional columns that are mostly unreadable, with the share of their filled values
        that became missing.
    """

    n_read: int
    reasons: Mapping[str, int]
    columns: Mapping[str, float]

    @property
    def n_lost(self) -> int:
        """Rows that are lost."""
        return sum(self.reasons.values())

    @property
    def value(self) -> float:
        """Share of lost rows, or the unreadable share of the worst lost column if it is larger."""
        return max([self.n_lost / max(self.n_read, 1), *self.columns.values()])

    @property
    def because(self) -> str:
        """Describe what was lost, without values of rows."""
        parts = []
        if self.n_lost:
            listed = ", ".join(f"{reason} {n:,}" for reason, n in self.reasons.items())
            parts.append(f"{self.n_lost:,} of {self.n_read:,} rows cannot be read: {listed}")
        parts += [f"{share:.0%} of {name} cannot be read" for name, share in self.columns.items()]
        return "; ".join(parts)


def losses(
    n_read: int, rejected: pd.DataFrame, posts: pd.DataFrame, reading: pd.DataFrame | None
) -> Losses:
    """Count what a read of tweets or replies lost.

    Parameters
    ----------
    n_read
        Rows of the source.
    rejected
        Frame of the contract `REJECTED`.
    posts
        The posts that were read.
    reading
        Frame of the contract `READING`, if there is one.

    Notes
    -----
    A row with the id and the text of another row is a copy, so nothing is lost. With a different
    text it is lost: spreadsheets round ids until many tweets share one.
    """
    reasons = rejected["reason"].where(~_are_copies(rejected, posts)).dropna()
    counts = {str(reason): int(n) for reason, n in reasons.value_counts().sort_index().items()}
    return Losses(n_read, counts, {} if reading is None else _lost_columns(reading, n_read))


def _lost_columns(reading: pd.DataFrame, n_read: int) -> dict[str, float]:
    counted = reading[reading["n_unreadable"] > _NOTABLE * n_read]
    shares = counted["n_unreadable"].astype(float) / counted["n_filled"].astype(float)
    named = zip(counted["ours"], shares, strict=True)
    return {str(name): float(share) for name, share in named if share > MOSTLY}


def _are_copies(rejected: pd.DataFrame, posts: pd.DataFrame) -> pd.Series[bool]:
    """Tell rejected rows with the id and the text of a post that was read."""
    repeated = rejected["reason"] == "duplicate_id"
    here = posts[posts["tweet_id"].astype(str).isin(set(rejected.loc[repeated, "tweet_id"]))]
    texts = {str(i): text for i, text in zip(here["tweet_id"], here["text"], strict=True)}
    return repeated & pd.Series(
        [
            _is_same(texts.get(str(tweet_id)), _text_in(raw))
            for tweet_id, raw in zip(rejected["tweet_id"], rejected["raw"], strict=True)
        ],
        index=rejected.index,
        dtype=bool,
    )


def _text_in(raw: str) -> str | None:
    """Text of a rejected row, which is stored as JSON; None if the JSON is cut off."""
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found.get("text") if isinstance(found, dict) else None


def _is_same(text: str | None, other: str | None) -> bool:
    """Whether two texts start alike, because tools cut off ends differently.

    An unknown text counts as the same.
    """
    if text is None or other is None:
        return True
    first, second = (body(said)[:_SAME_START_CHARS].lower() for said in (text, other))
    return first == second


def reading_frame(reading: Reading) -> pd.DataFrame:
    """Convert a reading to a frame of the contract `READING`, without examples of values.

    Columns that were used come first, each with what could not be read of it, then those
    that were ignored.
    """
    unreadable = {column.column: column for column in reading.unreadable}
    rows: list[dict[str, object]] = []
    used: list[tuple[str | None, str]] = [*reading.columns.items()]
    used += [(None, name) for name in unreadable if name not in reading.columns.values()]
    for theirs, ours in used:
        found = unreadable.pop(ours, None)  # of several columns for one, the first tells it
        rows.append(
            {
                "theirs": theirs,
                "ours": ours,
                "n_filled": found.n_filled if found else None,
                "n_unreadable": found.n_unreadable if found else 0,
                "expected": found.expected if found else None,
            }
        )
    rows += [
        {"theirs": name, "ours": None, "n_filled": None, "n_unreadable": 0, "expected": None}
        for name in reading.ignored
    ]
    frame = pd.DataFrame(rows, columns=["theirs", "ours", "n_filled", "n_unreadable", "expected"])
    frame.insert(0, "place", range(1, len(frame) + 1))
    return frame.astype({"place": "int64", "n_filled": "Int64", "n_unreadable": "int64"})
