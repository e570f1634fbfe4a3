"""The command line: `ri-index`, also `python -m ri_assets.cli`.

Belongs here: what all commands share: options before the command, errors and exit codes, and
what a bare `ri-index` prints. Does not belong here: the commands (see `commands`), and what
exit codes mean (`exit_codes`).
"""

from __future__ import annotations

import errno
import sys
import traceback
from contextlib import nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ri_assets import structured_log
from ri_assets.cli.commands import ListedCommand, listed
from ri_assets.cli.exit_codes import NO_ACCESS, USAGE
from ri_assets.cli.terminal import console, print_problem, safe
from ri_assets.environment import Environment, store_location
from ri_assets.errors import AccessError, ConfigError, RIError

if TYPE_CHECKING:
    from ri_assets.store.files import Files
    from ri_assets.store.snapshot import Snapshot

_DEBUG, _LOG = "--debug", "--log"
# What people type who know other programs.
_INSTEAD = {
    "list": "personas",
    "ls": "personas",
    "show": "persona",
    "get": "persona",
    "info": "summary",
    "status": "summary",
    "query": "search",
    "history": "lineage",
    "log": "snapshots",
    "server": "serve",
    "help": "--help",
    "version": "--version",
}


def _is_debug_set() -> bool:
    try:
        return Environment.from_env().is_debug
    except ConfigError:  # the command will report it
        return False


def _split_log(args: list[str]) -> tuple[list[str], list[str]]:
    """Separate `--log FORM`, or `--log=FORM`, from the other arguments."""
    log: list[str] = []
    rest: list[str] = []
    for n, argument in enumerate(args):
        is_form = n > 0 and args[n - 1] == _LOG
        is_log = is_form or argument == _LOG or argument.startswith(f"{_LOG}=")
        (log if is_log else rest).append(argument)
    return log, rest


def _is_log_json(args: list[str]) -> bool:
    """Whether standard error should be JSON, known before anything can be written there."""
    end = args.index("--") if "--" in args else len(args)
    forms = [one.removeprefix(f"{_LOG}=") for one in _split_log(args[:end])[0] if one != _LOG]
    if forms:
        return forms[-1] == _Log.JSON
    try:
        return Environment.from_env().is_log_json
    except ConfigError:  # the command will report it
        return False


class _Log(StrEnum):
    TEXT = "text"
    JSON = "json"


class _Commands(TyperGroup):
    """All commands; an error that the user can fix is printed without a traceback."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands.update(listed())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take `--debug` and `--log` wherever they stand, also after the command."""
        end = args.index("--") if "--" in args else len(args)
        ctx.obj = _DEBUG in args[:end] or _is_debug_set()
        log, rest = _split_log(args[:end])
        return super().parse_args(ctx, log + [a for a in rest if a != _DEBUG] + args[end:])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Suggest the command that has another name in other programs."""
        if args[0] not in self.commands and (instead := _INSTEAD.get(args[0])):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {instead!r}?")
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.loaded() if isinstance(command, ListedCommand) else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run a command, and end with the exit code of its error."""
        try:
            return super().invoke(ctx)
        except (RIError, OSError) as error:
            from ri_assets.store.access import system_error

            problem = error if isinstance(error, RIError) else system_error(error)
            if problem is None or getattr(error, "errno", None) == errno.EPIPE:
                raise
            if structured_log.is_on():
                structured_log.log_problem("error", problem, error if ctx.obj else None)
            else:
                if ctx.obj:
                    traceback.print_exception(error)
                print_problem(console(stderr=True), "error", problem)
            raise typer.Exit(NO_ACCESS if isinstance(problem, AccessError) else USAGE) from None


app = typer.Typer(
    name="ri-index",
    cls=_Commands,
    help="Find behavioural personas in tweets, and query them.",
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        console().print(f"ri-index {version('ri-persona-system')}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    _debug: Annotated[
        bool, typer.Option(_DEBUG, help="Show Dagster's log, and tracebacks of errors.")
    ] = False,
    _log: Annotated[
        _Log | None,
        typer.Option(_LOG, help="Form of standard error \\[env: RI_LOG; default: text]."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        console().print(safe(_next_steps(), keep="\n"), highlight=False, soft_wrap=True)


_RUN = (
    ("ri-index run", "find the personas of the bundled sample"),
    ("ri-index check FILE", "check a file of your own"),
    ("ri-index run --source FILE", "find its personas"),
)
_ASK = (
    ("ri-index summary", "show figures, personas and checks"),
    ("ri-index personas", "list the personas"),
)
_DRAFT = (
    ("ri-index personas --draft", "list what the refused run found"),
    ("ri-index summary --draft", "see which checks failed"),
)
_LAST = ("ri-index --help", "list all commands")


def _next_steps() -> str:
    """Say in a few lines what the store holds and which commands come next.

    A store that cannot be read is reported, not an error: nothing was asked of it.
    """
    from ri_assets.store.files import Files
    from ri_assets.store.pointer import published_ids
    from ri_assets.store.snapshot import Snapshot

    try:
        location = store_location(None)
        files = Files(location)
        if published_ids(files):
            return _published(Snapshot(files))
        head = f"Nothing is published in {location} yet."
        if _has_draft(files):
            return _lines(f"{head} The last run was refused.", _DRAFT)
        return _lines(head, _RUN)
    except RIError as error:
        return f"{error}\n\n{_lines('', ())}"


def _published(snapshot: Snapshot) -> str:
    table = snapshot.table("ri_index_app", columns=["persona_id", "tweet_count"])
    rows = table.sort_by([("tweet_count", "descending"), ("persona_id", "ascending")])
    first = rows["persona_id"][0].as_py()
    manifest = snapshot.manifest
    return _lines(
        f"Snapshot {manifest.snapshot}: {table.num_rows} personas from {manifest.source}.",
        (*_ASK, (f"ri-index persona {first}", "show one persona, by id or name")),
    )


def _has_draft(files: Files) -> bool:
    from ri_assets.store.snapshot import Draft

    try:
        Draft(files)
    except RIError:
        return False
    return True


def _lines(head: str, steps: tuple[tuple[str, str], ...]) -> str:
    shown = (*steps, _LAST)
    width = max(len(command) for command, _ in shown)
    body = "\n".join(f"  {command:<{width}}  {what}" for command, what in shown)
    return f"{head}\n\n{body}" if head else body


def main() -> None:
    """Run a command."""
    with structured_log.json_stderr() if _is_log_json(sys.argv[1:]) else nullcontext():
        app()
