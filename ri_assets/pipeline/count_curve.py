"""The number of clusters, chosen by the curve of stability over the number.

An ensemble can be cut at any number of clusters, which costs next to nothing compared with its
runs. So every random draw and every null data set is cut at every number, and the most stable
number wins. The draws that choose report no figure, because a figure that was chosen for being
high is biased upwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ri_assets.config import GateSettings
from ri_assets.pipeline.null_model import Baseline, baseline, lift
from ri_assets.pipeline.stability import Labels, Rerun, agreements, ari, cluster_stability


@dataclass(frozen=True)
class CurvePoint:
    """Stability at one number of clusters.

    Parameters
    ----------
    count
        The number at which the reference and every rerun are cut.
    resample_ari, standard_error
        Mean ARI of the choosing draws with the reference, and its standard error.
    null
        The same on data without structure cut at this number, one value for each data set.
    lift
        (ARI − null mean) / (1 − null mean).
    min_jaccard
        The lowest of the clusters' mean Jaccard indices with the draws.
    """

    count: int
    resample_ari: float
    standard_error: float
    null: Baseline
    lift: float
    min_jaccard: float

    def is_clear(self, gates: GateSettings) -> bool:
        """Whether the gates pass even one standard error lower, as they may on other draws."""
        return self.resample_ari - self.standard_error >= max(
            gates.resample_ari_min, self.null.p95 + gates.resample_ari_margin
        )


def count_curve(
    reference: Mapping[int, Labels],
    draws: Sequence[Rerun],
    nulls: Sequence[tuple[Rerun, Rerun]],
) -> tuple[CurvePoint, ...]:
    """Measure stability at every number.

    Parameters
    ----------
    reference
        Labels of all n tweets by number, clusters 0 to number − 1.
    draws
        At least two reruns on random draws of the tweets, cut at the same numbers.
    nulls
        For each null data set the run on all of it and the run on a draw of it.

    Returns
    -------
    One point for each number, ascending.
    """
    return tuple(
        measure_point(count, reference[count], draws, baseline(null_agreements(nulls, count)))
        for count in sorted(reference)
    )


def measure_point(
    count: int, reference: Labels, draws: Sequence[Rerun], null: Baseline
) -> CurvePoint:
    """Measure the stability of labels of `count` clusters against draws cut at as many."""
    held = [run.at(count) for run in draws]
    values = np.array(agreements(reference, held))
    return CurvePoint(
        count=count,
        resample_ari=float(values.mean()),
        standard_error=float(values.std(ddof=1) / np.sqrt(len(values))),
        null=null,
        lift=lift(float(values.mean()), null.mean),
        min_jaccard=min(item.jaccard for item in cluster_stability(reference, held)),
    )


def null_agreements(nulls: Sequence[tuple[Rerun, Rerun]], count: int) -> list[float]:
    """Give for each null data set the ARI of its run on a draw with its run on all of it."""
    return [ari(fit.at(count).labels[draw.rows], draw.at(count).labels) for fit, draw in nulls]


def choose(
    curve: Sequence[CurvePoint], min_jaccard: float, gates: GateSettings, previous: int | None
) -> int:
    """Choose the number of clusters.

    Only numbers that clear the gates are considered, if there are any, and of these only the
    numbers at which the draws find every cluster again, if there are any. The number with the
    highest lift wins. If the number of the last published snapshot is within a standard error
    of it, that number wins, so that reruns keep their personas.

    Parameters
    ----------
    curve
        At least one point.
    min_jaccard
        A cluster with at least this mean Jaccard index counts as found again.
    gates
        The gates on the resample ARI are used.
    previous
        Number of personas of the last published snapshot; None before the first.
    """
    clear = [point for point in curve if point.is_clear(gates)] or list(curve)
    found = [point for point in clear if point.min_jaccard >= min_jaccard] or clear
    best = max(found, key=lambda point: (point.lift, point.count))
    tolerance = best.standard_error / max(1 - best.null.mean, np.finfo(float).eps)
    close = {point.count for point in found if point.lift >= best.lift - tolerance}
    return previous if previous is not None and previous in close else best.count
