"""How the time of a fit grows with the corpus, on synthetic vectors.

Vectors are unit vectors around random directions, as wide as fused ones. The last line
of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from ri_assets.config import load_profile
from ri_assets.definitions import DEFAULT_PROFILE
from ri_assets.pipeline.fit import fit

_DIMENSIONS, _CLOUDS, _SPREAD = 420, 12, 0.06


def clouds(n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Draw `n` unit vectors around a dozen directions; returns also whose each is."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(_CLOUDS, size=n)
    points = rng.standard_normal((_CLOUDS, _DIMENSIONS)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    drawn = points[truth] + _SPREAD * rng.standard_normal((n, _DIMENSIONS), dtype=np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True), truth


def main() -> None:
    """Time a fit of every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="2000,10000,40000")
    parser.add_argument("--profile", default=DEFAULT_PROFILE)
    given = parser.parse_args()
    profile = load_profile(given.profile)
    fit(clouds(500, 0)[0], profile, 0)  # compiles what numba compiles
    found = []
    for n in map(int, given.sizes.split(",")):
        vectors, truth = clouds(n, 1)
        start, cpu = time.perf_counter(), time.process_time()
        result = fit(vectors, profile, 1)
        found.append(
            {
                "n": n,
                "seconds": time.perf_counter() - start,
                "cpu_seconds": time.process_time() - cpu,
                "clusters": result.count,
                "ari_with_truth": float(adjusted_rand_score(truth, result.labels)),
                "peak_memory_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
            }
        )
        print(" ".join(f"{name} {value:.3g}" for name, value in found[-1].items()), flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
