"""Kills at random moments of whole runs and of single stages, and what a rerun makes of them.

Most kills hit a single stage, as a person materialises it in the UI: a whole run takes twenty
seconds. Whole runs are those of `ri-index run`. All are forks of one process (see `zygote`).
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from ri_assets.environment import PROJECT
from ri_assets.records.assets import ASSETS
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder
from ri_assets_tests.torture import stores
from ri_assets_tests.torture.record import Counts, Result, Tally
from ri_assets_tests.torture.zygote import Fork, Task, Zygote, stages, zygote

UNENDING = ("STARTED", "STARTING", "CANCELING")


@dataclass
class Ground:
    """Where runs are tortured: a corpus, a published store, and runs that were left alone.

    Parameters
    ----------
    zygote
        Forks the runs.
    base
        A published store that stays as it is.
    source, home
        The corpus, and where whole runs have Dagster's records.
    n_rows
        Rows of the corpus.
    """

    zygote: Zygote
    folder: Path
    base: Path
    source: Path
    home: Path
    n_rows: int

    def task(self, store: Path, only: tuple[str, ...] = ()) -> Task:
        """Give a run into a store."""
        return Task(str(self.source), str(SMALL_PROFILE), str(store), str(self.home), only)

    def copy(self, name: str) -> Path:
        """Copy the published store."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return Path(shutil.copytree(self.base, self.folder / name))

    @property
    def scratch(self) -> Path:
        """Folder for temporary files of every run."""
        return self.zygote.scratch


@contextmanager
def ground(folder: Path, published: Path | None = None) -> Iterator[Ground]:
    """Publish the small corpus once, or take a store in which it is published.

    Parameters
    ----------
    published
        Store of a finished run of the small corpus.
    """
    tweets = small_tweets()
    replies = replies_to(tweets)
    source = write_folder(folder / "source", tweets, replies)
    home = folder / "home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    with zygote(folder / "forks") as process:
        made = Ground(process, folder, folder / "base", source, home, len(tweets) + len(replies))
        if published is None:
            first = process.run(made.task(made.base))
            assert first.wait() == 0, first.said
        else:
            shutil.copytree(published, made.base)
        yield made


class Pace:
    """When to kill: at a random moment of the time that a task takes.

    Parameters
    ----------
    draw
        Source of the moments.
    """

    def __init__(self, draw: random.Random) -> None:
        self._draw, self._seconds = draw, 0.0

    def run(self, ground: Ground, task: Task) -> Fork:
        """Let a task run undisturbed, and learn how long it takes."""
        began = time.monotonic()
        fork = ground.zygote.run(task)
        self._seconds = time.monotonic() - began
        return fork

    def kill(self, fork: Fork, number: int) -> bool:
        """Kill a fork, every second time with its whole group; return whether it still lived."""
        time.sleep(self._draw.uniform(0.02, 1.0) * self._seconds)
        is_killed = fork.kill(whole_group=number % 2 == 0)
        if not is_killed:  # the machine had more to do when the time was taken
            self._seconds *= 0.8
        return is_killed


def kills(ground: Ground, counts: Counts, seed: int = 0) -> Result:
    """Kill runs, look the store over, run again, and compare with runs that were left alone."""
    tally, draw = Tally("kills", counts.kill_minutes), random.Random(seed)  # noqa: S311 - not secret
    if counts.whole_kills:
        _of_whole_runs(ground, counts, tally, draw)
    _of_stages(ground, counts, tally, draw)
    return tally.result()


def _of_stages(ground: Ground, counts: Counts, tally: Tally, draw: random.Random) -> None:
    """Kill each stage several times, then let it run; its inputs are those of the base."""
    store = ground.copy("stages")
    whole = dict(stores.vectors(ground.base))
    chosen = stages(counts.full_stages)
    for place, stage in enumerate(chosen):
        task = ground.task(store, stage)
        wanted = counts.stage_kills * (place + 1) // len(chosen)
        wanted -= counts.stage_kills * place // len(chosen)
        pace = Pace(draw)
        alone = pace.run(ground, task)
        expected = stores.digests(store, stage)
        if stage[0] == "embeddings":
            shutil.rmtree(store / "cache")  # so that kills come while vectors are made
        n_killed = 0
        # Where time is short, each stage gets its part of it.
        ends = time.monotonic() + tally.seconds_left / (len(chosen) - place)
        while alone.wait() == 0 and n_killed < wanted and time.monotonic() < ends:
            fork = ground.zygote.start(task)
            if pace.kill(fork, n_killed):
                n_killed += 1
                tally.note("kills of single stages", 1)
                tally.note(f"kills in {stage[0]}", 1)
                tally.fault(*_seen(store, whole, fork, tally))
        again = ground.zygote.run(task)
        if again.wait() or alone.wait():
            tally.faults.append(f"{stage[0]} failed undisturbed: {again.said[-500:]}")
            return
        found = stores.digests(store, stage)
        # Its exports and figures name the snapshot, which is new each time.
        problems = [] if stage[0] == "ri_index_app" else stores.differing(found, expected)
        tally.faults += [*problems, *stores.left_behind(store, ground.scratch)]
        tally.note("tables compared after a rerun", len(found))
    if chosen == stages():
        tally.rows(ground.n_rows, stores.rows_of_snapshot(store)[1])


def _of_whole_runs(ground: Ground, counts: Counts, tally: Tally, draw: random.Random) -> None:
    """Kill `ri-index run` a few times in an empty store, then let it run to its end."""
    whole = dict(stores.vectors(ground.base))
    first = stores.digests(ground.base, tuple(ASSETS))
    pace = Pace(draw)
    expected = _undisturbed(ground, first, pace)
    n_killed = group = 0
    ends = time.monotonic() + tally.seconds_left / 2
    while n_killed < counts.whole_kills and time.monotonic() < ends:
        store = ground.folder / f"whole{group}"
        task, group = ground.task(store), group + 1
        for _ in range(min(counts.kills_a_rerun, counts.whole_kills - n_killed)):
            if time.monotonic() > ends:
                break
            fork = ground.zygote.start(task)
            if pace.kill(fork, n_killed):
                n_killed += 1
                tally.note("kills of whole runs", 1)
                tally.fault(*_seen(store, whole, fork, tally))
        n_before = len(published_ids(Files(str(store)))) if store.exists() else 0
        again = ground.zygote.run(task)
        tally.note("whole reruns compared", 1)
        if again.wait():
            tally.faults.append(f"a rerun failed: {again.said[-500:]}")
            return
        if n_before < len(expected):
            found = stores.digests(store, tuple(ASSETS))
            tally.faults += stores.differing(found, expected[n_before])
            tally.note("tables compared after a rerun", len(expected[n_before]))
        tally.faults += stores.cache_problems(store, whole)
        tally.faults += stores.left_behind(store, ground.scratch)
        tally.rows(ground.n_rows, stores.rows_of_snapshot(store)[1])
        tally.bytes_lost += stores.damage(store)[0]
    with dg.DagsterInstance.from_config(str(ground.home)) as instance:
        open_runs = [run.run_id for run in instance.get_runs() if run.status.value in UNENDING]
    if open_runs:
        tally.faults.append(f"{len(open_runs)} killed runs were never closed in Dagster")


def _undisturbed(ground: Ground, first: stores.Digests, pace: Pace) -> list[stores.Digests]:
    """Tables of a first and a second run that nobody disturbed, without those that name a time.

    Two second runs are compared with each other: what differs between them is metadata.
    """
    found = []
    for name in ("second", "other"):
        store = ground.copy(name)
        fork = pace.run(ground, ground.task(store))
        assert fork.wait() == 0, fork.said
        found.append(stores.digests(store, tuple(ASSETS)))
    same = {name for name, digest in found[0].items() if found[1].get(name) == digest}
    return [{n: d for n, d in one.items() if n in same} for one in (first, found[0])]


def _seen(store: Path, whole: dict[bytes, bytes], fork: Fork, tally: Tally) -> list[str]:
    """Say what is wrong right after a kill, before anything has cleared up."""
    if not store.exists():
        return []
    lost, problems = stores.damage(store)
    tally.bytes_lost += lost
    problems += stores.cache_problems(store, whole)
    if alive := fork.survivors():
        problems.append(f"{len(alive)} processes live after their run was killed")
    return problems
