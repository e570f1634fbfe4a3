"""How a persona writes and is answered, read against the corpus.

Belongs here: the measures of one tweet's style and interaction, and their means
by cluster with lift and interval. Does not belong here: the 36 behavioural
features that clusters are made from (`ri_assets.pipeline.behavior`), or how a
trait is put into words (`ri_assets.personas.effects`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from ri_assets.personas.text.words import complaints, emoji_of, is_code_mixed, words_of
from ri_assets.pipeline.text import HANDLE, LINK, body

TRAIT_COLUMNS = (
    "cluster", "trait", "family", "unit", "value", "corpus_value", "lift", "lift_low", "lift_high",
)  # fmt: skip

_INTERVAL = 0.95


@dataclass(frozen=True)
class Trait:
    """One measure of a tweet, whose mean describes a persona.

    Parameters
    ----------
    name
        Column of the measure.
    family
        Whether it is about writing, about being answered, or about what is said.
    unit
        Unit of the mean; a share is of tweets (or of letters and characters), 0 to 1.
    """

    name: str
    family: Literal["style", "interaction", "subject"]
    unit: str


TRAITS = (
    Trait("word_count", "style", "words"),
    Trait("char_count", "style", "characters"),
    Trait("punctuation_share", "style", "share of characters"),
    Trait("exclamation_share", "style", "share of tweets"),
    Trait("question_share", "style", "share of tweets"),
    Trait("uppercase_share", "style", "share of letters"),
    Trait("emoji_share", "style", "share of tweets"),
    Trait("code_mix_share", "style", "share of tweets"),
    Trait("complaint_share", "subject", "share of tweets"),
    Trait("mention_count", "interaction", "mentions"),
    Trait("link_share", "interaction", "share of tweets"),
    Trait("reply_share", "interaction", "share of tweets"),
    Trait("like_count", "interaction", "likes"),
    Trait("retweet_count", "interaction", "retweets"),
)


def trait_table(
    tweets: pd.DataFrame, clusters: NDArray[np.int64], replies: pd.DataFrame
) -> pd.DataFrame:
    """Mean of every trait by cluster.

    Parameters
    ----------
    tweets
        Columns tweet_id and text; reply_count, like_count and retweet_count where known.
    clusters
        int64, shape (n_tweets,).
    replies
        Column in_reply_to_tweet_id; may be empty.

    Returns
    -------
    DataFrame
        Columns `TRAIT_COLUMNS`, sorted by cluster, traits in the order of `TRAITS`.
        The interval of the lift (95%) is normal in the logarithm and takes into
        account that the cluster is a part of the corpus. `value` is missing where
        the corpus does not know the trait, the interval also where the tweets are
        too few or too equal to tell.
    """
    measures = pd.concat([_style(tweets["text"].tolist()), _interaction(tweets, replies)], axis=1)
    rows = [
        {
            "cluster": int(cluster),
            "trait": trait.name,
            "family": trait.family,
            "unit": trait.unit,
            **_compare(measures[trait.name].to_numpy(dtype=np.float64), clusters == cluster),
        }
        for cluster in np.unique(clusters)
        for trait in TRAITS
    ]
    return pd.DataFrame(rows, columns=list(TRAIT_COLUMNS))


def _style(texts: Sequence[str]) -> pd.DataFrame:
    bodies = [body(text) for text in texts]
    words = [words_of(text) for text in texts]
    letters = [[char for char in text if char.isalpha()] for text in bodies]
    marks = [sum(not (c.isalnum() or c.isspace()) for c in text) for text in bodies]
    return pd.DataFrame(
        {
            "word_count": [len(text.split()) for text in bodies],
            "char_count": [len(text) for text in bodies],
            "punctuation_share": [n / max(len(b), 1) for n, b in zip(marks, bodies, strict=True)],
            "exclamation_share": ["!" in text for text in bodies],
            "question_share": ["?" in text for text in bodies],
            "uppercase_share": [
                sum(char.isupper() for char in chars) / max(len(chars), 1) for chars in letters
            ],
            "emoji_share": [bool(emoji_of(text)) for text in bodies],
            "code_mix_share": [is_code_mixed(tweet_words) for tweet_words in words],
            "complaint_share": [bool(complaints(tweet_words)) for tweet_words in words],
        },
        dtype=np.float64,
    )


def _interaction(tweets: pd.DataFrame, replies: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "mention_count": [len(HANDLE.findall(text)) for text in tweets["text"]],
            "link_share": [LINK.search(text) is not None for text in tweets["text"]],
        },
        dtype=np.float64,
    )
    for name in ("like_count", "retweet_count", "reply_count"):
        known = tweets[name] if name in tweets else pd.Series(np.nan, index=tweets.index)
        table[name] = known.to_numpy(dtype=np.float64, na_value=np.nan)
    if len(replies):
        table["reply_share"] = tweets["tweet_id"].isin(replies["in_reply_to_tweet_id"]).to_numpy()
    else:
        table["reply_share"] = (table["reply_count"] > 0).where(table["reply_count"].notna())
    return table.drop(columns="reply_count").astype(np.float64)


def _compare(values: NDArray[np.float64], is_member: NDArray[np.bool_]) -> dict[str, float]:
    """Mean of members and corpus, and the ratio with its interval; NaN where unknown."""
    is_known = ~np.isnan(values)
    members, everyone = values[is_known & is_member], values[is_known]
    missing = dict.fromkeys(("value", "corpus_value", "lift", "lift_low", "lift_high"), np.nan)
    if not len(members):
        return missing
    value, corpus_value = float(members.mean()), float(everyone.mean())
    found = missing | {"value": value, "corpus_value": corpus_value}
    if corpus_value <= 0:
        return found
    found["lift"] = value / corpus_value
    if value <= 0 or len(members) == 1:
        return found
    rest = 1 - len(members) / len(everyone)
    error = float(np.sqrt(members.var(ddof=1) / len(members) * rest)) / value
    spread = float(np.exp(-ndtri((1 - _INTERVAL) / 2) * error))
    return found | {
        "lift_low": value / corpus_value / spread,
        "lift_high": value / corpus_value * spread,
    }
