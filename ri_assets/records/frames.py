"""Records as pandas frames that hold no list and no record in a cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from ri_assets.errors import QueryError
from ri_assets.records.display import written
from ri_assets.records.record import Record, columns_of, plain

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = " | "
"""Between the values of a list; not a semicolon, at which some spreadsheets split cells."""


def frame_of(records: Iterable[Record], kind: type[Record]) -> pd.DataFrame:
    """Give a frame with a row for each record; an empty one has the columns too."""
    import pandas as pd

    names = list(kind.model_fields)
    rows = [[_flat(getattr(record, name)) for name in names] for record in records]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    # By the declaration, not by the values: a column has the same type in every answer.
    types = {
        c.name: _dtype(c.type, is_missing=bool(frame[c.name].isna().any()))
        for c in columns_of(kind)
        if c.name in names
    }
    return frame.astype({name: dtype for name, dtype in types.items() if dtype is not None})


def frame_of_one(record: Record, part: str | None) -> pd.DataFrame:
    """Give a frame of one record, or of one of the tables that it holds.

    Parameters
    ----------
    part
        Field that holds the table; default: the record's `main_table`, else the record itself
        as one row.

    Raises
    ------
    QueryError
        No field of that name holds a table.
    """
    kinds = {c.name: c.record for c in columns_of(type(record)) if c.record is not None}
    chosen = part or record.main_table
    if chosen is None:
        return frame_of([record], type(record))
    kind = kinds.get(chosen)
    if kind is None:
        raise QueryError(
            f"{type(record).__name__} has no table {chosen!r}",
            f"one of {', '.join(kinds)}" if kinds else "a record with tables in it",
            "name one of its tables, or none" if kinds else "leave it out",
        )
    value = getattr(record, chosen)
    return frame_of(value if isinstance(value, tuple) else (value,), kind)


def _dtype(kind: pa.DataType, *, is_missing: bool) -> str | None:
    """Give the type of a frame's column; whole numbers stay whole where one is missing."""
    if pa.types.is_integer(kind):
        return "Int64"
    if pa.types.is_floating(kind):
        return "float64"
    if pa.types.is_boolean(kind):
        return "boolean" if is_missing else "bool"
    return None


def _flat(value: object) -> object:
    """Give a single value: the values of a list as one text, a record as people read it."""
    if isinstance(value, tuple):
        return SEPARATOR.join(str(_flat(one)) for one in value)
    return written(value) if isinstance(value, Record) else plain(value)
