from __future__ import annotations

from typing import Any

import pytest

from ri_assets.sources.x_api import v2_post, v2_posts_of_page

ASHA = {
    "id": "11",
    "username": "asha",
    "created_at": "2015-02-01T10:00:00.000Z",
    "verified": False,
    "public_metrics": {"followers_count": 3, "following_count": 4, "tweet_count": 5},
}
RAVI = {"id": "12", "username": "ravi"}
ORIGINAL = {
    "id": "500",
    "author_id": "12",
    "text": "A long story, cut at 280…",
    "note_tweet": {"text": "A long story, told to its very end"},
}


def tweet(**changes: object) -> dict[str, Any]:
    return {
        "id": "1450000000000000001",
        "author_id": "11",
        "text": "Where is my refund?",
        "created_at": "2021-10-18T08:30:00.000Z",
        "lang": "en",
        "source": "Twitter for iPhone",
        "public_metrics": {"reply_count": 1, "retweet_count": 2, "like_count": 3, "quote_count": 4},
        **changes,
    }


def page(*data: dict[str, Any]) -> dict[str, Any]:
    includes = {"users": [ASHA, RAVI], "tweets": [ORIGINAL]}
    return {"data": list(data), "includes": includes, "meta": {"result_count": len(data)}}


def flattened(**changes: object) -> dict[str, Any]:
    return tweet(author=ASHA, **changes)


def test_page_and_flattened_tweet_say_the_same() -> None:
    expected = {
        "tweet_id": "1450000000000000001",
        "author_id": "11",
        "author_handle": "asha",
        "author_followers": 3,
        "author_following": 4,
        "author_statuses": 5,
        "author_created_at": "2015-02-01T10:00:00.000Z",
        "author_verified": False,
        "created_at": "2021-10-18T08:30:00.000Z",
        "text": "Where is my refund?",
        "lang": "en",
        "reply_count": 1,
        "retweet_count": 2,
        "like_count": 3,
        "quote_count": 4,
        "is_retweet": False,
        "source_app": "Twitter for iPhone",
        "in_reply_to_handle": None,
        "in_reply_to_tweet_id": None,
    }
    assert list(v2_posts_of_page(page(tweet()))) == [expected]
    assert v2_post(flattened()) == expected


def test_tweets_under_includes_are_no_rows() -> None:
    assert len(list(v2_posts_of_page(page(tweet(), tweet(id="2"))))) == 2


def test_page_of_a_single_tweet() -> None:
    assert [post["tweet_id"] for post in v2_posts_of_page({"data": tweet()})] == [
        "1450000000000000001"
    ]


@pytest.mark.parametrize("whole", [True, False])
def test_retweet_carries_the_whole_original(whole: bool) -> None:
    reference = {"type": "retweeted", "id": "500"}
    text = "RT @ravi: A long st…"
    if whole:
        post = v2_post(
            flattened(text=text, referenced_tweets=[{**reference, **ORIGINAL, "author": RAVI}])
        )
    else:
        [post] = v2_posts_of_page(page(tweet(text=text, referenced_tweets=[reference])))
    assert post["text"] == "RT @ravi: A long story, told to its very end"
    assert post["is_retweet"] is True


def test_retweet_of_an_unknown_original_keeps_its_own_text() -> None:
    post = v2_post(tweet(text="RT @x: gone…", referenced_tweets=[{"type": "retweeted", "id": "9"}]))
    assert (post["text"], post["is_retweet"]) == ("RT @x: gone…", True)


def test_reply_names_post_and_handle_that_it_answers() -> None:
    reply = tweet(in_reply_to_user_id="12", referenced_tweets=[{"type": "replied_to", "id": "500"}])
    [post] = v2_posts_of_page(page(reply))
    assert (post["in_reply_to_tweet_id"], post["in_reply_to_handle"]) == ("500", "ravi")


def test_handle_is_found_among_mentions_too() -> None:
    mentions = {"mentions": [{"username": "other", "id": "1"}, {"username": "ravi", "id": "12"}]}
    assert (
        v2_post(tweet(in_reply_to_user_id="12", entities=mentions))["in_reply_to_handle"] == "ravi"
    )


def test_quote_is_neither_reply_nor_retweet() -> None:
    post = v2_post(tweet(referenced_tweets=[{"type": "quoted", "id": "500"}]))
    assert (post["is_retweet"], post["in_reply_to_tweet_id"]) == (False, None)
