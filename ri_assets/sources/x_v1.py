"""Tweets as the X API v1.1 gives them, in native columns.

Belongs here: where v1.1 keeps each native value. Does not belong here: whether
a value is valid (see `values`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TAG = re.compile(r"<[^<>]*>")


def post_of(tweet: Mapping[str, object]) -> dict[str, object]:
    """Native columns of one v1.1 object, in extended or compatibility mode.

    A retweet carries the whole text of the original after ``RT @handle: ``.

    Parameters
    ----------
    tweet
        The object as the API gives it.
    """
    user = mapping(tweet.get("user"))
    original = mapping(tweet.get("retweeted_status"))
    app = tweet.get("source")
    return {
        "tweet_id": _id_of(tweet),
        "author_id": _id_of(user),
        "author_handle": user.get("screen_name"),
        "author_followers": user.get("followers_count"),
        "author_following": user.get("friends_count"),
        "author_statuses": user.get("statuses_count"),
        "author_created_at": user.get("created_at"),
        "author_verified": user.get("verified"),
        "created_at": tweet.get("created_at"),
        "text": retweet_text(
            mapping(original.get("user")).get("screen_name"),
            full_text(original),
            full_text(tweet),
        ),
        "lang": tweet.get("lang"),
        "reply_count": tweet.get("reply_count"),
        "retweet_count": tweet.get("retweet_count"),
        "like_count": tweet.get("favorite_count"),
        "quote_count": tweet.get("quote_count"),
        "is_retweet": bool(original),
        "source_app": _TAG.sub("", app) if isinstance(app, str) else None,
        "in_reply_to_handle": tweet.get("in_reply_to_screen_name"),
        "in_reply_to_tweet_id": tweet.get("in_reply_to_status_id_str")
        or tweet.get("in_reply_to_status_id"),
    }


def full_text(tweet: Mapping[str, object]) -> object:
    """Longest form of the text that the object holds; None where it holds none."""
    extended = mapping(tweet.get("extended_tweet")).get("full_text")
    return extended or tweet.get("full_text") or tweet.get("text")


def retweet_text(handle: object, original: object, own: object) -> object:
    """Text of a retweet with the original whole; a tweet's own text where there is no original.

    Parameters
    ----------
    handle
        Handle of the original's author.
    original
        Whole text of the original.
    own
        The tweet's own text, which the API cuts in a retweet.
    """
    return f"RT @{handle}: {original}" if handle and original else own


def mapping(value: object) -> Mapping[str, object]:
    """Return the object itself, or an empty one where the API left it out."""
    return value if isinstance(value, dict) else {}


def _id_of(thing: Mapping[str, object]) -> object:
    return thing.get("id_str") or thing.get("id")
