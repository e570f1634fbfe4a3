from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ri_assets.personas.naming.namers import Name
from ri_assets.personas.text.quotes import MAX_WORDS, N_QUOTES, quote_members, quotes, said_of
from ri_assets.personas.text.terms import TERM_COLUMNS
from ri_assets_tests.personas.conftest import bag_of_words

TERMS = pd.DataFrame(
    [(0, 1, "refund", 0.5, 0.5, 0.1, 5.0, 9, 9), (1, 1, "parcel", 0.5, 0.5, 0.1, 5.0, 9, 9)],
    columns=list(TERM_COLUMNS),
)
SAID = ("where is my refund now", "my parcel is late again")


def _quotes(
    texts: list[str], authors: list[int] | None = None, least: int = 5
) -> dict[int, list[str]]:
    clusters = np.arange(len(texts)) % 2
    codes = np.arange(len(texts)) if authors is None else np.array(authors)
    return quotes(texts, bag_of_words(texts), clusters, codes, TERMS, least)


def test_pieces_that_hold_a_term_are_quoted() -> None:
    texts = [f"Hello there. And {SAID[n % 2]}! thanks" for n in range(20)]
    assert _quotes(texts) == {0: [SAID[0]], 1: [SAID[1]]}


@pytest.mark.parametrize(
    "piece",
    [
        "rahul took my refund away",  # a word of one author
        "my refund of 4500 is late",
        "my refund @acme is late again",
        "[HANDLE] owes me a refund now",
        "my refund is at http://x.co now",
        "my refund",
        " ".join(["refund", *["is"] * MAX_WORDS]),
        "my parcel is late again",  # another persona's term
        "my shitty refund is late again",
        "my refund is\u200b late again",
    ],
)
def test_what_points_to_a_person_or_says_nothing_is_not_quoted(piece: str) -> None:
    texts = [SAID[n % 2] for n in range(20)]
    # Said by many, so that only the rule at hand can refuse it; names are said by one.
    texts += [piece if n % 2 == 0 else SAID[1] for n in range(2 if "rahul" in piece else 20)]
    assert piece not in _quotes(texts)[0]


def test_few_authors_are_not_quoted() -> None:
    texts = [SAID[n % 2] for n in range(20)]
    assert _quotes(texts, authors=[n % 2 for n in range(20)]) == {0: [], 1: []}


def test_quotes_tell_personas_apart_and_names_stay() -> None:
    texts = [SAID[n % 2] for n in range(40)]
    clusters = np.arange(40) % 2
    names = {0: Name("A", "things", ()), 1: Name("B", "things", ())}
    vectors = bag_of_words(texts)
    found = {0: [SAID[0], "where now"], 1: [SAID[1]]}
    named = quote_members(names, found, vectors, clusters, bag_of_words)
    assert [named[c].name for c in (0, 1)] == ["A", "B"]
    assert named[0].focus.startswith("things, as in “where")
    assert named[1].focus == f"things, as in “{SAID[1]}”"
    assert all(name.focus.count("“") <= N_QUOTES for name in named.values())
    nearest = np.argmax(vectors @ bag_of_words([said_of(named[c]) for c in (0, 1)]).T, axis=1)
    assert np.array_equal(nearest, clusters)


def test_without_quotes_the_focus_stays() -> None:
    names = {3: Name("A", "things", ()), 7: Name("B", "others", ())}
    clusters = np.array([3, 7] * 5)
    vectors = bag_of_words(["one two", "three four"] * 5)
    assert quote_members(names, {}, vectors, clusters, bag_of_words) == names


def test_numbers_of_clusters_do_not_matter() -> None:
    texts = [SAID[n % 2] for n in range(40)]
    names = {0: Name("A", "things", ()), 1: Name("B", "things", ())}
    found = {0: [SAID[0]], 1: [SAID[1]]}
    clusters = np.arange(40) % 2
    vectors = bag_of_words(texts)
    one = quote_members(names, found, vectors, clusters, bag_of_words)
    other = quote_members(
        {9: names[0], 4: names[1]}, {9: found[0], 4: found[1]}, vectors,
        np.where(clusters == 0, 9, 4), bag_of_words,
    )  # fmt: skip
    assert {9: one[0], 4: one[1]} == other
