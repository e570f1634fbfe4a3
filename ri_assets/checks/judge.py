"""From figures to verdicts: pure, so that every outcome is tested by a call."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ri_assets.checks.figures import Figure
from ri_assets.checks.table import Bounds, Check
from ri_assets.config import GateSettings
from ri_assets.store.candidate import Verdict

_OF_THE_CORPUS = ("retention", "coverage", "coherence", "resample_ari", "persona_count")


def judge(check: Check, figure: Figure, gates: GateSettings, sha256: str) -> Verdict:
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
    """
    low, high = check.bounds(gates)
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
    value = f"{figure.value:.4g}" + (f" ({figure.says})" if figure.says else "")
    because = f" ({figure.because})" if figure.because else ""
    message = (
        f"{check.name} {value}: {' and '.join(problems)}{because}. "
        f"Remedy: {figure.remedy or check.remedy}"
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
        threshold=threshold_text((low, high))
        + (
            f" and > null p95 {figure.null_p95:.3f}"
            if check.must_beat_null and figure.null_p95 is not None
            else ""
        ),
        baseline=figure.null_mean,
        n=figure.n,
        message=message,
    )


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
    """Say in one line that a corpus has no stable personas, with the figures against it.

    None where no blocking check on the corpus and its clusters failed: what failed then
    are contracts, which say something about the code.
    """
    against = [
        f"{verdict.check} {verdict.value:.3g} (needs {verdict.threshold})"
        for verdict in verdicts
        if verdict.is_blocking and not verdict.is_passed and verdict.check in _OF_THE_CORPUS
    ]
    return f"no stable personas in this corpus: {'; '.join(against)}" if against else None


def judge_all(
    checks: list[Check], figures: Mapping[str, Figure], gates: GateSettings, sha256: str
) -> list[Verdict]:
    """Judge every check; a figure that is missing because the contract is broken fails."""
    lacking = Figure(float("nan"), 0)
    return [judge(check, figures.get(check.name, lacking), gates, sha256) for check in checks]
