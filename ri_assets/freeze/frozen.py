"""The whole freeze search, and what it writes: profile, evidence and picture.

Belongs here: from names of sources to written files. Does not belong here: the search itself
(`search`), or how progress is shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ri_assets.config import Profile
from ri_assets.freeze.corpus import prepare
from ri_assets.freeze.search import FINAL_DRAWS, Result, Search, search
from ri_assets.freeze.space import configurations, load_space
from ri_assets.freeze.trial import Ledger, Trial
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.manifest import library_versions

if TYPE_CHECKING:
    from ri_assets.pipeline.evidence import Progress
    from ri_assets.sources.base import Source
    from ri_assets.store.files import Files

_ORDER_SEED = 0
_WINNER, _SOUND, _REFUSED = "#c2410c", "#1d4ed8", "#9ca3af"


@dataclass(frozen=True)
class Plan:
    """How far a search goes.

    Parameters
    ----------
    space
        The YAML file with the configurations.
    out
        The profile that is written.
    trials
        Maximum number of configurations.
    draws
        Draws of each trial in the first round.
    finalists
        Configurations that go to the second round, with more draws.
    """

    space: Path
    out: Path
    trials: int
    draws: int
    finalists: int


def freeze(
    sources: Sequence[Source],
    files: Files,
    plan: Plan,
    progress: Progress,
    engine: Engine = LOCAL,
) -> tuple[Search, Written]:
    """Search the space on all sources and write what was found.

    Parameters
    ----------
    sources
        The corpora. Give several: a choice on one corpus suits only that corpus.
    files
        The store that keeps embeddings and finished trials.
    plan
        How far to go.
    progress
        Called about once a second with what runs and how much time is left.
    engine
        Embeds, and runs the reruns of each trial.
    """
    candidates = configurations(load_space(plan.space), plan.trials, _ORDER_SEED)
    base = candidates[0]
    encoder = Encoder(base.embed, EmbeddingCache(files), progress, engine)
    corpora = []
    for source in sources:
        progress(f"reading {source.name}")
        corpora.append(prepare(source.name, source.read(), base, encoder.encode, engine))
    found = search(
        corpora,
        candidates,
        draws=plan.draws,
        finalists=plan.finalists,
        ledger=Ledger(files),
        progress=progress,
        engine=engine,
    )
    return found, write(found, plan.out, base.stability.n_draws)


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
    coherence, ari, seed = (trial.figures[n] for n in ("coherence", "resample_ari", "seed_ari"))
    fewest, most = (trial.figures[f"cluster_count_{end}"] for end in ("min", "max"))
    null = f"null mean {ari.null_mean:.3f}, p95 {ari.null_p95:.3f}"
    return [
        f"corpus {trial.corpus} ({trial.fingerprint}), {trial.tweets:,} tweets kept:",
        f"  {trial.k} personas ({fewest.value:g} to {most.value:g} in reruns)",
        f"  least stable persona: Jaccard {trial.min_jaccard:.2f}",
        f"  coherence {coherence.value:.3f} (null p95 {coherence.null_p95:.3f})",
        f"  resample ARI {ari.value:.3f} ({null}), seed ARI {seed.value:.3f}",
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
        "trials": [trial.to_dict() for trial in result.trials],
    }


def draw(search: Search, path: Path) -> None:
    """Draw every configuration: one panel for each corpus, the number of personas as the mark.

    Parameters
    ----------
    search
        What was found; finalists appear with the figures of their many draws.
    path
        Of the picture; its suffix says the format.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    finals = {result.profile.name: result for result in search.finalists}
    shown = [finals.get(result.profile.name, result) for result in search.screened]
    n = len(shown[0].trials)
    with mpl.rc_context({"svg.hashsalt": "ri", "svg.fonttype": "none"}):
        figure = Figure(figsize=(1 + 4.2 * n, 4.6), layout="constrained")
        panels = figure.subplots(1, n, sharey=True, squeeze=False)[0]
        for place, panel in enumerate(panels):
            for result in shown:
                trial = result.trials[place]
                coherence, lift = (trial.value(n) for n in ("coherence", "resample_ari_lift"))
                if coherence is None or lift is None:
                    continue  # this corpus could not be clustered
                is_winner = search.winner is not None and result is search.winner
                panel.text(
                    coherence,
                    lift,
                    str(trial.k),
                    ha="center",
                    va="center",
                    fontsize=14 if is_winner else 10,
                    fontweight="bold" if is_winner else "normal",
                    color=_WINNER if is_winner else _REFUSED if trial.blockers else _SOUND,
                )
                panel.scatter(coherence, lift, s=0)  # text does not set the limits of the axes
            panel.margins(0.12)
            panel.set_title(f"{Path(shown[0].trials[place].corpus).name}", fontsize=10)
            panel.set_xlabel("coherence (umap_50d, centred)")
            panel.grid(visible=True, alpha=0.3)
        panels[0].set_ylabel("resample ARI above its null (lift)")
        figure.suptitle(
            "Number of personas of each configuration\n"
            "blue passes the gates, grey does not, orange is the winner",
            fontsize=9,
        )
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, metadata=metadata)
