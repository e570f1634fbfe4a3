"""The judge: from figures to verdicts, each with a sentence for its reader."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

from ri_assets.config import GateSettings
from ri_assets.quality.checks import CHECKS, Bounds, Check
from ri_assets.quality.metrics import Figure
from ri_assets.quality.units import Unit
from ri_assets.records.manifest import Verdict, Waiver

_PART = re.compile(r"\[([^\]]*)\]")
_FIELD = re.compile(r"\{(\w+)\}")


def judge(
    check: Check,
    figure: Figure,
    gates: GateSettings,
    sha256: str,
    waivers: Sequence[Waiver] = (),
) -> Verdict:
    """Judge one figure by its check.

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
    bounds, margin = check.bounds(gates), check.null_margin(gates)
    is_passed = _passes(check, figure, bounds, margin)
    value = math.nan if figure.value is None else float(figure.value)
    threshold = threshold_text(bounds)
    if check.must_beat_null and figure.null_p95 is not None:
        threshold += f" and > null p95 {figure.null_p95:.3f}" + (f" + {margin:g}" if margin else "")
    waiver = None if is_passed else _waiver(check, waivers)
    if waiver is not None:
        waiver = waiver.applied(value, threshold, is_used=True)
    return Verdict(
        check=check.name,
        asset=check.asset,
        sha256=sha256,
        is_passed=is_passed,
        is_blocking=check.is_blocking,
        figure=check.why,
        value=value,
        threshold=threshold,
        baseline=figure.null_mean,
        n=figure.n,
        message=_message(check, figure, bounds, margin, is_passed=is_passed, waiver=waiver),
        waiver=waiver,
    )


def _passes(check: Check, figure: Figure, bounds: Bounds, margin: float) -> bool:
    value, (low, high) = figure.value, bounds
    if value is None or not math.isfinite(value):
        return False
    is_within = (low is None or value >= low) and (high is None or value <= high)
    if not check.must_beat_null:
        return is_within
    return is_within and figure.null_p95 is not None and value > figure.null_p95 + margin


def _message(
    check: Check,
    figure: Figure,
    bounds: Bounds,
    margin: float,
    *,
    is_passed: bool,
    waiver: Waiver | None,
) -> str:
    """Say the outcome, the figure in a sentence, and what to do about a failure."""
    said = sentence(check, figure, bounds, margin)
    if is_passed:
        return f"Passed: {said}."
    if waiver is not None:
        return f"Waived: {said}. It was {waiver.signature}"
    outcome = "Failed" if check.is_blocking else "Warning"
    return f"{outcome}: {said}. What to do: {figure.remedy or check.remedy}."


def sentence(check: Check, figure: Figure, bounds: Bounds, margin: float = 0.0) -> str:
    """Fill in the sentence of a check.

    Every number in it comes from the figure or from the profile's gates. If the figure was not
    measured, the sentence says only that; the fact `instead` takes the place of all of it.
    """
    unit, value = check.metric.unit, figure.value
    if value is None or not math.isfinite(value):
        why = figure.facts.get("why")
        return "this could not be measured" + (f": {why}" if why else "")
    if "instead" in figure.facts:
        return str(figure.facts["instead"])
    needs, apart = _needs(check, figure, bounds, margin)
    filled = {"value": unit.text(value, apart), "needs": needs, "n": f"{figure.n:,}"}
    if figure.null_mean is not None:
        filled["null_mean"] = unit.text(figure.null_mean)
    if figure.null_p95 is not None and check.metric.null.words not in needs:
        filled["null_p95"] = unit.text(figure.null_p95, (value,))
    filled |= {name: text for name, fact in figure.facts.items() if (text := _fact(fact))}
    kept = _PART.sub(
        lambda part: part[1] if {*_FIELD.findall(part[1])} <= filled.keys() else "", check.sentence
    )
    return _FIELD.sub(lambda name: filled[name[1]], kept)


def template(check: Check) -> str:
    """Give the sentence of a check with the names of its values in italics, for the docs."""
    return _FIELD.sub(lambda name: f"*{name[1].replace('_', ' ')}*", check.sentence)


def _fact(fact: float | str) -> str:
    if isinstance(fact, int):
        return f"{fact:,}"
    return Unit.SHARE.text(fact) if isinstance(fact, float) else fact


def _needs(
    check: Check, figure: Figure, bounds: Bounds, margin: float
) -> tuple[str, tuple[float, ...]]:
    """Say what the figure needs to pass, and which numbers that names."""
    unit, (low, high), value = check.metric.unit, bounds, figure.value or 0.0
    null = check.metric.null.words
    bar = None if figure.null_p95 is None else figure.null_p95 + margin
    if check.must_beat_null and bar is not None and (low is None or bar >= low):
        more, level = unit.text(bar, (value,)), unit.text(figure.null_p95 or 0.0, (value,))
        if not margin:
            return f"needs more than the {more} of {null}", (bar,)
        return f"needs more than {more}, {_points(unit, margin)} above the {level} of {null}", (
            bar,
        )
    ends = tuple(end for end in bounds if end is not None)
    texts = [unit.text(end, (value,)) for end in ends]
    if low is None:
        said = f"at most {texts[0]}" if high is not None else ""
    else:
        said = f"needs {' to '.join(texts)}" if low != high else f"needs {texts[0]}"
    if check.must_beat_null and bar is None:
        said += f" and more than {null}, which was not measured"
    return said, ends


def _points(unit: Unit, margin: float) -> str:
    shown = unit.text(margin)
    return shown if unit.factor == 1 else f"{shown.removesuffix(unit.suffix)} points"


def _waiver(check: Check, waivers: Sequence[Waiver]) -> Waiver | None:
    """Give the waiver of a check; only a gate has one."""
    if not check.is_gate:
        return None
    return next((waiver for waiver in waivers if waiver.gate == check.name), None)


def threshold_text(bounds: Bounds) -> str:
    """Write bounds in short."""
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

    The statement says "no stable personas in this corpus" only if a gate that compares the
    clusters with data without structure failed; every other cause has its own name. None if
    no blocking check failed, apart from those that a person waived.
    """
    against = [verdict for verdict in verdicts if verdict.stops_publication]
    gates = {(check.asset, check.name): check for check in CHECKS if check.is_gate}
    unstable = [
        verdict
        for verdict in against
        if verdict.asset == "clusters"
        and (check := gates.get((verdict.asset, verdict.check))) is not None
        and check.must_beat_null
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
    checks: Sequence[Check],
    figures: Mapping[str, Figure],
    gates: GateSettings,
    sha256: str,
    waivers: Sequence[Waiver] = (),
) -> list[Verdict]:
    """Judge every check; one whose figure is missing fails.

    Parameters
    ----------
    figures
        By the name of the metric.
    """
    contract = figures.get("contract")
    is_broken = contract is not None and contract.value != 0
    why = {"why": "the tables break their data contract"} if is_broken else {}
    verdicts = []
    for check in checks:
        name = check.metric.name
        missing = Figure(name, None, 0, facts=why, remedy=_FIRST if is_broken else "")
        verdicts.append(judge(check, figures.get(name, missing), gates, sha256, waivers))
    return verdicts


_FIRST = "see the check contract of this asset"
