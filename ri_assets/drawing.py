"""Drawing personas: their map, sizes, stability and hours, for notebooks and the Dagster UI.

matplotlib is loaded when something is drawn.

Belongs here: from values to a figure. Does not belong here: reading the values
(`ri_assets.ri_index.plots`, `ri_assets.assets.pictured`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ri_assets.pipeline.stability import HELD_FROM, STABLE_FROM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ri_assets.figure import PersonaFigure

BLUE, GREY, ORANGE = "#1d4ed8", "#9ca3af", "#c2410c"
MOST_DOTS = 5_000
# As the explorer colours personas (explorer/js/palette.js), largest first.
PERSONA_COLOURS = (
    "#0079f3", "#e75549", "#3d9e55", "#c28600", "#6d55aa", "#aa4961", "#1849b6", "#aa86b6",
    "#9e1800", "#314931", "#9286db", "#491849", "#794979", "#181886", "#610000",
)  # fmt: skip
_CLASSES = {"stable": "#0072b2", "doubtful": "#9a6700"}
_WEAK = "#b3261e"
_LONGEST_LABEL = 32
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw_map(
    points: NDArray[np.floating[Any]], personas: Sequence[str], names: Mapping[str, str]
) -> PersonaFigure:
    """Draw every tweet in the colour of its persona, with names.

    Parameters
    ----------
    points
        Positions on the map, shape (n, 2).
    personas
        Persona id of each tweet.
    names
        Name of each persona, largest persona first.
    """
    from ri_assets.figure import new_figure

    figure = new_figure(5.2)
    panel = figure.subplots()
    own = np.asarray(personas, dtype=object)
    is_drawn = np.zeros(len(points), dtype=bool)
    is_drawn[spaced(len(points), MOST_DOTS)] = True
    for place, (persona, name) in enumerate(names.items()):
        is_member = own == persona
        if not is_member.any():
            continue
        colour = PERSONA_COLOURS[place % len(PERSONA_COLOURS)]
        dots = points[is_member & is_drawn]
        panel.scatter(
            dots[:, 0],
            dots[:, 1],
            s=4,
            color=colour,
            linewidths=0,
            antialiaseds=False,
            label=label_of(persona, name),
        )
        middle = np.median(points[is_member], axis=0)
        panel.text(
            float(middle[0]),
            float(middle[1]),
            persona,
            color=colour,
            fontsize=9,
            weight="bold",
            ha="center",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )
    panel.set_aspect("equal", adjustable="datalim")
    panel.set_axis_off()
    handles, labels = panel.get_legend_handles_labels()
    legend = figure.legend(
        handles, labels, fontsize=7, loc="outside lower center", ncols=3, markerscale=3
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure


def draw_sizes(
    labels: Sequence[str],
    shares: Sequence[float],
    intervals: Sequence[tuple[float, float] | None],
    classes: Sequence[str | None],
) -> PersonaFigure:
    """Draw each persona's share of the tweets with its 95% interval, as far as it is known."""
    figure, panel = _of_personas(labels)
    places = range(len(labels))
    panel.barh(places, shares, color=stability_colours(classes), alpha=0.75)
    for place, interval in enumerate(intervals):
        if interval is not None:
            panel.plot(interval, [place, place], color="black", lw=1.2, marker="|", ms=5)
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    panel.set(xlabel="share of all tweets, with its 95% interval", xlim=(0, None))
    return figure


def draw_stability(
    labels: Sequence[str],
    jaccards: Sequence[float | None],
    classes: Sequence[str | None],
    null_p95: float | None,
) -> PersonaFigure:
    """Draw how much of each persona comes back in reruns, with thresholds and random data."""
    figure, panel = _of_personas(labels)
    stability_panel(panel, jaccards, classes, null_p95)
    figure.legend(
        *panel.get_legend_handles_labels(), fontsize=7, loc="outside lower center", ncols=3
    )
    return figure


def draw_hours(
    title: str,
    timezone: str,
    hours: tuple[Sequence[float], Sequence[float]],
    days: tuple[Sequence[float], Sequence[float]],
) -> PersonaFigure:
    """Draw at which hours and on which weekdays a persona's members write.

    Parameters
    ----------
    hours, days
        Share of its tweets in each slot, and the same of all tweets.
    """
    from ri_assets.figure import new_figure

    figure = new_figure(3.2)
    of_day, of_week = figure.subplots(1, 2, width_ratios=(3, 1.2), sharey=False)
    for panel, (own, everyone) in ((of_day, hours), (of_week, days)):
        places = np.arange(len(own))
        panel.bar(places, own, color=BLUE, alpha=0.75, label="this persona")
        panel.step(
            [*(places - 0.5), len(own) - 0.5],
            [*everyone, everyone[-1]],
            where="post",
            color=ORANGE,
            lw=1.5,
            label="all tweets",
        )
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        panel.tick_params(labelsize=8)
    of_day.set_xticks(range(0, 24, 3), [f"{hour}:00" for hour in range(0, 24, 3)])
    of_day.set_xlabel(f"hour ({timezone})", fontsize=8)
    of_day.set_ylabel("share of its tweets", fontsize=8)
    of_day.legend(fontsize=7)
    of_week.set_xticks(range(7), [day[0] for day in _DAYS])
    of_week.set_xlabel("weekday", fontsize=8)
    figure.suptitle(title, fontsize=10, parse_math=False)
    return figure


def stability_panel(
    panel: Axes,
    jaccards: Sequence[float | None],
    classes: Sequence[str | None],
    null_p95: float | None,
) -> None:
    """Draw a dot a line at how much of a group comes back, and what to compare it with."""
    values = [np.nan if jaccard is None else jaccard for jaccard in jaccards]
    panel.scatter(values, range(len(values)), color=stability_colours(classes), zorder=3)
    for value, label in ((HELD_FROM, "doubtful"), (STABLE_FROM, "stable")):
        panel.axvline(value, color=ORANGE, lw=1, ls=":", label=f"{label} from {value:g}")
    if null_p95 is not None and np.isfinite(null_p95):
        panel.axvline(
            null_p95, color=GREY, lw=2, ls="--", label="random data, 95th percentile of the mean"
        )
    panel.set(xlabel="Jaccard index in reruns", xlim=(0, 1.02))


def stability_colours(classes: Sequence[str | None]) -> list[str]:
    """Give the colour of each stability class; one that is missing counts as weak."""
    return [_CLASSES.get(one or "", _WEAK) for one in classes]


def label_of(persona: str, name: str) -> str:
    """Write a persona's id and name, shortened for a legend or an axis."""
    label = f"{persona} {name}"
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"


def spaced(n: int, most: int) -> NDArray[np.intp]:
    """Choose rows at even intervals: at most the given number of n."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.intp))


def _of_personas(labels: Sequence[str]) -> tuple[PersonaFigure, Axes]:
    """Make a figure with a line for each persona."""
    from ri_assets.figure import new_figure

    figure = new_figure(1.3 + 0.24 * len(labels))
    panel = figure.subplots()
    panel.set_yticks(range(len(labels)), labels, fontsize=8)
    for text in panel.get_yticklabels():
        text.set_parse_math(False)
    panel.invert_yaxis()
    return figure, panel
