"""Merges and hidden personas: what the corrections of people do to a run.

A merge holds by lineage, not by number: the clusters of a run are first matched with the earlier
personas as if nobody had merged any, and the clusters that continue merged ones are then joined.
So a merge follows its people wherever they go, a merge that is taken back gives the persona its
own id again, and a merge whose people are gone applies to nothing.

Belongs here: which clusters are joined, and which corrections do not apply. Does not belong here:
the match itself (`ri_assets.personas.lineage.persona_ids`), or words (`sentences`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.personas.corrections.entries import Corrections, targets
from ri_assets.personas.lineage.cluster_matching import ClusterMatch
from ri_assets.personas.lineage.persona_ids import PersonaIds, Previous, compare_runs


@dataclass(frozen=True, eq=False)
class Corrected:
    """A run after the corrections of people.

    Parameters
    ----------
    found
        Ids as if nobody had merged any; each is the id of a part.
    ids
        Ids of the personas, by the numbers in `clusters`.
    persona_of
        Persona of each cluster that the run found.
    number_of
        Number in `clusters` of each cluster that the run found.
    clusters
        The rows of the run's clusters, with the numbers of joined clusters.
    found_labels
        The numbers that these rows had before.
    merged
        Merges that joined clusters, by the id that was merged.
    hidden
        Ids of hidden personas that the run has.
    idle
        Merges and hidings that apply to nothing in this run: why, by the persona's id.
    """

    found: PersonaIds
    ids: PersonaIds
    persona_of: Mapping[int, str]
    number_of: Mapping[int, int]
    clusters: pd.DataFrame
    found_labels: pd.Series[int]
    merged: Mapping[str, str]
    hidden: frozenset[str]
    idle: Mapping[str, str]

    def was_known(self, persona_id: str) -> bool:
        """Whether an id was a persona or a part of the snapshot before."""
        if self.ids.previous is None:
            return False
        part_of = self.ids.previous.part_of
        return persona_id in {*part_of, *part_of.values()}


def correct(
    found: PersonaIds,
    previous: Previous | None,
    corrections: Corrections,
    clusters: pd.DataFrame,
    vectors: NDArray[np.float32],
) -> Corrected:
    """Join the clusters that people merged, and find out who is hidden.

    Parameters
    ----------
    found
        Ids by `assign_ids`, compared with `previous.without_merges`.
    previous
        Of the last published snapshot, if there is one.
    corrections
        What holds.
    clusters, vectors
        As given to `assign_ids`.
    """
    last = {match.persona_id for match in found.matches}
    before = {} if previous is None else previous.part_of
    # A persona goes on as long as one of its parts does.
    going_on = last | {
        before[part]
        for part in last & before.keys()
        if before[part] in targets(corrections.merges, part)
    }
    persona_of, idle = dict(found.ids), dict[str, str]()
    for cluster, part in found.ids.items():
        if part in last:
            ways = (one for one in targets(corrections.merges, part) if one in going_on)
            persona_of[cluster] = [part, *ways][-1]
    alive = set(persona_of.values())
    for part, merge in corrections.merges.items():
        if part not in last:
            idle[part] = _gone(part, found)
        elif (into := str(merge.merged_into)) not in going_on:
            idle[part] = _gone(into, found)
    hidden = frozenset(corrections.hidden.keys() & alive & going_on)
    idle |= {one: _gone(one, found) for one in corrections.hidden.keys() - hidden}
    number_of = _numbers(found.ids, persona_of)
    joined = clusters.assign(cluster=clusters["cluster"].map(number_of))
    return Corrected(
        found=found,
        ids=_persona_ids(found, previous, persona_of, number_of, joined, vectors),
        persona_of=persona_of,
        number_of=number_of,
        clusters=joined,
        found_labels=clusters["cluster"],
        merged={
            part: persona_of[cluster]
            for cluster, part in found.ids.items()
            if persona_of[cluster] != part
        },
        hidden=hidden,
        idle=idle,
    )


def joined_stability(stability: pd.DataFrame, number_of: Mapping[int, int]) -> pd.DataFrame:
    """Give each persona the stability of its least stable part.

    Parameters
    ----------
    stability
        Columns cluster, jaccard and stability, one row for each cluster of the run.
    number_of
        As `Corrected` has it.
    """
    ordered = stability.sort_values(["jaccard", "cluster"], kind="stable")
    numbered = ordered.assign(cluster=ordered["cluster"].map(number_of))
    return numbered.drop_duplicates("cluster").sort_values("cluster", ignore_index=True)


def part_table(
    corrected: Corrected, personas: pd.DataFrame, vectors: NDArray[np.float32]
) -> pd.DataFrame:
    """List the clusters of the run and the persona of each; contract `PARTS`.

    While a part is merged, it keeps the name and the mean text that only it has, so that it is
    found again and gets its name back once the merge is taken back.

    Parameters
    ----------
    personas
        Contract `PERSONAS`.
    vectors
        Text vectors in the order of `Corrected.clusters`.
    """
    found, labels = corrected.found, corrected.found_labels.to_numpy()
    sizes = dict(zip(found.overlap.clusters, found.overlap.now.tolist(), strict=True))
    own = personas.set_index("persona_id")
    n_parts = pd.Series(corrected.persona_of).value_counts()
    rows = []
    for cluster, part in sorted(found.ids.items()):
        persona = corrected.persona_of[cluster]
        is_whole = part == persona and n_parts[persona] == 1
        name = own["automatic_name"][persona]
        rows.append(
            {
                "cluster": cluster,
                "part_id": part,
                "persona_id": persona,
                "tweet_count": sizes[cluster],
                "automatic_name": name if is_whole else found.names.get(cluster, name),
                "text_centroid": vectors[labels == cluster].mean(axis=0),
            }
        )
    return pd.DataFrame(rows)


def _gone(persona_id: str, found: PersonaIds) -> str:
    if persona_id in found.ids.values():
        return f"{persona_id} is new in this run, so an earlier correction cannot mean it"
    return f"no cluster of this run continues {persona_id}"


def _numbers(ids: Mapping[int, str], persona_of: Mapping[int, str]) -> dict[int, int]:
    """Give a persona the number of its own cluster; without one, the lowest of its clusters."""
    chosen: dict[str, int] = {}
    for cluster in sorted(ids, key=lambda one: (ids[one] != persona_of[one], one)):
        chosen.setdefault(persona_of[cluster], cluster)
    return {cluster: chosen[persona_of[cluster]] for cluster in ids}


def _persona_ids(
    found: PersonaIds,
    previous: Previous | None,
    persona_of: Mapping[int, str],
    number_of: Mapping[int, int],
    clusters: pd.DataFrame,
    vectors: NDArray[np.float32],
) -> PersonaIds:
    """Compare the personas of the two runs, as people merged them then and now."""
    is_merged = found.ids != persona_of
    if previous is None or (previous.parts is None and not is_merged):
        return replace(found, previous=previous)
    overlap, cosine = compare_runs(clusters, vectors, previous)
    ids = {number: persona_of[cluster] for cluster, number in number_of.items()}
    basis = {match.persona_id: match.basis for match in found.matches}
    by_persona = {persona: number for number, persona in ids.items()}
    matches = tuple(
        ClusterMatch(persona, by_persona[persona], basis.get(persona, "members"))
        for persona in overlap.personas
        if persona in by_persona
    )
    n_parts = pd.Series(persona_of).value_counts()
    kept = previous.automatic_names
    names = {}
    for number, persona in ids.items():
        is_whole = found.ids[number] == persona and n_parts[persona] == 1
        if is_whole and number in found.names:
            names[number] = found.names[number]
        elif not is_whole and persona in kept:
            names[number] = kept[persona]
    return PersonaIds(ids, names, matches, overlap, cosine, previous)
