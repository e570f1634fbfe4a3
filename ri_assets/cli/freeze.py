"""`ri-index freeze`: the search in a terminal, with progress and a table of finalists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ri_assets.freeze.search import seldom

if TYPE_CHECKING:
    from rich.status import Status

    from ri_assets.freeze.search import Result
    from ri_assets.freeze.trial import Trial
    from ri_assets.pipeline.evidence import Progress
    from ri_assets.quality.metrics import Figure

_BLOCKED, _STOPPED = 3, 130


def freeze_profile(
    sources: list[str],
    store: str,
    *,
    space: Path | None,
    out: Path,
    trials: int,
    draws: int,
    finalists: int,
    keep_all: bool,
) -> None:
    """Search, show and write; the options are those of the command."""
    from ri_assets.cli.terminal import print_password_advice
    from ri_assets.environment import Environment
    from ri_assets.freeze.frozen import Plan, freeze
    from ri_assets.freeze.space import SHIPPED
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.mysql_url import holds_password
    from ri_assets.sources.opening import open_source
    from ri_assets.store.files import Files

    shown, told = Console(), Console(stderr=True)
    if any(map(holds_password, sources)):
        print_password_advice(told)
    options = SourceOptions.from_env(Environment.from_env(), keep_all=keep_all)
    opened = [open_source(source, options) for source in sources]
    if len(opened) == 1:
        told.print("[yellow]![/] one corpus: the choice will suit it, and perhaps no other")
    plan = Plan(space or SHIPPED, out, trials, draws, finalists)
    try:
        with told.status("starting") as status:
            found, written = freeze(opened, Files(store), plan, _teller(told, status))
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
