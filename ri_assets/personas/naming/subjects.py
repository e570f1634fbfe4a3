"""Subjects that a cluster's members share and others do not, as they write them.

Belongs here: how the noun phrases of a cluster are ranked, and what holds a cluster
together that has no subject: a language, a template, or nothing. Does not belong here:
what a noun phrase is (`ri_assets.personas.text.noun_phrases`), or the words of a name
(`namers`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.personas.naming.name_agreement import least_authors
from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.personas.text.noun_phrases import NounPhrases, grammar
from ri_assets.personas.text.terms import recount, term_table
from ri_assets.personas.text.words import stem, words_of
from ri_assets.sources.languages import ENGLISH, UNDETERMINED, languages_of

N_RANKED = 60
MIN_SHARE, MIN_LIFT, MIN_Z = 0.03, 1.5, 2.0
"""A subject is written by this share of members, this many times the corpus's share, and by so
many standard deviations more members than chance would have."""
MIN_PHRASE_SHARE, MIN_WORD_SHARE = 0.04, 0.10
"""From these on it is clear, and may be the name. A phrase says more than a single word."""
PHRASE_PREFERRED = 0.35
"""A clear phrase comes before a single word whose weight it reaches by this factor, …"""
PHRASE_COVERS = 0.20
"""… unless fewer members than this share of the word's write it."""
LANGUAGE_SHARE = 0.5
LANGUAGE_LIFT = 2.0
TEMPLATE_WORDS = 5
TEMPLATE_SHARE = 1 / 3
SHORT_WORDS = 7

Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Subject:
    """A noun phrase of a cluster.

    Parameters
    ----------
    text
        As most members write it, in lower case.
    share
        Members that write it, 0 to 1.
    lift
        That share over the corpus's.
    singular, plural
        Its singular and plural, if members write those too; else the text.
    is_clear
        Whether so many members write it that it may be the name.
    """

    text: str
    share: float
    lift: float
    singular: str
    plural: str
    is_clear: bool = True


@dataclass(frozen=True)
class Bond:
    """What holds the members of a cluster together, apart from a subject.

    Parameters
    ----------
    language
        A language that most members write and the corpus does not; None without one.
    language_share
        Members that write it, of those whose language is told.
    template
        Words in a row that many members share; None without them.
    template_share
        Members that share them.
    is_short
        Whether half of the members write no more than `SHORT_WORDS` words.
    """

    language: str | None
    language_share: float
    template: str | None
    template_share: float
    is_short: bool


def rank_subjects(
    phrases: NounPhrases,
    clusters: Int64,
    authors: Int64,
    chosen_by: NDArray[np.bool_],
    min_authors: int,
    passes: Passes = everything,
) -> dict[int, tuple[Subject, ...]]:
    """Rank the subjects of each cluster, best first.

    The weight of a phrase is its own contrast (as that of a term) plus the mean of its
    words': "gold membership" stands for all who write "gold" or "membership". A phrase
    that repeats the words of a better one is left out.

    Parameters
    ----------
    phrases
        Of all tweets.
    clusters, authors
        int64, shape (n_tweets,).
    chosen_by
        bool, shape (n_tweets,): tweets that the choice rests on. The figures are those of all.
    min_authors
        A subject is written by so many distinct authors of the cluster.
    passes
        Whether a subject may be shown.
    """
    table = term_table(
        phrases.vocabulary.of(chosen_by),
        clusters[chosen_by],
        authors[chosen_by],
        n_terms=N_RANKED,
        min_authors=least_authors(min_authors),
    )
    figures = recount(table, phrases.vocabulary, clusters, authors)
    is_safe = (figures["author_count"] >= min_authors).to_numpy()
    table, figures = table[is_safe], figures[is_safe]
    found = {}
    for cluster in map(int, np.unique(clusters)):
        own = table[table["cluster"] == cluster].set_index("term")
        counted = figures[figures["cluster"] == cluster]
        share = dict(zip(counted["term"], counted["share"], strict=True))
        lift = dict(zip(counted["term"], counted["lift"], strict=True))
        found[cluster] = tuple(
            Subject(
                text,
                float(share[text]),
                float(lift[text]),
                phrases.singular.get(text, text),
                phrases.plural.get(text, text),
                is_clear,
            )
            for text, is_clear in _ranked(own, phrases.subjects, passes)
        )
    return found


def _ranked(own: pd.DataFrame, subjects: frozenset[str], passes: Passes) -> list[tuple[str, bool]]:
    """Subjects of one cluster by weight, each with whether it is clear.

    Clear ones come first; of those that share a word the best stays.
    """
    weights = {
        " ".join(map(stem, str(term).split())): float(weight)
        for term, weight in own["weight"].items()
    }
    shares = {
        " ".join(map(stem, str(term).split())): float(share) for term, share in own["share"].items()
    }
    scores: dict[str, tuple[bool, float]] = {}
    for term, row in own.iterrows():
        text, share, lift = str(term), float(row["share"]), float(row["lift"])
        if text not in subjects or share < MIN_SHARE or lift < MIN_LIFT:
            continue
        by_chance = share / lift
        if (share - by_chance) / sqrt(by_chance * share / row["tweet_count"]) < MIN_Z:
            continue
        words = text.split()
        is_phrase = len(words) > 1
        score = float(row["weight"])
        if is_phrase:
            parts = [weights.get(stem(word), 0.0) for word in words if len(word) > len("of")]
            score = (score + float(np.mean(parts))) / PHRASE_PREFERRED
        widest = max(shares.get(stem(word), 0.0) for word in words)
        least = max(MIN_PHRASE_SHARE, PHRASE_COVERS * widest) if is_phrase else MIN_WORD_SHARE
        is_clear = share >= least and text not in grammar().weak
        scores[text] = (is_clear, score)
    chosen: list[tuple[str, bool]] = []
    used: set[str] = set()
    for text in sorted(scores, key=lambda text: (*(-part for part in scores[text]), text)):
        stems = set(map(stem, text.split()))
        # A phrase that may not be shown must not keep its words from standing alone.
        if used.isdisjoint(stems) and passes(text):
            chosen.append((text, scores[text][0]))
            used |= stems
    return chosen


def find_bonds(
    texts: Sequence[str], clusters: Int64, chosen_by: NDArray[np.bool_]
) -> Mapping[int, Bond]:
    """Tell what holds each cluster together, by the cleaned texts of its members.

    What it is rests on the tweets `chosen_by`; the shares are those of all.
    """
    everyone = _language_shares([texts[row] for row in np.flatnonzero(chosen_by).tolist()])
    found = {}
    for cluster in map(int, np.unique(clusters)):
        members = [texts[row] for row in np.flatnonzero(clusters == cluster).tolist()]
        own = [texts[row] for row in np.flatnonzero((clusters == cluster) & chosen_by).tolist()]
        language, template = _language(_language_shares(own), everyone), _template(own)
        found[cluster] = Bond(
            language=language,
            language_share=_language_shares(members).get(language or "", 0.0),
            template=template,
            template_share=float(np.mean([_holds(text, template) for text in members])),
            is_short=float(np.median([len(words_of(text)) for text in own] or [0])) <= SHORT_WORDS,
        )
    return found


def _holds(text: str, template: str | None) -> bool:
    return template is not None and f" {template} " in f" {' '.join(words_of(text))} "


def _language_shares(texts: Sequence[str]) -> dict[str, float]:
    counts = dict(languages_of(texts).languages)
    counts.pop(UNDETERMINED, None)
    total = max(sum(counts.values()), 1)
    return {language: count / total for language, count in counts.items()}


def _language(own: Mapping[str, float], everyone: Mapping[str, float]) -> str | None:
    for language, share in own.items():
        if language != ENGLISH and share >= max(
            LANGUAGE_SHARE, LANGUAGE_LIFT * everyone.get(language, 0.0)
        ):
            return language
    return None


def _template(texts: Sequence[str]) -> str | None:
    """Words in a row that at least `TEMPLATE_SHARE` of the texts share."""
    counts: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = words_of(text)
        counts.update(
            {tuple(words[n : n + TEMPLATE_WORDS]) for n in range(len(words) - TEMPLATE_WORDS + 1)}
        )
    if not counts:
        return None
    shared, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return " ".join(shared) if count >= TEMPLATE_SHARE * len(texts) else None
