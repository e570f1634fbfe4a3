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
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.reading import add_source_arguments, read_source, run_or_explain
from benchmarks.rivals import TEXT_ALONE
from ri_assets.config import FuseSettings, Profile, load_profile
from ri_assets.environment import DEFAULT_PROFILE
from ri_assets.freeze.corpus import Prepared, prepare
from ri_assets.freeze.trial import Trial, attempt
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.evidence import Progress
from ri_assets.pipeline.fit import Fit, fit
from ri_assets.pipeline.null_model import matched_gaussian
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

Float32 = NDArray[np.float32]


def structureless(prepared: Prepared, profile: Profile, seed: int) -> Prepared:
    """Put matched vectors in place of a corpus's own; `TEXT_ALONE` leaves them as they are."""
    fused = prepared.fused(profile.fuse)
    lacking = np.full_like(prepared.behavior, np.nan)
    return replace(prepared, text=matched_gaussian(fused, seed), behavior=lacking)


def fit_as_fused(
    vectors: Float32,
    profile: Profile,
    seed: int,
    *,
    fused_with: FuseSettings,
) -> Fit:
    """Fit vectors that look like text alone as what they are: matched to fused ones."""
    return fit(vectors, profile.model_copy(update={"fuse": fused_with}), seed)


def judged(null: Prepared, profile: Profile, progress: Progress) -> Trial:
    """Judge data without structure by the gates, the costly part only if it decides."""
    procedure = partial(fit_as_fused, fused_with=profile.fuse)
    plain = profile.model_copy(update={"fuse": TEXT_ALONE})
    few = {"n_seeds": 2, "n_null_seeds": 1}
    quick = plain.model_copy(update={"stability": plain.stability.model_copy(update=few)})
    trial, _ = attempt(null, quick, progress, procedure)
    gates = profile.gates
    is_below = (
        any("resample_ari" in said for said in trial.obstacles)
        or trial.coherence < gates.coherence_min
        or not gates.personas_min <= trial.k <= gates.personas_max
    )
    return trial if is_below else attempt(null, plain, progress, procedure)[0]


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
            print(
                f"seed {seed}: {trial.k} clusters, coherence {trial.coherence:.3f}, resample ARI "
                f"{trial.resample_ari:.3f}: {'refused' if trial.obstacles else 'PASSED'}",
                flush=True,
            )
    ari = [trial.resample_ari for trial in trials]
    print(
        json.dumps(
            {
                "tweets": len(prepared.tweet_ids),
                "seeds": len(trials),
                "refused": sum(bool(trial.obstacles) for trial in trials),
                "resample_ari_mean": float(np.mean(ari)),
                "resample_ari_max": max(ari),
                "coherence_mean": float(np.mean([trial.coherence for trial in trials])),
            }
        )
    )


if __name__ == "__main__":
    run_or_explain(main)
