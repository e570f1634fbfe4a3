"""Drift: what a run changes, compared with the last published snapshot.

Belongs here: the comparison, and its words. Does not belong here: whether figures are good
enough by themselves (the other checks of `clusters`), or which persona gets which id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ri_assets.config import DriftSettings
from ri_assets.errors import StoreError
from ri_assets.personas.lineage.cluster_matching import count_overlap, match
from ri_assets.quality.metrics import METRICS, Figure
from ri_assets.records.personas import PARTS
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot, file_name

FALLS = tuple(
    name.removesuffix("_fall") for name in DriftSettings.model_fields if name.endswith("_fall")
)
"""Figures whose fall is notable: those for which a profile says how large a fall is."""


@dataclass(frozen=True, eq=False)
class Standing:
    """One side of the comparison: a run or a snapshot.

    Parameters
    ----------
    name
        The snapshot's or the run's id.
    config_hash, corpus, source
        Its configuration and its input.
    figures
        Values by name; at least those of `FALLS`.
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
        """Read what a run has written so far; its clusters do not have names yet."""
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
        """Read the snapshot that a run builds on; None without one that can be read."""
        if base is None:
            return None
        try:
            return cls._of_snapshot(Snapshot(files, base))
        except StoreError:
            # The run is judged without it; another check decides whether ids persist.
            return None

    @classmethod
    def _of_snapshot(cls, snapshot: Snapshot) -> Standing:
        figures = snapshot.table("clusters", "figures", ["figure", "value"]).to_pandas()
        return cls(
            name=snapshot.manifest.snapshot,
            config_hash=snapshot.manifest.config_hash,
            corpus=snapshot.manifest.corpus,
            source=snapshot.manifest.source,
            figures=dict(zip(figures["figure"], figures["value"], strict=True)),
            groups=_groups(snapshot.table("clusters", columns=["tweet_id", "cluster"]).to_pandas()),
            group_names=_names(snapshot),
            jaccards=_jaccards(
                snapshot.table("clusters", "stability", ["cluster", "jaccard"]).to_pandas()
            ),
        )


def _names(snapshot: Snapshot) -> dict[int, str]:
    """Name each cluster of a snapshot by its persona; a part that people merged by its id too."""
    columns = ["cluster", "persona_id", "name"]
    personas = snapshot.table("personas_enriched", columns=columns).to_pandas()
    found = {
        int(row.cluster): f"{row.persona_id} {row.name}" for row in personas.itertuples(index=False)
    }
    if file_name("personas_enriched", PARTS.name) not in snapshot.manifest.files:
        return found  # published before people could merge
    names = dict(zip(personas["persona_id"], personas["name"], strict=True))
    parts = snapshot.table("personas_enriched", PARTS.name, ["cluster", "part_id", "persona_id"])
    return found | {
        row["cluster"]: f"{row['persona_id']} {names[row['persona_id']]}, part {row['part_id']}"
        for row in parts.to_pylist()
        if row["part_id"] != row["persona_id"]
    }


def _jaccards(stability: pd.DataFrame) -> dict[int, float]:
    pairs = zip(stability["cluster"], stability["jaccard"], strict=True)
    return {int(cluster): float(value) for cluster, value in pairs}


def _groups(clusters: pd.DataFrame) -> pd.DataFrame:
    named = clusters[["tweet_id", "cluster"]].rename(columns={"cluster": "group"})
    return named.astype({"tweet_id": "int64", "group": "int32"})


@dataclass(frozen=True)
class Move:
    """A persona of the snapshot, and the cluster that it has become.

    Parameters
    ----------
    persona, successor
        Its name, and that of the new cluster that continues it or, if none does, that holds
        most of it.
    jaccard
        Overlap of the two, on the tweets that both runs have.
    stability_before, stability_now
        Jaccard over resampled reruns, of the persona and of its successor.
    """

    persona: str
    successor: str
    jaccard: float
    stability_before: float
    stability_now: float


def moves(now: Standing, before: Standing) -> list[Move]:
    """Find the new cluster of each earlier persona by its members.

    Clusters are matched as ids are (`ri_assets.personas.lineage.cluster_matching`). If none
    continues a persona, the cluster that holds most of it is named. Only tweets that both runs
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
    """Count notable changes and name them.

    Parameters
    ----------
    now, before
        This run, and the last published snapshot if there is one.
    settings
        Falls that are notable, and the overlap below which a persona has changed.

    Returns
    -------
    Figure
        Its value is the number of notable falls and of personas that changed.
    """
    if before is None:
        return Figure("drift", 0, 0, facts={"instead": "no earlier snapshot to compare with"})
    figures = {
        name: (before.figures[name], now.figures[name])
        for name in FALLS
        if name in before.figures  # an older snapshot may lack one
    }
    falls = [
        _fall(name, was, is_)
        for name, (was, is_) in figures.items()
        if was - is_ > getattr(settings, f"{name}_fall")
    ]
    found = moves(now, before)
    moved = [move for move in found if move.jaccard < settings.jaccard_min]
    changes = [*falls, *map(_moved, moved)]
    return Figure(
        "drift",
        len(changes),
        len(found),
        facts={
            "before": before.name,
            "changes": "; ".join(changes),
            "context": "; ".join(_context(now, before)),
        },
        details={
            "compared_with": before.name,
            "is_configuration_changed": now.config_hash != before.config_hash,
            "is_corpus_changed": now.corpus != before.corpus,
            "figures": {name: {"before": was, "now": is_} for name, (was, is_) in figures.items()},
            "persona_count": {"before": len(before.group_names), "now": len(now.group_names)},
            "personas": [vars(move) for move in found],
        },
    )


def _fall(name: str, was: float, is_: float) -> str:
    unit = METRICS[name].unit
    words = name.replace("_ari", " ARI").replace("_", " ")
    return f"{words} fell from {unit.text(was, (is_,))} to {unit.text(is_, (was,))}"


def _moved(move: Move) -> str:
    overlap = METRICS["jaccard"].unit.text(move.jaccard)
    return f"{move.persona} changed: it overlaps {overlap} with {move.successor}"


def _context(now: Standing, before: Standing) -> list[str]:
    """Say what else differs, since it may be the reason."""
    shared = before.groups["tweet_id"].isin(now.groups["tweet_id"]).sum()
    context = []
    if len(now.group_names) != len(before.group_names):
        context.append(
            f"the number of personas changed from {len(before.group_names)} to "
            f"{len(now.group_names)}"
        )
    if now.config_hash != before.config_hash:
        context.append(f"the configuration changed from {before.config_hash} to {now.config_hash}")
    if now.source != before.source:
        context.append(f"the source changed from {before.source} to {now.source}")
    if now.corpus != before.corpus:
        context.append(
            f"the corpus changed: {shared:,} of {len(before.groups):,} earlier tweets are in it"
        )
    return context
