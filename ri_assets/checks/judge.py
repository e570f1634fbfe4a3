"""From figures to verdicts: pure, so that every outcome is tested by a call."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from ri_assets.checks.figures import Figure
from ri_assets.checks.table import CHECKS, Bounds, Check
from ri_assets.config import GateSettings
from ri_assets.records.manifest import Verdict, Waiver

# Gates of the clusters that say nothing about how stable they are.
_NOT_OF_STABILITY = ("coverage", "persona_count")


def judge(
    check: Check,
    figure: Figure,
    gates: GateSettings,
    sha256: str,
    waivers: Sequence[Waiver] = (),
) -> Verdict:
    """Hold one figure against its check.

    Parameters
    ----------
    check
        Bounds, and whether the figure must exceed its null.
    figure
        What was measured.
    gates
        Thresholds of the profile.
    sha256
        Digest of the files that were judged.
    waivers
        Gates that a person set aside for this run.
    """
    low, high = check.bounds(gates)
    margin = check.null_margin(gates)
    problems = []
    if math.isnan(figure.value):
        problems.append("it could not be computed")
    if low is not None and figure.value < low:
        problems.append(f"below {low:g}")
    if high is not None and figure.value > high:
        problems.append(f"above {high:g}")
    if check.must_beat_null:
        if figure.null_p95 is None:
            problems.append("its null was not computed")
        elif figure.value <= figure.null_p95:
            problems.append(f"no better than structureless data (p95 {figure.null_p95:.3f})")
        elif figure.value <= figure.null_p95 + margin:
            problems.append(
                f"less than {margin:g} above structureless data (p95 {figure.null_p95:.3f})"
            )
    value = f"{figure.value:.4g}" + (f" ({figure.says})" if figure.says else "")
    because = f" ({figure.because})" if figure.because else ""
    threshold = threshold_text((low, high)) + (
        f" and > null p95 {figure.null_p95:.3f}" + (f" + {margin:g}" if margin else "")
        if check.must_beat_null and figure.null_p95 is not None
        else ""
    )
    waiver = _waiver(check, waivers) if problems else None
    if waiver is not None:
        waiver = waiver.applied(float(figure.value), threshold, is_used=True)
    remedy = f"Remedy: {figure.remedy or check.remedy}"
    message = (
        f"{check.name} {value}: {' and '.join(problems)}{because}. "
        + (remedy if waiver is None else f"It was {waiver.signature}")
        if problems
        else f"{check.name} {value} keeps {threshold_text((low, high))}"
    )
    return Verdict(
        check=check.name,
        asset=check.asset,
        sha256=sha256,
        is_passed=not problems,
        is_blocking=check.is_blocking,
        figure=check.why,
        value=float(figure.value),
        threshold=threshold,
        baseline=figure.null_mean,
        n=figure.n,
        message=message,
        waiver=waiver,
    )


def _waiver(check: Check, waivers: Sequence[Waiver]) -> Waiver | None:
    """Give the waiver of a check; what is no gate has none."""
    if not check.is_gate:
        return None
    return next((waiver for waiver in waivers if waiver.gate == check.name), None)


def threshold_text(bounds: Bounds) -> str:
    """Write bounds as a reader says them."""
    low, high = bounds
    if low is not None and low == high:
        return f"= {low:g}"
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f">= {low:g}"
    return f"<= {high:g}" if high is not None else "> null"


def statement(verdicts: Sequence[Verdict]) -> str | None:
    """Say in one sentence why a run was not published, with the figures that speak against it.

    "No stable personas in this corpus" is said only where clusters were judged and found
    unstable or incoherent; every other cause goes by its own name. None where nothing that
    blocks failed, but for what a person waived.
    """
    against = [verdict for verdict in verdicts if verdict.stops_publication]
    gates = {(check.asset, check.name) for check in CHECKS if check.is_gate}
    unstable = [
        verdict
        for verdict in against
        if verdict.asset == "clusters"
        and (verdict.asset, verdict.check) in gates
        and verdict.check not in _NOT_OF_STABILITY
    ]
    others = [verdict for verdict in against if verdict not in unstable]
    if not against:
        return None
    told = "; ".join(_against(verdict, gates) for verdict in (*unstable, *others))
    return f"no stable personas in this corpus: {told}" if unstable else told


def _against(verdict: Verdict, gates: Collection[tuple[str, str]]) -> str:
    is_gate = (verdict.asset, verdict.check) in gates
    # Other checks count faults, and have one name in several assets.
    name = verdict.check if is_gate else f"check {verdict.check} of {verdict.asset}"
    return f"{name} {verdict.value:.3g} (needs {verdict.threshold})"


def judge_all(
    checks: list[Check],
    figures: Mapping[str, Figure],
    gates: GateSettings,
    sha256: str,
    waivers: Sequence[Waiver] = (),
) -> list[Verdict]:
    """Judge every check; a figure that is missing because the contract is broken fails."""
    lacking = Figure(float("nan"), 0)
    return [
        judge(check, figures.get(check.name, lacking), gates, sha256, waivers) for check in checks
    ]
