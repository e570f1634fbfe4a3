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
from dataclasses import dataclass

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
    """

    snapshot: str
    members: pd.DataFrame
    personas: pd.DataFrame
    history: pd.DataFrame
    taken: frozenset[str]

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
    before = pd.DataFrame({"tweet_id": [], "persona_id": []})
    overlap = count_overlap(before if previous is None else previous.members, clusters)
    labels = clusters["cluster"].to_numpy(dtype=np.int64)
    cosine = np.zeros(overlap.shared.shape)
    if previous is not None:
        listed = previous.personas.set_index("persona_id").loc[list(overlap.personas)]
        cosine = centred_cosines(
            np.stack(listed["text_centroid"].tolist()).astype(np.float64),
            overlap.before,
            np.stack([vectors[labels == c].mean(axis=0) for c in overlap.clusters]),
            overlap.now,
        )
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


def next_number(used: Iterable[str]) -> int:
    """Give the lowest number above those of all ids; ids of another form are passed over."""
    found = (_NUMBERED.fullmatch(persona) for persona in used)
    return 1 + max((int(one[1]) for one in found if one), default=0)


def _used(previous: Previous) -> set[str]:
    return {*previous.taken, *previous.personas["persona_id"], *previous.history["persona_id"]}
