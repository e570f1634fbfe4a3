"""Exports read back from their files, as a program that was handed them reads them.

Belongs here: parsing, strictly. Does not belong here: what should be in them. Whatever
is wrong with a file is a `ValueError`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any, TextIO

Row = dict[str, Any]
_END = "]}\n"


def read_json(file: TextIO) -> Row:
    """Read one JSON object; a key may not stand twice, and no number may be infinite."""
    return _object(file.read())


def read_csv(file: TextIO) -> tuple[list[str], list[dict[str, str]]]:
    """Read names of the columns, and the rows; each must have as many cells."""
    rows = list(csv.reader(file, strict=True))
    if not rows:
        raise ValueError("it is empty")
    names, *body = rows
    return names, [dict(zip(names, cells, strict=True)) for cells in body]


def read_mapping(file: TextIO, batch: int) -> tuple[Row, Iterator[list[Row]]]:
    """Read the object without its tweets; the tweets follow, `batch` at a time.

    The file is the one that `writing` makes, one tweet a line: what is read here is
    valid JSON as a whole, without the whole in memory.
    """
    return _object(file.readline() + _END), _tweets(file, batch)


def _tweets(lines: Iterator[str], batch: int) -> Iterator[list[Row]]:
    rows: list[Row] = []
    held = next(lines, "")
    while held != _END:
        following = next(lines, "")
        ending = "\n" if following == _END else ",\n"  # no comma after the last tweet
        if not held.endswith(ending):
            raise ValueError("a line does not end as the line of a tweet does")
        rows.append(_object(held.removesuffix(ending)))
        held = following
        if len(rows) == batch:
            yield rows
            rows = []
    yield rows
    if next(lines, None) is not None:
        raise ValueError("something follows its end")


def _object(text: str) -> Row:
    found = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - a wrong file, not a wrong call
    return found


def _once(pairs: list[tuple[str, Any]]) -> Row:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
