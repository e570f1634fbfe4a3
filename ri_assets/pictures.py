"""Pictures that the Dagster UI shows beside each asset: small, without text of any tweet.

The same tables always give the same bytes. matplotlib is loaded when a picture is drawn.

Belongs here: from the tables of a run to PNG bytes. Does not belong here: what notebooks draw
too (`ri_assets.drawing`), computing a figure that a table already has, and Dagster
(`ri_assets.assets`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.drawing import (
    BLUE,
    GREY,
    MOST_DOTS,
    ORANGE,
    PERSONA_COLOURS,
    draw_map,
    spaced,
    stability_colours,
    stability_panel,
)
from ri_assets.pipeline.features import FEATURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 80
_MOST_COMPARED = 1_000
_BLOCK = 250


def funnel_png(read: int, left_out: int, rejected: int, funnel: pd.DataFrame) -> bytes:
    """Draw how many tweets each step removed, from what the source held to what is kept.

    Parameters
    ----------
    read, left_out, rejected
        Top-level tweets in the source, and those of them that were left out or unreadable.
    funnel
        The table `funnel` of the asset `denoised_tweets`.
    """
    steps = [("in the source", read, 0)]
    dropped = zip(funnel["rule"], funnel["n_dropped"], strict=True)
    remaining = read
    for label, removed in (
        ("left out at the source", left_out),
        ("unreadable", rejected),
        *((f"dropped: {rule}", int(n)) for rule, n in dropped),
    ):
        remaining -= removed
        steps.append((label.replace("_", " "), remaining, removed))
    steps.append(("kept", remaining, 0))
    figure, panel = _panel(height=3.4)
    for place, (_, left, removed) in enumerate(steps):
        is_total = place in {0, len(steps) - 1}
        panel.barh(place, left, color=BLUE if is_total else GREY)
        panel.barh(place, removed, left=left, color=ORANGE)
        told = f"{left:,}" if is_total else f"−{removed:,}" if removed else "0"
        panel.text(left + removed, place, f" {told}", va="center", fontsize=8)
    panel.set_yticks(range(len(steps)), [label for label, *_ in steps], fontsize=8)
    panel.invert_yaxis()
    panel.set(xlabel="tweets", xlim=(0, 1.15 * max(read, 1)))
    return _png(figure)


def nearest_cosines(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute each vector's cosine to the most similar other one.

    At most 1,000 evenly spaced vectors are compared, each with all others.

    Parameters
    ----------
    vectors
        Unit vectors, shape (n, d).
    """
    n = len(vectors)
    if n < 2:  # noqa: PLR2004
        return np.empty(0, dtype=np.float32)
    rows = spaced(n, _MOST_COMPARED)
    found = []
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        cosine = vectors[block] @ vectors.T
        cosine[np.arange(len(block)), block] = -1
        found.append(cosine.max(axis=1))
    return np.concatenate(found)


def cosine_png(nearest: NDArray[np.float32], dropped: pd.Series[float], bar: float) -> bytes:
    """Draw how similar tweets are to their nearest neighbour, around the near-duplicate bar.

    Parameters
    ----------
    nearest
        Of kept tweets, as `nearest_cosines` gives them.
    dropped
        Cosines of the tweets that were dropped as near duplicates.
    bar
        Tweets above this cosine are near duplicates.
    """
    figure, panel = _panel()
    low = min(0.2, float(nearest.min(initial=1.0)))
    steps = np.arange(bar, low - 0.025, -0.025)[::-1]
    bins = [*map(float, steps), bar + (1 - bar) / 2, 1.0]
    kept = np.clip(nearest, None, 1)
    panel.hist(kept, bins=bins, color=BLUE, label=f"kept tweets ({len(kept):,} measured)")
    repeats = np.clip(dropped.to_numpy(dtype=float), None, 1)
    panel.hist(
        repeats, bins=bins, color=ORANGE, label=f"dropped as near duplicates ({len(repeats):,})"
    )
    panel.axvline(bar, color=ORANGE, lw=1, ls="--", label=f"bar: {bar:g}")
    panel.set(xlabel="cosine to the most similar other tweet", ylabel="tweets", xlim=(low, 1.0))
    panel.legend(fontsize=7, loc="upper left")
    return _png(figure)


def features_table(features: pd.DataFrame) -> pd.DataFrame:
    """List how often each behavioural feature is known, and its 5th, 50th and 95th percentile."""
    rows = []
    for feature in FEATURES:
        values = features[feature.name].dropna().to_numpy(dtype=float)
        spread = np.percentile(values, [5, 50, 95]) if len(values) else [None] * 3
        known = len(values) / max(len(features), 1)
        rows.append((feature.name, feature.group, feature.unit, known, *spread))
    return pd.DataFrame(
        rows, columns=["feature", "group", "unit", "known", "low_5", "median", "high_95"]
    )


def features_png(spread: pd.DataFrame) -> bytes:
    """Draw which behavioural features are known, and how far each varies.

    Parameters
    ----------
    spread
        As `features_table` gives it.
    """
    figure, panel = _panel(height=6.4)
    groups = list(dict.fromkeys(spread["group"]))
    for place, row in enumerate(spread.to_dict("records")):
        colour = PERSONA_COLOURS[groups.index(row["group"])]
        panel.barh(place, row["known"], color=colour, alpha=0.25)
        if row["known"]:
            size = max(abs(row["low_5"]), abs(row["high_95"]))
            low, middle, high = (
                0.5 + 0.5 * row[name] / size if size and row["low_5"] < 0 else
                row[name] / size if size else 0.0
                for name in ("low_5", "median", "high_95")
            )  # fmt: skip
            panel.plot([low, high], [place, place], color=colour, lw=2)
            panel.plot([middle], [place], color=colour, marker="o", ms=4)
        told = f" {row['known']:.0%}" if row["known"] else " missing"
        panel.text(1, place, told, va="center", fontsize=7)
    panel.set_yticks(range(len(spread)), spread["feature"], fontsize=7)
    panel.set(xlim=(0, 1.14), xticks=[], ylim=(len(spread) - 0.4, -0.6))
    panel.set_xlabel(
        "bar: share of tweets with a value · line: 5% to 95% of the values, dot: median, each "
        "in its own scale",
        fontsize=7,
    )
    return _png(figure)


def space_png(points: NDArray[np.floating[Any]]) -> bytes:
    """Draw tweets without labels, so that one can see whether they form groups.

    Parameters
    ----------
    points
        Shape (n, 2) or, for a single dimension, (n, 1).
    """
    figure, panel = _panel(height=4.4)
    rows = spaced(len(points), MOST_DOTS)
    panel.scatter(
        points[rows, 0], points[rows, -1], s=3, color=BLUE, linewidths=0, antialiaseds=False
    )
    panel.set(xticks=[], yticks=[], xlabel="first principal component", ylabel="second")
    return _png(figure)


def stability_png(stability: pd.DataFrame, null_p95: float | None) -> bytes:
    """Draw the size of each cluster, and how much of it comes back in reruns.

    Parameters
    ----------
    stability
        The table `stability` of the asset `clusters`.
    null_p95
        95th percentile of the mean Jaccard index on data without structure, if known.
    """
    from ri_assets.figure import new_figure

    ordered = stability.sort_values(["tweet_count", "cluster"], ascending=[False, True])
    places = range(len(ordered))
    figure = new_figure(1.4 + 0.22 * len(ordered))
    sizes, returns = figure.subplots(1, 2, sharey=True)
    classes = ordered["stability"].tolist()
    sizes.barh(places, ordered["tweet_count"], color=stability_colours(classes))
    sizes.set_yticks(places, [f"cluster {n}" for n in ordered["cluster"]], fontsize=8)
    sizes.invert_yaxis()
    sizes.set_xlabel("tweets")
    stability_panel(returns, ordered["jaccard"].tolist(), classes, null_p95)
    figure.legend(
        *returns.get_legend_handles_labels(), fontsize=7, loc="outside lower center", ncols=3
    )
    return _png(figure)


def count_curve_png(curve: pd.DataFrame) -> bytes:
    """Plot stability against the number of clusters, for the tweets and for random data.

    Parameters
    ----------
    curve
        The table `count_curve` of the asset `clusters`, at least one row.
    """
    figure, panel = _panel()
    count, value, error = curve["clusters"], curve["resample_ari"], curve["standard_error"]
    panel.fill_between(count, value - error, value + error, color=BLUE, alpha=0.15, lw=0)
    panel.plot(count, value, color=BLUE, marker="o", label="your tweets (± standard error)")
    panel.plot(count, curve["null_mean"], color=GREY, marker="o", label="random data, mean")
    panel.plot(count, curve["null_p95"], color=GREY, ls="--", label="random data, 95th percentile")
    panel.plot(
        count, curve["min_jaccard"], color=BLUE, ls=":", label="your tweets, weakest cluster"
    )
    chosen = curve.loc[curve["is_chosen"], "clusters"]
    for number in chosen:
        panel.axvline(number, color=ORANGE, lw=1)
        panel.annotate(
            f"{number} chosen",
            (number, 1.0),
            xytext=(4, -10),
            textcoords="offset points",
            color=ORANGE,
            fontsize=9,
        )
    panel.set(
        xlabel="number of personas", ylabel="agreement of reruns", ylim=(0, 1.02), xticks=count
    )
    panel.grid(visible=True, alpha=0.3)
    panel.legend(fontsize=7, loc="lower left")
    return _png(figure)


def map_png(
    points: NDArray[np.floating[Any]], personas: Sequence[str], names: Mapping[str, str]
) -> bytes:
    """Draw the explorer's map; parameters as of `ri_assets.drawing.draw_map`."""
    return _png(draw_map(points, personas, names))


def markdown_image(png: bytes, text: str) -> str:
    """Embed a picture in Markdown, so that the Dagster UI shows it in place."""
    return f"![{text}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _panel(height: float = 3.6) -> tuple[Figure, Axes]:
    from ri_assets.figure import new_figure

    figure = new_figure(height)
    return figure, figure.subplots()


def _png(figure: Figure) -> bytes:
    from ri_assets.figure import png_of

    return png_of(figure, _DPI)
