"""Everything that a run leaves behind, unpacked: what a search for a secret must look through.

Belongs here: files, tables of SQLite, Parquet and Arrow, and what is packed inside of them.
Does not belong here: which secrets there are.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pyarrow as pa
import pyarrow.parquet as pq

SQLITE = b"SQLite format 3\0"
PARQUET, ARROW = b"PAR1", b"ARROW1"
# A package in a package in a package: Dagster packs at most twice.
DEEPEST = 4
_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_ZLIB_OR_GZIP = 47
_MOST_PACKAGES = 200


def places_of(secrets: Mapping[str, str], *folders: Path) -> list[str]:
    """Where secrets lie in files below folders, as "secret: file, table and column".

    Parameters
    ----------
    secrets
        What to look for, by the name under which it is told. Letters and digits alone, so
        that no encoding of texts can hide one.
    """
    for secret in secrets.values():
        assert secret.isascii()
        assert secret.isalnum()
    found = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                for where, data in _contents(path):
                    for name, secret in secrets.items():
                        if holds(data, secret):
                            found.add(f"{name}: {path.relative_to(folder.parent)}{where}")
    return sorted(found)


def holds(data: bytes, secret: str, depth: int = DEEPEST) -> bool:
    """Whether bytes hold a secret, as they stand or packed or encoded."""
    if secret.encode() in data or secret.encode("utf-16-le") in data:
        return True
    return depth > 0 and any(holds(inner, secret, depth - 1) for inner in _unpacked(data))


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give what a file holds: its bytes, and each value of each table in it."""
    data = path.read_bytes()
    yield "", data
    if data.startswith(SQLITE):
        yield from _of_sqlite(path)
    elif data.startswith(PARQUET):
        yield from _of_arrow(pq.read_table(path))
    elif data.startswith(ARROW):
        with pa.memory_map(str(path)) as source:
            yield from _of_arrow(pa.ipc.open_file(source).read_all())


def _of_sqlite(path: Path) -> Iterator[tuple[str, bytes]]:
    # What is still in the write-ahead log beside the file is read too.
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        for (name,) in connection.execute(names).fetchall():
            table = name.decode()
            rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own name
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, bytes):
                        yield f", {table}.{column}", value


def _of_arrow(table: pa.Table) -> Iterator[tuple[str, bytes]]:
    yield ", schema", str(table.schema.metadata).encode()
    for name in table.column_names:
        if not pa.types.is_fixed_size_list(table[name].type):  # vectors
            yield f", {name}", str(table[name].to_pylist()).encode()


def _unpacked(data: bytes) -> Iterator[bytes]:
    for start in list(_DEFLATED.finditer(data))[:_MOST_PACKAGES]:
        with suppress(zlib.error):  # the two bytes were no beginning
            yield zlib.decompressobj(_ZLIB_OR_GZIP).decompress(data[start.start() :])
    if _ESCAPE.search(data):
        yield unquote_to_bytes(data)
        with suppress(ValueError):  # it is no JSON
            yield json.dumps(json.loads(data), ensure_ascii=False).encode()
    for match in _BASE64.finditer(data):
        text = match.group().rstrip(b"=")
        with suppress(binascii.Error):
            inner = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_")
            if inner.isascii() or _DEFLATED.match(inner):
                yield inner
