"""Publishing under fire: races, and a death at every step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ri_assets.errors import StoreError
from ri_assets.store import active_runs
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, OvertakenError, current_id, published_ids
from ri_assets.store.publishing import publish
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.store.test_candidate import ASSETS, whole_run


class Killed(BaseException):
    """Stands for the death of the process: nothing that follows is carried out."""


def outcome(candidates: Candidates, run: str) -> str | OvertakenError:
    """Publish a run; give its snapshot, or the error that says who was faster."""
    try:
        return publish(candidates, run, ASSETS).snapshot
    except OvertakenError as error:
        return error


def race(location: str, runs: tuple[str, str]) -> list[str | OvertakenError]:
    """Publish two runs that began together, each with a store of its own, at the same moment."""
    stores = [Candidates(Files(location)) for _ in runs]
    barrier = threading.Barrier(2)

    def ended(store: Candidates, run: str) -> str | OvertakenError:
        with active_runs.under_way(store.files, run):
            whole_run(store, run)  # same bytes in the same second
            barrier.wait()
            return outcome(store, run)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(ended, stores, runs))


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_of_two_runs_that_began_together_one_publishes(kind: str, tmp_path: Path) -> None:
    location = str(tmp_path) if kind == "local" else f"memory://{tmp_path.name}"
    files = Files(location)
    won: list[str] = []
    for n in range(25 if kind == "local" else 5):
        ended = race(location, (f"a{n}", f"b{n}"))
        [snapshot] = [one for one in ended if isinstance(one, str)]
        [error] = [one for one in ended if isinstance(one, OvertakenError)]
        assert f"{snapshot} is published, but this run began when" in error.found
        won.append(snapshot)
        assert current_id(files) == snapshot
    assert published_ids(files) == won
    assert files.names("snapshots") == sorted(won)
    Snapshot(files).verify()


def test_a_run_goes_on_from_what_was_published_when_it_began(candidates: Candidates) -> None:
    with active_runs.under_way(candidates.files, "late"):
        whole_run(candidates, "other")
        other = publish(candidates, "other", ASSETS).snapshot
        whole_run(candidates, "late")
        assert active_runs.base_of(candidates.files, "late") is None
        with pytest.raises(OvertakenError, match=f"{other} is published.*nothing was"):
            publish(candidates, "late", ASSETS)
    assert published_ids(candidates.files) == [other]
    with active_runs.under_way(candidates.files, "again"):
        whole_run(candidates, "again")
        assert active_runs.base_of(candidates.files, "again") == other
        again = publish(candidates, "again", ASSETS)
    assert again.previous == other
    assert published_ids(candidates.files) == [other, again.snapshot]


def test_a_pointer_that_was_put_back_is_another_base(candidates: Candidates) -> None:
    first, second = published(candidates, "run1"), published(candidates, "run2")
    with active_runs.under_way(candidates.files, "run3"):
        whole_run(candidates, "run3")
        pointer = candidates.files.read_json(POINTER)
        candidates.files.write_json(POINTER, {**pointer, "snapshot": first})
        assert isinstance(outcome(candidates, "run3"), OvertakenError)
    fourth = published(candidates, "run4")
    assert Snapshot(candidates.files).manifest.previous == first
    assert published_ids(candidates.files) == [first, second, fourth]


def published(candidates: Candidates, run: str) -> str:
    with active_runs.under_way(candidates.files, run):
        whole_run(candidates, run)
        return publish(candidates, run, ASSETS).snapshot


def dying(method: Callable[..., object], at: int, seen: list[int]) -> Callable[..., object]:
    """Let a step happen, or not if it is the one at which the process dies."""

    def step(*given: object, **named: object) -> object:
        seen.append(len(seen))
        if len(seen) > at:
            raise Killed
        return method(*given, **named)

    return step


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_a_death_at_any_step_leaves_the_store_as_it_was_or_published(
    kind: str, tmp_path: Path
) -> None:
    """Every file that is written or removed is a step; the next run clears up."""
    steps = 0
    while True:
        location = f"{'' if kind == 'local' else 'memory://'}{tmp_path}/{steps}"
        candidates = Candidates(Files(location))
        first = published(candidates, "run1")
        whole_run(candidates, "run2", 2)
        with pytest.MonkeyPatch.context() as patch:
            seen: list[int] = []
            for name in ("_put", "remove"):
                patch.setattr(Files, name, dying(getattr(Files, name), steps, seen))
            try:
                second = publish(candidates, "run2", ASSETS, raw={"first.parquet"}).snapshot
                is_killed = False
            except Killed:
                is_killed = True
        again = Candidates(Files(location))
        active_runs.clear_debris(again.files)
        known = published_ids(again.files)
        assert again.files.names("snapshots") == sorted(known)
        assert again.files.names("raw") == known[1:]  # run1 published none
        assert not again.files.exists("candidate/run2/publishing.json")
        assert known[0] == first
        Snapshot(again.files).verify()
        if not is_killed:
            assert known == [first, second]
            break
        third = published(again, "run3")
        assert published_ids(again.files) == [*known, third]
        steps += 1
    assert steps > 6  # two tables, the mark, the manifest, the pointer, the mark again


@pytest.mark.slow
def test_a_hundred_deaths_before_the_pointer_use_up_nothing(candidates: Candidates) -> None:
    first = published(candidates, "run1")
    tables = candidates.files.sha256(f"snapshots/{first}/second.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ri_assets.store.locks.replace_if_unchanged", dying(print, 0, []))
        for n in range(100):
            active_runs.clear_debris(candidates.files)
            with pytest.raises(Killed):
                published(candidates, f"dead{n}")
            assert published_ids(candidates.files) == [first]
            [ghost] = set(candidates.files.names("snapshots")) - {first}
            assert candidates.files.exists(f"snapshots/{ghost}/manifest.json")
            with pytest.raises(StoreError, match="there is no snapshot"):
                Snapshot(candidates.files, ghost)
            candidates.sweep(keep_runs=0)
    active_runs.clear_debris(candidates.files)
    last = published(candidates, "run2")
    assert published_ids(candidates.files) == [first, last]
    assert candidates.files.names("snapshots") == sorted([first, last])
    assert candidates.files.sha256(f"snapshots/{last}/second.parquet") == tables


PROGRAM = """
    import os, signal, sys
    from ri_assets.store import active_runs, locks
    from ri_assets.store.candidate import Candidates
    from ri_assets.store.files import Files
    from ri_assets_tests.store.test_publishing import outcome
    from ri_assets_tests.store.test_candidate import whole_run

    location, fate, *runs = sys.argv[1:]
    candidates = Candidates(Files(location))
    for run in runs:
        with active_runs.under_way(candidates.files, run):
            whole_run(candidates, run)
            print("ready", flush=True)
            sys.stdin.readline()
            if fate == "die":
                locks.replace_if_unchanged = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
            ended = outcome(candidates, run)
            print(ended if isinstance(ended, str) else "overtaken", flush=True)
            sys.stdin.readline()
"""


@contextmanager
def program(location: Path, fate: str, *runs: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), location, fate, *runs],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


@pytest.mark.slow
def test_processes_race_and_one_of_them_publishes(tmp_path: Path) -> None:
    rounds, won = range(25), []
    a, b = ([f"{name}{n}" for n in rounds] for name in "ab")
    with program(tmp_path, "live", *a) as one, program(tmp_path, "live", *b) as other:
        for _ in rounds:
            assert (said(one), said(other)) == ("ready", "ready")
            go(one, other)
            ended = {said(one), said(other)}
            assert "overtaken" in ended
            [snapshot] = ended - {"overtaken"}
            won.append(snapshot)
            go(one, other)
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert published_ids(Files(str(tmp_path))) == won


@pytest.mark.slow
def test_a_killed_process_is_cleared_up_and_its_lock_is_free(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    candidates = Candidates(files)
    first = published(candidates, "run1")
    for n in range(3):
        with program(tmp_path, "die", f"dead{n}") as process:
            assert said(process) == "ready"
            active_runs.clear_debris(files)
            candidates.sweep(keep_runs=0)  # it lives, so nothing of it may be touched
            assert files.exists(f"candidate/dead{n}/second/receipt.json")
            go(process)
            assert process.wait(60) == -signal.SIGKILL
        assert len(files.names("snapshots")) == 2
        active_runs.clear_debris(files)
        assert files.names("snapshots") == [first]
        assert files.names("locks") == ["publishing.lock"]
    last = published(candidates, "run2")
    assert published_ids(files) == [first, last]
