"""The cores: tasks run in processes of their own, one for each core.

Belongs here: how processes start, are fed and end. Does not belong here: what they run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from signal import SIG_IGN, SIGINT, signal
from threading import Thread
from typing import TypeVar

from joblib import cpu_count

Job = TypeVar("Job")
Result = TypeVar("Result")

_PULSE_SECONDS = 1.0


@contextmanager
def processes(tasks: int) -> Iterator[ProcessPoolExecutor]:
    """Open one process a core, started afresh: forks of a threaded parent can hang.

    After a failure, tasks that have not started are dropped.
    """
    pool = ProcessPoolExecutor(
        min(cpu_count(), tasks), mp_context=get_context("spawn"), initializer=_follow_parent
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def run_all(
    pool: ProcessPoolExecutor | None,
    jobs: Sequence[Job],
    task: Callable[[Job], Callable[[], Result]],
    told: Callable[[int], None],
) -> list[Result]:
    """Run the task of every job; results in the order of the jobs.

    Parameters
    ----------
    pool
        Where they run; None runs them here, one after the other.
    jobs
        What there is to do.
    task
        Makes a job's task, with all that it needs, when a process is about to be free, so
        that memory holds those of a few jobs only.
    told
        Is told about once a second how many are done.
    """
    if pool is None:
        return list(_run_here(jobs, task, told))
    ahead = 2 * cpu_count()
    results: dict[int, Result] = {}
    pending: dict[Future[Result], int] = {}
    waiting = iter(enumerate(jobs))
    while len(results) < len(jobs):
        for number, job in islice(waiting, ahead - len(pending)):
            pending[pool.submit(task(job))] = number
        told(len(results))
        done, _ = wait(pending, timeout=_PULSE_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            results[pending.pop(future)] = future.result()
    return [results[number] for number in range(len(jobs))]


def _run_here(
    jobs: Sequence[Job], task: Callable[[Job], Callable[[], Result]], told: Callable[[int], None]
) -> Iterator[Result]:
    for number, job in enumerate(jobs):
        told(number)
        yield task(job)()


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent, finishing the task in silence; and end where it was killed.

    A killed parent closes no pool, whose processes would wait for work for ever.
    """
    signal(SIGINT, SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
