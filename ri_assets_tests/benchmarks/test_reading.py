from __future__ import annotations

from benchmarks.reading import sampled
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.opening import open_source

CORPUS = open_source("sample", SourceOptions(max_tweets=80)).read()


def test_a_sample_is_drawn_by_its_seed() -> None:
    first, again, other = sampled(CORPUS, 30, 1), sampled(CORPUS, 30, 1), sampled(CORPUS, 30, 2)
    assert len(first.tweets) == 30
    assert first.tweets["tweet_id"].tolist() == again.tweets["tweet_id"].tolist()
    assert first.tweets["tweet_id"].tolist() != other.tweets["tweet_id"].tolist()
    assert set(first.tweets["tweet_id"]) <= set(CORPUS.tweets["tweet_id"])
    assert len(first.tweets) + first.n_left_out == len(CORPUS.tweets) + CORPUS.n_left_out
    assert sampled(CORPUS, 500, 1) is CORPUS
