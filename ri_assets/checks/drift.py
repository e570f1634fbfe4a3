"""Drift: what a run changes, compared with the last published snapshot.

Belongs here: the comparison, and its words. Does not belong here: whether figures
are good enough by themselves (the other checks of `clusters`), or the identity of
personas across runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ri_assets.checks.figures import Figure
from ri_assets.config import DriftSettings
from ri_assets.errors import StoreError
from ri_assets.personas.lineage.cluster_matching import count_overlap, match
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Standing:
    """What one run stands for.

    Parameters
    ----------
    name
        The snapshot's or the run's id.
    config_hash, corpus, source
        Its configuration and its input.
    figures
        Values by name: `coherence`, `resample_ari`.
    groups
        `tweet_id` and `group`, one row for each tweet.
    group_names
        What to call each group.
    jaccards
        Stability of each group over resampled reruns.
    """

    name: str
    config_hash: str
    corpus: str
    source: str
    figures: Mapping[str, float]
    groups: pd.DataFrame
    group_names: Mapping[int, str]
    jaccards: Mapping[int, float]

    @classmethod
    def of_run(cls, candidates: Candidates, run_id: str) -> Standing:
        """Read what a run has written so far; its clusters have no names yet."""
        receipt = candidates.receipt("clusters", run_id)
        tables = candidates.read("clusters", run_id)
        figures, stability = tables.frame("figures"), tables.frame("stability")
        return cls(
            name=receipt.run_id,
            config_hash=receipt.config_hash,
            corpus=receipt.corpus,
            source=receipt.source,
            figures=dict(zip(figures["figure"], figures["value"], strict=True)),
            groups=_groups(tables.frame()),
            group_names={int(c): f"cluster {c}" for c in stability["cluster"]},
            jaccards=_jaccards(stability),
        )

    @classmethod
    def published(cls, files: Files, base: str | None) -> Standing | None:
        """Read what a run goes on from; None where there is nothing, or it cannot be read."""
        if base is None:
            return None
        try:
            return cls._of_snapshot(Snapshot(files, base))
        except StoreError:
            # Its successor is judged all the same; whether ids can last is not drift's to say.
            return None

    @classmethod
    def _of_snapshot(cls, snapshot: Snapshot) -> Standing:
        figures = snapshot.table("clusters", "figures", ["figure", "value"]).to_pandas()
        personas = snapshot.table(
            "personas_enriched", columns=["cluster", "persona_id", "name"]
        ).to_pandas()
        return cls(
            name=snapshot.manifest.snapshot,
            config_hash=snapshot.manifest.config_hash,
            corpus=snapshot.manifest.corpus,
            source=snapshot.manifest.source,
            figures=dict(zip(figures["figure"], figures["value"], strict=True)),
            groups=_groups(snapshot.table("clusters", columns=["tweet_id", "cluster"]).to_pandas()),
            group_names={
                int(row.cluster): f"{row.persona_id} {row.name}"
                for row in personas.itertuples(index=False)
            },
            jaccards=_jaccards(
                snapshot.table("clusters", "stability", ["cluster", "jaccard"]).to_pandas()
            ),
        )


def _jaccards(stability: pd.DataFrame) -> dict[int, float]:
    pairs = zip(stability["cluster"], stability["jaccard"], strict=True)
    return {int(cluster): float(value) for cluster, value in pairs}


def _groups(clusters: pd.DataFrame) -> pd.DataFrame:
    named = clusters[["tweet_id", "cluster"]].rename(columns={"cluster": "group"})
    return named.astype({"tweet_id": "int64", "group": "int32"})


@dataclass(frozen=True)
class Move:
    """A persona of the snapshot, and what it has become.

    Parameters
    ----------
    persona, successor
        Its name, and that of the new cluster that continues it, or else holds most of it.
    jaccard
        Of the two, on the tweets that both runs have.
    stability_before, stability_now
        Jaccard over resampled reruns, of the persona and of its successor.
    """

    persona: str
    successor: str
    jaccard: float
    stability_before: float
    stability_now: float


def moves(now: Standing, before: Standing) -> list[Move]:
    """Say which new cluster each earlier persona is, by its members.

    Clusters are matched as ids are (`ri_assets.personas.lineage.cluster_matching`); of a persona
    that none continues, the cluster that holds most of it is told. Only tweets that both runs
    have are compared; a persona without any is left out.
    """
    named = before.groups.assign(persona_id=before.groups["group"].map(before.group_names))
    overlap = count_overlap(named, now.groups.rename(columns={"group": "cluster"}))
    successors = {one.persona_id: overlap.clusters.index(one.cluster) for one in match(overlap)}
    groups = {name: group for group, name in before.group_names.items()}
    return [
        Move(
            persona,
            now.group_names[overlap.clusters[column]],
            float(overlap.jaccard[row, column]),
            before.jaccards[groups[persona]],
            now.jaccards[overlap.clusters[column]],
        )
        for row, persona in enumerate(overlap.personas)
        if overlap.stayed[row]
        for column in [successors.get(persona, int(overlap.shared[row].argmax()))]
    ]


def drift(now: Standing, before: Standing | None, settings: DriftSettings) -> Figure:
    """Count notable changes and say what they are.

    Parameters
    ----------
    now, before
        This run, and the last published snapshot if there is one.
    settings
        Falls that are notable, and the overlap below which a persona has moved.

    Returns
    -------
    Figure
        Its value is the number of notable falls and of personas that moved.
    """
    if before is None:
        return Figure(0, 0, says="no earlier snapshot that can be read")
    falls = []
    for figure, allowed in (
        ("coherence", settings.coherence_fall),
        ("resample_ari", settings.resample_ari_fall),
    ):
        was, is_ = before.figures[figure], now.figures[figure]
        if was - is_ > allowed:
            falls.append(f"{figure} fell from {was:.3f} to {is_:.3f}")
    found = moves(now, before)
    moved = [move for move in found if move.jaccard < settings.jaccard_min]
    says = [
        *falls,
        *(f"{m.persona} moved: Jaccard {m.jaccard:.2f} with {m.successor}" for m in moved),
        *_context(now, before),
    ]
    return Figure(
        len(falls) + len(moved),
        len(found),
        details={
            "compared_with": before.name,
            "is_configuration_changed": now.config_hash != before.config_hash,
            "is_corpus_changed": now.corpus != before.corpus,
            "figures": {
                name: {"before": before.figures[name], "now": now.figures[name]}
                for name in ("coherence", "resample_ari")
            },
            "persona_count": {"before": len(before.group_names), "now": len(now.group_names)},
            "personas": [vars(move) for move in found],
        },
        says="; ".join(says),
    )


def _context(now: Standing, before: Standing) -> list[str]:
    """Say what else differs: it may be the reason."""
    shared = before.groups["tweet_id"].isin(now.groups["tweet_id"]).sum()
    context = [f"compared with {before.name}"]
    if len(now.group_names) != len(before.group_names):
        context.append(f"{len(before.group_names)} personas became {len(now.group_names)}")
    if now.config_hash != before.config_hash:
        context.append(f"the configuration changed from {before.config_hash} to {now.config_hash}")
    if now.source != before.source:
        context.append(f"the source changed from {before.source} to {now.source}")
    if now.corpus != before.corpus:
        context.append(
            f"the corpus changed: {shared:,} of {len(before.groups):,} earlier tweets are in it"
        )
    return context
