"""A process pool with one process for each core, which ends when its parent is killed."""

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

_PROGRESS_SECONDS = 1.0  # between two progress messages


@contextmanager
def processes(tasks: int) -> Iterator[ProcessPoolExecutor]:
    """Open a pool of one process for each core, but no more than there are tasks.

    Processes are spawned, because forks of a threaded parent can hang. After a failure, tasks
    that have not started are dropped.
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
    progress: Callable[[int], None],
) -> list[Result]:
    """Run the task of every job; return results in the order of the jobs.

    Parameters
    ----------
    pool
        Where to run them; None runs them in this process, one after the other.
    jobs
        What to do.
    task
        Makes a job's task with all its input. It is called when a process is about to be
        free, so memory holds the input of a few jobs only.
    progress
        Called about once a second with the number of finished jobs.
    """
    if pool is None:
        return list(_run_here(jobs, task, progress))
    ahead = 2 * cpu_count()
    results: dict[int, Result] = {}
    pending: dict[Future[Result], int] = {}
    waiting = iter(enumerate(jobs))
    while len(results) < len(jobs):
        for number, job in islice(waiting, ahead - len(pending)):
            pending[pool.submit(task(job))] = number
        progress(len(results))
        done, _ = wait(pending, timeout=_PROGRESS_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            results[pending.pop(future)] = future.result()
    return [results[number] for number in range(len(jobs))]


def _run_here(
    jobs: Sequence[Job],
    task: Callable[[Job], Callable[[], Result]],
    progress: Callable[[int], None],
) -> Iterator[Result]:
    for number, job in enumerate(jobs):
        progress(number)
        yield task(job)()


def _follow_parent() -> None:
    """Ignore Ctrl-C, which the parent handles, and end if the parent is killed.

    A killed parent does not close its pool, so the processes would wait for work forever.
    """
    signal(SIGINT, SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
