from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from ri_assets.personas.naming.catalogue import CatalogueMatch, load_catalogue
from ri_assets.personas.naming.kept_names import holds, keep_names
from ri_assets.personas.naming.namers import (
    MIXED,
    CatalogueNamer,
    Name,
    NamingEvidence,
)
from ri_assets.personas.naming.stances import StanceFigures, load_stances
from ri_assets.personas.naming.subjects import Subject
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
FITS = {n: CatalogueMatch(entry, ("x",), 0.5, 3.0, None, 0.4) for n, entry in enumerate(ENTRIES)}


EVIDENCE = NamingEvidence(
    ORDER,
    FITS,
    TERMS,
    {},
    subjects={
        0: [Subject("refund", 0.5, 5.0, "refund", "refunds"),
            Subject("bank", 0.2, 5.0, "bank", "bank")],
        2: [Subject("quinoa plates", 0.5, 5.0, "quinoa plate", "quinoa plates")],
    },
)  # fmt: skip


def fresh() -> dict[int, Name]:
    return CatalogueNamer().name(EVIDENCE)


def kept(names: dict[int, str]) -> dict[int, Name]:
    return keep_names(fresh(), names, EVIDENCE, CatalogueNamer())


def test_without_kept_names_all_are_fresh() -> None:
    assert kept({}) == fresh()
    assert fresh()[2].name == "Quinoa Plates"


def test_a_kept_name_stays_and_says_what_it_would_be() -> None:
    found = kept({2: "Saffron Complainers"})
    assert found[2].name == "Saffron Complainers"
    assert "Quinoa Plates" in found[2].evidence[0]
    assert found[2].focus == "They write about quinoa plates (typical words: quinoa, saffron)"
    assert found[2].source == "kept"
    assert found[0].name == ENTRIES[0].name


def test_a_kept_name_that_the_evidence_confirms_says_nothing_more() -> None:
    assert kept({0: ENTRIES[0].name}) == fresh()


def test_a_name_is_kept_only_while_the_evidence_holds() -> None:
    """Nobody writes of parcels or late flights here, and the entry matches another cluster."""
    for name in ("Late Parcels", "Flight Delay Complainers", ENTRIES[1].name, MIXED):
        assert kept({2: name}) == fresh(), name
    asking = replace(
        EVIDENCE,
        stances={2: StanceFigures(next(s for s in load_stances() if s.name == "Askers"), 0.6, 2.0)},
    )
    assert holds("Saffron Askers", 2, asking)
    assert holds("Saffron", 2, asking)
    assert not holds("Saffron Complainers", 2, asking)


def test_nobody_else_gets_a_name_that_is_kept() -> None:
    found = kept({1: "Courier", 2: "Quinoa"})
    assert (found[1].name, found[2].name) == ("Courier", "Quinoa")
    found = keep_names(
        fresh(), {2: "Saffron", 0: "Refunds"}, replace(EVIDENCE, fits={}), CatalogueNamer()
    )
    assert found[0].name == "Refunds"
    assert len({name.name.casefold() for name in found.values()}) == 3
