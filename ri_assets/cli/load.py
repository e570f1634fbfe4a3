"""`ri-index load`: files into MySQL or MariaDB.

Belongs here: the command and what it prints. Does not belong here: the loading itself
(`ri_assets.sources.mysql`).
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from ri_assets.cli.options import ColumnMap, FixMojibake, Timezone
from ri_assets.cli.terminal import console, print_password_advice

app = typer.Typer()


@app.command(rich_help_panel="Run the pipeline")
def load(
    files: Annotated[list[str], typer.Argument(help="Tweets or replies files, or folders.")],
    to: Annotated[str, typer.Option(help="mysql://host[:port]/database[?option_file=PATH]")],
    column: ColumnMap = None,
    timezone: Timezone = None,
    fix_mojibake: FixMojibake = False,
) -> None:
    """Load files into MySQL or MariaDB; tables are made where they are missing."""
    from ri_assets.environment import Environment
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.files import local_paths
    from ri_assets.sources.mysql import load as load_files
    from ri_assets.sources.mysql_url import holds_password

    out, err = console(), console(stderr=True)
    for file in files:
        local_paths(file)  # what is no path is refused before it is named
    if holds_password(to):
        print_password_advice(err)
    if not err.is_terminal:
        err.print(f"loading {escape(', '.join(files))}", highlight=False, soft_wrap=True)
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
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
        f"loaded {result.n_tweets:,} tweets and {result.n_replies:,} replies; "
        f"{result.n_rejected:,} rows were set aside",
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
