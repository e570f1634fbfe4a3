"""The gates refuse data without structure, at a small size; the benchmark shows it at full size."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from benchmarks.null_gates import judged, structureless
from ri_assets.freeze.corpus import Prepared
from ri_assets.freeze.trial import attempt
from ri_assets_tests.pipeline.clouds import CONSENSUS, STABILITY, blobs, small_profile

pytestmark = pytest.mark.slow

SEEDS = 20
TEXT, TRUTH = blobs((45,) * 9, seed=7, spread=0.08)
CORPUS = Prepared(
    name="blobs",
    fingerprint="",
    n_raw=len(TEXT),
    tweet_ids=np.arange(len(TEXT)),
    text=TEXT,
    content=TEXT,
    behavior=np.full((len(TEXT), 36), np.nan, dtype=np.float32),
)
# As many draws as a scheduled run has: the mean of two passes a threshold by luck now and then.
# The gates must admit the nine groups that were planted.
SMALL = small_profile(CONSENSUS.model_copy(update={"personas": (2, 15), "agreement_share": 0.95}))
PROFILE = SMALL.model_copy(
    update={
        "stability": STABILITY.model_copy(update={"n_draws": 5, "n_null_draws": 4}),
        "gates": SMALL.gates.model_copy(update={"personas_min": 8, "personas_max": 15}),
    }
)


def test_the_gates_refuse_nineteen_of_twenty_and_pass_what_they_are_matched_to() -> None:
    found, labels = attempt(CORPUS, PROFILE, lambda _: None)
    assert found.blockers == {}
    assert adjusted_rand_score(TRUTH, labels) > 0.95
    trials = [
        judged(structureless(CORPUS, PROFILE, seed), PROFILE, lambda _: None)
        for seed in range(SEEDS)
    ]
    assert sum(bool(trial.blockers) for trial in trials) >= 0.95 * SEEDS
    # The gate on stability alone, too: whatever the number of groups and their coherence.
    unstable = ["resample_ari" in trial.blockers for trial in trials]
    assert sum(unstable) >= 0.95 * SEEDS
