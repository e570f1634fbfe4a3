"""Optional values that cannot be read: how many in which column, with three examples.

Belongs here: counting them, over rows and over tables. Does not belong here: reading values
(see `values`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ri_assets.records.posts import REPLIES
from ri_assets.sources.base import UnreadableColumn
from ri_assets.sources.values import ValueProblem

EXAMPLE_CHARS = 40
N_EXAMPLES = 3


class Faults:
    """Values of one optional column that cannot be read, in memory of three examples.

    Parameters
    ----------
    column
        Native name.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._expected: Counter[str] = Counter()
        self._examples: list[str] = []
        self.n_filled = self.n_unreadable = 0

    def add(self, problem: ValueProblem, value: object) -> None:
        """Count one value; kept as examples are the first in alphabetical order."""
        self.n_filled += 1
        self.n_unreadable += 1
        self._expected[problem.detail] += 1
        example = printable(as_text(value))[:EXAMPLE_CHARS]
        if example not in self._examples:
            self._examples = sorted([*self._examples, example])[:N_EXAMPLES]

    def column(self) -> UnreadableColumn:
        """Give what was counted; expected is what most of the values lacked."""
        expected = min(
            self._expected, key=lambda detail: (-self._expected[detail], detail), default=""
        )
        if expected:
            expected += f"; --map {self._column}= leaves the column out"
        return UnreadableColumn(
            self._column, self.n_filled, self.n_unreadable, expected, tuple(self._examples)
        )


def unreadable_columns(*tables: Sequence[UnreadableColumn]) -> tuple[UnreadableColumn, ...]:
    """Return the optional columns with values that became missing, over several tables."""
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
