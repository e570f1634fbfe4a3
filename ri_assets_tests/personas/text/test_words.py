from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.personas.text.vocabulary import build_vocabulary, common_handle_words
from ri_assets.personas.text.words import emoji_of, is_code_mixed, phrases, stem, words_of


def test_what_is_no_word_is_left_out() -> None:
    text = "Don&#39;t @me &amp; see https://t.co/x1 [phone] a1b2 50% jo@x.com मेरा"
    assert words_of(text) == ["dont", "see", "मेरा"]


def test_punctuation_ends_a_phrase() -> None:
    assert phrases("late order, no refund") == [["late", "order"], ["no", "refund"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("आधुनिक मानक हिन्दी", ["आधुनिक", "मानक", "हिन्दी"]),
        ("यह ठीक है। धन्यवाद", ["यह", "ठीक", "है", "धन्यवाद"]),
        ("ప్రధానమంత్రిని కలుసుకున్నారు", ["ప్రధానమంత్రిని", "కలుసుకున్నారు"]),
        ("வண்டி இருக்கிறது", ["வண்டி", "இருக்கிறது"]),
        ("ഓര്\u200dഡര്", ["ഓര്\u200dഡര്"]),
        ("วันนี้อาหารอร่อย ส่งเร็ว", ["วันนี้อาหารอร่อย", "ส่งเร็ว"]),
        ("مُحَمَّدٌ رَسُولٌ", ["مُحَمَّدٌ", "رَسُولٌ"]),
        ("می\u200cخواهم کتاب\u200cها", ["می\u200cخواهم", "کتاب\u200cها"]),
        ("שָׁלוֹם עוֹלָם", ["שָׁלוֹם", "עוֹלָם"]),
        ("မြန်မာ ဘာသာ", ["မြန်မာ", "ဘာသာ"]),
        ("ភាសាខ្មែរ ល្អ", ["ភាសាខ្មែរ", "ល្អ"]),
        ("བོད་ཡིག", ["བོད", "ཡིག"]),
        ("배달이 너무 늦어요", ["배달이", "너무", "늦어요"]),
        ("今天的外卖送得很快，味道不错", ["今天的外卖送得很快", "味道不错"]),
        ("Straße tiê\u0301ng", ["straße", "tiếng"]),
        ("#हिन्दी #வண்டி", ["हिन्दी", "வண்டி"]),
    ],
)
def test_words_of_every_script_stay_whole(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


@pytest.mark.parametrize(
    "forms",
    [
        ("order", "orders", "ordered", "ordering"),
        ("charge", "charged", "charges", "charging"),
        ("policy", "policies"),
        ("ship", "shipped", "shipping"),
    ],
)
def test_forms_of_a_word_share_a_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_emoji_without_skin_tone_and_typed_signs() -> None:
    assert emoji_of("👍🏽 and 👍 1️⃣ © 👨‍👩‍👧") == ["👍", "👍", "👨‍👩‍👧"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mera refund kab milega", True),
        ("the main bus is here to stay", False),
        ("order नहीं आया", True),
        ("नहीं आया", False),
    ],
)
def test_code_mixing(text: str, expected: bool) -> None:
    assert is_code_mixed(words_of(text)) is expected


def test_the_brand_under_discussion_is_no_term() -> None:
    raw = [f"@AcmeCare acme refund {n}" for n in range(9)] + ["@rare other"]
    assert common_handle_words(raw) == {"acmecare", "acme", "rare"}
    vocabulary = build_vocabulary(["acme refund please"] * 10, raw)
    assert vocabulary.terms == ("refund",)


def test_a_phrase_needs_more_than_chance() -> None:
    together = ["customer care answers nothing", "customer care sleeps"] * 5
    apart = ["late parcel", "blue kettle", "green kettle", "late courier"] * 5
    terms = build_vocabulary(together + apart, [""]).terms
    assert "customer care" in terms
    assert "late kettle" not in terms


@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_text_has_a_vocabulary(texts: list[str]) -> None:
    vocabulary = build_vocabulary(texts, texts)
    assert vocabulary.uses.shape == (len(texts), len(vocabulary.terms))
    assert all(not any(char.isdigit() or char in "@<>" for char in t) for t in vocabulary.terms)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I donâ€™t get it", ["i", "dont", "get", "it"]),
        ("so happy ðŸ˜Š today", ["so", "happy", "today"]),
        ("price Â£ is high", ["price", "£", "is", "high"]),
        ("it\ufffds broken \ufffd\ufffd", ["its", "broken"]),
        ("&amp;amp; fees &lt;b&gt;", ["amp", "fees", "b"]),
        ("café naïve Übung â la carte", ["café", "naïve", "übung", "â", "la", "carte"]),
    ],
)
def test_debris_of_encodings_is_no_word(text: str, words: list[str]) -> None:
    assert words_of(text) == [word for word in words if word != "£"]
