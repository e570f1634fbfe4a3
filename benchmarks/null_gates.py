"""Whether the gates refuse data without structure, at full size.

Draws vectors with the mean and covariance of a corpus's fused vectors, but no clusters,
and puts them through the whole procedure as if they were tweets, the choice of the number
included. To save time each seed first gets few reruns with new seeds, which choose nothing;
thresholds that it misses there, it misses in any case. Only one that misses none is judged
again with as many as the profile has. The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.reading import add_source_arguments, read_source, run_or_explain
from benchmarks.rivals import TEXT_ALONE
from ri_assets.config import FuseSettings, Profile, load_profile
from ri_assets.definitions import DEFAULT_PROFILE
from ri_assets.freeze.corpus import Prepared, prepare
from ri_assets.freeze.trial import Trial, attempt
from ri_assets.pipeline.cluster import Clustering
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.evidence import Progress
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.null_model import MatchedGaussian
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

Float32 = NDArray[np.float32]


def structureless(prepared: Prepared, profile: Profile, seed: int) -> Prepared:
    """Put matched vectors in place of a corpus's own; `TEXT_ALONE` leaves them as they are."""
    fused = prepared.fused(profile.fuse)
    lacking = np.full_like(prepared.behavior, np.nan)
    return replace(prepared, text=MatchedGaussian(fused).draw(seed), behavior=lacking)


def fit_as_fused(
    vectors: Float32,
    profile: Profile,
    seed: int,
    *,
    fused_with: FuseSettings,
) -> Clustering:
    """Clustering vectors that look like text alone as what they are: matched to fused ones."""
    return fit(vectors, profile.model_copy(update={"fuse": fused_with}), seed)


def judged(null: Prepared, profile: Profile, progress: Progress) -> Trial:
    """Judge data without structure by the gates, the costly part only if it decides."""
    procedure = partial(fit_as_fused, fused_with=profile.fuse)
    plain = profile.model_copy(update={"fuse": TEXT_ALONE})
    few = {"n_seeds": 2, "n_null_seeds": 1}
    quick = plain.model_copy(update={"stability": plain.stability.model_copy(update=few)})
    trial, _ = attempt(null, quick, progress, procedure)
    # Coherence may still pass with another null, unless it is below its threshold.
    coherence = trial.value("coherence")
    is_low = coherence is not None and coherence < profile.gates.coherence_min
    is_refused = is_low or bool(trial.blockers.keys() - {"coherence"})
    return trial if is_refused else attempt(null, plain, progress, procedure)[0]


def _measured(trials: Sequence[Trial], name: str) -> list[float]:
    values = [trial.value(name) for trial in trials]
    return [value for value in values if value is not None]


def _shown(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def main() -> None:
    """Judge every seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_source_arguments(parser)
    parser.add_argument("--profile", default=DEFAULT_PROFILE)
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    profile = load_profile(given.profile)
    console = Console(stderr=True)
    name, corpus = read_source(given)
    with console.status("preparing") as status:
        encoder = Encoder(profile.embed, EmbeddingCache(Files(given.store)), status.update)
        prepared = prepare(name, corpus, profile, encoder.encode)
        trials = []
        for seed in range(1, given.seeds + 1):
            trial = judged(
                structureless(prepared, profile, seed),
                profile,
                lambda text, at=seed: status.update(f"seed {at}: {text}"),  # type: ignore[misc]
            )
            trials.append(trial)
            coherence, ari = (_shown(trial.value(n)) for n in ("coherence", "resample_ari"))
            print(
                f"seed {seed}: {trial.k} clusters, coherence {coherence}, resample ARI {ari}: "
                f"{'refused' if trial.blockers else 'PASSED'}",
                flush=True,
            )
    aris, coherences = (_measured(trials, name) for name in ("resample_ari", "coherence"))
    print(
        json.dumps(
            {
                "tweets": len(prepared.tweet_ids),
                "seeds": len(trials),
                "refused": sum(bool(trial.blockers) for trial in trials),
                "resample_ari_mean": fmean(aris) if aris else None,
                "resample_ari_max": max(aris, default=None),
                "coherence_mean": fmean(coherences) if coherences else None,
            }
        )
    )


if __name__ == "__main__":
    run_or_explain(main)
