"""Columns of `raw_tweets` and `raw_replies`, which are also the native columns of every source."""

from __future__ import annotations

import pyarrow as pa

from ri_assets.contracts.table import TIMESTAMP, AssetContract, Column, Table

_POST = (
    Column(
        "tweet_id", pa.int64(), "Id of the post; ascending ids are ascending in time.", minimum=0
    ),
    Column("author_id", pa.int64(), "Id of the author; missing where the source has none.", True),
    Column("author_handle", pa.string(), "Handle of the author without @.", True),
    Column("author_followers", pa.int64(), "Accounts that follow the author.", True, 0),
    Column("author_following", pa.int64(), "Accounts that the author follows.", True, 0),
    Column("author_statuses", pa.int64(), "Posts that the author ever wrote.", True, 0),
    Column("author_created_at", TIMESTAMP, "When the author's account was made, UTC.", True),
    Column("author_verified", pa.bool_(), "Whether the author's account is verified.", True),
    Column("created_at", TIMESTAMP, "When the post was written, UTC.", True),
    Column("text", pa.string(), "Full text as written, entities and line breaks included."),
    Column("lang", pa.string(), "Language code that the network gave, such as en or hi.", True),
    Column("reply_count", pa.int64(), "Replies that the network counted.", True, 0),
    Column("retweet_count", pa.int64(), "Retweets that the network counted.", True, 0),
    Column("like_count", pa.int64(), "Likes that the network counted.", True, 0),
    Column("quote_count", pa.int64(), "Quotes that the network counted.", True, 0),
    Column("is_retweet", pa.bool_(), "Whether the post is a native retweet.", True),
    Column("source_app", pa.string(), "Client that the post was written with.", True),
    Column("in_reply_to_handle", pa.string(), "Handle that the post addresses, without @.", True),
)

TWEETS = Table("raw_tweets", "one top-level tweet", _POST, ("tweet_id",))

REPLIES = Table(
    "raw_replies",
    "one reply",
    (
        *_POST,
        Column("in_reply_to_tweet_id", pa.int64(), "Id of the post that the reply answers.", True),
    ),
    ("tweet_id",),
)

MAX_TEXT_CHARS = 25_000
"""The network's limit for the longest posts; what is longer is no post."""

REJECT_REASONS = (
    "duplicate_id",
    "missing_id",
    "bad_id",
    "null_text",
    "bad_timestamp",
    "naive_timestamp",
    "bad_number",
    "bad_boolean",
    "invalid_utf8",
    "too_long",
    "truncated_json",
    "broken_row",
    "not_a_post",
)

REJECTED = Table(
    "rejected",
    "one row of the source that could not be read as a post",
    (
        Column("reason", pa.string(), "Why the row was set aside.", allowed=REJECT_REASONS),
        Column("detail", pa.string(), "What was found, and what was expected."),
        Column("tweet_id", pa.string(), "Id as found, if any.", True),
        Column("raw", pa.string(), "The row as found, at most 2,000 characters."),
    ),
    ("reason", "tweet_id", "raw"),
    is_key_unique=False,  # the same broken row can come twice
)

INTAKE = Table(
    "intake",
    "the one count of what the source gave, made while it was read",
    (
        Column("n_read", pa.int64(), "Rows that the source held.", minimum=0),
        Column("n_left_out", pa.int64(), "Rows left out at the source.", minimum=0),
        Column("n_rejected", pa.int64(), "Rows that could not be read.", minimum=0),
        Column("n_accepted", pa.int64(), "Rows that became posts.", minimum=0),
    ),
    ("n_read",),
)

LEFT_OUT = Table(
    "left_out",
    "one post left out at the source",
    (
        Column("tweet_id", pa.int64(), "Id of the post.", minimum=0),
        Column("reason", pa.string(), "`retweet`, `automated: <app>` or `over max_tweets`."),
    ),
    ("tweet_id",),
)

READING = Table(
    "reading",
    "one column of the source, and what it was taken for",
    (
        Column("place", pa.int64(), "Place in this table, from 1.", minimum=1),
        Column("theirs", pa.string(), "Name of the column in the source.", True),
        Column("ours", pa.string(), "Column that it became; missing where it was ignored.", True),
        Column("n_filled", pa.int64(), "Values in it; counted where some are unreadable.", True, 0),
        Column("n_unreadable", pa.int64(), "Values that became missing.", minimum=0),
        Column("expected", pa.string(), "What an unreadable value should look like.", True),
    ),
    ("place",),
)

RAW_TWEETS = AssetContract(TWEETS, (REJECTED, LEFT_OUT, INTAKE, READING))
RAW_REPLIES = AssetContract(REPLIES, (REJECTED, LEFT_OUT, INTAKE))
