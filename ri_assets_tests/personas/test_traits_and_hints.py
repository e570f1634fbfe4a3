from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.personas.sentences import change_text, clear_traits, write_hints
from ri_assets.personas.text.terms import TERM_COLUMNS
from ri_assets.personas.traits import TRAITS, trait_table

NO_REPLIES = pd.DataFrame({"in_reply_to_tweet_id": []})
NO_TERMS = pd.DataFrame(columns=list(TERM_COLUMNS))


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


def test_hints_name_their_figure() -> None:
    rng = np.random.default_rng(6)
    lengths = np.r_[rng.integers(5, 15, 100), rng.integers(20, 40, 100)]
    texts = [" ".join(["word"] * n) for n in lengths]
    traits = _traits(texts, np.repeat([0, 1], 100)).reset_index()
    hints = write_hints(NO_TERMS, traits[traits["cluster"] == 0], 21, 0)
    short = lengths[:100].mean()
    under = 1 - short / lengths.mean()
    assert (
        f"Do keep it short: members write {short:.0f} words on average, {under:.0%} under"
        in hints.do[0]
    )
    assert hints.dont[0].startswith("Don't write long copy")
    assert "21:00" in hints.do[1]
    assert "Monday" in hints.do[2]


def test_nothing_to_say_gives_no_hint() -> None:
    traits = _traits(["one two three"] * 10, np.repeat([0, 1], 5)).reset_index()
    hints = write_hints(NO_TERMS, traits[traits["cluster"] == 0], None, None)
    assert hints.do == ()
    assert hints.dont == ()


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
