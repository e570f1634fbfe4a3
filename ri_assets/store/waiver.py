"""Waivers: gates that a person waived, with a reason.

Which gates may be waived is decided in `ri_assets.quality.publication`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ri_assets.store.candidate import Verdict


@dataclass(frozen=True)
class Waiver:
    """One gate that a person waived.

    Parameters
    ----------
    gate
        Name of the check.
    by, reason
        Who waived it, and why.
    date
        Day of the run (UTC, ISO 8601).
    value, threshold
        Measured figure and its threshold; the value is None before the check has run, and if the
        figure could not be computed.
    is_used
        Whether the gate failed; the waiver of a passed gate has no effect.
    """

    gate: str
    by: str
    reason: str
    date: str
    value: float | None = None
    threshold: str = ""
    is_used: bool = False

    def applied(self, value: float, threshold: str, *, is_used: bool) -> Waiver:
        """Add what the gate measured."""
        measured = value if math.isfinite(value) else None
        return replace(self, value=measured, threshold=threshold, is_used=is_used)

    @property
    def signature(self) -> str:
        """Who, when and why, as a failed check shows it."""
        return f"waived by {self.by} on {self.date}: {self.reason}"

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:.4g}"
        if self.is_used:
            return f"{self.gate} {value} (needs {self.threshold}), {self.signature}"
        return f"{self.gate} {value} passed (needs {self.threshold}); unused, {self.signature}"


def waiver_for(verdict: Verdict, waivers: Iterable[Waiver]) -> Waiver | None:
    """Return the waiver of a failed verdict: its own, or one of the run; None if there is none."""
    if verdict.is_passed or not verdict.is_blocking:
        return None
    if verdict.waiver is not None:
        return verdict.waiver
    given = next((waiver for waiver in waivers if waiver.gate == verdict.check), None)
    return given and given.applied(verdict.value, verdict.threshold, is_used=True)


def settled(verdicts: Sequence[Verdict], waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Return every waiver of a run with its measured value, used ones first."""
    used = [found for v in verdicts for found in [waiver_for(v, waivers)] if found is not None]
    passed = {v.check: v for v in verdicts if v.is_passed and v.is_blocking}
    unused = [
        waiver.applied(passed[waiver.gate].value, passed[waiver.gate].threshold, is_used=False)
        for waiver in waivers
        if waiver.gate in passed
    ]
    return (*used, *unused)
