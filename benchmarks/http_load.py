"""How many questions a second `ri-index serve` answers, and how long clients wait.

Starts the server on a free port of 127.0.0.1 over a published store, and lets 1, 8 and 32 clients
ask a fixed mix of questions. Each keeps one connection and asks again as soon as it has an answer.
A number of clients ends after `--requests` answers or `--seconds`, whichever comes first. The
clients share the machine with the server, so what they cost is missing from its answers a second;
the server's processor time by request is not affected. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.index_calls import peak_mb
from benchmarks.reading import run_or_explain
from ri_assets.environment import DEFAULT_STORE, PROJECT
from ri_assets.errors import StoreError

CLIENTS = "1,8,32"
_REQUESTS, _SECONDS = 1_000, 30.0
_WAIT_SECONDS = 120.0  # for one answer; the first slow one loads the model
_STOP_SECONDS = 20
_EACH = 30  # ids and texts of each persona to ask about
# Kinds of problems with which the server refuses: too many slow questions, or connections.
_REFUSALS = {"busy": "slow questions", "connection": "connections"}


@dataclass(frozen=True)
class Question:
    """One request.

    Parameters
    ----------
    name
        Its path without the slash.
    arguments
        Of the address, or with `is_post` of the body.
    is_slow
        Whether it needs the model or the cleaner; the server runs those one at a time.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    is_post: bool = False
    is_slow: bool = False

    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """Build the request."""
        if self.is_post:
            return client.build_request("POST", f"/{self.name}", json=dict(self.arguments))
        return client.build_request("GET", f"/{self.name}", params=dict(self.arguments))


Ask = Callable[[random.Random], Question]


def mix(url: str) -> list[tuple[int, Ask]]:
    """Give the questions and how often each is asked; three in forty are slow.

    Parameters
    ----------
    url
        Of the server; it is asked for ids and texts to ask about.
    """
    with httpx.Client(base_url=url, timeout=_WAIT_SECONDS, trust_env=False) as client:

        def rows(path: str, **arguments: Any) -> list[dict[str, Any]]:
            answer = client.get(path, params=arguments).raise_for_status().json()
            found: list[dict[str, Any]] = answer["items"]
            return found

        personas = [row["persona_id"] for row in rows("/list_personas")]
        tweets = [
            row["tweet_id"] for one in personas
            for row in rows("/get_persona_tweets", persona=one, limit=_EACH)
        ]  # fmt: skip
        texts = [
            row["text"] for one in personas
            for row in rows("/get_tweet_samples", persona=one, n=_EACH)
        ]  # fmt: skip

    def of_persona(name: str, *, is_slow: bool = False, **more: Any) -> Ask:
        return lambda dice: Question(
            name, {"persona": dice.choice(personas), **more}, is_slow=is_slow
        )

    def two(dice: random.Random) -> Question:
        a, b = dice.sample(personas, 2) if len(personas) > 1 else personas * 2
        return Question("compare", {"a": a, "b": b})

    return [
        (10, lambda dice: Question("get_tweet_persona", {"tweet_id": dice.choice(tweets)})),
        (5, lambda _: Question("list_personas")),
        (5, of_persona("get_persona")),
        (4, lambda dice: Question("filter_personas", {"min_size": dice.randrange(1, 100)})),
        (4, of_persona("get_persona_tweets", limit=20)),
        (3, of_persona("get_tweet_samples", n=5)),
        (2, of_persona("find_similar_personas", method="style", top_k=3)),
        (1, two),
        (1, lambda _: Question("get_summary_stats")),
        (1, lambda _: Question("")),  # the explorer's page
        (1, lambda dice: Question(
            "get_tweet_personas", {"tweet_ids": dice.choices(tweets, k=100)}, is_post=True)),
        (1, of_persona("get_persona_tweets", limit=20, with_text=True, is_slow=True)),
        (1, lambda dice: Question(
            "search", {"text": dice.choice(texts)}, is_post=True, is_slow=True)),
        (1, lambda dice: Question(
            "assign", {"tweets": [dice.choice(texts)]}, is_post=True, is_slow=True)),
    ]  # fmt: skip


@dataclass
class Told:
    """What clients saw.

    Parameters
    ----------
    fast_ms, slow_ms
        Milliseconds of each answered question.
    refused
        Refused questions, by the limit that was reached.
    errors
        Other failures, by status or kind.
    seconds
        From the first question to the last answer.
    """

    fast_ms: list[float] = field(default_factory=list)
    slow_ms: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Give the figures of the JSON object."""
        answered = len(self.fast_ms) + len(self.slow_ms)
        return {
            "requests": answered + self.refused.total() + self.errors.total(),
            "per_second": answered / self.seconds if self.seconds else None,
            **{
                f"{kind}_{name}": value
                for kind, taken in (("fast", self.fast_ms), ("slow", self.slow_ms))
                for name, value in _cuts(taken).items()
            },
            "refused": dict(self.refused),
            "errors": dict(self.errors),
        }


def _cuts(taken: Sequence[float]) -> dict[str, float | None]:
    if not taken:
        return {"p50_ms": None, "p99_ms": None}
    p50, p99 = np.quantile(taken, (0.5, 0.99))
    return {"p50_ms": float(p50), "p99_ms": float(p99)}


async def load(
    url: str, questions: Sequence[tuple[int, Ask]], clients: int, requests: int, seconds: float
) -> Told:
    """Let clients ask at once.

    Parameters
    ----------
    url
        Of the server.
    questions
        The mix, as `mix` gives it.
    clients
        How many; each has one connection.
    requests, seconds
        The end: so many questions of all clients together, or so much time.
    """
    weights, asks = zip(*questions, strict=True)
    told, turns = Told(), iter(range(requests))
    started = time.perf_counter()

    async def ask_on(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - which question comes next is no secret
        async with httpx.AsyncClient(
            base_url=url, timeout=_WAIT_SECONDS, trust_env=False
        ) as client:
            while time.perf_counter() - started < seconds and next(turns, None) is not None:
                [ask] = dice.choices(asks, weights)
                await _ask(client, ask(dice), told)

    await asyncio.gather(*map(ask_on, range(clients)))
    told.seconds = time.perf_counter() - started
    return told


async def _ask(client: httpx.AsyncClient, question: Question, told: Told) -> None:
    began = time.perf_counter()
    try:
        answer = await client.send(question.request(client))
    except httpx.TransportError as error:  # such as a connection that the server closed
        told.errors[type(error).__name__] += 1
        return
    taken = 1000 * (time.perf_counter() - began)
    if answer.is_success:
        (told.slow_ms if question.is_slow else told.fast_ms).append(taken)
    elif (limit := _limit(answer)) is not None:
        told.refused[limit] += 1
    else:
        told.errors[str(answer.status_code)] += 1


def _limit(answer: httpx.Response) -> str | None:
    """Name the limit with which the server refused; None if it failed otherwise."""
    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        return None
    return _REFUSALS.get(str(answer.json().get("type", "")).rpartition(":")[2])


@contextmanager
def served(store: str) -> Iterator[tuple[str, int]]:
    """Start `ri-index serve`, and end it afterwards.

    Yields
    ------
    tuple
        Its address and its process.

    Raises
    ------
    StoreError
        It does not start.
    """
    command = [sys.executable, "-m", "ri_assets.cli", "serve", "--port", "0", "--store", store]
    process = subprocess.Popen(  # noqa: S603 -- it starts this project's own command
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a line for each request
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
    )
    try:
        said = process.stdout.readline() if process.stdout else ""
        if " on http://" not in said:
            raise StoreError(
                f"ri-index serve did not start over {store}",
                "a server on 127.0.0.1",
                f"see why with: ri-index serve --store {store}",
            )
        yield said.partition(" on ")[2].split()[0], process.pid
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()


def _cpu_seconds(pid: int) -> float | None:
    """Processor time of a process so far; None where the system has no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.is_file():
        return None
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure(store: str, levels: Sequence[int], requests: int, seconds: float) -> dict[str, Any]:
    """Serve a store and ask it, with each number of clients in turn."""
    found: dict[str, Any] = {"clients": {}, "peak_mb": {}}
    with served(store) as (url, pid):
        found["peak_mb"]["started"] = peak_mb(pid)
        questions = mix(url)
        for _, ask in questions:  # the first of a kind loads the model, or the cleaner
            asyncio.run(load(url, [(1, ask)], 1, 1, seconds))
        found["peak_mb"]["before"] = peak_mb(pid)
        for clients in levels:
            cpu = _cpu_seconds(pid)
            figures = asyncio.run(load(url, questions, clients, requests, seconds)).figures()
            ended = _cpu_seconds(pid)
            used = None if cpu is None or ended is None else ended - cpu
            figures["server_cpu_ms"] = used and 1000 * used / figures["requests"]
            found["clients"][str(clients)] = figures
        found["peak_mb"]["after"] = peak_mb(pid)
    return found


def _show(found: Mapping[str, Any]) -> None:
    grid = Table(
        "clients", "questions", "a second", "fast p50", "p99", "slow p50", "p99", "server's CPU",
        "refused", "errors", caption="milliseconds; the server's processor time is by question",
    )  # fmt: skip
    for clients, one in found["clients"].items():
        times = ("fast_p50_ms", "fast_p99_ms", "slow_p50_ms", "slow_p99_ms", "server_cpu_ms")
        said = ["" if one[name] is None else f"{one[name]:.1f}" for name in times]
        failed = [
            ", ".join(f"{n} {name}" for name, n in one[kind].items()) or "0"
            for kind in ("refused", "errors")
        ]
        rate = "" if one["per_second"] is None else f"{one['per_second']:.0f}"
        grid.add_row(clients, f"{one['requests']:,}", rate, *said, *failed)
    console = Console(width=120)
    console.print(grid)
    peaks = ", ".join(
        f"{when} {'unknown' if mb is None else f'{mb:.0f} MB'}"
        for when, mb in found["peak_mb"].items()
    )
    console.print(f"peak memory of the server: {peaks}")


def main() -> None:
    """Measure every number of clients."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--store", default=os.environ.get("RI_STORE", DEFAULT_STORE))
    parser.add_argument("--clients", default=CLIENTS, help="numbers of clients, with commas")
    parser.add_argument("--requests", type=int, default=_REQUESTS, help="for each number")
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="at most, for each number")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    given = parser.parse_args()
    found = measure(
        given.store, [int(n) for n in given.clients.split(",")], given.requests, given.seconds
    )
    if not given.json:
        _show(found)
    print(json.dumps(found))


if __name__ == "__main__":
    run_or_explain(main)
