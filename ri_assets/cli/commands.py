"""All commands, by the module that declares each; a module is imported when it is needed.

`ri-index --help` reads names and help from `commands.json`, because importing the modules takes
longer than everything else that it does. `make docs` writes that file from the modules; a test
compares the two.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

MODULES = (
    "run", "check", "queries", "open_page", "correct", "manage", "doctor", "clean", "forget",
)  # fmt: skip
"""In the order of the help."""

LIST = Path(__file__).with_name("commands.json")


class ListedCommand(TyperCommand):
    """A command that so far is only a line in the help.

    Parameters
    ----------
    name, help, panel
        As in the help.
    module
        Declares the command.
    """

    def __init__(self, name: str, help: str, panel: str, module: str) -> None:  # noqa: A002 - typer's name
        super().__init__(name, help=help, rich_help_panel=panel)
        self.module = module

    def loaded(self) -> Any:
        """Import the module, and give the command that can be run."""
        return declared(self.module)[self.name or ""]


def listed() -> dict[str, ListedCommand]:
    """Give every command by its name, in the order of the help; imports none of them."""
    rows = json.loads(LIST.read_text(encoding="utf-8"))
    return {row["name"]: ListedCommand(**row) for row in rows}


@cache
def declared(module: str) -> dict[str, Any]:
    """Give the commands that a module declares, by name."""
    group = typer.main.get_group(import_module(f"ri_assets.cli.{module}").app)
    return dict(group.commands)


def rows() -> list[dict[str, str]]:
    """Give the content of the list, from what the modules declare."""
    return [
        {"name": name, "help": command.help, "panel": command.rich_help_panel, "module": module}
        for module in MODULES
        for name, command in declared(module).items()
    ]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows())
    LIST.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
