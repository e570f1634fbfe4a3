"""How the command line writes: consoles for people, also where their output goes into a file."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.markup import escape

WIDTH_OF_A_FILE = 160


def console(*, stderr: bool = False) -> Console:
    """Give a console as wide as the terminal; a pipe or a file has no edge to keep to."""
    stream = sys.stderr if stderr else sys.stdout
    is_told = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if is_told else WIDTH_OF_A_FILE)


def print_problem(console: Console, kind: str, message: object) -> None:
    """Print why something did not work; the message is shown as it is, brackets included."""
    console.print(f"[red]{kind}:[/] {escape(str(message))}", highlight=False, soft_wrap=True)
