"""Ask a snapshot every question many times, and report times and memory; see `index.py`.

Imports little besides the index and the standard library, because what it imports counts.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.index_ids import dropped_id, tweet_id
from ri_assets.errors import NotFoundError

_OFTEN, _SOMETIMES, _SELDOM = 2000, 300, 20


def peak_mb(pid: int | None = None) -> float | None:
    """Most resident memory of a process so far, in MiB; None if it cannot be known.

    Parameters
    ----------
    pid
        The process; None means this one.
    """
    status = Path(f"/proc/{'self' if pid is None else pid}/status")
    if status.is_file():  # ru_maxrss counts the parent's memory from before exec
        [line] = [t for t in status.read_text().splitlines() if t.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return None if pid is not None else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(ask: Callable[[], object], times: int) -> dict[str, float]:
    """Ask again and again: median, 99th percentile and the first time, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - start) * 1000)
    cuts = quantiles(taken, n=100, method="inclusive")
    return {"p50_ms": cuts[49], "p99_ms": cuts[98], "first_ms": taken[0], "times": times}


def light(ri: Any, tweets: int, dice: random.Random) -> dict[str, tuple[Callable[[], object], int]]:
    """Questions that only read the snapshot, and how often each is asked."""
    ids: list[str] = [p.persona_id for p in ri.list_personas()]
    names = [p.name for p in ri.list_personas()]

    def some_id() -> str:
        return dice.choice(ids)

    def a_tweet() -> int:
        return tweet_id(dice.randrange(tweets))

    def without_persona() -> None:
        with suppress(NotFoundError):
            ri.get_tweet_persona(dropped_id(dice.randrange(tweets)))

    return {
        "get_tweet_persona": (lambda: ri.get_tweet_persona(a_tweet()), _OFTEN),
        "get_tweet_personas_of_100": (
            lambda: ri.get_tweet_personas([a_tweet() for _ in range(100)]),
            _SOMETIMES,
        ),
        "get_tweet_persona_unknown": (without_persona, _SELDOM),
        "get_persona": (lambda: ri.get_persona(some_id()), _OFTEN),
        "get_persona_by_name": (lambda: ri.get_persona_by_name(dice.choice(names)), _OFTEN),
        "list_personas": (ri.list_personas, _OFTEN),
        "filter_personas": (
            lambda: ri.filter_personas(
                min_size=1,
                top_terms=["delivery", "word 3"],
                peak_hour_range=(20, 6),
                max_avg_word_count=dice.uniform(10, 60),
            ),
            _OFTEN,
        ),
        "get_persona_tweets": (lambda: ri.get_persona_tweets(some_id(), 20), _OFTEN),
        "get_tweet_samples": (lambda: ri.get_tweet_samples(some_id(), 10), _SOMETIMES),
        "find_similar_personas_language": (
            lambda: ri.find_similar_personas(some_id(), "language", 3),
            _SOMETIMES,
        ),
        "find_similar_personas_style": (
            lambda: ri.find_similar_personas(some_id(), "style", 3),
            _SOMETIMES,
        ),
        "find_similar_personas_size": (
            lambda: ri.find_similar_personas(some_id(), "size", 3),
            _SOMETIMES,
        ),
        "compare": (lambda: ri.compare(ids[0], some_id()), _SOMETIMES),
        "get_summary_stats": (ri.get_summary_stats, _SELDOM),
        "get_persona_coverage": (ri.get_persona_coverage, _SOMETIMES),
        "quality": (ri.quality, _SOMETIMES),
    }


def heavy(ri: Any, dice: random.Random) -> dict[str, tuple[Callable[[], object], int]]:
    """Questions that load the privacy cleaner or the model."""
    ids = [p.persona_id for p in ri.list_personas()]
    return {
        "get_persona_tweets_with_text": (
            lambda: ri.get_persona_tweets(dice.choice(ids), 20, with_text=True),
            _SELDOM,
        ),
        "search": (lambda: ri.search(f"late delivery {dice.random()}"), _SELDOM),
    }


def main() -> None:
    """Print one JSON object."""
    store, tweets, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    start = time.perf_counter()
    from ri_assets.ri_index import RIIndex

    imported = time.perf_counter()
    ri = RIIndex.open(store=store)
    opened = time.perf_counter()
    dice = random.Random(0)  # noqa: S311 - which tweet is asked for is no secret
    result: dict[str, Any] = {"import_s": imported - start, "open_s": opened - imported}
    asked = light(ri, tweets, dice) if kind == "light" else heavy(ri, dice)
    result |= {name: timed(ask, times) for name, (ask, times) in asked.items()}
    print(json.dumps(result | {"peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
