from __future__ import annotations

import numpy as np

from ri_assets.personas.text.terms import emoji_table, term_table
from ri_assets.personas.text.vocabulary import build_vocabulary

TEXTS = ["refund my money please", "parcel late again"] * 20
CLUSTERS = np.arange(40) % 2
AUTHORS = np.arange(40)


def _terms(texts: list[str], authors: np.ndarray, min_authors: int = 5) -> dict[int, list[str]]:
    vocabulary = build_vocabulary(texts, [""] * len(texts))
    table = term_table(vocabulary, CLUSTERS, authors, n_terms=5, min_authors=min_authors)
    assert (table["lift"] > 1).all()
    assert (table["weight"] > 0).all()
    return {c: table.loc[table["cluster"] == c, "term"].tolist() for c in (0, 1)}


def test_each_cluster_gets_the_words_that_only_it_uses() -> None:
    terms = _terms(TEXTS, AUTHORS)
    assert set(" ".join(terms[0]).split()) == {"refund", "money"}
    assert set(" ".join(terms[1]).split()) == {"parcel", "late"}


def test_what_everyone_says_is_no_term() -> None:
    terms = _terms([f"delivery {text}" for text in TEXTS], AUTHORS)
    assert "delivery" not in terms[0] + terms[1]


def test_a_word_of_few_authors_is_not_shown() -> None:
    one_author_in_even_tweets = np.where(CLUSTERS == 0, 0, AUTHORS)
    terms = _terms(TEXTS, one_author_in_even_tweets)
    assert terms[0] == []
    assert terms[1] != []


def test_emoji_are_counted_apart() -> None:
    texts = ["refund 😡😡", "parcel 📦"] * 20
    table = emoji_table(texts, CLUSTERS, AUTHORS, n_terms=3, min_authors=5)
    assert table[["cluster", "term", "share"]].to_numpy().tolist() == [
        [0, "😡", 1.0],
        [1, "📦", 1.0],
    ]


def test_a_corpus_without_emoji_or_words() -> None:
    assert emoji_table(["?"] * 4, np.zeros(4, int), np.arange(4), n_terms=3, min_authors=1).empty
    vocabulary = build_vocabulary(["😭"] * 4, ["😭"] * 4)
    assert term_table(vocabulary, np.zeros(4, int), np.arange(4), n_terms=3, min_authors=1).empty


def test_a_term_that_may_not_be_shown_leaves_its_place_to_the_next() -> None:
    words = ["parcel late tracking courier", "refund wallet account money"]
    texts = [words[n % 2] for n in range(40)]
    vocabulary, clusters = build_vocabulary(texts, texts), np.arange(40) % 2
    whole = term_table(vocabulary, clusters, np.arange(40), n_terms=2, min_authors=2)
    best = whole.loc[whole["rank"] == 1, "term"].tolist()
    table = term_table(
        vocabulary,
        clusters,
        np.arange(40),
        n_terms=2,
        min_authors=2,
        passes=lambda term: term not in best,
    )
    assert not set(best) & set(table["term"])
    assert table["rank"].tolist() == [1, 2, 1, 2]
