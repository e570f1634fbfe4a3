"""Ids and names that last.

A cluster that is an earlier persona (`ri_assets.personas.lineage.cluster_matching`) takes its id
and its name. Every other cluster gets the next number that no snapshot ever used,
larger clusters first. A persona that no cluster continues is retired, and its id
never returns: if its members come back, they are a new persona. Earlier means: of
the last *published* snapshot, so what was never published uses up no id.

Belongs here: who gets which id. Does not belong here: the comparison itself, the table
`persona_lineage` (`history`), or where the earlier personas are read from (`published`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.personas.lineage.cluster_matching import (
    ClusterMatch,
    Overlap,
    centred_cosines,
    count_overlap,
    match,
)

_NUMBERED = re.compile(r"P(\d+)")
Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Previous:
    """What the last published snapshot says of its personas.

    Parameters
    ----------
    snapshot
        Its id.
    members
        Columns tweet_id and persona_id, one row for each tweet.
    personas
        Columns persona_id, name, tweet_count and text_centroid (a list of numbers);
        automatic_name where it differs from a person's.
    history
        Its table `persona_lineage`; empty for one that was published without.
    taken
        Ids that any snapshot of the store ever used.
    parts, part_members
        What people had merged: the parts of all personas, with the columns of `personas` and
        `part_of`, the persona that each belongs to; and the members of parts, as `members`.
        None where every persona is a single part.
    """

    snapshot: str
    members: pd.DataFrame
    personas: pd.DataFrame
    history: pd.DataFrame
    taken: frozenset[str]
    parts: pd.DataFrame | None = None
    part_members: pd.DataFrame | None = None

    @property
    def without_merges(self) -> Previous:
        """The same, as if people had merged nothing: each part is a persona."""
        if self.parts is None or self.part_members is None:
            return self
        return replace(
            self, personas=self.parts, members=self.part_members, parts=None, part_members=None
        )

    @property
    def part_of(self) -> dict[str, str]:
        """Persona that each part belongs to; a persona that was not merged is its only part."""
        if self.parts is None:
            return {one: one for one in self.personas["persona_id"]}
        return dict(zip(self.parts["persona_id"], self.parts["part_of"], strict=True))

    @property
    def names(self) -> dict[str, str]:
        """Name of each persona by its id."""
        return dict(zip(self.personas["persona_id"], self.personas["name"], strict=True))

    @property
    def automatic_names(self) -> dict[str, str]:
        """Name to keep of each persona by its id: a person's name lasts by the override file."""
        names = self.personas.get("automatic_name", self.personas["name"])
        return dict(zip(self.personas["persona_id"], names, strict=True))


@dataclass(frozen=True, eq=False)
class PersonaIds:
    """Who every cluster is.

    Parameters
    ----------
    ids
        Persona id of each cluster.
    names
        The names of clusters that continue an earlier persona.
    matches
        Those clusters, and what decided.
    overlap, cosine
        What it rests on; the cosine has the overlap's shape.
    previous
        What the run was compared with; None for the first.
    """

    ids: Mapping[int, str]
    names: Mapping[int, str]
    matches: tuple[ClusterMatch, ...]
    overlap: Overlap
    cosine: Float64
    previous: Previous | None


def assign_ids(
    clusters: pd.DataFrame, vectors: NDArray[np.float32], previous: Previous | None
) -> PersonaIds:
    """Give every cluster its persona id.

    Parameters
    ----------
    clusters
        Columns tweet_id and cluster, one row for each tweet.
    vectors
        Shape (n, d): text vectors in the order of these rows.
    previous
        Of the last published snapshot, if there is one.
    """
    overlap, cosine = compare_runs(clusters, vectors, previous)
    matches = match(overlap, cosine)
    ids = {found.cluster: found.persona_id for found in matches}
    names = {} if previous is None else previous.automatic_names
    new = [cluster for cluster in overlap.clusters if cluster not in ids]
    start = 1 if previous is None else next_number(_used(previous))
    return PersonaIds(
        ids=ids | {cluster: f"P{n:02d}" for n, cluster in enumerate(new, start)},
        names={cluster: names[persona] for cluster, persona in ids.items()},
        matches=matches,
        overlap=overlap,
        cosine=cosine,
        previous=previous,
    )


def compare_runs(
    clusters: pd.DataFrame, vectors: NDArray[np.float32], previous: Previous | None
) -> tuple[Overlap, Float64]:
    """Count shared members and compare mean texts; parameters as of `assign_ids`."""
    before = pd.DataFrame({"tweet_id": [], "persona_id": []})
    overlap = count_overlap(before if previous is None else previous.members, clusters)
    if previous is None:
        return overlap, np.zeros(overlap.shared.shape)
    labels = clusters["cluster"].to_numpy(dtype=np.int64)
    listed = previous.personas.set_index("persona_id").loc[list(overlap.personas)]
    return overlap, centred_cosines(
        np.stack(listed["text_centroid"].tolist()).astype(np.float64),
        overlap.before,
        np.stack([vectors[labels == c].mean(axis=0) for c in overlap.clusters]),
        overlap.now,
    )


def next_number(used: Iterable[str]) -> int:
    """Give the lowest number above those of all ids; ids of another form are passed over."""
    found = (_NUMBERED.fullmatch(persona) for persona in used)
    return 1 + max((int(one[1]) for one in found if one), default=0)


def _used(previous: Previous) -> set[str]:
    return {*previous.taken, *previous.personas["persona_id"], *previous.history["persona_id"]}
