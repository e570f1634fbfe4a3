"""What members say, in their own words: short quotes that a focus may end with.

Belongs here: which pieces of tweets may be quoted, and which of them tell the personas
apart. Does not belong here: the rest of a focus (`naming`), or samples of whole tweets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.personas.naming.catalogue import Encode
from ri_assets.personas.naming.namers import Name
from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.personas.text.words import stem, word_lists, words_of

MIN_WORDS, MAX_WORDS = 4, 12
N_QUOTES = 2
N_NEAREST = 150
"""Quotes come from so many members of different authors, those nearest in meaning."""
N_CANDIDATES = 12
TEMPERATURE = 0.05
"""Cosines over this are the log-odds of a softmax: small gains of many members count."""

_BREAK = re.compile(r"[.!?;:|…\n]+|\s[-–—]+\s")
_OPENING = re.compile(r"^(?:and|but|so|also|oh|well|then|yes)\b[\s,]*", re.IGNORECASE)
# Pieces with parts of an address or a number of somebody's, or with words that speak of one.
_ODD = re.compile(
    r"[\d@#\[\]\"“”<>{}=\\]|https?:|www\.|link|email|upi|handle|ip|id|bank|card|phone|number"
)
_EDGES = " ,'’‘()*_~-"

Float32 = NDArray[np.float32]
Labels = NDArray[np.int64]


def quotes(
    texts: Sequence[str],
    vectors: Float32,
    clusters: Labels,
    authors: Labels,
    terms: pd.DataFrame,
    min_authors: int,
    passes: Passes = everything,
) -> dict[int, list[str]]:
    """Pieces of tweets that may be quoted, by cluster, of the nearest members first.

    A piece is what stands between two ends of a sentence, 4 to 12 words, and holds one of
    the cluster's terms, if it has any. Each of its words, whoever wrote it, is used by
    `min_authors` authors of the corpus, so that no word of a quote points to a person.

    Parameters
    ----------
    texts
        Cleaned texts of the tweets.
    vectors
        float32, shape (n_tweets, d): unit text vectors.
    clusters, authors
        int64, shape (n_tweets,).
    terms
        As `ri_assets.personas.text.terms.term_table` gives them for the same tweets.
    min_authors
        A cluster with fewer distinct authors is not quoted.
    passes
        Whether a piece may be shown.
    """
    common = _common_words(texts, authors, min_authors)
    middle = vectors.mean(axis=0)
    found: dict[int, list[str]] = {}
    for cluster in map(int, np.unique(clusters)):
        rows = np.flatnonzero(clusters == cluster)
        keys = {
            tuple(map(stem, term.split()))
            for term in terms.loc[terms["cluster"] == cluster, "term"]
        }
        nearness = vectors[rows] @ (vectors[rows].mean(axis=0) - middle)
        rows = rows[np.argsort(-nearness, kind="stable")]
        _, firsts = np.unique(authors[rows], return_index=True)
        if len(firsts) < min_authors:
            found[cluster] = []
            continue
        pieces: dict[str, str] = {}
        for row in rows[np.sort(firsts)[:N_NEAREST]]:
            for piece in _pieces(texts[row]):
                if _is_quotable(piece, keys, common) and passes(piece):
                    pieces.setdefault(piece.casefold(), piece)
        found[cluster] = list(pieces.values())
    return found


def quote_members(
    names: Mapping[int, Name],
    found: Mapping[int, Sequence[str]],
    vectors: Float32,
    clusters: Labels,
    encode: Encode,
) -> dict[int, Name]:
    """End each focus with the quotes by which members are best told from other personas.

    Of each cluster the quotes nearest to it and farthest from the next are tried, one
    more at a time. The choice that makes the members' own name most
    likely (a softmax over the cosines to all names) is kept, until no change of one
    focus gains.

    Parameters
    ----------
    names
        Names by cluster, without quotes.
    found
        As `quotes` gives them.
    vectors, clusters
        float32, shape (n, d), and int64, shape (n,): of the members that names may rest
        on. Those held out from naming must not be among them.
    encode
        Unit embeddings of short texts.
    """
    order = sorted(names)
    labels = np.searchsorted(order, clusters)
    candidates = _nearest_quotes([list(found.get(c, ())) for c in order], vectors, labels, encode)
    chosen: list[tuple[str, ...]] = [() for _ in order]
    for _ in range(N_QUOTES):
        options = [
            [had, *((*had, quote) for quote in pool if quote not in had)]
            for had, pool in zip(chosen, candidates, strict=True)
        ]
        chosen = _likeliest([names[c] for c in order], options, vectors, labels, encode)
    return {
        cluster: replace(names[cluster], focus=_focus(names[cluster], said))
        for cluster, said in zip(order, chosen, strict=True)
    }


def said_of(name: Name) -> str:
    """Put name and focus in the one text that is embedded for the name agreement."""
    return f"{name.name}: {name.focus}"


def _focus(name: Name, said: Sequence[str]) -> str:
    quoted = " and ".join(f"“{quote}”" for quote in said)
    return f"{name.focus}, as in {quoted}" if quoted else name.focus


def _likeliest(
    names: Sequence[Name],
    options: Sequence[Sequence[tuple[str, ...]]],
    vectors: Float32,
    labels: Labels,
    encode: Encode,
) -> list[tuple[str, ...]]:
    """Choose one option a name by coordinate ascent, starting with the first of each."""
    texts = [
        [said_of(replace(name, focus=_focus(name, said))) for said in own]
        for name, own in zip(names, options, strict=True)
    ]
    ends = np.cumsum([0, *map(len, texts)])
    embedded = encode([text for own in texts for text in own])
    cosines = (vectors @ embedded.T).astype(np.float64) / TEMPERATURE
    picked = ends[:-1].copy()
    best = _likelihood(cosines[:, picked], labels)
    is_better = True
    while is_better:
        is_better = False
        for place in range(len(names)):
            for option in range(ends[place], ends[place + 1]):
                tried = picked.copy()
                tried[place] = option
                gained = _likelihood(cosines[:, tried], labels)
                if gained > best + 1e-9:
                    picked, best, is_better = tried, gained, True
    return [
        own[option - start] for own, option, start in zip(options, picked, ends[:-1], strict=True)
    ]


def _likelihood(cosines: NDArray[np.float64], labels: Labels) -> float:
    """Mean log-probability of each member's own name."""
    top = cosines.max(axis=1, keepdims=True)
    total = np.log(np.exp(cosines - top).sum(axis=1)) + top[:, 0]
    return float((cosines[np.arange(len(labels)), labels] - total).mean())


def _nearest_quotes(
    found: Sequence[list[str]], vectors: Float32, labels: Labels, encode: Encode
) -> list[list[str]]:
    """Quotes of each cluster that are nearer to it than to any other, at most `N_CANDIDATES`."""
    middle = vectors.mean(axis=0)
    means = np.array([vectors[labels == n].mean(axis=0) - middle for n in range(len(found))])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    embedded = encode([quote for own in found for quote in own])
    kept = []
    start = 0
    for place, own in enumerate(found):
        spread = embedded[start : start + len(own)] - middle
        start += len(own)
        lengths = np.maximum(np.linalg.norm(spread, axis=1, keepdims=True), 1e-12)
        cosine = (spread / lengths) @ means.T
        others = np.delete(cosine, place, axis=1)
        margin = cosine[:, place] - (others.max(axis=1) if others.shape[1] else 0)
        best = np.argsort(-(cosine[:, place] + margin), kind="stable")
        kept.append([own[n] for n in best[:N_CANDIDATES]])
    return kept


def _common_words(texts: Sequence[str], authors: Labels, min_authors: int) -> set[str]:
    users: dict[str, set[int]] = defaultdict(set)
    for text, author in zip(texts, authors.tolist(), strict=True):
        for word in words_of(text):
            users[word].add(author)
    return {word for word, own in users.items() if len(own) >= min_authors} - word_lists().rude


def _pieces(text: str) -> list[str]:
    parts = (" ".join(part.split()).strip(_EDGES) for part in _BREAK.split(text))
    return [_OPENING.sub("", part) for part in parts if not _ODD.search(part)]


def _is_quotable(piece: str, keys: set[tuple[str, ...]], common: set[str]) -> bool:
    words = words_of(piece)
    # A character that belongs to no word (an emoji, a sign of another kind) is not quoted.
    if not piece.isprintable() or not common.issuperset(words):
        return False
    if not MIN_WORDS <= len(piece.split()) <= MAX_WORDS or len(words) < MIN_WORDS:
        return False
    stems = list(map(stem, words))
    spoken = {(word,) for word in stems} | set(pairwise(stems))
    return not keys or not keys.isdisjoint(spoken)
