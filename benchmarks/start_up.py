"""How long the code location, `ri-index --help` and `RIIndex.open` take, against their bars.

Each is started anew `--times` times, after one start that compiles the code; the least counts,
because other work on the machine can only add to it. Seconds are of processor time. `--before
FOLDER` measures another checkout too, in turns with this one, and gives the ratio; it is started
with this Python. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.index_snapshot import write_snapshot
from benchmarks.reading import run_or_explain
from ri_assets.config import load_profile
from ri_assets.environment import DEFAULT_PROFILE, PROJECT

_TIMES, _TWEETS = 7, 1_454
_NAMED = "import time; begun = time.process_time(); {}; print(time.process_time() - begun)"
_OPEN = "from ri_assets.ri_index import RIIndex; import sys; "
# The last line that each prints is what it took; `--help` cannot print it.
STARTS: dict[str, tuple[float, list[str]]] = {
    "definitions": (3.0, ["-c", _NAMED.format("import ri_assets.definitions")]),
    "help": (0.5, ["-m", "ri_assets.cli", "--help"]),
    "open": (0.2, ["-c", _OPEN + _NAMED.format("RIIndex.open(store=sys.argv[1])")]),
}
"""By name: the bar in seconds, and what Python is started with."""


def started(command: Sequence[str], checkout: Path, *, says_time: bool) -> float:
    """Start Python once; returns seconds of processor time.

    Parameters
    ----------
    command
        Its arguments.
    checkout
        Whose code it runs.
    says_time
        Whether it prints the time itself; otherwise the whole process counts.
    """
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else all code is compiled at each start
    begun = os.times()
    said = subprocess.run(  # noqa: S603 -- it starts this project's own code
        [sys.executable, *command],
        check=True, capture_output=True, text=True, cwd=checkout, env=environment,
    ).stdout  # fmt: skip
    ended = os.times()
    if says_time:
        return float(said.splitlines()[-1])
    return ended.children_user - begun.children_user + ended.children_system - begun.children_system


def measure(times: int, checkouts: Sequence[Path]) -> dict[str, list[float]]:
    """Give the least seconds of each start, one for each checkout, measured in turns."""
    least = {name: [float("inf")] * len(checkouts) for name in STARTS}
    with tempfile.TemporaryDirectory() as store:
        write_snapshot(store, _TWEETS, load_profile(DEFAULT_PROFILE))
        for turn in range(times + 1):
            for name, (_, command) in STARTS.items():
                for place, checkout in enumerate(checkouts):
                    whole = [*command, store] if name == "open" else command
                    seconds = started(whole, checkout, says_time=name != "help")
                    if turn > 0:  # the first compiles
                        least[name][place] = min(least[name][place], seconds)
    return least


def figures(least: dict[str, list[float]]) -> dict[str, dict[str, Any]]:
    """Give seconds and bar of each start, and its ratio to the other checkout, if there is one."""
    return {
        name: {
            "seconds": seconds[0],
            "bar_seconds": STARTS[name][0],
            "is_met": seconds[0] <= STARTS[name][0],
            "ratio_to_before": seconds[0] / seconds[1] if len(seconds) > 1 else None,
        }
        for name, seconds in least.items()
    }


def show(console: Console, found: dict[str, dict[str, Any]]) -> None:
    """Print the figures as a table."""
    grid = Table("start", "seconds", "bar", "ratio to before")
    for name, one in found.items():
        ratio = one["ratio_to_before"]
        grid.add_row(
            name,
            f"{one['seconds']:.3f}",
            f"<= {one['bar_seconds']}",
            f"{ratio:.2f}" if ratio else "",
        )
    console.print(grid)


def main() -> None:
    """Measure every start."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--times", type=int, default=_TIMES)
    parser.add_argument("--before", type=Path, help="folder of another checkout")
    given = parser.parse_args()
    checkouts = [PROJECT, *([given.before.resolve()] if given.before else [])]
    found = figures(measure(given.times, checkouts))
    show(Console(width=100), found)
    print(json.dumps(found))


if __name__ == "__main__":
    run_or_explain(main)
