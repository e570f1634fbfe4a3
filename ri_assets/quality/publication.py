"""What becomes of a run: which gates a person waives, and whether it is published.

Belongs here: reading waivers, and what keeps a candidate from being published or read as a
draft, with the words for it. Does not belong here: publishing and writing a draft
(`ri_assets.store`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from ri_assets.errors import ConfigError
from ri_assets.pipeline.stability import HELD_FROM
from ri_assets.quality.checks import CHECKS, WHY_NO_WAIVER, gate_names
from ri_assets.quality.judge import statement
from ri_assets.records.assets import ASSETS
from ri_assets.records.manifest import Verdict, Waiver
from ri_assets.store.candidate import Candidates
from ri_assets.store.publishing import obstacles

_LONGEST = 500


@dataclass(frozen=True)
class Decision:
    """What becomes of a run.

    Parameters
    ----------
    refused_for
        What keeps it from being published; empty if it is published.
    hidden_for
        What also keeps it from being read as a draft.
    why
        Why it is not published, in one sentence.
    """

    refused_for: tuple[str, ...]
    hidden_for: tuple[str, ...]
    why: str


def recorded(candidates: Candidates, run_id: str) -> list[Verdict]:
    """Give every verdict on the files of a run, asset by asset."""
    return [v for a in ASSETS for v in candidates.verdicts(candidates.receipt(a, run_id))]


def decide(candidates: Candidates, run_id: str, waivers: Sequence[Waiver]) -> Decision:
    """Decide on a run once all its checks have run."""
    refused = obstacles(candidates, run_id, ASSETS, _names(is_hard=False), waivers=waivers)
    hidden = obstacles(candidates, run_id, ASSETS, _names(is_hard=True), waivers=waivers)
    waived = {waiver.gate for waiver in waivers}
    against = [v for v in recorded(candidates, run_id) if v.check not in waived]
    return Decision(
        tuple(refused), tuple(hidden), statement(against) or "; ".join(refused) if refused else ""
    )


def _names(*, is_hard: bool) -> dict[str, list[str]]:
    """Names of the checks that block publication, or those that also block a draft, by asset."""
    return {
        asset: [
            check.name
            for check in CHECKS
            if check.asset == asset and (check.stops_downstream if is_hard else check.is_blocking)
        ]
        for asset in ASSETS
    }


def held(jaccards: Iterable[tuple[str, float | None]]) -> str:
    """Say which groups came back in reruns on random samples of the tweets.

    Parameters
    ----------
    jaccards
        Name of each group, and its mean Jaccard over the reruns.
    """
    groups = list(jaccards)
    found = [name for name, value in groups if value is not None and value >= HELD_FROM]
    listed = f": {', '.join(found)}" if found else ""
    return (
        f"{len(found)} of {len(groups)} groups came back in the reruns "
        f"(Jaccard >= {HELD_FROM:.2f}){listed}"
    )


def held_personas(personas: pd.DataFrame) -> str:
    """Say which personas came back; columns persona_id, name, jaccard and tweet_count."""
    ordered = personas.sort_values(["tweet_count", "persona_id"], ascending=[False, True])
    return held(
        (f"{row['persona_id']} {row['name']}", None if pd.isna(row["jaccard"]) else row["jaccard"])
        for row in ordered.to_dict("records")
    )


def read_waivers(reasons: Mapping[str, str], by: str) -> tuple[Waiver, ...]:
    """Read waivers.

    Parameters
    ----------
    reasons
        Why, by the name of the gate.
    by
        Who waives them.

    Raises
    ------
    ConfigError
        A gate does not exist or may not be waived, or a reason or name is missing.
    """
    today = datetime.now(UTC).date().isoformat()
    for gate in reasons:
        _require_gate(gate)
    return tuple(
        Waiver(
            gate=gate,
            by=_text("the name of the person who waives it", by, gate),
            reason=reason,
            date=today,
        )
        for gate, given in reasons.items()
        for reason in [_text("the reason", given, gate)]
    )


def split_waivers(given: Iterable[str]) -> dict[str, str]:
    """Split ``gate=reason``, as given on the command line, into reasons by gate.

    Raises
    ------
    ConfigError
        A reason is missing, or a gate is named twice.
    """
    found: dict[str, str] = {}
    for one in given:
        gate, equals, reason = one.partition("=")
        gate = gate.strip()
        if not equals:
            raise ConfigError(
                f"--waive {one!r} has no reason",
                "the gate, an equals sign and the reason",
                f'write --waive {gate or "retention"}="why you publish anyway"',
            )
        if gate in found:
            raise ConfigError(
                f"--waive names {gate} twice", "each gate once", "put both reasons into one"
            )
        found[gate] = reason
    return found


def _require_gate(name: str) -> None:
    if name in gate_names():
        return
    checks = [check for check in CHECKS if check.name == name]
    expected = f"one of {', '.join(gate_names())}"
    if not checks:
        near = difflib.get_close_matches(name, gate_names(), n=1)
        raise ConfigError(
            f"there is no gate {name!r} to waive",
            expected,
            f"did you mean {near[0]!r}?" if near else "name one of these",
        )
    if not checks[0].is_blocking:
        raise ConfigError(
            f"the check {name} cannot be waived: it only warns, and a warning does not stop "
            "publication",
            expected,
            "leave this waiver out",
        )
    raise ConfigError(
        f"the check {name} cannot be waived: {WHY_NO_WAIVER[checks[0].protects]}",
        expected,
        "leave this waiver out, and do what the check's message says",
    )


def _text(what: str, given: str, gate: str) -> str:
    found = " ".join(given.split())
    if not found or not found.isprintable() or len(found) > _LONGEST:
        problem = "is missing" if not found else "cannot be used"
        raise ConfigError(
            f"{what} {problem} in the waiver of {gate}",
            f"a line of text of 1 to {_LONGEST} characters",
            'give both: --waive retention="why" --waived-by "your name" (in the UI: `gates` and '
            "`by` of the resource `waivers`)",
        )
    return found
