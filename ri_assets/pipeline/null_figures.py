"""Every figure as it is on data without structure.

Belongs here: which reruns on such data give which figure. Does not belong here: the data
(`null`), or the reruns themselves (`evidence`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sklearn.metrics import adjusted_mutual_info_score

from ri_assets.pipeline.null_model import Baseline, baseline
from ri_assets.pipeline.stability import Rerun, agreement, cluster_stability


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one rerun found.

    Parameters
    ----------
    rerun
        Its rows and labels.
    coherence, silhouette
        In its own reduced space, by the number of clusters held; under 0 where the number is
        left open. 0.0 where it found no clusters.
    """

    rerun: Rerun
    coherence: Mapping[int, float]
    silhouette: Mapping[int, float]


@dataclass(frozen=True)
class NullFigures:
    """Figures of structureless data that are cut into as many clusters as the tweets.

    A method that holds no number is compared with what it finds there by itself.

    Parameters
    ----------
    coherence, silhouette
        Of every run.
    seed_ari
        Of pairs of runs on the same data with different seeds.
    resample_ari, resample_ami
        Of draws with the run on the whole of the same data.
    jaccard
        Of every cluster of these whole runs, with the draw's most similar one.
    count
        How many clusters every run finds where their number is left to it.
    """

    coherence: Baseline
    silhouette: Baseline
    seed_ari: Baseline
    resample_ari: Baseline
    resample_ami: Baseline
    jaccard: Baseline
    count: Baseline


def null_figures(
    reseeded: Sequence[Outcome],
    wholes: Sequence[Outcome],
    draws: Sequence[Outcome],
    count: int,
) -> NullFigures:
    """Compare the runs on structureless data among themselves.

    Parameters
    ----------
    reseeded
        Runs with new seeds on the data of the first of `wholes`.
    wholes
        Runs on all of some structureless data, each on data of its own.
    draws
        One run for each of `wholes`, on a draw of the same data.
    count
        Number of clusters at which they are compared.
    """
    runs = [*reseeded, *wholes, *draws]
    same_data = [run.rerun.at(count) for run in (wholes[0], *reseeded)]
    pairs = [
        (whole.rerun.at(count), draw.rerun.at(count))
        for whole, draw in zip(wholes, draws, strict=True)
    ]
    return NullFigures(
        coherence=baseline([_at(run.coherence, count) for run in runs]),
        silhouette=baseline([_at(run.silhouette, count) for run in runs]),
        seed_ari=baseline([agreement(a.labels, b.labels) for a, b in combinations(same_data, 2)]),
        resample_ari=baseline(
            [agreement(whole.labels[draw.rows], draw.labels) for whole, draw in pairs]
        ),
        resample_ami=baseline(
            [
                agreement(whole.labels[draw.rows], draw.labels, adjusted_mutual_info_score)
                for whole, draw in pairs
            ]
        ),
        jaccard=baseline([value for pair in pairs for value in _jaccards(*pair)]),
        count=baseline([run.rerun.count for run in runs]),
    )


def _at(by_count: Mapping[int, float], count: int) -> float:
    return by_count[count] if count in by_count else by_count[0]


def _jaccards(whole: Rerun, draw: Rerun) -> list[float]:
    """Of every cluster; 0 where either run separates nothing: all tweets are found in any draw."""
    if whole.count == 1 or draw.count == 1:
        return [0.0]
    return [cluster.jaccard for cluster in cluster_stability(whole.labels, [draw])]
