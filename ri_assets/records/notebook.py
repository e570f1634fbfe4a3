"""An answer as HTML for a notebook, and as plain text for a Python shell.

Every text is escaped and printed without control characters. The HTML sets no colour, so it
follows a light or dark notebook, and a notebook that removes its `<style>` still shows tables.

Belongs here: how the parts of an answer are written. Does not belong here: which parts it has
(`shown`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ri_assets.printable import printable
from ri_assets.records.display import is_number, list_columns
from ri_assets.records.shown import Fields, Listed, Part

MAX_ROWS = 20
_LONGEST_CELL = 280
_LONGEST_IN_A_SHELL = 40
_STYLE = (
    "<style>div.ri{max-width:70em;overflow-x:auto}div.ri table{margin:.4em 0}"
    "div.ri :is(td,th){text-align:left;vertical-align:top;white-space:normal}"
    "div.ri .n{text-align:right}div.ri td.n{white-space:nowrap}div.ri p{margin:.3em 0}</style>"
)
# Notebooks would set what stands between two dollar signs as a formula.
_OPEN = '<div class="ri tex2jax_ignore mathjax_ignore">'


def as_html(parts: Iterable[Part], heading: str = "") -> str:
    """Give the parts as HTML that a notebook shows; long lists show their first rows."""
    title = f"<p><b>{_text(heading)}</b></p>" if heading else ""
    return f"{_STYLE}{_OPEN}{title}{''.join(map(_html, parts))}</div>"


def as_text(parts: Iterable[Part]) -> str:
    """Give the parts as lines of text; long cells and long lists are cut."""
    return "\n".join(line for part in parts for line in _lines(part))


def _html(part: Part) -> str:
    if isinstance(part, str):
        return f"<p>{_text(part)}</p>"
    if isinstance(part, Fields):
        rows = (f"<tr><th>{_text(k)}</th><td>{_value(v)}</td></tr>" for k, v in part.pairs)
        return f"<table>{''.join(rows)}</table>"
    headers, rows_of_cells = _cells(part)
    marks = [' class="n"' if is_number(part.kind, name) else "" for name in headers]
    head = "".join(
        f"<th{mark}>{_text(name)}</th>" for mark, name in zip(marks, headers, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{mark}>{_text(_cut(cell, _LONGEST_CELL))}</td>"
            for mark, cell in zip(marks, cells, strict=True)
        )
        + "</tr>"
        for cells in rows_of_cells
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{_html_rest(part)}"


def _value(text: str) -> str:
    return "<br>".join(map(_text, text.split("\n")))


def _html_rest(part: Listed) -> str:
    rest = _rest(part)
    return f"<p>{rest}</p>" if rest else ""


def _lines(part: Part) -> Iterator[str]:
    if isinstance(part, str):
        yield printable(part)
        return
    from tabulate import tabulate

    if isinstance(part, Fields):
        rows: Sequence[Sequence[str]] = [(name, printable(text)) for name, text in part.pairs]
        yield tabulate(rows, tablefmt="plain", disable_numparse=True)
        return
    headers, rows = _cells(part)
    sides = ["right" if is_number(part.kind, name) else "left" for name in headers]
    cut = [[printable(_cut(cell, _LONGEST_IN_A_SHELL)) for cell in cells] for cells in rows]
    # tabulate refuses sides for a table without rows.
    yield tabulate(
        cut, headers, tablefmt="plain", disable_numparse=True, colalign=sides if cut else None
    )
    if rest := _rest(part):
        yield rest


def _cells(part: Listed) -> tuple[list[str], list[list[str]]]:
    """Give the headings, and the cells of the first rows; columns without any text are left out."""
    columns = list_columns(part.kind)
    items = part.items[:MAX_ROWS]
    found = {name: [cell(item) for item in items] for name, cell in columns.items()}
    full = {name: cells for name, cells in found.items() if not items or any(cells)}
    return list(full), [list(row) for row in zip(*full.values(), strict=True)]


def _rest(part: Listed) -> str:
    hidden = len(part.items) - MAX_ROWS
    return f"{hidden:,} more rows; to_frame() has all" if hidden > 0 else ""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _text(text: str) -> str:
    return escape(printable(text))
