"""Prepared corpora and a space that are small enough to search in seconds."""

from __future__ import annotations

import numpy as np

from ri_assets.config import GateSettings, Profile
from ri_assets.freeze.corpus import Prepared
from ri_assets_tests.pipeline.clouds import blobs, small_profile


def prepared(name: str, *, seed: int, spread: float = 0.08) -> Prepared:
    """Five clouds of unit vectors, without behaviour."""
    text, _ = blobs((80, 70, 60, 50, 40), seed=seed, spread=spread)
    return Prepared(
        name=name,
        fingerprint=f"{name}-{seed}",
        n_raw=300,
        tweet_ids=np.arange(300),
        text=text,
        content=text,
        behavior=np.full((300, 36), np.nan, dtype=np.float32),
    )


def profile(**gates: float) -> Profile:
    """A small profile whose gates five clouds can pass."""
    base = small_profile()
    eased = GateSettings(**{**base.gates.model_dump(), "personas_min": 2, **gates})
    wide = base.reduce.model_copy(update={"n_components": 50})  # as files of profiles must have it
    return base.model_copy(update={"gates": eased, "reduce": wide})
