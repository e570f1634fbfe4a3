from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.gatherer import PostGatherer
from ri_assets.sources.left_out import limited_corpus, replies_leading_to
from ri_assets.sources.rows import Gathered, Row


def gathered(
    tweets: Mapping[int, bool | None], replies: Mapping[int, int | None]
) -> tuple[Gathered, Gathered]:
    gatherer = PostGatherer(SourceOptions())
    rows = [Row({"tweet_id": i, "text": "t", "is_retweet": flag}) for i, flag in tweets.items()]
    gatherer.add(rows, replies_only=False)
    answers = [
        {"tweet_id": i, "text": "r", "in_reply_to_tweet_id": to} for i, to in replies.items()
    ]
    gatherer.add(map(Row, answers), replies_only=True)
    return gatherer.finish()


def ids(frame: pd.DataFrame) -> list[int]:
    return [int(i) for i in frame["tweet_id"]]


def test_all_stays_where_asked() -> None:
    corpus = limited_corpus(
        *gathered({1: True, 2: None}, {5: None, 6: 77}), SourceOptions(keep_all=True)
    )
    assert (ids(corpus.tweets), ids(corpus.replies)) == ([1, 2], [5, 6])
    assert (corpus.left_out, corpus.left_out_replies) == ({}, 0)


def test_retweets_are_left_out_and_unknown_ones_stay() -> None:
    tweets = {1: True, 2: None, 3: False}
    corpus = limited_corpus(*gathered(tweets, {9: 1}), SourceOptions())
    assert (ids(corpus.tweets), corpus.left_out) == ([2, 3], {"retweet": 1})
    assert ids(corpus.replies) == [9]


def test_the_first_tweets_are_counted_after_retweets() -> None:
    tweets = {1: True, 2: False, 3: True, 4: False, 5: False}
    corpus = limited_corpus(*gathered(tweets, {}), SourceOptions(max_tweets=2))
    assert ids(corpus.tweets) == [2, 4]
    assert corpus.left_out == {"retweet": 2, "over max_tweets": 1}
    assert corpus.n_raw_tweets == 5


def test_replies_follow_their_thread_to_a_kept_tweet() -> None:
    thread = {10: 1, 11: 10, 12: 11, 20: 2, 21: 20, 30: 999, 31: None}
    corpus = limited_corpus(*gathered({1: None, 2: None}, thread), SourceOptions(max_tweets=1))
    assert ids(corpus.replies) == [10, 11, 12]
    assert corpus.left_out_replies == 4
    assert corpus.n_raw_replies == 7


def test_threads_in_a_circle_end() -> None:
    _, replies = gathered({}, {5: 6, 6: 5, 7: 1, 8: 8})
    assert ids(replies_leading_to(replies.frame, pd.Series([1]))) == [7]


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(SourceError, match="max_tweets is 0"):
        SourceOptions(max_tweets=0)
