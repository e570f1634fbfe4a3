"""How fast near duplicates are found, and how many, against comparing all pairs.

Vectors are the bundled sample's embeddings, moved along real differences between them; some
are then copied with cosines from 0.90 to 0.995. The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.growth import growth_exponent
from ri_assets.config import load_profile
from ri_assets.environment import DEFAULT_PROFILE
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.near_duplicates import EXACT_LIMIT, nearest_earlier
from ri_assets.pipeline.text import body
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

Float32 = NDArray[np.float32]

_COPIED = 0.15
"""Share of the vectors that are copies of others."""
_FROM, _TO = 0.90, 0.995
"""Cosines of copies; about half of them are near duplicates."""
_APART = (0.5, 0.85)
"""Cosines of the other vectors to the tweets that they were made from."""
_MIXED = 4
_OUTSIDE = 0.3
"""Share of a step that leaves the span of the differences mixed into it."""
SIZES = (10_000, 31_000, 100_000)


def sample_texts() -> list[str]:
    """Give the texts of the bundled sample."""
    return [str(text) for text in open_source(["sample"], SourceOptions()).read().tweets["text"]]


def sample_vectors() -> Float32:
    """Embed the bundled sample, as denoising does."""
    with tempfile.TemporaryDirectory() as folder:
        cache = EmbeddingCache(Files(folder))
        encoder = Encoder(load_profile(DEFAULT_PROFILE).embed, cache, lambda _: None)
        return encoder.encode([body(text) for text in sample_texts()])


def with_copies(real: Float32, n: int, seed: int) -> Float32:
    """Draw unit vectors that are distributed like real ones, with copies among them.

    Parameters
    ----------
    real
        Unit vectors, shape (m, d).
    n
        Number to draw.
    seed
        Random seed.

    Returns
    -------
    float32, shape (n, d). A few vectors have hundreds of copies and most copied ones have one.
    """
    rng = np.random.default_rng(seed)
    centred = real - real.mean(axis=0)

    def step(count: int) -> Float32:
        chosen = rng.integers(len(real), size=(count, _MIXED))
        weights = rng.standard_normal((count, _MIXED)).astype(np.float32)
        mixed = np.einsum("ij,ijk->ik", weights, centred[chosen])
        beside = rng.standard_normal(mixed.shape, dtype=np.float32) / np.sqrt(mixed.shape[1])
        whole = mixed + _OUTSIDE * np.linalg.norm(mixed, axis=1, keepdims=True) * beside
        return np.asarray(whole, dtype=np.float32)

    n_copies = int(_COPIED * n)
    n_own = n - n_copies
    own = _at(
        real[rng.integers(len(real), size=n_own)], rng.uniform(*_APART, size=n_own), step(n_own)
    )
    # The fourth power makes the first vectors much more popular than the others.
    originals = own[(n_own * rng.random(n_copies) ** 4).astype(np.int64)]
    copies = _at(originals, rng.uniform(_FROM, _TO, size=n_copies), step(n_copies))
    return np.ascontiguousarray(np.concatenate([own, copies])[rng.permutation(n)])


def _at(vectors: Float32, cosines: NDArray[np.float64], steps: Float32) -> Float32:
    """Move each vector in the direction of a step, up to a cosine."""
    beside = steps - np.einsum("ij,ij->i", steps, vectors)[:, None] * vectors
    beside /= np.linalg.norm(beside, axis=1, keepdims=True)
    moved = cosines[:, None] * vectors + np.sqrt(1 - cosines**2)[:, None] * beside
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class Search:
    """One search on one corpus.

    Parameters
    ----------
    n, copies
        Vectors, and near duplicates that comparing all pairs finds; None if it was not run.
    exact_cpu_seconds, indexed_cpu_seconds
        Processor time of comparing all pairs and of the index.
    exact_seconds, indexed_seconds
        The same on the clock.
    recall
        Share of the near duplicates that the index finds.
    wrong
        What only the index calls a near duplicate: its original's original was missed.
    same_original
        Share of the near duplicates for which both name the same original.
    """

    n: int
    indexed_seconds: float
    indexed_cpu_seconds: float
    exact_seconds: float | None = None
    exact_cpu_seconds: float | None = None
    copies: int | None = None
    recall: float | None = None
    wrong: int | None = None
    same_original: float | None = None


def search(vectors: Float32, bar: float, *, with_exact: bool = True) -> Search:
    """Search by the index, and by comparing all pairs."""
    found, seconds, cpu = _timed(vectors, bar, limit=0)
    if not with_exact:
        return Search(len(vectors), seconds, cpu)
    expected, exact_seconds, exact_cpu = _timed(vectors, bar, limit=len(vectors))
    is_copy = expected >= 0
    return Search(
        n=len(vectors),
        indexed_seconds=seconds,
        indexed_cpu_seconds=cpu,
        exact_seconds=exact_seconds,
        exact_cpu_seconds=exact_cpu,
        copies=int(is_copy.sum()),
        recall=float((found[is_copy] >= 0).mean()),
        wrong=int((found[~is_copy] >= 0).sum()),
        same_original=float((found == expected)[is_copy].mean()),
    )


def _timed(vectors: Float32, bar: float, limit: int) -> tuple[NDArray[np.int64], float, float]:
    start, cpu = time.perf_counter(), time.process_time()
    found, _ = nearest_earlier(vectors, bar, limit)
    return found, time.perf_counter() - start, time.process_time() - cpu


def main() -> None:
    """Search in corpora of every size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument(
        "--exact-up-to", type=int, default=max(SIZES), help="compare all pairs up to this size"
    )
    given = parser.parse_args()
    bar = load_profile(DEFAULT_PROFILE).denoise.near_duplicate_cosine
    real = sample_vectors()
    search(with_copies(real, 2_000, 0), bar)  # imports what is imported late
    found = []
    for n in map(int, given.sizes.split(",")):
        found.append(search(with_copies(real, n, 1), bar, with_exact=n <= given.exact_up_to))
        print(found[-1], flush=True)
    told = {
        "searches": [asdict(one) for one in found],
        "exact_limit": EXACT_LIMIT,
        "growth_exponent": growth_exponent(
            [one.n for one in found], [one.indexed_cpu_seconds for one in found]
        ),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
