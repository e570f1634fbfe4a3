"""How far a search is: what runs, about how much time is left, and how often that is told.

Belongs here: time. Does not belong here: what is tried (`search`), or where it is shown.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ri_assets.pipeline.evidence import Progress

_MINUTE, _HOUR = 60, 3600


class Clock:
    """Says how much time is left, by the pace of the reruns so far.

    Parameters
    ----------
    total
        Reruns of the whole search.
    progress
        Is told.
    """

    def __init__(self, total: int, progress: Progress) -> None:
        self.left, self.progress = total, progress
        self.measured, self.seconds = 0, 0.0
        self.started, self.what = 0.0, ""

    def start(self, what: str) -> None:
        """Begin a trial."""
        self.started, self.what = time.monotonic(), what
        self.tell("fitting")

    def tell(self, text: str) -> None:
        """Pass on what a trial says of itself."""
        left = ""
        if self.measured:
            pace = self.seconds / self.measured
            spent = time.monotonic() - self.started
            left = f"; about {duration(max(self.left * pace - spent, 0))} left"
        self.progress(f"{self.what}: {text}{left}")

    def finish(self, reruns: int) -> None:
        """End a trial that was run."""
        self.seconds += time.monotonic() - self.started
        self.measured += reruns
        self.left -= reruns

    def skip(self, reruns: int) -> None:
        """Pass over a trial that was finished earlier."""
        self.left -= reruns


def duration(seconds: float) -> str:
    """Say a time as a person does: ``40 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    hours, rest = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours} h {rest} min"


def seldom(tell: Progress, seconds: float = 30) -> Progress:
    """Pass on what is told at once, then at most every so many seconds: for a log, not a screen."""
    last = -seconds

    def now_and_then(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell(text)

    return now_and_then
