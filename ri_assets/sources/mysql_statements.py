"""Send a statement and take its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import SSCursor

from ri_assets.sources.rows import CHUNK_ROWS


def quoted(name: str) -> str:
    """Quote a column's name for a statement."""
    return "`{}`".format(name.replace("`", "``"))


def answer(
    connection: Connection[SSCursor], statement: str, *values: object
) -> list[tuple[Any, ...]]:
    """Run a statement and return all rows; `%s` in it stands for a value."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def fetched(connection: Connection[SSCursor], statement: str) -> Iterator[tuple[Any, ...]]:
    """Run a statement and fetch its rows in chunks."""
    cursor = connection.cursor()
    cursor.execute(statement)
    while chunk := cursor.fetchmany(CHUNK_ROWS):
        yield from chunk
    cursor.close()
