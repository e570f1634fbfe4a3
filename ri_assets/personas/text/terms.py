"""What a persona says: terms and emoji that tell it from the rest of the corpus.

Belongs here: class-based TF-IDF, contrasted with the rest, and the choice of
terms that are worth showing. Does not belong here: how text becomes terms,
which is `ri_assets.personas.text.vocabulary`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.personas.text.vocabulary import Vocabulary
from ri_assets.personas.text.words import emoji_of

EVERYWHERE_SHARE = 0.25
"""A term of more tweets than this is shown only where it is distinctive."""
DISTINCTIVE_LIFT = 1.5
PHRASE_COVERS = 0.5
"""A word is not shown beside a phrase that holds this share of its uses."""
PHRASE_GAIN = 1.2
"""A phrase says more than its words if its lift is this many times that of either."""

TERM_COLUMNS = (
    "cluster", "rank", "term", "weight", "share", "corpus_share", "lift", "tweet_count",
    "author_count",
)  # fmt: skip


def term_table(
    vocabulary: Vocabulary,
    clusters: NDArray[np.int64],
    authors: NDArray[np.int64],
    *,
    n_terms: int,
    min_authors: int,
    passes: Passes = everything,
) -> pd.DataFrame:
    """Terms of each cluster that set it apart, best first.

    The weight of a term is its class-based TF-IDF (Grootendorst 2022: frequency
    in the class, times log(1 + mean size of a class / frequency in all)) less that
    of the rest of the corpus taken as one class. Frequency is the share of tweets
    that use the term, so a tweet counts once however often it repeats a word.

    Parameters
    ----------
    vocabulary
        Terms of the corpus, one row of `uses` for each tweet.
    clusters
        int64, shape (n_tweets,): the cluster of each tweet, ≥ 0.
    authors
        int64, shape (n_tweets,): one number for each distinct author.
    n_terms
        Terms shown for each cluster, at most.
    min_authors
        A term that fewer distinct authors of the cluster use is not shown.
    passes
        Whether a term may be shown; one that may not leaves its place to the next.

    Returns
    -------
    DataFrame
        Columns `TERM_COLUMNS`, sorted by cluster and rank, which starts at 1.
        Shares are of tweets, 0 to 1.
    """
    table = _contrasts(vocabulary.uses, vocabulary.terms, clusters, authors)
    table = table[(table["weight"] > 0) & (table["author_count"] >= min_authors)]
    # Before phrases take the place of their words: one that may not be shown must not.
    table = table[table["term"].isin(list(filter(passes, table["term"].unique())))]
    return _best(table[~_is_redundant(table, vocabulary.parts)], n_terms)


def recount(
    table: pd.DataFrame,
    vocabulary: Vocabulary,
    clusters: NDArray[np.int64],
    authors: NDArray[np.int64],
) -> pd.DataFrame:
    """Give the terms of a table, in its order, with the figures that all tweets have.

    Parameters
    ----------
    table
        As `term_table` gives it for a part of the tweets.
    vocabulary, clusters, authors
        As `term_table` takes them, of all tweets.

    Returns
    -------
    DataFrame
        Columns `TERM_COLUMNS`; ranks stay those of the table.
    """
    if table.empty:
        return table
    chosen = np.flatnonzero(np.isin(vocabulary.terms, table["term"].unique()))
    names = [vocabulary.terms[place] for place in chosen]
    figures = _contrasts(vocabulary.uses[:, chosen], names, clusters, authors)
    named = table[["cluster", "rank", "term"]]
    found = named.merge(figures, on=["cluster", "term"], how="left", validate="one_to_one")
    return found[list(TERM_COLUMNS)]


def emoji_table(
    texts: Sequence[str],
    clusters: NDArray[np.int64],
    authors: NDArray[np.int64],
    *,
    n_terms: int,
    min_authors: int,
    passes: Passes = everything,
) -> pd.DataFrame:
    """Emoji of each cluster that set it apart, as `term_table` gives terms."""
    found = [sorted(set(emoji_of(text))) for text in texts]
    names = sorted({name for row in found for name in row})
    place = {name: n for n, name in enumerate(names)}
    columns = np.array([place[name] for row in found for name in row], dtype=np.int64)
    uses = sparse.csr_array(
        (np.ones(len(columns), dtype=np.int64), columns, np.cumsum([0, *map(len, found)])),
        shape=(len(texts), len(names)),
    )
    table = _contrasts(uses, names, clusters, authors)
    table = table[(table["weight"] > 0) & (table["author_count"] >= min_authors)]
    table = table[table["term"].isin(list(filter(passes, table["term"].unique())))]
    return _best(table, n_terms)


def _contrasts(
    uses: sparse.csr_array,
    terms: Sequence[str],
    clusters: NDArray[np.int64],
    authors: NDArray[np.int64],
) -> pd.DataFrame:
    """Figures of every term in every cluster; `place` is the term's column in `uses`."""
    total = _column_sums(uses)
    tables = [pd.DataFrame(columns=[*TERM_COLUMNS, "place"])]
    for cluster in np.unique(clusters):
        rows = np.flatnonzero(clusters == cluster)
        table = _contrast(uses[rows], total, len(clusters))
        table["cluster"] = int(cluster)
        table["term"] = list(terms)
        table["place"] = np.arange(len(terms))
        table["author_count"] = _author_counts(uses[rows], authors[rows])
        tables.append(table)
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _best(table: pd.DataFrame, n_terms: int) -> pd.DataFrame:
    """Keep the terms of greatest weight of each cluster, ranked from 1."""
    table = table.sort_values(["cluster", "weight", "term"], ascending=[True, False, True])
    table["rank"] = table.groupby("cluster").cumcount() + 1
    return table.loc[table["rank"] <= n_terms, list(TERM_COLUMNS)].reset_index(drop=True)


def _contrast(members: sparse.csr_array, total: NDArray[np.int64], n_tweets: int) -> pd.DataFrame:
    """Shares, lift and weight of every term, for the tweets in `members` against all others."""
    inside = _column_sums(members)
    n_members = members.shape[0]
    n_rest = max(n_tweets - n_members, 1)
    share, rest_share, corpus_share = (
        inside / n_members,
        (total - inside) / n_rest,
        total / n_tweets,
    )
    lift = np.divide(share, corpus_share, out=np.zeros_like(share), where=corpus_share > 0)
    rarity = np.log1p(
        np.divide(1.0, corpus_share, out=np.zeros_like(share), where=corpus_share > 0)
    )
    weight = (share - rest_share) * rarity
    weight[(corpus_share > EVERYWHERE_SHARE) & (lift < DISTINCTIVE_LIFT)] = 0
    return pd.DataFrame(
        {
            "weight": weight,
            "share": share,
            "corpus_share": corpus_share,
            "lift": lift,
            "tweet_count": inside,
        }
    )


def _author_counts(members: sparse.csr_array, authors: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct authors that use each term, int64, shape (n_terms,)."""
    names, codes = np.unique(authors, return_inverse=True)
    ones = np.ones(len(codes), dtype=np.int64)
    wrote = sparse.csr_array((ones, (codes, np.arange(len(codes)))), shape=(len(names), len(codes)))
    return _column_sums((wrote @ members) > 0)


def _is_redundant(table: pd.DataFrame, parts: Mapping[int, tuple[int, int]]) -> NDArray[np.bool_]:
    """Words that a phrase beside them stands for, and phrases that say no more than their words."""
    keys: list[tuple[int, int]] = list(zip(table["cluster"], table["place"], strict=True))
    count = dict(zip(keys, table["tweet_count"], strict=True))
    lift = dict(zip(keys, table["lift"], strict=True))
    redundant: set[tuple[int, int]] = set()
    for phrase in keys:
        cluster, place = phrase
        if place not in parts:
            continue
        words = {(cluster, word) for word in parts[place]} & count.keys()
        covered = {word for word in words if count[phrase] >= PHRASE_COVERS * count[word]}
        redundant |= covered
        if words and not covered and lift[phrase] < PHRASE_GAIN * max(lift[w] for w in words):
            redundant.add(phrase)
    return np.array([key in redundant for key in keys], dtype=bool)


def _column_sums(matrix: sparse.csr_array) -> NDArray[np.int64]:
    return np.asarray(matrix.sum(axis=0), dtype=np.int64).ravel()
