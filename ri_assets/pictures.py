"""Plots that runs attach to their records: small, deterministic, without personal data."""

from __future__ import annotations

import base64
from io import BytesIO

import pandas as pd

_TWEETS, _NULL, _CHOSEN = "#1d4ed8", "#9ca3af", "#c2410c"


def count_curve_png(curve: pd.DataFrame) -> bytes:
    """Plot stability against the number of clusters, for the tweets and for random data.

    Parameters
    ----------
    curve
        The table `count_curve` of the asset `clusters`, at least one row.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    panel = figure.subplots()
    count, value, error = curve["clusters"], curve["resample_ari"], curve["standard_error"]
    panel.fill_between(count, value - error, value + error, color=_TWEETS, alpha=0.15, lw=0)
    panel.plot(count, value, color=_TWEETS, marker="o", label="your tweets (± standard error)")
    panel.plot(count, curve["null_mean"], color=_NULL, marker="o", label="random data, mean")
    panel.plot(count, curve["null_p95"], color=_NULL, ls="--", label="random data, 95th percentile")
    panel.plot(
        count, curve["min_jaccard"], color=_TWEETS, ls=":", label="your tweets, weakest cluster"
    )
    chosen = curve.loc[curve["is_chosen"], "clusters"]
    for number in chosen:
        panel.axvline(number, color=_CHOSEN, lw=1)
        panel.annotate(
            f"{number} chosen",
            (number, 1.0),
            xytext=(4, -10),
            textcoords="offset points",
            color=_CHOSEN,
            fontsize=9,
        )
    panel.set(
        xlabel="number of personas", ylabel="agreement of reruns", ylim=(0, 1.02), xticks=count
    )
    panel.grid(visible=True, alpha=0.3)
    panel.legend(fontsize=7, loc="lower left")
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=80, metadata={"Software": None})
    return picture.getvalue()


def markdown_image(png: bytes, text: str) -> str:
    """Embed a picture in Markdown, so that the Dagster UI shows it in place."""
    return f"![{text}](data:image/png;base64,{base64.b64encode(png).decode()})"
