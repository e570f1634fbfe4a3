"""Exports as files, line by line where a file may be large; no cell of a CSV becomes a formula."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ri_assets.records.frames import SEPARATOR
from ri_assets.records.manifest import StoredFile
from ri_assets.ri_index.exports import documents
from ri_assets.ri_index.exports.documents import Material, Row
from ri_assets.ri_index.exports.names import (
    APP,
    BRIEFS,
    ENRICHED,
    MAPPING,
    OVERLAP,
    REVIEW,
    SAMPLES,
    STATS,
)
from ri_assets.store.files import Files
from ri_assets.store.partial_files import scratch

MAPPING_END = "]}"

# What starts a formula, also in its full-width form and behind characters that are trimmed.
_FORMULA = re.compile(r"[\t\r\n]|[\W_]*?[=+\-@\uff1d\uff0b\uff0d\uff20]")
_MARK = "'"


def write_exports(files: Files, folder: str, material: Material) -> dict[str, StoredFile]:
    """Write all exports into a folder of the store; give each file by its export's name."""
    with scratch("write the exports") as place:
        found = {}
        for name, write in _WRITERS.items():
            local = Path(place) / name
            n_rows = write(local, material)
            found[name] = files.write_file(f"{folder}/{name}", local, n_rows)
            local.unlink()
    return found


def _json(content: Callable[[Material], Row]) -> Callable[[Path, Material], int]:
    def write(path: Path, material: Material) -> int:
        found = content(material)
        path.write_text(_text(found, indent=2) + "\n", encoding="utf-8")
        return len(found["pairs" if "pairs" in found else "personas"])

    return write


def _review(path: Path, material: Material) -> int:
    rows = documents.review(material)
    # Spreadsheets know UTF-8 by the mark at its beginning, and rows by CR LF (RFC 4180).
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow((*documents.HEAD_OF_A_ROW, *documents.REVIEWED))
        writer.writerows([as_cell(value) for value in row.values()] for row in rows)
    return len(rows)


def _mapping(path: Path, material: Material) -> int:
    """Write one tweet a line, so that no reader has to hold the whole."""
    n = int(material.index["tweet_personas"].num_rows) - sum(material.hidden.values())
    first = _text({**documents.head(material), "tweet_count": n, "tweets": []})
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(first.removesuffix(MAPPING_END))
        break_ = "\n"
        for row in documents.mapping_rows(material):
            file.write(break_ + _text(row))
            break_ = ",\n"
        file.write(f"\n{MAPPING_END}\n")
    return n


def _text(content: Row, indent: int | None = None) -> str:
    separators = None if indent else (",", ":")
    return json.dumps(
        content, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )


_WRITERS: dict[str, Callable[[Path, Material], int]] = {
    ENRICHED: _json(documents.enriched),
    BRIEFS: _json(documents.briefs),
    REVIEW: _review,
    MAPPING: _mapping,
    STATS: _json(documents.stats),
    SAMPLES: _json(documents.samples),
    APP: _json(documents.app),
    OVERLAP: _json(documents.overlap),
}


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet may take for a formula.

    That is a text that begins with a tab, a line break, or one of = + - @ (full-width
    forms too), also where blanks or other marks stand before it.
    """
    return _MARK + text if _FORMULA.match(text) else text


def as_cell(value: Any) -> str:
    """Write a value: nothing for None, numbers so that they are read back exactly."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return harmless(SEPARATOR.join(value) if isinstance(value, list) else str(value))
