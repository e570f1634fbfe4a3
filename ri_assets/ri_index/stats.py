"""The snapshot as a whole: counts, coverage, quality, history."""

from __future__ import annotations

from statistics import median

from ri_assets.errors import NotFoundError
from ri_assets.records.answers import Coverage
from ri_assets.records.personas import LineageEvent
from ri_assets.records.quality import FIGURES, CheckVerdict, Figure
from ri_assets.records.snapshots import PersonaStability, Quality, SummaryStats
from ri_assets.ri_index import arguments
from ri_assets.ri_index.snapshot_reader import Contents

_LINEAGE = tuple(LineageEvent.model_fields)


def summary_stats(contents: Contents) -> SummaryStats:
    """Give the snapshot in figures; large tables are counted, not read."""
    manifest, personas = contents.snapshot.manifest, contents.personas
    sizes = [persona.tweet_count for persona in personas]
    raw, kept = contents.count("raw_tweets"), contents.count("denoised_tweets")
    with_persona = contents.count("ri_index_app", "tweet_personas")
    core = sum(persona.core_count for persona in personas)
    return SummaryStats(
        snapshot=manifest.snapshot,
        published_at=manifest.published_at,
        profile=manifest.profile,
        source=manifest.source,
        corpus=manifest.corpus,
        raw_tweets=raw,
        raw_replies=contents.count("raw_replies"),
        rejected_tweets=contents.count("raw_tweets", "rejected"),
        dropped_tweets=contents.count("denoised_tweets", "dropped"),
        kept_tweets=kept,
        tweets_with_persona=with_persona,
        retention=kept / raw,
        coverage=with_persona / kept,
        noise_share=1 - core / sum(sizes),
        personas=len(personas),
        largest_persona=max(sizes),
        median_persona=float(median(sizes)),
        smallest_persona=min(sizes),
        size_ratio=max(sizes) / min(sizes),
        stable_personas=sum(persona.verdict == "stable" for persona in personas),
    )


def coverage(contents: Contents) -> list[Coverage]:
    """Say what part of the tweets each persona is, largest first."""
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
    return found


def quality(contents: Contents) -> Quality:
    """Gather what the run measured, what the checks said, and each persona's stability."""
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


def lineage(contents: Contents, given: object) -> list[LineageEvent]:
    """List what happened to a persona in every published run, oldest first.

    Parameters
    ----------
    given
        A persona of the snapshot, or the id of one that is retired.

    Raises
    ------
    NotFoundError
        No such persona ever was.
    StoreError
        The snapshot keeps no history, because an earlier version published it.
    """
    rows = contents.part("personas_enriched", "persona_lineage", _LINEAGE)
    events = [LineageEvent.from_row(row) for row in rows]
    try:
        persona_id = arguments.find_persona(contents.by_id, given).persona_id
    except NotFoundError:
        persona_id = str(given).strip().upper()
        if persona_id not in {event.persona_id for event in events}:
            raise
    return [event for event in events if persona_id in {event.persona_id, event.other_persona_id}]
