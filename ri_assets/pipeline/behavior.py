"""The behavioural features of each tweet.

`features` declares them, this module computes them, and `fuse` scales them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import emoji
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.config import BehaviorSettings
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.pipeline.features import FEATURES
from ri_assets.pipeline.text import HANDLE, HASHTAG, LINK, body, words

Values = NDArray[np.floating]

_CHUNK = 4096  # texts of one job
_TEXT_FEATURES = (
    *("is_addressed", "mentions_log", "hashtags_log", "links_log"),
    *(feature.name for feature in FEATURES if feature.group == "style"),
)


@dataclass(frozen=True, eq=False)
class Behavior:
    """The behavioural features of a corpus.

    Parameters
    ----------
    features
        `tweet_id` and one float32 column for each of `features.NAMES`, in order of `tweet_id`;
        NaN if the tweet or the corpus lacks what the feature needs.
    lacking
        The missing columns of each feature that no tweet has.
    """

    features: pd.DataFrame
    lacking: dict[str, tuple[str, ...]]


def behavioral_features(
    tweets: pd.DataFrame,
    replies: pd.DataFrame,
    settings: BehaviorSettings,
    *,
    engine: Engine = LOCAL,
) -> Behavior:
    """Compute the 36 features.

    Parameters
    ----------
    tweets
        Columns of the contract `raw_tweets`; one row for each tweet.
    replies
        Columns of the contract `raw_replies`; empty if the source has none.
    settings
        The time zone, working hours and night hours.
    engine
        Reads the texts. What compares tweets with each other is counted in this process.
    """
    tweets = tweets.sort_values("tweet_id", ignore_index=True)
    present = {name for name in tweets.columns if tweets[name].notna().any()}
    if len(replies):
        present.add("replies")
    lacking = {
        feature.name: tuple(need for need in feature.needs if need not in present)
        for feature in FEATURES
        if not set(feature.needs) <= present
    }
    values: dict[str, Values] = {
        **_temporal(tweets, settings),
        **_interaction(tweets, replies),
        **_of_texts(tweets["text"].tolist(), engine),
        **_network(tweets),
    }
    frame = pd.DataFrame({"tweet_id": tweets["tweet_id"]})
    for feature in FEATURES:
        column = np.full(len(tweets), np.nan) if feature.name in lacking else values[feature.name]
        frame[feature.name] = np.clip(column, feature.low, feature.high).astype(np.float32)
    return Behavior(frame, lacking)


def _log_count(column: pd.Series[int]) -> Values:
    return np.log1p(column.astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _within(hour: Values, span: tuple[int, int]) -> NDArray[np.bool_]:
    start, end = span
    if start <= end:
        return (hour >= start) & (hour < end)
    return (hour >= start) | (hour < end)


def _temporal(tweets: pd.DataFrame, settings: BehaviorSettings) -> dict[str, Values]:
    local = pd.to_datetime(tweets["created_at"], utc=True).dt.tz_convert(settings.timezone)
    hour = (local.dt.hour + local.dt.minute / 60).to_numpy(dtype=float)
    weekday = local.dt.weekday.to_numpy(dtype=float)
    known = ~np.isnan(weekday)
    clock_hour = local.dt.tz_convert("UTC").dt.floor("h")

    def flag(is_true: NDArray[np.bool_]) -> Values:
        return np.where(known, is_true.astype(float), np.nan)

    return {
        "hour_sin": np.sin(2 * np.pi * hour / 24),
        "hour_cos": np.cos(2 * np.pi * hour / 24),
        "weekday_sin": np.sin(2 * np.pi * weekday / 7),
        "weekday_cos": np.cos(2 * np.pi * weekday / 7),
        "is_weekend": flag(weekday >= 5),  # noqa: PLR2004  # Saturday
        "is_working_hours": flag((weekday < 5) & _within(hour, settings.working_hours)),  # noqa: PLR2004
        "is_night": flag(_within(hour, settings.night_hours)),
        "corpus_burst_log": np.log1p(
            clock_hour.map(clock_hour.value_counts()).to_numpy(dtype=float) - 1
        ),
    }


def _interaction(tweets: pd.DataFrame, replies: pd.DataFrame) -> dict[str, Values]:
    return {
        "replies_log": _log_count(tweets["reply_count"]),
        "retweets_log": _log_count(tweets["retweet_count"]),
        "likes_log": _log_count(tweets["like_count"]),
        "quotes_log": _log_count(tweets["quote_count"]),
        **_threads(tweets, replies),
    }


def thread_roots(tweets: pd.DataFrame, replies: pd.DataFrame) -> pd.Series[int]:
    """Find the tweet whose thread each reply belongs to.

    Returns
    -------
    Series
        Int64 with the index of `replies`; missing if a post between reply and tweet was not
        collected.
    """
    answers = dict(
        zip(replies["tweet_id"], replies["in_reply_to_tweet_id"].astype("Int64"), strict=True)
    )
    known = set(tweets["tweet_id"])
    roots = []
    for start in replies["tweet_id"]:
        post, seen = start, set()
        while post not in known and post in answers and post not in seen:
            seen.add(post)
            post = answers[post]
        roots.append(post if not pd.isna(post) and post in known else pd.NA)
    return pd.Series(pd.array(roots, dtype="Int64"), index=replies.index)


def _threads(tweets: pd.DataFrame, replies: pd.DataFrame) -> dict[str, Values]:
    thread = replies.assign(root=thread_roots(tweets, replies)).dropna(subset=["root"])
    thread = thread.merge(
        tweets[["tweet_id", "author_id", "created_at"]].rename(
            columns={"tweet_id": "root", "author_id": "root_author", "created_at": "root_time"}
        ),
        on="root",
    )
    is_own = (thread["author_id"] == thread["root_author"]).fillna(value=False).astype(bool)
    hours = (
        pd.to_datetime(thread["created_at"], utc=True)
        - pd.to_datetime(thread["root_time"], utc=True)
    ).dt.total_seconds() / 3600
    ids = tweets["tweet_id"]
    count = ids.map(thread["root"].value_counts()).fillna(0).to_numpy(float)
    own = ids.map(thread.loc[is_own, "root"].value_counts()).fillna(0).to_numpy(float)
    others = ids.map(thread[~is_own].groupby("root")["author_id"].nunique()).fillna(0)
    first = ids.map(hours[hours >= 0].groupby(thread["root"]).min()).to_numpy(float)
    return {
        "thread_replies_log": np.log1p(count),
        "thread_authors_log": np.log1p(others.to_numpy(float)),
        "own_reply_share": own / np.maximum(count, 1),
        "first_reply_hours_log": np.log1p(first),
    }


def _of_texts(texts: Sequence[str], engine: Engine) -> dict[str, Values]:
    """Give the features that a text alone decides."""
    jobs = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    rows = [row for found in engine.run(jobs, lambda job: partial(_read, job)) for row in found]
    columns = np.array(rows, dtype=float).reshape(-1, len(_TEXT_FEATURES)).T
    return dict(zip(_TEXT_FEATURES, columns, strict=True))


def _read(texts: Sequence[str]) -> list[tuple[float, ...]]:
    """Give the figures of each text in the order of `_TEXT_FEATURES`."""
    return [
        (
            float(bool(HANDLE.match(text.lstrip()))),
            float(np.log1p(len(HANDLE.findall(text)))),
            float(np.log1p(len(HASHTAG.findall(text)))),
            float(np.log1p(len(LINK.findall(text)))),
            *_style_of(body(text)),
        )
        for text in texts
    ]


_PUNCTUATION = re.compile(r"[^\w\s]")
_ELONGATED = re.compile(r"([^\W\d_])\1\1")


def _style_of(said: str) -> tuple[float, ...]:
    """Give the ten style figures in the order of `FEATURES`."""
    tokens = words(said)
    letters = sum(char.isalpha() for char in said)
    n_emoji = emoji.emoji_count(said)
    n_chars = max(len(said), 1)
    return (
        np.log1p(len(said)),
        np.log1p(len(tokens)),
        sum(map(len, tokens)) / max(len(tokens), 1),
        sum(char.isupper() for char in said) / max(letters, 1),
        max(len(_PUNCTUATION.findall(said)) - n_emoji, 0) / n_chars,
        np.log1p(said.count("!")),
        np.log1p(said.count("?")),
        np.log1p(n_emoji),
        sum(char.isdigit() for char in said) / n_chars,
        sum(bool(_ELONGATED.search(token)) for token in tokens) / max(len(tokens), 1),
    )


def _network(tweets: pd.DataFrame) -> dict[str, Values]:
    age = pd.to_datetime(tweets["created_at"], utc=True) - pd.to_datetime(
        tweets["author_created_at"], utc=True
    )
    years = np.maximum(age.dt.total_seconds().to_numpy(float) / (365.25 * 24 * 3600), 0)
    authors = tweets["author_id"]
    return {
        "followers_log": _log_count(tweets["author_followers"]),
        "following_log": _log_count(tweets["author_following"]),
        "statuses_log": _log_count(tweets["author_statuses"]),
        "account_years_log": np.log1p(years),
        "is_verified": tweets["author_verified"].astype("Float64").to_numpy(float, na_value=np.nan),
        "author_tweets_log": np.log1p(
            authors.map(authors.value_counts()).astype("Float64").to_numpy(float, na_value=np.nan)
            - 1
        ),
    }
