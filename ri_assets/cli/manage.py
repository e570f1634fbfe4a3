"""The commands around the pipeline: load, profiles, freeze, and the server.

Belongs here: their options, and what they print. Does not belong here: their work.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from ri_assets.cli.options import (
    PIPELINE,
    SERVER,
    ColumnMap,
    EngineName,
    ExcludeRetweets,
    FixMojibake,
    KeepAll,
    RayAddress,
    Store,
    Timezone,
)
from ri_assets.cli.terminal import console, print_password_advice
from ri_assets.counted import counted, noun
from ri_assets.engines import EngineChoice
from ri_assets.environment import Environment, store_location
from ri_assets.ri_index.http.limits import IN_WORDS
from ri_assets.store.files import Files

if TYPE_CHECKING:
    from rich.status import Status

    from ri_assets.freeze.search import Result
    from ri_assets.freeze.trial import Trial
    from ri_assets.pipeline.evidence import Progress
    from ri_assets.quality.metrics import Figure

_BLOCKED, _STOPPED = 3, 130

app = typer.Typer()


@app.command(rich_help_panel=PIPELINE)
def load(
    files: Annotated[list[str], typer.Argument(help="Files or folders of tweets and replies.")],
    to: Annotated[str, typer.Option(help="mysql://host\\[:port]/database\\[?option_file=PATH]")],
    column: ColumnMap = None,
    timezone: Timezone = None,
    fix_mojibake: FixMojibake = False,
) -> None:
    """Load files into MySQL or MariaDB."""
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.files import local_paths
    from ri_assets.sources.mysql_load import load as load_files
    from ri_assets.sources.mysql_url import holds_password

    out, err = console(), console(stderr=True)
    for file in files:
        local_paths(file)  # refuse anything else before it is printed
    if holds_password(to):
        print_password_advice(err)
    if not err.is_terminal:
        err.print(f"loading {escape(', '.join(files))}", highlight=False, soft_wrap=True)
    with Bar(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("loading", total=None)
        result = load_files(
            files,
            to,
            lambda stored, total: bar.update(task, completed=stored, total=total),
            SourceOptions.from_env(
                Environment.from_env(), pairs=column, timezone=timezone, fix_mojibake=fix_mojibake
            ),
        )
    out.print(
        f"loaded {counted(result.n_tweets, 'tweet')} and "
        f"{counted(result.n_replies, 'reply', 'replies')}; "
        f"{counted(result.n_rejected, 'row')} {noun(result.n_rejected, 'was', 'were')} set aside",
        highlight=False,
    )
    for reason, count in result.reasons.items():
        out.print(f"  {reason}: {count:,}", highlight=False)
    for fault in result.reading.unreadable:
        out.print(
            f"  {fault.n_unreadable:,} of {fault.n_filled:,} values became missing: "
            f"{escape(fault.expected)}",
            highlight=False,
            soft_wrap=True,
        )
    for note in result.reading.notes:
        out.print(f"  {escape(note)}", highlight=False, soft_wrap=True)


@app.command(rich_help_panel=PIPELINE)
def profiles() -> None:
    """List the built-in profiles, with their files."""
    from ri_assets.config import PROFILES_DIR, load_profile, profile_names

    out = console()
    for name in profile_names():
        profile = load_profile(name)
        out.print(f"[bold]{name}[/] {profile.hash}\n  {profile.description}", highlight=False)
        out.print(
            f"  {escape(str(PROFILES_DIR / f'{name}.yaml'))}", highlight=False, soft_wrap=True
        )


@app.command(rich_help_panel=PIPELINE)
def freeze(
    source: Annotated[list[str], typer.Option(help="sample, a path, or mysql://…; repeatable.")],
    out: Annotated[Path, typer.Option(help="YAML file to write.")],
    trials: Annotated[
        int, typer.Option(min=1, help="Maximum number of configurations to try.")
    ] = 12,
    draws: Annotated[int, typer.Option(min=2, help="Resamples of each in the first round.")] = 5,
    finalists: Annotated[
        int, typer.Option(min=1, help="Number to try again with 20 resamples.")
    ] = 3,
    space: Annotated[
        Path | None, typer.Option(help="YAML file of configurations; default: built in.")
    ] = None,
    keep_all: KeepAll = False,
    _exclude_retweets: ExcludeRetweets = False,
    store: Store = None,
    engine: EngineName = None,
    ray_address: RayAddress = None,
) -> None:
    """Find the most stable configuration, and write it as a profile."""
    environment = Environment.from_env()
    _freeze(
        source,
        store_location(store),
        space=space,
        out=out,
        trials=trials,
        draws=draws,
        finalists=finalists,
        keep_all=keep_all,
        computes=EngineChoice.of(engine, ray_address, environment.engine, environment.ray_address),
    )


def _freeze(
    sources: list[str],
    store: str,
    *,
    space: Path | None,
    out: Path,
    trials: int,
    draws: int,
    finalists: int,
    keep_all: bool,
    computes: EngineChoice,
) -> None:
    """Search, show and write."""
    from ri_assets.cli.terminal import print_password_advice
    from ri_assets.freeze.frozen import Plan, freeze
    from ri_assets.freeze.space import SHIPPED
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.mysql_url import holds_password
    from ri_assets.sources.opening import open_source
    from ri_assets.store.forgotten import read_forgotten

    shown, told = Console(), Console(stderr=True)
    if any(map(holds_password, sources)):
        print_password_advice(told)
    options = replace(
        SourceOptions.from_env(Environment.from_env(), keep_all=keep_all),
        forgotten=read_forgotten(Files(store)),
    )
    opened = [open_source(source, options) for source in sources]
    if len(opened) == 1:
        told.print("[yellow]![/] one corpus: the choice will suit it, and perhaps no other")
    plan = Plan(space or SHIPPED, out, trials, draws, finalists)
    try:
        with computes.open(told.print) as engine, told.status("starting") as status:
            found, written = freeze(opened, Files(store), plan, _teller(told, status), engine)
    except KeyboardInterrupt:
        told.print("stopped; finished trials are kept, and the same command goes on from there")
        raise typer.Exit(_STOPPED) from None
    _show(shown, found.finalists)
    shown.print(f"evidence: {written.evidence}\npicture:  {written.picture}", highlight=False)
    if written.profile is None:
        told.print(
            "[red]no configuration passes every blocking gate on every corpus;[/] nothing was "
            "frozen. The evidence says what each one lacks."
        )
        raise typer.Exit(_BLOCKED)
    shown.print(f"profile:  {written.profile}; run it with --profile {written.profile}")


def _teller(told: Console, status: Status) -> Progress:
    """Give what tells the progress: all of it on a screen, a line now and then in a log."""
    from ri_assets.freeze.search import seldom

    if told.is_terminal:
        return lambda text: status.update(Text(text))
    return seldom(lambda text: told.print(Text(text), soft_wrap=True))


def _show(console: Console, results: tuple[Result, ...]) -> None:
    grid = Table("finalist", "corpus", "personas", "coherence", "resample ARI", "lift", "gates")
    for result in results:
        for trial in result.trials:
            grid.add_row(
                result.profile.name,
                Path(trial.corpus).name,
                _personas(trial),
                *(_beside_null(trial.figures.get(name)) for name in ("coherence", "resample_ari")),
                _shown(trial.value("resample_ari_lift")),
                "[red]FAIL[/]" if trial.blockers else "[green]pass[/]",
            )
    console.print(grid)


def _personas(trial: Trial) -> str:
    ends = [trial.value(f"cluster_count_{end}") for end in ("min", "max")]
    spread = "" if None in ends else f" ({ends[0]:g} to {ends[1]:g})"
    return f"{trial.k}{spread}"


def _beside_null(figure: Figure | None) -> str:
    if figure is None:
        return _shown(None)
    return f"{_shown(figure.value)} (null p95 {_shown(figure.null_p95)})"


def _shown(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


@app.command("serve", rich_help_panel=SERVER, epilog=IN_WORDS)
def serve_http(
    host: Annotated[
        str, typer.Option(help="Address to listen on; other machines need a token.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")
    ] = 8000,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the bearer token \\[env: RI_HTTP_TOKEN_FILE, RI_HTTP_TOKEN]."),
    ] = None,
    store: Store = None,
) -> None:
    """Serve the same queries over HTTP, read-only."""
    from ri_assets.ri_index.http.serve import serve

    serve(store_location(store), host, port, token_file)
