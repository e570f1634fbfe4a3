"""The forms of a text that stages share."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.pipeline.text import HASHTAG, body, content, word_count, words

few = settings(max_examples=200, deadline=None)


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
