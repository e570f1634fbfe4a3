"""A process pool with one process for each core, which ends when its parent is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from signal import SIG_IGN, SIGINT, signal
from threading import Thread

from joblib import cpu_count


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
