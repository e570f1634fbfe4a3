"""Evidence: all figures of one fit, with what the same procedure gives without structure.

Belongs here: which reruns are made, and what is made of them. Does not belong here:
how a figure is computed (`coherence`, `stability`, `null`), or which value is good
enough (the gates).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import ConsensusSettings, Profile, StabilitySettings
from ri_assets.errors import CorpusError, NoPersonasError
from ri_assets.pipeline.coherence import Coherence, coherence, measure_coherence, silhouette
from ri_assets.pipeline.count_curve import CurvePoint, choose, count_curve
from ri_assets.pipeline.fit import Fit, fit, minimum_tweets
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.merge_unstable import Joined, join_weak
from ri_assets.pipeline.null_figures import NullFigures, Outcome, null_figures
from ri_assets.pipeline.null_model import NullVectors, lift
from ri_assets.pipeline.process_pool import processes, run_all
from ri_assets.pipeline.stability import Rerun, Stability, measure_stability

Float32 = NDArray[np.float32]
Progress = Callable[[str], None]
Procedure = Callable[[Float32, Profile, int], Fit]
"""Makes a fit of fused vectors, a profile and a seed; the number of clusters is left open."""

_OPEN = 0  # in place of a number of clusters: the one that a run chooses by itself
_NULL_SILHOUETTE_LIMIT = 2_000  # one for each number and run: a sample is exact enough
# Tweets of all reruns together, from which processes save more time than they take to start:
# each must import anew what this one has ready, some seconds.
_WORTH_PROCESSES = 10_000


@dataclass(frozen=True)
class Evidence:
    """Everything that speaks for or against the clusters of one run.

    Parameters
    ----------
    curve
        Stability at each number of clusters, by the draws that choose; empty for a method that
        holds no number.
    joined
        Clusters of the reference that these draws did not find again.
    coherence, stability
        Of the tweets.
    null
        The same figures on data without structure.
    seed_lift, resample_lift
        Share of the way from the null's mean to 1.
    """

    curve: tuple[CurvePoint, ...]
    joined: tuple[Joined, ...]
    coherence: Coherence
    stability: Stability
    null: NullFigures
    seed_lift: float
    resample_lift: float


@dataclass(frozen=True, eq=False)
class _Job:
    """One rerun: what it serves, the rows it sees, its seed, and which null if any."""

    name: str
    rows: NDArray[np.intp]
    seed: int
    null: int | None = None


def gather(
    text: Float32,
    behavior: NDArray[np.floating],
    fused: Float32,
    reference: Fit,
    profile: Profile,
    *,
    progress: Progress,
    procedure: Procedure = fit,
    previous: int | None = None,
) -> tuple[Fit, Evidence]:
    """Rerun everything with new seeds, on draws and on data without structure.

    The number of clusters is chosen by draws that serve nothing else (`count_curve`), and
    clusters that these do not find again are joined to others (`joining`). Number and
    clusters are then held, and all figures rest on draws that chose nothing.

    Every null draw is of structureless data of its own, compared with a fit of the whole of
    it: how much such data agree with themselves by luck differs from one to the next, and
    draws of a single one would not show it.

    Every rerun is the very procedure that made the reference; reruns on draws fuse anew. They
    run in processes of their own, one for each core; those of a small corpus in this one.

    Parameters
    ----------
    text, behavior
        What `fused` was made from, shapes (n, 384) and (n, 36).
    fused
        Shape (n, 420).
    reference
        Its fit, with the number of clusters left open.
    profile
        Settings of the fit and of the reruns.
    progress
        Called with a short text about once a second.
    procedure
        What made the reference. Another than `fit` must be importable, since it runs in
        other processes.
    previous
        Number of personas of the last published snapshot, if there is one.

    Returns
    -------
    reference
        The same runs at the chosen number, joined.
    evidence
        Of that.

    Raises
    ------
    NoPersonasError
        A draw has too few tweets for the settings.
    """
    _require_draws(len(fused), profile)
    settings, base, n = profile.stability, profile.reduce.seed, len(fused)
    jobs = _jobs(settings, n, base)
    make_null = lru_cache(maxsize=1)(NullVectors(fused).draw)
    at = _cuts(reference, profile)

    def vectors(job: _Job) -> Float32:
        if job.null is not None:
            return make_null(base + job.null)[job.rows]
        if len(job.rows) == n:
            return fused
        return fuse(text[job.rows], behavior[job.rows], profile.fuse)

    def task(job: _Job) -> Callable[[], Outcome]:
        return partial(_rerun, procedure, profile, tuple(at), job, vectors(job))

    tweets = sum(len(job.rows) for job in jobs)
    with nullcontext() if tweets < _WORTH_PROCESSES else processes(len(jobs)) as pool:
        outcomes = run_all(pool, jobs, task, lambda done: progress(f"{done} of {len(jobs)} reruns"))
    progress("choosing the number of clusters, measuring coherence and stability")
    by_name: dict[str, list[Outcome]] = {job.name: [] for job in jobs}
    for job, outcome in zip(jobs, outcomes, strict=True):
        by_name[job.name].append(outcome)
    reruns = {name: [outcome.rerun for outcome in found] for name, found in by_name.items()}
    pairs = list(zip(reruns["null fit"], reruns["null draw"], strict=True))
    choosing = reruns["choosing draw"]
    left_open = reference.clusters.labels
    curve = count_curve({k: cut.clusters.labels for k, cut in at.items()}, choosing, pairs)
    if curve and isinstance(profile.cluster, ConsensusSettings):
        reference = at[choose(curve, profile.cluster.min_jaccard, profile.gates, previous)]
    reference, joined = join_weak(reference, choosing, profile, curve)
    stability = measure_stability(
        reference.clusters.labels, left_open, reruns["new seed"], reruns["new draw"]
    )
    null = null_figures(
        by_name["null seed"], by_name["null fit"], by_name["null draw"], reference.clusters.count
    )
    return reference, Evidence(
        curve=curve,
        joined=joined,
        coherence=measure_coherence(
            reference.space(),
            fused,
            text,
            reference.clusters,
            n_random=settings.n_random_labels,
            seed=base,
        ),
        stability=stability,
        null=null,
        seed_lift=lift(stability.seed_ari, null.seed_ari.mean),
        resample_lift=lift(stability.resample_ari, null.resample_ari.mean),
    )


def _cuts(reference: Fit, profile: Profile) -> dict[int, Fit]:
    """Cut the reference at every number of personas that the gates admit."""
    if not isinstance(profile.cluster, ConsensusSettings) or reference.agreed is None:
        return {}
    fewest = max(profile.gates.personas_min, profile.cluster.personas[0])
    most = min(profile.gates.personas_max, profile.cluster.personas[1])
    cuts = {count: reference.at(count) for count in range(fewest, most + 1)}
    return {count: cut for count, cut in cuts.items() if cut.clusters.count == count}


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


def _seeded_jobs(name: str, count: int, n: int, stream: tuple[int, int]) -> list[_Job]:
    return [_Job(name, np.arange(n), seed) for seed in _seeds(stream, count)]


def _drawn_jobs(name: str, count: int, n: int, share: float, stream: tuple[int, int]) -> list[_Job]:
    jobs = []
    for seed in _seeds(stream, count):
        rows = np.random.default_rng(seed).choice(n, int(n * share), replace=False)
        jobs.append(_Job(name, np.sort(rows), seed))
    return jobs


def _jobs(settings: StabilitySettings, n: int, base: int) -> list[_Job]:
    """List the reruns: of tweets, then on structureless data, each fitted whole and on a draw."""
    share, pairs = settings.draw_share, settings.n_null_draws
    fits = _seeded_jobs("null fit", pairs, n, (base, 5))
    draws = _drawn_jobs("null draw", pairs, n, share, (base, 4))
    reseeded = _seeded_jobs("null seed", settings.n_null_seeds, n, (base, 3))
    return [
        *_seeded_jobs("new seed", settings.n_seeds, n, (base, 1)),
        *_drawn_jobs("new draw", settings.n_draws, n, share, (base, 2)),
        *_drawn_jobs("choosing draw", settings.n_choosing_draws, n, share, (base, 6)),
        *(replace(job, null=0) for job in reseeded),
        *(replace(job, null=i) for i in range(pairs) for job in (fits[i], draws[i])),
    ]


def _rerun(
    procedure: Procedure, profile: Profile, counts: tuple[int, ...], job: _Job, vectors: Float32
) -> Outcome:
    """Fit again, and cut at every number.

    Finding nothing is an answer too, above all without structure: it is one cluster. Of
    tweets only where each belongs is of use, so that no space need be made.
    """
    try:
        found = procedure(vectors, profile, job.seed)
    except CorpusError:
        nothing = Rerun(job.rows, np.zeros(len(job.rows), dtype=np.int32))
        return Outcome(nothing, {_OPEN: 0.0}, {_OPEN: 0.0})
    held = {count: found.at(count).clusters.labels for count in counts}
    rerun = Rerun(job.rows, found.clusters.labels, held)
    if job.null is None:
        return Outcome(rerun, {}, {})
    space, labels = found.space(), {_OPEN: rerun.labels, **held}
    return Outcome(
        rerun,
        {count: coherence(space, cut) for count, cut in labels.items()},
        {
            count: silhouette(space, cut, job.seed, _NULL_SILHOUETTE_LIMIT)
            for count, cut in labels.items()
        },
    )
