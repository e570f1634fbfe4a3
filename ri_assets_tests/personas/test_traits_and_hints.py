from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.personas.sentences import change_text, clear_traits
from ri_assets.personas.traits import TRAITS, trait_table

NO_REPLIES = pd.DataFrame({"in_reply_to_tweet_id": []})


def _traits(texts: list[str], clusters: np.ndarray, **columns: object) -> pd.DataFrame:
    tweets = pd.DataFrame({"tweet_id": range(len(texts)), "text": texts, **columns})
    return trait_table(tweets, clusters, NO_REPLIES).set_index(["cluster", "trait"])


def test_means_of_traits() -> None:
    texts = ["AB cd?", "@x one two three!", "hi 😍 https://t.co/x1", "mera refund kab milega"]
    table = _traits(texts, np.array([0, 0, 1, 1]), like_count=[1, 3, 0, 0])
    expected = {
        (0, "word_count"): 2.5,
        (0, "question_share"): 0.5,
        (0, "exclamation_share"): 0.5,
        (0, "uppercase_share"): 0.25,
        (0, "mention_count"): 0.5,
        (0, "like_count"): 2,
        (1, "emoji_share"): 0.5,
        (1, "link_share"): 0.5,
        (1, "code_mix_share"): 0.5,
    }
    for key, value in expected.items():
        assert table.loc[key, "value"] == pytest.approx(value), key
    assert table.loc[(0, "like_count"), "lift"] == pytest.approx(2)


def test_what_the_corpus_does_not_know_is_missing() -> None:
    table = _traits(["one two", "three"], np.array([0, 1]))
    unknown = table.loc[(slice(None), ["like_count", "retweet_count", "reply_share"]), "value"]
    assert unknown.isna().all()
    assert len(table) == 2 * len(TRAITS)


def test_collected_replies_count_before_the_network_s_counter() -> None:
    tweets = pd.DataFrame({"tweet_id": [1, 2], "text": ["a", "b"], "reply_count": [0, 9]})
    replies = pd.DataFrame({"in_reply_to_tweet_id": pd.array([1, 1, None], dtype="Int64")})
    clusters = np.array([0, 1])
    for found, expected in ((replies, [1, 0]), (NO_REPLIES, [0, 1])):
        table = trait_table(tweets, clusters, found)
        assert table.loc[table["trait"] == "reply_share", "value"].tolist() == expected


def test_random_halves_seldom_differ() -> None:
    rng = np.random.default_rng(5)
    texts = [" ".join(["word"] * n) + "!" * (n % 2) for n in rng.integers(3, 40, 400)]
    found = 0
    for _ in range(20):
        table = _traits(texts, rng.integers(0, 2, 400)).reset_index()
        found += table["trait"].isin(["word_count"])[clear_traits(table).index].sum()
    assert found <= 4


@pytest.mark.parametrize(
    ("lift", "told"),
    [(0.69, "31% under the corpus"), (1.2, "20% over the corpus"), (2.44, "2.4 times the corpus")],
)
def test_change_in_words(lift: float, told: str) -> None:
    assert change_text(lift) == told


def test_authors() -> None:
    unknown = read_authors(pd.DataFrame({"tweet_id": [1, 2], "author_handle": [None, None]}))
    assert not unknown.is_known
    assert len(set(unknown.codes)) == 2
    some = read_authors(
        pd.DataFrame(
            {
                "author_id": pd.array([7, 7, None, None, None], dtype="Int64"),
                "author_handle": ["a", "b", "C", "c", None],
            }
        )
    )
    assert some.is_known
    assert some.codes[0] == some.codes[1]
    assert some.codes[2] == some.codes[3]
    assert len(set(some.codes)) == 3
