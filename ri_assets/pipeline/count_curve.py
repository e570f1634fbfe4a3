"""The number of clusters, chosen by the evidence: the curve of stability over the number.

The runs of a consensus can be cut at any number, which costs next to nothing beside the runs
themselves. So every draw and every structureless data set is cut at every number, and the
number is chosen by what comes back. The draws that choose report nothing: a figure that was
chosen for being high flatters itself.

Belongs here: the curve, and the choice. Does not belong here: the reruns (`evidence`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ri_assets.config import GateSettings
from ri_assets.pipeline.null_model import Baseline, baseline, lift
from ri_assets.pipeline.stability import Labels, Rerun, agreement, agreements, cluster_stability


@dataclass(frozen=True)
class CurvePoint:
    """Stability at one number of clusters.

    Parameters
    ----------
    count
        The number, held in the reference and in every rerun.
    resample_ari, standard_error
        Mean over the choosing draws of the agreement with the reference, and its standard
        error.
    null
        The same agreement on structureless data cut at this number, one value a data set.
    lift
        (ARI − null mean) / (1 − null mean).
    min_jaccard
        The least of the clusters' mean Jaccards with the draws.
    """

    count: int
    resample_ari: float
    standard_error: float
    null: Baseline
    lift: float
    min_jaccard: float

    def is_clear(self, gates: GateSettings) -> bool:
        """Whether the gates are passed even a standard error lower, as other draws may be."""
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
        For each structureless data set the run on the whole and the run on a draw of it.

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
    """ARI of each structureless data set's run on a draw with its run on the whole."""
    return [
        agreement(whole.at(count).labels[draw.rows], draw.at(count).labels) for whole, draw in nulls
    ]


def choose(
    curve: Sequence[CurvePoint], min_jaccard: float, gates: GateSettings, previous: int | None
) -> int:
    """Choose the number of clusters.

    Numbers that clear the gates come first, if there are any, and among these the ones at which
    the draws find every cluster again. Of what is left, the number is taken whose stability is
    furthest above its null; within a standard error of it the number of the last published
    snapshot, so that reruns keep their personas.

    Parameters
    ----------
    curve
        At least one point.
    min_jaccard
        From which least Jaccard on all clusters of a number count as found again.
    gates
        Those on the resample ARI are looked at.
    previous
        Number of personas of the last published snapshot; None before the first.
    """
    clear = [point for point in curve if point.is_clear(gates)] or list(curve)
    found = [point for point in clear if point.min_jaccard >= min_jaccard] or clear
    best = max(found, key=lambda point: (point.lift, point.count))
    tolerance = best.standard_error / max(1 - best.null.mean, np.finfo(float).eps)
    close = {point.count for point in found if point.lift >= best.lift - tolerance}
    return previous if previous is not None and previous in close else best.count
