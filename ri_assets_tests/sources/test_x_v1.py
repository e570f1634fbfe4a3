from __future__ import annotations

from typing import Any

from ri_assets.sources.x_api import v1_post


def tweet(**changes: object) -> dict[str, Any]:
    return {
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "id": 1050118621198921728,
        "id_str": "1050118621198921728",
        "full_text": "Whole order was cold &amp; late https://t.co/abc",
        "source": '<a href="https://mobile.example" rel="nofollow">Twitter Lite</a>',
        "in_reply_to_status_id_str": None,
        "in_reply_to_screen_name": "brand",
        "user": {
            "id_str": "6253282",
            "screen_name": "asha",
            "followers_count": 12,
            "friends_count": 7,
            "statuses_count": 900,
            "created_at": "Wed May 23 06:01:13 +0000 2007",
            "verified": True,
        },
        "retweet_count": 2,
        "favorite_count": 5,
        "lang": "en",
        **changes,
    }


def test_every_native_value_is_found() -> None:
    assert v1_post(tweet()) == {
        "tweet_id": "1050118621198921728",
        "author_id": "6253282",
        "author_handle": "asha",
        "author_followers": 12,
        "author_following": 7,
        "author_statuses": 900,
        "author_created_at": "Wed May 23 06:01:13 +0000 2007",
        "author_verified": True,
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "text": "Whole order was cold &amp; late https://t.co/abc",
        "lang": "en",
        "reply_count": None,
        "retweet_count": 2,
        "like_count": 5,
        "quote_count": None,
        "is_retweet": False,
        "source_app": "Twitter Lite",
        "in_reply_to_handle": "brand",
        "in_reply_to_tweet_id": None,
    }


def test_extended_text_is_preferred_to_the_cut_one() -> None:
    post = v1_post(tweet(full_text=None, text="cut…", extended_tweet={"full_text": "all of it"}))
    assert post["text"] == "all of it"


def test_retweet_carries_the_whole_original() -> None:
    original = {"full_text": "a long story to its very end", "user": {"screen_name": "ravi"}}
    post = v1_post(tweet(full_text="RT @ravi: a long sto…", retweeted_status=original))
    assert post["text"] == "RT @ravi: a long story to its very end"
    assert post["is_retweet"] is True


def test_reply_names_what_it_answers() -> None:
    assert v1_post(tweet(in_reply_to_status_id_str="77"))["in_reply_to_tweet_id"] == "77"


def test_tweet_without_user_has_no_author() -> None:
    assert v1_post({"id_str": "5", "text": "hi"})["author_handle"] is None
