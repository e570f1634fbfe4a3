"""The frozen profile: its YAML with the reasons on top, and the evidence beside it.

Belongs here: what is written about a search. Does not belong here: the picture's
drawing (`picture`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from ri_assets.config import Profile
from ri_assets.freeze.picture import draw
from ri_assets.freeze.search import FINAL_DRAWS, Result, Search
from ri_assets.freeze.trial import Trial
from ri_assets.store.manifest import library_versions


@dataclass(frozen=True)
class Written:
    """Paths that were written; no profile where no configuration passed."""

    profile: Path | None
    evidence: Path
    picture: Path


def write(search: Search, out: Path, n_draws: int) -> Written:
    """Write the winner as a profile named like its file, with evidence and picture beside it.

    Parameters
    ----------
    search
        What was found. Without a winner, an earlier profile at `out` stays as it is.
    out
        The profile's file; the others end in ``.evidence.json`` and ``.svg``.
    n_draws
        Draws of each run under the frozen profile, as its base has them.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    evidence, picture = out.with_suffix(".evidence.json"), out.with_suffix(".svg")
    today, versions = datetime.now(UTC).date().isoformat(), library_versions()
    winner = search.winner
    content = {
        "date": today,
        "versions": versions,
        "winner": None if winner is None else winner.profile.name,
        "finalists": [_listed(result) for result in search.finalists],
        "screened": [_listed(result) for result in search.screened],
    }
    evidence.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draw(search, picture)
    if winner is None:
        return Written(None, evidence, picture)
    stability = winner.profile.stability.model_copy(update={"n_draws": n_draws})
    profile = winner.profile.model_copy(
        update={
            "name": out.stem,
            "description": f"Frozen on {today} by a search over {len(search.screened)} "
            f"configurations; number of corpora: {len(winner.trials)}.",
            "stability": stability,
        }
    )
    out.write_text(_header(search, winner, today, versions, evidence) + _yaml(profile), "utf-8")
    return Written(out, evidence, picture)


def _header(
    search: Search, winner: Result, today: str, versions: dict[str, str], evidence: Path
) -> str:
    n_tried, n_corpora = len(search.screened), len(winner.trials)
    versioned = ", ".join(f"{name} {number}" for name, number in versions.items())
    lines = [
        f"Frozen by `ri-index freeze` on {today}.",
        f"Tried: {n_tried} configurations; number of corpora: {n_corpora}.",
        "Those that pass every blocking gate on each corpus were ranked by resample ARI",
        "above its null on their worst corpus.",
        f"This one: lift {winner.worst_lift:.3f} at worst, {winner.mean_lift:.3f} in the mean.",
        f"Its figures, over {FINAL_DRAWS} draws:",
        *(line for trial in winner.trials for line in _lines(trial)),
        f"versions: {versioned}",
        f"all trials: {evidence.name}",
    ]
    return "".join(f"# {line}\n" for line in lines)


def _lines(trial: Trial) -> list[str]:
    null = f"null mean {trial.resample_ari_null_mean:.3f}, p95 {trial.resample_ari_null_p95:.3f}"
    return [
        f"corpus {trial.corpus} ({trial.fingerprint}), {trial.tweets:,} tweets kept:",
        f"  {trial.k} personas ({trial.k_min} to {trial.k_max} in reruns)",
        f"  least stable persona: Jaccard {trial.min_jaccard:.2f}",
        f"  coherence {trial.coherence:.3f} (null p95 {trial.coherence_null_p95:.3f})",
        f"  resample ARI {trial.resample_ari:.3f} ({null}), seed ARI {trial.seed_ari:.3f}",
    ]


def _yaml(profile: Profile) -> str:
    return yaml.safe_dump(
        profile.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100
    )


def _listed(result: Result) -> dict[str, Any]:
    return {
        "name": result.profile.name,
        "config_hash": result.profile.hash,
        "is_sound": result.is_sound,
        "worst_lift": result.worst_lift,
        "mean_lift": result.mean_lift,
        "settings": result.profile.model_dump(
            mode="json", include={"fuse", "reduce", "cluster", "stability"}
        ),
        "trials": [asdict(trial) for trial in result.trials],
    }
