"""Every bar for speed and size, each with its figure, and the peers beside it.

`--fast` leaves out what takes over ten minutes; its figures are null. So is every other figure
that could not be had, with the reason. The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import growth, near_duplicates, start_up
from benchmarks.rivals import PEERS
from benchmarks.scale import clouds
from ri_assets.config import load_profile
from ri_assets.environment import DEFAULT_PROFILE, PROJECT
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.memory import available_memory, memory_by_stage, told_memory

KEYS = (
    "embed_ratio",
    "warm_s",
    "cold_s",
    "warm_ratio_to_before",
    "vs_bertopic",
    "near_duplicate_recall",
    "growth_exponent",
    "million_minutes",
    "million_peak_gib",
)
_PEERS = ("bertopic", "evoc", "plscan")
# The others take minutes to compile, and no bar is about them.
_FAST_PEERS = ("bertopic",)
_FAST_SIZES, _SIZES = (1_454, 10_000), (1_454, 10_000, 39_000)
_GROWTH = (10_000, 31_000, 100_000)
_RUNS = 3
_EMBEDDED = 400  # texts
_MILLION = 1_000_000
_STARTS = 7
_LEFT_OUT = "left out of bench-fast: it takes over ten minutes"


@dataclass
class Report:
    """What was measured so far.

    Parameters
    ----------
    figures
        One for each of `KEYS`; None where there is none.
    reasons
        Why there is none.
    """

    figures: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(KEYS))
    reasons: dict[str, str] = field(default_factory=dict)

    def leave_out(self, key: str, why: str) -> None:
        """Say why a figure is missing."""
        self.reasons[key] = why

    def rows(self) -> list[tuple[str, str, str]]:
        """Give each bar with its figure, or with the reason why there is none."""
        return [
            (key, BARS[key], self.reasons.get(key, "") if value is None else _said(value))
            for key, value in self.figures.items()
        ]

    def line(self) -> str:
        """Give the figures as one JSON object."""
        return json.dumps(self.figures)


BARS: Mapping[str, str] = {
    "embed_ratio": ">= 2 times sentence-transformers' defaults (>= 3 with bf16 or int8 units)",
    "warm_s": "<= 30 s on two cores",
    "cold_s": "<= 60 s on two cores",
    "warm_ratio_to_before": "<= 0.5",
    "vs_bertopic": "<= 1 at 10,000 tweets and above",
    "near_duplicate_recall": ">= 0.99 at 100,000",
    "growth_exponent": "<= 1.1 for every stage",
    "million_minutes": "<= 45",
    "million_peak_gib": "<= 12",
}


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(one)}" for name, one in value.items())
    return "none" if value is None else f"{value:.3g}"


def embedding(report: Report) -> None:
    """Compare our encoder with sentence-transformers' defaults, both readings counted.

    Seconds on the clock, because both use all cores; they take turns, so that what else the
    machine does falls on both. The smaller numbers of bfloat16 help only a processor with units
    for them.
    """
    from sentence_transformers import SentenceTransformer

    from ri_assets.pipeline.embed import Encoder, NoCache
    from ri_assets.pipeline.embedding_model import find_model
    from ri_assets.pipeline.text import body, content_without

    settings = load_profile(DEFAULT_PROFILE).embed
    tweets = near_duplicates.sample_texts()[:_EMBEDDED]
    texts = [body(text) for text in tweets] + [content_without(text, []) for text in tweets]
    theirs = SentenceTransformer(str(find_model(settings.model)), device="cpu")
    theirs.encode(texts[:8])
    ours = {
        precision: Encoder(
            settings.model_copy(update={"precision": precision}), NoCache(), lambda _: None
        )
        for precision in ("float32", "bfloat16")
    }
    seconds: dict[str, list[float]] = {name: [] for name in ("theirs", *ours)}
    for encoder in ours.values():
        encoder.encode(["a text that loads the model"])
    for _ in range(_RUNS):
        for precision, encoder in ours.items():
            seconds[precision].append(_clock_of(lambda e=encoder: e.encode(texts)))  # type: ignore[misc]
        seconds["theirs"].append(_clock_of(lambda: theirs.encode(texts)))
    report.figures["embed_ratio"] = {
        precision: float(np.median(seconds["theirs"]) / np.median(seconds[precision]))
        for precision in ours
    }


def _clock_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _cpu_of(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def whole_runs(report: Report) -> None:
    """Time `ri-index run` on the bundled sample, cold and then warm."""
    with tempfile.TemporaryDirectory() as place:
        for key, options in (("cold_s", ()), ("warm_s", ("--again",))):
            start = time.perf_counter()
            done = _ri_index("run", "--source", "sample", "--store", place, *options)
            if done.returncode:
                report.leave_out(key, f"the run ended with {done.returncode}: {done.stderr[-300:]}")
                return
            report.figures[key] = time.perf_counter() - start


def _ri_index(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- it starts this project's own command
        [sys.executable, "-m", "ri_assets.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )


def before(report: Report) -> None:
    """Compare a warm run with that of an earlier checkout, named by RI_BENCH_BEFORE."""
    earlier = os.environ.get("RI_BENCH_BEFORE")
    if earlier is None:
        report.leave_out(
            "warm_ratio_to_before",
            "no earlier code at hand: name a checkout with its .venv in RI_BENCH_BEFORE",
        )
        return
    python = Path(earlier) / ".venv/bin/python"
    seconds = {}
    with tempfile.TemporaryDirectory() as place:
        for name, command, folder, again in (
            ("before", str(python), earlier, ()),
            ("now", sys.executable, str(PROJECT), ("--again",)),
        ):
            run = ["-m", "ri_assets.cli", "run", "--source", "sample", "--store", f"{place}/{name}"]
            for options in ((), again):
                start = time.perf_counter()
                subprocess.run(  # noqa: S603 -- it starts this project's own command
                    [command, *run, *options],
                    check=False,
                    cwd=folder,
                    env={**os.environ, "PYTHONPATH": folder},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                seconds[name] = time.perf_counter() - start
    report.figures["warm_ratio_to_before"] = seconds["now"] / seconds["before"]


def peers(report: Report, console: Console, sizes: Sequence[int], names: Sequence[str]) -> None:
    """Compare one fit with one fit of each peer, on the same vectors, in turns."""
    grid = Table("vectors", "ours", *names, title="seconds of processor time for one fit, median")
    profile, ratios = load_profile(DEFAULT_PROFILE), {}
    warm_up = clouds(600, 0)[0]
    fit(warm_up, profile, 0)
    for name in names:
        PEERS[name](warm_up, 0, 0)  # compiles
    for n in sizes:
        vectors = clouds(n, 1)[0]
        taken: dict[str, list[float]] = {name: [] for name in ("ours", *names)}
        for seed in range(_RUNS):
            taken["ours"].append(_cpu_of(lambda s=seed, v=vectors: fit(v, profile, s)))  # type: ignore[misc]
            for name in names:
                taken[name].append(
                    _cpu_of(lambda s=seed, v=vectors, p=name: PEERS[p](v, 0, s))  # type: ignore[misc]
                )
        grid.add_row(
            f"{n:,}",
            *(f"{np.median(s):.1f} ({min(s):.1f} to {max(s):.1f})" for s in taken.values()),
        )
        ratios[str(n)] = float(np.median(taken["ours"]) / np.median(taken["bertopic"]))
    console.print(grid)
    report.figures["vs_bertopic"] = ratios


def duplicates(report: Report, n: int) -> None:
    """Measure the recall of the index against comparing all pairs."""
    bar = load_profile(DEFAULT_PROFILE).denoise.near_duplicate_cosine
    found = near_duplicates.search(
        near_duplicates.with_copies(near_duplicates.sample_vectors(), n, 1), bar
    )
    report.figures["near_duplicate_recall"] = found.recall


def grown(report: Report, sizes: Sequence[int]) -> None:
    """Fit how each stage grows."""
    runs = [growth.measure(n, DEFAULT_PROFILE) for n in sizes]
    report.figures["growth_exponent"] = growth.exponents(runs)


def million(report: Report) -> None:
    """Run a million generated tweets, where the machine has the memory."""
    needed = max(memory_by_stage(_MILLION, load_profile(DEFAULT_PROFILE)).values())
    free = available_memory()
    if free is None or needed > free:
        why = f"a million tweets need {told_memory(needed)} of memory by the estimate"
        for key in ("million_minutes", "million_peak_gib"):
            report.leave_out(key, why)
        return
    run = growth.measure(_MILLION, DEFAULT_PROFILE)
    seconds = sum(s for stage, s in run.seconds.items() if stage != "embeddings")
    report.figures["million_minutes"] = seconds / 60
    report.figures["million_peak_gib"] = max(run.peak_bytes.values(), default=0) / 2**30


def main() -> None:
    """Measure, print the bars, then the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--fast", action="store_true", help="only what takes under ten minutes")
    parser.add_argument("--only", help="keys of the JSON object with commas between them")
    given = parser.parse_args()
    chosen = set(KEYS) if given.only is None else set(given.only.split(","))
    if unknown := chosen - set(KEYS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(KEYS)}")
    console, report = Console(width=140), Report()
    long = {"near_duplicate_recall", "growth_exponent", "million_minutes"} if given.fast else set()
    sizes, compared = (_FAST_SIZES, _FAST_PEERS) if given.fast else (_SIZES, _PEERS)
    parts: tuple[tuple[str, Callable[[], None]], ...] = (
        ("embed_ratio", lambda: embedding(report)),
        ("warm_s", lambda: whole_runs(report)),
        ("warm_ratio_to_before", lambda: before(report)),
        ("vs_bertopic", lambda: peers(report, console, sizes, compared)),
        ("near_duplicate_recall", lambda: duplicates(report, 100_000)),
        ("growth_exponent", lambda: grown(report, _GROWTH)),
        ("million_minutes", lambda: million(report)),
    )
    for key in KEYS:
        if key not in chosen:
            report.leave_out(key, "not asked for")
    for key, measure in parts:
        if key not in chosen:
            continue
        if key in long:
            report.leave_out(key, _LEFT_OUT)
            continue
        print(f"measuring {key}", file=sys.stderr, flush=True)
        began = time.perf_counter()
        measure()
        # At once, so that an interrupted benchmark has told what it found.
        took = time.perf_counter() - began
        print(f"measured in {took:.0f} s; so far {report.line()}", file=sys.stderr, flush=True)
    if "million_minutes" in long & chosen:
        report.leave_out("million_peak_gib", _LEFT_OUT)
    if given.only is None:
        start_up.show(console, start_up.figures(start_up.measure(_STARTS, [PROJECT])))
    grid = Table("figure", "bar", "found")
    for row in report.rows():
        grid.add_row(*row)
    console.print(grid)
    print(report.line())


if __name__ == "__main__":
    main()
