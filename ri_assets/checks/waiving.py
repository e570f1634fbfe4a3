"""Which gates a person may waive, and reading who waives which and why.

Belongs here: turning what a person gave into waivers, or an error that says what is wrong.
Does not belong here: what a waiver does (`ri_assets.store.manifest`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from ri_assets.checks.table import CHECKS, WHY_NO_WAIVER, gate_names
from ri_assets.errors import ConfigError
from ri_assets.records.manifest import Waiver

_LONGEST = 500


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
        A gate does not exist or may not be waived, a reason is missing, or nobody is named.
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
    """Split ``gate=reason`` as the command line has it; reasons by gate.

    Raises
    ------
    ConfigError
        One has no reason, or a gate is named twice.
    """
    found: dict[str, str] = {}
    for one in given:
        gate, equals, reason = one.partition("=")
        gate = gate.strip()
        if not equals:
            raise ConfigError(
                f"--waive {one!r} has no reason",
                "the gate, an equals sign and why you waive it",
                f'write --waive {gate or "retention"}="why you publish all the same"',
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
            f"the check {name} cannot be waived: it only warns, so it keeps no run from being "
            "published",
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
