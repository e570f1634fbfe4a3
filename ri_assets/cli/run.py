"""`ri-index run`: run the pipeline, and say what was published, or why nothing was.

Belongs here: the command, its waivers, and what it prints at the end. Does not belong here: the
decision to publish (`ri_assets.quality.publication`).
"""

from __future__ import annotations

import getpass
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from ri_assets.cli.check import require_ready
from ri_assets.cli.exit_codes import BLOCKED, NO_ACCESS, UNEXPECTED, USAGE
from ri_assets.cli.options import (
    PIPELINE,
    EngineName,
    ExcludeRetweets,
    Names,
    ProfileName,
    RayAddress,
    Source,
    Store,
    with_reading,
)
from ri_assets.cli.show import show_summary, show_verdicts, show_waivers
from ri_assets.cli.terminal import console, print_problem, safe
from ri_assets.engines import EngineChoice
from ri_assets.environment import Environment, store_location
from ri_assets.errors import ConfigError, RIError
from ri_assets.records.display import without_outcome

if TYPE_CHECKING:
    from ri_assets.failures import Failure
    from ri_assets.resources.settings import WaiversResource
    from ri_assets.run import RunOutcome

_UNCHANGED = "Nothing was published; an earlier snapshot, if any, stays as it was."

app = typer.Typer()


@app.command(rich_help_panel=PIPELINE)
@with_reading
def run(
    context: typer.Context,
    reading: dict[str, Any],
    source: Source = None,
    profile: ProfileName = None,
    store: Store = None,
    _exclude_retweets: ExcludeRetweets = False,
    catalogue: Annotated[
        str | None,
        typer.Option(help="YAML file of audience names \\[env: RI_CATALOGUE; default: built in]."),
    ] = None,
    names: Names = None,
    waive: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GATE=REASON",
            help="Publish although this gate fails; repeatable.",
        ),
    ] = None,
    waived_by: Annotated[
        str | None, typer.Option(help="Who waives the gates; default: your user name.")
    ] = None,
    engine: EngineName = None,
    ray_address: RayAddress = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run every stage, even if nothing changed.")
    ] = False,
) -> None:
    """Find personas and publish them as a snapshot."""
    from ri_assets.dagster_home import ui_command
    from ri_assets.definitions import build_defs
    from ri_assets.resources.settings import (
        EngineResource,
        NamingResource,
        ProfileResource,
        SourceResource,
        StoreResource,
    )
    from ri_assets.ri_index.overview import summary
    from ri_assets.run import run_pipeline
    from ri_assets.store.files import Files
    from ri_assets.store.forgotten import read_forgotten
    from ri_assets.store.snapshot import Snapshot
    from ri_assets.takeover import nothing_new, takeover_of

    out, err = console(), console(stderr=True)
    location = store_location(store)
    environment = Environment.from_env()
    chosen = SourceResource.from_env(source, **reading)
    settings = ProfileResource(name=profile or environment.profile)
    naming = NamingResource(
        catalogue=catalogue or environment.catalogue,
        names=names or environment.names,
        llm_url=environment.llm_url,
        llm_model=environment.llm_model,
    )
    waivers = waivers_of(waive or [], waived_by)
    computes = EngineChoice.of(engine, ray_address, environment.engine, environment.ray_address)
    computes.require()
    rules = settings.load()  # before anything starts
    naming.load(location, err.print)
    try:
        corpus = require_ready(
            err,
            chosen,
            rules,
            read_forgotten(Files(location)),
            computes.processes_here,
            StoreResource(location=location).source_copy(is_read_only=True),
        )
    except RIError:
        err.print(_UNCHANGED)
        raise
    definitions = build_defs(
        {
            "profile": settings,
            "source": chosen,
            "store": StoreResource(location=location),
            "naming": naming,
            "waivers": waivers,
            "engine": EngineResource(name=computes.name, address=computes.address),
        }
    )
    decided = takeover_of(definitions.get_repository_def(), definitions.resources or {}, corpus)
    del corpus  # the run reads the source itself
    if decided.published is not None and not again:
        _say(
            out,
            f"{nothing_new(decided.published)}; nothing was run (use --again to run anyway)",
        )
        show_summary(out, summary(Snapshot(Files(location), decided.published)))
        _say(out, _next(store, ui_command(location)))
        return
    if decided.taken and not again:
        _say(err, f"unchanged, taken over from earlier runs: {', '.join(decided.taken)}")
        _say(err, f"made again, with everything downstream: {decided.why}")
    only = () if again else decided.stale
    outcome = run_pipeline(definitions, only=only, debug=bool(context.find_root().obj))
    if outcome.snapshot is None:
        refused = show_refused(err, outcome, store)
        raise typer.Exit(_exit_code(outcome.failures, is_refused=refused))
    snapshot = Snapshot(Files(location), outcome.snapshot)
    show_summary(out, summary(snapshot))
    show_verdicts(out, outcome.verdicts)
    show_waivers(out, snapshot.manifest.waivers)
    stages = " · ".join(f"{stage} {seconds:.1f} s" for stage, seconds in outcome.seconds.items())
    out.print(f"time: {stages}", highlight=False, soft_wrap=True)
    out.print(f"results: {escape(location)}/{snapshot.folder}", highlight=False, soft_wrap=True)
    _say(out, _next(store, ui_command(location)))


def _next(store: str | None, ui: str) -> str:
    at = "" if store is None else f" --store {shlex.quote(store)}"
    return f"next: `ri-index personas{at}` lists them; `{ui}` opens the Dagster UI"


def _exit_code(failures: list[Failure], *, is_refused: bool) -> int:
    if is_refused:
        return BLOCKED
    if any(failure.is_about_access for failure in failures):
        return NO_ACCESS
    return USAGE if all(failure.is_expected for failure in failures) else UNEXPECTED


def waivers_of(given: Sequence[str], by: str | None) -> WaiversResource:
    """Read the options, and refuse a gate that may not be waived before anything starts.

    Parameters
    ----------
    given
        ``gate=reason``, as typed.
    by
        Who waives; default: the user of this machine.

    Raises
    ------
    ConfigError
        A waiver cannot be used, or `by` is given without one.
    """
    from ri_assets.quality.publication import split_waivers
    from ri_assets.resources.settings import WaiversResource

    reasons = split_waivers(given)
    if by is not None and not reasons:
        raise ConfigError(
            "--waived-by was given without --waive",
            "a gate to waive",
            'add --waive retention="why", or leave out --waived-by',
        )
    found = WaiversResource(gates=reasons, by=_user() if by is None and reasons else by or "")
    found.load()
    return found


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container the user may have no name
        return ""


def show_refused(console: Console, outcome: RunOutcome, store: str | None) -> bool:
    """Say why a run published nothing, and whether a check is the reason.

    Parameters
    ----------
    store
        Store as given on the command line, so that the commands shown can be copied.

    Returns
    -------
    bool
        True if a blocking check refused the run; false if a step failed by itself.
    """
    from ri_assets.quality.checks import gate_names

    if outcome.verdicts:
        show_verdicts(console, outcome.verdicts)
    against = [verdict for verdict in outcome.verdicts if verdict.stops_publication]
    # If a failed gate left few tweets, a failure of clustering only follows from it.
    breaks = [f for f in outcome.failures if not (against and f.is_about_clustering)]
    is_refused = not breaks
    for failure in breaks:
        print_problem(console, "error", failure.message)
    for verdict in against:
        print_problem(console, "blocked", f"{verdict.check}: {without_outcome(verdict.message)}")
    if is_refused:
        print_problem(console, "result", f"not published: {_why(outcome)}")
        _look(console, outcome, store)
        waivable = [v.check for v in against if v.check in gate_names()]
        if waivable and len(waivable) == len(against):
            options = " ".join(f'--waive {gate}="why"' for gate in waivable)
            _say(console, f'To publish anyway, run again with {options} --waived-by "name".')
    _say(console, _UNCHANGED)
    return is_refused


def _why(outcome: RunOutcome) -> str:
    from ri_assets.quality.judge import statement

    return statement(outcome.verdicts) or outcome.publication or "the run ended early"


def _look(console: Console, outcome: RunOutcome, store: str | None) -> None:
    """Say which groups of checks passed and how to read the draft, or why there is none."""
    from ri_assets.quality.checks import CHECKS

    if outcome.held:
        _say(console, f"held: {outcome.held}")
    if outcome.draft is not None:
        at = "" if store is None else f" --store {shlex.quote(store)}"
        _say(console, f"read the draft: ri-index personas --draft{at}")
        return
    reasons = [f.message.splitlines()[0] for f in outcome.failures if f.is_about_clustering]
    stopping = {(check.asset, check.name) for check in CHECKS if check.stops_downstream}
    reasons += [
        f"the check {verdict.check} of {verdict.asset} failed, which stops everything downstream"
        for verdict in outcome.verdicts
        if verdict.stops_publication and (verdict.asset, verdict.check) in stopping
    ]
    for reason in reasons:
        _say(console, f"There is no draft: {reason}")


def _say(console: Console, text: str) -> None:
    console.print(safe(text), highlight=False, soft_wrap=True)
