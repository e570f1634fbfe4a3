"""Questions about snapshots as a whole: counts, coverage, quality, and what changed.

A persona of an earlier snapshot is continued by the persona with its id, because ids last. One
whose id the later snapshot lacks was merged or retired, as the later snapshot's
`persona_lineage` records. Shared tweets only measure how much of it is left.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from ri_assets.errors import NotFoundError, StoreError
from ri_assets.pipeline.stability import jaccards, shared_counts
from ri_assets.quality.metrics import HEADLINES
from ri_assets.records.answers import Coverage
from ri_assets.records.quality import FIGURES, CheckVerdict, Figure
from ri_assets.records.snapshots import (
    Diff,
    Fate,
    FigureChange,
    PersonaChange,
    PersonaStability,
    Quality,
    SnapshotInfo,
    SummaryStats,
)
from ri_assets.ri_index.arguments import SnapshotName
from ri_assets.ri_index.questions import question, with_hidden_told
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id, is_published, published_ids
from ri_assets.store.snapshot import Snapshot, file_name

_ASSET, _LINEAGE = "personas_enriched", "persona_lineage"


@question
def get_summary_stats(contents: Contents) -> SummaryStats:
    """Show counts, retention, coverage and persona sizes."""
    manifest, personas = contents.snapshot.manifest, contents.everyone
    sizes = [persona.tweet_count for persona in personas]
    counts = contents.counts
    with_persona = contents.count("ri_index_app", "tweet_personas")
    core = sum(persona.core_count for persona in personas)
    return SummaryStats(
        snapshot=manifest.snapshot,
        published_at=manifest.published_at,
        profile=manifest.profile,
        source=manifest.source,
        corpus=manifest.corpus,
        raw_tweets=counts.raw_tweets,
        raw_replies=counts.raw_replies,
        rejected_tweets=counts.rejected_tweets,
        dropped_tweets=counts.dropped_tweets,
        kept_tweets=counts.kept_tweets,
        tweets_with_persona=with_persona,
        retention=counts.kept_tweets / counts.raw_tweets,
        coverage=with_persona / counts.kept_tweets,
        noise_share=1 - core / sum(sizes),
        personas=len(contents.personas),
        hidden_personas=len(contents.hidden),
        hidden_tweets=sum(persona.tweet_count for persona in contents.hidden),
        largest_persona=max(sizes),
        median_persona=float(np.median(sizes)),
        smallest_persona=min(sizes),
        size_ratio=max(sizes) / min(sizes),
        stable_personas=sum(persona.stability == "stable" for persona in personas),
    )


@question
def get_persona_coverage(contents: Contents) -> Rows[Coverage]:
    """List each persona's share of the tweets, largest first.

    Those that people hid are left out, and the `note` counts them.
    """
    found, so_far = [], 0.0
    for persona in contents.personas:
        so_far += persona.share
        noise = persona.tweet_count - persona.core_count
        found.append(
            Coverage(
                persona_id=persona.persona_id,
                name=persona.name,
                tweet_count=persona.tweet_count,
                share=persona.share,
                cumulative_share=so_far,
                noise_count=noise,
            )
        )
    return with_hidden_told(contents, Rows.of(Coverage, found))


@question
def quality(contents: Contents) -> Quality:
    """Show the checks, each persona's stability, and all figures."""
    figures = [
        Figure.from_row({"asset": asset, **row})
        for asset in ("clusters", "personas_enriched")
        for row in contents.part(asset, "figures", FIGURES.names)
    ]
    manifest = contents.snapshot.manifest
    return Quality(
        snapshot=manifest.snapshot,
        figures=tuple(figures),
        checks=tuple(
            CheckVerdict(
                asset=v.asset,
                check=v.check,
                value=v.value,
                threshold=v.threshold,
                is_passed=v.is_passed,
                is_blocking=v.is_blocking,
                message=v.message,
                waived_by=None if v.waiver is None else v.waiver.by,
            )
            for v in manifest.verdicts
        ),
        personas=tuple(PersonaStability.from_row(dict(p)) for p in contents.personas),
    )


@question
def diff(
    contents: Contents,
    snapshot_a: Annotated[SnapshotName, Field(description="Id of the earlier snapshot.")],
    snapshot_b: Annotated[
        SnapshotName | None,
        Field(description="Id of the later snapshot; default: the one that is open."),
    ] = None,
) -> Diff:
    """Show what changed from one snapshot to another.

    Raises
    ------
    NotFoundError
        One of them is not published.
    """
    files = contents.snapshot.files
    a = _opened(files, snapshot_a)
    b = contents if snapshot_b is None else _opened(files, snapshot_b)
    old, new = a.lookup, b.lookup
    _, in_a, in_b = np.intersect1d(
        old.tweet_id, new.tweet_id, assume_unique=True, return_indices=True
    )
    shape = (len(old.personas), len(new.personas))
    shared = shared_counts(old.persona[in_a], new.persona[in_b], shape)
    alike = jaccards(shared)
    fates = _fates(b)
    changes, stayed = [], 0
    for persona in a.everyone:
        event, heir_id = _fate(persona.persona_id, b, fates)
        heir = None if heir_id is None else b.everyone_by_id[heir_id]
        jaccard = kept_share = 0.0
        if heir is not None:
            row = old.personas.index(persona.persona_id)
            column = new.personas.index(heir.persona_id)
            stayed += int(shared[row, column])
            jaccard = float(alike[row, column])
            kept_share = float(shared[row, column] / max(int(shared[row].sum()), 1))
        if persona.hidden_note is not None or (heir is not None and heir.hidden_note is not None):
            continue  # its tweets count above; people hid it
        changes.append(
            PersonaChange(
                persona_a=persona.persona_id,
                name_a=persona.name,
                tweets_a=persona.tweet_count,
                event=event,
                persona_b=None if heir is None else heir.persona_id,
                name_b=None if heir is None else heir.name,
                tweets_b=None if heir is None else heir.tweet_count,
                jaccard=jaccard,
                kept_share=kept_share,
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
        new_personas=tuple(one for one in b.by_id if one not in a.everyone_by_id),
        figures=tuple(
            FigureChange(figure=f, a=values[0].get(f), b=values[1].get(f)) for f in HEADLINES
        ),
    )


def list_snapshots(files: Files) -> Rows[SnapshotInfo]:
    """List the published snapshots, oldest first; `problem` says why one cannot be read."""
    ids = published_ids(files)
    current = current_id(files)
    return Rows.of(SnapshotInfo, [_info(files, name, name == current) for name in ids])


def _fates(contents: Contents) -> dict[str, str | None]:
    """Read which persona took up each one that was ever retired, if any did."""
    if file_name(_ASSET, _LINEAGE) not in contents.snapshot.manifest.files:
        return {}  # published before snapshots had a lineage
    columns = ("persona_id", "event", "other_persona_id")
    events = contents.part(_ASSET, _LINEAGE, columns)
    retired = {row["persona_id"]: None for row in events if row["event"] == "retired"}
    return retired | {
        row["persona_id"]: row["other_persona_id"] for row in events if row["event"] == "merged"
    }


def _fate(
    persona_id: str, contents: Contents, fates: dict[str, str | None]
) -> tuple[Fate, str | None]:
    """Say what happened to a persona by this snapshot, and which one continues it."""
    if persona_id in contents.everyone_by_id:
        return "kept", persona_id
    if persona_id not in fates:
        return "absent", None
    heir = fates[persona_id]
    seen = {persona_id}
    while heir is not None and heir not in contents.everyone_by_id and heir not in seen:
        seen.add(heir)
        heir = fates.get(heir)
    return ("merged", heir) if heir in contents.everyone_by_id else ("retired", None)


def _info(files: Files, name: str, is_current: bool) -> SnapshotInfo:
    try:
        snapshot = Snapshot(files, name)
        removal = snapshot.removal
    except StoreError as error:
        return SnapshotInfo(
            snapshot=name,
            published_at="",
            profile="",
            source="",
            corpus="",
            is_current=is_current,
            problem=error.found,
        )
    m, missing = snapshot.manifest, snapshot.missing()
    problem = f"lacks {', '.join(missing)}" if missing else None
    return SnapshotInfo(
        snapshot=name,
        published_at=m.published_at,
        profile=m.profile,
        source=m.source,
        corpus=m.corpus,
        is_current=is_current,
        problem=problem,
        raw_removed_on=None if removal is None else removal.date,
    )


def _opened(files: Files, snapshot: str) -> Contents:
    if not is_published(files, snapshot):
        known = published_ids(files)
        raise NotFoundError(
            f"there is no snapshot {snapshot!r}",
            f"one of {', '.join(known)}" if known else "a store with a published snapshot",
            "correct the id; `snapshots` lists them",
        )
    return Contents(Snapshot(files, snapshot))
