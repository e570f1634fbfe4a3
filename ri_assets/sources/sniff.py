"""What a file holds, told by its first bytes.

Belongs here: suffixes of files in a folder, first bytes. Does not belong here: reading rows.
"""

from __future__ import annotations

import re
from typing import Literal

from ri_assets.errors import SourceError
from ri_assets.sample.corpus import LABELS_FILE  # the truth beside the bundled sample
from ri_assets.sources.packed import Packed, bare_name, spreadsheet

Format = Literal["parquet", "csv", "json"]

SUFFIXES = (".parquet", ".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".js")
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json", ".js")
_SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")
_SNIFFED_BYTES = 4096
# Of the many .js files of an X data archive, these hold tweets.
_ARCHIVED_TWEETS = re.compile(r"tweets?(-part\d+)?\.js")
_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
    (b"<!doctype", "HTML"),
    (b"<html", "HTML"),
    (b"<?xml", "XML"),
    (b"sqlite format 3", "an SQLite database"),
    (b"%pdf", "a PDF file"),
    (b"rdx", "an R data file"),
)
_JSON_START = re.compile(r"\s*(\{|\[|window\.\w+|(?:var|const) \w+ = [\[{])")


def is_data_file(name: str) -> bool:
    """Whether the name is that of a file with posts, packed or not."""
    name = name.lower()
    if name.startswith((".", "_")) or name == LABELS_FILE:
        return False
    bare = bare_name(name)
    if bare.endswith(".js"):
        return bool(_ARCHIVED_TWEETS.fullmatch(bare))
    return bare.endswith(SUFFIXES) or name.endswith(".zip")


def format_of(packed: Packed) -> Format | None:
    """Format of a file; None where the file is empty.

    Parameters
    ----------
    packed
        The file. Its name decides only where the content leaves it open.

    Raises
    ------
    SourceError
        The file is something else.
    """
    start = packed.start(_SNIFFED_BYTES)
    if start.startswith(b"PAR1"):
        return "parquet"
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not plain:
        return None
    seen = next((what for mark, what in _REFUSED if plain.startswith(mark)), None)
    if seen == "spreadsheet" or packed.name.endswith(_SPREADSHEETS):
        raise spreadsheet(packed.where)
    if packed.name.endswith(".parquet"):
        seen = seen or "no Parquet"
    elif seen is None and _is_binary(start):
        seen = "neither text nor Parquet"
    if seen is not None:
        raise SourceError(
            f"{packed.where} holds {seen}",
            "CSV, JSON or Parquet, packed or not",
            "export the tweets again in one of these formats, or name another file",
        )
    if _JSON_START.match(_as_text(start)) or packed.name.endswith(_JSON_SUFFIXES):
        return "json"  # JSON lines may begin with a broken line
    return "csv"


def _as_text(start: bytes) -> str:
    """Latin letters of a text in UTF-8 or UTF-16: enough to see how it begins."""
    marks = b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"
    for mark in marks:
        start = start.removeprefix(mark)
    return start.replace(b"\0", b"").decode("latin-1")


def _is_binary(start: bytes) -> bool:
    """Whether zero bytes stand where neither UTF-16 nor UTF-32 has them."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return False
    n_even, n_odd = start[::2].count(0), start[1::2].count(0)
    return min(n_even, n_odd) > len(start) // 100 and max(n_even, n_odd) > 0
