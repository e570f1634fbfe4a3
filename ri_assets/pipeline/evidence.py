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

from ri_assets.config import Profile, StabilitySettings
from ri_assets.errors import CorpusError, NoPersonasError
from ri_assets.pipeline.coherence import Coherence, coherence, measure_coherence, silhouette
from ri_assets.pipeline.cores import processes, run_all
from ri_assets.pipeline.fit import Fit, fit, minimum_tweets
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.joining import Joined, join_weak
from ri_assets.pipeline.null import NullVectors, lift
from ri_assets.pipeline.null_figures import NullFigures, Outcome, null_figures
from ri_assets.pipeline.stability import Rerun, Stability, measure_stability

Float32 = NDArray[np.float32]
Progress = Callable[[str], None]
Procedure = Callable[[Float32, Profile, int, int | None], Fit]
"""Makes a fit of fused vectors, a profile, a seed and the number of clusters, None where open."""

_NULLS = ("null seed", "null fit", "null draw")
# Tweets of all reruns together, from which processes save more time than they take to start:
# each must import anew what this one has ready, some seconds.
_WORTH_PROCESSES = 10_000


@dataclass(frozen=True)
class Evidence:
    """Everything that speaks for or against the clusters of one run.

    Parameters
    ----------
    joined
        Clusters of the reference that its draws did not find again.
    coherence, stability
        Of the tweets.
    null
        The same figures on data without structure.
    seed_lift, resample_lift
        Share of the way from the null's mean to 1.
    """

    joined: tuple[Joined, ...]
    coherence: Coherence
    stability: Stability
    null: NullFigures
    seed_lift: float
    resample_lift: float


@dataclass(frozen=True, eq=False)
class _Job:
    """One rerun: a name for the reader, the rows it sees, its seed, and which null if any."""

    name: str
    rows: NDArray[np.intp]
    seed: int
    null: int = 0


def gather(
    text: Float32,
    behavior: NDArray[np.floating],
    fused: Float32,
    reference: Fit,
    profile: Profile,
    *,
    progress: Progress,
    procedure: Procedure = fit,
) -> tuple[Fit, Evidence]:
    """Rerun everything with new seeds, on draws and on data without structure.

    Clusters of the reference that the draws do not find again are joined to others
    (`joining`), and all figures are those of what is left. The reruns stay as they were found.

    Every null draw is of structureless data of its own, compared with a fit of the whole of
    it: how much such data agree with themselves by luck differs from one to the next, and
    draws of a single one would not show it.

    Every rerun is the very procedure that made the reference; reruns on draws
    fuse anew. Only the number of clusters is not left open on structureless data: it is
    the reference's, because fewer groups agree better by luck, and left to itself the
    consensus finds few there. Reruns run in processes of their own, one for each core;
    those of a small corpus in this one.

    Parameters
    ----------
    text, behavior
        What `fused` was made from, shapes (n, 384) and (n, 36).
    fused
        Shape (n, 420).
    reference
        Its fit.
    profile
        Settings of the fit and of the reruns.
    progress
        Called with a short text about once a second.
    procedure
        What made the reference. Another than `fit` must be importable, since it runs in
        other processes.

    Returns
    -------
    reference
        What is left of it.
    evidence
        Of that.

    Raises
    ------
    NoPersonasError
        A draw has too few tweets for the settings.
    """
    _require_draws(len(fused), profile)
    settings, base = profile.stability, profile.reduce.seed
    n = len(fused)
    seeds = _seeded_jobs("new seed", settings.n_seeds, n, (base, 1))
    draws = _drawn_jobs("new draw", settings.n_draws, n, settings.draw_share, (base, 2))
    make_null = lru_cache(maxsize=1)(NullVectors(fused).draw)

    def vectors(job: _Job) -> Float32:
        if job.name == "new draw":
            return fuse(text[job.rows], behavior[job.rows], profile.fuse)
        return (fused if job.name == "new seed" else make_null(base + job.null))[job.rows]

    nulls = _null_jobs(settings, n, base)
    jobs = [*seeds, *draws, *nulls]
    tweets = sum(len(job.rows) for job in jobs)
    with nullcontext() if tweets < _WORTH_PROCESSES else processes(len(jobs)) as pool:

        def told(done: int) -> None:
            progress(f"{done} of {len(jobs)} reruns")

        real = run_all(
            pool,
            [*seeds, *draws],
            lambda job: partial(_rerun, procedure, profile, job, vectors(job)),
            told,
        )
        reseeded, redrawn = real[: len(seeds)], real[len(seeds) :]
        reference, joined = join_weak(reference, redrawn, profile)
        count = reference.clusters.count
        outcomes = run_all(
            pool,
            nulls,
            lambda job: partial(_null_rerun, procedure, profile, count, job, vectors(job)),
            lambda more: told(len(real) + more),
        )
    progress("measuring coherence and stability")
    stability = measure_stability(reference.clusters.labels, reseeded, redrawn)
    by_name = {
        name: [outcome for job, outcome in zip(nulls, outcomes, strict=True) if job.name == name]
        for name in _NULLS
    }
    null = null_figures(*(by_name[name] for name in _NULLS))
    return reference, Evidence(
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


def _null_jobs(settings: StabilitySettings, n: int, base: int) -> list[_Job]:
    """List new seeds on the first structureless data, then a fit and a draw of each in turn."""
    count = settings.n_null_draws
    fits = _seeded_jobs("null fit", count, n, (base, 5))
    draws = _drawn_jobs("null draw", count, n, settings.draw_share, (base, 4))
    pairs = [replace(job, null=i) for i in range(count) for job in (fits[i], draws[i])]
    return _seeded_jobs("null seed", settings.n_null_seeds, n, (base, 3)) + pairs


def _rerun(procedure: Procedure, profile: Profile, job: _Job, vectors: Float32) -> Rerun:
    """Fit tweets again. Only where each belongs is of use, so that no space need be made."""
    try:
        return Rerun(job.rows, procedure(vectors, profile, job.seed, None).clusters.labels)
    except CorpusError:
        return _nothing(job)


def _null_rerun(
    procedure: Procedure, profile: Profile, count: int, job: _Job, vectors: Float32
) -> Outcome:
    try:
        found = procedure(vectors, profile, job.seed, count)
    except CorpusError:
        return Outcome(_nothing(job), 0.0, 0.0, 1)
    space, labels = found.space(), found.clusters.labels
    return Outcome(
        Rerun(job.rows, labels),
        coherence(space, labels),
        silhouette(space, labels, job.seed),
        found.own_count,
    )


def _nothing(job: _Job) -> Rerun:
    """Give one cluster: finding nothing is an answer too, above all without structure."""
    return Rerun(job.rows, np.zeros(len(job.rows), dtype=np.int32))
