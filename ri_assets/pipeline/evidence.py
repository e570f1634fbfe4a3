"""Evidence: all figures of one fit, with what the same procedure gives without structure.

Belongs here: which reruns are made, and their distribution over the cores. Does
not belong here: how a figure is computed (`coherence`, `stability`, `null`), or
which value is good enough (the gates).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from multiprocessing import get_context, parent_process
from signal import SIG_IGN, SIGINT, signal
from threading import Thread

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray

from ri_assets.config import Profile, StabilitySettings
from ri_assets.errors import CorpusError, NoPersonasError
from ri_assets.pipeline.coherence import Coherence, coherence, measure_coherence, silhouette
from ri_assets.pipeline.fit import Fit, fit, minimum_tweets
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.null import NullVectors, lift
from ri_assets.pipeline.null_figures import NullFigures, Outcome, null_figures
from ri_assets.pipeline.stability import Labels, Rerun, Stability, measure_stability

Float32 = NDArray[np.float32]
Progress = Callable[[str], None]
Procedure = Callable[[Float32, Profile, int, int | None], Fit]
"""Makes a fit of fused vectors, a profile, a seed and the number of clusters, None where open."""

_NULLS = ("null seed", "null fit", "null draw")
_PULSE_SECONDS = 1.0
# Tweets of all reruns together, from which processes save more time than they take to start:
# each must import and compile anew what this one has ready, about ten seconds.
_WORTH_PROCESSES = 10_000


@dataclass(frozen=True)
class Evidence:
    """Everything that speaks for or against the clusters of one run.

    Parameters
    ----------
    coherence, stability
        Of the tweets.
    null
        The same figures on data without structure.
    seed_lift, resample_lift
        Share of the way from the null's mean to 1.
    """

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
) -> Evidence:
    """Rerun everything with new seeds, on draws and on data without structure.

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

    jobs = [*seeds, *draws, *_null_jobs(settings, n, base)]
    rerun = partial(_rerun, procedure, profile, reference.clusters.count)
    outcomes = _run_all(jobs, vectors, rerun, progress)
    by_name = {
        name: [outcome for job, outcome in zip(jobs, outcomes, strict=True) if job.name == name]
        for name in ("new seed", "new draw", *_NULLS)
    }
    progress("measuring coherence and stability")
    reseeded, redrawn = ([o.rerun for o in by_name[name]] for name in ("new seed", "new draw"))
    stability = measure_stability(reference.clusters.labels, reseeded, redrawn)
    null = null_figures(*(by_name[name] for name in _NULLS))
    return Evidence(
        coherence=measure_coherence(
            reference.space,
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


def _run_all(
    jobs: list[_Job],
    vectors: Callable[[_Job], Float32],
    rerun: Callable[[_Job, Float32], Outcome],
    progress: Progress,
) -> list[Outcome]:
    """Run every job on its vectors; outcomes in the order of the jobs.

    Vectors are made when a process is about to be free, so that memory holds those
    of a few jobs only.
    """
    if sum(len(job.rows) for job in jobs) < _WORTH_PROCESSES:
        return list(_run_here(jobs, vectors, rerun, progress))
    ahead = 2 * cpu_count()
    outcomes: dict[int, Outcome] = {}
    pending: dict[Future[Outcome], int] = {}
    waiting = iter(enumerate(jobs))
    with _pool(len(jobs)) as pool:
        while len(outcomes) < len(jobs):
            for number, job in islice(waiting, ahead - len(pending)):
                pending[pool.submit(rerun, job, vectors(job))] = number
            progress(f"{len(outcomes)} of {len(jobs)} reruns")
            done, _ = wait(pending, timeout=_PULSE_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                outcomes[pending.pop(future)] = future.result()
    return [outcomes[number] for number in range(len(jobs))]


def _run_here(
    jobs: list[_Job],
    vectors: Callable[[_Job], Float32],
    rerun: Callable[[_Job, Float32], Outcome],
    progress: Progress,
) -> Iterator[Outcome]:
    for number, job in enumerate(jobs):
        progress(f"{number} of {len(jobs)} reruns")
        yield rerun(job, vectors(job))


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Open one process a core, started afresh: forks of a threaded parent can hang.

    After a failure, jobs that have not started are dropped.
    """
    pool = ProcessPoolExecutor(
        min(cpu_count(), jobs), mp_context=get_context("spawn"), initializer=_follow_parent
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent, finishing the job in silence; and end where it was killed.

    A killed parent closes no pool, whose processes would wait for work for ever.
    """
    signal(SIGINT, SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _rerun(
    procedure: Procedure, profile: Profile, null_count: int, job: _Job, vectors: Float32
) -> Outcome:
    try:
        found = procedure(vectors, profile, job.seed, null_count if job.name in _NULLS else None)
    except CorpusError:
        # Finding nothing is an answer too, above all on data without structure.
        nothing: Labels = np.zeros(len(vectors), dtype=np.int32)
        return Outcome(Rerun(job.rows, nothing), 0.0, 0.0, 1)
    labels = found.clusters.labels
    return Outcome(
        Rerun(job.rows, labels),
        coherence(found.space, labels),
        silhouette(found.space, labels, job.seed),
        found.own_count,
    )
