"""How a terminal lists records: the columns, and how values are written for people.

Belongs here: what follows from a record's declaration. Does not belong here: printing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from ri_assets.counted import counted
from ri_assets.records.record import Column, Record, columns_of

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_IN_A_LIST = 5
_OUTCOME = re.compile(r"^[A-Z][a-z]+: ")  # as in "Passed: "

Columns = dict[str, Callable[[Any], str]]


def list_columns(kind: type[Record]) -> Columns:
    """Give the columns of a list of such records: by heading, how each record fills the cell."""
    return {c.header: partial(_cell, c) for c in columns_of(kind) if c.header is not None}


def is_number(kind: type[Record], header: str) -> bool:
    """Whether a column of the list holds numbers, which stand at the right."""
    import pyarrow as pa

    [found] = [c for c in columns_of(kind) if c.header == header]
    is_id = found.name.endswith("_id")
    return bool(
        not is_id
        and found.cell is None
        and (pa.types.is_integer(found.type) or pa.types.is_floating(found.type))
    )


def written(value: object, unit: str | None = None) -> str:
    """Write a value for a person; what is missing stays empty."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, tuple | list):
        return ", ".join(written(item, unit) for item in value)
    if isinstance(value, Record):
        return " ".join(written(getattr(value, c.name), c.unit) for c in columns_of(type(value)))
    if isinstance(value, int | float):
        return _number(value, unit)
    return str(value)


def share(value: float | None) -> str:
    """Write a share as a percentage; the only rounding, as records and files hold all digits."""
    return written(value, "share")


def size(value: int | None) -> str:
    """Write a count."""
    return written(value, "count")


def stability(jaccard: float | None, meaning: str | None) -> str:
    """Write a persona's Jaccard over reruns, and what it means."""
    return f"{written(jaccard)} {meaning or ''}".strip()


def without_outcome(message: str) -> str:
    """Give a verdict's message without its first word, for tables that show the outcome apart."""
    return _OUTCOME.sub("", message, count=1)


def slot_name(cycle: str, slot: int) -> str:
    """Write an hour or a weekday of a rhythm."""
    return written(slot, "hour") if cycle == "hour" else _DAYS[slot]


def _number(value: float, unit: str | None) -> str:
    if isinstance(value, int):
        return {"count": f"{value:,}", "hour": f"{value}:00"}.get(unit or "", str(value))
    return {"share": f"{value:.1%}", "mean": f"{value:.1f}"}.get(unit or "", f"{value:.3f}")


def _cell(column: Column, record: Record) -> str:
    if column.cell is not None:
        return written(column.cell(record))
    value = getattr(record, column.name)
    if isinstance(value, tuple):
        value = value[:_MOST_IN_A_LIST]
    return written(value, column.unit)


def hidden_told(personas: int, tweets: int) -> str:
    """Say how many personas are hidden and how many tweets they have; empty if none is."""
    if not personas:
        return ""
    return f"hidden: {counted(personas, 'persona')}, {counted(tweets, 'tweet')}"
