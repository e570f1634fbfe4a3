"""Evidence: all figures of one fit, with what the same procedure gives without structure.

Belongs here: which reruns are made, and their distribution over the cores. Does
not belong here: how a figure is computed (`coherence`, `stability`, `null`), or
which value is good enough (the gates).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray

from ri_assets.config import Profile
from ri_assets.errors import CorpusError
from ri_assets.pipeline.coherence import Coherence, coherence, measure_coherence
from ri_assets.pipeline.fit import Fit, fit, minimum_tweets
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.null import Baseline, baseline, lift, matched_gaussian
from ri_assets.pipeline.stability import Labels, Rerun, Stability, measure_stability

Float32 = NDArray[np.float32]
Progress = Callable[[str], None]

_PULSE_SECONDS = 1.0


@dataclass(frozen=True)
class Evidence:
    """Everything that speaks for or against the clusters of one run.

    Parameters
    ----------
    coherence, stability
        Of the tweets.
    null_coherence
        Centred coherence in the reduced space, of every run on data without structure.
    null_seed_ari, null_resample_ari
        Seed ARI and resample ARI of such data.
    seed_lift, resample_lift
        Share of the way from the null's mean to 1.
    """

    coherence: Coherence
    stability: Stability
    null_coherence: Baseline
    null_seed_ari: Baseline
    null_resample_ari: Baseline
    seed_lift: float
    resample_lift: float


@dataclass(frozen=True, eq=False)
class _Job:
    """One rerun: a name for the reader, the rows it sees, and its seed."""

    name: str
    rows: NDArray[np.intp]
    seed: int


@dataclass(frozen=True, eq=False)
class _Outcome:
    rerun: Rerun
    coherence: float


def gather(
    text: Float32,
    behavior: NDArray[np.floating],
    fused: Float32,
    reference: Fit,
    profile: Profile,
    *,
    progress: Progress,
) -> Evidence:
    """Rerun everything with new seeds, on draws and on data without structure.

    Every rerun is the very procedure that made the reference; reruns on draws
    fuse anew. They run in processes of their own, one for each core.

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

    Raises
    ------
    CorpusError
        A draw has too few tweets for the settings.
    """
    _require_draws(len(fused), profile)
    settings, base = profile.stability, profile.reduce.seed
    n = len(fused)
    seeds = _seeded_jobs("new seed", settings.n_seeds, n, (base, 1))
    draws = _drawn_jobs("new draw", settings.n_draws, n, settings.draw_share, (base, 2))
    null = matched_gaussian(fused, base)
    null_seeds = _seeded_jobs("null seed", settings.n_null_seeds + 1, n, (base, 3))
    null_draws = _drawn_jobs("null draw", settings.n_null_draws, n, settings.draw_share, (base, 4))

    def drawn(job: _Job) -> Float32:
        return fuse(text[job.rows], behavior[job.rows], profile.fuse)

    work = (
        [(job, fused) for job in seeds]
        + [(job, drawn(job)) for job in draws]
        + [(job, null[job.rows]) for job in null_seeds + null_draws]
    )
    outcomes = _run_all(work, profile, progress)
    by_name = {
        name: [
            outcome for (job, _), outcome in zip(work, outcomes, strict=True) if job.name == name
        ]
        for name in ("new seed", "new draw", "null seed", "null draw")
    }
    reruns = {name: [outcome.rerun for outcome in found] for name, found in by_name.items()}
    progress("measuring coherence and stability")
    stability = measure_stability(reference.clusters.labels, reruns["new seed"], reruns["new draw"])
    without = measure_stability(
        reruns["null seed"][0].labels, reruns["null seed"][1:], reruns["null draw"]
    )
    null_seed, null_resample = (
        baseline(without.seed_ari_values),
        baseline(without.resample_ari_values),
    )
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
        null_coherence=baseline(
            [o.coherence for name in ("null seed", "null draw") for o in by_name[name]]
        ),
        null_seed_ari=null_seed,
        null_resample_ari=null_resample,
        seed_lift=lift(stability.seed_ari, null_seed.mean),
        resample_lift=lift(stability.resample_ari, null_resample.mean),
    )


def _require_draws(n: int, profile: Profile) -> None:
    drawn, needed = int(n * profile.stability.draw_share), minimum_tweets(profile)
    if drawn < needed:
        raise CorpusError(
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


def _run_all(
    work: list[tuple[_Job, Float32]], profile: Profile, progress: Progress
) -> list[_Outcome]:
    """Run every job on its vectors; outcomes in the order of the jobs."""
    with _pool(len(work)) as pool:
        futures = [pool.submit(_rerun, job, vectors, profile) for job, vectors in work]
        pending: set[Future[_Outcome]] = set(futures)
        while pending:
            progress(f"{len(work) - len(pending)} of {len(work)} reruns")
            _, pending = wait(pending, timeout=_PULSE_SECONDS, return_when=FIRST_COMPLETED)
            for future in futures:
                if future.done():
                    future.result()
        return [future.result() for future in futures]


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Open one process a core, started afresh: forks of a threaded parent can hang.

    After a failure, jobs that have not started are dropped.
    """
    pool = ProcessPoolExecutor(min(cpu_count(), jobs), mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _rerun(job: _Job, vectors: Float32, profile: Profile) -> _Outcome:
    try:
        found = fit(vectors, profile, job.seed)
    except CorpusError:
        # Finding nothing is an answer too, above all on data without structure.
        nothing: Labels = np.zeros(len(vectors), dtype=np.int32)
        return _Outcome(Rerun(job.rows, nothing), 0.0)
    return _Outcome(
        Rerun(job.rows, found.clusters.labels), coherence(found.space, found.clusters.labels)
    )
