"""The corpus that the options of a source admit.

Belongs here: putting it together, and which replies go with the first N tweets. Does not
belong here: which tweets are left out and why (see `left_out`), and rows that cannot be
read (see `rows`).
"""

from __future__ import annotations

import pandas as pd

from ri_assets.sources.base import OVER_LIMIT, Corpus, SourceOptions
from ri_assets.sources.left_out import left_out_tweets, reasons_for
from ri_assets.sources.rows import Gathered


def limited_corpus(tweets: Gathered, replies: Gathered, options: SourceOptions) -> Corpus:
    """Corpus of what the options admit, with everything else counted.

    Parameters
    ----------
    tweets, replies
        Everything that was read.
    options
        What to leave out.
    """
    gone = left_out_tweets(tweets.frame, options)
    kept = without(tweets.frame, gone)
    answers = replies.frame
    if options.max_tweets is not None:
        answers = replies_leading_to(answers, kept["tweet_id"])
    lost = replies.frame[~replies.frame["tweet_id"].isin(answers["tweet_id"])]
    return Corpus(
        tweets=kept,
        replies=answers,
        rejected_tweets=tweets.rejected,
        rejected_replies=replies.rejected,
        n_raw_tweets=tweets.n_raw,
        n_raw_replies=replies.n_raw,
        left_out_tweets=gone,
        left_out_answers=reasons_for(lost, OVER_LIMIT),
    )


def without(posts: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Keep the posts that are not among those gone, in the same order with a fresh index."""
    return posts[~posts["tweet_id"].isin(gone["tweet_id"])].reset_index(drop=True)


def replies_leading_to(replies: pd.DataFrame, tweet_ids: pd.Series[int]) -> pd.DataFrame:
    """Keep the replies whose chain of answered posts ends at one of the tweets.

    Parameters
    ----------
    replies
        Frame of the contract `REPLIES`.
    tweet_ids
        Ids of the tweets that were kept.

    Returns
    -------
    pandas.DataFrame
        The same order, a fresh index. A chain through a reply that is not in the frame
        is broken: its replies are left out.
    """
    reached = pd.Series(data=False, index=replies.index)
    frontier = replies["in_reply_to_tweet_id"].isin(tweet_ids)
    while frontier.any():
        reached |= frontier
        answered = replies.loc[frontier, "tweet_id"]
        frontier = replies["in_reply_to_tweet_id"].isin(answered) & ~reached
    return replies[reached].reset_index(drop=True)
