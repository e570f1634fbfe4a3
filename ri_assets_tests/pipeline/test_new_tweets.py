"""Features of tweets that came after the run, against plain pandas and against a run's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.config import FuseSettings, load_profile
from ri_assets.pipeline.behavior import behavioral_features
from ri_assets.pipeline.features import FEATURES, NAMES
from ri_assets.pipeline.new_tweets import embed_new_tweets, new_tweet_features
from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.ri_index.assign import read_tweets
from ri_assets.sources.rows import frame_of
from ri_assets_tests.small import replies_to, small_tweets

SETTINGS = load_profile("frozen-2026-11").behavior
OF_CORPUS = ("corpus_burst_log", "author_tweets_log")
NOBODY = frame_of(REPLIES.schema.empty_table())


def test_features_are_those_of_a_run_but_for_two_that_count_the_corpus() -> None:
    tweets = small_tweets(10).sample(frac=1, random_state=0, ignore_index=True)
    replies = replies_to(tweets)
    found = new_tweet_features(tweets, replies, tweets, SETTINGS)
    own = behavioral_features(tweets, replies, SETTINGS).features.set_index("tweet_id")
    wanted = own.loc[tweets["tweet_id"], list(NAMES)].to_numpy()
    for place, name in enumerate(NAMES):
        if name not in OF_CORPUS:
            np.testing.assert_array_equal(found[:, place], wanted[:, place], err_msg=name)


def test_the_corpus_is_counted_as_pandas_counts_it() -> None:
    tweets = small_tweets()
    corpus, new = tweets.iloc[20:], tweets.iloc[:40].reset_index(drop=True)
    found = new_tweet_features(new, NOBODY, corpus, SETTINGS)
    hours = pd.to_datetime(corpus["created_at"], utc=True).dt.floor("h")
    for row in range(40):
        of_author = (corpus["author_id"] == new["author_id"][row]).sum()
        assert np.isclose(found[row, NAMES.index("author_tweets_log")], np.log1p(of_author))
        hour = pd.Timestamp(new["created_at"][row]).floor("h")
        burst = found[row, NAMES.index("corpus_burst_log")]
        if hours.min() <= hour <= hours.max():
            assert np.isclose(burst, np.log1p((hours == hour).sum()))
        else:
            assert np.isnan(burst)


def test_a_text_tells_nothing_of_what_needs_more() -> None:
    texts, _ = read_tweets(["@shop where is my parcel?? 😡", "fine"])
    found = new_tweet_features(texts, NOBODY, small_tweets(), SETTINGS)
    for place, feature in enumerate(FEATURES):
        assert np.isnan(found[:, place]).all() == bool(feature.needs), feature.name
    assert found[0, NAMES.index("is_addressed")] == 1
    assert np.isclose(found[0, NAMES.index("questions_log")], np.log1p(2))


def test_what_one_row_lacks_no_other_row_changes() -> None:
    whole = small_tweets(2)
    unknown = ["created_at", "author_id", "like_count"]
    bare = whole[[name for name in TWEETS.names if name not in unknown]]
    both, _ = read_tweets([*whole.to_dict("records")[:1], *bare.to_dict("records")[1:2]])
    alone, _ = read_tweets(bare.to_dict("records")[1:2])
    together = new_tweet_features(both, NOBODY, whole, SETTINGS)[1]
    np.testing.assert_array_equal(together, new_tweet_features(alone, NOBODY, whole, SETTINGS)[0])


def test_a_newcomer_is_read_as_tweets_of_the_run() -> None:
    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        """Letters a and b as directions: enough to see which readings were asked for."""
        counts = np.array([[text.count("a"), text.count("b")] for text in texts], np.float32)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)

    settings = FuseSettings(text_weight=0.75, content_weight=0.5, center=True)
    found, read_whole = embed_new_tweets(["@you are bibb"], encode, settings)
    whole, alone = np.array([1, 3]) / 10**0.5, np.array([0, 1])
    expected = whole + alone
    np.testing.assert_allclose(found[0], expected / np.linalg.norm(expected), atol=1e-6)
    np.testing.assert_allclose(read_whole[0], whole, atol=1e-6)
    for weight, reading in ((0.0, whole), (1.0, alone)):
        one = settings.model_copy(update={"content_weight": weight})
        read, read_whole = embed_new_tweets(["@you are bibb"], encode, one)
        np.testing.assert_allclose(read[0], reading, atol=1e-6)
        np.testing.assert_allclose(read_whole[0], whole, atol=1e-6)
