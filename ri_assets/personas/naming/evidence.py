"""What names may rest on, gathered from the corpus.

Belongs here: that no choice rests on members held out from naming. Does not belong here:
how each piece of evidence is found, or what a namer makes of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ri_assets.personas.corpus import PersonaCorpus
from ri_assets.personas.naming.catalogue import (
    Audience,
    Encode,
    by_size,
    match_catalogue,
)
from ri_assets.personas.naming.name_agreement import least_authors
from ri_assets.personas.naming.namers import NamingEvidence
from ri_assets.personas.naming.stances import choose_stances, show_stances
from ri_assets.personas.naming.subjects import find_bonds, rank_subjects
from ri_assets.personas.text.noun_phrases import find_noun_phrases, written_in_capitals
from ri_assets.personas.text.quotes import quotes
from ri_assets.personas.text.terms import recount, term_table


def naming_evidence(
    corpus: PersonaCorpus, catalogue: Sequence[Audience], encode: Encode | None
) -> NamingEvidence:
    """Gather what names may rest on: nothing of held-out members but their part in figures."""
    is_chosen = ~corpus.is_held
    labels, authors = corpus.labels[is_chosen], corpus.authors.codes[is_chosen]
    settings, screen = corpus.settings, corpus.screen
    terms = term_table(
        corpus.vocabulary.of(is_chosen),
        labels,
        authors,
        n_terms=settings.n_terms,
        min_authors=least_authors(settings.min_authors),
        passes=screen.of("terms"),
    )
    counted = recount(terms, corpus.vocabulary, corpus.labels, corpus.authors.codes)
    is_safe = (counted["author_count"] >= settings.min_authors).to_numpy()
    terms, counted = terms[is_safe], counted[is_safe]
    quotable = quotes(
        corpus.texts_of(is_chosen),
        corpus.vectors[is_chosen],
        labels,
        authors,
        terms,
        settings.min_authors,
        screen.of("quotes"),
    )
    return NamingEvidence(
        by_size(labels),
        match_catalogue(
            corpus.texts, corpus.vectors, corpus.labels, catalogue, encode, chosen_by=is_chosen
        ),
        terms,
        quotable,
        screen.of("names"),
        counted=counted,
        subjects=rank_subjects(
            find_noun_phrases(corpus.texts, corpus.brands),
            corpus.labels,
            corpus.authors.codes,
            is_chosen,
            settings.min_authors,
            screen.of("names"),
        ),
        stances=choose_stances(
            show_stances(corpus.texts, corpus.tweets["text"].tolist()), corpus.labels, is_chosen
        ),
        bonds=find_bonds(corpus.texts, corpus.labels, is_chosen),
        capitals=written_in_capitals(corpus.texts),
    )
