"""A snapshot on one page: funnel, personas, checks."""

from __future__ import annotations

import math
from typing import Any

from ri_assets.quality.metrics import HEADLINES, WITHHELD
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.sources.base import FORGOTTEN, left_out_counts
from ri_assets.store.snapshot import Snapshot, file_name

_LINEAGE = "persona_lineage"


def summary(snapshot: Snapshot, contents: Contents | None = None) -> dict[str, Any]:
    """Give the figures of a snapshot as one JSON object.

    Parameters
    ----------
    contents
        The snapshot as people correct it now; default: as published.

    Returns
    -------
    dict
        Counts are integers, shares lie in 0 to 1, `personas` is the number of personas that
        are shown and `persona_list` holds one object for each, largest first. A figure that could
        not be computed is None. Every row of tweets is in one place:
        `rows_read = left_out_tweets + rejected_tweets + dropped_tweets + kept_tweets`.
    """
    value = {(v.asset, v.check): _number(v.value) for v in snapshot.manifest.verdicts}
    figures = snapshot.table("clusters", "figures", ["figure", "null_p95"]).to_pandas()
    null_p95 = {row.figure: _number(row.null_p95) for row in figures.itertuples()}
    found = Contents(snapshot) if contents is None else contents
    funnel = snapshot.table("denoised_tweets", "funnel").to_pandas()
    counts = found.counts
    left_out = _left_out(snapshot)
    described = (
        snapshot.table("personas_enriched", "figures", ["figure", "value"])
        .to_pandas()
        .set_index("figure")
    )
    return {
        "snapshot": snapshot.manifest.snapshot,
        "is_draft": snapshot.is_draft,
        "waivers": [waiver.to_dict() for waiver in snapshot.manifest.waivers],
        "published_at": snapshot.manifest.published_at,
        "profile": snapshot.manifest.profile,
        "config_hash": snapshot.manifest.config_hash,
        "corpus": snapshot.manifest.corpus,
        "source": snapshot.manifest.source,
        "rows_read": sum(left_out.values()) + counts.rejected_tweets + counts.raw_tweets,
        "left_out_tweets": sum(left_out.values()),
        "left_out_by_reason": left_out,
        "raw_tweets": counts.raw_tweets,
        "raw_replies": counts.raw_replies,
        "rejected_tweets": counts.rejected_tweets,
        "dropped_tweets": counts.raw_tweets - counts.kept_tweets,
        "kept_tweets": counts.kept_tweets,
        "retention": value["denoised_tweets", "retention"],
        "coverage": value["clusters", "coverage"],
        **{name: value["clusters", name] for name in HEADLINES},
        **{f"{name}_null_p95": null_p95.get(name) for name in HEADLINES},
        "withheld_texts": int(described["value"].get(WITHHELD, 0)),
        "personas": len(found.personas),
        "hidden_personas": len(found.hidden),
        "hidden_tweets": sum(persona.tweet_count for persona in found.hidden),
        "corrections": _corrections(found),
        "persona_list": [
            {
                "persona_id": persona.persona_id,
                "name": persona.name,
                "tweet_count": persona.tweet_count,
                "share": persona.share,
                "top_terms": list(persona.top_terms[:5]),
                "jaccard": persona.jaccard,
                "stability": persona.stability,
            }
            for persona in found.personas
        ],
        "funnel": funnel.to_dict("records"),
        "checks": [
            {
                "asset": verdict.asset,
                "check": verdict.check,
                "value": _number(verdict.value),
                "threshold": verdict.threshold,
                "null_mean": verdict.baseline,
                "is_passed": verdict.is_passed,
                "is_blocking": verdict.is_blocking,
                "is_waived": verdict.waiver is not None,
                "message": verdict.message,
            }
            for verdict in snapshot.manifest.verdicts
        ],
    }


def _corrections(contents: Contents) -> list[str]:
    """Say what people corrected, and which corrections no longer apply, each in a sentence."""
    told = [f"{said}." for one in contents.everyone for said in one.corrections]
    told += [f"{one.hidden_note}." for one in contents.hidden]
    if file_name("personas_enriched", _LINEAGE) in contents.snapshot.manifest.files:
        rows = contents.part("personas_enriched", _LINEAGE, ("sequence", "event", "sentence"))
        last = max((row["sequence"] for row in rows), default=0)
        told += [
            row["sentence"]
            for row in rows
            if row["sequence"] == last and row["event"] == "unapplied"
        ]
    if contents.next_merges:
        told.append(f"{contents.next_merges[0].upper()}{contents.next_merges[1:]}.")
    return told


def _left_out(snapshot: Snapshot) -> dict[str, int]:
    """Tweets left out at the source by reason, most first.

    Snapshots of earlier versions know only their number.
    """
    columns = ["n_left_out", "n_forgotten"]
    counts = snapshot.table("raw_tweets", "intake", columns).to_pandas().sum()
    forgotten = {FORGOTTEN: int(counts["n_forgotten"])} if counts["n_forgotten"] else {}
    if "raw_tweets.left_out.parquet" in snapshot.manifest.files:
        found = left_out_counts(snapshot.table("raw_tweets", "left_out").to_pandas())
        return found | forgotten
    n = int(counts["n_left_out"])
    return ({"left out": n} if n else {}) | forgotten


def _number(value: float) -> float | None:
    """Give None for NaN, which JSON does not have."""
    return float(value) if math.isfinite(value) else None
