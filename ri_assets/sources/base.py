"""What every source promises: one interface, its options, and what it hands over.

Belongs here: the interface and the frames' meaning. Does not belong here: any
format or protocol, and how rows are checked (see `rows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from ri_assets.errors import SourceError


@dataclass(frozen=True)
class SourceOptions:
    """What a source leaves out before anything else sees the corpus.

    Parameters
    ----------
    exclude_retweets
        Leave out tweets whose `is_retweet` is true; where it is missing, the tweet stays.
    max_tweets
        Keep the first so many tweets by ascending `tweet_id`, counted after retweets
        were left out; None keeps all. A limited source keeps only the replies whose
        chain of answered posts leads to a tweet that was kept.

    Raises
    ------
    SourceError
        `max_tweets` is below 1.
    """

    exclude_retweets: bool = False
    max_tweets: int | None = None

    def __post_init__(self) -> None:
        if self.max_tweets is not None and self.max_tweets < 1:
            raise SourceError(
                f"max_tweets is {self.max_tweets}",
                "a number of at least 1, or nothing for all tweets",
                "correct max_tweets",
            )


@dataclass(frozen=True)
class SourceState:
    """A cheap mark by which a sensor sees that a source has grown.

    Parameters
    ----------
    n_tweets
        Rows of tweets as found, before options and before rows are checked.
    newest_tweet_id
        Largest id among them; None when there is none.
    """

    n_tweets: int
    newest_tweet_id: int | None


@dataclass(frozen=True, eq=False)
class Corpus:
    """Everything that one read of a source gave.

    Rows are never lost: `n_raw_tweets = len(tweets) + len(rejected_tweets) + left_out`,
    and `n_raw_replies = len(replies) + len(rejected_replies) + left_out_replies`.

    Parameters
    ----------
    tweets, replies
        Frames of the contracts `TWEETS` and `REPLIES`, by ascending `tweet_id`, with a fresh
        index. `tweet_id` is int64, other integers are Int64, truth values boolean,
        timestamps datetime64[us, UTC], texts object with None where missing.
    rejected_tweets, rejected_replies
        Frames of the contract `REJECTED`, by reason, id and raw row.
    n_raw_tweets, n_raw_replies
        Rows as found. A line that cannot be read at all counts as a tweet, unless it
        stands in a file of replies.
    left_out
        Tweets that the options left out.
    left_out_replies
        Replies that lead to no tweet kept by `max_tweets`.
    """

    tweets: pd.DataFrame
    replies: pd.DataFrame
    rejected_tweets: pd.DataFrame
    rejected_replies: pd.DataFrame
    n_raw_tweets: int
    n_raw_replies: int
    left_out: int
    left_out_replies: int


class Source(Protocol):
    """Where tweets and their replies come from."""

    @property
    def name(self) -> str:
        """Where it reads from, without user or password: safe to log."""
        ...

    def read(self) -> Corpus:
        """Read everything that the options admit.

        Raises
        ------
        SourceError
            The source cannot be reached or read, or holds no tweet.
        """
        ...

    def newest(self) -> SourceState:
        """Say cheaply how much there is.

        Raises
        ------
        SourceError
            The source cannot be reached or read.
        """
        ...


def require_tweets(corpus: Corpus, name: str) -> Corpus:
    """Hand the corpus on, or say why there is nothing to cluster.

    Parameters
    ----------
    corpus
        What was read.
    name
        The source's name, safe to log.

    Raises
    ------
    SourceError
        No tweet is left. The message counts the reasons and shows no content.
    """
    if len(corpus.tweets):
        return corpus
    if corpus.n_raw_tweets == 0:
        found = f"{name} holds no tweet"
        remedy = "collect tweets first; replies alone cannot be clustered"
    elif corpus.left_out:
        found = f"{name}: no tweet is left of {corpus.n_raw_tweets}; {corpus.left_out} left out"
        remedy = "the options leave too much out: read with retweets, or collect original tweets"
    else:
        found = f"{name}: none of {corpus.n_raw_tweets} rows can be read as a tweet "
        found += f"({_listed(reason_counts(corpus.rejected_tweets))})"
        remedy = "; ".join(corpus.rejected_tweets["detail"].value_counts().index[:3])
    raise SourceError(found, "at least one readable top-level tweet", remedy)


def reason_counts(rejected: pd.DataFrame) -> dict[str, int]:
    """Rows by reason, in alphabetical order of the reasons."""
    return {str(key): int(n) for key, n in rejected["reason"].value_counts().sort_index().items()}


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {n}" for reason, n in counts.items())
