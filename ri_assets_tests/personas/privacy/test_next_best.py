"""A text that may not be shown leaves its place to the next best, wherever texts are chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from ri_assets.config import load_profile
from ri_assets.personas.corrections.entries import Rename
from ri_assets.personas.enrich import Enriched, enrich
from ri_assets.personas.naming.catalogue import CatalogueMatch, load_catalogue
from ri_assets.personas.naming.kept_names import keep_names
from ri_assets.personas.naming.namers import MIXED, CatalogueNamer, Name
from ri_assets.personas.naming.renames import give_names
from ri_assets.personas.privacy.guard import IN_PLACE, Guard, Passes, withhold
from ri_assets.personas.sentences import key_insight
from ri_assets.quality.tables import figure_table, persona_figures
from ri_assets.records.personas import PERSONAS_ENRICHED
from ri_assets_tests.personas.conftest import Corpus, bag_of_words
from ri_assets_tests.personas.naming.test_kept_names import EVIDENCE, FITS, terms

PROFILE = load_profile("report")
NO_TRAITS = pd.DataFrame(columns=["trait", "value", "lift", "lift_low", "lift_high"], dtype=float)


def without(word: str) -> Passes:
    """Refuse every text that holds a word."""
    return lambda text: word.casefold() not in text.casefold()


class Picky(Guard):
    """Finds something in every text with one of some words, which the cleaner leaves."""

    def __init__(self, *words: str) -> None:
        super().__init__((), {"acme"})
        self.words = words

    def passes(self, text: str) -> bool:
        return not any(word in text.casefold() for word in self.words)


def _enriched(corpus: Corpus, *words: str) -> Enriched:
    return enrich(
        corpus.tweets, corpus.clusters, corpus.embeddings, corpus.replies, corpus.stability,
        PROFILE, ids={0: "P01", 1: "P02", 2: "P03"}, encode=bag_of_words, guard=Picky(*words),
    )  # fmt: skip


def _tables(result: Enriched) -> dict[str, pd.DataFrame]:
    return {
        "personas_enriched": result.personas, "samples": result.samples, "terms": result.terms,
        "emoji": result.emoji, "traits": result.traits, "rhythm": result.rhythm,
    }  # fmt: skip


def test_a_whole_corpus_is_described_without_what_is_refused(corpus: Corpus) -> None:
    """Refused are two tweets in ten of each persona, and all of the second persona's."""
    words = ("courier", "blue", "large")
    free, result = _enriched(corpus), _enriched(corpus, *words)
    frames = withhold(PERSONAS_ENRICHED, _tables(result), result.screen)
    said = "\n".join(
        frame.drop(columns="text_centroid", errors="ignore").to_csv() for frame in frames.values()
    ).casefold()
    before = free.samples.to_csv() + free.terms.to_csv()
    for word in words:
        assert word in before, word
        assert word not in said, word
    # Nothing was left to the backstop: wherever there is a next best, it stands there.
    assert IN_PLACE not in said
    assert result.personas["name"].is_unique
    shown = result.samples["persona_id"].value_counts().to_dict()
    # A persona has ten different texts, all of which were shown before.
    assert free.samples["persona_id"].value_counts().to_dict() == {"P01": 10, "P02": 10, "P03": 10}
    assert shown == {"P01": 8, "P03": 8}
    assert set(result.terms["persona_id"]) == {"P01", "P02", "P03"}
    counts = result.screen.counts()
    assert counts["samples"] > 0
    assert counts["terms"] > 0
    *_, row = figure_table(
        persona_figures(result.agreement, result.distinct, result.screen)
    ).to_dict("records")
    assert row["figure"] == "withheld_texts"
    assert row["value"] == sum(counts.values())
    assert row["n"] >= sum(counts.values())
    assert f"samples: {counts['samples']}" in row["note"]


def test_where_nothing_is_refused_nothing_is_counted(corpus: Corpus) -> None:
    result = _enriched(corpus)
    assert result.screen.counts() == {}
    table = figure_table(persona_figures(None, None, result.screen))
    assert table["figure"].tolist() == ["withheld_texts"]
    assert table["value"].tolist() == [0]
    assert "(none)" in table["note"][0]


def _named(passes: Passes) -> dict[int, Name]:
    return CatalogueNamer().name(replace(EVIDENCE, passes=passes))


def test_an_entry_whose_name_is_refused_names_nobody() -> None:
    names = _named(without(FITS[0].audience.name))
    assert names[0].name == "Refunds and Bank"
    assert names[1].name == FITS[1].audience.name


def test_a_name_a_focus_and_an_evidence_that_are_refused_are_left_out() -> None:
    names = _named(without("quinoa"))
    assert names[2].name == MIXED
    assert names[2].focus == "They share no subject (typical words: saffron)"
    assert all("quinoa" not in line for line in names[2].evidence)


def test_a_kept_name_that_is_refused_is_kept_no_longer() -> None:
    evidence = replace(EVIDENCE, passes=without("saffron"))
    fresh = CatalogueNamer().name(EVIDENCE)
    found = keep_names(fresh, {2: "Saffron", 1: "Courier"}, evidence, CatalogueNamer())
    assert (found[2].name, found[1].name) == ("Quinoa Plates", "Courier")


@pytest.mark.parametrize("field", ["name", "focus", "reason"])
def test_what_a_person_wrote_is_refused_too(field: str) -> None:
    given = {"name": "Foodies", "focus": "food", "reason": "clearer", field: "ask jolly_cedar9"}
    rename = Rename(by="me", date=date(2026, 1, 1), **given)
    names = {0: Name("Automatic", "a focus", ())}
    found = give_names(names, {0: "P01"}, {"P01": rename}, without("jolly"))
    assert found.names == names
    assert found.withheld == ("P01",)
    assert give_names(names, {0: "P01"}, {"P01": rename}).withheld == ()


def test_an_insight_falls_back_to_the_next_term() -> None:
    words = terms({0: ["refund", "bank"]})
    name = Name("N", "f", ())
    assert "“refund”" in key_insight(name, 0.5, words, NO_TRAITS, None)
    said = key_insight(name, 0.5, words, NO_TRAITS, None, without("refund"))
    assert "“bank”" in said
    assert said.startswith("50.0% of all tweets.")
    entry = next(e for e in load_catalogue() if not e.needs)
    fitting = replace(name, fit=CatalogueMatch(entry, ("x",), 0.9, 3.0, None, 0.9))
    best = key_insight(fitting, 0.5, words, NO_TRAITS, None)
    assert "“refund”" not in best
    assert "“refund”" in key_insight(
        fitting,
        0.5,
        words,
        NO_TRAITS,
        None,
        without(entry.insight.format(share="90%", lift="3.0 times")),
    )
