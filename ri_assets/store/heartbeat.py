"""Signs of life: something said again and again while a block runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread


@contextmanager
def repeated(action: Callable[[], object], seconds: float) -> Iterator[None]:
    """Call something from a thread of its own until the block ends.

    Parameters
    ----------
    action
        May fail, also for a while; the next call may succeed.
    seconds
        Between two calls. The first comes after as many.
    """
    ended = Event()

    def go_on() -> None:
        while not ended.wait(seconds):
            # Of every kind: a sign that is missed must not end the work that it tells of.
            with suppress(Exception):
                action()

    thread = Thread(target=go_on, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
