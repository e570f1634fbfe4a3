"""How much memory a run needs at most, before it starts, and how much the machine has.

Belongs here: the estimate by stage, and the error where it does not fit. Does not belong here:
measuring a run (`benchmarks.growth`), by which the estimate was calibrated.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from joblib import cpu_count

from ri_assets.config import ConsensusSettings, Profile
from ri_assets.errors import ResourceError
from ri_assets.pipeline.bounds import SAMPLE_LIMIT
from ri_assets.pipeline.embed import DIMENSIONS as TEXT_DIMENSIONS
from ri_assets.pipeline.features import FEATURES
from ri_assets.pipeline.reduce import EXACT_LIMIT

DIMENSIONS = TEXT_DIMENSIONS + len(FEATURES)
"""Of a fused vector."""
SHORTFALL = 0.2
"""Share by which the estimate may be too high: a run is refused only if that would not do."""

_MB = 1_000_000
_FLOAT = 4
_MODEL = 365 * _MB  # PyTorch and the model, from the first text that is embedded
_GRAPH = 48  # bytes of UMAP's graph for each neighbour of a fitted tweet
_PROCESSES = "LOKY_MAX_CPU_COUNT"  # joblib's own variable


@dataclass(frozen=True)
class _Needs:
    """What a stage holds at its peak.

    Parameters
    ----------
    fixed
        Bytes for a corpus of any size.
    vectors
        Fused vectors of 32-bit floats for each tweet, intermediate results included.
    text
        Other bytes for each tweet.
    sampled
        Bytes for each of the first tweets, up to `SAMPLE_LIMIT`: of a larger corpus, no more
        are compared, rerun or read at once.
    fitted
        Bytes for each tweet that is fitted; the others follow these.
    """

    fixed: int
    vectors: float = 0
    text: int = 0
    sampled: int = 0
    fitted: int = 0

    def bytes(self, n: int, n_fitted: int, dimensions: int) -> int:
        vector = int(self.vectors * _FLOAT * dimensions)
        sampled = min(n, SAMPLE_LIMIT) * self.sampled
        return self.fixed + n * (vector + self.text) + sampled + n_fitted * self.fitted


# Measured at 2,500, 10,000 and 300,000 tweets with as many replies (docs/performance.md).
_STAGES: Mapping[str, _Needs] = {
    "raw_tweets": _Needs(270 * _MB, text=2_100),
    "denoised_tweets": _Needs(380 * _MB + _MODEL, vectors=1, text=2_400, sampled=6_600),
    "embeddings": _Needs(413 * _MB + _MODEL, vectors=4, text=1_800, sampled=7_500),
    "behavioral_features": _Needs(430 * _MB + _MODEL, text=5_700),
    "umap_50d": _Needs(377 * _MB + _MODEL, vectors=5, text=2_000, fitted=45_000),
    "clusters": _Needs(400 * _MB + _MODEL, vectors=6, text=500, fitted=15_000),
    "personas_enriched": _Needs(896 * _MB + _MODEL, vectors=2, text=6_600, sampled=5_000),
    "ri_index_app": _Needs(815 * _MB + _MODEL, vectors=6, text=1_500, sampled=5_000, fitted=47_000),
}
_WORKER = _Needs(219 * _MB, vectors=7, fitted=33_500)
"""Each process that reruns the clustering; it sees at most `SAMPLE_LIMIT` tweets."""


def memory_by_stage(
    tweets: int, profile: Profile, processes: int | None = None, dimensions: int = DIMENSIONS
) -> dict[str, int]:
    """Estimate the bytes that all processes of a run hold at the peak of each stage.

    Parameters
    ----------
    tweets
        Tweets after denoising, or before: then it is too high.
    profile
        Its `cluster` settings say how many tweets are fitted.
    processes
        Processes that rerun the clustering on this machine; one for each core by default.
    dimensions
        Of a fused vector.

    Notes
    -----
    Fitted to measured runs of 2,500, 10,000 and 300,000 tweets (docs/performance.md).
    """
    n_processes = int(cpu_count()) if processes is None else processes
    settings, fitted, neighbors = profile.cluster, tweets, profile.reduce.n_neighbors
    if isinstance(settings, ConsensusSettings):
        fitted = min(tweets, settings.fit_limit)
        neighbors = max(neighbors, *settings.n_neighbors)
    found = {}
    for stage, needs in _STAGES.items():
        laid_out = min(tweets, EXACT_LIMIT) if stage == "ri_index_app" else fitted
        found[stage] = needs.bytes(tweets, laid_out, dimensions)
    rerun = min(tweets, SAMPLE_LIMIT)
    worker = _WORKER.bytes(rerun, min(fitted, rerun), dimensions) + fitted * neighbors * _GRAPH
    found["clusters"] += n_processes * worker
    return found


def require_memory(
    tweets: int, profile: Profile, available: int | None, processes: int | None = None
) -> tuple[str, int]:
    """Refuse a run that the machine has too little memory for.

    Parameters
    ----------
    tweets, profile, processes
        As for `memory_by_stage`.
    available
        Bytes that can be used (`available_memory`); None if nobody knows.

    Returns
    -------
    The stage that needs most, and its estimate in bytes.

    Raises
    ------
    ResourceError
        Even a fifth less than the estimate is more than what is available.
    """
    by_stage = memory_by_stage(tweets, profile, processes)
    stage = max(by_stage, key=lambda name: by_stage[name])
    needed = by_stage[stage]
    if available is None or needed * (1 - SHORTFALL) <= available:
        return stage, needed
    ways = []
    fewer = memory_by_stage(tweets, profile, processes=1)
    if (
        stage == "clusters"
        and processes is None
        and max(fewer.values()) * (1 - SHORTFALL) <= available
    ):
        ways.append(f"set {_PROCESSES}=1, which needs {told_memory(max(fewer.values()))}")
    if most := _most_tweets(tweets, profile, available, processes):
        ways.append(f"read fewer tweets with --max-tweets {most}")
    ways.append(f"use a machine with {told_memory(needed)} of free memory")
    raise ResourceError(
        f"the stage {stage} needs about {told_memory(needed)} of memory for {tweets:,} tweets with "
        f"the profile {profile.name}, and {told_memory(available)} are free",
        f"at least {told_memory(int(needed * (1 - SHORTFALL)))} of free memory",
        ", or ".join(ways),
    )


def _most_tweets(
    tweets: int, profile: Profile, available: int, processes: int | None = None
) -> int:
    """Give a number of tweets that fits, to two digits; 0 if hardly any does."""
    low, high = 0, tweets
    while high - low > 1:
        middle = (low + high) // 2
        fits = max(memory_by_stage(middle, profile, processes).values()) <= available
        low, high = (middle, high) if fits else (low, middle)
    unit: int = 10 ** max(len(str(low)) - 2, 0)
    return low // unit * unit


def told_memory(count: int) -> str:
    """Say an amount of memory, such as ``1.2 GB``."""
    return f"{count / 1e9:.1f} GB"


def available_memory(
    proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Give the bytes that this process and its children can still use; None if nobody knows.

    The least of what the machine has free and of what the limits of its control groups (those of
    a container, say) leave. Files that the system only caches count as free.

    Parameters
    ----------
    proc, groups
        Where Linux shows processes and control groups; other systems have neither.
    """
    known = [*_free_of_machine(proc), *_free_of_groups(proc, groups)]
    return min(known, default=None)


def _free_of_machine(proc: Path) -> Iterator[int]:
    free = _numbers(proc / "meminfo", ":").get("MemAvailable")
    if free is not None:
        yield free * 1024
    elif "SC_PHYS_PAGES" in os.sysconf_names and not (proc / "meminfo").exists():
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _free_of_groups(proc: Path, groups: Path) -> Iterator[int]:
    """Give what each limit on the way from the own group to the root leaves, versions 2 and 1."""
    for line in _lines(proc / "self" / "cgroup"):
        _, controllers, own = (*line.split(":", 2), "", "")[:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        root = groups / "memory" if controllers else groups
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        limit_file, used_file, cached = (
            names if controllers else ("memory.max", "memory.current", "inactive_file")
        )
        folder = root / own.lstrip("/")
        for place in (folder, *(one for one in folder.parents if one.is_relative_to(root))):
            limit, used = _lines(place / limit_file), _lines(place / used_file)
            if limit and used and limit[0].isdecimal() and used[0].isdecimal():
                reclaimable = _numbers(place / "memory.stat", " ").get(cached, 0)
                yield max(int(limit[0]) - int(used[0]) + reclaimable, 0)


def _numbers(file: Path, separator: str) -> dict[str, int]:
    found = {}
    for line in _lines(file):
        name, _, value = line.partition(separator)
        number = value.split()[:1]
        if number and number[0].isdecimal():
            found[name.strip()] = int(number[0])
    return found


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):  # another system, or not for this user
        return []
