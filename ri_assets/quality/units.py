"""Units of figures, which way is better, and what a figure is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

_MOST_DIGITS = 15  # more do not tell two floats apart


class Unit(Enum):
    """How a value is read and written."""

    SHARE = ("share, 0 to 1", 100, "%", 0)
    AGREEMENT = ("agreement of two groupings, 1 is the same and 0 is chance", 100, "%", 0)
    COSINE = ("cosine, -1 to 1", 1, "", 2)
    COUNT = ("count", 1, "", 0)
    RATIO = ("ratio, 1 or more", 1, " times", 1)

    def __init__(self, words: str, factor: int, suffix: str, digits: int) -> None:
        self.words, self.factor, self.suffix, self.digits = words, factor, suffix, digits

    def text(self, value: float, apart: Iterable[float] = ()) -> str:
        """Write a value for a reader, with as few digits as stay true.

        Parameters
        ----------
        value
            In the unit, so 0.98 for 98%.
        apart
            Other values that the reader compares it with: one that differs also looks
            different. In per cent, only what is all or nothing reads as 100% or 0%.
        """
        ends = (0.0, 1.0) if self.factor != 1 else ()
        others = {other for other in (*ends, *apart) if other != value}
        for digits in range(self.digits, _MOST_DIGITS):
            shown = self._rounded(value, digits)
            if shown not in {self._rounded(other, digits) for other in others}:
                break
        return shown + self.suffix

    def _rounded(self, value: float, digits: int) -> str:
        shown = f"{value * self.factor:,.{digits}f}"
        shown = shown.rstrip("0").rstrip(".") if digits else shown
        return "0" if shown == "-0" else shown


class Direction(Enum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Null(Enum):
    """What a figure is compared with, to show what it is worth without any structure."""

    NONE = ("", "")
    RANDOM_DATA = (
        "data without structure",
        "the same computation on normal random vectors with the same mean and covariance",
    )
    SHUFFLED_NAMES = (
        "shuffled names",
        "the same count after shuffling which persona has which name",
    )

    SHUFFLED_MEMBERS = (
        "shuffled members",
        "the same classifier after shuffling which members of a pair belong to which persona",
    )

    def __init__(self, words: str, how: str) -> None:
        self.words, self.how = words, how
