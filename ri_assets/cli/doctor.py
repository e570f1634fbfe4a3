"""The command `doctor`: its options, what it looks at, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from ri_assets.cli.options import OPERATE, Json, ProfileName, Source, Store
from ri_assets.cli.terminal import console, print_json, safe
from ri_assets.counted import counted, noun
from ri_assets.environment import Environment, store_location
from ri_assets.errors import RIError

if TYPE_CHECKING:
    from ri_assets.doctor.finding import Finding, State

app = typer.Typer()
_PROBLEM = 2
_COLOURS: dict[State, str] = {"ok": "green", "warning": "yellow", "problem": "red"}


@app.command(rich_help_panel=OPERATE)
def doctor(
    source: Source = None,
    profile: ProfileName = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Look for what would stop a run, and say what mends it."""
    found = list(_looked(source, profile, store))
    if as_json:
        content = {
            "is_healthy": all(one.state != "problem" for one in found),
            "findings": [asdict(one) for one in found],
        }
        print_json(json.dumps(content, ensure_ascii=False))
    else:
        _show(found)
    if any(one.state == "problem" for one in found):
        raise typer.Exit(_PROBLEM)


def _looked(source: list[str] | None, profile: str | None, store: str | None) -> Iterator[Finding]:
    """Look at everything; nothing is changed."""
    from ri_assets.dagster_home import home_of
    from ri_assets.doctor import dagster_records, machine
    from ri_assets.doctor.finding import Finding, looked_at
    from ri_assets.resources.settings import SourceResource

    yield from looked_at("versions", machine.versions)
    try:
        given = Environment.from_env()
        location = store_location(store)
    except RIError as error:  # everything below needs these settings
        yield Finding("environment", "problem", error.found, error.remedy)
        return
    yield Finding("environment", "ok", "all RI_ variables can be read")
    folder = None
    try:
        folder = home_of(location)
    except RIError as error:
        yield Finding("dagster", "problem", error.found, error.remedy)
    else:
        yield from looked_at("dagster", lambda: dagster_records.configuration(folder))
        yield from looked_at("dagster", lambda: dagster_records.records(folder, location))
    yield from looked_at("disk", lambda: machine.disks(location, folder))
    yield from looked_at("profile", lambda: machine.profile_and_model(profile or given.profile))
    yield from looked_at("store", lambda: machine.store_of(location, given.retention))
    yield from looked_at("source", lambda: machine.source_of(SourceResource.from_env(source)))


def _show(found: list[Finding]) -> None:
    out = console()
    for one in found:
        head = (f"{one.state:<8}", _COLOURS[one.state])
        line = Text.assemble(head, f" {one.part:<12}", safe(one.found))
        out.print(line, highlight=False, soft_wrap=True)
        if one.remedy:
            indent = " " * 21
            out.print(Text.assemble(indent, safe(one.remedy)), highlight=False, soft_wrap=True)
    n_problems = sum(one.state == "problem" for one in found)
    n_warnings = sum(one.state == "warning" for one in found)
    said = f"{n_problems or 'no'} {noun(n_problems, 'problem')}"
    if n_warnings:
        said += f", {counted(n_warnings, 'warning')}"
    out.print(safe(said), highlight=False)
