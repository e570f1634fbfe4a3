"""Points whose clusters are known, and settings small enough for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import (
    ConsensusSettings,
    HdbscanSettings,
    Profile,
    ReduceSettings,
    StabilitySettings,
    load_profile,
)

Float32 = NDArray[np.float32]
Labels = NDArray[np.int32]

REDUCE = ReduceSettings(
    principal_components=None,
    n_components=10,
    n_neighbors=10,
    min_dist=0.0,
    n_epochs=60,
    init="pca",
    seed=3,
)
CONSENSUS = ConsensusSettings(
    method="consensus",
    text_weight=0.9,
    principal_components=(10, 20),
    fit_limit=10_000,
    n_components=4,
    n_epochs=40,
    negative_sample_rate=5,
    n_neighbors=(8, 14),
    min_cluster_share=(0.05, 0.1),
    min_samples=3,
    selection="leaf",
    repeats=2,
    kmeans_clusters=(6, 10),
    kmeans_repeats=2,
    draw_share=0.9,
    noise_share=0.75,
    agreement_share=0.8,
    personas=(2, 8),
    min_persona_share=0.03,
    min_recovery=0.3,
    min_jaccard=0.5,
)
HDBSCAN = HdbscanSettings(method="hdbscan", min_cluster_size=15, min_samples=5, selection="eom")
STABILITY = StabilitySettings(
    n_seeds=2,
    n_draws=2,
    n_choosing_draws=3,
    draw_share=0.8,
    n_null_seeds=1,
    n_null_draws=2,
    n_random_labels=3,
)


def small_profile(cluster: ConsensusSettings | HdbscanSettings = CONSENSUS) -> Profile:
    """Build a profile for a few hundred points, of which three to eight clusters are wanted."""
    report = load_profile("report")
    return report.model_copy(
        update={
            "name": "small",
            "reduce": REDUCE,
            "cluster": cluster,
            "stability": STABILITY,
            "gates": report.gates.model_copy(update={"personas_min": 3, "personas_max": 8}),
        }
    )


def blobs(
    sizes: tuple[int, ...], *, seed: int, dimensions: int = 40, spread: float = 0.05
) -> tuple[Float32, Labels]:
    """Draw unit vectors around random directions, in shuffled order, and say whose each is."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes)).astype(np.int32)
    centers = rng.standard_normal((len(sizes), dimensions))
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    points = centers[truth] + spread * rng.standard_normal((len(truth), dimensions))
    return unit(points), truth


def unit(points: NDArray[np.floating]) -> Float32:
    """Scale rows to unit length."""
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)
