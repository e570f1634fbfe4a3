"""The command line: `ri-index`, also `python -m ri_assets.cli`.

Exit codes: 0 done; 1 an unexpected error; 2 wrong usage or input that cannot be used;
3 a blocking check failed and nothing was published; a draft may be there to look at;
4 something cannot be read or written: space, rights, credentials, network.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ri_assets.cli import assign, check, load, open_page, queries
from ri_assets.cli.options import (
    AsDraft,
    ColumnMap,
    ExcludeRetweets,
    FixMojibake,
    Json,
    KeepAll,
    SnapshotId,
    Store,
    Timezone,
)
from ri_assets.cli.terminal import console, print_draft, print_json, print_problem, safe
from ri_assets.config import PROFILES_DIR, load_profile, profile_names
from ri_assets.errors import AccessError, RIError
from ri_assets.ri_index.http.limits import IN_WORDS
from ri_assets.store.access import system_error
from ri_assets.store.location import store_location

if TYPE_CHECKING:
    from ri_assets.run_failures import Failure

UNEXPECTED, USAGE, BLOCKED, NO_ACCESS = 1, 2, 3, 4
_PIPELINE = "Run the pipeline"

app = typer.Typer(
    name="ri-index",
    help="Behavioural personas from tweets: run the pipeline and ask its published index.",
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)
app.add_typer(queries.app)
app.add_typer(assign.app)
app.add_typer(check.app)
app.add_typer(load.app)
app.add_typer(open_page.app)
_out = console()
_err = console(stderr=True)

Names = Annotated[
    str | None,
    typer.Option(
        "--names", help="Override file with names by people \\[env: RI_NAMES, else in the store]."
    ),
]


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        _out.print(f"ri-index {version('ri-persona-system')}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show Dagster's log, and tracebacks of errors.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Options of every command; `--debug` may also follow the command."""
    if context.invoked_subcommand is None:
        from ri_assets.cli.next_steps import next_steps

        _out.print(safe(next_steps(), keep="\n"), highlight=False, soft_wrap=True)


@app.command(rich_help_panel=_PIPELINE)
def run(
    source: Annotated[
        list[str] | None,
        typer.Option(help="sample, files, folders or mysql://…; repeatable \\[env: RI_SOURCE]."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Profile name or YAML file \\[env: RI_PROFILE].")
    ] = None,
    store: Store = None,
    keep_all: KeepAll = False,
    _exclude_retweets: ExcludeRetweets = False,
    column: ColumnMap = None,
    timezone: Timezone = None,
    fix_mojibake: FixMojibake = False,
    max_tweets: Annotated[
        int | None, typer.Option(help="Take only the first tweets by id.")
    ] = None,
    catalogue: Annotated[
        str | None,
        typer.Option(help="YAML file of audiences in place of the shipped \\[env: RI_CATALOGUE]."),
    ] = None,
    names: Names = None,
    waive: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GATE=REASON",
            help="Publish although this gate fails; may be given several times.",
        ),
    ] = None,
    waived_by: Annotated[
        str | None, typer.Option(help="Who waives; without it, the user of this machine.")
    ] = None,
) -> None:
    """Materialise every asset through Dagster and publish a snapshot."""
    from ri_assets.cli.refused import show_refused
    from ri_assets.cli.waive import waivers_of
    from ri_assets.definitions import DEFAULT_PROFILE
    from ri_assets.resources.settings import (
        NamingResource,
        ProfileResource,
        SourceResource,
        StoreResource,
    )
    from ri_assets.ri_index.overview import show_summary, show_verdicts, show_waivers, summary
    from ri_assets.run import run_pipeline
    from ri_assets.store.files import Files
    from ri_assets.store.snapshot import Snapshot

    location = store_location(store)
    chosen = SourceResource.from_environment().chosen(
        source,
        keep_all=keep_all,
        max_tweets=max_tweets,
        pairs=column,
        timezone=timezone,
        fix_mojibake=fix_mojibake,
    )
    settings = ProfileResource(name=profile or os.environ.get("RI_PROFILE", DEFAULT_PROFILE))
    naming = NamingResource(
        catalogue=catalogue or os.environ.get("RI_CATALOGUE", ""),
        names=names or os.environ.get("RI_NAMES", ""),
        llm_url=os.environ.get("RI_LLM_URL", ""),
        llm_model=os.environ.get("RI_LLM_MODEL", ""),
    )
    waivers = waivers_of(waive or [], waived_by)
    rules = settings.load()  # a misspelt key is told before anything starts
    naming.load(location, _err.print)
    try:
        check.require_ready(_err, chosen, rules)
    except RIError:
        _err.print("Nothing was published; an earlier snapshot, if any, stays as it was.")
        raise
    outcome = run_pipeline(
        {
            "profile": settings,
            "source": chosen,
            "store": StoreResource(location=location),
            "naming": naming,
            "waivers": waivers,
        },
        debug=_is_debug(),
    )
    if outcome.snapshot is None:
        refused = show_refused(_err, outcome, store)
        raise typer.Exit(_exit_code(outcome.failures, is_refused=refused))
    snapshot = Snapshot(Files(location), outcome.snapshot)
    show_summary(_out, summary(snapshot))
    show_verdicts(_out, outcome.verdicts)
    show_waivers(_out, snapshot.manifest.waivers)
    stages = " · ".join(f"{stage} {seconds:.1f} s" for stage, seconds in outcome.seconds.items())
    _out.print(f"time: {stages}", highlight=False, soft_wrap=True)
    _out.print(f"results: {escape(location)}/{snapshot.folder}", highlight=False, soft_wrap=True)
    _out.print("next: `make ui` opens the Dagster UI; `ri-index summary` shows this again")


@app.command("summary", rich_help_panel=queries.WHOLE)
def show(
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show funnel, personas and checks of a published snapshot."""
    from ri_assets.ri_index.drafts import draft_info, open_snapshot
    from ri_assets.ri_index.overview import show_summary, show_verdicts, show_waivers, summary
    from ri_assets.ri_index.snapshot_reader import Contents
    from ri_assets.store.files import Files

    opened = open_snapshot(Files(store_location(store)), snapshot, draft=draft)
    content = summary(opened)
    if opened.is_draft:
        print_draft(console(stderr=as_json), draft_info(Contents(opened)))
    if as_json:
        print_json(json.dumps(content, ensure_ascii=False))
    else:
        show_summary(_out, content)
        show_verdicts(_out, list(opened.manifest.verdicts))
        show_waivers(_out, opened.manifest.waivers)


@app.command(rich_help_panel=_PIPELINE)
def profiles() -> None:
    """List the profiles that ship, with their files: copy one to change it."""
    for name in profile_names():
        profile = load_profile(name)
        _out.print(f"[bold]{name}[/] {profile.hash}\n  {profile.description}", highlight=False)
        _out.print(
            f"  {escape(str(PROFILES_DIR / f'{name}.yaml'))}", highlight=False, soft_wrap=True
        )


@app.command(rich_help_panel=_PIPELINE)
def rename(
    persona: Annotated[str, typer.Argument(help="Id of the persona, such as P03.")],
    name: Annotated[
        str | None, typer.Argument(help="Its new name; without it, the automatic one again.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who renames it.")] = ...,  # type: ignore[assignment]
    reason: Annotated[str, typer.Option(help="Why.")] = ...,  # type: ignore[assignment]
    focus: Annotated[str | None, typer.Option(help="What it is about, in new words.")] = None,
    names: Names = None,
    store: Store = None,
) -> None:
    """Give a persona a name of your own; the next run uses it, the history is kept."""
    from ri_assets.cli.rename import rename_persona

    place = names or os.environ.get("RI_NAMES")
    rename_persona(persona, name, by, reason, focus, place, store_location(store))


@app.command(rich_help_panel=_PIPELINE)
def freeze(
    source: Annotated[
        list[str], typer.Option(help="sample, a path, or mysql://…; give several, one each time.")
    ],
    out: Annotated[Path, typer.Option(help="YAML file of the frozen profile.")],
    trials: Annotated[int, typer.Option(min=1, help="Configurations that are tried at most.")] = 12,
    draws: Annotated[int, typer.Option(min=2, help="Draws of each in the first round.")] = 5,
    finalists: Annotated[
        int, typer.Option(min=1, help="Configurations that are tried again with 20 draws.")
    ] = 3,
    space: Annotated[
        Path | None, typer.Option(help="YAML file of the configurations; one ships.")
    ] = None,
    keep_all: KeepAll = False,
    _exclude_retweets: ExcludeRetweets = False,
    store: Store = None,
) -> None:
    """Search for the most stable configuration across corpora, and write it as a profile."""
    from ri_assets.cli.freeze import freeze_profile

    freeze_profile(
        source,
        store_location(store),
        space=space,
        out=out,
        trials=trials,
        draws=draws,
        finalists=finalists,
        keep_all=keep_all,
    )


@app.command("serve", rich_help_panel=queries.WHOLE, epilog=IN_WORDS)
def serve_http(
    host: Annotated[
        str, typer.Option(help="Address; others than this machine's need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the bearer token \\[env: RI_HTTP_TOKEN_FILE, RI_HTTP_TOKEN]."),
    ] = None,
    store: Store = None,
) -> None:
    """Answer the same questions over HTTP, read-only."""
    from ri_assets.ri_index.http.serve import serve

    serve(store_location(store), host, port, token_file)


def _exit_code(failures: list[Failure], *, is_refused: bool) -> int:
    if is_refused:
        return BLOCKED
    if any(failure.is_about_access for failure in failures):
        return NO_ACCESS
    return USAGE if all(failure.is_expected for failure in failures) else UNEXPECTED


def _is_debug() -> bool:
    return "RI_DEBUG" in os.environ


def main() -> None:
    """Run a command; an error that the user can fix is shown without a traceback."""
    if "--debug" in sys.argv:
        sys.argv.remove("--debug")
        os.environ["RI_DEBUG"] = "1"
    try:
        app()
    except (RIError, OSError) as error:
        problem = error if isinstance(error, RIError) else system_error(error)
        if problem is None:
            raise
        if _is_debug():
            traceback.print_exception(error)
        print_problem(_err, "error", problem)
        sys.exit(NO_ACCESS if isinstance(problem, AccessError) else USAGE)
