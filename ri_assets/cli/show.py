"""Answers, summaries and verdicts as tables for people.

Belongs here: the layout of each answer. Does not belong here: the columns of a table
(`columns`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console, JustifyMethod
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from ri_assets.cli.terminal import safe
from ri_assets.records.answers import Audience, Comparison, TraitPair, TweetPersona
from ri_assets.records.display import (
    hidden_told,
    is_number,
    list_columns,
    share,
    size,
    stability,
    without_outcome,
    written,
)
from ri_assets.records.manifest import Verdict, Waiver
from ri_assets.records.personas import PersonaBrief
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
from ri_assets.sources.base import told_left_out

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
    if isinstance(answer, Rows):
        show_rows(console, answer)
    else:
        _RECORDS[type(answer)](console, answer)


def show_rows(console: Console, rows: Rows[Any]) -> None:
    """Print records as a table, and below it what a reader should know."""
    grid(console, rows.items, rows.kind)
    if rows.note:
        line(console, rows.note)
    if issubclass(rows.kind, PersonaBrief):
        tweets = sum(persona.tweet_count for persona in rows)
        of_all = share(sum(persona.share for persona in rows))
        line(console, f"personas: {len(rows)}; tweets: {tweets:,}, {of_all} of all")
    if len(rows) < rows.total:
        line(console, f"{len(rows):,} of {rows.total:,}")


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
    line(console, f"snapshot {found.snapshot}: {_outcome(found.checks)}")
    stable = sum(persona.verdict == "stable" for persona in found.personas)
    line(console, f"{stable} of {len(found.personas)} personas are stable in reruns")
    grid(console, found.checks, CheckVerdict)
    grid(console, found.personas, PersonaStability)
    grid(console, found.figures, Figure)


def _outcome(checks: Sequence[CheckVerdict]) -> str:
    """Say in one sentence whether the checks passed, and which did not."""
    failed = [check for check in checks if not check.is_passed]
    blocking = [c for c in failed if c.is_blocking and c.waived_by is None]
    waived = [c for c in failed if c.waived_by is not None]
    warnings = [c for c in failed if c not in blocking and c not in waived]
    parts = [f"{len(checks) - len(failed)} of {len(checks)} checks passed"]
    for word, some in (("failed", blocking), ("waived", waived), ("warnings", warnings)):
        if some:
            parts.append(f"{word}: {', '.join(check.check for check in some)}")
    return "; ".join(parts)


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
    SummaryStats: _show_fields,
    TweetPersona: _show_fields,
    Audience: _show_fields,
    Comparison: _show_comparison,
    Quality: _show_quality,
    Diff: _show_diff,
}


def show_summary(console: Console, content: dict[str, Any]) -> None:
    """Print a summary."""
    source = safe(content["source"])
    heading = Text.assemble(
        "\n", (f"{'Draft' if content['is_draft'] else 'Snapshot'} {content['snapshot']}", "bold"),
        f" · profile {content['profile']} · source ", source,
    )  # fmt: skip
    console.print(heading, highlight=False, soft_wrap=True)
    if content["left_out_tweets"]:
        told = safe(f"left out: {told_left_out(content['left_out_by_reason'])}")
        console.print(told, highlight=False, soft_wrap=True)
    if content["rejected_tweets"]:
        console.print(f"unreadable: {content['rejected_tweets']:,} rows", highlight=False)
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
            stability(row["jaccard"], row["verdict"]),
        )
    console.print(personas)
    if told := hidden_told(content["hidden_personas"], content["hidden_tweets"]):
        line(console, told)
    for sentence in content["corrections"]:
        line(console, sentence)
    if n_withheld := content.get("withheld_texts"):
        console.print(f"withheld because they may be private: {n_withheld:,} texts")


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
