"""How the command line prints: consoles, problems, notes and JSON.

Text from tweets, profiles or arguments is printed literally: its markup has no effect, and no
control or direction character reaches the terminal.
"""

from __future__ import annotations

import json
import os
import sys

import typer
from rich.console import Console
from rich.text import Text

from ri_assets import structured_log
from ri_assets.printable import is_harmless, printable

WIDTH_OF_A_FILE = 160


def console(*, stderr: bool = False) -> Console:
    """Give a console as wide as the terminal, or wide enough for a pipe or a file."""
    stream = sys.stderr if stderr else sys.stdout
    is_told = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if is_told else WIDTH_OF_A_FILE)


def safe(value: object, style: str = "", keep: str = "") -> Text:
    """Give a text that a terminal prints literally; `keep` lists other characters to leave."""
    return Text(printable(str(value), keep), style=style)


def print_problem(console: Console, kind: str, message: object) -> None:
    """Print why something failed; brackets in the message are printed too."""
    if console.stderr and structured_log.is_on():
        structured_log.log_problem(kind, message)
        return
    line = Text.assemble((f"{kind}:", "red"), " ", safe(message, keep="\n"))
    console.print(line, highlight=False, soft_wrap=True)


def print_draft(console: Console, message: object) -> None:
    """Print the line above anything that comes from a draft."""
    console.print(safe(message, style="bold yellow"), highlight=False, soft_wrap=True)


def print_password_advice(console: Console) -> None:
    """Print what to use instead of a password in a URL."""
    from ri_assets.sources.mysql_url import ELSEWHERE

    print_note(
        console,
        "the URL contains a password, which process lists and shell histories show. It is not "
        f"recorded; to keep it out of those too, {ELSEWHERE}",
    )


def print_note(console: Console, message: object) -> None:
    """Print something to know although nothing failed."""
    if console.stderr and structured_log.is_on():
        structured_log.log_problem("note", message)
        return
    console.print(Text.assemble("note: ", safe(message)), highlight=False, soft_wrap=True)


def print_json(text: str) -> None:
    """Print one line of JSON; characters that control a terminal are escaped."""
    if not text.isprintable():
        text = "".join(c if is_harmless(c) else json.dumps(c)[1:-1] for c in text)
    typer.echo(text)
