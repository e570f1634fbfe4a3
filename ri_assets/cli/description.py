"""What a source holds, as `ri-index check` and `ri-index run` print it, and as JSON.

Does not belong here: reading the source (`ri_assets.sources.description`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from ri_assets.cli.terminal import safe
from ri_assets.counted import counted
from ri_assets.errors import RIError
from ri_assets.pipeline.memory import told_memory
from ri_assets.sources.base import reason_counts, told_left_out
from ri_assets.sources.description import Description
from ri_assets.sources.languages import UNDETERMINED

_EXAMPLES = 3
_EXAMPLE_CHARS = 40
_SHOWN_SHARE = 0.01


def as_object(found: Description) -> dict[str, Any]:
    """Give a description as one JSON object.

    Returns
    -------
    dict
        Counts are of rows: `rows = tweets + replies + left_out + rejected`. `columns` maps the
        source's columns to ours. `problem` and `remedy` are None where a run can start.
    """
    problem = found.problem
    return {
        "is_readable": found.is_whole,
        "can_run": problem is None,
        "source": found.source,
        "rows": found.n_rows,
        "tweets": found.n_tweets,
        "replies": found.n_replies,
        "left_out": found.n_left_out,
        "left_out_by_reason": dict(found.left_out),
        "rejected": len(found.rejected),
        "rejected_by_reason": reason_counts(found.rejected),
        "columns": dict(found.reading.columns),
        "ignored": list(found.reading.ignored),
        "unreadable": [
            {
                "column": column.column,
                "filled": column.n_filled,
                "unreadable": column.n_unreadable,
                "expected": column.expected,
                "examples": list(column.examples),
            }
            for column in found.reading.unreadable
        ],
        "scripts": dict(found.languages.scripts),
        "languages": dict(found.languages.languages),
        "first_time": _iso(found.times.first),
        "last_time": _iso(found.times.last),
        "tweets_without_time": found.times.n_without,
        "timezone": found.times.zone,
        "dropped_by_rule": dict(found.size.dropped),
        "tweets_left_at_most": found.size.n_left,
        "tweets_needed": found.size.n_needed,
        "warnings": list(found.warnings),
        "notes": list(found.reading.notes),
        "problem": None if problem is None else problem.found,
        "remedy": None if problem is None else problem.remedy,
    }


def unreadable(error: RIError) -> dict[str, Any]:
    """Give the JSON object for a source that cannot be read at all."""
    return {
        "is_readable": False,
        "can_run": False,
        "rows": 0,
        "tweets": 0,
        "replies": 0,
        "left_out": 0,
        "rejected": 0,
        "columns": {},
        "ignored": [],
        "problem": error.found,
        "expected": error.expected,
        "remedy": error.remedy,
    }


def show(screen: Console, found: Description) -> None:
    """Print a description in full, with examples of unreadable values."""
    show_short(screen, found)
    columns = Grid("column in the source", "taken for", title_justify="left")
    for theirs, ours in found.reading.columns.items():
        columns.add_row(safe(theirs), safe(ours))
    for theirs in found.reading.ignored:
        columns.add_row(safe(theirs), "ignored")
    if columns.row_count:
        screen.print(columns)
    broken = Grid("unreadable", "rows", "expected", "examples", title_justify="left")
    for column in found.reading.unreadable:
        broken.add_row(
            safe(column.column),
            f"{column.n_unreadable:,} of {column.n_filled:,}",
            safe(column.expected),
            safe(" | ".join(column.examples)),
        )
    for (reason, detail), rows in found.rejected.groupby(["reason", "detail"], sort=True):
        values = rows["tweet_id"].where(rows["reason"] == "bad_id").fillna(rows["raw"])
        shown = [str(value)[:_EXAMPLE_CHARS] for value in values.head(_EXAMPLES)]
        broken.add_row(safe(reason), f"{len(rows):,}", safe(detail), safe(" | ".join(shown)))
    if broken.row_count:
        screen.print(broken)


def show_short(screen: Console, found: Description) -> None:
    """Print a description in a few lines, without values of rows."""

    def line(name: str, text: str) -> None:
        screen.print(safe(f"{name + ':':<11}{text}"), highlight=False, soft_wrap=True)

    replies = counted(found.n_replies, "reply", "replies")
    counts = f"{counted(found.n_tweets, 'tweet')}, {replies}"
    line("source", f"{found.source}, {counted(found.n_rows, 'row')}: {counts}")
    if found.n_left_out:
        answers = found.n_left_out_replies
        told = told_left_out(found.left_out) if found.left_out else ""
        replies = counted(answers, "reply", "replies")
        more = f"{replies} to tweets that are not taken" if answers else ""
        line("left out", ", ".join(filter(None, (told, more))))
    if len(found.rejected):
        rows = counted(len(found.rejected), "row")
        line("unreadable", f"{rows}: {_counts(reason_counts(found.rejected))}")
    for column in found.reading.unreadable:
        line(
            "missing",
            f"{column.n_unreadable:,} of {column.n_filled:,} values of {column.column} cannot be "
            f"read; expected: {column.expected}",
        )
    renamed = [f"{t} as {o}" for t, o in found.reading.columns.items() if t != o]
    if renamed:
        line("columns", ", ".join(renamed))
    if found.reading.ignored:
        line("ignored", ", ".join(found.reading.ignored))
    line("languages", _shares(found.languages.languages))
    line("scripts", _shares(found.languages.scripts))
    line("times", _times(found))
    dropped = {rule: n for rule, n in found.size.dropped.items() if n}
    line(
        "size",
        f"at most {counted(found.size.n_left, 'tweet')} after denoising"
        + (f" ({_counts(dropped)}, near duplicates not counted)" if dropped else "")
        + f", {found.size.n_needed:,} needed",
    )
    for warning in found.warnings:
        line("warning", warning)
    for note in found.reading.notes:
        line("note", note)


def show_memory(screen: Console, stage: str, needed: int, available: int | None) -> None:
    """Print how much memory a run needs at most, and how much there is."""
    free = "" if available is None else f"; {told_memory(available)} are free"
    line = f"{'memory:':<11}up to {told_memory(needed)}, in the stage {stage}{free}"
    screen.print(safe(line), highlight=False, soft_wrap=True)


def _times(found: Description) -> str:
    times = found.times
    if times.first is None or times.last is None:
        return "none"
    no_time = counted(times.n_without, "tweet")
    without = f", {no_time} without a time" if times.n_without else ""
    return (
        f"{times.first:%Y-%m-%d %H:%M} to {times.last:%Y-%m-%d %H:%M} UTC{without}; "
        f"hours are read in {times.zone}"
    )


def _shares(counts: Mapping[str, int]) -> str:
    """Shares of the most common, undetermined last."""
    n = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: item[0] == UNDETERMINED)
    common = {name: count for name, count in ordered if count >= _SHOWN_SHARE * n}
    shown = [f"{name} {count / n:.0%}" for name, count in common.items()]
    rest = n - sum(common.values())
    return (
        ", ".join([*shown, *([f"others {max(rest / n, 0.01):.0%}"] if rest else [])])
        or "no letters"
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items())


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
