"""How the command line writes: consoles for people, also where their output goes into a file.

Whatever comes from tweets, profiles or arguments is shown as it is: no markup in it is
obeyed, and no control or direction character reaches the terminal.
"""

from __future__ import annotations

import json
import os
import sys

import typer
from rich.console import Console
from rich.text import Text

WIDTH_OF_A_FILE = 160
# Joiners and variation selectors shape emoji and Indian scripts, so a reader needs them.
_SHAPING = frozenset("\u200c\u200d\ufe0e\ufe0f")


def console(*, stderr: bool = False) -> Console:
    """Give a console as wide as the terminal; a pipe or a file has no edge to keep to."""
    stream = sys.stderr if stderr else sys.stdout
    is_told = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if is_told else WIDTH_OF_A_FILE)


def safe(value: object, style: str = "", keep: str = "") -> Text:
    """Give a text that a terminal shows and does not obey; `keep` names what else may stay."""
    shown = (char if _is_harmless(char) or char in keep else " " for char in str(value))
    return Text("".join(shown), style=style)


def print_problem(console: Console, kind: str, message: object) -> None:
    """Print why something did not work; the message is shown as it is, brackets included."""
    line = Text.assemble((f"{kind}:", "red"), " ", safe(message, keep="\n"))
    console.print(line, highlight=False, soft_wrap=True)


def print_draft(console: Console, message: object) -> None:
    """Print the line that stands above whatever is read from a draft."""
    console.print(safe(message, style="bold yellow"), highlight=False, soft_wrap=True)


def print_password_advice(console: Console) -> None:
    """Print what to do instead of a password in a URL."""
    from ri_assets.sources.mysql_url import ELSEWHERE

    print_note(
        console,
        "the URL holds a password, which process lists and shell histories show. No record "
        f"keeps it; to keep it out of those too, {ELSEWHERE}",
    )


def print_note(console: Console, message: object) -> None:
    """Print what a person should know although all is well."""
    console.print(Text.assemble("note: ", safe(message)), highlight=False, soft_wrap=True)


def print_json(text: str) -> None:
    """Print one line of JSON; what a terminal might obey is escaped as JSON knows it."""
    if not text.isprintable():
        text = "".join(c if _is_harmless(c) else json.dumps(c)[1:-1] for c in text)
    typer.echo(text)


def _is_harmless(char: str) -> bool:
    return char.isprintable() or char in _SHAPING
