"""Assigning on clouds whose personas are known, with strangers beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ri_assets.config import load_profile
from ri_assets.pipeline import assigner
from ri_assets.pipeline.assigner import OF_TEXT, Assigner, Calibration, learn
from ri_assets.pipeline.features import NAMES
from ri_assets.pipeline.fuse import fuse, unit_rows
from ri_assets.pipeline.reduce import principal
from ri_assets.records.assigning import ASSIGNING
from ri_assets.records.table import AssetContract
from ri_assets.ri_index.assign_tables import assigner_of, frames_of
from ri_assets.store.tables import as_tables

Float32 = NDArray[np.float32]
PROFILE = load_profile("frozen-2026-11")
CENTERS = np.random.default_rng(1).standard_normal((4, 384))


def clouds(n: int, seed: int) -> tuple[Float32, Float32, NDArray[np.object_]]:
    """Give embeddings around four centres, features, and whose each is."""
    rng = np.random.default_rng(seed)
    own = np.arange(n) % 4
    text = unit_rows(CENTERS[own] + 1.2 * rng.standard_normal((n, 384))).astype(np.float32)
    behavior = (rng.standard_normal((n, 36)) + own[:, None]).astype(np.float32)
    return text, behavior, np.array([f"P{o + 1:02d}" for o in own], dtype=object)


def learnt(n: int = 400) -> Assigner:
    text, behavior, personas = clouds(n, seed=5)
    return learn(np.arange(n) * 7 + 3, text, behavior, personas, PROFILE, text)


@pytest.fixture(scope="module")
def of_clouds() -> Assigner:
    return learnt()


@pytest.mark.parametrize("as_text", [False, True])
def test_newcomers_get_the_persona_of_their_cloud(of_clouds: Assigner, as_text: bool) -> None:
    text, behavior, personas = clouds(200, seed=6)
    if as_text:
        behavior = np.where(OF_TEXT, behavior, np.nan).astype(np.float32)
    found = of_clouds.assign(text, behavior, np.full(200, not as_text), text)
    named = np.array(of_clouds.personas)[found.nearest]
    assert (named == personas).mean() > 0.97
    assert (found.runner_up != found.nearest).all()
    assert found.fits.mean() > 0.85
    # As conformal p-values promise, about a twentieth of tweets like the corpus's is refused.
    assert (~found.is_familiar).mean() < 0.12


def test_tweets_are_placed_where_the_run_clustered_them(of_clouds: Assigner) -> None:
    """Directions of principal components of fused vectors that lean to the text, up to a turn."""
    text, behavior, _ = clouds(400, seed=5)
    placed = of_clouds.project(fuse(text, behavior, PROFILE.fuse))
    leaned = fuse(text, behavior, PROFILE.fuse.model_copy(update={"text_weight": 0.9}))
    clustered = unit_rows(principal(leaned, 100))
    np.testing.assert_allclose(placed @ placed.T, clustered @ clustered.T, atol=1e-3)


def test_strangers_fit_nowhere(of_clouds: Assigner) -> None:
    strangers = unit_rows(np.random.default_rng(9).standard_normal((100, 384))).astype(np.float32)
    found = of_clouds.assign(
        strangers, np.full((100, 36), np.nan, np.float32), np.zeros(100, bool), strangers
    )
    assert not found.fits.any()
    assert (found.confidence < 0.2).all()


def test_familiarity_is_judged_by_the_whole_text(of_clouds: Assigner) -> None:
    """What is fused may lack the names that the corpus shares; strangers lack them, too."""
    text, behavior, _ = clouds(100, seed=10)
    elsewhere = unit_rows(np.random.default_rng(9).standard_normal((100, 384))).astype(np.float32)
    found = of_clouds.assign(text, behavior, np.ones(100, bool), elsewhere)
    assert not found.is_familiar.any()
    assert (
        found.nearest == of_clouds.assign(text, behavior, np.ones(100, bool), text).nearest
    ).all()


def test_a_newcomer_is_judged_by_itself(of_clouds: Assigner) -> None:
    text, behavior, _ = clouds(30, seed=8)
    is_whole = np.arange(30) % 2 == 0
    together = of_clouds.assign(text, behavior, is_whole, text)
    for row in (0, 7, 29):
        alone = of_clouds.assign(text[[row]], behavior[[row]], is_whole[[row]], text[[row]])
        assert alone.nearest[0] == together.nearest[row]
        assert alone.confidence[0] == pytest.approx(together.confidence[row], abs=1e-5)
        assert alone.familiarity[0] == pytest.approx(together.familiarity[row], abs=0.01)


def test_it_answers_alike_after_it_was_stored(of_clouds: Assigner) -> None:
    main, *parts = ASSIGNING
    stored = as_tables(AssetContract(main, tuple(parts)), "corpus", **frames_of(of_clouds))
    again = assigner_of(stored.by_name, PROFILE.fuse, PROFILE.reduce.n_neighbors)
    text, behavior, _ = clouds(50, seed=11)
    one, other = (a.assign(text, behavior, np.ones(50, bool), text) for a in (of_clouds, again))
    for figure in ("nearest", "runner_up", "confidence", "familiarity", "fits"):
        np.testing.assert_array_equal(getattr(one, figure), getattr(other, figure))


def test_learning_again_gives_the_same_bytes() -> None:
    one, other = (frames_of(learnt()) for _ in range(2))
    for name, frame in one.items():
        assert frame.to_json() == other[name].to_json()


def test_what_is_kept_of_a_large_corpus_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assigner, "LEARNT_FROM", 120)
    monkeypatch.setattr(assigner, "FAMILIAR", 60)
    found = learnt()
    assert found.tweet_counts.sum() == 120
    assert found.centroids.shape == (4, 100)
    assert len(found.familiar) == 60
    text, behavior, personas = clouds(100, seed=12)
    named = np.array(found.personas)[found.assign(text, behavior, np.ones(100, bool), text).nearest]
    assert (named == personas).mean() > 0.95


def test_features_without_needs_are_those_that_a_text_tells() -> None:
    told = {name for name, of_text in zip(NAMES, OF_TEXT, strict=True) if of_text}
    assert {"chars_log", "emoji_log", "mentions_log", "is_addressed"} <= told
    assert not told & {"hour_sin", "likes_log", "followers_log", "thread_replies_log"}


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), min_size=2, max_size=20),
)
def test_a_clearer_case_is_never_less_sure(
    cases: list[tuple[float, bool]], asked: list[float]
) -> None:
    score, is_right = (np.array(column) for column in zip(*cases, strict=True))
    found = Calibration.fit(score, is_right).transform(np.sort(asked))
    assert (np.diff(found) >= -1e-12).all()
    assert ((found >= 0) & (found <= 1)).all()


@given(st.integers(0, 2**32 - 1))
def test_a_tweet_is_calibrated_by_centroids_without_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lying, placed = rng.standard_normal((2, 12, 3))
    own = np.array([0] * 6 + [1] * 5 + [2])
    centroids = np.array([placed[own == k].mean(axis=0) for k in range(3)])
    found = assigner._leave_one_out(lying, placed, own, centroids)
    for row in range(12):
        for k in range(3):
            others = (own == k) & (np.arange(12) != row)
            mean = placed[others].mean(axis=0) if others.any() else np.full(3, np.inf)
            assert found[row, k] == pytest.approx(np.linalg.norm(lying[row] - mean))
