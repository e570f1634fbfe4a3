from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from ri_assets.personas.naming.catalogue import Encode, by_size, load_catalogue, match_catalogue
from ri_assets.personas.naming.namers import name_personas
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


def test_own_names_are_made_of_terms_and_unique() -> None:
    terms = _terms(
        {0: ["upi", "upi wallet", "refund"], 1: ["upi", "refund"], 2: [], 3: [], 4: ["shit", "ai"]}
    )
    names = name_personas([0, 1, 2, 3, 4], {}, terms)
    assert [names[c].name for c in range(5)] == [
        "UPI & Refund Talkers",
        "UPI Talkers",
        "Mixed Topics Talkers",
        "Mixed Topics Talkers 2",
        "AI Talkers",
    ]
    assert names[0].focus == "upi, upi wallet and refund"
    assert any("50%" in line for line in names[0].evidence)


def test_numbers_of_clusters_do_not_matter() -> None:
    def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
        return bag_of_words(texts)

    renamed = np.array([7, 3, 5])[CLUSTERS]
    one = match_catalogue(TEXTS, vectors(TEXTS), CLUSTERS, load_catalogue(), bag_of_words)
    other = match_catalogue(TEXTS, vectors(TEXTS), renamed, load_catalogue(), bag_of_words)
    assert {(7, 3, 5)[cluster]: fit for cluster, fit in one.items()} == other
    assert by_size(renamed) == [7, 3, 5]
