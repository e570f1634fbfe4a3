"""Languages of a persona's members."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.sources.languages import language_shares

ENGLISH = "the delivery was late again and nobody answers the phone"
GERMAN = "die Lieferung kam wieder zu spät und niemand geht ans Telefon"
HINGLISH = "bhai mera order kahan hai yaar itna late kyun ho raha hai"


def test_shares_are_of_the_texts_that_can_be_judged() -> None:
    assert language_shares([ENGLISH, ENGLISH, GERMAN, HINGLISH, "@asha 12"]) == [
        {"language": "English", "share": 0.5},
        {"language": "German", "share": 0.25},
        {"language": "Hinglish", "share": 0.25},
    ]


def test_texts_without_letters_have_no_language() -> None:
    assert language_shares([]) == language_shares(["@asha", "123", "ok"]) == []


@given(st.lists(st.sampled_from([ENGLISH, GERMAN, HINGLISH, "no", "late order"]), max_size=9))
def test_shares_sum_to_one_whatever_the_order(texts: list[str]) -> None:
    found = language_shares(texts)
    assert sum(one["share"] for one in found) == pytest.approx(1.0 if found else 0.0)
    assert found == language_shares(texts[::-1])
