"""New tweets, which came after a run: their text vectors and features as in the run.

`behavior` computes the features; this module relates them to the run's corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.config import BehaviorSettings, FuseSettings
from ri_assets.pipeline.behavior import behavioral_features
from ri_assets.pipeline.features import FEATURES, NAMES
from ri_assets.pipeline.fuse import text_vectors
from ri_assets.pipeline.text import body, content_without

_HOUR = "corpus_burst_log"
_AUTHOR = "author_tweets_log"


def embed_new_tweets(
    texts: Iterable[str],
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
    settings: FuseSettings,
    masked: Collection[str] = (),
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embed each text and its content words, and combine both as in the run.

    Parameters
    ----------
    texts
        n texts, as written.
    encode
        Gives unit vectors, float32 of shape (n, 384), for n texts.
    settings
        The run's settings.
    masked
        Names that the run masked.

    Returns
    -------
    combined, whole
        float32, shape (n, 384) each, rows as given: vectors to fuse, and of the whole texts.
    """
    written = list(texts)
    whole = encode([body(text) for text in written])
    if not settings.content_weight:  # content words without weight are not embedded
        return whole, whole
    content = encode([content_without(text, masked) for text in written])
    return text_vectors(whole, content, settings), whole


def new_tweet_features(
    tweets: pd.DataFrame, replies: pd.DataFrame, corpus: pd.DataFrame, settings: BehaviorSettings
) -> NDArray[np.float32]:
    """Compute the 36 features of each new tweet from whatever is known of it.

    Parameters
    ----------
    tweets
        Columns of the contract `raw_tweets`; no two have the same `tweet_id`.
    replies
        Columns of the contract `raw_replies`: replies to the new tweets, if known.
    corpus
        `author_id` and `created_at` of the run's tweets, for the two features that count
        other tweets of the corpus. Without `author_id`, the feature that needs it is NaN.
    settings
        The run's settings.

    Returns
    -------
    float32, shape (n, 36), rows as given; NaN where the tweet lacks what a feature needs.
    """
    found = behavioral_features(tweets, replies, settings).features.set_index("tweet_id")
    found = found.loc[tweets["tweet_id"], list(NAMES)].reset_index(drop=True)
    known = {name: tweets[name].notna().to_numpy() for name in tweets.columns}
    known["replies"] = np.full(len(tweets), len(replies) > 0)
    found[_HOUR] = _same_hour(tweets["created_at"], corpus["created_at"])
    found[_AUTHOR] = np.nan
    if "author_id" in corpus:
        counts = tweets["author_id"].map(corpus["author_id"].value_counts())
        found[_AUTHOR] = np.log1p(counts.astype("Float64").fillna(0))
    for feature in FEATURES:
        for need in feature.needs:
            found[feature.name] = found[feature.name].where(known[need])
    return np.asarray(found.to_numpy(dtype="float32", na_value=np.nan))


def _same_hour(times: pd.Series, corpus: pd.Series) -> NDArray[np.float64]:
    """Give ln(1 + tweets of the corpus in the same clock hour); NaN outside its time span."""
    hours = pd.to_datetime(times, utc=True).dt.floor("h")
    of_corpus = pd.to_datetime(corpus, utc=True).dt.floor("h").dropna()
    if of_corpus.empty:
        return np.full(len(times), np.nan)
    counts = hours.map(of_corpus.value_counts()).astype("float64").fillna(0.0)
    is_inside = hours.between(of_corpus.min(), of_corpus.max())
    return np.where(is_inside, np.log1p(counts), np.nan)
