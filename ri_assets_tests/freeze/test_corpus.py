from __future__ import annotations

import numpy as np

from ri_assets.config import load_profile
from ri_assets.freeze.corpus import prepare
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
