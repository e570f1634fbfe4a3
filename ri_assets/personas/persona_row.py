"""One row of the main table: a persona's figures gathered from all its tables.

Belongs here: sizes, tier, stability, and which figures stand in the main table.
Does not belong here: how any of those tables is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.config import EnrichSettings
from ri_assets.personas.advice import Hints
from ri_assets.personas.naming.namers import Name
from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.personas.rhythm import busiest_slot, peak_slot
from ri_assets.personas.sentences import key_insight
from ri_assets.records.personas import TIERS

_INTERVAL = 0.95


@dataclass(frozen=True, eq=False)
class Members:
    """What is known of one cluster.

    Parameters
    ----------
    clusters
        Its rows of the clusters: one for each member.
    vectors
        float32, shape (n_members, d): unit text vectors.
    authors
        int64, shape (n_members,): one number for each distinct author; none if unknown.
    corpus_count
        Tweets in the corpus.
    terms, emoji, traits, rhythm, samples, stability
        Its rows of these tables.
    corpus_author_count
        Distinct authors of the corpus.
    complaint_words
        Words of complaint that members use, most frequent first.
    growth
        Its row of `ri_assets.personas.growth.growth_table`.
    """

    clusters: pd.DataFrame
    vectors: NDArray[np.float32]
    authors: NDArray[np.int64] | None
    corpus_count: int
    terms: pd.DataFrame
    emoji: pd.DataFrame
    traits: pd.DataFrame
    rhythm: pd.DataFrame
    samples: pd.DataFrame
    stability: pd.DataFrame
    corpus_author_count: int
    complaint_words: list[str]
    growth: pd.DataFrame

    @property
    def share(self) -> float:
        """Members as a share of all tweets, 0 to 1."""
        return len(self.clusters) / self.corpus_count


def tier_of(share: float, settings: EnrichSettings) -> int:
    """1 (dominant), 2 (significant) or 3 (niche), by the share of all tweets."""
    if share >= settings.dominant_share:
        return 1
    return 2 if share >= settings.significant_share else 3


def persona_row(
    members: Members,
    name: Name,
    hints: Hints,
    settings: EnrichSettings,
    passes: Passes = everything,
) -> dict[str, Any]:
    """Columns of the contract `PERSONAS`, all but persona_id and timezone.

    Sentences of the insight that `passes` refuses are left out.
    """
    tier = tier_of(members.share, settings)
    measured = members.stability.iloc[0] if len(members.stability) else None
    return {
        "cluster": int(members.clusters["cluster"].iloc[0]),
        "tier": tier,
        "tier_label": TIERS[tier - 1],
        "tweet_count": len(members.clusters),
        "share": members.share,
        **_market(members),
        "core_count": int((~members.clusters["was_noise"].astype(bool)).sum()),
        "author_count": None if members.authors is None else len(np.unique(members.authors)),
        "is_author_known": members.authors is not None,
        "is_evidence_withheld": members.samples.empty,
        "jaccard": None if measured is None else float(measured["jaccard"]),
        "stability": None if measured is None else measured["stability"],
        "top_terms": members.terms["term"].tolist(),
        "top_emoji": members.emoji["term"].tolist(),
        "text_centroid": members.vectors.mean(axis=0),
        **_traits(members.traits),
        **_pain(members),
        **_growth(members),
        **_words(members, name, passes),
        "do_hints": list(hints.do),
        "dont_hints": list(hints.dont),
    }


def _market(members: Members) -> dict[str, float | None]:
    """Shares of the market: of tweets with an interval, and of authors."""
    from scipy.stats import binomtest  # loads slowly

    interval = binomtest(len(members.clusters), members.corpus_count).proportion_ci(
        _INTERVAL, method="wilson"
    )
    authors = members.authors
    return {
        "share_low": float(interval.low),
        "share_high": float(interval.high),
        "author_share": None
        if authors is None
        else len(np.unique(authors)) / members.corpus_author_count,
    }


def _pain(members: Members) -> dict[str, Any]:
    """Complaints against the corpus's, from the trait that measures them."""
    trait = members.traits[members.traits["trait"] == "complaint_share"].iloc[0]
    return {
        "complaint_lift": trait["lift"],
        "complaint_lift_low": trait["lift_low"],
        "complaint_lift_high": trait["lift_high"],
        "is_pain_point": bool(trait["lift_low"] > 1),
        "complaint_words": members.complaint_words,
    }


def _growth(members: Members) -> dict[str, Any]:
    """Trend with its figures, all but the cluster."""
    [row] = members.growth.drop(columns="cluster").to_dict("records")
    return {str(name): value for name, value in row.items()}


def _traits(traits: pd.DataFrame) -> dict[str, float]:
    """Means of the traits; counts carry avg_ before their name."""
    return {
        f"avg_{trait}" if trait.endswith("_count") else trait: value
        for trait, value in zip(traits["trait"], traits["value"], strict=True)
    }


def _words(members: Members, name: Name, passes: Passes) -> dict[str, Any]:
    """Name and insight, and the hours and days of peaks."""
    hours, days = (
        members.rhythm[members.rhythm["cycle"] == cycle] for cycle in ("hour", "weekday")
    )
    peak_hour, peak_day = peak_slot(hours), peak_slot(days)
    return {
        "name": name.name,
        "focus": name.focus,
        "key_insight": key_insight(
            name, members.share, members.terms, members.traits, peak_hour, passes
        ),
        "name_source": name.source,
        "is_catalogue_name": name.source == "catalogue",
        "name_evidence": list(name.evidence),
        "name_cosine": None if name.fit is None else name.fit.cosine,
        "hourly_share": hours["share"].tolist() or None,
        "peak_hour_local": peak_hour,
        "busiest_hour_local": busiest_slot(hours),
        "peak_weekday_local": peak_day,
        "busiest_weekday_local": busiest_slot(days),
    }
