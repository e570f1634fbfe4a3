"""Evidence as tables: what checks, personas and readers take from it.

Belongs here: names, notes and baselines of the figures as they are stored. Does
not belong here: their computation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.pipeline.evidence import Evidence
from ri_assets.pipeline.null_model import Baseline, baseline


def figure_table(evidence: Evidence, n: int) -> pd.DataFrame:
    """List every figure of a clustering.

    Parameters
    ----------
    evidence
        Of the reference fit.
    n
        Tweets that were clustered.

    Returns
    -------
    DataFrame
        `figure`, `value`, `null_mean`, `null_p95` (NaN where there is no null), `n`, `note`.
    """
    coherence, stability, null = evidence.coherence, evidence.stability, evidence.null
    n_pairs, n_draws = len(stability.seed_ari_values), len(stability.resample_ari_values)
    counts, jaccards = stability.open_counts, [item.jaccard for item in stability.clusters]
    rows: list[tuple[str, float, Baseline | None, int, str]] = [
        (
            "coherence",
            coherence.reduced.centered,
            null.coherence,
            n,
            "Mean cosine of members to their centroid in umap_50d, corpus mean subtracted.",
        ),
        (
            "resample_ari",
            stability.resample_ari,
            null.resample_ari,
            n_draws,
            "Mean ARI of whole reruns on draws with the reference, number of clusters held.",
        ),
        (
            "resample_ari_open",
            stability.resample_ari_open,
            None,
            n_draws,
            "The same where every rerun chooses its own number of clusters.",
        ),
        (
            "seed_ari",
            stability.seed_ari,
            null.seed_ari,
            n_pairs,
            "Mean pairwise ARI of whole reruns with new seeds.",
        ),
        (
            "resample_ari_lift",
            evidence.resample_lift,
            None,
            n_draws,
            "(ARI - null mean) / (1 - null mean).",
        ),
        ("seed_ari_lift", evidence.seed_lift, None, n_pairs, "The same of the seed ARI."),
        (
            "resample_ami",
            stability.resample_ami,
            null.resample_ami,
            n_draws,
            "Resample agreement as AMI.",
        ),
        (
            "jaccard",
            float(np.mean(jaccards)),
            null.jaccard,
            len(jaccards),
            "Mean of the clusters' Jaccards with draws; the null's percentile is over clusters.",
        ),
        (
            "cluster_count",
            len(jaccards),
            null.count,
            n,
            "Clusters; of data without structure, as many as runs find there by themselves.",
        ),
        (
            "clusters_joined",
            len(evidence.joined),
            None,
            n_draws,
            _joined_note(evidence),
        ),
        (
            "cluster_count_min",
            min(counts),
            baseline([min(null.count.values)]),
            len(counts),
            "Fewest clusters that a rerun chooses.",
        ),
        (
            "cluster_count_max",
            max(counts),
            baseline([max(null.count.values)]),
            len(counts),
            "Most clusters that a rerun chooses.",
        ),
        ("silhouette", coherence.silhouette, null.silhouette, n, "Silhouette in umap_50d."),
    ]
    for name, space in (
        ("coherence", coherence.reduced),
        ("coherence_fused", coherence.fused),
        ("coherence_text", coherence.text),
    ):
        where = {
            "coherence": "umap_50d",
            "coherence_fused": "fused",
            "coherence_text": "text (as fused)",
        }[name]
        if name != "coherence":
            rows.append((name, space.centered, None, n, f"Coherence in the {where} space."))
        rows += [
            (f"{name}_random", space.random_centered, None, n, f"Random labels, {where}."),
            (f"{name}_uncentred", space.uncentered, None, n, f"Without centring, {where}."),
            (
                f"{name}_uncentred_random",
                space.random_uncentered,
                None,
                n,
                f"Random labels without centring, {where}.",
            ),
        ]
        if space.core_only is not None:
            rows.append(
                (f"{name}_core", space.core_only, None, n, f"Without assigned noise, {where}.")
            )
    return pd.DataFrame(
        [
            (
                name,
                float(value),
                np.nan if beside is None else beside.mean,
                np.nan if beside is None else beside.p95,
                count,
                note,
            )
            for name, value, beside, count, note in rows
        ],
        columns=["figure", "value", "null_mean", "null_p95", "n", "note"],
    )


def _joined_note(evidence: Evidence) -> str:
    told = "".join(
        f"; {gone.tweets} tweets, Jaccard {gone.jaccard:.2f}" for gone in evidence.joined
    )
    return (
        f"Clusters that draws did not find again, joined to others: {len(evidence.joined)}{told}."
    )


def curve_table(evidence: Evidence, chosen: int) -> pd.DataFrame:
    """List stability at every number of clusters, as the draws that choose measured it.

    Parameters
    ----------
    evidence
        Of the reference fit.
    chosen
        Number of clusters before any were joined.

    Returns
    -------
    DataFrame
        A row for each number, ascending; none where a method holds no number.
    """
    return pd.DataFrame(
        [
            (
                point.count,
                point.resample_ari,
                point.standard_error,
                point.null.mean,
                point.null.p95,
                point.lift,
                point.min_jaccard,
                point.count == chosen,
            )
            for point in evidence.curve
        ],
        columns=[
            "clusters",
            "resample_ari",
            "standard_error",
            "null_mean",
            "null_p95",
            "lift",
            "min_jaccard",
            "is_chosen",
        ],
    )


def stability_table(evidence: Evidence, labels: NDArray[np.integer]) -> pd.DataFrame:
    """List each cluster's size, Jaccard and verdict.

    Parameters
    ----------
    evidence
        Of the reference fit.
    labels
        Its labels after assignment, shape (n,).
    """
    return pd.DataFrame(
        [
            (item.cluster, int((labels == item.cluster).sum()), item.jaccard, item.verdict)
            for item in evidence.stability.clusters
        ],
        columns=["cluster", "tweet_count", "jaccard", "verdict"],
    )
