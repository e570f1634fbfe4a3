"""The table of checks: asset, figure, threshold, severity, and why.

Belongs here: what is enforced and what a failing check tells its reader to do.
Does not belong here: how a figure is computed (`ri_assets.checks.figures`), or a
threshold's value (the profile's gates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ri_assets.checks.privacy import PUBLIC
from ri_assets.config import GateSettings
from ri_assets.records.assets import ASSETS

Bounds = tuple[float | None, float | None]


class Protects(StrEnum):
    """What a blocking check protects: that decides what its failure stops.

    A failure of any of them keeps the run from being published. Where source, files or people
    are at stake, nothing downstream is computed, either. Where only the quality of the personas is
    in doubt, the run goes on and ends as a draft, so that its reader has something to look at.
    """

    QUALITY = "quality"
    """Whether personas are good enough: a person may judge otherwise, and waive the gate."""
    SOURCE = "source"
    """Whether the source was read whole: nothing is computed from half of it unless a person
    waives the gate."""
    FILES = "files"
    """What everything downstream rests on."""
    PEOPLE = "people"
    """People behind the tweets: what fails here is not shown, not even as a draft."""
    IDS = "ids"
    """That an id means one persona for good."""


WHY_NO_WAIVER = {
    Protects.FILES: "what comes downstream would rest on broken files",
    Protects.PEOPLE: "it protects the people who wrote the tweets",
    Protects.IDS: "one id would come to mean two personas",
}
"""Why a check cannot be waived, by what it protects."""


@dataclass(frozen=True)
class Check:
    """One check of one asset.

    Parameters
    ----------
    asset, name
        What is checked. Names are unique within an asset.
    bounds
        Inclusive (low, high) from the profile's gates; None leaves a side open.
    is_blocking
        Whether failing keeps the run from being published.
    must_beat_null
        Whether the figure must also exceed the 95th percentile of its null.
    why, remedy
        What it guards, and what to do when it fails.
    protects
        What is at stake; of use where it blocks.
    null_margin
        By how much it must exceed that percentile, from the profile's gates.
    """

    asset: str
    name: str
    bounds: Callable[[GateSettings], Bounds]
    is_blocking: bool
    must_beat_null: bool
    why: str
    remedy: str
    protects: Protects = Protects.QUALITY
    null_margin: Callable[[GateSettings], float] = lambda _: 0.0

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


_RUN_AGAIN = (
    "run the whole pipeline again (in the UI: materialise all); if it fails again, the program "
    "is at fault: report this message"
)


def _zero(_: GateSettings) -> Bounds:
    return (0, 0)


CHECKS: tuple[Check, ...] = (
    *(
        Check(
            asset,
            "contract",
            _zero,
            is_blocking=True,
            must_beat_null=False,
            why="Breaches of the data contract: schema, order, ranges, uniqueness.",
            remedy=_RUN_AGAIN,
            protects=Protects.FILES,
        )
        for asset in ASSETS
    ),
    *(
        Check(
            asset,
            "conservation",
            _zero,
            is_blocking=True,
            must_beat_null=False,
            why="Rows that disappeared or appeared without a reason.",
            remedy=_RUN_AGAIN,
            protects=Protects.FILES,
        )
        for asset in ASSETS
    ),
    Check(
        "raw_tweets",
        "intake",
        lambda gates: (None, gates.unreadable_max),
        is_blocking=True,
        must_beat_null=False,
        why="Share of the rows of tweets, or of replies where it is larger, that cannot be read; "
        "where an optional column is mostly unreadable, the share of its values.",
        remedy="run `ri-index check SOURCE`, which shows columns and values; mend the source, "
        "or say what a column means with --map and in which zone times are with --timezone",
        protects=Protects.SOURCE,
    ),
    Check(
        "denoised_tweets",
        "retention",
        lambda gates: (gates.retention_min, None),
        is_blocking=True,
        must_beat_null=False,
        why="Share of the tweets kept by denoising, kept / (kept + dropped); what was left out at "
        "the source does not count. A corpus that is mostly noise gives no personas.",
        remedy="read which rule dropped most; if you study just such tweets, relax that rule "
        "under `denoise` in a copy of your profile, or waive the check",
    ),
    Check(
        "clusters",
        "coverage",
        lambda gates: (gates.coverage_min, None),
        is_blocking=True,
        must_beat_null=False,
        why="Share of kept tweets with a persona.",
        remedy="every kept tweet should get a persona: run again; if it fails again, the program "
        "is at fault: report this message",
    ),
    Check(
        "clusters",
        "coherence",
        lambda gates: (gates.coherence_min, None),
        is_blocking=True,
        must_beat_null=True,
        why="Size-weighted mean cosine to the cluster's centroid in umap_50d, centred.",
        remedy="the groups overlap: read them in the draft, and collect more tweets or tweets "
        "on more subjects",
    ),
    Check(
        "clusters",
        "resample_ari",
        lambda gates: (gates.resample_ari_min, None),
        is_blocking=True,
        must_beat_null=True,
        null_margin=lambda gates: gates.resample_ari_margin,
        why="Agreement with the reference when everything is rerun on 80 % draws, with the number "
        "of personas held and on draws that did not choose it.",
        remedy="the groups change when a fifth of the tweets is left out: read in the draft which "
        "of them hold, and collect more tweets",
    ),
    Check(
        "clusters",
        "seed_ari",
        lambda gates: (gates.seed_ari_min, None),
        is_blocking=False,
        must_beat_null=False,
        why="Agreement between reruns that differ in nothing but the seed.",
        remedy="some personas depend on chance: rely on those whose Jaccard is 0.60 or more "
        "(`ri-index quality` lists it)",
    ),
    Check(
        "clusters",
        "persona_count",
        lambda gates: (gates.personas_min, gates.personas_max),
        is_blocking=True,
        must_beat_null=False,
        why="Number of personas that a team can act on.",
        remedy="read the draft; for more personas collect more tweets or tweets on more subjects; "
        "if the number suits you, set `gates.personas_min` and `gates.personas_max` in a copy of "
        "your profile, or waive the check",
    ),
    Check(
        "clusters",
        "silhouette",
        lambda gates: (gates.silhouette_min, None),
        is_blocking=False,
        must_beat_null=False,
        why="Separation of the clusters in umap_50d (Euclidean).",
        remedy="personas overlap: compare their terms before acting on the difference",
    ),
    Check(
        "clusters",
        "size_ratio",
        lambda gates: (None, gates.size_ratio_max),
        is_blocking=False,
        must_beat_null=False,
        why="Largest persona over smallest.",
        remedy="one persona holds most of the corpus: read it as the rest, not as an audience",
    ),
    Check(
        "clusters",
        "drift",
        _zero,
        is_blocking=False,
        must_beat_null=False,
        why="Notable changes since the last published snapshot: coherence, resample ARI, "
        "personas that moved.",
        remedy="compare the snapshots with `ri-index diff OLD NEW` before anyone acts on the "
        "personas that moved",
    ),
    Check(
        "personas_enriched",
        "name_agreement",
        lambda gates: (gates.name_agreement_min, None),
        is_blocking=True,
        must_beat_null=True,
        why="Held-out members whose nearest persona name (by embedding of name and focus) is "
        "their own persona's, against shuffled names.",
        remedy="compare each name with the terms (`ri-index terms P01 --draft`), give fitting "
        "names with `ri-index rename`, and run again",
    ),
    Check(
        "personas_enriched",
        "evidence",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Samples of personas or by authors that must not be shown: too few distinct authors "
        "behind them, or one author twice.",
        remedy="the program chose samples against its rules: report this message",
        protects=Protects.PEOPLE,
    ),
    *(
        Check(
            asset,
            "privacy",
            _zero,
            is_blocking=True,
            must_beat_null=False,
            why="Texts about to be published in which a detector apart from the cleaner, or the "
            "list of the corpus's handles, finds something private. Such texts are withheld and "
            "the next best shown, so none should be left; the metadata count them.",
            remedy="the message names table or file, column and kind; a firm's handle belongs in "
            "the profile's enrich.brands, anything else is a fault of the program: report table, "
            "column and kind",
            protects=Protects.PEOPLE,
        )
        for asset in PUBLIC
    ),
    Check(
        "personas_enriched",
        "lineage",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Breaches of what ids promise: unique, every earlier persona kept or retired, none "
        "that was retired in use.",
        remedy="the program gave ids wrongly: report this message",
        protects=Protects.IDS,
    ),
    Check(
        "ri_index_app",
        "continuity",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Whether ids were matched with the snapshot that is published now.",
        remedy="another run was published meanwhile, or the pointer was moved: run again (in the "
        "UI: materialise personas_enriched and ri_index_app)",
        protects=Protects.IDS,
    ),
    Check(
        "ri_index_app",
        "exports",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Breaches of their JSON Schemas by the seven exports, and values in them that differ "
        "from the Parquet.",
        remedy="run again (in the UI: materialise ri_index_app); if it fails again, the program "
        "is at fault: report this message, which names file and field",
        protects=Protects.FILES,
    ),
)


def checks_of(asset: str) -> list[Check]:
    """Give the checks of one asset, in the table's order."""
    return [check for check in CHECKS if check.asset == asset]


def gate_names() -> tuple[str, ...]:
    """Names of the checks that a person may waive."""
    return tuple(dict.fromkeys(check.name for check in CHECKS if check.is_gate))
