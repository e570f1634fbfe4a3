"""How much memory a process needs to read a source: `python -m ri_assets_tests.torture.memory`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ri_assets.environment import PROJECT
from ri_assets_tests.torture.scenarios import accounted

KILOBYTES = 1024
STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Read:
    """What one process read.

    Parameters
    ----------
    rows_in, rows_accounted
        See `Result`.
    peak_bytes, grown_bytes
        Largest resident memory of the process, and how much of it the read added.
    """

    rows_in: int
    rows_accounted: int
    peak_bytes: int
    grown_bytes: int


def read_alone(source: str) -> Read:
    """Read a source in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "ri_assets_tests.torture.memory"],
        input=source,  # not an argument: it may hold a password
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return Read(**json.loads(ended.stdout.splitlines()[-1]))


def _memory(figure: str) -> int:
    """Bytes that Linux counts for this process: `VmRSS` now, `VmHWM` at most."""
    lines = STATUS.read_text().splitlines()
    [line] = [line for line in lines if line.startswith(f"{figure}:")]
    return int(line.split()[1]) * KILOBYTES


def main() -> None:
    """Read the source that standard input names, and print one JSON object."""
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.opening import open_source

    source = open_source(sys.stdin.read().strip(), SourceOptions())
    # Imports may have needed more for a moment: the peak is counted from now on.
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    rows = accounted(source.read())
    peak = _memory("VmHWM")
    sys.stdout.write(json.dumps(vars(Read(*rows, peak, peak - before))) + "\n")


if __name__ == "__main__":
    main()
