"""Whether a run is published, or read as a draft, or neither.

Belongs here: what keeps a candidate from either, and the words for it. Does not belong
here: publishing and writing a draft (`ri_assets.store.publishing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from ri_assets.checks.judge import statement
from ri_assets.checks.table import CHECKS
from ri_assets.contracts.assets import ASSETS
from ri_assets.pipeline.stability import HELD_FROM
from ri_assets.store.candidate import Candidates, Verdict
from ri_assets.store.publishing import obstacles
from ri_assets.store.waiver import Waiver


@dataclass(frozen=True)
class Decision:
    """What becomes of a run.

    Parameters
    ----------
    refused_for
        What keeps it from being published; nothing where it is.
    hidden_for
        What keeps it from being read as a draft, too.
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
    """Decide on a run whose checks have all had their say."""
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
    """Say which groups came back when the run was repeated on parts of the tweets.

    Parameters
    ----------
    jaccards
        What each group is called, and its mean Jaccard over the reruns.
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
