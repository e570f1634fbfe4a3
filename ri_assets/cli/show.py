"""Answers of the index as tables for people.

Belongs here: the form of each answer. Does not belong here: which columns a list has, which
the records declare (`ri_assets.records.display`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console, JustifyMethod
from rich.table import Table

from ri_assets.cli.terminal import safe
from ri_assets.records.answers import Audience, Comparison, TraitPair, TweetPersona
from ri_assets.records.display import is_number, list_columns, share, size, written
from ri_assets.records.personas import Persona, PersonaBrief
from ri_assets.records.quality import CheckVerdict, Figure
from ri_assets.records.record import Record
from ri_assets.records.snapshots import (
    Diff,
    FigureChange,
    PersonaChange,
    PersonaStability,
    Quality,
    SummaryStats,
)
from ri_assets.ri_index.results import Rows

_WHOLE = {"id", "tweet", "snapshot", "check", "figure"}


def show(console: Console, answer: Record | Rows[Any]) -> None:
    """Print an answer; `Rows` as a table, a record in its own form."""
    if isinstance(answer, Rows):
        show_rows(console, answer)
    else:
        _RECORDS[type(answer)](console, answer)


def show_rows(console: Console, rows: Rows[Any]) -> None:
    """Print records as a table, and below it what a reader should know."""
    grid(console, rows.items, rows.kind)
    if rows.note:
        line(console, rows.note)
    if len(rows) < rows.total:
        line(console, f"{len(rows):,} of {rows.total:,}")


def grid(console: Console, items: Sequence[Record], kind: type[Record]) -> None:
    """Print a table."""
    table = Table()
    columns = list_columns(kind)
    cells = {name: [cell(item) for item in items] for name, cell in columns.items()}
    # Text that nobody asked for, or that is withheld, needs no empty column.
    cells = {name: column for name, column in cells.items() if name != "text" or any(column)}
    for name in cells:
        justify: JustifyMethod = "right" if is_number(kind, name) else "left"
        table.add_column(name, justify=justify, no_wrap=name in _WHOLE)
    for row in zip(*cells.values(), strict=True):
        table.add_row(*map(safe, row))
    console.print(table)


def line(console: Console, text: object) -> None:
    """Print one line, as it is."""
    console.print(safe(text), highlight=False, soft_wrap=True)


def _show_persona(console: Console, persona: Persona) -> None:
    table = Table(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for name in persona.to_dict():
        value = getattr(persona, name)
        if _is_share(name) and isinstance(value, tuple):
            text = ", ".join(map(share, value))
        elif isinstance(value, float):
            text = share(value) if _is_share(name) else f"{value:.4g}"
        else:
            text = written(value)
        if name in {"name_evidence", "do_hints", "dont_hints"}:
            text = "\n".join(value)
        table.add_row(name, safe(text, keep="\n"))
    console.print(table)


def _show_fields(console: Console, record: SummaryStats | TweetPersona | Audience) -> None:
    table = Table(show_header=False)
    for name, value in record.to_dict().items():
        if isinstance(value, float):
            table.add_row(name, share(value) if _is_share(name) else f"{value:.4f}")
        elif isinstance(value, list):
            table.add_row(name, safe(", ".join(map(str, value))))
        else:
            table.add_row(name, safe(size(value) if _is_count(name, value) else written(value)))
    console.print(table)


def _is_share(name: str) -> bool:
    return "share" in name.split("_")


def _is_count(name: str, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and not name.endswith("_id")


def _show_comparison(console: Console, found: Comparison) -> None:
    grid(console, (found.a, found.b), PersonaBrief)
    line(
        console,
        f"alike by language {found.language:.3f}, style {found.style:.3f}, size {found.size:.3f}",
    )
    line(console, f"shared top terms: {', '.join(found.shared_terms) or 'none'}")
    line(console, f"only {found.a.name}: {', '.join(found.only_a)}")
    line(console, f"only {found.b.name}: {', '.join(found.only_b)}")
    grid(console, found.traits, TraitPair)


def _show_quality(console: Console, found: Quality) -> None:
    line(console, f"snapshot {found.snapshot}")
    grid(console, found.figures, Figure)
    grid(console, found.checks, CheckVerdict)
    grid(console, found.personas, PersonaStability)


def _show_diff(console: Console, found: Diff) -> None:
    line(console, f"a {found.snapshot_a}")
    line(console, f"b {found.snapshot_b}")
    line(
        console,
        f"profile {'changed' if found.is_profile_changed else 'the same'}, "
        f"corpus {'changed' if found.is_corpus_changed else 'the same'}; "
        f"{found.shared_tweets:,} tweets in both, {found.only_a:,} in a alone, "
        f"{found.only_b:,} in b alone; {found.moved_tweets:,} moved to another persona",
    )
    grid(console, found.personas, PersonaChange)
    line(console, f"new in b: {', '.join(found.new_personas) or 'none'}")
    grid(console, found.figures, FigureChange)


_RECORDS: dict[type, Callable[..., None]] = {
    Persona: _show_persona,
    SummaryStats: _show_fields,
    TweetPersona: _show_fields,
    Audience: _show_fields,
    Comparison: _show_comparison,
    Quality: _show_quality,
    Diff: _show_diff,
}
