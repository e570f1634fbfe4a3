"""How fast the RI Index answers, and how much memory it takes, as the corpus grows.

For every size a snapshot is written with the project's own contracts and store; its
tweets are synthetic (`index_snapshot.py`). A fresh process opens it and asks each
question many times (`index_calls.py`); a second one asks what needs the privacy cleaner
or the model, whose libraries alone take more memory than the index. `peak_mb` is the
most resident memory of the whole first process, interpreter and libraries included.
The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from typing import Any

SIZES = "1454,100000,1000000"


def measure(store: str, tweets: int, kind: str) -> dict[str, Any]:
    """Ask questions of one kind (`light` or `heavy`) in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.index_calls", store, str(tweets), kind]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def write(store: str, tweets: int) -> None:
    """Write a snapshot in a process of its own, so that its memory is not ours."""
    command = [sys.executable, "-m", "benchmarks.index_snapshot", store, str(tweets)]
    subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603


def main() -> None:
    """Measure every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES, help="numbers of tweets, with commas")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    parser.add_argument(
        "--light", action="store_true", help="leave out what needs the cleaner or the model"
    )
    given = parser.parse_args()
    found = {}
    for tweets in map(int, given.sizes.split(",")):
        with tempfile.TemporaryDirectory() as store:
            write(store, tweets)
            result = measure(store, tweets, "light")
            if not given.light:
                result["with_cleaner_and_model"] = measure(store, tweets, "heavy")
        found[str(tweets)] = result
        if not given.json:
            _show(tweets, result)
    print(json.dumps(found))


def _show(tweets: int, result: dict[str, Any]) -> None:
    for title, part in ((f"{tweets:,} tweets", result), *_heavy(result)):
        print(f"{title}: open {part['open_s']:.3f} s, peak {part['peak_mb']:.0f} MB")
        for name, times in part.items():
            if isinstance(times, dict) and "p50_ms" in times:
                print(f"  {name:32} p50 {times['p50_ms']:9.3f} ms  p99 {times['p99_ms']:9.3f} ms")


def _heavy(result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    name = "with_cleaner_and_model"
    return [(name.replace("_", " "), result[name])] if name in result else []


if __name__ == "__main__":
    main()
