from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ri_assets.personas.naming.catalogue import Encode, by_size, load_catalogue, match_catalogue
from ri_assets.personas.naming.namers import (
    MAX_WORDS,
    MIXED,
    SHORT,
    CatalogueNamer,
    Name,
    NamingEvidence,
)
from ri_assets.personas.naming.stances import StanceFigures, load_stances
from ri_assets.personas.naming.subjects import Bond, Subject
from ri_assets.personas.text.terms import TERM_COLUMNS
from ri_assets_tests.personas.conftest import bag_of_words

TEXTS = [
    "my refund amount was deducted and nobody answers",
    "parcel late, courier never came, tracking says nothing",
    "zebra quokka pangolin axolotl",
] * 20
CLUSTERS = np.arange(60) % 3


def _terms(words: dict[int, Sequence[str]]) -> pd.DataFrame:
    rows = [
        (cluster, rank, term, 0.5, 0.5, 0.1, 5.0, 9, 9)
        for cluster, terms in words.items()
        for rank, term in enumerate(terms, start=1)
    ]
    return pd.DataFrame(rows, columns=list(TERM_COLUMNS))


@pytest.mark.parametrize("encode", [None, bag_of_words])
def test_names_follow_the_words(encode: Encode | None) -> None:
    fits = match_catalogue(TEXTS, bag_of_words(TEXTS), CLUSTERS, load_catalogue(), encode)
    assert {cluster: fit.audience.name for cluster, fit in fits.items()} == {
        0: "Refund Chasers",
        1: "Delivery Trackers",
    }
    assert fits[0].share == 1
    assert fits[0].lift == pytest.approx(3)
    assert set(fits[0].keywords) == {"refund", "amount", "deduct"}


def test_an_entry_speaks_only_where_words_prove_it() -> None:
    """Delayed flights are late and tracked too, but no parcel is in these tweets."""
    texts = ["my flight is late, tracking says delayed, no delivery of bags"] * 30
    texts += ["the zebra eats grass"] * 30
    clusters = np.repeat([0, 1], 30)
    fits = match_catalogue(texts, bag_of_words(texts), clusters, load_catalogue(), None)
    assert "Delivery Trackers" not in {fit.audience.name for fit in fits.values()}
    told = [text.replace("flight", "parcel") for text in texts]
    fits = match_catalogue(told, bag_of_words(told), clusters, load_catalogue(), None)
    assert fits[0].audience.name == "Delivery Trackers"
    assert fits[0].proof_share == 1
    few = told[:9] + texts[9:]  # three in ten prove it
    fits = match_catalogue(few, bag_of_words(few), clusters, load_catalogue(), None)
    assert "Delivery Trackers" not in {fit.audience.name for fit in fits.values()}


def test_an_entry_is_given_once() -> None:
    texts = ["refund amount deducted"] * 40 + ["zebra quokka"] * 60
    clusters = np.repeat([0, 1, 2], [20, 20, 60])
    fits = match_catalogue(texts, bag_of_words(texts), clusters, load_catalogue(), None)
    names = [fit.audience.name for fit in fits.values()]
    assert len(set(names)) == len(names)
    assert 2 not in fits


def test_random_clusters_get_no_name_of_the_catalogue() -> None:
    clusters = np.random.default_rng(0).integers(0, 3, 60)
    assert not match_catalogue(TEXTS, bag_of_words(TEXTS), clusters, load_catalogue(), None)


def test_an_empty_catalogue_is_allowed() -> None:
    assert match_catalogue(TEXTS, bag_of_words(TEXTS), CLUSTERS, (), bag_of_words) == {}


def subject(
    text: str, *, is_clear: bool = True, singular: str | None = None, plural: str | None = None
) -> Subject:
    return Subject(text, 0.5, 5.0, singular or text, plural or text, is_clear)


def named(
    subjects: dict[int, list[Subject]],
    *,
    stances: dict[int, str] | None = None,
    bonds: dict[int, Bond] | None = None,
    terms: pd.DataFrame | None = None,
) -> dict[int, Name]:
    by_name = {stance.name: stance for stance in load_stances()}
    evidence = NamingEvidence(
        order=sorted(subjects),
        fits={},
        terms=_terms({}) if terms is None else terms,
        quotes={},
        subjects=subjects,
        stances={
            cluster: StanceFigures(by_name[name], 0.6, 2.0)
            for cluster, name in (stances or {}).items()
        },
        bonds=bonds or {},
        capitals=frozenset({"lax"}),
    )
    return CatalogueNamer().name(evidence)


def test_own_names_are_one_subject_and_one_stance() -> None:
    names = named(
        {
            0: [subject("delivery boys", singular="delivery boy"), subject("refund")],
            1: [subject("credit score", plural="credit scores")],
            2: [subject("lax shooting")],
            3: [subject("helicopter crash")],
            4: [subject("prayers"), subject("lack of texas")],
        },
        stances={0: "Complainers", 1: "Askers", 3: "Complainers", 4: "Mourners"},
    )
    assert [name.name for name in names.values()] == [
        "Delivery Boy Complainers",
        "Credit Score Askers",
        "LAX Shooting",
        "Helicopter Crash",  # who writes of a crash does not complain
        "Lack of Texas Mourners",  # prayers are how they mourn, and not what over
    ]
    assert names[0].focus == "They complain about delivery boys and refund"
    assert names[3].focus == "They write about helicopter crash"
    assert names[4].focus == "They mourn over lack of texas"
    assert "60% of the tweets use a word of complaint, 2.0 times the corpus's share" in (
        names[0].evidence
    )


def test_names_are_unique_and_say_where_there_is_no_subject() -> None:
    short = Bond(None, 0.0, None, 0.0, is_short=True)
    names = named(
        {0: [subject("refund")], 1: [subject("refund")], 2: [], 3: [], 4: [],
         5: [subject("india", is_clear=False)], 6: [subject("service", is_clear=False)]},
        bonds={1: short, 2: short},
        stances={4: "Thankers"},
    )  # fmt: skip
    assert [name.name for name in names.values()] == [
        "Refund",
        SHORT,
        f"{SHORT} 2",
        MIXED,
        "Thankers on Mixed Subjects",
        "Mixed Posts on India",
        f"{MIXED} 2",
    ]
    assert names[2].focus == "They share no subject"


def test_a_language_or_a_template_names_a_persona() -> None:
    bonds = {
        0: Bond("Hinglish", 0.9, None, 0.0, is_short=False),
        1: Bond("Hinglish", 0.8, None, 0.0, is_short=False),
        2: Bond(None, 0.0, "i reviewed and rated it", 0.7, is_short=False),
        3: Bond(None, 0.0, "your order has been placed", 0.7, is_short=False),
    }
    names = named(
        {0: [], 1: [subject("fraud")], 2: [subject("reviews", singular="review")], 3: []},
        bonds=bonds,
    )
    assert [name.name for name in names.values()] == [
        "Hinglish Voices",
        "Hinglish Voices on Fraud",
        "Automatic Review Posts",
        "Automatic Posts",
    ]
    assert names[1].focus == "They write in Hinglish about fraud"
    assert "90% of the tweets are in Hinglish" in names[0].evidence
    assert "“your order has been placed” is in 70% of the tweets" in names[3].evidence


@given(
    st.lists(
        st.lists(st.sampled_from(["refund", "late flight", "gold card", "lack of care"])),
        min_size=1, max_size=9,
    ),
    st.sampled_from([None, *[stance.name for stance in load_stances()]]),
)  # fmt: skip
def test_names_are_short_and_differ(found: list[list[str]], stance: str | None) -> None:
    subjects = {n: [subject(text) for text in dict.fromkeys(own)] for n, own in enumerate(found)}
    names = named(subjects, stances=dict.fromkeys(subjects, stance) if stance else None)
    assert len({name.name.casefold() for name in names.values()}) == len(found)
    for name in names.values():
        assert len(name.name.removesuffix(f" {len(found)}").split()) <= MAX_WORDS + 1
        assert "Talkers" not in name.name


def test_numbers_of_clusters_do_not_matter() -> None:
    def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
        return bag_of_words(texts)

    renamed = np.array([7, 3, 5])[CLUSTERS]
    one = match_catalogue(TEXTS, vectors(TEXTS), CLUSTERS, load_catalogue(), bag_of_words)
    other = match_catalogue(TEXTS, vectors(TEXTS), renamed, load_catalogue(), bag_of_words)
    assert {(7, 3, 5)[cluster]: fit for cluster, fit in one.items()} == other
    assert by_size(renamed) == [7, 3, 5]
