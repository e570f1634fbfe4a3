"""The table of checks: asset, figure, threshold, severity, and why.

Belongs here: what is enforced and what a failing check tells its reader to do.
Does not belong here: how a figure is computed (`ri_assets.checks.figures`), or a
threshold's value (the profile's gates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
        why="Separation of the clusters in umap_50d (cosine).",
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
        lambda _: (None, None),
        is_blocking=False,
        must_beat_null=True,
        why="Held-out members whose nearest persona name is their own persona's, against "
        "shuffled names.",
        remedy="names do not follow from the members: read the terms before using the names",
    ),
    Check(
        "personas_enriched",
        "evidence",
        _zero,
        is_blocking=True,
        must_beat_null=False,
        why="Shown samples that hold a raw author handle, or stand for too few authors.",
        remedy="report it: the privacy cleaner missed something; nothing was published",
    ),
)


def checks_of(asset: str) -> list[Check]:
    """Give the checks of one asset, in the table's order."""
    return [check for check in CHECKS if check.asset == asset]
