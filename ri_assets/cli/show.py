"""Answers, summaries and verdicts as tables for people.

Belongs here: how a terminal prints the parts of an answer. Does not belong here: which parts
it has (`ri_assets.records.shown`), and the columns of a table (`ri_assets.records.display`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console, JustifyMethod
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from ri_assets.cli.terminal import safe
from ri_assets.counted import counted
from ri_assets.records.display import (
    hidden_told,
    is_number,
    list_columns,
    share,
    stability,
    without_outcome,
)
from ri_assets.records.manifest import Verdict, Waiver
from ri_assets.records.record import Record
from ri_assets.records.shown import Fields, Listed, parts_of, parts_of_list
from ri_assets.ri_index.results import Rows

_WHOLE = {"id", "tweet", "snapshot", "check", "figure"}
# In a narrow terminal all others are left out before these, from the right.
_KEPT_LONGEST = {
    "id",
    "persona",
    "tweet",
    "text",
    "snapshot",
    "check",
    "verdict",
    "figure",
    "value",
}
_PASS, _WARN, _FAIL = "[green]pass[/]", "[yellow]warn[/]", "[red]FAIL[/]"
_WAIVED = "[yellow]waived[/]"


def show(console: Console, answer: Record | Rows[Any]) -> None:
    """Print an answer; `Rows` as a table, a record in its own form."""
    parts = (
        parts_of_list(answer.kind, answer.items, answer.total, answer.note)
        if isinstance(answer, Rows)
        else parts_of(answer)
    )
    for part in parts:
        if isinstance(part, Listed):
            grid(console, part.items, part.kind)
        elif isinstance(part, Fields):
            _fields(console, part)
        else:
            line(console, part)


def grid(console: Console, items: Sequence[Record], kind: type[Record]) -> None:
    """Print a table; columns for which the terminal is too narrow are left out and named."""
    columns = list_columns(kind)
    cells = {name: [cell(item) for item in items] for name, cell in columns.items()}
    # A text that was not asked for, or is withheld, needs no empty column.
    cells = {name: column for name, column in cells.items() if name != "text" or any(column)}
    left_out: list[str] = []
    table = _table(kind, cells)
    while len(cells) > 1 and _width(console, table) > console.width:
        others = [name for name in cells if name not in _KEPT_LONGEST]
        left_out.append((others or list(cells))[-1])
        del cells[left_out[-1]]
        table = _table(kind, cells)
    console.print(table)
    if left_out:
        names = ", ".join(reversed(left_out))
        line(console, f"left out: {names} (the terminal is too narrow; --json has all fields)")


def _table(kind: type[Record], cells: dict[str, list[str]]) -> Table:
    table = Table()
    for name in cells:
        justify: JustifyMethod = "right" if is_number(kind, name) else "left"
        table.add_column(name, justify=justify, no_wrap=name in _WHOLE)
    for row in zip(*cells.values(), strict=True):
        table.add_row(*map(safe, row))
    return table


def _width(console: Console, table: Table) -> int:
    """Width below which words of the table would be cut."""
    return Measurement.get(console, console.options.update(max_width=10_000), table).minimum


def line(console: Console, text: object) -> None:
    """Print one line, as it is."""
    console.print(safe(text), highlight=False, soft_wrap=True)


def _fields(console: Console, fields: Fields) -> None:
    table = Table(show_header=False)
    for name, value in fields.pairs:
        table.add_row(name, safe(value))
    console.print(table)


def show_summary(console: Console, content: dict[str, Any]) -> None:
    """Print a summary."""
    source = safe(content["source"])
    heading = Text.assemble(
        "\n", (f"{'Draft' if content['is_draft'] else 'Snapshot'} {content['snapshot']}", "bold"),
        f" · profile {content['profile']} · source ", source,
    )  # fmt: skip
    console.print(heading, highlight=False, soft_wrap=True)
    if content["left_out_tweets"]:
        from ri_assets.sources.base import told_left_out  # loads slowly

        told = safe(f"left out: {told_left_out(content['left_out_by_reason'])}")
        console.print(told, highlight=False, soft_wrap=True)
    if content["rejected_tweets"]:
        console.print(f"unreadable: {counted(content['rejected_tweets'], 'row')}", highlight=False)
    funnel = Table("funnel", "tweets", "dropped", "left", title_justify="left")
    for row in content["funnel"]:
        funnel.add_row(
            row["rule"], f"{row['n_in']:,}", f"{row['n_dropped']:,}", f"{row['n_out']:,}"
        )
    funnel.add_row(
        "[bold]kept[/]",
        f"{content['raw_tweets']:,}",
        "",
        f"{content['kept_tweets']:,} ({content['retention']:.2%})",
    )
    console.print(funnel)
    personas = Table("id", "persona", "tweets", "share", "top terms", "stability")
    for row in content["persona_list"]:
        personas.add_row(
            row["persona_id"],
            safe(row["name"]),
            f"{row['tweet_count']:,}",
            share(row["share"]),
            safe(", ".join(row["top_terms"])),
            stability(row["jaccard"], row["stability"]),
        )
    console.print(personas)
    if hidden := hidden_told(content["hidden_personas"], content["hidden_tweets"]):
        line(console, hidden)
    for correction in content["corrections"]:
        line(console, correction)
    if n_withheld := content.get("withheld_texts"):
        console.print(f"withheld because they may be private: {counted(n_withheld, 'text')}")


def show_waivers(console: Console, waivers: Sequence[Waiver]) -> None:
    """Print who waived which gate and why, and which waivers were not needed."""
    for waiver in waivers:
        console.print(
            Text.assemble(("waiver: ", "yellow"), safe(waiver)), highlight=False, soft_wrap=True
        )


def show_verdicts(console: Console, verdicts: list[Verdict]) -> None:
    """Print what each check found; contracts and conservation that pass share one line."""
    table = Table(Column("check", no_wrap=True), "verdict", "what it found")
    routine = [v for v in verdicts if v.check in {"contract", "conservation"} and v.is_passed]
    for verdict in verdicts:
        if verdict not in routine:
            failing = _FAIL if verdict.is_blocking else _WARN
            failing = failing if verdict.waiver is None else _WAIVED
            table.add_row(
                f"{verdict.asset}.{verdict.check}",
                _PASS if verdict.is_passed else failing,
                safe(without_outcome(verdict.message)),
            )
    if routine:
        name = f"contract and conservation × {len(routine)}"
        table.add_row(name, _PASS, "tables as promised, no row lost or added")
    console.print(table)
