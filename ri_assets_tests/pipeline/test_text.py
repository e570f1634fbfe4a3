"""The forms of a text that stages share."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.config import MaskSettings, load_profile
from ri_assets.pipeline.text import (
    HASHTAG,
    SharedName,
    body,
    content,
    content_without,
    describe_masked,
    shared_names,
    word_count,
    words,
)

few = settings(max_examples=200)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@shop Can you tell me why my parcel is late?!", "tell parcel late"),
        ("The app “crashed” -- again, and again: https://t.co/x", "app crashed"),
        ("Great food & service", "Great food service"),
        ("don't buy 2 of these", "don't buy 2"),
        ("मेरा ऑर्डर नहीं आया।", "मेरा ऑर्डर नहीं आया।"),
        ("#refund please #refund", "refund refund"),
        ("is it you?", "is it you?"),
        ("@shop", ""),
        ("😡 !!!", "😡 !!!"),
    ],
)
def test_content_leaves_out_function_words_and_punctuation(text: str, expected: str) -> None:
    assert content(text) == expected


@few
@given(st.text(alphabet=st.sampled_from("aeinothm @#.,'!?-é😡न"), max_size=60))
def test_content_adds_nothing_and_is_empty_only_where_nothing_was_said(text: str) -> None:
    said, kept = body(text), content(text)
    assert bool(kept) == bool(said)
    assert len(kept) <= len(said)
    for word in words(kept):
        assert word in said
    # What follows a handle at once stays ("@a@a" leaves "@a"), and is a handle by itself.
    if "@" not in kept:
        assert content(kept) == kept


@pytest.mark.parametrize(
    "tag", ["#हिन्दी", "#தமிழ்", "#వార్త", "#วันนี้", "#कोरोना_अपडेट", "#మన\u200cఊరు", "#café", "#東京"]
)
def test_a_hashtag_keeps_its_vowel_signs(tag: str) -> None:
    assert HASHTAG.findall(f"see {tag}, friends") == [tag]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("one two 😀 three", 3, 3),
        ("मेरा ऑर्डर नहीं आया", 4, 4),
        ("昨日頼んだ荷物がまだ届かない", 4, 8),
        ("วันนี้อาหารอร่อยมาก", 4, 8),
        ("今天的外卖送得很快味道也不错", 4, 8),
        ("", 0, 0),
    ],
)
def test_words_are_counted_where_no_blanks_part_them(text: str, least: int, most: int) -> None:
    assert least <= word_count(text) <= most


SETTINGS = MaskSettings(handle_share=0.1, word_share=0.5, add=(), keep=())
TWEETS = [
    *["@ZomatoCare my biryani never arrived"] * 2,
    *["biryani from Zomato was cold"] * 5,
    "biryani from home was warm",
    *["the rain delays every train today"] * 4,
]


def named(texts: list[str], **changes: object) -> dict[str, SharedName]:
    found = shared_names(texts, SETTINGS.model_copy(update=changes))
    return {one.name: one for one in found}


def test_a_handle_that_many_mention_gives_its_name_without_affixes() -> None:
    found = named(TWEETS)
    assert found["zomatocare"].origin == found["zomato"].origin == "handle"
    assert found["zomato"].share == pytest.approx(2 / 12)
    assert "zomato" not in named(TWEETS, handle_share=0.2)


def test_a_word_that_most_tweets_hold_is_shared_and_a_frequent_subject_is_not() -> None:
    found = named(TWEETS)
    assert found["biryani"] == SharedName("biryani", 8 / 12, "word")
    assert "rain" not in found
    assert "train" not in found
    # A word counts once a tweet, however often a tweet repeats it.
    assert not named(["loud loud loud", "one more tweet", "and another text"], handle_share=1.0)


def test_a_profile_adds_and_keeps_names() -> None:
    found = named(TWEETS, add=("rain",), keep=("biryani", "Zomato"))
    assert found["rain"] == SharedName("rain", 4 / 12, "profile")
    assert not {"biryani", "zomato"} & set(found)
    assert list(named([], add=("rain",))) == ["rain"]


def test_the_shipped_profiles_mask_by_the_same_rules() -> None:
    assert load_profile("frozen-2026-11").mask == SETTINGS


@pytest.mark.parametrize("name", ["Zomato", "#zomato", "zomato's", "ZOMATO!", "@zomato"])
def test_a_name_goes_however_it_is_written(name: str) -> None:
    assert content_without(f"{name} refund pending", {"zomato"}) == content("refund pending")


def test_what_is_joined_to_a_name_stays() -> None:
    assert content_without("#zomatogold expired", {"zomato"}) == content("gold expired")
    assert content_without("Coca Cola tastes flat", {"cocacola"}) == content("tastes flat")
    # "amazon" is no form of the short name "ama".
    assert content_without("amazon parcel", {"ama"}) == content("amazon parcel")


def test_a_text_of_nothing_else_stays() -> None:
    assert content_without("Zomato zomato", {"zomato"}) == content("Zomato zomato")


@given(st.text(max_size=80), st.sets(st.text("abz", min_size=1, max_size=6), max_size=3))
def test_masking_only_takes_away(text: str, names: set[str]) -> None:
    left = content_without(text, names)
    assert content_without(text, set()) == " ".join(content(text).split())
    assert bool(left) == bool(content(text).split())
    for word in left.split():
        assert any(word in whole for whole in content(text).split())


def test_a_persons_name_is_counted_and_not_told() -> None:
    found = (
        SharedName("zomato", 0.93, "handle"),
        SharedName("anita_rao", 0.2, "handle"),
        SharedName("metro", 0.01, "profile"),
    )
    line = describe_masked(found, {"zomato"})
    assert (
        line == "zomato (in 93% of the tweets), metro (in 1% of the tweets), 1 that may be people's"
    )
    assert describe_masked((), {"zomato"}) == ""
