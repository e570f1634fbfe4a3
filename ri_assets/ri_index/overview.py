"""A snapshot on one page: funnel, personas, checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ri_assets.quality.metrics import HEADLINES, WITHHELD
from ri_assets.sources.base import FORGOTTEN, left_out_counts
from ri_assets.store.snapshot import Snapshot

_LISTED = ("persona_id", "name", "tweet_count", "share", "top_terms", "jaccard", "verdict")


def summary(snapshot: Snapshot, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give the figures of a snapshot as one JSON object.

    Parameters
    ----------
    names
        Names to show by persona id; default: as published.

    Returns
    -------
    dict
        Counts are integers, shares lie in 0 to 1, `personas` is the number of personas
        and `persona_list` holds one object for each, largest first. A figure that could
        not be computed is None. Every row of tweets is in one place:
        `rows_read = left_out_tweets + rejected_tweets + dropped_tweets + kept_tweets`.
    """
    value = {(v.asset, v.check): _number(v.value) for v in snapshot.manifest.verdicts}
    figures = snapshot.table("clusters", "figures", ["figure", "null_p95"]).to_pandas()
    null_p95 = {row.figure: _number(row.null_p95) for row in figures.itertuples()}
    personas = (
        snapshot.table("ri_index_app", columns=_LISTED)
        .to_pandas()
        .sort_values(["tweet_count", "persona_id"], ascending=[False, True])
    )
    funnel = snapshot.table("denoised_tweets", "funnel").to_pandas()
    kept = snapshot.table("denoised_tweets", columns=["tweet_id"]).num_rows
    raw = snapshot.table("raw_tweets", columns=["tweet_id"]).num_rows
    rejected = snapshot.table("raw_tweets", "rejected").num_rows
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
        "rows_read": sum(left_out.values()) + rejected + raw,
        "left_out_tweets": sum(left_out.values()),
        "left_out_by_reason": left_out,
        "raw_tweets": raw,
        "raw_replies": snapshot.table("raw_replies", columns=["tweet_id"]).num_rows,
        "rejected_tweets": rejected,
        "dropped_tweets": raw - kept,
        "kept_tweets": kept,
        "retention": value["denoised_tweets", "retention"],
        "coverage": value["clusters", "coverage"],
        **{name: value["clusters", name] for name in HEADLINES},
        **{f"{name}_null_p95": null_p95.get(name) for name in HEADLINES},
        "withheld_texts": int(described["value"].get(WITHHELD, 0)),
        "personas": len(personas),
        "persona_list": [
            {
                "persona_id": row.persona_id,
                "name": row.name if names is None else names[row.persona_id],
                "tweet_count": int(row.tweet_count),
                "share": float(row.share),
                "top_terms": list(row.top_terms[:5]),
                "jaccard": _number(row.jaccard),
                "verdict": row.verdict,
            }
            for row in personas.itertuples(index=False)
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


def _left_out(snapshot: Snapshot) -> dict[str, int]:
    """Tweets left out at the source by reason, most first.

    Snapshots of earlier versions know only their number.
    """
    columns = ["n_left_out", "n_forgotten"]
    [counts] = snapshot.table("raw_tweets", "intake", columns).to_pylist()
    forgotten = {FORGOTTEN: counts["n_forgotten"]} if counts["n_forgotten"] else {}
    if "raw_tweets.left_out.parquet" in snapshot.manifest.files:
        found = left_out_counts(snapshot.table("raw_tweets", "left_out").to_pandas())
        return found | forgotten
    n = counts["n_left_out"]
    return ({"left out": n} if n else {}) | forgotten


def _number(value: float) -> float | None:
    """Give None for NaN, which JSON does not have."""
    return float(value) if math.isfinite(value) else None
