"""Exports read back from their files, strictly, and compared with their published schemas.

Belongs here: parsing, and the validators made from the files in `schemas/`. Does not belong
here: agreement with the Parquet (the check `exports`). A file that cannot be parsed raises a
`ValueError`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TextIO

from ri_assets.ri_index.exports.names import MAPPING
from ri_assets.ri_index.exports.schemas import FOLDER, schema_file

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

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


def problems(export: str, content: Any) -> list[str]:
    """Say where content breaks the export's schema, and which rule; values are not repeated."""
    return _said(_validator(export), content)


def tweet_problems(tweet: Any) -> list[str]:
    """Say where one tweet of `tweet_persona_mapping.json` breaks the schema."""
    return _said(_tweet_validator(), tweet)


def _said(validator: Draft202012Validator, content: Any) -> list[str]:
    return [
        f"{'.'.join('[]' if isinstance(p, int) else str(p) for p in error.path) or 'the whole'} "
        f"breaks {error.validator}"
        for error in validator.iter_errors(content)
    ]


@lru_cache
def _validator(export: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    schema = _schema(export)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@lru_cache
def _tweet_validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_schema(MAPPING)["$defs"]["tweet"])


def _schema(export: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / schema_file(export)).read_text(encoding="utf-8"))
    return found
