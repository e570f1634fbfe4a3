"""The command line as tests start it: in this process, or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """Exit code, standard output and standard error of one command."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that a person saw."""
        return self.out + self.err


Cli = Callable[..., Outcome]


def ri_index(*arguments: object, home: Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Run `ri-index` in a process of its own, with Dagster's records in `home`."""
    command = [str(Path(sys.executable).with_name("ri-index")), *map(str, arguments)]
    ended = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**environment(home), **(env or {})},
    )
    return Outcome(ended.returncode, ended.stdout, ended.stderr)


def environment(home: Path) -> dict[str, str]:
    """Give an environment in which nothing of the caller's configures the project."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RI_")}
    kept.pop("COLUMNS", None)
    return {**kept, "DAGSTER_HOME": str(home)}
