"""Waivers: gates that a person set aside, by name and with a reason.

Belongs here: the record, and its words. Does not belong here: which gates may be waived
(`ri_assets.quality.publication`).
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
    """One gate that a person set aside.

    Parameters
    ----------
    gate
        Name of the check.
    by, reason
        Who waived it, and why.
    date
        Day of the run that it was given to (UTC, ISO 8601).
    value, threshold
        The figure and the threshold that it set aside; the value is None before the gate
        was judged, and where the figure could not be computed.
    is_used
        Whether the gate failed; a waiver of a gate that passed changed nothing.
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
        """Who, when and why: the part that a failed check shows."""
        return f"waived by {self.by} on {self.date}: {self.reason}"

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:.4g}"
        if self.is_used:
            return f"{self.gate} {value} (needs {self.threshold}), {self.signature}"
        return f"{self.gate} {value} passed (needs {self.threshold}); unused, {self.signature}"


def waiver_for(verdict: Verdict, waivers: Iterable[Waiver]) -> Waiver | None:
    """Give the waiver that sets a failed verdict aside: its own, or one of the run; or None."""
    if verdict.is_passed or not verdict.is_blocking:
        return None
    if verdict.waiver is not None:
        return verdict.waiver
    given = next((waiver for waiver in waivers if waiver.gate == verdict.check), None)
    return given and given.applied(verdict.value, verdict.threshold, is_used=True)


def settled(verdicts: Sequence[Verdict], waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Give every waiver of a run with what it set aside; unused ones follow the used ones."""
    used = [found for v in verdicts for found in [waiver_for(v, waivers)] if found is not None]
    passed = {v.check: v for v in verdicts if v.is_passed and v.is_blocking}
    unused = [
        waiver.applied(passed[waiver.gate].value, passed[waiver.gate].threshold, is_used=False)
        for waiver in waivers
        if waiver.gate in passed
    ]
    return (*used, *unused)
