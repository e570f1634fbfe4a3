"""Runs at the same time, clocks that jump, and readers of what is being cleaned away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id, published_ids
from ri_assets_tests.store.test_cleaning import (
    clean_up,
)
from ri_assets_tests.store.test_cleaning import (
    test_a_reader_outlasts_ten_publications_and_their_cleaning as reader_outlasts,
)
from ri_assets_tests.store.test_publishing import published, race
from ri_assets_tests.torture import stores
from ri_assets_tests.torture.clock import jumping
from ri_assets_tests.torture.kills import Ground
from ri_assets_tests.torture.record import Counts, Result, Tally
from ri_assets_tests.torture.scenarios import run_scenarios

PUBLISHED, OVERTAKEN = 0, 3
CLEANED_EVERY = 12
SCENARIOS = (
    "store/test_publishing.py",
    "store/test_active_runs.py",
    "store/test_cleaning.py",
    "test_dead_runs.py::test_after_a_kill_the_next_run_in_the_queue_starts",
)


def together(ground: Ground, counts: Counts) -> Result:
    """Race runs against each other, let the clock jump, and publish beside readers."""
    tally = Tally("runs, clocks, readers", counts.together_minutes)
    _races(tally, ground.folder / "race", counts.races)
    _clock_steps(tally, ground.folder / "clock", counts.publications)
    _reader(tally, ground.folder / "reader")
    for number in range(counts.pairs_of_runs):
        if not tally.is_over:
            _pair(ground, tally, number)
    if counts.is_whole:
        _run_by_a_jumping_clock(ground, tally)
        run_scenarios(tally, ground.folder / "stores", SCENARIOS, "tests of races and cleaning")
    return tally.result()


def _races(tally: Tally, store: Path, rounds: int) -> None:
    """Publish two runs at the same moment, again and again."""
    won: list[str] = []
    for number in range(rounds):
        ended = race(str(store), (f"a{number}", f"b{number}"))
        won += [one for one in ended if isinstance(one, str)]
        is_one = len(won) == number + 1 and published_ids(Files(str(store))) == won
        tally.note("races for the pointer", 1)
        tally.fault(*([] if is_one else [f"of two runs at once, this was published: {ended}"]))
    lost, problems = stores.damage(store)
    tally.bytes_lost += lost
    tally.faults += problems


def _clock_steps(tally: Tally, store: Path, publications: int) -> None:
    """Publish and clean while the clock jumps by days; the order is that of publishing."""
    candidates = Candidates(Files(str(store)))
    order: list[str] = []
    with jumping(seed=5):
        for number in range(publications):
            problems = []
            order.append(published(candidates, f"run{number}"))
            if number % CLEANED_EVERY == CLEANED_EVERY - 1:
                clean_up(candidates)
                order = order[-1:]
            if current_id(candidates.files) != order[-1]:
                problems.append("the run published last is not the current one")
            if published_ids(candidates.files) != order:
                problems.append("the order of snapshots is not that of publishing")
            tally.note("publications by a clock that jumps", 1)
            tally.fault(*problems)
    lost, problems = stores.damage(store)
    tally.bytes_lost += lost
    tally.faults += problems


def _reader(tally: Tally, store: Path) -> None:
    """Hold a snapshot open while ten more are published and old ones are cleaned away."""
    try:
        reader_outlasts(Candidates(Files(str(store))))
    except AssertionError as error:
        tally.fault(f"a reader lost its snapshot: {error}")
    else:
        tally.fault()
    tally.note("publications while a reader holds a snapshot", 10)


def _pair(ground: Ground, tally: Tally, number: int) -> None:
    """Start two whole runs in one store; one publishes, the other does too or says why not."""
    store = ground.copy(f"pair{number}")
    before = len(published_ids(Files(str(store))))
    # The store already has a snapshot of these tweets, so a plain run would find nothing new.
    forks = [ground.zygote.start(replace(ground.task(store), again=True)) for _ in range(2)]
    codes = sorted(fork.wait() for fork in forks)
    n_published = len(published_ids(Files(str(store)))) - before
    lost, problems = stores.damage(store)
    tally.bytes_lost += lost
    if codes not in ([PUBLISHED, OVERTAKEN], [PUBLISHED, PUBLISHED]):
        problems.append(f"two runs at once ended with {codes}: {forks[1].said[-500:]}")
    if n_published != codes.count(PUBLISHED):
        problems.append(f"two runs at once ended with {codes}, and {n_published} were published")
    for fork in forks:
        if fork.wait() == OVERTAKEN and "is published, but this run began when" not in fork.said:
            problems.append("a run that was overtaken does not say so")
    problems += stores.left_behind(store, ground.scratch)
    tally.rows(ground.n_rows, stores.rows_of_snapshot(store)[1])
    tally.note("pairs of whole runs", 1)
    tally.fault(*problems)


def _run_by_a_jumping_clock(ground: Ground, tally: Tally) -> None:
    store = ground.copy("jumped")
    before = len(published_ids(Files(str(store))))
    fork = ground.zygote.run(replace(ground.task(store), clock=3, again=True))
    lost, problems = stores.damage(store)
    tally.bytes_lost += lost
    if fork.wait() != PUBLISHED:
        problems.append(f"a run by a clock that jumps failed: {fork.said[-700:]}")
    if len(published_ids(Files(str(store)))) != before + 1:
        problems.append("a run by a clock that jumps published nothing")
    tally.rows(ground.n_rows, stores.rows_of_snapshot(store)[1])
    tally.note("whole runs by a clock that jumps", 1)
    tally.fault(*problems)
