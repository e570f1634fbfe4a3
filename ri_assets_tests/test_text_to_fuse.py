"""Which vectors of the asset `embeddings` are fused, and which need not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ri_assets.assets.common import text_to_fuse
from ri_assets.config import Profile, load_profile
from ri_assets.pipeline.embed import DIMENSIONS
from ri_assets.pipeline.fuse import text_vectors
from ri_assets.records.stages import EMBEDDINGS
from ri_assets.store.tables import Tables, Vectors, as_tables


class Noted(Mapping[str, pa.Table]):
    """Tables that note which of them were read."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> pa.Table:
        self.read.add(name)
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def profile(weight: float) -> Profile:
    default = load_profile("report")
    fuse = default.fuse.model_copy(update={"content_weight": weight})
    return default.model_copy(update={"fuse": fuse})


@pytest.mark.parametrize(
    ("weight", "needed"),
    [(1.0, {"content_embeddings"}), (0.3, {"embeddings", "content_embeddings"})],
)
def test_both_embeddings_are_mixed_and_one_without_weight_is_not_read(
    weight: float, needed: set[str]
) -> None:
    rng = np.random.default_rng(0)
    whole, content = rng.standard_normal((2, 5, DIMENSIONS)).astype(np.float32)
    ids = np.arange(5)
    tables = as_tables(
        EMBEDDINGS,
        "corpus",
        embeddings=Vectors(ids, whole),
        content_embeddings=Vectors(ids, content),
        masked_names=pd.DataFrame(columns=["name", "share", "origin"]),
    )
    noted = Noted(tables.by_name)
    found = text_to_fuse(Tables("corpus", noted, "embeddings"), profile(weight))
    expected = weight * content.astype(float) + (1 - weight) * whole
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(found.values, expected, atol=1e-6)
    assert np.array_equal(found.values, text_vectors(whole, content, profile(weight).fuse))
    assert found.tweet_ids.tolist() == ids.tolist()
    assert noted.read == needed
