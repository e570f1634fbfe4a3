"""The command `clean`: its options, and what it prints."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Annotated

import typer

from ri_assets.cli.options import OPERATE, Json, Store
from ri_assets.cli.terminal import console, print_json, safe
from ri_assets.environment import Environment, Retention, store_location
from ri_assets.errors import ConfigError
from ri_assets.store.files import Files

app = typer.Typer()

_DEFAULT = Retention()
_KEEP_RAW = 1


@app.command(rich_help_panel=OPERATE)
def clean(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be removed; remove nothing.")
    ] = False,
    snapshots: Annotated[
        int | None,
        typer.Option(
            "--keep-snapshots",
            min=1,
            help=f"Number of snapshots to keep "
            f"\\[env: RI_KEEP_SNAPSHOTS; default: {_DEFAULT.snapshots}].",
        ),
    ] = None,
    candidates: Annotated[
        int | None,
        typer.Option(
            "--keep-candidates",
            min=1,
            help=f"Number of unused candidates to keep "
            f"\\[env: RI_KEEP_CANDIDATES; default: {_DEFAULT.candidates}].",
        ),
    ] = None,
    cache_days: Annotated[
        int | None,
        typer.Option(
            "--keep-cache-days",
            min=1,
            help=f"Days to keep unused vectors and database copies "
            f"\\[env: RI_KEEP_CACHE_DAYS; default: {_DEFAULT.cache_days}].",
        ),
    ] = None,
    run_days: Annotated[
        int | None,
        typer.Option(
            "--keep-run-days",
            min=1,
            help=f"Days to keep Dagster's records of a run "
            f"\\[env: RI_KEEP_RUN_DAYS; default: {_DEFAULT.run_days}].",
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Also remove the raw posts of older snapshots.")
    ] = False,
    keep_raw: Annotated[
        int | None,
        typer.Option(
            "--keep-raw",
            min=0,
            help="With --raw: number of snapshots that keep their raw posts "
            f"\\[env: RI_KEEP_RAW; default: {_KEEP_RAW}].",
        ),
    ] = None,
    as_json: Json = False,
    store: Store = None,
) -> None:
    """Remove old snapshots, candidates, vectors and runs."""
    if keep_raw is not None and not raw:
        raise ConfigError(
            f"--keep-raw {keep_raw} is given without --raw",
            "--raw, because removing raw posts must be asked for",
            f"repeat the command with --raw --keep-raw {keep_raw}, or leave --keep-raw out",
        )
    known = Environment.from_env().retention
    given = {
        "snapshots": snapshots,
        "candidates": candidates,
        "cache_days": cache_days,
        "run_days": run_days,
        "raw": next(one for one in (keep_raw, known.raw, _KEEP_RAW) if one is not None)
        if raw
        else None,
    }
    retention = replace(
        known,
        **{name: value for name, value in given.items() if value is not None},
    )
    _clean(store_location(store), retention, is_dry_run=dry_run, as_json=as_json)


def _clean(location: str, retention: Retention, *, is_dry_run: bool, as_json: bool) -> None:
    from ri_assets.clean_job import clean as clean_all
    from ri_assets.dagster_home import dagster_instance, records_explained
    from ri_assets.store.cleaned import sentences, told_bytes

    with records_explained(), dagster_instance(location) as instance:
        found = clean_all(Files(location), instance, retention, is_dry_run=is_dry_run)
    if as_json:
        content = {"is_dry_run": is_dry_run, "retention": asdict(retention), **asdict(found)}
        print_json(json.dumps(content))
        return
    out = console()
    if is_dry_run:
        for old in found.gone:
            line = f"{told_bytes(old.bytes):>10}  {old.kind} {old.name}"
            out.print(safe(line), highlight=False, soft_wrap=True)
    for sentence in sentences(found, retention, is_dry_run=is_dry_run):
        out.print(safe(sentence), highlight=False, soft_wrap=True)
    total = told_bytes(sum(old.bytes for old in found.gone))
    last = f"{total} would be freed; nothing was removed" if is_dry_run else f"{total} freed"
    out.print(safe(last), highlight=False, soft_wrap=True)
