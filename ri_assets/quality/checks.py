"""The table of checks: what is enforced, the sentence of each outcome, and what to do.

Belongs here: asset, figure, threshold, severity and words of every check. Does not belong
here: how a figure is computed (`ri_assets.quality.measure`), how it is judged
(`ri_assets.quality.judge`), or a threshold's value (the profile's gates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ri_assets.config import GateSettings
from ri_assets.quality.metrics import METRICS, Metric
from ri_assets.records.assets import ASSETS

PUBLIC = ("personas_enriched", "ri_index_app")
"""Assets that readers, exports and applications see; the others hold the corpus itself."""

Bounds = tuple[float | None, float | None]


class Protects(StrEnum):
    """What a blocking check protects: that decides what its failure stops.

    A failure of any of them keeps the run from being published. If source, files or people
    are at stake, nothing downstream is computed either. If only the quality of the personas is
    in doubt, the run goes on and ends as a draft, so that there is something to look at.
    """

    QUALITY = "quality"
    """Whether personas are good enough. A person may judge otherwise and waive the gate."""
    SOURCE = "source"
    """Whether the whole source was read. A person may waive the gate."""
    FILES = "files"
    """The files that everything downstream uses."""
    PEOPLE = "people"
    """The people behind the tweets: a failure is not shown, not even as a draft."""
    IDS = "ids"
    """That an id keeps its meaning across runs."""


WHY_NO_WAIVER = {
    Protects.FILES: "everything downstream would use broken files",
    Protects.PEOPLE: "it protects the people who wrote the tweets",
    Protects.IDS: "one id would come to mean two personas",
}
"""Why a check cannot be waived, by what it protects."""


def _open(_: GateSettings) -> Bounds:
    return (None, None)


def _zero(_: GateSettings) -> Bounds:
    return (0, 0)


@dataclass(frozen=True)
class Check:
    """One check of one asset.

    Parameters
    ----------
    asset, name
        What is checked. Names are unique within an asset.
    sentence
        What the outcome says. Names in braces are filled in: `value`, `needs` (the threshold),
        `n`, `null_mean`, `null_p95`, and the facts of the figure. A part in square brackets is
        left out if something in it is missing.
    remedy
        What to do when the check fails.
    bounds
        Inclusive (low, high) from the profile's gates; None leaves a side open.
    is_blocking
        Whether failing keeps the run from being published.
    must_beat_null
        Whether the figure must also exceed the 95th percentile of its null.
    null_margin
        By how much it must exceed that percentile, from the profile's gates.
    protects
        What is at stake if a blocking check fails.
    judges
        Metric that is judged; the one with the check's name, if empty.
    guards
        What the check makes sure of; the metric's meaning, if empty.
    """

    asset: str
    name: str
    sentence: str
    remedy: str
    bounds: Callable[[GateSettings], Bounds] = _open
    is_blocking: bool = True
    must_beat_null: bool = False
    null_margin: Callable[[GateSettings], float] = lambda _: 0.0
    protects: Protects = Protects.QUALITY
    judges: str = ""
    guards: str = ""

    @property
    def metric(self) -> Metric:
        """What is judged."""
        return METRICS[self.judges or self.name]

    @property
    def why(self) -> str:
        """What the check makes sure of."""
        return self.guards or self.metric.meaning

    @property
    def is_gate(self) -> bool:
        """Whether a person may waive it."""
        return self.is_blocking and self.protects in {Protects.QUALITY, Protects.SOURCE}

    @property
    def stops_downstream(self) -> bool:
        """Whether failing also stops everything downstream, and keeps a draft from being shown."""
        return self.is_blocking and self.protects in {
            Protects.SOURCE,
            Protects.FILES,
            Protects.PEOPLE,
        }


_REPORT = "report this message, because the program is at fault"
_RUN_AGAIN = f"run the whole pipeline again; if it fails again, {_REPORT}"


def _no_faults(
    asset: str, name: str, sentence: str, remedy: str, protects: Protects, *, is_blocking: bool
) -> Check:
    """Give a check that counts faults and passes without any."""
    return Check(asset, name, sentence, remedy, _zero, is_blocking, protects=protects)


CHECKS: tuple[Check, ...] = (
    *(
        _no_faults(
            asset,
            "contract",
            "breaches of the data contract: {value} in {n} rows[: {found}]",
            _RUN_AGAIN,
            Protects.FILES,
            is_blocking=True,
        )
        for asset in ASSETS
    ),
    *(
        _no_faults(
            asset,
            "conservation",
            "rows lost or added without a reason: {value} of {n}",
            _RUN_AGAIN,
            Protects.FILES,
            is_blocking=True,
        )
        for asset in ASSETS
    ),
    Check(
        "raw_tweets",
        "intake",
        "{value} of the source cannot be read ({needs})[: {lost}][; columns that are mostly "
        "unreadable: {columns}]",
        "run `ri-index check SOURCE`, which shows columns and values; correct the source, or "
        "tell what a column means with --map and the zone of times with --timezone",
        lambda gates: (None, gates.unreadable_max),
        protects=Protects.SOURCE,
    ),
    Check(
        "denoised_tweets",
        "retention",
        "{value} of the tweets are left after denoising ({needs})[; the rule {rule} dropped "
        "most, {dropped} of {n}]",
        "read which rule dropped most; if you study such tweets, relax that rule under "
        "`denoise` in a copy of your profile, or waive the check",
        lambda gates: (gates.retention_min, None),
    ),
    Check(
        "clusters",
        "coverage",
        "{value} of the kept tweets have a persona ({needs})[; {core_share} were clustered "
        "directly, the others went to the nearest persona]",
        f"every kept tweet should get a persona: {_RUN_AGAIN}",
        lambda gates: (gates.coverage_min, None),
    ),
    Check(
        "clusters",
        "coherence",
        "tweets of one persona are {value} alike, from 0 for random groups to 1 for identical "
        "tweets ({needs})[; data without structure reaches {null_p95}]",
        "the groups overlap: read them in the draft, and collect more tweets or tweets on more "
        "subjects",
        lambda gates: (gates.coherence_min, None),
        must_beat_null=True,
        guards="Size-weighted mean cosine of tweets to the centroid of their persona in "
        "umap_50d, centred.",
    ),
    Check(
        "clusters",
        "resample_ari",
        "{value} of the grouping comes back in {n} reruns on random[ {draw_share}] samples "
        "({needs})[; data without structure reaches {null_p95}][; {left_open} comes back if "
        "each rerun chooses its own number of personas]",
        "the groups change when some tweets are left out: see in the draft which personas are "
        "stable, and collect more tweets",
        lambda gates: (gates.resample_ari_min, None),
        must_beat_null=True,
        null_margin=lambda gates: gates.resample_ari_margin,
        guards="Agreement with the reference (adjusted Rand index) when everything is rerun on "
        "random samples of the tweets, with the number of personas fixed. These samples did not "
        "choose that number.",
    ),
    Check(
        "clusters",
        "seed_ari",
        "{value} of the grouping comes back in reruns that differ only in the random seed "
        "({needs})[; data without structure reaches {null_p95}]",
        "some personas depend on chance: rely on those with a Jaccard of 0.60 or more "
        "(`ri-index quality` lists it)",
        lambda gates: (gates.seed_ari_min, None),
        is_blocking=False,
        guards="Agreement (adjusted Rand index) between reruns that differ only in the seed.",
    ),
    Check(
        "clusters",
        "silhouette",
        "personas are {value} apart, from 0 for overlapping to 1 for far apart ({needs})[; data "
        "without structure reaches {null_p95}]",
        "personas overlap: compare their terms before you act on the difference",
        lambda gates: (gates.silhouette_min, None),
        is_blocking=False,
        guards="Separation of the personas in umap_50d (silhouette, Euclidean).",
    ),
    Check(
        "clusters",
        "size_ratio",
        "the largest persona is {value} the size of the smallest ({needs})",
        "one persona holds most of the corpus: read it as the rest, not as an audience",
        lambda gates: (None, gates.size_ratio_max),
        is_blocking=False,
    ),
    _no_faults(
        "clusters",
        "drift",
        "notable changes[ since {before}]: {value}[; {changes}][; {context}]",
        "compare the snapshots with `ri-index diff OLD NEW` before anyone acts on personas "
        "that changed",
        Protects.QUALITY,
        is_blocking=False,
    ),
    Check(
        "personas_enriched",
        "persona_count",
        "{value} personas ({needs})[; the run found {found}, and people merged {merged} of "
        "them into others][; unstable groups merged into others: {joined}][; data "
        "without structure splits into {null_mean} on average]",
        "read the draft; for more personas collect more tweets or tweets on more subjects; if "
        "the number suits you, set `gates.personas_min` and `gates.personas_max` in a copy of "
        "your profile, or waive the check",
        lambda gates: (gates.personas_min, gates.personas_max),
        judges="cluster_count",
        guards="Number of personas, after merges by people; hidden ones count. A team can act on "
        "only so many.",
    ),
    Check(
        "personas_enriched",
        "name_agreement",
        "{value} of {n} tweets that took no part in naming are closest to the name of their own "
        "persona ({needs})[; with shuffled names {null_p95}]",
        "compare each name with the terms (`ri-index terms P01 --draft`), give fitting names "
        "with `ri-index rename`, and run again",
        lambda gates: (gates.name_agreement_min, None),
        must_beat_null=True,
        guards="Share of the tweets held out from naming whose nearest persona name (by "
        "embedding of name and focus) is their own persona's.",
    ),
    Check(
        "personas_enriched",
        "distinct",
        "words tell every persona from the one most like it in at least {value} of cases "
        "({needs})[; hardest to tell apart: {pair}][; with shuffled members {null_p95}]",
        "read the two side by side (`ri-index compare A B`): they are halves of one, so report "
        "them together",
        lambda gates: (gates.distinct_min, None),
        is_blocking=False,
        must_beat_null=True,
        guards="How well a plain classifier of words (naive Bayes, five folds) tells held-out "
        "members of each persona from those of the one most like it; the least of all.",
    ),
    _no_faults(
        "personas_enriched",
        "evidence",
        "samples that must not be shown: {value} of {n}",
        _REPORT,
        Protects.PEOPLE,
        is_blocking=True,
    ),
    *(
        _no_faults(
            asset,
            "privacy",
            "texts with something private: {value} of {n}[: {found}][; withheld and replaced "
            "before: {withheld}]",
            "the message names table or file, column and kind; add a firm's handle to "
            f"enrich.brands in your profile; for anything else {_REPORT}",
            Protects.PEOPLE,
            is_blocking=True,
        )
        for asset in PUBLIC
    ),
    _no_faults(
        "personas_enriched",
        "lineage",
        "broken rules of persona ids: {value} in a history of {n} events[: {found}]",
        _REPORT,
        Protects.IDS,
        is_blocking=True,
    ),
    _no_faults(
        "ri_index_app",
        "continuity",
        "runs whose ids differ from the published history: {value} of {n}[: {found}]",
        "another run was published meanwhile, or the pointer was moved: run again (in the UI: "
        "materialise personas_enriched and ri_index_app)",
        Protects.IDS,
        is_blocking=True,
    ),
    _no_faults(
        "ri_index_app",
        "exports",
        "faults in {n} export files: {value}[: {found}]",
        f"run again (in the UI: materialise ri_index_app); if it fails again, {_REPORT}",
        Protects.FILES,
        is_blocking=True,
    ),
)


def checks_of(asset: str) -> list[Check]:
    """Give the checks of one asset, in the table's order."""
    return [check for check in CHECKS if check.asset == asset]


def gate_names() -> tuple[str, ...]:
    """Names of the checks that a person may waive."""
    return tuple(dict.fromkeys(check.name for check in CHECKS if check.is_gate))
