from __future__ import annotations

import numpy as np

from ri_assets.config import load_profile
from ri_assets.freeze.corpus import prepare, sampled
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets_tests.personas.conftest import bag_of_words

CORPUS = open_source("sample", SourceOptions(max_tweets=80)).read()
PROFILE = load_profile("report")


def test_a_prepared_corpus_has_one_row_for_each_kept_tweet() -> None:
    ready = prepare("sample", CORPUS, PROFILE, bag_of_words)
    assert ready.n_raw == 80
    assert 0 < len(ready.tweet_ids) < 80
    assert (np.diff(ready.tweet_ids) > 0).all()
    assert ready.text.shape == (len(ready.tweet_ids), 384)
    assert ready.behavior.shape == (len(ready.tweet_ids), 36)


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = type(CORPUS)(
        **{**vars(CORPUS), "tweets": CORPUS.tweets.sample(frac=1, random_state=3)}
    )
    first, second = (prepare("x", c, PROFILE, bag_of_words) for c in (CORPUS, shuffled))
    assert first.fingerprint == second.fingerprint
    np.testing.assert_array_equal(first.text, second.text)
    np.testing.assert_array_equal(first.behavior, second.behavior)


def test_a_sample_is_drawn_by_its_seed() -> None:
    first, again, other = sampled(CORPUS, 30, 1), sampled(CORPUS, 30, 1), sampled(CORPUS, 30, 2)
    assert len(first.tweets) == 30
    assert first.tweets["tweet_id"].tolist() == again.tweets["tweet_id"].tolist()
    assert first.tweets["tweet_id"].tolist() != other.tweets["tweet_id"].tolist()
    assert set(first.tweets["tweet_id"]) <= set(CORPUS.tweets["tweet_id"])
    assert len(first.tweets) + first.n_left_out == len(CORPUS.tweets) + CORPUS.n_left_out
    assert sampled(CORPUS, 500, 1) is CORPUS
