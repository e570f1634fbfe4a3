from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.pipeline.embed import text_key
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets_tests.store.cached import known_vectors


def vectors_of(keys: list[bytes]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Give each key a vector of its own bytes."""
    return np.array([[float(b) for b in key[:4]] for key in keys], dtype=np.float32).reshape(-1, 4)


def test_what_was_put_is_found_by_another_process(tmp_path: Path) -> None:
    keys = [text_key(t) for t in ("a", "b", "c")]
    EmbeddingCache(Files(str(tmp_path))).put("m", keys, vectors_of(keys))
    found = known_vectors(
        EmbeddingCache(Files(str(tmp_path))), "m", [keys[2], text_key("new"), keys[0]]
    )
    assert set(found) == {keys[0], keys[2]}
    assert np.array_equal(found[keys[2]], vectors_of([keys[2]])[0])


def test_models_do_not_share_vectors(tmp_path: Path) -> None:
    cache = EmbeddingCache(Files(str(tmp_path)))
    cache.put("m-float32", [text_key("a")], vectors_of([text_key("a")]))
    assert known_vectors(cache, "m-bfloat16", [text_key("a")]) == {}


@given(st.lists(st.lists(st.integers(0, 30), unique=True, max_size=8), max_size=6))
def test_any_sequence_of_puts_is_remembered(
    tmp_path_factory: object, batches: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("cache")  # type: ignore[attr-defined]
    cache = EmbeddingCache(Files(str(folder)))
    for batch in batches:
        keys = [text_key(str(i)) for i in batch]
        cache.put("m", keys, vectors_of(keys))
    every = {text_key(str(i)) for batch in batches for i in batch}
    found = known_vectors(cache, "m", [text_key(str(i)) for i in range(31)])
    assert set(found) == every
    assert all(np.array_equal(found[key], vectors_of([key])[0]) for key in every)
