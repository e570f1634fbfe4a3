from __future__ import annotations

import numpy as np
import pytest

from ri_assets.personas.text.words import complaint_words, complaints, stem, words_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pathetic service, I was cheated", {"pathetic", "cheated"}),
        ("ghatiya khana, paisa barbaad, bakwas app", {"ghatiya", "bakwas"}),
        ("no problem at all, zero issues", set()),
        ("there is a problem", {"problem"}),
        ("the design team tests webhooks on a fast train", set()),
        ("", set()),
    ],
)
def test_words_of_complaint(text: str, found: set[str]) -> None:
    assert complaints(words_of(text)) == {stem(word) for word in found}


def test_only_words_of_enough_authors_are_listed_most_frequent_first() -> None:
    texts = ["a scam", "scam again", "scams! fake", "fake", "fake", "disgusting", "fake fake"]
    authors = np.array([1, 2, 3, 4, 5, 6, 7])
    assert complaint_words(texts, authors, 3) == ["fake", "scam"]
    assert complaint_words(texts, np.ones(7, dtype=np.int64), 2) == []
