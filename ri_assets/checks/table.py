"""The table of checks: asset, figure, threshold, severity, and why.

Belongs here: what is enforced and what a failing check tells its reader to do.
Does not belong here: how a figure is computed (`ri_assets.checks.figures`), or a
threshold's value (the profile's gates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ri_assets.checks.privacy import PUBLIC
from ri_assets.config import GateSettings
from ri_assets.contracts.assets import ASSETS

Bounds = tuple[float | None, float | None]


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
        Whether failing stops the stages behind it, and publication.
    must_beat_null
        Whether the figure must also exceed the 95th percentile of its null.
    why, remedy
        What it guards, and what to do when it fails.
    """

    asset: str
    name: str
    bounds: Callable[[GateSettings], Bounds]
    is_blocking: bool
    must_beat_null: bool
    why: str
    remedy: str


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
            remedy="materialise the asset again; if it persists, the code breaks its contract",
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
            remedy="materialise this asset and all upstream of it in one run",
        )
        for asset in ASSETS
    ),
    Check(
        "denoised_tweets",
        "retention",
        lambda gates: (gates.retention_min, None),
        is_blocking=True,
        must_beat_null=False,
        why="Share of raw tweets kept; a corpus that is mostly noise gives no personas.",
        remedy="see the funnel for the rule that took most; where retweets were collected, "
        "leave them out at the source (exclude_retweets)",
    ),
    Check(
        "clusters",
        "coverage",
        lambda gates: (gates.coverage_min, None),
        is_blocking=True,
        must_beat_null=False,
        why="Share of kept tweets with a persona.",
        remedy="every tweet should be assigned; materialise clusters again",
    ),
    Check(
        "clusters",
        "coherence",
        lambda gates: (gates.coherence_min, None),
        is_blocking=True,
        must_beat_null=True,
        why="Size-weighted mean cosine to the cluster's centroid in umap_50d, centred.",
        remedy="no stable personas in this corpus under this profile: try another profile, "
        "more tweets, or a corpus with more than one topic",
    ),
    Check(
        "clusters",
        "resample_ari",
        lambda gates: (gates.resample_ari_min, None),
        is_blocking=True,
        must_beat_null=True,
        why="Agreement with the reference when everything is rerun on 80 % draws.",
        remedy="no stable personas in this corpus under this profile: they change when a fifth "
        "of the tweets is left out; try another profile or more tweets",
    ),
    Check(
        "clusters",
        "seed_ari",
        lambda gates: (gates.seed_ari_min, None),
        is_blocking=False,
        must_beat_null=False,
        why="Agreement between reruns that differ in nothing but the seed.",
        remedy="read the persona Jaccards: which personas depend on the seed?",
    ),
    Check(
        "clusters",
        "persona_count",
        lambda gates: (gates.personas_min, gates.personas_max),
        is_blocking=True,
        must_beat_null=False,
        why="Number of personas that a team can act on.",
        remedy="no stable personas in this corpus under this profile: a corpus of one topic has "
        "no eight audiences; try another profile",
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
        remedy="see which personas moved and whether corpus or configuration changed, before "
        "anyone acts on the new ones",
    ),
    Check(
        "personas_enriched",
        "name_agreement",
        lambda gates: (gates.name_agreement_min, None),
        is_blocking=True,
        must_beat_null=True,
        why="Held-out members whose nearest persona name (by embedding of name and focus) is "
        "their own persona's, against shuffled names.",
        remedy="names do not follow from the members: compare them with the terms, and correct "
        "the override file or the catalogue",
    ),
    Check(
        "personas_enriched",
        "evidence",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Samples of personas or by authors that must not be shown: too few distinct authors "
        "behind them, or one author twice.",
        remedy="report it: samples were chosen against the rules; nothing was published",
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
            "the profile's enrich.brands; else materialise personas_enriched and ri_index_app "
            "again, and if it persists, report table, column and kind",
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
        remedy="report it: ids were given wrongly; nothing was published",
    ),
    Check(
        "ri_index_app",
        "continuity",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Whether ids were matched with the snapshot that is published now.",
        remedy="another run was published meanwhile, or the pointer was moved: materialise "
        "personas_enriched and ri_index_app again",
    ),
    Check(
        "ri_index_app",
        "exports",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Breaches of their JSON Schemas by the seven exports, and values in them that differ "
        "from the Parquet.",
        remedy="materialise ri_index_app again; if it persists, report it: the message names file "
        "and field",
    ),
)


def checks_of(asset: str) -> list[Check]:
    """Give the checks of one asset, in the table's order."""
    return [check for check in CHECKS if check.asset == asset]
