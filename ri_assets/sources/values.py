"""One value as found becomes one value of the contract, or a named problem.

Belongs here: how an id, number, truth value, timestamp or text may be written.
Does not belong here: rows, files and tables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa

from ri_assets.contracts.raw import REJECT_REASONS
from ri_assets.contracts.table import TIMESTAMP, Column

LARGEST_INT = 2**63 - 1
LARGEST_EXACT_FLOAT = 2**53

_DIGITS = re.compile(r"[0-9]{1,19}")
_WHOLE = re.compile(r"([0-9]{1,19})(?:\.0+)?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_V1_TIME = "%a %b %d %H:%M:%S %z %Y"


class ValueProblem(Exception):  # noqa: N818 - no fault of the program: a row goes to quarantine
    """A value cannot be read; its row is set aside.

    Parameters
    ----------
    reason
        One of `REJECT_REASONS`.
    detail
        What was expected, naming the column. Never holds the value: details may be
        shown where personal data may not.
    """

    def __init__(self, reason: str, detail: str) -> None:
        assert reason in REJECT_REASONS  # noqa: S101 - guards against a misspelt reason here
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


def reader_of(column: Column) -> Callable[[object], object]:
    """Give the function that reads a value of the column: value as found -> value or None.

    The function raises `ValueProblem`, and returns None for what is missing: None, an empty
    text, not-a-number.

    Parameters
    ----------
    column
        Column of `TWEETS` or `REPLIES`.
    """
    name = column.name
    if column.type == TIMESTAMP:
        read: Callable[[str, object], object] = _timestamp
    elif pa.types.is_boolean(column.type):
        read = _boolean
    elif pa.types.is_integer(column.type):
        read = _id if name.endswith("_id") else _number
    else:
        return _text_reader(name)

    def read_or_missing(value: object) -> object:
        plain = _plain(value)
        return None if is_missing(plain) else read(name, plain)

    return read_or_missing


def is_missing(value: object) -> bool:
    """Whether nothing was given: None, an empty text, not-a-number."""
    return value is None or value in ("", b"") or (isinstance(value, float) and math.isnan(value))


def _text_reader(name: str) -> Callable[[object], str | None]:
    def read_or_missing(value: object) -> str | None:
        if is_missing(value):
            return None
        text = _text(name, value)
        return (text.removeprefix("@") or None) if name.endswith("_handle") else text

    return read_or_missing


def _text(column: str, value: object) -> str:
    """Text as written. A lone surrogate, as JSON can hold, is no UTF-8 either."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a handle of digits loses its quotes on the way through some tools
    try:
        if isinstance(value, bytes):
            return value.decode()
        if isinstance(value, str):
            value.encode()
            return value
    except UnicodeError:
        raise ValueProblem(
            "invalid_utf8", f"{column} is not valid UTF-8; write the source in UTF-8"
        ) from None
    raise ValueProblem("not_a_post", f"{column} should be a text")


def _plain(value: object) -> object:
    """Bytes and decimals as text without surrounding blanks: the form the patterns read."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    elif isinstance(value, Decimal):
        value = str(value)
    return value.strip() if isinstance(value, str) else value


def _id(column: str, value: object) -> int:
    """Exact id: digits or an integer, never a float, which would round it."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INT:
        return value
    raise ValueProblem(
        "bad_id",
        f"{column} should be a whole number of at most 63 bits, written in digits;"
        " spreadsheets and floats round ids, so export it as text or integer",
    )


def _number(column: str, value: object) -> int:
    if isinstance(value, str) and (match := _WHOLE.fullmatch(value)):
        value = int(match.group(1))
    elif isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT_FLOAT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INT:
        return value
    raise ValueProblem("bad_number", f"{column} should be a whole number of at least 0, or empty")


def _boolean(column: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str) and str(value).lower() in _BOOLEANS:
        return _BOOLEANS[str(value).lower()]
    raise ValueProblem("bad_boolean", f"{column} should be true, false, 1, 0, or empty")


def _timestamp(column: str, value: object) -> datetime:
    """Instant in UTC, from ISO 8601 with an offset or from the form of the v1.1 API."""
    if isinstance(value, str):
        value = _parsed_time(value)
    if not isinstance(value, datetime):
        raise ValueProblem(
            "bad_timestamp", f"{column} should be like 2018-06-09T17:55:28+00:00, or empty"
        )
    if value.tzinfo is None:
        raise ValueProblem(
            "naive_timestamp",
            f"{column} has no time zone; write it with its offset,"
            " as in 2018-06-09T17:55:28+05:30 or 2018-06-09T12:25:28Z",
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueProblem("bad_timestamp", f"{column} is outside the years 1 to 9999") from None


def _parsed_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.strptime(text, _V1_TIME)
    except ValueError:
        return None
