"""Rows in blocks: every row once, and no result depends on its block."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.config import load_profile
from ri_assets.pipeline.bounds import BLOCK, row_blocks
from ri_assets.pipeline.fuse import Fusion, text_vectors
from ri_assets.pipeline.reduce import principal, principal_axes


@given(st.integers(0, 60), st.integers(1, 25))
def test_blocks_hold_every_row_once_in_order(n: int, size: int) -> None:
    blocks = row_blocks(n, size)
    assert [row for rows in blocks for row in range(n)[rows]] == list(range(n))
    assert all(rows.stop - rows.start <= size for rows in blocks)


def test_rows_of_the_second_block_are_fused_like_those_of_the_first() -> None:
    rng = np.random.default_rng(0)
    settings = load_profile("report").fuse.model_copy(update={"content_weight": 0.3})
    text = rng.standard_normal((BLOCK + 50, 12)).astype(np.float32)
    content = rng.standard_normal(text.shape).astype(np.float32)
    behavior = rng.standard_normal((len(text), 36)).astype(np.float32)
    mixed = text_vectors(text, content, settings)
    assert np.array_equal(mixed[-90:], text_vectors(text[-90:], content[-90:], settings))
    fusion = Fusion.fit(mixed, behavior, settings)
    fused = fusion.transform(mixed, behavior)
    assert np.array_equal(fused[-90:], fusion.transform(mixed[-90:], behavior[-90:]))


def test_principal_components_of_two_blocks_are_those_of_all_rows() -> None:
    rng = np.random.default_rng(1)
    vectors = (rng.standard_normal((BLOCK + 500, 6)) * [9, 5, 3, 2, 1, 0.5]).astype(np.float32)
    mean, axes = principal_axes(vectors, 3)
    _, _, expected = np.linalg.svd(vectors.astype(np.float64) - mean, full_matrices=False)
    assert np.allclose(np.abs((axes * expected[:3].T).sum(axis=0)), 1)
    assert np.allclose(principal(vectors, 3), (vectors - mean) @ axes, atol=1e-4)


def test_columns_multiplied_on_the_way_give_what_multiplied_columns_give() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((BLOCK + 500, 4)).astype(np.float32)
    factors = np.array([2.0, 0.3, 1.1, 0.7])
    weighted = (vectors * factors).astype(np.float32)
    np.testing.assert_array_equal(principal(vectors, 3, factors), principal(weighted, 3))
