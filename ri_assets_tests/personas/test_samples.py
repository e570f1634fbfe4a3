from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_what_is_not_preferred_comes_last_and_fills_up() -> None:
    tweets = _tweets(20)
    vectors = bag_of_words(tweets["text"].tolist())

    def with_alpha(n_others: int) -> int:
        others = set(tweets["text"][~tweets["text"].str.contains("alpha")][:n_others])
        chosen = choose_samples(
            tweets, vectors, np.arange(20), 4, 3, prefers=lambda text: text in others
        )
        assert len(chosen) == 4
        return int((~chosen["text"].isin(others)).sum())

    assert with_alpha(10) == 0  # though half of these were noise
    assert with_alpha(3) == 1


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


@st.composite
def _corpora(draw: st.DrawFn) -> tuple[pd.DataFrame, np.ndarray, int, int]:
    """Tweets of some clusters, few or many authors, some texts too short to show."""
    n = draw(st.integers(1, 60))
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    words = np.array(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "[handle]"])
    tweets = pd.DataFrame(
        {
            "tweet_id": np.sort(dice.choice(10_000, n, replace=False)),
            "text": [" ".join(dice.choice(words, dice.integers(1, 9))) for _ in range(n)],
            "cluster": dice.integers(0, 3, n),
            "distance": dice.random(n),
            "was_noise": dice.random(n) < 0.3,
        }
    )
    authors = dice.integers(0, draw(st.integers(1, 30)), n)
    return tweets, authors, draw(st.integers(1, 10)), draw(st.integers(1, 6))


@given(_corpora())
@settings(max_examples=80)
def test_what_every_choice_keeps(case: tuple[pd.DataFrame, np.ndarray, int, int]) -> None:
    tweets, authors, n_samples, least = case
    chosen = _choose(tweets, authors, n_samples, least)
    by_id = tweets.assign(author=authors).set_index("tweet_id")
    for cluster, members in by_id.groupby("cluster"):
        own = chosen[chosen["cluster"] == cluster]
        if members["author"].nunique() < least:
            assert own.empty
        if own.empty:
            continue
        found = by_id.loc[own["tweet_id"]]
        assert (found["cluster"] == cluster).all()
        assert found["author"].is_unique
        assert found["text"].is_unique
        assert found["text"].tolist() == own["text"].tolist()
        assert own["rank"].tolist() == list(range(1, len(own) + 1))
        assert min(least, n_samples) <= len(own) <= n_samples
        # Placeholders aside, a reader gets at least five words.
        assert all(len(t.replace("[handle]", "").split()) >= 5 for t in own["text"])
        # Noise is shown after all others, never before.
        assert own["was_noise"].is_monotonic_increasing
    assert set(chosen["cluster"]) <= set(by_id["cluster"])


def test_ten_are_near_the_centroid_and_less_alike_than_the_most_typical() -> None:
    dice = np.random.default_rng(5)
    words = [f"word{chr(97 + n)}" for n in range(20)]
    weights = np.arange(20, 0, -1) / 210
    texts = [" ".join(dice.choice(words, 6, replace=False, p=weights)) for _ in range(400)]
    tweets = pd.DataFrame(
        {
            "tweet_id": np.arange(400),
            "text": texts,
            "cluster": 0,
            "distance": dice.permutation(400) / 400,
            "was_noise": False,
        }
    )
    chosen = _choose(tweets, np.arange(400), n=10, least=5)
    assert len(chosen) == 10
    assert chosen["distance"].max() < tweets["distance"].median()
    vectors = bag_of_words(texts)
    near = tweets.nsmallest(50, "distance").index.to_numpy()
    typical = near[np.argsort(-(vectors[near] @ vectors.mean(axis=0)))[:10]]

    def likeness(rows: np.ndarray) -> float:
        cosines = rows @ rows.T
        return float((cosines.sum() - len(rows)) / (len(rows) * (len(rows) - 1)))

    picked = chosen["tweet_id"].to_numpy()
    assert likeness(vectors[picked]) < likeness(vectors[typical]) - 0.05
    to_mean = vectors @ vectors.mean(axis=0)
    assert to_mean[picked].mean() > np.median(to_mean)


def test_a_text_that_may_not_be_shown_leaves_its_place_to_the_next() -> None:
    tweets = _tweets(20)
    first = _choose(tweets, np.arange(20))
    refused = first["text"].tolist()[:2]
    vectors = bag_of_words(tweets["text"].tolist())
    passes = lambda text: text not in refused  # noqa: E731
    chosen = choose_samples(tweets, vectors, np.arange(20), 4, 3, passes)
    assert len(chosen) == len(first) == 4
    assert not set(refused) & set(chosen["text"])
    assert chosen["rank"].tolist() == [1, 2, 3, 4]


def test_an_author_whose_nearest_text_is_refused_shows_another() -> None:
    tweets = _tweets(12)
    refused = set(tweets["text"][::2])
    vectors = bag_of_words(tweets["text"].tolist())
    passes = lambda text: text not in refused  # noqa: E731
    chosen = choose_samples(tweets, vectors, np.arange(12) // 2, 6, 3, passes)
    assert len(chosen) == 6
    assert not refused & set(chosen["text"])
