"""One value as found becomes one value of the contract, or a named problem.

Belongs here: how an id, number, truth value or text may be written. Does not belong
here: how a time may be written (see `times`), rows, files and tables.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache

import pyarrow as pa

from ri_assets.records.posts import MAX_TEXT_CHARS, REJECT_REASONS
from ri_assets.records.record import TIMESTAMP, Column
from ri_assets.sources.times import TimeProblem, instant_of, is_zero_date

LARGEST_INT = 2**63 - 1
LEAST_MADE_ID = 2**62
LARGEST_EXACT_FLOAT = 2**53

_DIGITS = re.compile(r"[xX]?([0-9]{1,19})")  # rtweet writes an x before ids
_WHOLE = re.compile(r"([0-9]{1,19})(?:\.0+)?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_SHORT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([KkMmBb])")
_SCALES = {"k": 10**3, "m": 10**6, "b": 10**9}
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0", "\x01"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0", "\0"), False),
}
# How R, pandas, Excel, MySQL, Postgres and Python write that there is nothing.
_NOTHING = {"", "na", "n/a", "#n/a", "nan", "<na>", "nat", "null", "<null>", "none", "nil", "\\n"}
_LONGEST_NOTHING = 8  # with a blank or two around it
# In a text of people these could be words; a handle may be "none", and a language "na".
_NOTHING_IN_TEXT = {"\\N", "<NA>", "#N/A", "<null>"}
_NOTHING_IN_NAMES = {*_NOTHING_IN_TEXT, "NA", "N/A", "NULL", "null", "None", "NaN", "nan"}
_NOBODY = {"0", "-1"}  # what some tools write where a post answers none
_UNCOUNTED = (-1, "-1", "-1.0")  # how tools write that a count is unknown
_TAG = re.compile(r"<[^<>]*>")


class ValueProblem(Exception):  # noqa: N818 - no fault of the program: a value becomes missing
    """A value cannot be read: an optional one becomes missing, else its row is set aside.

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


def reader_of(column: Column, zone: tzinfo | None = None) -> Callable[[object], object]:
    """Give the function that reads a value of the column: value as found -> value or None.

    The function raises `ValueProblem`, and returns None for what is missing.

    Parameters
    ----------
    column
        Column of `TWEETS` or `REPLIES`.
    zone
        Zone of times that carry none.
    """
    name = column.name
    if column.type == TIMESTAMP:
        return lambda value: None if is_missing(value) else _timestamp(name, _plain(value), zone)
    if pa.types.is_boolean(column.type):
        read: Callable[[str, object], object] = _boolean
    elif pa.types.is_integer(column.type):
        read = _ID_READERS.get(name, _number)
    else:
        return _text_reader(name)
    return lambda value: None if is_missing(value) else read(name, _plain(value))


def is_empty(value: object) -> bool:
    """Whether nothing was given: None, an empty text, not-a-number."""
    return value is None or value in ("", b"") or (isinstance(value, float) and math.isnan(value))


def is_missing(value: object) -> bool:
    """Whether nothing was given, or a word that a tool writes for it, as in `NA`.

    A text of a post is judged more narrowly: people may write "none".
    """
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if not isinstance(value, str):
        return is_empty(value)
    if len(value) > _LONGEST_NOTHING and not value.isspace():
        return is_zero_date(value)
    return value.strip().casefold() in _NOTHING


def is_nobody(value: object) -> bool:
    """Whether a value in a column of answered posts says that none is answered."""
    return is_missing(value) or str(_plain(value)).removesuffix(".0") in _NOBODY


def is_number(value: object) -> bool:
    """Whether a value can be read as an id."""
    plain = _plain(value)
    return isinstance(plain, int) or (isinstance(plain, str) and bool(_DIGITS.fullmatch(plain)))


@lru_cache(maxsize=4096)
def stable_id(name: str) -> int:
    """Give a text a number of its own, the same in every run, above all ids of the network.

    Parameters
    ----------
    name
        A handle, or an id that was hashed before publication.
    """
    digest = hashlib.blake2b(name.removeprefix("@").casefold().encode(), digest_size=8).digest()
    return LEAST_MADE_ID | (int.from_bytes(digest, "big") >> 2)


def _text_reader(name: str) -> Callable[[object], str | None]:
    nothing = _NOTHING_IN_TEXT if name == "text" else _NOTHING_IN_NAMES

    def read_or_missing(value: object) -> str | None:
        if is_empty(value) or (isinstance(value, str) and value in nothing):
            return None
        text = _text(name, value)
        if name == "text":
            if len(text) > MAX_TEXT_CHARS:
                raise ValueProblem(
                    "too_long", f"text is longer than the {MAX_TEXT_CHARS:,} characters of a post"
                )
            return text
        if not (text := text.strip()) or text in nothing:
            return None
        if name.endswith("_handle"):
            return _handle(name, text)
        return _TAG.sub("", text) or None if name == "source_app" else text

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


def _handle(column: str, text: str) -> str | None:
    """Handle without @. A name with blanks, or a printed object, is none."""
    handle = text.removeprefix("@")
    if any(map(str.isspace, handle)) or handle[:1] in "{[<(":
        raise ValueProblem("not_a_post", f"{column} should be a handle such as asha_88")
    return handle or None


def _plain(value: object) -> object:
    """Bytes and decimals as text without surrounding blanks: the form the patterns read."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    elif isinstance(value, Decimal):
        value = str(value)
    return value.strip() if isinstance(value, str) else value


def _exact_id(column: str, value: object) -> int:
    """Exact id: digits or an integer, and a float only where it cannot have been rounded."""
    if isinstance(value, str):
        digits = _DIGITS.fullmatch(value)
        if digits is None and (digits := _WHOLE.fullmatch(value)):
            digits = digits if int(digits.group(1)) <= LARGEST_EXACT_FLOAT else None
        value = int(digits.group(1)) if digits else value
    elif isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT_FLOAT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INT:
        return value
    raise ValueProblem(
        "bad_id",
        f"{column} should be a whole number of at most 63 bits, written in digits;"
        " spreadsheets and floats round ids, so export it as text or integer",
    )


def _author_id(column: str, value: object) -> int:
    """Id of an author; a handle or a hashed id gets a number that is always the same."""
    try:
        return _exact_id(column, value)
    except ValueProblem:
        # A number that was rounded would make one author of several.
        if not isinstance(value, str) or _looks_like_a_number(value):
            raise
        if any(map(str.isspace, value)):
            raise
        return stable_id(_text(column, value))


def _looks_like_a_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _answered_id(column: str, value: object) -> int | None:
    return None if is_nobody(value) else _exact_id(column, value)


_ID_READERS: dict[str, Callable[[str, object], object]] = {
    "tweet_id": _exact_id,
    "author_id": _author_id,
    "in_reply_to_tweet_id": _answered_id,
}


def _number(column: str, value: object) -> int | None:
    if value in _UNCOUNTED:
        return None
    if isinstance(value, str):
        if match := _WHOLE.fullmatch(value):
            value = int(match.group(1))
        elif _GROUPED.fullmatch(value):
            value = int(value.replace(",", ""))
        elif match := _SHORT.fullmatch(value):
            value = int(Decimal(match.group(1)) * _SCALES[match.group(2).lower()])
    elif isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT_FLOAT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INT:
        return value
    raise ValueProblem(
        "bad_number", f"{column} should be a whole number of at least 0 such as 1204, or empty"
    )


def _boolean(column: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | str) and str(value).lower() in _BOOLEANS:
        return _BOOLEANS[str(value).lower()]
    raise ValueProblem("bad_boolean", f"{column} should be true, false, 1, 0, or empty")


def _timestamp(column: str, value: object, zone: tzinfo | None) -> object:
    try:
        return instant_of(value, zone)
    except TimeProblem as problem:
        reason = "naive_timestamp" if problem.lacks_zone else "bad_timestamp"
        raise ValueProblem(reason, f"{column} {problem.detail}") from None
