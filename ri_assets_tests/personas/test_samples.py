from __future__ import annotations

import numpy as np
import pandas as pd

from ri_assets.personas.samples import choose_samples
from ri_assets_tests.personas.conftest import bag_of_words


def _tweets(n: int) -> pd.DataFrame:
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
    return pd.DataFrame(
        {
            "tweet_id": np.arange(n) + 100,
            "text": [f"my parcel came late {words[k % 8]} {words[k // 8 % 8]}" for k in range(n)],
            "cluster": np.zeros(n, dtype=np.int64),
            "distance": np.linspace(0, 1, n),
            "was_noise": np.arange(n) % 2 == 1,
        }
    )


def _choose(tweets: pd.DataFrame, authors: np.ndarray, n: int = 4, least: int = 3) -> pd.DataFrame:
    return choose_samples(tweets, bag_of_words(tweets["text"].tolist()), authors, n, least)


def test_samples_have_different_authors_and_are_no_noise() -> None:
    chosen = _choose(_tweets(60), np.arange(60) // 2 % 12)
    assert chosen["rank"].tolist() == [1, 2, 3, 4]
    assert not chosen["was_noise"].any()
    authors = (chosen["tweet_id"].to_numpy() - 100) // 2 % 12
    assert len(set(authors)) == 4


def test_noise_fills_up_where_others_do_not_suffice() -> None:
    tweets = _tweets(6).assign(was_noise=[False, False, True, True, True, True])
    assert _choose(tweets, np.arange(6))["was_noise"].sum() == 2


def test_too_few_authors_show_nothing() -> None:
    assert _choose(_tweets(60), np.arange(60) % 2).empty
    assert len(_choose(_tweets(60), np.arange(60) % 3)) == 3


def test_unreadable_texts_are_no_evidence() -> None:
    tweets = _tweets(20).assign(text="[handle] [link] ok [number]")
    assert _choose(tweets, np.arange(20)).empty


def test_one_text_is_shown_once() -> None:
    tweets = _tweets(20)
    tweets.loc[:9, "text"] = "my parcel came late once more"
    chosen = _choose(tweets, np.arange(20))
    assert chosen["text"].is_unique
