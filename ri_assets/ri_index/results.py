"""What an answer is: a frozen record or an immutable sequence of them, as JSON or as a frame.

Belongs here: what all answers have in common. Does not belong here: the fields
of any answer (`records.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """Base of every frozen record."""

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as JSON knows them: lists for tuples, None for what is no number."""
        found: dict[str, Any] = plain(self)
        return found

    def to_json(self, indent: int | None = None) -> str:
        """Give one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=indent)

    def to_frame(self) -> pd.DataFrame:
        """Give a frame of one row, a column for each field."""
        return _frame([self.to_dict()], [field.name for field in fields(self)])  # type: ignore[arg-type]


T = TypeVar("T", bound=Result)


@dataclass(frozen=True)
class Rows(Sequence[T], Generic[T]):
    """Records in order, immutable; behaves like a tuple of them.

    Parameters
    ----------
    kind
        Class of the records.
    items
        The records.
    total
        How many there are in the snapshot, where `items` may be a part of them.
    note
        What a reader should know, such as why nothing is shown; may be empty.
    """

    kind: type[T]
    items: tuple[T, ...]
    total: int
    note: str = ""

    @classmethod
    def of(
        cls, kind: type[T], items: Sequence[T], total: int | None = None, note: str = ""
    ) -> Rows[T]:
        """Make a sequence; without a total, it is whole."""
        return cls(kind, tuple(items), len(items) if total is None else total, note)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Give each record's fields as JSON knows them."""
        return [item.to_dict() for item in self.items]

    def to_json(self, indent: int | None = None) -> str:
        """Give one JSON array."""
        return json.dumps(self.to_dicts(), ensure_ascii=False, allow_nan=False, indent=indent)

    def to_frame(self) -> pd.DataFrame:
        """Give a frame, a row for each record; an empty one has the columns too."""
        return _frame(self.to_dicts(), [field.name for field in fields(self.kind)])  # type: ignore[arg-type]


def plain(value: Any) -> Any:
    """Give a value as JSON knows it."""
    if isinstance(value, Result):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | Rows):
        return [plain(item) for item in value]
    return value


def _frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    # From rows alone, whole numbers would turn float where one is missing.
    return pd.DataFrame(rows, columns=columns).convert_dtypes(
        convert_string=False, convert_boolean=False, convert_floating=False
    )
