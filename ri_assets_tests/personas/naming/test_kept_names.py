from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ri_assets.personas.naming.catalogue import CatalogueMatch, load_catalogue
from ri_assets.personas.naming.namers import (
    CatalogueNamer,
    Name,
    NamingEvidence,
    keep_names,
    name_personas,
)
from ri_assets.personas.text.terms import TERM_COLUMNS

ORDER = [0, 1, 2]
ENTRIES = load_catalogue()[:2]


def terms(words: dict[int, Sequence[str]]) -> pd.DataFrame:
    rows = [
        (cluster, rank, term, 0.5, 0.5, 0.1, 5.0, 9, 9)
        for cluster, found in words.items()
        for rank, term in enumerate(found, start=1)
    ]
    return pd.DataFrame(rows, columns=list(TERM_COLUMNS))


TERMS = terms({0: ["refund", "bank"], 1: ["courier", "late"], 2: ["quinoa", "saffron"]})
FITS = {n: CatalogueMatch(entry, ("x",), 0.5, 3.0, None) for n, entry in enumerate(ENTRIES)}


def kept(names: dict[int, str]) -> dict[int, Name]:
    fresh = name_personas(ORDER, FITS, TERMS)
    return keep_names(fresh, names, NamingEvidence(ORDER, FITS, TERMS, {}), CatalogueNamer())


def test_without_kept_names_all_are_fresh() -> None:
    assert kept({}) == name_personas(ORDER, FITS, TERMS)


def test_a_kept_name_stays_and_says_what_it_would_be() -> None:
    found = kept({2: "Late Parcel Worriers"})
    assert found[2].name == "Late Parcel Worriers"
    assert "Quinoa & Saffron Talkers" in found[2].evidence[0]
    assert found[2].focus == "quinoa and saffron"
    assert found[2].source == "kept"
    assert found[0].name == ENTRIES[0].name


def test_a_kept_name_that_the_evidence_confirms_says_nothing_more() -> None:
    assert kept({0: ENTRIES[0].name}) == name_personas(ORDER, FITS, TERMS)


def test_nobody_else_gets_a_name_that_is_kept() -> None:
    """Cluster 2 keeps the entry's name that cluster 0 fits now, and 1 its terms' name."""
    found = kept({2: ENTRIES[0].name, 1: "Refund & Bank Talkers"})
    assert found[2].name == ENTRIES[0].name
    assert found[2].fit is None
    assert found[1].name == "Refund & Bank Talkers"
    assert found[0].name == "Refund Talkers"
    assert len({name.name.casefold() for name in found.values()}) == 3
