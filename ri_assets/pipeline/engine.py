"""The engine of a run: computes independent jobs on this machine, or on a cluster.

Belongs here: what every engine promises, the engine of one machine, and how jobs are handed out.
Does not belong here: Ray (`ray_engine`), and how processes start and end (`process_pool`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from typing import Any, Protocol, TypeVar

from joblib import cpu_count

from ri_assets.pipeline.process_pool import processes

Job = TypeVar("Job")
Result = TypeVar("Result")
Handle = TypeVar("Handle")

PROGRESS_SECONDS = 1.0
"""Between two progress messages."""


def nothing(*_: object) -> None:
    """Do nothing; for callers that need no progress."""


class Engine(Protocol):
    """Computes independent jobs.

    Every engine gives the same bits, so profiles, data versions and keys of the cache do not name
    the engine. A task must therefore not depend on the number of threads, and it must be
    picklable with its input.
    """

    @property
    def processes_here(self) -> int | None:
        """Processes that compute jobs on this machine; None: one for each core."""

    def run(
        self,
        jobs: Sequence[Job],
        task: Callable[[Job], Callable[[], Result]],
        progress: Callable[[int], None] = nothing,
        *,
        received: Callable[[Job, Result], None] = nothing,
        is_worth_processes: bool = False,
    ) -> list[Result]:
        """Run the task of every job; return results in the order of the jobs.

        Parameters
        ----------
        jobs
            What to do.
        task
            Makes a job's task with all its input. It is called when a process is about to be
            free, so memory holds the input of a few jobs only.
        progress
            Called about once a second with the number of finished jobs.
        received
            Called in this process as soon as a job has ended, in the order in which they end.
        is_worth_processes
            Whether the jobs take longer than starting processes on this machine, a few seconds
            of imports each. A cluster has its processes already.
        """


class LocalEngine:
    """Computes on this machine: in this process, or in one process for each core."""

    processes_here = None

    def run(
        self,
        jobs: Sequence[Job],
        task: Callable[[Job], Callable[[], Result]],
        progress: Callable[[int], None] = nothing,
        *,
        received: Callable[[Job, Result], None] = nothing,
        is_worth_processes: bool = False,
    ) -> list[Result]:
        """Run the task of every job; see `Engine.run`."""
        if is_worth_processes:
            with processes(len(jobs)) as pool:
                return run_jobs(_Processes(pool), jobs, task, progress, received)
        results = []
        for number, job in enumerate(jobs):
            progress(number)
            results.append(task(job)())
            received(job, results[-1])
        return results


LOCAL = LocalEngine()
"""The engine unless another is given."""


class Pool(Protocol[Handle]):
    """Other processes that run tasks."""

    @property
    def room(self) -> int:
        """Number of tasks to hand out at once, so that no process waits for its next one."""

    def submit(self, task: Callable[[], Any]) -> Handle:
        """Hand a task out."""

    def ended(self, pending: Collection[Handle]) -> Iterator[tuple[Handle, Any]]:
        """Wait for a second at most; give the tasks that have ended, with their results."""


def run_jobs(
    pool: Pool[Handle],
    jobs: Sequence[Job],
    task: Callable[[Job], Callable[[], Result]],
    progress: Callable[[int], None],
    received: Callable[[Job, Result], None],
) -> list[Result]:
    """Run the task of every job in a pool; parameters and result as for `Engine.run`."""
    results: dict[int, Result] = {}
    pending: dict[Handle, int] = {}
    waiting = iter(enumerate(jobs))
    while len(results) < len(jobs):
        for number, job in islice(waiting, max(pool.room - len(pending), 0)):
            pending[pool.submit(task(job))] = number
        progress(len(results))
        for handle, result in pool.ended(list(pending)):
            number = pending.pop(handle)
            results[number] = result
            received(jobs[number], result)
    return [results[number] for number in range(len(jobs))]


class _Processes:
    """The processes of a `ProcessPoolExecutor`."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self.room = 2 * int(cpu_count())

    def submit(self, task: Callable[[], Any]) -> Future[Any]:
        return self._pool.submit(task)

    def ended(self, pending: Collection[Future[Any]]) -> Iterator[tuple[Future[Any], Any]]:
        done, _ = wait(pending, timeout=PROGRESS_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            yield future, future.result()
