"""One trial: a whole configuration on one corpus, with all its figures, and the ledger of them.

Belongs here: what a trial measures, whether it passes the gates, and where finished trials are
kept. Does not belong here: which configurations are tried (`space`), or which one wins
(`search`).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ri_assets import pipeline, quality
from ri_assets.config import Profile
from ri_assets.errors import NoPersonasError
from ri_assets.freeze.corpus import Prepared
from ri_assets.pipeline.cluster import Clustering
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.pipeline.evidence import Evidence, Procedure, Progress, gather
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.stability import Labels
from ri_assets.quality.checks import CHECKS
from ri_assets.quality.judge import judge_all
from ri_assets.quality.metrics import Figure
from ri_assets.quality.tables import cluster_figures
from ri_assets.store.files import Files
from ri_assets.store.manifest import library_versions

NO_CLUSTERS = "clustering"
"""Stands in place of a check's name if the corpus cannot be clustered."""

_FOLDER = "freeze/trials"


@dataclass(frozen=True)
class Trial:
    """What one configuration gives on one corpus.

    Parameters
    ----------
    corpus, fingerprint, tweets
        The corpus, and how many tweets were clustered.
    k
        Personas of the reference; 0 if the corpus cannot be clustered.
    figures
        What the run would store, by name, and `size_ratio`; none if the corpus cannot be
        clustered.
    jaccards
        One for each persona, largest persona first.
    fit_seconds, seconds
        Of the reference alone, and of everything; the former is None without a reference.
    blockers
        What the blocking gates object to, by the name of the check; empty if all pass.
    """

    corpus: str
    fingerprint: str
    tweets: int
    k: int = 0
    figures: Mapping[str, Figure] = field(default_factory=dict)
    jaccards: tuple[float, ...] = ()
    fit_seconds: float | None = None
    seconds: float = 0.0
    blockers: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> float | None:
        """Give a figure's value; None if it was not measured."""
        found = self.figures.get(name)
        return None if found is None else found.value

    @property
    def draws(self) -> int:
        """Draws behind the resample ARI."""
        found = self.figures.get("resample_ari")
        return 0 if found is None else found.n

    @property
    def min_jaccard(self) -> float | None:
        """The least stable persona's Jaccard; None without personas."""
        return min(self.jaccards, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Give what JSON keeps of it; figures have the form of the stored table `figures`."""
        return {
            **asdict(replace(self, figures={})),
            "figures": [*map(Figure.row, self.figures.values())],
        }

    @classmethod
    def of_dict(cls, content: Mapping[str, Any]) -> Trial:
        """Read what `to_dict` gave."""
        figures = [Figure.of_row(row) for row in content["figures"]]
        by_name = {figure.name: figure for figure in figures}
        return cls(**{**content, "figures": by_name, "jaccards": tuple(content["jaccards"])})


def attempt(
    prepared: Prepared,
    profile: Profile,
    progress: Progress,
    procedure: Procedure = fit,
    engine: Engine = LOCAL,
) -> tuple[Trial, Labels]:
    """Clustering a corpus, gather the evidence and judge it by the gates.

    Parameters
    ----------
    prepared
        The corpus, n tweets.
    profile
        The configuration.
    progress
        Called about once a second with how far the trial is.
    procedure
        What is judged in place of the profile's own fit.
    engine
        Runs the reruns.

    Returns
    -------
    trial
        If the corpus has no clusters, nothing is measured, and `blockers` says why.
    labels
        int32, shape (n,): those of the clusters that are left.
    """
    start, n = time.perf_counter(), len(prepared.tweet_ids)
    text = prepared.text_to_fuse(profile.fuse)
    fused = fuse(text, prepared.behavior, profile.fuse)
    trial = Trial(prepared.name, prepared.fingerprint, n)
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
            engine=engine,
        )
    except NoPersonasError as error:
        seconds = time.perf_counter() - start
        blocked = replace(trial, seconds=seconds, blockers={NO_CLUSTERS: error.found})
        return blocked, np.zeros(len(fused), dtype=np.int32)
    seconds = time.perf_counter() - start
    figures = _figures(found, evidence, n)
    return (
        replace(
            trial,
            k=found.count,
            figures=figures,
            jaccards=tuple(item.jaccard for item in evidence.stability.clusters),
            fit_seconds=fitted,
            seconds=seconds,
            blockers=_blockers(figures, profile),
        ),
        found.labels,
    )


def _figures(found: Clustering, evidence: Evidence, n: int) -> dict[str, Figure]:
    sizes = found.sizes
    ratio = Figure("size_ratio", float(sizes.max() / sizes.min()), n)
    return {figure.name: figure for figure in [*cluster_figures(evidence, n), ratio]}


def _blockers(figures: Mapping[str, Figure], profile: Profile) -> dict[str, str]:
    """Judge the figures by the gates of the clusters that a trial measures."""
    checks = [c for c in CHECKS if c.is_gate and c.metric.name in figures]
    share = {"draw_share": profile.stability.draw_share}
    judged = {**figures, "resample_ari": replace(figures["resample_ari"], facts=share)}
    verdicts = judge_all(checks, judged, profile.gates, "")
    return {verdict.check: verdict.message for verdict in verdicts if not verdict.is_passed}


class Ledger:
    """Finished trials in a store: one file each, so that a stopped search can continue.

    A trial counts only for the configuration, corpus, code and libraries that made it.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self.origin = {"code": _code_digest(), **library_versions()}

    def find(self, profile: Profile, fingerprint: str) -> Trial | None:
        """Give the finished trial of a configuration on a corpus, if it still counts."""
        name = self._name(profile, fingerprint)
        if not self.files.exists(name):
            return None
        entry = self.files.read_json(name)
        if entry["origin"] != self.origin:
            return None
        return Trial.of_dict(entry["trial"])

    def keep(self, profile: Profile, trial: Trial) -> None:
        """Keep a finished trial; the file is written completely or not at all."""
        self.files.write_json(
            self._name(profile, trial.fingerprint),
            {
                "trial": trial.to_dict(),
                "profile": profile.model_dump(mode="json"),
                "origin": self.origin,
                "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            },
        )

    @staticmethod
    def _name(profile: Profile, fingerprint: str) -> str:
        return f"{_FOLDER}/{fingerprint}-{profile.hash}.json"


def _code_digest() -> str:
    digest = hashlib.sha256()
    for package in (pipeline, quality):
        for file in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
