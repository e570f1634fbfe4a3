"""Which waiver sets a failed verdict aside.

Does not belong here: which gates may be waived (`ri_assets.checks.waiving`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ri_assets.records.manifest import Verdict, Waiver


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
