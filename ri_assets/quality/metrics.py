"""The table of metrics, and the one form of a figure.

Belongs here: every name under which something is measured, with unit, direction, meaning
and null, declared once. Does not belong here: thresholds (the profile's gates), and what
is enforced (`ri_assets.quality.checks`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ri_assets.quality.units import Direction, Null, Unit


@dataclass(frozen=True)
class Metric:
    """One thing that is measured.

    Parameters
    ----------
    name, unit, better
        Its name, how its value is read, and which way is better.
    meaning
        What it is, in one sentence; stored with each value.
    null
        How its null is made.
    stored_in
        Asset whose table `figures` keeps it; None if a check computes it from the tables.
    is_headline
        Whether summaries and comparisons of snapshots show it.
    """

    name: str
    unit: Unit
    better: Direction
    meaning: str
    null: Null = Null.NONE
    stored_in: str | None = None
    is_headline: bool = False


def _stored(
    name: str,
    unit: Unit,
    meaning: str,
    better: Direction = Direction.HIGHER,
    null: Null = Null.NONE,
    *,
    is_headline: bool = False,
) -> Metric:
    """Give a metric of the clusters that is stored with them."""
    return Metric(name, unit, better, meaning, null, "clusters", is_headline)


def _spaces() -> Iterable[Metric]:
    """Give the variants of coherence, in three spaces."""
    spaces = {"": "umap_50d", "_fused": "fused", "_text": "text (as fused)"}
    for suffix, where in spaces.items():
        name = f"coherence{suffix}"
        meanings = {
            name: f"Coherence in the {where} space.",
            f"{name}_random": f"Random labels, {where}.",
            f"{name}_uncentred": f"Without centring, {where}.",
            f"{name}_uncentred_random": f"Random labels without centring, {where}.",
            f"{name}_core": f"Without assigned noise, {where}.",
        }
        for variant, meaning in meanings.items():
            if variant != "coherence":  # the one that is judged has a null
                better = Direction.NEITHER if variant.endswith("_random") else Direction.HIGHER
                yield _stored(variant, Unit.COSINE, meaning, better)


def _faults(meanings: Mapping[str, str]) -> Iterable[Metric]:
    for name, meaning in meanings.items():
        yield Metric(name, Unit.COUNT, Direction.LOWER, meaning)


WITHHELD = "withheld_texts"
"""Texts that may be private and were not shown."""

_JUDGED = (
    _stored(
        "coherence",
        Unit.COSINE,
        "Mean cosine of members to their centroid in umap_50d, corpus mean subtracted.",
        null=Null.RANDOM_DATA,
        is_headline=True,
    ),
    _stored(
        "resample_ari",
        Unit.AGREEMENT,
        "Mean ARI of whole reruns on draws with the reference, number of clusters held.",
        null=Null.RANDOM_DATA,
        is_headline=True,
    ),
    _stored(
        "seed_ari",
        Unit.AGREEMENT,
        "Mean pairwise ARI of whole reruns with new seeds.",
        null=Null.RANDOM_DATA,
        is_headline=True,
    ),
    _stored(
        "cluster_count",
        Unit.COUNT,
        "Clusters; of data without structure, as many as runs find there by themselves.",
        Direction.NEITHER,
        Null.RANDOM_DATA,
    ),
    _stored(
        "silhouette",
        Unit.COSINE,
        "Silhouette in umap_50d.",
        null=Null.RANDOM_DATA,
        is_headline=True,
    ),
    Metric(
        "name_agreement",
        Unit.SHARE,
        Direction.HIGHER,
        "Members held out from naming whose nearest persona name is their own persona's.",
        Null.SHUFFLED_NAMES,
        "personas_enriched",
    ),
    Metric(
        "distinct",
        Unit.SHARE,
        Direction.HIGHER,
        "Least balanced accuracy with which words tell held-out members of a persona from those "
        "of the one most like it.",
        Null.SHUFFLED_MEMBERS,
        "personas_enriched",
    ),
    Metric(
        "intake",
        Unit.SHARE,
        Direction.LOWER,
        "Share of the rows of tweets, or of replies if it is larger, that cannot be read; if an "
        "optional column is mostly unreadable, the share of its values.",
    ),
    Metric(
        "retention",
        Unit.SHARE,
        Direction.HIGHER,
        "Share of the tweets that denoising keeps, kept / (kept + dropped). What was left out at "
        "the source does not count.",
    ),
    Metric(
        "coverage",
        Unit.SHARE,
        Direction.HIGHER,
        "Share of the kept tweets that have a persona.",
        Null.RANDOM_DATA,
    ),
    Metric("size_ratio", Unit.RATIO, Direction.LOWER, "Largest persona over smallest."),
    *_faults(
        {
            "contract": "Breaches of the data contract: schema, order, ranges, uniqueness.",
            "conservation": "Rows that disappeared or appeared without a reason.",
            "drift": "Notable changes since the last published snapshot: a fall of coherence or "
            "resample ARI, and personas whose tweets changed.",
            "evidence": "Samples that must not be shown: the persona has too few authors, or "
            "one author appears twice.",
            "privacy": "Texts to be published in which independent detectors, or the list of the "
            "corpus's handles, find something private. Texts that were withheld and replaced do "
            "not count.",
            "lineage": "Broken rules of persona ids: each id is unique, each earlier persona is "
            "kept or retired, and no retired id is used again.",
            "continuity": "Published runs whose persona ids this run contradicts.",
            "exports": "Places where an export breaks its JSON Schema or differs from the Parquet.",
        }
    ),
)
_BESIDE = (
    _stored(
        "resample_ari_open",
        Unit.AGREEMENT,
        "The same where every rerun chooses its own number of clusters.",
    ),
    _stored("resample_ari_lift", Unit.AGREEMENT, "(ARI - null mean) / (1 - null mean)."),
    _stored("seed_ari_lift", Unit.AGREEMENT, "The same of the seed ARI."),
    _stored("resample_ami", Unit.AGREEMENT, "Resample agreement as AMI.", null=Null.RANDOM_DATA),
    _stored(
        "jaccard",
        Unit.SHARE,
        "Mean of the clusters' Jaccards with draws; the null's percentile is over clusters.",
        null=Null.RANDOM_DATA,
    ),
    _stored(
        "clusters_joined",
        Unit.COUNT,
        "Clusters that draws did not find again, joined to others",
        Direction.LOWER,
    ),
    *(
        _stored(
            f"cluster_count_{end}",
            Unit.COUNT,
            f"{most} clusters that a rerun chooses.",
            Direction.NEITHER,
            Null.RANDOM_DATA,
        )
        for end, most in (("min", "Fewest"), ("max", "Most"))
    ),
    *_spaces(),
    Metric(
        WITHHELD,
        Unit.COUNT,
        Direction.LOWER,
        "Texts in which the detectors of the check privacy found something that the cleaner had "
        "left; the next best were shown instead",
        stored_in="personas_enriched",
    ),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in (*_JUDGED, *_BESIDE)}
HEADLINES = tuple(metric.name for metric in METRICS.values() if metric.is_headline)


@dataclass(frozen=True)
class Figure:
    """One measured figure: the same from the run to the index and the benchmarks.

    Parameters
    ----------
    name
        A name of `METRICS`.
    value
        What was measured; None if it could not be.
    n
        Rows, tweets, pairs or draws behind it.
    null_mean, null_p95
        Mean and 95th percentile of the same figure on its null; None without one.
    detail
        What this value consists of; stored in place of the metric's meaning.
    facts
        Further values for the sentence of a check: shares as floats, counts as integers, or
        words. A missing fact leaves its part of the sentence out. `why` says why there is no
        value, and `instead` what to say in place of the sentence.
    details
        What a reader may want to see with a check; never text that people wrote.
    remedy
        What to do about this value when its check fails, if the check's own remedy is too
        general.
    """

    name: str
    value: float | None
    n: int
    null_mean: float | None = None
    null_p95: float | None = None
    detail: str = ""
    facts: Mapping[str, float | str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""

    @property
    def note(self) -> str:
        """What it is, in one sentence."""
        return self.detail or METRICS[self.name].meaning

    def row(self) -> dict[str, Any]:
        """Give what is stored of it: a row of a table `figures`, or an object of JSON."""
        return {
            "figure": self.name,
            "value": self.value,
            "null_mean": self.null_mean,
            "null_p95": self.null_p95,
            "n": self.n,
            "note": self.note,
        }

    @classmethod
    def of_row(cls, row: Mapping[Any, Any]) -> Figure:
        """Read what `row` gave; NaN, which a frame has for a missing number, is None."""
        name = str(row["figure"])
        value, mean, p95 = (_known(row[key]) for key in ("value", "null_mean", "null_p95"))
        detail = "" if row["note"] == METRICS[name].meaning else str(row["note"])
        return cls(name, value, int(row["n"]), mean, p95, detail)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def flat(figures: Iterable[Figure]) -> dict[str, float | None]:
    """Give values by name, with `…_null_mean` and `…_null_p95` where there is a null."""
    found: dict[str, float | None] = {}
    for figure in figures:
        found[figure.name] = figure.value
        if figure.null_p95 is not None:
            found[f"{figure.name}_null_mean"] = figure.null_mean
            found[f"{figure.name}_null_p95"] = figure.null_p95
    return found
