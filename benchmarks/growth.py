"""How the time and memory of every stage grow with the number of tweets.

Each size is one whole run, from reading to publishing, on a generated corpus in a process of its
own. Vectors are made from words without a model, so embedding is not measured. Peak memory is
what all processes of the run hold together. The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread

import numpy as np

from benchmarks.generated import embed_without_model, write_corpus
from ri_assets.environment import DEFAULT_PROFILE

SIZES = (10_000, 31_000, 100_000)
_SEED = 1
_SECONDS_BETWEEN = 0.25
_PROC = Path("/proc")
_KIB = 1024
_LEAST_SECONDS = 0.5  # of a stage whose growth says anything


@dataclass(frozen=True)
class Grown:
    """One run.

    Parameters
    ----------
    n
        Tweets that were read.
    seconds
        Duration of each stage with its checks, by name.
    peak_bytes
        The most that all processes held during each stage; empty where /proc is missing.
    published
        Whether the run published.
    """

    n: int
    seconds: Mapping[str, float]
    peak_bytes: Mapping[str, int]
    published: bool


def growth_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float | None:
    """Fit the exponent e of seconds ∝ size^e on logarithms; None if it cannot be told."""
    if len(sizes) < 2 or max(seconds) < _LEAST_SECONDS:  # noqa: PLR2004 -- a line has two points
        return None
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 1e-3)), 1)[0])


def exponents(runs: Sequence[Grown]) -> dict[str, float | None]:
    """Give the exponent of every stage that all runs have."""
    stages = [one for one in runs[0].seconds if all(one in run.seconds for run in runs)]
    sizes = [run.n for run in runs]
    return {s: growth_exponent(sizes, [run.seconds[s] for run in runs]) for s in stages}


def measure(n: int, profile: str) -> Grown:
    """Run the pipeline on a generated corpus in a process of its own."""
    done = subprocess.run(  # noqa: S603 -- it starts this module
        [sys.executable, "-m", "benchmarks.growth", "--one", str(n), "--profile", profile],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Grown(**json.loads(done.stdout.splitlines()[-1]))


def _run_here(n: int, profile: str) -> Grown:
    from ri_assets.dagster_home import dagster_instance
    from ri_assets.definitions import build_defs
    from ri_assets.resources.settings import ProfileResource, SourceResource, StoreResource
    from ri_assets.run import run_pipeline

    embed_without_model()
    with tempfile.TemporaryDirectory() as place:
        store = f"{place}/store"
        definitions = build_defs(
            {
                "source": SourceResource(source=write_corpus(Path(place) / "source", n, _SEED)),
                "profile": ProfileResource(name=profile),
                "store": StoreResource(location=store),
            }
        )
        with _Watch() as watch:
            outcome = run_pipeline(definitions)
        peaks: dict[str, int] = {}
        with dagster_instance(store) as instance:
            for step in instance.get_run_step_stats(outcome.run_id):
                stage = step.step_key.removesuffix("_checks")
                held = watch.peak(step.start_time or 0, step.end_time or 0)
                peaks[stage] = max(held, peaks.get(stage, 0))
    for failure in outcome.failures:
        print(failure.message, file=sys.stderr)
    is_known = any(peaks.values())
    return Grown(n, outcome.seconds, peaks if is_known else {}, outcome.snapshot is not None)


class _Watch:
    """Watches how much memory this process and its children hold together."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []
        self._is_over = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def peak(self, start: float, end: float) -> int:
        """Give the most bytes between two times, 0 if nothing was seen."""
        return max((held for at, held in self._seen if start <= at <= end), default=0)

    def _look(self) -> None:
        while not self._is_over.wait(_SECONDS_BETWEEN):
            self._seen.append((time.time(), sum(map(_proportional, _family()))))


def _family() -> list[Path]:
    """Folders in /proc of this process and of all that come from it; none without /proc."""
    parents = {}
    for folder in _PROC.glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
        except OSError:
            continue  # it ended in the meantime
    own = {int((_PROC / "self").resolve().name)} if parents else set()
    while more := {one for one, parent in parents.items() if parent in own} - own:
        own |= more
    return [_PROC / str(one) for one in own]


def _proportional(folder: Path) -> int:
    """Bytes that a process holds; a page that several share counts in parts."""
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it ended in the meantime
    return sum(int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:"))


def main() -> None:
    """Run every size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--profile", default=DEFAULT_PROFILE)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one is not None:
        print(json.dumps(asdict(_run_here(given.one, given.profile))))
        return
    runs = []
    for n in map(int, given.sizes.split(",")):
        runs.append(measure(n, given.profile))
        print(json.dumps(asdict(runs[-1])), flush=True)
    print(json.dumps({"runs": [asdict(run) for run in runs], "exponents": exponents(runs)}))


if __name__ == "__main__":
    main()
