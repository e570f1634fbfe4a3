"""What each asset shows in the Dagster UI beside its figures: one picture, or persona cards.

This module imports Dagster, so a change of a picture is no new code version of an asset.

Belongs here: which tables of a run a picture is drawn from. Does not belong here: how it is
drawn (`ri_assets.pictures`).
"""

from __future__ import annotations

from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets import pictures
from ri_assets.assets.dagster_metadata import literal
from ri_assets.explorer.page import EXPLORER
from ri_assets.pipeline.reduce import principal
from ri_assets.records.manifest import Manifest
from ri_assets.ri_index.exports.names import EXPORTS
from ri_assets.store.tables import Tables

_LONGEST_QUOTE = 280


def funnel(raw_tweets: Tables, steps: pd.DataFrame) -> dg.MarkdownMetadataValue:
    """Show what was left out, unreadable, dropped by each rule, and kept."""
    intake = raw_tweets.frame("intake").iloc[0]
    return _image(
        pictures.funnel_png(
            int(intake["n_read"]),
            int(intake["n_left_out"] + intake["n_forgotten"]),
            int(intake["n_rejected"]),
            steps,
        ),
        "from the tweets in the source to those that are kept",
    )


def cosines(
    vectors: NDArray[np.float32], denoised_tweets: Tables, bar: float
) -> dg.MarkdownMetadataValue:
    """Show how similar tweets are to their nearest neighbour, around the near-duplicate bar."""
    dropped = denoised_tweets.frame("dropped")
    return _image(
        pictures.cosine_png(
            pictures.nearest_cosines(vectors),
            dropped.loc[dropped["rule"] == "near_duplicate", "score"],
            bar,
        ),
        "cosine of each tweet to the most similar other one",
    )


def features(values: pd.DataFrame) -> dict[str, Any]:
    """Show which behavioural features are known and how far they vary, as picture and table."""
    spread = pictures.features_table(values)
    return {
        "known_and_spread": _image(
            pictures.features_png(spread), "features that are known, and their spread"
        ),
        "spread": spread,
    }


def space(vectors: NDArray[np.float32]) -> dg.MarkdownMetadataValue:
    """Show the reduced space along its two longest directions."""
    return _image(
        pictures.space_png(principal(vectors, 2)),
        "tweets in the reduced space",
    )


def stability(table: pd.DataFrame, figures: pd.DataFrame) -> dg.MarkdownMetadataValue:
    """Show the size of each cluster and how much of it comes back, beside random data."""
    null = figures.loc[figures["figure"] == "jaccard", "null_p95"].dropna()
    return _image(
        pictures.stability_png(table, float(null.iloc[0]) if len(null) else None),
        "size and stability of each cluster",
    )


def count_curve(curve: pd.DataFrame) -> dict[str, Any]:
    """Show stability at each number of personas; nothing if no number was tried."""
    if curve.empty:
        return {}
    png = pictures.count_curve_png(curve)
    return {"count_curve": _image(png, "stability at each number of personas")}


def tweet_map(
    points: NDArray[np.float32], of_tweet: pd.DataFrame, personas: pd.DataFrame
) -> dg.MarkdownMetadataValue:
    """Show the explorer's map with the personas' names.

    Parameters
    ----------
    points
        Position of each tweet, in the order of `of_tweet`.
    of_tweet
        The table `tweet_personas`.
    personas
        The table `personas_enriched`.
    """
    ordered = _largest_first(personas)
    return _image(
        pictures.map_png(
            points,
            of_tweet["persona_id"].tolist(),
            dict(zip(ordered["persona_id"], ordered["name"], strict=True)),
        ),
        "map of all tweets, coloured by persona",
    )


def persona_cards(personas: pd.DataFrame, samples: pd.DataFrame) -> dg.MarkdownMetadataValue:
    """Show each persona with its size, stability, terms and one cleaned tweet.

    Parameters
    ----------
    personas, samples
        As they are stored, so without anything that is withheld.
    """
    best = samples.sort_values("rank").drop_duplicates("persona_id").set_index("persona_id")["text"]
    return dg.MetadataValue.md(
        "\n\n".join(
            _card({str(name): value for name, value in row.items()}, best.get(row["persona_id"]))
            for row in _largest_first(personas).to_dict("records")
        )
    )


def links(store: str, manifest: Manifest) -> dict[str, Any]:
    """Give a published snapshot's id, and where its explorer and exports are."""
    folder = f"{store}/snapshots/{manifest.snapshot}"
    written = [name for name in (EXPLORER, *EXPORTS) if name in manifest.files]
    return {
        "snapshot": manifest.snapshot,
        **{name: dg.MetadataValue.path(f"{folder}/{name}") for name in written},
    }


def _card(persona: dict[str, Any], quote: str | None) -> str:
    jaccard = persona["jaccard"]
    held = "" if pd.isna(jaccard) else f" · {persona['stability']} (Jaccard index {jaccard:.2f})"
    lines = [
        f"#### {persona['persona_id']} {literal(persona['name'])}",
        f"{persona['tweet_count']:,} tweets ({persona['share']:.0%}){held}",
        literal(persona["focus"]),
    ]
    if len(persona["top_terms"]):
        lines.append(f"Terms: {literal(', '.join(persona['top_terms']))}")
    if persona["is_evidence_withheld"] or quote is None:
        lines.append("No tweet is shown: too few different people wrote these.")
    else:
        cut = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[: _LONGEST_QUOTE - 1]}…"
        lines.append(f"> {literal(cut)}")
    return "\n\n".join(lines)


def _largest_first(personas: pd.DataFrame) -> pd.DataFrame:
    return personas.sort_values(["tweet_count", "persona_id"], ascending=[False, True])


def _image(png: bytes, text: str) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(pictures.markdown_image(png, text))
