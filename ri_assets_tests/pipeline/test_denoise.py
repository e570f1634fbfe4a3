from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ri_assets.config import DenoiseSettings
from ri_assets.pipeline.denoise import RULES, Denoised, denoise
from ri_assets.pipeline.near_duplicates import nearest_earlier
from ri_assets_tests.posts import tweets

SETTINGS = DenoiseSettings(
    near_duplicate_cosine=0.95,
    min_chars=20,
    min_words=5,
    template_min_copies=3,
    frame_min_copies=8,
    frame_min_corpus_share=0.002,
    frame_min_words=6,
    frame_min_fixed_share=0.6,
)
LONG = "this is an ordinary tweet with quite enough words number {}"


def letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed by counts of letters: crude, but similar texts are near and others are not."""
    counts = np.array(
        [[t.count(c) + 1e-3 for c in "abcdefghijklmnopqrstuvwxyz0123456789"] for t in texts]
    )
    counts = counts.reshape(len(texts), 36)
    unit = counts / np.linalg.norm(counts, axis=1, keepdims=True)
    return np.asarray(unit, dtype=np.float32)


def apart(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed every distinct text on an axis of its own."""
    axes = {text: i for i, text in enumerate(sorted(set(texts)))}
    vectors = np.zeros((len(texts), len(axes)), dtype=np.float32)
    for row, text in enumerate(texts):
        vectors[row, axes[text]] = 1
    return vectors


def rules(result: Denoised) -> dict[int, str]:
    return dict(zip(result.dropped["tweet_id"], result.dropped["rule"], strict=True))


def test_an_exact_duplicate_names_the_earliest_copy() -> None:
    text = LONG.format("one")
    result = denoise(tweets([text, LONG.format("2"), f"  {text}\n"]), apart, SETTINGS)
    drop = result.dropped.iloc[0]
    assert (drop.tweet_id, drop.rule, drop.score, drop.duplicate_of) == (3, "exact_duplicate", 1, 1)
    assert list(result.kept["tweet_id"]) == [1, 2]


def test_unicode_forms_of_one_text_are_exact_duplicates() -> None:
    composed, decomposed = (
        "café is open late again this evening",
        "café is open late again this evening",
    )
    assert rules(denoise(tweets([composed, decomposed]), apart, SETTINGS)) == {2: "exact_duplicate"}


def test_case_makes_no_exact_duplicate() -> None:
    text = "where is my order it is late again"
    assert rules(denoise(tweets([text, text.upper()]), apart, SETTINGS)) == {}


def test_handles_and_links_do_not_hide_a_near_duplicate() -> None:
    first = "@shop my parcel from last week never arrived https://t.co/aaa"
    second = "@other my parcel from last week never arrived https://t.co/bbb"
    result = denoise(tweets([first, second]), apart, SETTINGS)
    assert rules(result) == {2: "near_duplicate"}
    assert result.dropped["duplicate_of"].tolist() == [1]
    assert result.dropped["score"].iloc[0] == pytest.approx(1)


def test_native_and_manual_retweets_are_dropped() -> None:
    frame = tweets(
        [
            f"RT @someone: {LONG.format('a')}",
            LONG.format("native b"),
            "I said RT @him: once, long ago",
        ],
        is_retweet=[False, True, False],
    )
    assert rules(denoise(frame, apart, SETTINGS)) == {1: "retweet", 2: "retweet"}


@pytest.mark.parametrize(
    ("text", "is_short"),
    [
        ("one two three four five", True),  # five words
        ("one two three four five six", False),
        ("a b c d e f g h i j", True),  # nineteen characters
        ("a b c d e f g h i jk", True),  # twenty characters
        ("a b c d e f g h i jkl", False),
        ("@someone @other one two three four five https://t.co/abcdef", True),
        ("one two three four five 😀 !!! ...", True),  # emoji and dots are no words
    ],
)
def test_short_counts_what_was_said(text: str, is_short: bool) -> None:
    result = denoise(tweets([text]), apart, SETTINGS)
    assert rules(result) == ({1: "short"} if is_short else {})
    if is_short:
        assert result.dropped["score"].iloc[0] <= 1


def test_promotions_from_one_template_are_dropped_and_ordinary_phrases_stay() -> None:
    codes = ["AB12CD", "ZX98YU", "QW45ER"]
    promotions = [
        f"Use code {code} and get {n}0% off on your first order" for n, code in enumerate(codes, 1)
    ]
    ordinary = [f"my order {n} has been stuck in transit for days" for n in (111, 222, 333)]
    result = denoise(tweets(promotions + ordinary), apart, SETTINGS)
    assert rules(result) == {1: "template", 2: "template", 3: "template"}
    assert result.dropped["score"].tolist() == [3, 3, 3]


def test_a_promotion_without_copies_stays() -> None:
    assert (
        rules(
            denoise(tweets(["Use code AB12 for 20% off on your next big order"]), apart, SETTINGS)
        )
        == {}
    )


def test_the_funnel_has_a_row_for_rules_that_dropped_nothing() -> None:
    funnel = denoise(tweets([LONG.format("one")]), apart, SETTINGS).funnel
    assert tuple(funnel["rule"]) == RULES
    assert funnel["n_dropped"].sum() == 0


def test_no_tweets_give_an_empty_result() -> None:
    result = denoise(tweets([]), apart, SETTINGS)
    assert len(result.kept) == len(result.dropped) == 0


TEXTS = st.lists(
    st.one_of(
        st.sampled_from([LONG.format(i) for i in range(4)]),
        st.text(max_size=60),
        st.sampled_from(["RT @x: hello there my very good old friends", "ok", "", "@a @b", "😀😀"]),
    ),
    max_size=25,
)


@given(TEXTS)
def test_every_tweet_is_kept_or_dropped_by_one_rule(texts: list[str]) -> None:
    result = denoise(tweets(texts), letters, SETTINGS)
    ids = [*result.kept["tweet_id"], *result.dropped["tweet_id"]]
    assert sorted(ids) == list(range(1, len(texts) + 1))
    assert set(result.dropped["rule"]) <= set(RULES)
    assert result.funnel["n_dropped"].sum() == len(result.dropped)


@given(TEXTS, st.randoms(use_true_random=False))
def test_row_order_never_matters(texts: list[str], random: object) -> None:
    frame = tweets(texts)
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    expected, shuffled = (denoise(f, letters, SETTINGS) for f in (frame, frame.iloc[order]))
    pd.testing.assert_frame_equal(expected.kept, shuffled.kept)
    pd.testing.assert_frame_equal(expected.dropped, shuffled.dropped)


@given(TEXTS)
def test_what_a_duplicate_repeats_is_earlier(texts: list[str]) -> None:
    dropped = denoise(tweets(texts), letters, SETTINGS).dropped
    pointing = dropped[dropped["rule"].isin(["exact_duplicate", "near_duplicate"])]
    assert (pointing["duplicate_of"] < pointing["tweet_id"]).all()


def greedy(vectors: NDArray[np.float32], threshold: float) -> list[int]:
    """Keep rows the slow way, one by one."""
    kept: list[int] = []
    for row, vector in enumerate(vectors):
        if all(float(vectors[k] @ vector) <= threshold for k in kept):
            kept.append(row)
    return kept


@pytest.mark.parametrize("n", [0, 1, 5, 1023, 1024, 1025, 2600])
def test_blocks_keep_what_one_by_one_comparison_keeps(n: int) -> None:
    rng = np.random.default_rng(n)
    # Few dimensions, so that chains of near rows cross the borders of blocks.
    vectors = rng.normal(size=(n, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest, cosine = nearest_earlier(vectors, 0.999)
    assert np.flatnonzero(nearest < 0).tolist() == greedy(vectors, 0.999)
    copies = np.flatnonzero(nearest >= 0)
    assert np.allclose(
        (vectors[copies] * vectors[nearest[copies]]).sum(axis=1), cosine[copies], atol=1e-6
    )
    assert set(nearest[copies]) <= set(np.flatnonzero(nearest < 0))


NAMES = ("Asteria", "Bar Tales", "China Gate", "Dolchii", "Kulfiano", "Stegi", "Tamasha", "D'ah")


def test_tweets_of_one_frame_are_templates_and_common_phrases_stay() -> None:
    framed = [f"I visited {name} and left a note about it on @foodapp #Yum" for name in NAMES]
    phrases = [f"thank you so much for the help with my {name.lower()} today" for name in NAMES]
    result = denoise(tweets(framed + phrases), apart, SETTINGS)
    assert rules(result) == dict.fromkeys(range(1, 9), "template")
    assert set(result.dropped["score"]) == {8.0}
    assert set(result.dropped["duplicate_of"]) == {1}


def test_promotions_of_one_frame_need_fewer_copies() -> None:
    offers = [f"Order now at {name} and win a free dessert on us" for name in NAMES[:3]]
    visits = [f"We went to {name} and had a free dessert on them" for name in NAMES[:3]]
    result = denoise(tweets(offers + visits), apart, SETTINGS)
    assert rules(result) == dict.fromkeys(range(1, 4), "template")


def test_in_a_large_corpus_a_frame_needs_its_share() -> None:
    framed = [f"I visited {name} and left a note about it on @foodapp #Yum" for name in NAMES]
    others = [" ".join(f"{a}{b}{c}" for c in "abcdefgh") for a in "pqrst" for b in "ijklmnop"]
    whole = SETTINGS.model_copy(update={"frame_min_corpus_share": 0.5})
    assert rules(denoise(tweets(framed + others), apart, whole)) == {}


def test_without_a_model_only_near_duplicates_are_missed() -> None:
    first = "@shop my parcel from last week never arrived https://t.co/aaa"
    frame = tweets([first, first, first.replace("shop", "other"), "ok"])
    assert rules(denoise(frame, None, SETTINGS)) == {2: "exact_duplicate", 4: "short"}
