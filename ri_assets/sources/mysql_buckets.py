"""Digests of ranges of a table's rows, which the server computes, and the rows of some ranges.

A bucket holds the rows whose primary key, divided by one size, gives the same number. Its digest
covers the key and all columns that are read, so every insert, edit and deletion changes it.

Belongs here: the statements. Does not belong here: what a row means (`mysql`).
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import SSCursor

from ri_assets.sources.mysql_statements import answer, fetched, quoted

ROWS_A_BUCKET = 64
"""So few that scattered edits leave most buckets as they are."""
_LARGEST_SIZE = 2**62
_TOLERATED = 4
"""How many times too large or too small buckets may become before they are cut anew."""
_RANGES_A_STATEMENT = 500
_INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}

_ENGINE = (
    "SELECT engine FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name = %s"
)
_COLUMNS = (
    "SELECT column_name, column_type, character_set_name, data_type, column_key"
    " FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position"
)


@dataclass(frozen=True)
class KeyedTable:
    """A table whose rows can be told apart by an integer.

    Parameters
    ----------
    name
        Of the table.
    key
        Its primary key.
    columns
        Those that are read.
    layout
        Names, types and character sets of all its columns.
    """

    name: str
    key: str
    columns: tuple[str, ...]
    layout: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Bucket:
    """The rows between two keys, and a number that stands for them and their content."""

    number: int
    first: int
    last: int
    n_rows: int


def keyed_table(
    connection: Connection[SSCursor], name: str, columns: Sequence[str]
) -> KeyedTable | str:
    """Describe a table, or say why its rows cannot be told apart."""
    if answer(connection, _ENGINE, name) != [("InnoDB",)]:  # others have no consistent snapshot
        return "it is no InnoDB table"
    found = answer(connection, _COLUMNS, name)
    keys = [(column, kind) for column, _, _, kind, key in found if key == "PRI"]
    if len(keys) != 1 or keys[0][1].lower() not in _INTEGERS:
        return "its primary key is no single integer"
    layout = tuple(tuple(str(value) for value in column[:3]) for column in found)
    return KeyedTable(name, keys[0][0], tuple(columns), layout)


def bucket_size(connection: Connection[SSCursor], table: KeyedTable, kept: int | None) -> int:
    """Choose how many keys a bucket spans: as before, unless buckets became far too large or small.

    The middle half of the rows decides, because a few stray keys can be far from all others.
    """
    key, name = quoted(table.key), table.name
    [(n_rows,)] = answer(connection, f"SELECT COUNT(*) FROM {name}")  # noqa: S608 - constant
    quartiles = [
        answer(connection, f"SELECT {key} FROM {name} ORDER BY {key} LIMIT 1 OFFSET {place}")  # noqa: S608
        for place in (n_rows // 4, n_rows * 3 // 4)
    ]
    if not all(quartiles):
        return kept or 1
    [[(lower,)], [(upper,)]] = quartiles
    n_between = max(n_rows * 3 // 4 - n_rows // 4, 1)
    wanted = min(max(ROWS_A_BUCKET * (upper - lower) // n_between, 1), _LARGEST_SIZE)
    is_fine = kept is not None and kept <= wanted * _TOLERATED and wanted <= kept * _TOLERATED
    return kept if kept is not None and is_fine else wanted


def buckets(
    connection: Connection[SSCursor], table: KeyedTable, size: int, origin: int
) -> list[Bucket]:
    """Let the server compute the digests of all buckets, in the order of keys."""
    key = quoted(table.key)
    rows = answer(
        connection,
        f"SELECT MIN({key}), MAX({key}), COUNT(*), BIT_XOR({_digest(table)})"  # noqa: S608 - quoted
        f" FROM {table.name} GROUP BY {key} DIV {size} ORDER BY MIN({key})",
    )
    return [
        Bucket(numbered(origin, size, first, last, n_rows, digest), first, last, n_rows)
        for first, last, n_rows, digest in rows
    ]


def _digest(table: KeyedTable) -> str:
    """Build the SQL digest of one row: 64 bits of MD5 over lengths and bytes of its values.

    A row that the server cannot digest, because it is larger than a packet or MD5 is switched
    off, gets a new number each time, and so is always fetched.
    """
    values = (f"CAST({quoted(name)} AS BINARY)" for name in (table.key, *table.columns))
    told = ", ".join(f"IFNULL(CONCAT(LENGTH({value}), ':', {value}), '-')" for value in values)
    number = f"CAST(CONV(LEFT(MD5(CONCAT({told})), 16), 16, 10) AS UNSIGNED)"
    return f"IFNULL({number}, UUID_SHORT())"


def rows_of(
    connection: Connection[SSCursor], table: KeyedTable, wanted: Sequence[Bucket]
) -> Iterator[tuple[Bucket, Iterator[Sequence[Any]]]]:
    """Fetch the rows of some buckets; each has the values of the columns, and the key after them.

    Parameters
    ----------
    wanted
        In the order of keys.
    """
    listed, key = ", ".join(map(quoted, table.columns)), quoted(table.key)
    for start in range(0, len(wanted), _RANGES_A_STATEMENT):
        some = wanted[start : start + _RANGES_A_STATEMENT]
        ranges = " OR ".join(f"{key} BETWEEN {one.first} AND {one.last}" for one in some)
        ends = [one.last for one in some]
        rows = fetched(
            connection,
            f"SELECT {listed}, {key} FROM {table.name} WHERE {ranges} ORDER BY {key}",  # noqa: S608
        )
        for place, theirs in groupby(rows, lambda row: bisect_left(ends, row[-1])):  # noqa: B023
            yield some[place], theirs


def numbered(*parts: object) -> int:
    """Give a number of 64 bits that stands for some values."""
    content = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return int.from_bytes(
        hashlib.blake2b(content.encode(), digest_size=8).digest(), "big", signed=True
    )
