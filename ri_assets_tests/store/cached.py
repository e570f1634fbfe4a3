"""What an embedding cache knows, as one mapping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ri_assets.store.embedding_cache import EmbeddingCache


def known_vectors(
    cache: EmbeddingCache, model: str, keys: Sequence[bytes]
) -> dict[bytes, NDArray[np.float32]]:
    """Give the vectors of the known ones among the keys; each is given once."""
    found: dict[bytes, NDArray[np.float32]] = {}
    for part, vectors in cache.get(model, keys):
        assert not found.keys() & set(part)
        found |= zip(part, vectors, strict=True)
    return found
