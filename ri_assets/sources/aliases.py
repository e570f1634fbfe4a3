"""Column names that other tools use, mapped to native columns.

`columns` chooses among the columns of a source. Names are spelled as `spelled` does it: lower
case, `_` between words, `.` before a nested name. `rawContent` and `Raw Content` are both
`raw_content`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BLANKS = re.compile(r"[\s-]+")

# Columns that are not native, but say something about a native column.
RETWEET_ID = "id of the tweet that was retweeted"
CONVERSATION_ID = "id of the conversation's first tweet"
IS_REPLY = "whether the tweet answers another"
DAY, TIME_OF_DAY, OFFSET = "day", "time of day", "offset from UTC"

# The native column that each of them is about.
CLUES: Mapping[str, str] = {
    RETWEET_ID: "is_retweet",
    CONVERSATION_ID: "in_reply_to_tweet_id",
    IS_REPLY: "in_reply_to_tweet_id",
    DAY: "created_at",
    TIME_OF_DAY: "created_at",
    OFFSET: "created_at",
}


@dataclass(frozen=True)
class Tool:
    """Column names of one tool, or of one kind of file.

    Parameters
    ----------
    name
        Name of the tool.
    names
        Native column or clue to the tool's names for it, the best first. If a row has no value
        in the first, the next one is used.
    marks
        Columns that identify the tool's files; empty if its names are unambiguous.
    """

    name: str
    names: Mapping[str, tuple[str, ...]]
    marks: tuple[str, ...] = field(default=())


TOOLS = (
    Tool(
        "X API v1.1 (twarc 1, tweepy, Hydrator, X data archive)",
        {
            "tweet_id": ("id_str", "id"),
            "author_id": ("user.id_str", "user.id", "user_id_str", "user_id"),
            "author_handle": ("user.screen_name", "user_screen_name", "screen_name"),
            "author_followers": (
                "user.followers_count", "user_followers_count", "followers_count",
            ),
            "author_following": ("user.friends_count", "user_friends_count", "friends_count"),
            "author_statuses": ("user.statuses_count", "user_statuses_count", "statuses_count"),
            "author_created_at": ("user.created_at", "user_created_at"),
            "author_verified": ("user.verified", "user_verified"),
            "created_at": ("created_at", "timestamp"),
            "text": ("extended_tweet.full_text", "full_text", "text"),
            "like_count": ("favorite_count",),
            "source_app": ("source",),
            "in_reply_to_handle": ("in_reply_to_screen_name",),
            "in_reply_to_tweet_id": ("in_reply_to_status_id_str", "in_reply_to_status_id"),
            RETWEET_ID: (
                "retweeted_status.id_str", "retweeted_status.id", "retweeted_status",
                "retweeted_status_id_str", "retweeted_status_id", "retweet_id",
            ),
        },
    ),
    Tool(
        "X API v2 (twarc 2, twarc-csv, academictwitteR)",
        {
            "tweet_id": ("id",),
            "author_id": ("author_id", "author.id"),
            "author_handle": ("author.username", "user_username"),
            "author_followers": ("author.public_metrics.followers_count", "user_followers_count"),
            "author_following": ("author.public_metrics.following_count", "user_following_count"),
            "author_statuses": ("author.public_metrics.tweet_count", "user_tweet_count"),
            "author_created_at": ("author.created_at", "user_created_at"),
            "author_verified": ("author.verified", "user_verified"),
            "text": ("note_tweet.text", "text"),
            "reply_count": ("public_metrics.reply_count",),
            "retweet_count": ("public_metrics.retweet_count",),
            "like_count": ("public_metrics.like_count",),
            "quote_count": ("public_metrics.quote_count",),
            "source_app": ("source",),
            "in_reply_to_handle": ("in_reply_to_user.username", "in_reply_to_username"),
            "in_reply_to_tweet_id": ("referenced_tweets.replied_to.id",),
            RETWEET_ID: ("referenced_tweets.retweeted.id",),
            CONVERSATION_ID: ("conversation_id",),
        },
    ),
    Tool(
        "snscrape",
        {
            "tweet_id": ("id",),
            "author_id": ("user.id",),
            "author_handle": ("user.username", "username", "user"),
            "author_followers": ("user.followers_count",),
            "author_following": ("user.friends_count",),
            "author_statuses": ("user.statuses_count",),
            "author_created_at": ("user.created",),
            "author_verified": ("user.verified",),
            "created_at": ("date",),
            "text": ("raw_content", "content", "rendered_content"),
            "source_app": ("source_label", "source"),
            "in_reply_to_handle": ("in_reply_to_user.username",),
            RETWEET_ID: ("retweeted_tweet.id", "retweeted_tweet"),
            CONVERSATION_ID: ("conversation_id",),
        },
    ),
    Tool(
        "twint",
        {
            "tweet_id": ("id",),
            "author_id": ("user_id",),
            "author_handle": ("username",),
            "created_at": ("created_at", "date"),
            "text": ("tweet",),
            "lang": ("language",),
            "reply_count": ("replies_count",),
            "retweet_count": ("retweets_count",),
            "like_count": ("likes_count",),
            "is_retweet": ("retweet",),
            "source_app": ("source",),
            "in_reply_to_handle": ("reply_to",),
            RETWEET_ID: ("retweet_id",),
            CONVERSATION_ID: ("conversation_id",),
            DAY: ("date",),
            TIME_OF_DAY: ("time",),
            OFFSET: ("timezone",),
        },
    ),
    Tool(
        "rtweet",
        {
            "tweet_id": ("status_id",),
            "author_id": ("user_id",),
            "author_handle": ("screen_name",),
            "author_followers": ("followers_count",),
            "author_following": ("friends_count",),
            "author_statuses": ("statuses_count",),
            "author_created_at": ("account_created_at",),
            "author_verified": ("verified",),
            "like_count": ("favorite_count",),
            "source_app": ("source",),
            "in_reply_to_handle": ("reply_to_screen_name",),
            "in_reply_to_tweet_id": ("reply_to_status_id",),
            RETWEET_ID: ("retweet_status_id",),
        },
    ),
    Tool(
        "twitteR",
        {
            "tweet_id": ("id",),
            "author_handle": ("screen_name",),
            "created_at": ("created",),
            "like_count": ("favorite_count",),
            "source_app": ("status_source",),
            "in_reply_to_handle": ("reply_to_sn",),
            "in_reply_to_tweet_id": ("reply_to_sid",),
        },
    ),
    Tool(
        "DMI-TCAT, TAGS",
        {
            "tweet_id": ("id_str", "id"),
            "author_id": ("from_user_id_str", "from_user_id"),
            "author_handle": ("from_user_name", "from_user"),
            "author_followers": ("from_user_followercount", "user_followers_count"),
            "author_following": ("from_user_friendcount", "user_friends_count"),
            "author_statuses": ("from_user_tweetcount",),
            "author_created_at": ("from_user_created_at",),
            "author_verified": ("from_user_verified",),
            "created_at": ("created_at", "time"),
            "in_reply_to_handle": ("in_reply_to_screen_name", "to_user_name"),
        },
        marks=("from_user_name", "from_user"),
    ),
    Tool(
        "customer support on Twitter (twcs)",
        {"in_reply_to_tweet_id": ("in_response_to_tweet_id",)},
    ),
    Tool(
        "airline sentiment",
        {"author_handle": ("name",), "created_at": ("tweet_created",)},
        marks=("airline_sentiment",),
    ),
    Tool(
        "Apify",
        {
            "tweet_id": ("id",),
            "author_id": ("author.id",),
            "author_handle": ("author.user_name",),
            "author_followers": ("author.followers",),
            "author_following": ("author.following",),
            "author_statuses": ("author.statuses_count",),
            "author_created_at": ("author.created_at",),
            "author_verified": ("author.is_verified",),
            "text": ("full_text", "text"),
            "source_app": ("source",),
            "in_reply_to_handle": ("in_reply_to_username",),
            "in_reply_to_tweet_id": ("in_reply_to_id",),
            IS_REPLY: ("is_reply",),
            CONVERSATION_ID: ("conversation_id",),
        },
    ),
    Tool(
        "other files",
        {
            "tweet_id": ("tweetid", "ids"),
            "author_id": ("userid", "user_id"),
            "author_handle": ("username", "handle", "user_handle", "author_username", "user"),
            "author_followers": ("followers", "follower_count", "user_followers"),
            "author_following": ("following", "following_count", "friends", "user_friends"),
            "author_statuses": ("tweet_count", "tweets_count", "user_statuses"),
            "author_created_at": ("user_created", "account_creation_date"),
            "author_verified": ("is_verified", "verified", "user_verified"),
            "created_at": (
                "date", "datetime", "date_time", "timestamp", "tweet_time", "tweet_date",
            ),
            "text": ("tweet", "tweet_text", "content", "tweet_content", "full_text"),
            "lang": ("language", "tweet_language"),
            "reply_count": ("replies",),
            "retweet_count": ("retweets",),
            "like_count": ("likes", "favorites", "favorite_count", "favourite_count"),
            "quote_count": ("quotes",),
            "source_app": ("source", "tweet_client_name"),
            "in_reply_to_tweet_id": (
                "in_reply_to_id", "in_reply_to_tweetid", "reply_to_id", "in_reply_to_status",
            ),
            IS_REPLY: ("is_reply",),
        },
    ),
)  # fmt: skip

# Other files have one name for a column; two of these names together are ambiguous.
UNRANKED = "other files"


def spelled(name: str) -> str:
    """Spell a column's name as in the table."""
    words = _CAMEL.sub("_", name.strip().lstrip("\ufeff"))
    return _BLANKS.sub("_", words).casefold()
