"""Every engine gives results in the order of the jobs; errors and encoders pass on to processes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
import pytest

from ri_assets.config import load_profile
from ri_assets.errors import ModelError, NoPersonasError, RIError
from ri_assets.personas.privacy.guard import Guard
from ri_assets.pipeline import embed
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.engine import LOCAL, run_jobs
from ri_assets.store.pointer import OvertakenError
from ri_assets_tests.pipeline.test_embed import Memory

SETTINGS = load_profile("report").embed
Given = TypeVar("Given")
TEXTS = [f"the parcel {n} is late " + "again " * (n % 7) for n in range(40)]


def elsewhere(value: Given) -> Given:
    """Give what another process gets."""
    found: Given = pickle.loads(pickle.dumps(value))  # noqa: S301 -- pickled right here
    return found


def half(number: int) -> float:
    return number / 2


def half_of(number: int) -> Callable[[], float]:
    return partial(half, number)


@pytest.mark.parametrize("is_worth_processes", [False, True])
def test_results_come_in_the_order_of_the_jobs_and_are_received_once(
    is_worth_processes: bool,
) -> None:
    got: list[tuple[int, float]] = []
    told: list[int] = []
    found = LOCAL.run(
        [4, 2, 9],
        half_of,
        told.append,
        received=lambda job, result: got.append((job, result)),
        is_worth_processes=is_worth_processes,
    )
    assert found == [2, 1, 4.5]
    assert sorted(got) == [(2, 1), (4, 2), (9, 4.5)]
    assert told[0] == 0
    assert LOCAL.run([], half_of) == []


class Backwards:
    """A pool whose tasks end in the order opposite to that in which they were handed out."""

    room = 3

    def __init__(self) -> None:
        self.most = 0

    def submit(self, task: Callable[[], float]) -> Callable[[], float]:
        return task

    def ended(self, pending: list[Callable[[], float]]) -> list[tuple[Callable[[], float], float]]:
        self.most = max(self.most, len(pending))
        return [(pending[-1], pending[-1]())]


def test_no_more_is_handed_out_than_there_is_room_for() -> None:
    pool = Backwards()
    got: list[int] = []
    found = run_jobs(
        pool,  # type: ignore[arg-type]  # a list is as good as an iterator here
        range(10),
        half_of,
        lambda _: None,
        lambda job, _: got.append(job),
    )
    assert found == [number / 2 for number in range(10)]
    assert got[0] == 2
    assert pool.most == 3


@pytest.mark.parametrize(
    "error",
    [
        NoPersonasError("3 tweets", "more", "collect more"),  # its class adds to what was found
        OvertakenError("a", "b"),  # its class takes two arguments
        ModelError("found", "expected", "remedy"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_ours_comes_whole_from_another_process(error: RIError) -> None:
    other = elsewhere(error)
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert (other.found, other.expected, other.remedy) == (
        error.found, error.expected, error.remedy,
    )  # fmt: skip


@pytest.mark.slow
def test_the_encoder_of_another_process_embeds_alike_and_caches_nothing() -> None:
    cache = Memory()
    encoder = Encoder(SETTINGS, cache, lambda _: None)
    other: Encoder = elsewhere(encoder)
    assert np.array_equal(other.encode(TEXTS), encoder.encode(TEXTS))
    assert not isinstance(other.cache, Memory)
    assert elsewhere(encoder) is other  # one model for all jobs of a process


def test_the_encoder_of_another_process_refuses_another_model() -> None:
    with pytest.raises(ModelError, match="0123-float32, as on the machine that started the run"):
        embed._elsewhere(SETTINGS, "0123-float32")


@pytest.mark.slow
def test_vectors_do_not_depend_on_the_number_of_threads() -> None:
    """Machines of a cluster have other numbers of cores, and Ray gives each job one thread."""
    import torch

    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            found.append(Encoder(SETTINGS, Memory(), lambda _: None).encode(TEXTS).tobytes())
    finally:
        torch.set_num_threads(before)
    assert len(set(found)) == 1


def test_the_guard_of_another_process_hides_the_same() -> None:
    guard = Guard({"jolly_cedar9"}, {"acme"}, names={"quorvex"}, addresses={"12 mill lane"})
    texts = ["jolly_cedar9 and Quorvex of 12 mill lane told @acme", "nothing", "call 98765 43210"]
    other: Guard = elsewhere(guard)
    assert other.clean_all(texts) == guard.clean_all(texts) == [guard.clean(t) for t in texts]
    assert "Quorvex" not in other.clean_all(texts)[0]
