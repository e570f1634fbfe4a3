"""`make torture`: every campaign of faults, with their counts as JSON in the last line."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ri_assets_tests.torture.databases import databases
from ri_assets_tests.torture.disks import disks
from ri_assets_tests.torture.inputs import inputs
from ri_assets_tests.torture.kills import Ground, ground, kills
from ri_assets_tests.torture.record import SHORT, Counts, Result
from ri_assets_tests.torture.texts import texts
from ri_assets_tests.torture.together import together

CAMPAIGNS: dict[str, Callable[[Ground, Counts], Result]] = {
    "kills": kills,
    "disks": disks,
    "together": together,
    "databases": lambda ground, counts: databases(ground.folder, counts),
    "inputs": lambda ground, counts: inputs(ground.folder / "inputs", counts),
    "texts": texts,
}


def main() -> None:
    """Run the campaigns; the exit code is 1 if anything did not hold."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small counts, as in the slow tests")
    parser.add_argument("--only", choices=CAMPAIGNS, action="append", help="one campaign")
    parser.add_argument("--minutes", type=float, help="most minutes for all campaigns together")
    given = parser.parse_args()
    counts, results = SHORT if given.short else Counts(), {}
    if given.minutes:
        counts = counts.within(given.minutes)
    with tempfile.TemporaryDirectory() as folder, ground(Path(folder)) as made:
        for name in given.only or CAMPAIGNS:
            results[name] = CAMPAIGNS[name](made, counts)
            sys.stdout.write(results[name].line + "\n")
            sys.stdout.flush()
    counted = {name: result.as_json() for name, result in results.items()}
    sys.stdout.write(json.dumps(counted) + "\n")
    sys.exit(not all(result.holds for result in results.values()))


if __name__ == "__main__":
    main()
