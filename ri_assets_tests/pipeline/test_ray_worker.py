"""What goes wrong on a worker, or in Ray, as the run reports it; no cluster is started."""

from __future__ import annotations

import errno
import pickle
from collections.abc import Callable
from functools import partial

import pytest

from ri_assets.errors import AccessError, ClusterError, NoPersonasError, RIError
from ri_assets.pipeline.ray_driver import _from_worker, _given_up
from ri_assets.pipeline.ray_worker import run_task, versions


def fails(error: Exception) -> None:
    raise error


def answer(task: Callable[[], object]) -> tuple[str, object]:
    return run_task(versions(), pickle.dumps(task))


def test_a_worker_gives_the_pickled_result() -> None:
    outcome, found = answer(partial(divmod, 7, 2))
    assert outcome == "done"
    assert isinstance(found, bytes)
    assert pickle.loads(found) == (3, 1)  # noqa: S301 -- pickled right here


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (NoPersonasError("3 tweets", "more", "fewer"), NoPersonasError, "clustered: 3 tweets"),
        (MemoryError("Unable to allocate 8 GiB"), ClusterError, "memory: Unable to allocate 8 GiB"),
        (
            OSError(errno.ENOSPC, "full", "model.safetensors"),
            AccessError,
            "model.safetensors: no space is left",
        ),
    ],
    ids=["of ours", "memory", "disk"],
)
def test_an_error_on_a_worker_says_where_it_happened(
    error: Exception, kind: type[RIError], said: str
) -> None:
    outcome, found = answer(partial(fails, error))
    assert outcome == "failed"
    assert isinstance(found, RIError)
    moved = _from_worker(found, "10.0.0.2")
    assert type(moved) is kind
    assert "on the machine 10.0.0.2 of the Ray cluster: " in str(moved)
    assert said in str(moved)


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    outcome, found = answer(partial(fails, ZeroDivisionError("of ours")))
    assert outcome == "failed"
    assert isinstance(found, str)
    assert "raise error\nZeroDivisionError: of ours" in str(_from_worker(found, "10.0.0.2"))


def test_a_worker_of_another_version_unpickles_nothing() -> None:
    outcome, found = run_task({"python": "2.7"}, b"no pickle")
    assert (outcome, found) == ("differs", versions())


def test_ray_without_memory_or_space_is_a_clear_error() -> None:
    ray = pytest.importorskip("ray")
    memory = ray.exceptions.OutOfMemoryError("killed. Memory on the node (IP: 10.0.0.2, ID: 0a)")
    assert "4 times, the last time on the machine 10.0.0.2 of" in str(_given_up(memory))
    disk = ray.exceptions.OutOfDiskError("Local disk is full")
    assert isinstance(_given_up(disk), AccessError)
    assert "nor on the disk, on this machine" in str(_given_up(disk))
    worker = ray.exceptions.WorkerCrashedError()
    assert "4 times with its worker: WorkerCrashedError" in str(_given_up(worker))
