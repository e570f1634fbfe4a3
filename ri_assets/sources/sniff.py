"""Whether a file is what its name says.

Belongs here: suffixes, first bytes. Does not belong here: reading rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ri_assets.errors import SourceError

Format = Literal["parquet", "csv", "jsonl"]

_FORMATS: dict[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
SUFFIXES = (*_FORMATS, *(f"{suffix}.gz" for suffix in _FORMATS if suffix != ".parquet"))

_REMEDIES: dict[Format, str] = {
    "parquet": "export it again as Parquet, or give the file the suffix of what it is",
    "csv": "export it again as CSV in UTF-8 with a header, or give it the suffix of what it is",
    "jsonl": "export it again with one JSON object a line; `jq -c '.[]'` cuts an array into lines",
}
_MARKS = (
    (b"PAR1", "Parquet"),
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a ZIP file or spreadsheet"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"<!doctype", "HTML"),
    (b"<html", "HTML"),
    (b"<?xml", "XML"),
    (b"[", "a JSON array"),
    (b"{", "JSON lines"),
)
_OWN_MARK: dict[Format, str | None] = {"parquet": "Parquet", "csv": None, "jsonl": "JSON lines"}


def has_known_suffix(path: Path) -> bool:
    """Whether the suffix names a format that can be read."""
    return path.name.lower().endswith(SUFFIXES)


def format_of(path: Path) -> Format:
    """Format that the file's suffix names.

    Raises
    ------
    SourceError
        The suffix names no known format.
    """
    if not has_known_suffix(path):
        raise SourceError(
            f"{path} has no suffix of a known format",
            f"one of {', '.join(SUFFIXES)}",
            "rename the file to what it is, or export it in one of these formats",
        )
    return _FORMATS[Path(path.name.lower().removesuffix(".gz")).suffix]


def check_content(path: Path, start: bytes) -> None:
    """Compare a file's first bytes with what its name says.

    Parameters
    ----------
    path
        Names the file.
    start
        Its first bytes, after decompression.

    Raises
    ------
    SourceError
        The file is empty, or is something else.
    """
    named = format_of(path)
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not plain:
        raise SourceError(
            f"{path} is empty", f"a {named} file with rows", "export it again, or name another file"
        )
    seen = next((what for mark, what in _MARKS if plain.startswith(mark.lower())), "text")
    own = _OWN_MARK[named]
    # A JSON lines file may begin with a broken line, so plain text is not yet a mistake.
    if seen != own and not (seen == "text" and named != "parquet"):
        raise SourceError(
            f"{path} holds {'no Parquet' if seen == 'text' else seen}",
            f"{named}, as its name says",
            _REMEDIES[named],
        )
