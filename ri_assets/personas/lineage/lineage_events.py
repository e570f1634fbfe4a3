"""The history of personas: the rows of the table `persona_lineage`.

Belongs here: which events a run makes, with their numbers and words. Does not belong
here: who gets which id (`lineage`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ri_assets.personas.corrections.sentences import ToldByPeople
from ri_assets.personas.lineage.cluster_matching import Overlap
from ri_assets.personas.lineage.persona_ids import PersonaIds, Previous
from ri_assets.records.personas import PERSONA_LINEAGE

LEAST_PART = 0.10
"""A part of a split holds at least this share of the persona's tweets in both runs."""


def lineage_table(
    found: PersonaIds,
    names: Mapping[int, str],
    evidence_names: Mapping[int, str],
    told: ToldByPeople | None = None,
) -> pd.DataFrame:
    """Continue the history by what this run did; contract `PERSONA_LINEAGE`.

    Parameters
    ----------
    found
        Ids of this run.
    names
        Name of each cluster's persona.
    evidence_names
        Name that this run's evidence alone would give to each.
    told
        What people corrected.
    """
    earlier = first_history(found.previous) if found.previous is not None else _empty()
    sequence = 1 + int(earlier["sequence"].max()) if len(earlier) else 1
    rows = pd.DataFrame(_Events(found, names, evidence_names, told or ToldByPeople()).rows())
    snapshot = None if found.previous is None else found.previous.snapshot
    added = _typed(rows.assign(sequence=sequence, previous_snapshot=snapshot))
    whole = pd.concat([earlier, added]) if len(earlier) else added
    return whole.sort_values(list(PERSONA_LINEAGE.key), ignore_index=True)


def first_history(previous: Previous) -> pd.DataFrame:
    """Give a snapshot's history; of one that kept none, its personas count as born there."""
    if len(previous.history):
        return _typed(previous.history)
    rows = [
        {
            "sequence": 1,
            "persona_id": row["persona_id"],
            "event": "born",
            "tweets_after": int(row["tweet_count"]),
            "name": row["name"],
            "sentence": f"{row['persona_id']} was in the snapshot before, which kept no history.",
        }
        for row in previous.personas.to_dict("records")
    ]
    return _typed(pd.DataFrame(rows))


def _empty() -> pd.DataFrame:
    return _typed(pd.DataFrame(columns=PERSONA_LINEAGE.names))


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns in the contract's order; whole numbers stay whole where some are missing."""
    kinds = {pa.int64(): "Int64", pa.float64(): "Float64"}
    types = {c.name: kinds.get(c.type, "object") for c in PERSONA_LINEAGE.columns}
    return rows.reindex(columns=PERSONA_LINEAGE.names).astype(types)


@dataclass(frozen=True, eq=False)
class _Events:
    """The events of one run."""

    found: PersonaIds
    names: Mapping[int, str]
    evidence_names: Mapping[int, str]
    told: ToldByPeople

    def rows(self) -> list[dict[str, Any]]:
        overlap, ids = self.found.overlap, self.found.ids
        successor = {m.persona_id: overlap.clusters.index(m.cluster) for m in self.found.matches}
        basis = {m.persona_id: m.basis for m in self.found.matches}
        rows = []
        for column, cluster in enumerate(overlap.clusters):
            if ids[cluster] in self.told.restored:
                rows.append(self._restored(column))
            elif ids[cluster] not in successor:
                rows.append(self._born(column))
        for row, persona in enumerate(overlap.personas):
            own = successor.get(persona)
            rows += [self._split(row, part) for part in split_parts(overlap, row, own)]
            if own is not None:
                rows.append(self._kept(row, own) | {"basis": basis[persona]})
                continue
            if persona in self.told.merged:
                continue
            rows.append(self._retired(row))
            into = merged_into(overlap, row, set(successor.values()))
            if into is not None:
                rows.append(self._merged(row, into))
        return [*rows, *self._by_people()]

    def _by_people(self) -> Iterator[dict[str, Any]]:
        """Give the events that are somebody's correction, apart from restored personas."""
        overlap = self.found.overlap
        column = {self._id(n): n for n in range(len(overlap.clusters))}
        for part, (into, sentence) in self.told.merged.items():
            row = overlap.personas.index(part) if part in overlap.personas else None
            event = {"persona_id": part, "other_persona_id": into, "basis": "person"}
            if row is not None:  # else it was merged into another persona before
                retired = {"event": "retired", "sentence": f"{part} is retired: {sentence}."}
                yield event | retired | self._pair(row, None) | self._numbers(row, column[into])
            merged = {"event": "merged", "sentence": f"{sentence}."}
            yield event | merged | self._pair(row, column[into])
        for kind in ("hidden", "shown", "unapplied"):
            for persona, sentence in getattr(self.told, kind).items():
                yield {
                    "persona_id": persona,
                    "event": kind,
                    "basis": "person",
                    "sentence": f"{sentence[0].upper()}{sentence[1:]}.",
                    **(self._pair(None, column[persona]) if persona in column else {}),
                }

    def _pair(self, row: int | None, column: int | None) -> dict[str, Any]:
        """Numbers of a persona before and a cluster after; either may be missing."""
        overlap, previous = self.found.overlap, self.found.previous
        values: dict[str, Any] = {}
        if row is not None and previous is not None:
            values["tweets_before"] = int(overlap.before[row])
            values["name_before"] = previous.names[overlap.personas[row]]
        if column is not None:
            values["tweets_after"] = int(overlap.now[column])
            values["name"] = self.names[overlap.clusters[column]]
        if row is not None and column is not None:
            values |= self._numbers(row, column)
        return values

    def _numbers(self, row: int, column: int) -> dict[str, Any]:
        return {
            "shared_tweets": int(self.found.overlap.shared[row, column]),
            "jaccard": float(self.found.overlap.jaccard[row, column]),
            "centroid_cosine": float(self.found.cosine[row, column]),
        }

    def _id(self, column: int) -> str:
        return self.found.ids[self.found.overlap.clusters[column]]

    def _restored(self, column: int) -> dict[str, Any]:
        persona = self._id(column)
        return {
            **self._born(column),
            "event": "restored",
            "basis": "person",
            "sentence": f"{persona} is a persona again: {self.told.restored[persona]}.",
        }

    def _born(self, column: int) -> dict[str, Any]:
        overlap, persona = self.found.overlap, self._id(column)
        cluster, known = overlap.clusters[column], int(overlap.known[column])
        says = (
            f"{persona} is new: {known:,} of its {overlap.now[column]:,} tweets were there before"
        )
        values: dict[str, Any] = {}
        if known:
            row = int(overlap.shared[:, column].argmax())
            other = overlap.personas[row]
            values = {"other_persona_id": other, **self._numbers(row, column)}
            says += f", {overlap.shared[row, column]:,} of them in {other}"
        if self.found.previous is None:
            says = f"{persona} is of the first run, with {overlap.now[column]:,} tweets"
        return {
            "persona_id": persona,
            "event": "born",
            "evidence_name": self.evidence_names[cluster],
            "sentence": f"{says}.",
            **self._pair(None, column),
            **values,
        }

    def _kept(self, row: int, column: int) -> dict[str, Any]:
        overlap, persona = self.found.overlap, self.found.overlap.personas[row]
        cluster, shared = overlap.clusters[column], int(overlap.shared[row, column])
        name, fresh = self.names[cluster], self.evidence_names[cluster]
        says = (
            f"{persona} lasts: it keeps {shared:,} of its {overlap.stayed[row]:,} tweets in both "
            f"runs, Jaccard {overlap.jaccard[row, column]:.2f}, centroid cosine "
            f"{self.found.cosine[row, column]:.2f}"
        )
        if fresh != name:
            says += f"; by this run's evidence alone it would be called {fresh}"
        return {
            "persona_id": persona,
            "event": "kept",
            "evidence_name": fresh,
            "sentence": f"{says}.",
            **self._pair(row, column),
        }

    def _retired(self, row: int) -> dict[str, Any]:
        overlap, persona = self.found.overlap, self.found.overlap.personas[row]
        stayed = int(overlap.stayed[row])
        says = f"{persona} is retired: {stayed:,} of its {overlap.before[row]:,} tweets are left"
        values: dict[str, Any] = {}
        if stayed:
            column = int(overlap.shared[row].argmax())
            other = self._id(column)
            values = {"other_persona_id": other, **self._numbers(row, column)}
            says += (
                f", most of them ({overlap.shared[row, column]:,}) in {other}, "
                f"Jaccard {overlap.jaccard[row, column]:.2f}"
            )
        return {
            "persona_id": persona,
            "event": "retired",
            "sentence": f"{says}.",
            **self._pair(row, None),
            **values,
        }

    def _split(self, row: int, column: int) -> dict[str, Any]:
        overlap, persona = self.found.overlap, self.found.overlap.personas[row]
        shared = int(overlap.shared[row, column])
        return {
            "persona_id": persona,
            "event": "split",
            "other_persona_id": self._id(column),
            "sentence": f"{persona} was split: {shared:,} of its {overlap.stayed[row]:,} tweets in "
            f"both runs are now {shared:,} of the {overlap.known[column]:,} of {self._id(column)}.",
            **self._pair(row, column),
        }

    def _merged(self, row: int, column: int) -> dict[str, Any]:
        overlap, persona = self.found.overlap, self.found.overlap.personas[row]
        shared = int(overlap.shared[row, column])
        return {
            "persona_id": persona,
            "event": "merged",
            "other_persona_id": self._id(column),
            "sentence": f"{persona} was merged into {self._id(column)}: {shared:,} of its "
            f"{overlap.stayed[row]:,} tweets in both runs are {shared:,} of the "
            f"{overlap.known[column]:,} there.",
            **self._pair(row, column),
        }


def split_parts(overlap: Overlap, row: int, own: int | None) -> list[int]:
    """Columns of the clusters that an earlier persona was split into, without its own.

    A part comes from it for more than half (of tweets in both runs) and holds at least
    `LEAST_PART` of it. There is no split where it has no second part.
    """
    shared, stayed = overlap.shared[row], overlap.stayed[row]
    is_part = (2 * shared > overlap.known) & (shared >= LEAST_PART * stayed)
    is_part &= overlap.is_telling[row]
    parts = [int(column) for column in np.flatnonzero(is_part) if column != own]
    return parts if len(parts) + (own is not None) > 1 else []


def merged_into(overlap: Overlap, row: int, continued: set[int]) -> int | None:
    """Column of the cluster that took up a persona that was retired; None if none did.

    More than half of the persona (of tweets in both runs) is there, and the cluster
    continues another persona or holds more than half of another one too.

    Parameters
    ----------
    overlap
        Of the two runs.
    row
        The persona.
    continued
        Columns of all clusters that continue a persona.
    """
    most = (2 * overlap.shared > overlap.stayed[:, None]) & overlap.is_telling
    for column in np.flatnonzero(most[row]).tolist():
        if column in continued or most[:, column].sum() > 1:
            return int(column)
    return None
