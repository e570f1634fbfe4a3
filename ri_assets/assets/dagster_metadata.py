"""Metadata in a form that people read in the Dagster UI: tables and rounded figures, no raw JSON.

Belongs here: how a value looks. Does not belong here: which values an asset or a
check shows.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pandas as pd

DECIMALS = 4
NONE = "none"
# Underscores within words, as in names of checks, are no emphasis.
_MARKDOWN = re.compile(r"[\\`*\[\]|!~]|(?<!\w)_|_(?!\w)")


def shown(values: Mapping[str, Any], *, is_folded: bool = False) -> dict[str, Any]:
    """Give metadata for plain values.

    Parameters
    ----------
    values
        By name. A frame, a list of mappings or a mapping becomes a table, another list a
        line of text; floats keep four decimals; what is empty is said to be none.
    is_folded
        Show tables behind a link. The UI sorts a check's metadata by name, so that a long
        table would hide the value below it.
    """
    return {name: _shown(value, is_folded) for name, value in values.items()}


def _shown(value: Any, is_folded: bool) -> Any:
    if isinstance(value, dg.MetadataValue):
        return value
    if isinstance(value, pd.DataFrame):
        return _table(value, is_folded)
    if isinstance(value, Mapping):
        return _table(pd.DataFrame({"name": value.keys(), "value": value.values()}), is_folded)
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return _table(pd.DataFrame(value), is_folded)
    if isinstance(value, list):
        return ", ".join(str(_plain(item)) for item in value) or NONE
    return _plain(value)


def _table(frame: pd.DataFrame, is_folded: bool) -> Any:
    if frame.empty:
        return NONE
    records = [
        {str(name): _cell(item) for name, item in record.items()}
        for record in frame.astype(object).to_dict("records")
    ]
    if is_folded:
        escaped = [{name: literal(cell) for name, cell in row.items()} for row in records]
        return dg.MetadataValue.md(pd.DataFrame(escaped, dtype=object).to_markdown(index=False))
    return dg.MetadataValue.table([dg.TableRecord(record) for record in records])


def literal(cell: Any) -> Any:
    """Give a text so that Markdown shows it as it is: no link, no HTML, no further column."""
    if not isinstance(cell, str):
        return cell
    return " ".join(_MARKDOWN.sub(r"\\\g<0>", html.escape(cell, quote=False)).split())


def _cell(value: Any) -> Any:
    """Give a cell of a table, which cannot be missing."""
    return "" if pd.isna(value) else _plain(value)


def _plain(value: Any) -> Any:
    """Turn a scalar of NumPy or pandas into one of Python."""
    plain = value.item() if hasattr(value, "item") else value
    if not isinstance(plain, float):
        return plain
    # JSON, in which the UI's server answers, has neither NaN nor infinity.
    return round(plain, DECIMALS) if math.isfinite(plain) else str(plain)
