"""The engine of a Ray cluster, as a run sees it: a process that is connected to the cluster.

Belongs here: starting and ending that process, handing jobs to it, and saying why it ended. Does
not belong here: Ray, which only that process imports (`ray_driver`).
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from ri_assets.counted import counted
from ri_assets.engines import require_ray
from ri_assets.errors import AccessError, ClusterError, RIError
from ri_assets.pipeline.engine import nothing, run_jobs
from ri_assets.pipeline.ray_driver import answers, drive
from ri_assets.pipeline.ray_worker import AGAIN

Job = TypeVar("Job")
Result = TypeVar("Result")

_LOST_SECONDS = 10.0  # without an answer: the head is lost
_SETTLES_SECONDS = 1.0  # in which the processes of a machine that is lost end one after another
_LEAVES_SECONDS = 10.0  # in which the connection to a cluster is closed


@contextmanager
def ray_engine(address: str, tell: Callable[[str], None] = nothing) -> Iterator[RayEngine]:
    """Connect to a cluster for the duration of a run.

    Parameters
    ----------
    address
        ``host:port`` of the cluster's head. This machine must be a part of the cluster.
    tell
        Called with a line of text when the cluster is connected, and when it has done its work.

    Raises
    ------
    ConfigError
        As `require_ray`.
    AccessError
        The head cannot be reached.
    ClusterError
        The cluster has another version of Ray or no processor, or a machine of it has another
        version of this package or of a library that influences results.
    """
    host, port = require_ray(address)
    if not answers(host, port):
        raise AccessError(
            f"no Ray cluster answers at {address}",
            "the head of a running cluster",
            "start it with `ray start --head`, or correct the address",
        )
    here, there = (context := get_context("spawn")).Pipe()
    driver = context.Process(
        target=drive, args=(there, host, port, _LOST_SECONDS), name="ray_driver", daemon=True
    )
    driver.start()
    there.close()
    try:
        engine = RayEngine(host, port, driver, here)
        tell(f"{counted(engine.n_machines, 'machine')} of a Ray cluster at {address}")
        yield engine
        tell(f"the Ray cluster computed {counted(engine.n_done, 'job')}")
    finally:
        here.close()
        driver.join(_LEAVES_SECONDS)
        driver.kill()
        driver.join()


class RayEngine:
    """Computes on a Ray cluster; use `ray_engine`.

    Parameters
    ----------
    host, port
        Where the head listens.
    driver
        The process that is connected to the cluster.
    pipe
        To that process; see `drive`.
    """

    processes_here = 0

    def __init__(self, host: str, port: int, driver: SpawnProcess, pipe: Connection) -> None:
        self._host, self._port, self._driver, self._pipe = host, port, driver, pipe
        self._numbers = count()
        self.n_done = 0
        self.n_machines, self.room = self._ask()

    def run(
        self,
        jobs: Sequence[Job],
        task: Callable[[Job], Callable[[], Result]],
        progress: Callable[[int], None] = nothing,
        *,
        received: Callable[[Job, Result], None] = nothing,
        is_worth_processes: bool = False,  # noqa: ARG002 -- a cluster has its processes already
    ) -> list[Result]:
        """Run the task of every job; see `Engine.run`.

        Raises
        ------
        AccessError
            The head is lost.
        ClusterError
            A machine has another version, the cluster has no processor left, or a job's worker
            ended each time that the job was tried.
        """
        return run_jobs(self, jobs, task, progress, received)

    def submit(self, task: Callable[[], Any]) -> int:
        """Hand a task to the cluster."""
        number = next(self._numbers)
        self._ask(("submit", number), pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
        return number

    def ended(self, pending: Collection[int]) -> Iterator[tuple[int, Any]]:
        """Wait for a second at most; give the tasks that have ended, with their results."""
        self.room, results = self._ask(("ended", pending))
        for number, result in results:
            self.n_done += 1
            yield number, pickle.loads(result)  # noqa: S301 -- from the worker of a task of ours

    def _ask(self, question: tuple[str, Any] | None = None, data: bytes = b"") -> Any:
        """Ask the process that is connected, and return its answer.

        Raises
        ------
        RIError
            The answer is an error, or the process has ended.
        """
        try:
            if question:
                self._pipe.send(question)
            if data:
                self._pipe.send_bytes(data)
            answer = self._pipe.recv()
        except (EOFError, OSError):
            raise self._lost() from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _lost(self) -> RIError:
        """Say why the process that was connected has ended."""
        self._driver.join(_LEAVES_SECONDS)
        time.sleep(_SETTLES_SECONDS)
        address = f"{self._host}:{self._port}"
        code = self._driver.exitcode
        if not answers(self._host, self._port):
            found = f"the head of the Ray cluster at {address} no longer answers"
        elif code is not None and code < 0:
            return ClusterError(
                f"the process that was connected to the Ray cluster at {address} was ended by "
                f"signal {-code}",
                "a process that lives until the run has ended",
                "use a machine with more memory, if the system's log says that it ended; then "
                f"{AGAIN}",
            )
        else:
            found = f"the connection to the Ray cluster at {address} was lost"
        return AccessError(
            found,
            "a cluster that answers until the run has ended",
            f"start the cluster again, and {AGAIN}",
        )
