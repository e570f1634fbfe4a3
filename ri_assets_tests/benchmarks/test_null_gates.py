"""The gates refuse data without structure, at a small size; the benchmark shows it at full size."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.null_gates import judged, structureless
from ri_assets.freeze.corpus import Prepared
from ri_assets.freeze.trial import attempt
from ri_assets_tests.pipeline.clouds import CONSENSUS, blobs, small_profile

pytestmark = pytest.mark.slow

SEEDS = 20
SIZES = (60, 55, 50, 45, 40, 40, 35, 35, 30)
PROFILE = small_profile(CONSENSUS.model_copy(update={"personas": (2, 15), "agreement_share": 0.95}))
# As many draws as a scheduled run has: the mean of two passes a threshold by luck now and then.
DRAWN = {"n_draws": 5, "n_null_draws": 4}
PROFILE = PROFILE.model_copy(update={"stability": PROFILE.stability.model_copy(update=DRAWN)})


def corpus_of_blobs() -> Prepared:
    text, _ = blobs(SIZES, seed=7, spread=0.1)
    n = len(text)
    lacking = np.full((n, 36), np.nan, dtype=np.float32)
    return Prepared("blobs", "", n, np.arange(n), text=text, content=text, behavior=lacking)


def test_the_gates_refuse_nineteen_of_twenty_and_pass_what_they_are_matched_to() -> None:
    corpus = corpus_of_blobs()
    found, _ = attempt(corpus, PROFILE, lambda _: None)
    assert found.obstacles == ()
    assert found.k == len(SIZES)
    trials = [
        judged(structureless(corpus, PROFILE, seed), PROFILE, lambda _: None)
        for seed in range(SEEDS)
    ]
    assert sum(bool(trial.obstacles) for trial in trials) >= 0.95 * SEEDS
