"""What changed between two snapshots.

A persona of the earlier one is continued by the persona with its id, for ids last. One whose id
the later snapshot lacks was merged or retired, as the later snapshot's `persona_lineage` says.
Tweets only measure how much of it is left; they decide nothing.
"""

from __future__ import annotations

import numpy as np

from ri_assets.pipeline.stability import jaccards, shared_counts
from ri_assets.quality.metrics import HEADLINES
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.ri_index.snapshot_records import Diff, FigureChange, PersonaChange
from ri_assets.store.snapshot import file_name

_ASSET, _LINEAGE = "personas_enriched", "persona_lineage"


def diff(a: Contents, b: Contents) -> Diff:
    """Compare two snapshots: what became of each persona, and of the tweets in both."""
    old, new = a.lookup, b.lookup
    _, in_a, in_b = np.intersect1d(
        old.tweet_id, new.tweet_id, assume_unique=True, return_indices=True
    )
    shape = (len(old.personas), len(new.personas))
    shared = shared_counts(old.persona[in_a], new.persona[in_b], shape)
    alike = jaccards(shared)
    fates = _fates(b)
    changes, stayed = [], 0
    for persona in a.personas:
        event, heir_id = _fate(persona.persona_id, b, fates)
        heir = None if heir_id is None else b.by_id[heir_id]
        jaccard = kept_share = 0.0
        if heir is not None:
            row = old.personas.index(persona.persona_id)
            column = new.personas.index(heir.persona_id)
            stayed += int(shared[row, column])
            jaccard = float(alike[row, column])
            kept_share = float(shared[row, column] / max(int(shared[row].sum()), 1))
        changes.append(
            PersonaChange(
                persona.persona_id,
                persona.name,
                persona.tweet_count,
                event,
                None if heir is None else heir.persona_id,
                None if heir is None else heir.name,
                None if heir is None else heir.tweet_count,
                jaccard,
                kept_share,
            )
        )
    before, after = a.snapshot.manifest, b.snapshot.manifest
    values = [
        {r["figure"]: r["value"] for r in one.part("clusters", "figures", ("figure", "value"))}
        for one in (a, b)
    ]
    return Diff(
        snapshot_a=before.snapshot,
        snapshot_b=after.snapshot,
        is_profile_changed=before.config_hash != after.config_hash,
        is_corpus_changed=before.corpus != after.corpus,
        shared_tweets=len(in_a),
        only_a=len(old.tweet_id) - len(in_a),
        only_b=len(new.tweet_id) - len(in_b),
        moved_tweets=len(in_a) - stayed,
        personas=tuple(changes),
        new_personas=tuple(persona for persona in b.by_id if persona not in a.by_id),
        figures=tuple(FigureChange(f, values[0].get(f), values[1].get(f)) for f in HEADLINES),
    )


def _fates(contents: Contents) -> dict[str, str | None]:
    """Read from the lineage who took up each persona that was ever retired; None for nobody."""
    if file_name(_ASSET, _LINEAGE) not in contents.snapshot.manifest.files:
        return {}  # published before there was a lineage
    columns = ("persona_id", "event", "other_persona_id")
    events = contents.part(_ASSET, _LINEAGE, columns)
    retired = {row["persona_id"]: None for row in events if row["event"] == "retired"}
    return retired | {
        row["persona_id"]: row["other_persona_id"] for row in events if row["event"] == "merged"
    }


def _fate(
    persona_id: str, contents: Contents, fates: dict[str, str | None]
) -> tuple[str, str | None]:
    """Say what happened to a persona until the snapshot, and who continues it there."""
    if persona_id in contents.by_id:
        return "kept", persona_id
    if persona_id not in fates:
        return "absent", None
    heir = fates[persona_id]
    seen = {persona_id}
    while heir is not None and heir not in contents.by_id and heir not in seen:
        seen.add(heir)
        heir = fates.get(heir)
    return ("merged", heir) if heir in contents.by_id else ("retired", None)
