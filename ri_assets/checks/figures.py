"""The figures that checks judge, computed from what is stored.

Belongs here: one function for each asset, from tables to named figures. Figures
that are costly (stability and its null) are computed with the clusters, stored
beside them, and read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ri_assets.checks.contract import breaches
from ri_assets.checks.lineage import history_breaches
from ri_assets.contracts.assets import CONTRACTS
from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.pipeline.denoise import REMEDIES
from ri_assets.pipeline.vectors import Vectors
from ri_assets.sources.description import stored_losses
from ri_assets.store.tables import Tables


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Parameters
    ----------
    value
        What was measured.
    n
        Rows, tweets or draws that it rests on.
    null_mean, null_p95
        The same computation on data without structure, where it has a meaning.
    details
        What a reader wants to see beside it; never text that people wrote.
    because
        What made the value what it is, for the message of a check that fails.
    says
        What the value stands for, for the message in either case.
    remedy
        What to do about just this value when the check fails, in place of the check's own.
    """

    value: float
    n: int
    null_mean: float | None = None
    null_p95: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""
    says: str = ""
    remedy: str = ""


Read = Callable[[str], Tables]


def measure(asset: str, read: Read) -> dict[str, Figure]:
    """Compute the figures of one asset.

    Parameters
    ----------
    asset
        Which asset.
    read
        Gives the tables of an asset, as the run sees them.
    """
    tables = read(asset)
    found = breaches(CONTRACTS[asset], tables)
    rows = sum(table.num_rows for table in tables.by_name.values())
    figures = {
        "contract": Figure(len(found), rows, details={"breaches": found}, because="; ".join(found))
    }
    if found:
        # Figures of a table that breaks its contract would be accidents.
        return figures
    return figures | _MEASURES[asset](tables, read)


def _raw(tables: Tables, _: Read) -> dict[str, Figure]:
    intake = tables.frame("intake").iloc[0]
    n_read, n_left_out = int(intake["n_read"]), int(intake["n_left_out"])
    rejected, gone = tables.frame("rejected"), tables.frame("left_out")
    n_found = len(tables.frame()) + len(rejected) + len(gone)
    return {
        "conservation": Figure(
            abs(n_read - n_found) + abs(n_left_out - len(gone)),
            n_read,
            details={
                "read": n_read,
                "accepted": len(tables.frame()),
                "left_out_by_reason": gone["reason"].value_counts().to_dict(),
                "rejected_by_reason": rejected["reason"].value_counts().to_dict(),
            },
        )
    }


def _raw_tweets(tables: Tables, read: Read) -> dict[str, Figure]:
    """Likewise, and what the whole source lost: one read gave both tables."""
    lost = [stored_losses(tables), stored_losses(read("raw_replies"))]
    worst = max(lost, key=lambda part: part.value)
    return {
        **_raw(tables, read),
        "intake": Figure(
            worst.value,
            sum(part.n_read for part in lost),
            details={
                "rows_lost": {"tweets": lost[0].n_lost, "replies": lost[1].n_lost},
                "tweets_lost_by_reason": dict(lost[0].reasons),
                "replies_lost_by_reason": dict(lost[1].reasons),
                "columns_mostly_unreadable": dict(lost[0].columns),
            },
            because=worst.because,
            says=f"{worst.n_lost:,} of {worst.n_read:,} rows cannot be read",
        ),
    }


def _denoised(tables: Tables, read: Read) -> dict[str, Figure]:
    raw = read("raw_tweets")
    n_raw, kept, dropped = len(raw.frame()), tables.frame(), tables.frame("dropped")
    funnel = tables.frame("funnel")
    ids = pd.concat([kept["tweet_id"], dropped["tweet_id"]])
    lost = len(set(raw.frame()["tweet_id"]) ^ set(ids)) + int(ids.duplicated().sum())
    by_rule = dict(zip(funnel["rule"], funnel["n_dropped"].astype(int), strict=True))
    greediest = max(by_rule, key=lambda rule: by_rule[rule])
    return {
        "conservation": Figure(
            lost, n_raw, details={"raw": n_raw, "kept": len(kept), "dropped": len(dropped)}
        ),
        "retention": Figure(
            len(kept) / max(n_raw, 1),
            n_raw,
            details={
                "funnel": funnel.to_dict("records"),
                "rule_that_took_most": greediest,
                "dropped_by_rule": by_rule,
                "quarantined_before": len(raw.frame("rejected")),
            },
            because=f"{greediest} took most, {by_rule[greediest]:,} of {n_raw:,} tweets",
            remedy=REMEDIES.get(greediest, "") if by_rule[greediest] else "",
        ),
    }


def _same_tweets(tables: Tables, read: Read) -> dict[str, Figure]:
    """Every kept tweet is here once, with finite vectors where there are vectors."""
    kept = read("denoised_tweets").frame()["tweet_id"]
    here = tables.frame()["tweet_id"]
    lost = len(set(kept) ^ set(here)) + int(here.duplicated().sum())
    return {"conservation": Figure(lost, len(kept), details={"kept": len(kept), "here": len(here)})}


def _broken(vectors: Vectors) -> int:
    return int((~np.isfinite(vectors.values).all(axis=1)).sum())


def _vectors(column: str) -> Callable[[Tables, Read], dict[str, Figure]]:
    def figures(tables: Tables, read: Read) -> dict[str, Figure]:
        same = _same_tweets(tables, read)["conservation"]
        broken = _broken(tables.vectors(column))
        details = {**same.details, "vectors_with_nan_or_infinity": broken}
        return {"conservation": Figure(same.value + broken, same.n, details=details)}

    return figures


def _embeddings(tables: Tables, read: Read) -> dict[str, Figure]:
    """Likewise, and content words were read of every tweet or of none."""
    whole = _vectors("embedding")(tables, read)["conservation"]
    content = tables.vectors("embedding", "content_embeddings")
    kept = read("denoised_tweets").frame()["tweet_id"]
    lost = len(set(kept) ^ set(content.tweet_ids.tolist()))
    wrong = (lost if len(content) else 0) + _broken(content)
    details = {**whole.details, "content_vectors": len(content), "of_them_wrong": wrong}
    return {"conservation": Figure(whole.value + wrong, whole.n, details=details)}


def _stored_figures(tables: Tables) -> dict[str, Figure]:
    return {
        row["figure"]: Figure(
            row["value"],
            int(row["n"]),
            None if pd.isna(row["null_mean"]) else float(row["null_mean"]),
            None if pd.isna(row["null_p95"]) else float(row["null_p95"]),
            {"what": row["note"]},
        )
        for row in tables.frame("figures").to_dict("records")
    }


def _clusters(tables: Tables, read: Read) -> dict[str, Figure]:
    clusters = tables.frame()
    n_kept = len(read("denoised_tweets").frame())
    core_share = float((~clusters["was_noise"].astype(bool)).mean())
    stability = tables.frame("stability")
    figures = _stored_figures(tables)
    jaccards = {
        f"cluster {row.cluster}": f"{row.jaccard:.2f} ({row.verdict})"
        for row in stability.itertuples()
    }
    aside = {
        name: figure.value for name, figure in figures.items() if name not in _JUDGED_OF_CLUSTERS
    }
    sizes = clusters["cluster"].value_counts()
    figures["resample_ari"] = replace(
        figures["resample_ari"],
        says=_curve_sentence(
            tables.frame("count_curve"), len(sizes), figures["resample_ari_open"].value
        ),
    )
    return {
        **_same_tweets(tables, read),
        **{
            name: Figure(
                figure.value,
                figure.n,
                figure.null_mean,
                figure.null_p95,
                {**figure.details, **({"jaccards": jaccards, "beside": aside} if beside else {})},
                says=figure.says,
            )
            for name, figure in figures.items()
            if name in _JUDGED_OF_CLUSTERS
            for beside in [name in {"coherence", "resample_ari"}]
        },
        # On data without structure every tweet is assigned as well: the core share tells more.
        "coverage": Figure(
            len(clusters) / max(n_kept, 1), n_kept, 1.0, details={"core_share": core_share}
        ),
        "persona_count": replace(
            figures["cluster_count"],
            value=len(sizes),
            details={
                **figures["cluster_count"].details,
                "joined": figures["clusters_joined"].details["what"],
            },
        ),
        "size_ratio": Figure(
            float(sizes.max() / sizes.min()), len(clusters), details={"sizes": sizes.tolist()}
        ),
    }


def _curve_sentence(curve: pd.DataFrame, count: int, left_open: float) -> str:
    """Say how stability depends on the number of personas, as the choosing draws measured it."""
    if curve.empty:
        return ""
    values = ", ".join(
        f"{row.clusters}: {row.resample_ari:.2f} / {row.null_mean:.2f}"
        for row in curve.itertuples()
    )
    return (
        f"{count} personas in every rerun; {left_open:.2f} where each chooses its own number; "
        f"the draws that chose measured, at each number, tweets / random data: {values}"
    )


_JUDGED_OF_CLUSTERS = ("coherence", "resample_ari", "seed_ari", "silhouette")


def _personas(tables: Tables, read: Read) -> dict[str, Figure]:
    personas, samples = tables.frame(), tables.frame("samples")
    n_kept = len(read("denoised_tweets").frame())
    withheld = set(personas.loc[personas["is_evidence_withheld"].astype(bool), "persona_id"])
    unfit = int(samples["persona_id"].isin(withheld).sum())
    kept = read("denoised_tweets").frame()
    shown = samples.merge(kept.assign(author=read_authors(kept).codes), on="tweet_id")
    repeated = int(shown[["persona_id", "author"]].duplicated().sum())
    lineage = tables.frame("persona_lineage")
    broken = history_breaches(personas, lineage)
    this_run = lineage["sequence"] == lineage["sequence"].max()
    return {
        **_stored_figures(tables),
        "conservation": Figure(abs(int(personas["tweet_count"].sum()) - n_kept), n_kept),
        "evidence": Figure(
            unfit + repeated,
            len(samples),
            details={
                "samples_that_stay_withheld": unfit,
                "samples_by_an_author_shown_before": repeated,
            },
        ),
        "lineage": Figure(
            len(broken),
            len(lineage),
            details={
                "breaches": broken,
                "published_runs_told_of": int(lineage["sequence"].nunique()),
                "ids_ever_used": int(lineage["persona_id"].nunique()),
                "events_of_this_run": lineage.loc[this_run, "event"].value_counts().to_dict(),
            },
            because="; ".join(broken),
        ),
    }


def _index(tables: Tables, read: Read) -> dict[str, Figure]:
    mapping = tables.frame("tweet_personas")
    sizes = mapping["persona_id"].value_counts()
    listed = tables.frame().set_index("persona_id")["tweet_count"]
    enriched = read("personas_enriched").frame().set_index("persona_id")["tweet_count"]
    kept = read("denoised_tweets").frame()["tweet_id"]
    wrong = int((sizes.reindex(listed.index, fill_value=0) != listed).sum())
    wrong += int((enriched.reindex(listed.index, fill_value=0) != listed).sum())
    wrong += len(set(sizes.index) ^ set(listed.index))
    wrong += len(set(mapping["tweet_id"]) ^ set(kept))
    return {"conservation": Figure(wrong, len(mapping), details={"personas": len(listed)})}


_MEASURES: dict[str, Callable[[Tables, Read], dict[str, Figure]]] = {
    "raw_tweets": _raw_tweets,
    "raw_replies": _raw,
    "denoised_tweets": _denoised,
    "embeddings": _embeddings,
    "behavioral_features": _same_tweets,
    "umap_50d": _vectors("umap"),
    "clusters": _clusters,
    "personas_enriched": _personas,
    "ri_index_app": _index,
}
