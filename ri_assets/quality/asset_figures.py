"""What the tables of each asset say: one function for each asset, from tables to figures.

Costly figures (stability and its null) are measured with the clusters, stored beside them, and
read here. Does not belong here: what the store says of a run (`measure`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.pipeline.denoise import REMEDIES
from ri_assets.quality.checks import checks_of
from ri_assets.quality.lineage import history_breaches
from ri_assets.quality.metrics import Figure
from ri_assets.quality.tables import read_figures
from ri_assets.sources.description import stored_losses
from ri_assets.sources.reading import Losses
from ri_assets.store.tables import Tables, Vectors

Read = Callable[[str], Tables]
"""Gives the tables of an asset, as the run sees them."""


def _raw(tables: Tables, _: Read) -> list[Figure]:
    intake = tables.frame("intake").iloc[0]
    n_read, n_left_out = int(intake["n_read"]), int(intake["n_left_out"])
    rejected, gone = tables.frame("rejected"), tables.frame("left_out")
    n_forgotten = int(intake["n_forgotten"])
    n_found = len(tables.frame()) + len(rejected) + len(gone) + n_forgotten
    wrong = abs(n_read - n_found) + abs(n_left_out - len(gone))
    details = {
        "read": n_read,
        "accepted": len(tables.frame()),
        "left_out_by_reason": gone["reason"].value_counts().to_dict(),
        "forgotten": n_forgotten,
        "rejected_by_reason": rejected["reason"].value_counts().to_dict(),
    }
    return [Figure("conservation", wrong, n_read, details=details)]


def _raw_tweets(tables: Tables, read: Read) -> list[Figure]:
    """Measure the tweets, and what the whole source lost: one read gave both tables."""
    lost = {"tweets": stored_losses(tables), "replies": stored_losses(read("raw_replies"))}
    rows = [_lost_rows(kind, part) for kind, part in lost.items() if part.n_lost]
    columns = {name: share for part in lost.values() for name, share in part.columns.items()}
    intake = Figure(
        "intake",
        max(part.value for part in lost.values()),
        sum(part.n_read for part in lost.values()),
        facts={"lost": "; ".join(rows), "columns": ", ".join(columns)},
        details={
            "rows_lost": {kind: part.n_lost for kind, part in lost.items()},
            "tweets_lost_by_reason": dict(lost["tweets"].reasons),
            "replies_lost_by_reason": dict(lost["replies"].reasons),
            "columns_mostly_unreadable": dict(lost["tweets"].columns),
        },
    )
    return [*_raw(tables, read), intake]


def _lost_rows(kind: str, part: Losses) -> str:
    reasons = ", ".join(f"{reason} {n:,}" for reason, n in part.reasons.items())
    return f"{part.n_lost:,} of {part.n_read:,} {kind} ({reasons})"


def _denoised(tables: Tables, read: Read) -> list[Figure]:
    raw = read("raw_tweets")
    n_raw, kept, dropped = len(raw.frame()), tables.frame(), tables.frame("dropped")
    funnel = tables.frame("funnel")
    ids = pd.concat([kept["tweet_id"], dropped["tweet_id"]])
    lost = len(set(raw.frame()["tweet_id"]) ^ set(ids)) + int(ids.duplicated().sum())
    by_rule = dict(zip(funnel["rule"], funnel["n_dropped"].astype(int), strict=True))
    greediest = max(by_rule, key=lambda rule: by_rule[rule])
    most = int(by_rule[greediest])
    return [
        Figure(
            "conservation",
            lost,
            n_raw,
            details={"raw": n_raw, "kept": len(kept), "dropped": len(dropped)},
        ),
        Figure(
            "retention",
            len(kept) / n_raw if n_raw else None,
            n_raw,
            facts={"rule": greediest, "dropped": most} if most else {},
            details={
                "funnel": funnel.to_dict("records"),
                "rule_that_took_most": greediest,
                "dropped_by_rule": by_rule,
                "quarantined_before": len(raw.frame("rejected")),
            },
            remedy=REMEDIES.get(greediest, "") if most else "",
        ),
    ]


def _same_tweets(tables: Tables, read: Read) -> list[Figure]:
    """Count kept tweets that are missing, repeated or from nowhere."""
    kept = read("denoised_tweets").frame()["tweet_id"]
    here = tables.by_name[tables.main]["tweet_id"].to_pandas()
    lost = len(set(kept) ^ set(here)) + int(here.duplicated().sum())
    details = {"kept": len(kept), "here": len(here)}
    return [Figure("conservation", lost, len(kept), details=details)]


def _broken(vectors: Vectors) -> int:
    return int((~np.isfinite(vectors.values).all(axis=1)).sum())


def _with_vectors(tables: Tables, read: Read, *, column: str) -> list[Figure]:
    """Count vectors that are not finite as well."""
    [same], broken = _same_tweets(tables, read), _broken(tables.vectors(column))
    return [_more_faults(same, broken, {"vectors_with_nan_or_infinity": broken})]


def _more_faults(figure: Figure, n: int, details: dict[str, int]) -> Figure:
    value = (figure.value or 0) + n
    return replace(figure, value=value, details={**figure.details, **details})


def _embeddings(tables: Tables, read: Read) -> list[Figure]:
    """Count content vectors that are missing too: they exist for every tweet or for none."""
    [whole] = _with_vectors(tables, read, column="embedding")
    content = tables.vectors("embedding", "content_embeddings")
    kept = read("denoised_tweets").frame()["tweet_id"]
    lost = len(set(kept) ^ set(content.tweet_ids.tolist()))
    wrong = (lost if len(content) else 0) + _broken(content)
    details = {"content_vectors": len(content), "of_them_wrong": wrong}
    return [_more_faults(whole, wrong, details)]


def _clusters(tables: Tables, read: Read) -> list[Figure]:
    clusters, stability = tables.frame(), tables.frame("stability")
    n_kept, sizes = len(read("denoised_tweets").frame()), clusters["cluster"].value_counts()
    core_share = float((~clusters["was_noise"].astype(bool)).mean())
    stored = read_figures(tables.frame("figures"))
    judged = {check.metric.name for check in checks_of("clusters")}
    aside = {name: one.value for name, one in stored.items() if name not in judged}
    jaccards = {
        f"cluster {row.cluster}": f"{row.jaccard:.2f} ({row.stability})"
        for row in stability.itertuples()
    }
    beside = {"jaccards": jaccards, "beside": aside}
    left_open = stored["resample_ari_open"].value
    facts: dict[str, dict[str, float | str]] = {
        "resample_ari": {} if left_open is None else {"left_open": left_open},
    }
    details: dict[str, dict[str, Any]] = {
        "coherence": beside,
        "resample_ari": {**beside, "by_number_of_personas": _curve(tables.frame("count_curve"))},
    }
    shown = {
        name: replace(
            one,
            facts=facts.get(name, {}),
            details={"what": one.note, **details.get(name, {})},
        )
        for name, one in stored.items()
        if name in judged
    }
    # Every tweet of data without structure is assigned as well: the core share tells more.
    coverage = Figure(
        "coverage",
        len(clusters) / n_kept if n_kept else None,
        n_kept,
        1.0,
        facts={"core_share": core_share} if core_share < 1 else {},
        details={"core_share": core_share},
    )
    return [
        *shown.values(),
        *_same_tweets(tables, read),
        coverage,
        Figure(
            "size_ratio",
            float(sizes.max() / sizes.min()),
            len(clusters),
            details={"sizes": sizes.tolist()},
        ),
    ]


def _curve(curve: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """List stability by the number of personas, as the draws that chose it measured it."""
    columns = {"clusters": "personas", "resample_ari": "tweets", "null_mean": "random data"}
    return curve[list(columns)].rename(columns=columns).to_dict("records")


def _personas(tables: Tables, read: Read) -> list[Figure]:
    personas, samples = tables.frame(), tables.frame("samples")
    kept = read("denoised_tweets").frame()
    withheld = set(personas.loc[personas["is_evidence_withheld"].astype(bool), "persona_id"])
    unfit = int(samples["persona_id"].isin(withheld).sum())
    shown = samples.merge(kept.assign(author=read_authors(kept).codes), on="tweet_id")
    repeated = int(shown[["persona_id", "author"]].duplicated().sum())
    lineage = tables.frame("persona_lineage")
    broken = history_breaches(personas, lineage)
    this_run = lineage["sequence"] == lineage["sequence"].max()
    stored = read_figures(tables.frame("figures"))
    facts = {"distinct": _hardest_pair(personas)}
    return [
        *(
            replace(figure, facts=facts.get(name, {}), details={"what": figure.note})
            for name, figure in stored.items()
        ),
        _persona_count(tables, read),
        Figure("conservation", abs(int(personas["tweet_count"].sum()) - len(kept)), len(kept)),
        Figure(
            "evidence",
            unfit + repeated,
            len(samples),
            details={
                "samples_that_stay_withheld": unfit,
                "samples_by_an_author_shown_before": repeated,
            },
        ),
        Figure(
            "lineage",
            len(broken),
            len(lineage),
            facts={"found": "; ".join(broken)},
            details={
                "breaches": broken,
                "published_runs_told_of": int(lineage["sequence"].nunique()),
                "ids_ever_used": int(lineage["persona_id"].nunique()),
                "events_of_this_run": lineage.loc[this_run, "event"].value_counts().to_dict(),
            },
        ),
    ]


def _hardest_pair(personas: pd.DataFrame) -> dict[str, float | str]:
    known = personas.dropna(subset=["told_apart"]).sort_values(["told_apart", "persona_id"])
    if known.empty:
        return {}
    first = known.iloc[0]
    return {"pair": f"{first['persona_id']} and {first['nearest_persona_id']}"}


def _persona_count(tables: Tables, read: Read) -> Figure:
    """Count the personas that people left; the clusters' figures say what the run found."""
    stored = read_figures(read("clusters").frame("figures"))
    joined, found = stored["clusters_joined"], stored["cluster_count"]
    n, n_found = len(tables.frame()), len(tables.frame("parts"))
    facts: dict[str, float | str] = {"joined": int(joined.value)} if joined.value else {}
    details = {"what": found.note, "joined": joined.note, "clusters": n_found}
    if n == n_found:
        return replace(found, value=n, facts=facts, details=details)
    return replace(
        found,
        value=n,
        facts={**facts, "found": n_found, "merged": n_found - n},
        details=details,
        remedy="take a merge back with `ri-index undo`, or waive the check, and run again",
    )


def _index(tables: Tables, read: Read) -> list[Figure]:
    """Compare what applications look up with the personas, hidden ones too."""
    mapping = tables.frame("tweet_personas")
    sizes = mapping["persona_id"].value_counts()
    listed = tables.frame().set_index("persona_id")["tweet_count"]
    personas = read("personas_enriched").frame().set_index("persona_id")
    enriched, is_hidden = personas["tweet_count"], personas["hidden_note"].notna()
    kept = read("denoised_tweets").frame()["tweet_id"]
    wrong = int((sizes.reindex(enriched.index, fill_value=0) != enriched).sum())
    wrong += int((enriched.reindex(listed.index, fill_value=0) != listed).sum())
    wrong += len(set(sizes.index) ^ set(enriched.index))
    wrong += len(set(enriched.index[~is_hidden]) ^ set(listed.index))
    wrong += len(set(mapping["tweet_id"]) ^ set(kept))
    details = {
        "personas": len(listed),
        "hidden_personas": int(is_hidden.sum()),
        "hidden_tweets": int(enriched[is_hidden].sum()),
    }
    return [Figure("conservation", wrong, len(mapping), details=details)]


FIGURES_OF: dict[str, Callable[[Tables, Read], list[Figure]]] = {
    "raw_tweets": _raw_tweets,
    "raw_replies": _raw,
    "denoised_tweets": _denoised,
    "embeddings": _embeddings,
    "behavioral_features": _same_tweets,
    "umap_50d": partial(_with_vectors, column="umap"),
    "clusters": _clusters,
    "personas_enriched": _personas,
    "ri_index_app": _index,
}
