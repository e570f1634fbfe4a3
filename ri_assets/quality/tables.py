"""The figures and tables that a run stores of its clusters and personas.

Belongs here: from evidence to figures, and from figures to the stored tables and back. Does
not belong here: the computation (`ri_assets.pipeline.evidence`), and the words (`metrics`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.quality.metrics import METRICS, WITHHELD, Figure

if TYPE_CHECKING:
    from ri_assets.personas.distinct import Distinctness
    from ri_assets.personas.naming.name_agreement import Agreement
    from ri_assets.personas.privacy.guard import Screen
    from ri_assets.pipeline.coherence import SpaceCoherence
    from ri_assets.pipeline.evidence import Evidence
    from ri_assets.pipeline.null_model import Baseline

_COLUMNS = ["figure", "value", "null_mean", "null_p95", "n", "note"]


def cluster_figures(evidence: Evidence, n: int) -> list[Figure]:
    """Give every figure of a clustering.

    Parameters
    ----------
    evidence
        Of the reference fit.
    n
        Tweets that were clustered.
    """
    coherence, stability, null = evidence.coherence, evidence.stability, evidence.null
    n_pairs, n_draws = len(stability.seed_ari_values), len(stability.resample_ari_values)
    counts, jaccards = stability.open_counts, [item.jaccard for item in stability.clusters]
    n_runs, fewest, most = len(counts), min(null.count.values), max(null.count.values)
    return [
        _figure("coherence", coherence.reduced.centered, n, null.coherence),
        _figure("resample_ari", stability.resample_ari, n_draws, null.resample_ari),
        Figure("resample_ari_open", stability.resample_ari_open, n_draws),
        _figure("seed_ari", stability.seed_ari, n_pairs, null.seed_ari),
        Figure("resample_ari_lift", evidence.resample_lift, n_draws),
        Figure("seed_ari_lift", evidence.seed_lift, n_pairs),
        _figure("resample_ami", stability.resample_ami, n_draws, null.resample_ami),
        _figure("jaccard", float(np.mean(jaccards)), len(jaccards), null.jaccard),
        _figure("cluster_count", len(jaccards), n, null.count),
        Figure("clusters_joined", len(evidence.joined), n_draws, detail=_joined(evidence)),
        Figure("cluster_count_min", min(counts), n_runs, fewest, fewest),
        Figure("cluster_count_max", max(counts), n_runs, most, most),
        _figure("silhouette", coherence.silhouette, n, null.silhouette),
        *_space_figures("coherence", coherence.reduced, n),
        Figure("coherence_fused", coherence.fused.centered, n),
        *_space_figures("coherence_fused", coherence.fused, n),
        Figure("coherence_text", coherence.text.centered, n),
        *_space_figures("coherence_text", coherence.text, n),
    ]


def _figure(name: str, value: float, n: int, null: Baseline) -> Figure:
    return Figure(name, value, n, null.mean, null.p95)


def _space_figures(name: str, space: SpaceCoherence, n: int) -> list[Figure]:
    values = {
        f"{name}_random": space.random_centered,
        f"{name}_uncentred": space.uncentered,
        f"{name}_uncentred_random": space.random_uncentered,
        f"{name}_core": space.core_only,
    }
    return [Figure(key, value, n) for key, value in values.items() if value is not None]


def _joined(evidence: Evidence) -> str:
    each = "".join(
        f"; {gone.tweets} tweets, Jaccard {gone.jaccard:.2f}" for gone in evidence.joined
    )
    return f"{METRICS['clusters_joined'].meaning}: {len(evidence.joined)}{each}."


def persona_figures(
    agreement: Agreement | None, distinct: Distinctness | None, screen: Screen
) -> list[Figure]:
    """Give the figures of the personas.

    Parameters
    ----------
    agreement
        How far names agree with members; None if it could not be measured, which gives no
        figure.
    distinct
        How well a classifier separates personas; None if that could not be measured, which
        gives no figure either.
    screen
        What was let through and what was withheld.
    """
    counts = screen.counts()
    parts = "; ".join(f"{part}: {n:,}" for part, n in counts.items()) or "none"
    # The number of texts that were looked at depends on names kept from earlier runs, so n is
    # the number of texts that were withheld.
    total = sum(counts.values())
    withheld = Figure(
        WITHHELD, float(total), total, detail=f"{METRICS[WITHHELD].meaning} ({parts})."
    )
    figures = [withheld]
    if distinct is not None:
        figures.insert(
            0,
            Figure(
                "distinct",
                distinct.least,
                len(distinct.neighbours),
                distinct.shuffled_mean,
                distinct.shuffled_p95,
            ),
        )
    if agreement is not None:
        figures.insert(
            0,
            Figure(
                "name_agreement",
                agreement.share,
                agreement.n_members,
                agreement.shuffled_mean,
                agreement.shuffled_p95,
            ),
        )
    return figures


def figure_table(figures: Iterable[Figure]) -> pd.DataFrame:
    """Give figures as the table `figures` stores them; NaN where something is missing."""
    frame = pd.DataFrame([figure.row() for figure in figures], columns=_COLUMNS)
    numbers = ["value", "null_mean", "null_p95"]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def read_figures(table: pd.DataFrame) -> dict[str, Figure]:
    """Read a table `figures`, by name; figures that only another version knows are left out."""
    rows = table.to_dict("records")
    return {row["figure"]: Figure.of_row(row) for row in rows if row["figure"] in METRICS}


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
        A row for each number, ascending; none if the method does not hold a number.
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
    """List each cluster's size, Jaccard and stability class.

    Parameters
    ----------
    evidence
        Of the reference fit.
    labels
        Its labels after assignment, shape (n,).
    """
    return pd.DataFrame(
        [
            (item.cluster, int((labels == item.cluster).sum()), item.jaccard, item.stability)
            for item in evidence.stability.clusters
        ],
        columns=["cluster", "tweet_count", "jaccard", "stability"],
    )
