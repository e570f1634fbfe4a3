"""A clock that jumps back and forth, for everything that a process asks of it."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

FURTHEST = timedelta(days=3)


class _Datetime(type):
    """Metaclass of what stands for `datetime`: a plain one is an instance of it too."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


@contextmanager
def jumping(seed: int) -> Iterator[None]:
    """Let the time of day jump by up to three days at every look, in this process.

    `time.time` and the `datetime` of every imported module of the project jump; `monotonic`
    goes on as it does in life.
    """
    draw, true_time = random.Random(seed), time.time  # noqa: S311 - not secret

    def jump() -> timedelta:
        return FURTHEST * draw.uniform(-1, 1)

    class Jumping(datetime, metaclass=_Datetime):
        """`datetime` whose present jumps."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(true_time(), tz) + jump()

    changed = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("ri_assets.") and getattr(module, "datetime", None) is datetime
    ]
    time.time = lambda: true_time() + jump().total_seconds()
    for module in changed:
        module.datetime = Jumping  # type: ignore[attr-defined]
    try:
        yield
    finally:
        time.time = true_time
        for module in changed:
            module.datetime = datetime  # type: ignore[attr-defined]
