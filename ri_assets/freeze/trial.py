"""One trial: a whole configuration on one corpus, with all its figures.

Belongs here: what a trial measures and whether it passes the gates. Does not
belong here: which configurations are tried (`space`), or which one wins (`search`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from ri_assets.checks.figures import Figure
from ri_assets.checks.judge import judge_all
from ri_assets.checks.table import checks_of
from ri_assets.config import Profile
from ri_assets.errors import NoPersonasError
from ri_assets.freeze.corpus import Prepared
from ri_assets.pipeline.cluster import Clustering
from ri_assets.pipeline.evidence import Evidence, Procedure, Progress, gather
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.stability import Labels

_GATES = ("coherence", "resample_ari", "persona_count")


@dataclass(frozen=True)
class Trial:
    """What one configuration gives on one corpus.

    Parameters
    ----------
    corpus, fingerprint, tweets
        The corpus, and how many tweets were clustered.
    k, k_min, k_max
        Personas of the reference, and the fewest and most that any run chooses by itself.
    coherence, seed_ari, resample_ari, resample_ami, silhouette
        As the checks read them.
    resample_ari_open
        The resample ARI where every run chooses its own number.
    coherence_null_p95, seed_ari_null_mean, resample_ari_null_mean, resample_ari_null_p95
        The same computation on data without structure.
    resample_ari_lift
        (ARI − null mean) / (1 − null mean).
    jaccards
        One for each persona, largest persona first.
    size_ratio
        Largest persona over smallest.
    draws
        How many the resample ARI rests on.
    fit_seconds, seconds
        Of the reference alone, and of everything.
    obstacles
        What the blocking gates object to; empty where all pass.
    """

    corpus: str
    fingerprint: str
    tweets: int
    k: int
    k_min: int
    k_max: int
    coherence: float
    coherence_null_p95: float
    seed_ari: float
    seed_ari_null_mean: float
    resample_ari: float
    resample_ari_open: float
    resample_ami: float
    resample_ari_null_mean: float
    resample_ari_null_p95: float
    resample_ari_lift: float
    jaccards: tuple[float, ...]
    silhouette: float
    size_ratio: float
    draws: int
    fit_seconds: float
    seconds: float
    obstacles: tuple[str, ...]

    @property
    def min_jaccard(self) -> float:
        """The least stable persona's Jaccard; 0 without personas."""
        return min(self.jaccards, default=0.0)


def attempt(
    prepared: Prepared, profile: Profile, progress: Progress, procedure: Procedure = fit
) -> tuple[Trial, Labels]:
    """Clustering a corpus, gather the evidence and judge it by the gates.

    Parameters
    ----------
    prepared
        The corpus, n tweets.
    profile
        The configuration.
    progress
        Is told about once a second how far it is.
    procedure
        What is judged in place of the profile's own fit.

    Returns
    -------
    trial
        A corpus without clusters gives one with zeros, whose obstacle says why.
    labels
        int32, shape (n,): those of the clusters that are left.
    """
    start = time.perf_counter()
    text = prepared.text_to_fuse(profile.fuse)
    fused = fuse(text, prepared.behavior, profile.fuse)
    try:
        reference = procedure(fused, profile, profile.reduce.seed)
        fitted = time.perf_counter() - start
        found, evidence = gather(
            text,
            prepared.behavior,
            fused,
            reference,
            profile,
            progress=progress,
            procedure=procedure,
        )
    except NoPersonasError as error:
        seconds = time.perf_counter() - start
        return _nothing(prepared, seconds, error), np.zeros(len(fused), dtype=np.int32)
    seconds = time.perf_counter() - start
    return (
        _trial(prepared, profile, found, evidence, fitted, seconds),
        found.labels,
    )


def _trial(
    prepared: Prepared,
    profile: Profile,
    found: Clustering,
    evidence: Evidence,
    fit_seconds: float,
    seconds: float,
) -> Trial:
    stability, coherence = evidence.stability, evidence.coherence
    n, draws = len(prepared.tweet_ids), len(stability.resample_ari_values)
    sizes = found.sizes
    null = evidence.null
    figures = {
        "coherence": Figure(coherence.reduced.centered, n, null.coherence.mean, null.coherence.p95),
        "resample_ari": Figure(
            stability.resample_ari, draws, null.resample_ari.mean, null.resample_ari.p95
        ),
        "persona_count": Figure(found.count, n, null.count.mean, null.count.p95),
    }
    checks = [check for check in checks_of("clusters") if check.name in _GATES]
    verdicts = judge_all(checks, figures, profile.gates, "")
    return Trial(
        corpus=prepared.name,
        fingerprint=prepared.fingerprint,
        tweets=n,
        k=found.count,
        k_min=min(stability.open_counts),
        k_max=max(stability.open_counts),
        coherence=coherence.reduced.centered,
        coherence_null_p95=null.coherence.p95,
        seed_ari=stability.seed_ari,
        seed_ari_null_mean=null.seed_ari.mean,
        resample_ari=stability.resample_ari,
        resample_ari_open=stability.resample_ari_open,
        resample_ami=stability.resample_ami,
        resample_ari_null_mean=null.resample_ari.mean,
        resample_ari_null_p95=null.resample_ari.p95,
        resample_ari_lift=evidence.resample_lift,
        jaccards=tuple(item.jaccard for item in stability.clusters),
        silhouette=coherence.silhouette,
        size_ratio=float(sizes.max() / sizes.min()),
        draws=draws,
        fit_seconds=fit_seconds,
        seconds=seconds,
        obstacles=tuple(verdict.message for verdict in verdicts if not verdict.is_passed),
    )


def _nothing(prepared: Prepared, seconds: float, error: NoPersonasError) -> Trial:
    return Trial(
        corpus=prepared.name,
        fingerprint=prepared.fingerprint,
        tweets=len(prepared.tweet_ids),
        k=0,
        k_min=0,
        k_max=0,
        coherence=0.0,
        coherence_null_p95=0.0,
        seed_ari=0.0,
        seed_ari_null_mean=0.0,
        resample_ari=0.0,
        resample_ari_open=0.0,
        resample_ami=0.0,
        resample_ari_null_mean=0.0,
        resample_ari_null_p95=0.0,
        resample_ari_lift=0.0,
        jaccards=(),
        silhouette=0.0,
        size_ratio=1.0,
        draws=0,
        fit_seconds=seconds,
        seconds=seconds,
        obstacles=(error.found,),
    )
