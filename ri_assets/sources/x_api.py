"""Convert tweets of the X API v1.1 and v2 (also as twarc writes them) to native columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_TAG = re.compile(r"<[^<>]*>")


def v1_post(tweet: Mapping[str, object]) -> dict[str, object]:
    """Convert one v1.1 object, in extended or compatibility mode, to native columns.

    The text of a retweet is ``RT @handle: `` with the full text of the original.

    Parameters
    ----------
    tweet
        Object of the API.
    """
    user = mapping(tweet.get("user"))
    original = mapping(tweet.get("retweeted_status"))
    app = tweet.get("source")
    return {
        "tweet_id": _v1_id(tweet),
        "author_id": _v1_id(user),
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
    """Longest text in the object; None if it has none."""
    extended = mapping(tweet.get("extended_tweet")).get("full_text")
    return extended or tweet.get("full_text") or tweet.get("text")


def retweet_text(handle: object, original: object, own: object) -> object:
    """Text of a retweet with the full original; without an original, the tweet's own text.

    Parameters
    ----------
    handle
        Handle of the original's author.
    original
        Full text of the original.
    own
        The tweet's own text, which the API cuts off in retweets.
    """
    return f"RT @{handle}: {original}" if handle and original else own


def mapping(value: object) -> Mapping[str, object]:
    """Return the object, or an empty one if the API omitted it."""
    return value if isinstance(value, dict) else {}


def _v1_id(thing: Mapping[str, object]) -> object:
    return thing.get("id_str") or thing.get("id")


Objects = Mapping[str, Mapping[str, object]]
_NOTHING: Objects = {}


def v2_posts_of_page(page: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Convert each tweet in a page's `data` to native columns.

    Tweets under `includes` only complete the others, such as the full text of a retweet. The
    search did not find them, so they are not rows.

    Parameters
    ----------
    page
        An object with `data`, and `includes` if there are any.
    """
    includes = mapping(page.get("includes"))
    users = _by_id(includes.get("users"))
    tweets = _by_id(includes.get("tweets"))
    data = page["data"]
    for tweet in data if isinstance(data, list) else [data]:
        yield v2_post(mapping(tweet), users, tweets)


def v2_post(
    tweet: Mapping[str, object], users: Objects = _NOTHING, tweets: Objects = _NOTHING
) -> dict[str, object]:
    """Convert one v2 tweet to native columns.

    Parameters
    ----------
    tweet
        One element of `data`, or one flattened tweet.
    users, tweets
        Objects of the page's `includes`, by id; a flattened tweet needs none.
    """
    author = _v2_author(tweet, users)
    audience = mapping(author.get("public_metrics"))
    counts = mapping(tweet.get("public_metrics"))
    retweeted = _referenced(tweet, "retweeted", tweets)
    return {
        "tweet_id": tweet.get("id"),
        "author_id": tweet.get("author_id") or author.get("id"),
        "author_handle": author.get("username"),
        "author_followers": audience.get("followers_count"),
        "author_following": audience.get("following_count"),
        "author_statuses": audience.get("tweet_count"),
        "author_created_at": author.get("created_at"),
        "author_verified": author.get("verified"),
        "created_at": tweet.get("created_at"),
        "text": retweet_text(
            _v2_author(retweeted, users).get("username"), _v2_text(retweeted), _v2_text(tweet)
        ),
        "lang": tweet.get("lang"),
        "reply_count": counts.get("reply_count"),
        "retweet_count": counts.get("retweet_count"),
        "like_count": counts.get("like_count"),
        "quote_count": counts.get("quote_count"),
        "is_retweet": True if retweeted else _unmarked(tweet),
        "source_app": tweet.get("source"),
        "in_reply_to_handle": _answered_handle(tweet, users),
        "in_reply_to_tweet_id": _referenced(tweet, "replied_to", tweets).get("id"),
    }


def _unmarked(tweet: Mapping[str, object]) -> bool | None:
    """Return False, or None if unknown: the query may not have requested the references."""
    is_unknown = "referenced_tweets" not in tweet and str(tweet.get("text")).startswith("RT @")
    return None if is_unknown else False


def _v2_text(tweet: Mapping[str, object]) -> object:
    """Text of a long post, if there is one: `text` is cut off at 280 characters."""
    return mapping(tweet.get("note_tweet")).get("text") or tweet.get("text")


def _v2_author(tweet: Mapping[str, object], users: Objects) -> Mapping[str, object]:
    return mapping(tweet.get("author")) or users.get(str(tweet.get("author_id")), {})


def _referenced(tweet: Mapping[str, object], kind: str, tweets: Objects) -> Mapping[str, object]:
    """Find the tweet that this one refers to, as far as it is known."""
    references = tweet.get("referenced_tweets")
    for reference in references if isinstance(references, list) else []:
        if mapping(reference).get("type") == kind:
            return {**reference, **tweets.get(str(reference.get("id")), {})}
    return {}


def _answered_handle(tweet: Mapping[str, object], users: Objects) -> object:
    user_id = tweet.get("in_reply_to_user_id")
    if user_id is None:
        return None
    user = mapping(tweet.get("in_reply_to_user")) or users.get(str(user_id), {})
    mentions = mapping(tweet.get("entities")).get("mentions")
    mentioned = (
        mapping(mention).get("username")
        for mention in (mentions if isinstance(mentions, list) else [])
        if mapping(mention).get("id") == user_id
    )
    return user.get("username") or next(mentioned, None)


def _by_id(objects: object) -> dict[str, Mapping[str, object]]:
    listed = objects if isinstance(objects, list) else []
    return {str(thing.get("id")): thing for thing in map(mapping, listed)}
