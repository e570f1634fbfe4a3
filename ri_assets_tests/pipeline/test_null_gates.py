"""The gates refuse data without structure; at full size `benchmarks.null_gates` shows it."""

from __future__ import annotations

import numpy as np
import pytest

from ri_assets.errors import NoPersonasError
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.null import baseline, matched_gaussian
from ri_assets.pipeline.stability import Rerun, measure_stability
from ri_assets_tests.pipeline.clouds import Float32, blobs, small_profile

pytestmark = pytest.mark.slow

SEEDS, DRAWS = 20, 3
PROFILE = small_profile()


def resample_aris(vectors: Float32, seed: int, count: int | None = None) -> tuple[float, ...]:
    """ARI of fits on 80 % draws with the fit on all; 0 where no cluster is found."""
    rng = np.random.default_rng(seed)
    n = len(vectors)
    draws = [np.sort(rng.choice(n, int(0.8 * n), replace=False)) for _ in range(DRAWS)]
    try:
        reference = fit(vectors, PROFILE, seed, count).clusters.labels
        reruns = [
            Rerun(rows, fit(vectors[rows], PROFILE, seed + 1 + i, count).clusters.labels)
            for i, rows in enumerate(draws)
        ]
    except NoPersonasError:
        return (0.0,) * DRAWS
    whole = [Rerun(np.arange(n), reference)]
    return measure_stability(reference, whole, reruns).resample_ari_values


def passes(vectors: Float32, seed: int) -> bool:
    """Judge as the check does: the threshold, and the 95th percentile of the vectors' own null."""
    value = float(np.mean(resample_aris(vectors, seed)))
    if value < PROFILE.gates.resample_ari_min:
        return False
    same_count = fit(vectors, PROFILE, seed).clusters.count
    null = baseline(resample_aris(matched_gaussian(vectors, seed + 1000), seed, same_count))
    return value > null.p95


def test_the_gate_on_resample_ari_refuses_nineteen_of_twenty() -> None:
    real, _ = blobs((80, 70, 60, 50, 40), seed=7, spread=0.1)
    assert passes(real, 0)
    refused = sum(not passes(matched_gaussian(real, seed), seed) for seed in range(SEEDS))
    assert refused >= 0.95 * SEEDS
