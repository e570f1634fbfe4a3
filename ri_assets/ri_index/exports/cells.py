"""Cells of a CSV that a spreadsheet opens: no text in them becomes a formula.

Belongs here: what a cell looks like, there and back. Does not belong here: which cells
there are (`documents`).
"""

from __future__ import annotations

import re
from typing import Any

SEPARATOR = " | "
"""Between the values of a list; no semicolon, because some spreadsheets split cells at it."""

# What makes a spreadsheet calculate, also in its full-width form and behind what it trims.
_FORMULA = re.compile(r"[\t\r\n]|[\W_]*?[=+\-@\uff1d\uff0b\uff0d\uff20]")
_MARK = "'"


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
