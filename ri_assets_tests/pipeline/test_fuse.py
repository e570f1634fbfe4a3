from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ri_assets.config import FuseSettings
from ri_assets.errors import CorpusError
from ri_assets.pipeline.fuse import (
    Scale,
    fuse,
    reweighting,
    text_vectors,
    weight_of_behavior,
)
from ri_assets_tests.pipeline.clouds import unit

few = settings(max_examples=25)

GROUPS = ("temporal", "interaction", "style", "network")
COLUMNS = (slice(0, 8), slice(8, 20), slice(20, 30), slice(30, 36))
PLAIN = FuseSettings(text_weight=0.75, content_weight=0.0, center=False)


def cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@few
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_cosine_is_the_weighted_sum_of_both_cosines(seed: int, weight: float) -> None:
    rng = np.random.default_rng(seed)
    text = unit(rng.standard_normal((12, 24)))
    behavior = rng.lognormal(size=(12, 6))
    fused = fuse(text, behavior, FuseSettings(text_weight=weight, content_weight=0.0, center=False))
    scaled = Scale.fit(behavior).transform(behavior)
    for i, j in ((0, 1), (2, 9), (5, 5)):
        expected = weight * cosine(text[i], text[j]) + (1 - weight) * cosine(scaled[i], scaled[j])
        assert cosine(fused[i], fused[j]) == pytest.approx(expected, abs=1e-5)


@few
@given(st.integers(0, 2**32 - 1))
def test_row_order_and_units_of_features_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text, behavior = unit(rng.standard_normal((20, 8))), rng.lognormal(size=(20, 5))
    behavior[rng.random(behavior.shape) < 0.2] = np.nan
    order = rng.permutation(20)
    settings = FuseSettings(text_weight=0.75, content_weight=0.0, center=True)
    fused = fuse(text, behavior, settings)
    np.testing.assert_allclose(
        fuse(text[order], behavior[order], settings), fused[order], atol=1e-6
    )
    other_units = behavior * rng.uniform(0.1, 90, 5) + rng.normal(size=5)
    np.testing.assert_allclose(fuse(text, other_units, settings), fused, atol=1e-4)


def test_shape_type_and_length() -> None:
    rng = np.random.default_rng(0)
    fused = fuse(unit(rng.standard_normal((9, 384))), rng.random((9, 36)), PLAIN)
    assert fused.shape == (9, 420)
    assert fused.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(fused, axis=1), 1, atol=1e-6)


def test_lacking_behaviour_leaves_the_cosine_of_the_text() -> None:
    text = unit(np.random.default_rng(1).standard_normal((6, 10)))
    fused = fuse(text, np.full((6, 36), np.nan), PLAIN)
    assert not fused[:, 10:].any()
    assert cosine(fused[0], fused[3]) == pytest.approx(cosine(text[0], text[3]), abs=1e-6)


def test_constant_and_lacking_features_carry_no_weight() -> None:
    rng = np.random.default_rng(2)
    text, informative = unit(rng.standard_normal((10, 4))), rng.random((10, 1))
    useless = np.hstack([np.full((10, 1), 7.0), np.full((10, 1), np.nan)])
    with_useless = fuse(text, np.hstack([informative, useless]), PLAIN)
    np.testing.assert_array_equal(with_useless[:, :5], fuse(text, informative, PLAIN))
    assert not with_useless[:, 5:].any()


def test_an_outlier_is_clipped_and_a_rare_flag_survives() -> None:
    rng = np.random.default_rng(3)
    features = np.zeros((100, 2))
    features[:, 0] = rng.random(100)
    features[0, 0] = 1e9
    features[7, 1] = 1
    scaled = Scale.fit(features).transform(features)
    assert np.abs(scaled).max() <= 3
    assert scaled[7, 1] == 3
    assert scaled[8, 1] == pytest.approx(-0.1, abs=0.01)


def test_centring_takes_away_what_all_texts_share() -> None:
    rng = np.random.default_rng(4)
    text = unit(rng.standard_normal((50, 16)) + 5)
    fused = fuse(
        text,
        np.full((50, 1), np.nan),
        FuseSettings(text_weight=1.0, content_weight=0.0, center=True),
    )
    assert cosine(text[0], text[1]) > 0.8
    assert abs(np.mean([cosine(fused[i], fused[i + 1]) for i in range(49)])) < 0.2


def test_identical_texts_have_no_direction_after_centring() -> None:
    text = np.tile(unit(np.random.default_rng(5).standard_normal((1, 16))), (9, 1))
    fused = fuse(
        text,
        np.full((9, 2), np.nan),
        FuseSettings(text_weight=0.75, content_weight=0.0, center=True),
    )
    assert not fused.any()


def test_different_numbers_of_rows_are_refused() -> None:
    with pytest.raises(CorpusError, match="3 embeddings but 2"):
        fuse(np.eye(3), np.ones((2, 4)), PLAIN)


def test_a_broken_embedding_is_named() -> None:
    text = np.eye(4)
    text[2, 1] = np.nan
    with pytest.raises(CorpusError, match="first in row 2"):
        fuse(text, np.ones((4, 4)), PLAIN)


@few
@given(st.integers(0, 2**32 - 1), st.sets(st.sampled_from(GROUPS), min_size=1))
def test_a_silent_group_leaves_its_weight_to_the_text(seed: int, told: set[str]) -> None:
    """Eight temporal, twelve interaction, ten style and six network features share a quarter."""
    rng = np.random.default_rng(seed)
    text, behavior = unit(rng.standard_normal((12, 24))), rng.lognormal(size=(12, 36))
    for name, columns in zip(GROUPS, COLUMNS, strict=True):
        if name not in told:
            behavior[:, columns] = rng.choice([np.nan, 1.0], size=columns.stop - columns.start)
    fused = fuse(text, behavior, PLAIN)
    weight = (
        0.25
        * sum({"temporal": 8, "interaction": 12, "style": 10, "network": 6}[g] for g in told)
        / 36
    )
    scaled = Scale.fit(behavior).transform(behavior)
    expected = (1 - weight) * cosine(text[0], text[1]) + weight * cosine(scaled[0], scaled[1])
    assert cosine(fused[0], fused[1]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("differing", "counted"), [(1, 1), (5, 5), (6, 12), (12, 12)])
def test_a_group_counts_whole_where_half_of_it_is_told(differing: int, counted: int) -> None:
    """A few features of interaction count for themselves; from six of twelve on, all do."""
    behavior = np.full((12, 36), np.nan)
    interaction = COLUMNS[GROUPS.index("interaction")]
    for column in range(interaction.start, interaction.start + differing):
        behavior[:, column] = np.arange(12) % 3
    assert weight_of_behavior(Scale.fit(behavior), PLAIN) == pytest.approx(0.25 * counted / 36)


def test_one_tweet_with_a_hashtag_hardly_changes_what_texts_weigh() -> None:
    """Plain texts tell of style alone; the weight must not leap with a single tweet."""
    rng = np.random.default_rng(6)
    behavior = np.full((500, 36), 1.0)
    style = COLUMNS[GROUPS.index("style")]
    behavior[:, style] = rng.random((500, 10))
    plain = weight_of_behavior(Scale.fit(behavior), PLAIN)
    behavior[3, COLUMNS[GROUPS.index("interaction")].start] = 2.0
    assert weight_of_behavior(Scale.fit(behavior), PLAIN) - plain == pytest.approx(0.25 / 36)


@few
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95), st.floats(0.0, 1.0))
def test_leaning_gives_what_fusing_with_the_other_weight_would(
    seed: int, fused_with: float, wanted: float
) -> None:
    rng = np.random.default_rng(seed)
    text, behavior = unit(rng.standard_normal((12, 384))), rng.lognormal(size=(12, 36))
    first = fuse(
        text, behavior, FuseSettings(text_weight=fused_with, content_weight=0.0, center=True)
    )
    other = fuse(text, behavior, FuseSettings(text_weight=wanted, content_weight=0.0, center=True))
    np.testing.assert_allclose(first * reweighting(fused_with, wanted, 420), other, atol=1e-5)


@pytest.mark.parametrize("one_side", [0.0, 1.0])
def test_where_one_side_has_no_weight_nothing_leans(one_side: float) -> None:
    assert (reweighting(one_side, 0.5, 420) == 1).all()


def test_content_words_weigh_as_much_as_they_should() -> None:
    whole, content = np.eye(3, 5, dtype=np.float32), np.eye(3, 5, k=1, dtype=np.float32)

    def mixed(weight: float) -> NDArray[np.float32]:
        settings = FuseSettings(text_weight=0.75, content_weight=weight, center=False)
        return text_vectors(whole, content, settings)

    np.testing.assert_array_equal(mixed(0.0), whole)
    np.testing.assert_allclose(mixed(1.0), content, atol=1e-7)
    np.testing.assert_allclose(mixed(0.5)[0], [0.5**0.5, 0.5**0.5, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(mixed(0.2)[1], [0, 4 / 17**0.5, 1 / 17**0.5, 0, 0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(mixed(0.7), axis=1), 1, atol=1e-6)


def test_content_words_without_weight_need_not_be_embedded() -> None:
    whole = unit(np.random.default_rng(0).standard_normal((4, 8))).astype(np.float32)
    settings = FuseSettings(text_weight=0.75, content_weight=0.0, center=False)
    np.testing.assert_array_equal(text_vectors(whole, np.empty((0, 8)), settings), whole)
    weighty = settings.model_copy(update={"content_weight": 0.5})
    with pytest.raises(CorpusError, match="4 embeddings of texts but 0 of their content words"):
        text_vectors(whole, np.empty((0, 8)), weighty)
