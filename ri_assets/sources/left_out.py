"""Exclude posts at the source: retweets, automated posts, and those over `max_tweets`.

Rows that cannot be read are handled in `rows`, and the denoise rules in
`ri_assets.pipeline.denoise`.
"""

from __future__ import annotations

import re

import pandas as pd

from ri_assets.pipeline.frames import FrameBars, find_frames
from ri_assets.sources.base import AUTOMATED, OVER_LIMIT, RETWEET, Corpus, SourceOptions
from ri_assets.sources.forgotten import without_forgotten
from ri_assets.sources.rows import Gathered

MIN_APP_SHARE = 0.5
"""People write with an app if a smaller share of its posts follows one frame."""
_MAX_APP_CHARS = 60
# That all posts are by one app is evidence too, so less shared wording is enough.
_APP_BARS = FrameBars(min_copies=5, min_words=3, min_fixed_share=0.5, must_close=False)
_RETWEET = re.compile(r"\s*RT\s?:?\s?@\w")
_TAG = re.compile(r"<[^<>]*>")
# The network's own clients: people write with them, even when they paste petitions.
_PEOPLE_WRITE_WITH = re.compile(r"(?:Twitter|X)(?:\s.*)?|TweetDeck.*|Mobile Web.*", re.IGNORECASE)


def left_out_tweets(tweets: pd.DataFrame, options: SourceOptions) -> pd.DataFrame:
    """Find the tweets that the options leave out.

    Parameters
    ----------
    tweets
        Frame of the contract `TWEETS`, by ascending `tweet_id`.
    options
        `keep_all` keeps retweets and automated posts; `max_tweets` counts what is left
        without them.

    Returns
    -------
    pandas.DataFrame
        `tweet_id` (int64) and `reason` (`retweet`, `automated: <app>` or
        `over max_tweets`), by ascending `tweet_id`; each tweet once.
    """
    reason = pd.Series(None, index=tweets.index, dtype=object)
    if not options.keep_all:
        reason[is_retweet(tweets)] = RETWEET
        written = tweets[reason.isna()]
        apps = automated_by(written)
        reason[apps.index] = AUTOMATED + apps
    if options.max_tweets is not None:
        reason[reason.index[reason.isna()][options.max_tweets :]] = OVER_LIMIT
    found = reason.notna()
    return reasons_for(tweets[found], reason[found])


def reasons_for(posts: pd.DataFrame, reason: str | pd.Series[str]) -> pd.DataFrame:
    """Give `tweet_id` and `reason` of posts, with a fresh index."""
    found = pd.DataFrame({"tweet_id": posts["tweet_id"].astype("int64"), "reason": reason})
    return found.astype({"reason": object}).reset_index(drop=True)


def is_retweet(tweets: pd.DataFrame) -> pd.Series[bool]:
    """Detect retweets: marked ones, and texts that start with `RT @` if nothing is marked.

    A column without a single mark is ignored, because some tools fill it with false.
    """
    mark = tweets["is_retweet"].astype("boolean")
    says_so = tweets["text"].map(lambda text: bool(_RETWEET.match(text))).astype(bool)
    is_marked = mark.fillna(value=False).astype(bool)
    return is_marked | (says_so & (mark.isna() | (not is_marked.any())))


def automated_by(tweets: pd.DataFrame) -> pd.Series[str]:
    """Find automated posts: they follow one frame, like most posts of the same app.

    Parameters
    ----------
    tweets
        Frame of the contract `TWEETS`, without retweets.

    Returns
    -------
    pandas.Series
        Name of the app, at the index of each such tweet. Other posts of the same app, which
        people wrote, are not included.
    """
    names = tweets["source_app"].map(_app_name, na_action="ignore")
    found = pd.Series(dtype=object)
    for name, posts in tweets.groupby(names, sort=True):
        if len(posts) < _APP_BARS.min_copies or _PEOPLE_WRITE_WITH.fullmatch(str(name)):
            continue
        frames = find_frames(posts["text"].tolist(), _APP_BARS)
        rows = sorted(row for frame in frames for row in frame.rows)
        if len(rows) >= MIN_APP_SHARE * len(posts):
            found = pd.concat([found, pd.Series(str(name), index=posts.index[rows])])
    return found.sort_index()


def _app_name(source_app: str) -> str:
    """Name on one line, without the link that some tools put around it."""
    return " ".join(_TAG.sub(" ", source_app).split())[:_MAX_APP_CHARS]


def limited_corpus(tweets: Gathered, replies: Gathered, options: SourceOptions) -> Corpus:
    """Build the corpus that the options ask for, and record everything left out.

    Parameters
    ----------
    tweets, replies
        Everything that was read.
    options
        What to leave out.
    """
    n_tweets = n_replies = 0
    if options.forgotten is not None:
        tweets, replies, n_tweets, n_replies = without_forgotten(tweets, replies, options.forgotten)
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
        n_forgotten_tweets=n_tweets,
        n_forgotten_replies=n_replies,
    )


def without(posts: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Remove the posts in `gone`; same order, fresh index."""
    return posts[~posts["tweet_id"].isin(gone["tweet_id"])].reset_index(drop=True)


def replies_leading_to(replies: pd.DataFrame, tweet_ids: pd.Series[int]) -> pd.DataFrame:
    """Keep the replies that lead to one of the tweets, directly or over other replies.

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
