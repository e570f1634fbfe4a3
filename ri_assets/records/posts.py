"""Posts as every source gives them, and what a source could not give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, get_args

from ri_assets.records.record import Record, column, count
from ri_assets.records.table import AssetContract, Table

MAX_TEXT_CHARS = 25_000
"""The network's limit for the longest posts; anything longer is not a post."""


# fmt: off
class Tweet(Record):
    """One top-level tweet; its columns are also the native columns of every source."""

    tweet_id: Annotated[int, column("Id of the post; ascending ids are ascending in time.", ge=0)]
    author_id: Annotated[int | None, column(
        "Id of the author; missing where the source has none.")]
    author_handle: Annotated[str | None, column("Handle of the author without @.")]
    author_followers: Annotated[int | None, count("Accounts that follow the author.")]
    author_following: Annotated[int | None, count("Accounts that the author follows.")]
    author_statuses: Annotated[int | None, count("Posts that the author ever wrote.")]
    author_created_at: Annotated[datetime | None, column(
        "When the author's account was made, UTC.")]
    author_verified: Annotated[bool | None, column("Whether the author's account is verified.")]
    created_at: Annotated[datetime | None, column("When the post was written, UTC.")]
    text: Annotated[str, column("Full text as written, entities and line breaks included.")]
    lang: Annotated[str | None, column("Language code that the network gave, such as en or hi.")]
    reply_count: Annotated[int | None, count("Replies that the network counted.")]
    retweet_count: Annotated[int | None, count("Retweets that the network counted.")]
    like_count: Annotated[int | None, count("Likes that the network counted.")]
    quote_count: Annotated[int | None, count("Quotes that the network counted.")]
    is_retweet: Annotated[bool | None, column("Whether the post is a native retweet.")]
    source_app: Annotated[str | None, column("Client that the post was written with.")]
    in_reply_to_handle: Annotated[str | None, column(
        "Handle that the post addresses, without @.")]


class Reply(Tweet):
    """One reply."""

    in_reply_to_tweet_id: Annotated[int | None, column("Id of the post that the reply answers.")]


RejectReason = Literal[
    "duplicate_id", "missing_id", "bad_id", "null_text", "bad_timestamp", "naive_timestamp",
    "bad_number", "bad_boolean", "invalid_utf8", "too_long", "truncated_json", "broken_row",
    "not_a_post",
]
REJECT_REASONS: tuple[str, ...] = get_args(RejectReason)


class RejectedRow(Record):
    """One row of the source that could not be read as a post."""

    reason: Annotated[RejectReason, column("Why the row was set aside.")]
    detail: Annotated[str, column("What was found, and what was expected.")]
    tweet_id: Annotated[str | None, column("Id as found, if any.")]
    raw: Annotated[str, column("The row as found, at most 2,000 characters.")]


class Intake(Record):
    """The one count of what the source gave, made while it was read."""

    n_read: Annotated[int, count("Rows that the source held.")]
    n_left_out: Annotated[int, count("Rows left out at the source.")]
    n_rejected: Annotated[int, count("Rows that could not be read.")]
    n_accepted: Annotated[int, count("Rows that became posts.")]
    n_forgotten: Annotated[int, count(
        "Rows of people who asked to be forgotten; nothing else is kept of them.", older=0)]


class LeftOut(Record):
    """One post left out at the source."""

    tweet_id: Annotated[int, column("Id of the post.", ge=0)]
    reason: Annotated[str, column("`retweet`, `automated: <app>` or `over max_tweets`.")]


class ReadColumn(Record):
    """One column of the source, and what it was taken for."""

    place: Annotated[int, column("Place in this table, from 1.", ge=1)]
    theirs: Annotated[str | None, column("Name of the column in the source.")]
    ours: Annotated[str | None, column("Column that it became; missing where it was ignored.")]
    n_filled: Annotated[int | None, count(
        "Values in it; counted where some are unreadable.")]
    n_unreadable: Annotated[int, count("Values that became missing.")]
    expected: Annotated[str | None, column("What an unreadable value should look like.")]
# fmt: on


TWEETS = Table("raw_tweets", "one top-level tweet", Tweet, ("tweet_id",), is_raw=True)
REPLIES = Table("raw_replies", "one reply", Reply, ("tweet_id",), is_raw=True)
REJECTED = Table(
    "rejected",
    "one row of the source that could not be read as a post",
    RejectedRow,
    ("reason", "tweet_id", "raw"),
    is_key_unique=False,  # the same broken row can come twice
    is_raw=True,
)
INTAKE = Table(
    "intake",
    "the one count of what the source gave, made while it was read",
    Intake,
    ("n_read",),
)
LEFT_OUT = Table("left_out", "one post left out at the source", LeftOut, ("tweet_id",))
READING = Table(
    "reading", "one column of the source, and what it was taken for", ReadColumn, ("place",)
)

RAW_TWEETS = AssetContract(TWEETS, (REJECTED, LEFT_OUT, INTAKE, READING))
RAW_REPLIES = AssetContract(REPLIES, (REJECTED, LEFT_OUT, INTAKE))
