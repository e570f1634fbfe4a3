"""The evidence for one clustering: reruns, and every figure beside its null.

`gather` reruns the whole fit with new seeds, on random draws of the tweets and on data
without structure, and measures what comes back. `coherence`, `stability` and `null_model`
compute the figures, and the gates decide which value is good enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.config import ConsensusSettings, Profile, StabilitySettings
from ri_assets.errors import CorpusError, NoPersonasError
from ri_assets.pipeline.bounds import SAMPLE_LIMIT
from ri_assets.pipeline.cluster import Clustering, minimum_tweets
from ri_assets.pipeline.coherence import Coherence, coherence, measure_coherence, silhouette
from ri_assets.pipeline.count_curve import CurvePoint, choose, count_curve
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.pipeline.fit import ConsensusClustering, fit
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.merge_unstable import Merged, merge_unstable
from ri_assets.pipeline.null_model import MatchedGaussian, NullFigures, NullRun, lift, null_figures
from ri_assets.pipeline.out_of_sample import drawn_rows
from ri_assets.pipeline.stability import Rerun, Stability, measure_stability

Float32 = NDArray[np.float32]
Progress = Callable[[str], None]
Procedure = Callable[[Float32, Profile, int], Clustering]
"""Clusters fused vectors by a profile and a seed; it chooses the number of clusters itself."""

# A silhouette compares all pairs, and the null takes one for each number of clusters and run.
# Only their mean and 95th percentile are used, for which a sample is exact enough.
_NULL_SILHOUETTE_LIMIT = 2_000
# Tweets in all reruns together from which processes save more time than their start costs, a
# few seconds of imports each. It changes no figure.
_WORTH_PROCESSES = 10_000


@dataclass(frozen=True)
class Evidence:
    """All figures for or against the clusters of one run.

    Parameters
    ----------
    curve
        Stability at each number of clusters, measured by the draws that choose the number;
        empty for a method that cannot be cut at a given number.
    joined
        Clusters that these draws did not find again and that were merged into others.
    coherence, stability
        Of the tweets.
    null
        The same figures on data without structure.
    seed_lift, resample_lift
        Share of the way from the null's mean to 1.
    """

    curve: tuple[CurvePoint, ...]
    joined: tuple[Merged, ...]
    coherence: Coherence
    stability: Stability
    null: NullFigures
    seed_lift: float
    resample_lift: float


@dataclass(frozen=True, eq=False)
class _Task:
    """One rerun: the rows it sees, its seed, and the null data set it runs on, if any.

    Of a null run on all rows, coherence and silhouette are measured too. They hardly differ
    between runs, and each takes as long as the rerun itself, because it needs the reduced space.
    """

    rows: NDArray[np.intp]
    seed: int
    null: int | None = None
    is_judged: bool = False


@dataclass(frozen=True)
class _Plan:
    """All reruns: of the tweets, then on data without structure."""

    seeds: list[_Task]
    draws: list[_Task]
    choosing_draws: list[_Task]
    null_seeds: list[_Task]
    null_fits: list[_Task]
    null_draws: list[_Task]

    @classmethod
    def of(cls, settings: StabilitySettings, n: int, base: int) -> _Plan:
        """Plan the reruns of n tweets; no two groups share a stream of random numbers."""
        share, n_null = settings.draw_share, settings.n_null_draws
        return cls(
            seeds=_on_all(_seeds((base, 1), settings.n_seeds), n),
            draws=_on_draws(_seeds((base, 2), settings.n_draws), n, share),
            choosing_draws=_on_draws(_seeds((base, 6), settings.n_choosing_draws), n, share),
            null_seeds=_on_all(_seeds((base, 3), settings.n_null_seeds), n, [0]),
            null_fits=_on_all(_seeds((base, 5), n_null), n, range(n_null), is_judged=True),
            null_draws=_on_draws(_seeds((base, 4), n_null), n, share, range(n_null)),
        )

    def tasks(self) -> list[_Task]:
        """List all tasks; those on the same null data set follow each other."""
        pairs = zip(self.null_fits, self.null_draws, strict=True)
        return [
            *self.seeds,
            *self.draws,
            *self.choosing_draws,
            *self.null_seeds,
            *(task for pair in pairs for task in pair),
        ]


def gather(
    text: Float32,
    behavior: NDArray[np.floating],
    fused: Float32,
    reference: Clustering,
    profile: Profile,
    *,
    progress: Progress,
    procedure: Procedure = fit,
    previous: int | None = None,
    engine: Engine = LOCAL,
) -> tuple[Clustering, Evidence]:
    """Rerun everything with new seeds, on random draws and on data without structure.

    The number of clusters is chosen by draws that serve nothing else (`count_curve`), and
    clusters that these draws do not find again are merged into others (`merge_unstable`). The
    number and the clusters are then fixed, and all figures rest on other draws.

    Every null draw uses a null data set of its own and is compared with a fit of all of it:
    how much such data agree with themselves by luck differs from one data set to the next, and
    draws of a single one would not show it.

    Every rerun uses the same procedure as the reference, and reruns on draws fuse anew. On one
    machine they run in one process for each core, or in this process if the corpus is small.

    Of more than `SAMPLE_LIMIT` tweets, a random sample is rerun in place of all, and everything
    is measured on it.

    Parameters
    ----------
    text, behavior
        What `fused` was made from, shapes (n, 384) and (n, 36).
    fused
        Shape (n, 420).
    reference
        Its clustering, at the number of clusters that the procedure chose.
    profile
        Settings of the fit and of the reruns.
    progress
        Called with a short text about once a second.
    procedure
        What made the reference. One other than `fit` must be importable, because it runs in
        other processes.
    previous
        Number of personas of the last published snapshot, if there is one.
    engine
        Runs the reruns.

    Returns
    -------
    clustering
        The same runs at the chosen number, with unstable clusters merged.
    evidence
        The evidence for that clustering.

    Raises
    ------
    NoPersonasError
        A draw has too few tweets for the settings.
    """
    _require_draws(len(fused), profile)
    settings, base = profile.stability, profile.reduce.seed
    cuts = _cuts(reference, profile)
    sample = drawn_rows(len(fused), SAMPLE_LIMIT, base)
    if (n := len(sample)) < len(fused):
        progress(f"measuring on a random sample of {n:,} of {len(fused):,} tweets")
        text, behavior, fused = text[sample], behavior[sample], fused[sample]
    plan = _Plan.of(settings, n, base)
    make_null = lru_cache(maxsize=1)(MatchedGaussian(fused).draw)

    def bind(task: _Task) -> Callable[[], Rerun]:
        if task.null is not None:
            vectors = make_null(base + task.null)[task.rows]
            run = _null_run if task.is_judged else _rerun
            return partial(run, procedure, profile, tuple(cuts), task, vectors)
        whole = len(task.rows) == n
        vectors = fused if whole else fuse(text[task.rows], behavior[task.rows], profile.fuse)
        return partial(_rerun, procedure, profile, tuple(cuts), task, vectors)

    runs = _run(plan.tasks(), bind, progress, engine)

    def of_tweets(tasks: list[_Task]) -> list[Rerun]:
        return [replace(run, rows=sample[run.rows]) for run in (runs[task] for task in tasks)]

    progress("choosing the number of clusters, measuring coherence and stability")
    null_fits = [run for task in plan.null_fits if isinstance(run := runs[task], NullRun)]
    null_seeds, null_draws = (
        [runs[task] for task in tasks] for tasks in (plan.null_seeds, plan.null_draws)
    )
    choosing = of_tweets(plan.choosing_draws)
    curve = count_curve(
        {count: cut.labels for count, cut in cuts.items()},
        choosing,
        list(zip(null_fits, null_draws, strict=True)),
    )
    chosen = reference
    if curve and isinstance(profile.cluster, ConsensusSettings):
        chosen = cuts[choose(curve, profile.cluster.min_jaccard, profile.gates, previous)]
    found, merged = merge_unstable(chosen, choosing, profile, curve)
    stability = measure_stability(
        found.labels, reference.labels, seeds=of_tweets(plan.seeds), draws=of_tweets(plan.draws)
    )
    null = null_figures(null_seeds, null_fits, null_draws, found.count)
    return found, Evidence(
        curve=curve,
        joined=merged,
        coherence=measure_coherence(
            found.among(sample), fused, text, n_random=settings.n_random_labels, seed=base
        ),
        stability=stability,
        null=null,
        seed_lift=lift(stability.seed_ari, null.seed_ari.mean),
        resample_lift=lift(stability.resample_ari, null.resample_ari.mean),
    )


def _cuts(reference: Clustering, profile: Profile) -> dict[int, Clustering]:
    """Cut the reference at every number of personas that the gates allow."""
    if not isinstance(profile.cluster, ConsensusSettings):
        return {}
    if not isinstance(reference, ConsensusClustering):
        return {}
    fewest = max(profile.gates.personas_min, profile.cluster.personas[0])
    most = min(profile.gates.personas_max, profile.cluster.personas[1])
    cuts = {count: reference.at(count) for count in range(fewest, most + 1)}
    return {count: cut for count, cut in cuts.items() if cut.count == count}


def _require_draws(n: int, profile: Profile) -> None:
    drawn, needed = int(n * profile.stability.draw_share), minimum_tweets(profile)
    if drawn < needed:
        raise NoPersonasError(
            f"draws of {drawn} from {n} tweets",
            f"at least {needed} tweets in a draw",
            "collect more tweets, or raise `stability.draw_share`",
        )


def _seeds(stream: tuple[int, int], count: int) -> list[int]:
    return [int(seed) for seed in np.random.SeedSequence(stream).generate_state(count)]


def _on_all(
    seeds: list[int], n: int, nulls: Sequence[int | None] = (None,), *, is_judged: bool = False
) -> list[_Task]:
    """Plan runs on all n rows; with one null data set or none, it serves every run."""
    return [
        _Task(np.arange(n), seed, nulls[i % len(nulls)], is_judged) for i, seed in enumerate(seeds)
    ]


def _on_draws(
    seeds: list[int], n: int, share: float, nulls: Sequence[int | None] = (None,)
) -> list[_Task]:
    """Plan runs on random draws without replacement, which their seeds decide."""
    tasks = []
    for i, seed in enumerate(seeds):
        rows = np.random.default_rng(seed).choice(n, int(n * share), replace=False)
        tasks.append(_Task(np.sort(rows), seed, nulls[i % len(nulls)]))
    return tasks


def _run(
    tasks: list[_Task],
    bind: Callable[[_Task], Callable[[], Rerun]],
    progress: Progress,
    engine: Engine,
) -> dict[_Task, Rerun]:
    """Run all tasks, in processes of their own if that is worth it."""
    runs = engine.run(
        tasks,
        bind,
        lambda done: progress(f"{done} of {len(tasks)} reruns"),
        is_worth_processes=sum(len(task.rows) for task in tasks) >= _WORTH_PROCESSES,
    )
    return dict(zip(tasks, runs, strict=True))


def _rerun(
    procedure: Procedure, profile: Profile, counts: tuple[int, ...], task: _Task, vectors: Float32
) -> Rerun:
    """Fit again, and cut at every number; no reduced space is computed.

    A run that finds nothing counts as one cluster.
    """
    try:
        found = procedure(vectors, profile, task.seed)
    except CorpusError:
        return Rerun(task.rows, np.zeros(len(task.rows), dtype=np.int32))
    return Rerun(task.rows, found.labels, {count: found.at(count).labels for count in counts})


def _null_run(
    procedure: Procedure, profile: Profile, counts: tuple[int, ...], task: _Task, vectors: Float32
) -> NullRun:
    """Fit data without structure, cut it at every number, and judge it in its own space."""
    try:
        found = procedure(vectors, profile, task.seed)
    except CorpusError:
        nothing = np.zeros(len(task.rows), dtype=np.int32)
        return NullRun(task.rows, nothing, coherence={None: 0.0}, silhouette={None: 0.0})
    held = {count: found.at(count).labels for count in counts}
    with threadpool_limits(1):  # the number of threads changes sums in their last bits
        space, cuts = found.space(), [(None, found.labels), *held.items()]
        return NullRun(
            task.rows,
            found.labels,
            held,
            coherence={count: coherence(space, labels) for count, labels in cuts},
            silhouette={
                count: silhouette(space, labels, task.seed, _NULL_SILHOUETTE_LIMIT)
                for count, labels in cuts
            },
        )
