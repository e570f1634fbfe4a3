"""What the options of a source leave out.

Belongs here: retweets, the first N tweets, and the replies that go with them.
Does not belong here: rows that cannot be read (see `rows`).
"""

from __future__ import annotations

import pandas as pd

from ri_assets.sources.base import Corpus, SourceOptions
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
    kept, left_out = admitted_tweets(tweets.frame, options)
    answers = replies.frame
    if options.max_tweets is not None:
        answers = replies_leading_to(answers, kept["tweet_id"])
    return Corpus(
        tweets=kept,
        replies=answers,
        rejected_tweets=tweets.rejected,
        rejected_replies=replies.rejected,
        n_raw_tweets=tweets.n_raw,
        n_raw_replies=replies.n_raw,
        left_out=left_out,
        left_out_replies=len(replies.frame) - len(answers),
    )


def admitted_tweets(
    tweets: pd.DataFrame, options: SourceOptions
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Tweets that the options admit, in the same order, and the others counted by reason."""
    left_out: dict[str, int] = {}
    kept = tweets
    if not options.keep_all:
        kept = kept[~kept["is_retweet"].fillna(value=False)]
        left_out["retweet"] = len(tweets) - len(kept)
    if options.max_tweets is not None and len(kept) > options.max_tweets:
        left_out["over max_tweets"] = len(kept) - options.max_tweets
        kept = kept.head(options.max_tweets)
    return kept.reset_index(drop=True), {reason: n for reason, n in left_out.items() if n}


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
