"""A corpus as the tables that `raw_tweets` and `raw_replies` store."""

from __future__ import annotations

import pandas as pd

from ri_assets.intake.corpus import reading_frame
from ri_assets.intake.losses import Losses, losses
from ri_assets.records.posts import RAW_REPLIES, RAW_TWEETS
from ri_assets.sources.base import Corpus
from ri_assets.store.tables import Tables, as_tables


def raw_tables(corpus: Corpus) -> tuple[Tables, Tables]:
    """Give the tables of tweets, then those of replies; every row of the source is in one."""
    tweets = as_tables(
        RAW_TWEETS,
        "",
        raw_tweets=corpus.tweets,
        rejected=corpus.rejected_tweets,
        left_out=corpus.left_out_tweets,
        intake=_counts(
            corpus.n_raw_tweets, corpus.left_out_tweets, corpus.rejected_tweets, corpus.tweets
        ),
        reading=reading_frame(corpus.reading),
    )
    replies = as_tables(
        RAW_REPLIES,
        "",
        raw_replies=corpus.replies,
        rejected=corpus.rejected_replies,
        left_out=corpus.left_out_answers,
        intake=_counts(
            corpus.n_raw_replies, corpus.left_out_answers, corpus.rejected_replies, corpus.replies
        ),
    )
    return tweets, replies


def stored_losses(tables: Tables) -> Losses:
    """Count what was lost in the read that gave the tables."""
    return losses(
        int(tables.frame("intake")["n_read"].iloc[0]),
        tables.frame("rejected"),
        tables.frame(),
        tables.frame("reading") if "reading" in tables.by_name else None,
    )


def _counts(
    n_read: int, left_out: pd.DataFrame, rejected: pd.DataFrame, accepted: pd.DataFrame
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n_read": [n_read],
            "n_left_out": [len(left_out)],
            "n_rejected": [len(rejected)],
            "n_accepted": [len(accepted)],
        }
    )
