"""`ri-index check`: what a source holds, and whether a run can start.

Belongs here: the command, its JSON, and how it and `ri-index run` print a description. Does not
belong here: reading the source (`ri_assets.sources.description`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as Grid

from ri_assets.cli.options import (
    PIPELINE,
    ColumnMap,
    FixMojibake,
    Json,
    KeepAll,
    MaxTweets,
    ProfileName,
    Timezone,
)
from ri_assets.cli.terminal import (
    console,
    print_json,
    print_password_advice,
    print_problem,
    safe,
)
from ri_assets.config import Profile, load_profile
from ri_assets.environment import Environment
from ri_assets.errors import RIError
from ri_assets.sources.base import Source, reason_counts, told_left_out
from ri_assets.sources.description import Description, describe
from ri_assets.sources.languages import UNDETERMINED

if TYPE_CHECKING:
    from ri_assets.resources.settings import SourceResource
    from ri_assets.store.forgotten import Forgotten

app = typer.Typer()
_CANNOT_RUN = 2
_EXAMPLES = 3
_EXAMPLE_CHARS = 40
_SHOWN_SHARE = 0.01


@app.command("check", rich_help_panel=PIPELINE)
def check(
    source: Annotated[
        list[str] | None,
        typer.Argument(
            help="sample, files, folders or mysql://… \\[env: RI_SOURCE; default: sample].",
            show_default=False,
        ),
    ] = None,
    profile: ProfileName = None,
    keep_all: KeepAll = False,
    column: ColumnMap = None,
    timezone: Timezone = None,
    fix_mojibake: FixMojibake = False,
    max_tweets: MaxTweets = None,
    as_json: Json = False,
) -> None:
    """Show what a source holds and whether a run can start."""
    from ri_assets.resources.settings import SourceResource

    out, err = console(), console(stderr=True)
    try:
        settings = load_profile(profile or Environment.from_env().profile)
        chosen = SourceResource.from_env(
            source,
            keep_all=keep_all,
            max_tweets=max_tweets,
            pairs=column,
            timezone=timezone,
            fix_mojibake=fix_mojibake,
        )
        opened = _opened(err, chosen)
        found = describe(opened.read(), opened.name, settings)
    except RIError as error:
        if not as_json:
            raise
        print_json(json.dumps(unreadable(error), ensure_ascii=False))
        raise typer.Exit(_CANNOT_RUN) from None
    if as_json:
        print_json(json.dumps(as_object(found), ensure_ascii=False))
    else:
        show(out, found)
        if found.problem is None:
            out.print("A run can start.")
        else:
            print_problem(err, "error", found.problem)
    if found.problem is not None:
        raise typer.Exit(_CANNOT_RUN)


def require_ready(
    screen: Console,
    chosen: SourceResource,
    profile: Profile,
    forgotten: Forgotten | None = None,
) -> None:
    """Print in short what a run would take in.

    Parameters
    ----------
    forgotten
        People who asked to be forgotten, from the store of the run.

    Raises
    ------
    RIError
        The source cannot be read, or holds no tweets that the profile can work on.
    """
    source = _opened(screen, chosen, forgotten)
    found = describe(source.read(), source.name, profile)
    show_short(screen, found)
    # The check `intake` judges what was lost in reading, and lists the rows.
    if found.problem is not None and found.is_whole:
        raise found.problem


def _opened(screen: Console, chosen: SourceResource, forgotten: Forgotten | None = None) -> Source:
    if chosen.was_given_password:
        print_password_advice(screen)
    return chosen.open(forgotten)


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

    counts = f"{found.n_tweets:,} tweets, {found.n_replies:,} replies"
    line("source", f"{found.source}, {found.n_rows:,} rows: {counts}")
    n_forgotten = found.n_forgotten_tweets
    if found.n_left_out or n_forgotten:
        answers = found.n_left_out_replies
        told = told_left_out(found.left_out, n_forgotten) if found.left_out or n_forgotten else ""
        more = f"{answers:,} replies to tweets that are not taken" if answers else ""
        line("left out", ", ".join(filter(None, (told, more))))
    if len(found.rejected):
        line(
            "unreadable", f"{len(found.rejected):,} rows: {_counts(reason_counts(found.rejected))}"
        )
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
        f"at most {found.size.n_left:,} tweets after denoising"
        + (f" ({_counts(dropped)}, near duplicates not counted)" if dropped else "")
        + f", {found.size.n_needed:,} needed",
    )
    for warning in found.warnings:
        line("warning", warning)
    for note in found.reading.notes:
        line("note", note)


def _times(found: Description) -> str:
    times = found.times
    if times.first is None or times.last is None:
        return "none"
    without = f", {times.n_without:,} tweets without a time" if times.n_without else ""
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
