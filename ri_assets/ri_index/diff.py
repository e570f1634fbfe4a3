"""What changed between two snapshots."""

from __future__ import annotations

import numpy as np

from ri_assets.ri_index.contents import Contents
from ri_assets.ri_index.snapshot_records import Diff, FigureChange, PersonaChange

_FIGURES = ("coherence", "resample_ari", "seed_ari", "silhouette")


def diff(a: Contents, b: Contents) -> Diff:
    """Compare two snapshots tweet by tweet.

    The successor of a persona is the one of b with the highest Jaccard, on the tweets
    that both snapshots hold; a persona none of whose tweets are in b has no successor.
    """
    old, new = a.lookup, b.lookup
    _, in_a, in_b = np.intersect1d(
        old.tweet_id, new.tweet_id, assume_unique=True, return_indices=True
    )
    shared = np.zeros((len(old.personas), len(new.personas)), dtype=np.int64)
    np.add.at(shared, (old.persona[in_a], new.persona[in_b]), 1)
    union = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    jaccard = shared / np.maximum(union, 1)
    changes, stayed = [], 0
    for persona in a.personas:
        row = old.personas.index(persona.persona_id)
        if not shared[row].any():
            changes.append(
                PersonaChange(
                    persona.persona_id,
                    persona.name,
                    persona.tweet_count,
                    None,
                    None,
                    None,
                    0.0,
                    0.0,
                )
            )
            continue
        place = int(jaccard[row].argmax())
        successor = b.by_id[new.personas[place]]
        stayed += int(shared[row, place])
        changes.append(
            PersonaChange(
                persona.persona_id,
                persona.name,
                persona.tweet_count,
                successor.persona_id,
                successor.name,
                successor.tweet_count,
                float(jaccard[row, place]),
                float(shared[row, place] / shared[row].sum()),
            )
        )
    succeeded = {change.persona_b for change in changes}
    before, after = a.snapshot.manifest, b.snapshot.manifest
    values = [{r["figure"]: r["value"] for r in c.part("clusters", "figures")} for c in (a, b)]
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
        new_personas=tuple(p for p in b.by_id if p not in succeeded),
        figures=tuple(FigureChange(f, values[0].get(f), values[1].get(f)) for f in _FIGURES),
    )
