"""An answer as a table, as JSON or as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import typer

from ri_assets.cli.card import show_card
from ri_assets.cli.show import show
from ri_assets.cli.terminal import console, print_draft, print_json, safe
from ri_assets.errors import QueryError
from ri_assets.records.personas import Persona
from ri_assets.records.record import Record
from ri_assets.ri_index.exports.writing import as_cell
from ri_assets.ri_index.index import RIIndex
from ri_assets.ri_index.results import Rows, answer_json


@dataclass(frozen=True)
class Output:
    """How a person wants an answer printed.

    Parameters
    ----------
    as_json, as_csv
        As one line of JSON, or as CSV; otherwise as a table.
    sort
        Field by which rows are sorted; descending with a minus sign before it.
    """

    as_json: bool = False
    as_csv: bool = False
    sort: str | None = None

    def __post_init__(self) -> None:
        if self.as_json and self.as_csv:
            raise QueryError("--json and --csv were given", "one of them", "leave one out")

    def show(self, answer: Record | Rows[Any], ri: RIIndex | None = None) -> None:
        """Print an answer; one from a draft is marked.

        Parameters
        ----------
        ri
            The index that answered; None if the answer is from no snapshot.
        """
        draft = ri.draft if ri is not None else None
        snapshot = ri.snapshot if ri is not None else None
        if self.sort is not None and isinstance(answer, Rows):
            answer = _sorted(answer, self.sort)
        if draft is not None:
            print_draft(console(stderr=self.as_json or self.as_csv), draft)
        content = answer_json(answer, snapshot, draft)
        if self.as_json:
            print_json(json.dumps(content, ensure_ascii=False, allow_nan=False))
        elif self.as_csv:
            rows = content["items"] if isinstance(answer, Rows) else [content]
            empty = list(answer.to_frame().columns) if isinstance(answer, Rows) else []
            _print_csv(rows, empty)
            if isinstance(answer, Rows) and answer.note:
                console(stderr=True).print(safe(answer.note), highlight=False, soft_wrap=True)
        elif isinstance(answer, Persona) and ri is not None:
            show_card(console(), ri.card(answer))
        else:
            show(console(), answer)


def _sorted(rows: Rows[Any], by: str) -> Rows[Any]:
    """Sort rows by a field; a missing value comes last."""
    name = by.removeprefix("-")
    fields = list(rows[0].to_dict()) if rows else [name]
    if name not in fields:
        raise QueryError(f"--sort is {by!r}", f"one of {', '.join(fields)}", "name a field")
    known = [row for row in rows if getattr(row, name) is not None]
    missing = [row for row in rows if getattr(row, name) is None]
    value: Callable[[Any], Any] = lambda row: getattr(row, name)  # noqa: E731 - names its type
    ordered = sorted(known, key=value, reverse=by.startswith("-"))
    return replace(rows, items=(*ordered, *missing))


def _print_csv(rows: list[dict[str, Any]], columns: list[str]) -> None:
    """Print CSV that a spreadsheet opens without running anything in it."""
    nested = [name for row in rows for name, value in row.items() if _is_nested(value)]
    if nested:
        raise QueryError(
            f"{nested[0]} is a table within the answer",
            "an answer of one table for --csv",
            "use --json",
        )
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(list(rows[0]) if rows else columns)
    for row in rows:
        writer.writerow(safe(_cell(value)).plain for value in row.values())
    typer.echo(written.getvalue(), nl=False)


def _is_nested(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(one, dict) for one in value)
    )


def _cell(value: Any) -> str:
    return as_cell([str(one) for one in value] if isinstance(value, list) else value)
