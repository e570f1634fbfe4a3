"""The gates refuse data without structure; at full size `benchmarks.null_gates` shows it."""

from __future__ import annotations

import numpy as np
import pytest

from ri_assets.errors import NoPersonasError
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.null import matched_gaussian
from ri_assets.pipeline.stability import Rerun, measure_stability
from ri_assets_tests.pipeline.clouds import Float32, blobs, small_profile

pytestmark = pytest.mark.slow

SEEDS, DRAWS = 20, 3
PROFILE = small_profile()


def resample_ari(vectors: Float32, seed: int) -> float:
    """Mean ARI of fits on 80 % draws with the fit on all; 0 where no cluster is found."""
    rng = np.random.default_rng(seed)
    n = len(vectors)
    draws = [np.sort(rng.choice(n, int(0.8 * n), replace=False)) for _ in range(DRAWS)]
    try:
        reference = fit(vectors, PROFILE, seed).clusters.labels
        reruns = [
            Rerun(rows, fit(vectors[rows], PROFILE, seed + 1 + i).clusters.labels)
            for i, rows in enumerate(draws)
        ]
    except NoPersonasError:
        return 0.0
    return measure_stability(reference, [Rerun(np.arange(n), reference)], reruns).resample_ari


def test_the_gate_on_resample_ari_alone_refuses_nineteen_of_twenty() -> None:
    real, _ = blobs((80, 70, 60, 50, 40), seed=7, spread=0.1)
    assert resample_ari(real, 0) > PROFILE.gates.resample_ari_min
    reached = [resample_ari(matched_gaussian(real, seed), seed) for seed in range(SEEDS)]
    refused = sum(value < PROFILE.gates.resample_ari_min for value in reached)
    assert refused >= 0.95 * SEEDS, reached
