from __future__ import annotations

from collections.abc import Sequence

import pytest

from ri_assets.errors import SourceError
from ri_assets.records.posts import REPLIES
from ri_assets.sources.aliases import CLUES, TOOLS, spelled
from ri_assets.sources.base import SourceOptions, column_map
from ri_assets.sources.columns import ColumnReader


def native(header: str, row: str, **given: str) -> dict[str, object]:
    """Values by native column, and `is_reply`, of one row of a header."""
    names = header.split(",")
    layout = ColumnReader(given).layout(names, "here.csv")
    values, is_reply = layout.native(dict(zip(names, row.split(","), strict=True)))
    return {name: value for name, value in values.items() if value != ""} | {"is_reply": is_reply}


# Headers as the tools write them, a row each, and what it says. Written by hand.
TOOL_ROWS: list[tuple[str, str, dict[str, object]]] = [
    (
        ("id,conversation_id,created_at,date,time,timezone,user_id,username,tweet,language,"
        "replies_count,retweets_count,likes_count,retweet,reply_to,retweet_id"),
        ("7,5,1577880000000,2020-01-01,13:00:00,+0100,3,asha,hi,en,1,2,4,False,"
        "[{'screen_name': 'ravi'}],"),
        {
            "tweet_id": "7", "author_id": "3", "author_handle": "asha", "text": "hi", "lang": "en",
            "created_at": "2020-01-01 13:00:00+0100", "reply_count": "1", "retweet_count": "2",
            "like_count": "4", "is_retweet": "False", "in_reply_to_handle": "ravi",
            "is_reply": True,
        },
    ),
    (
        ("user_id,status_id,created_at,screen_name,text,source,reply_to_status_id,"
        "reply_to_screen_name,is_retweet,favorite_count,followers_count,verified"),
        "x3,x7,2020-01-01 12:00:00,asha,hi,Twitter Lite,x5,ravi,FALSE,4,9,TRUE",
        {
            "tweet_id": "x7", "author_id": "x3", "author_handle": "asha", "text": "hi",
            "created_at": "2020-01-01 12:00:00", "source_app": "Twitter Lite",
            "in_reply_to_tweet_id": "x5", "in_reply_to_handle": "ravi", "is_retweet": "FALSE",
            "like_count": "4", "author_followers": "9", "author_verified": "TRUE",
            "is_reply": True,
        },
    ),
    (
        ("id,created_at,text,author_id,referenced_tweets.replied_to.id,"
        "referenced_tweets.retweeted.id,author.username,author.id,conversation_id"),
        "7,2020-01-01T12:00:00Z,RT @ravi: hi,3,,5,asha,3,7",
        {
            "tweet_id": "7", "created_at": "2020-01-01T12:00:00Z", "text": "RT @ravi: hi",
            "author_id": "3", "author_handle": "asha", "is_retweet": True, "is_reply": False,
        },
    ),
    (
        "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id",
        "7,sprintcare,False,Tue Oct 31 22:10:47 +0000 2017,hi,2,3.0",
        {
            "tweet_id": "7", "author_id": "sprintcare", "author_handle": "sprintcare",
            "created_at": "Tue Oct 31 22:10:47 +0000 2017", "text": "hi",
            "in_reply_to_tweet_id": "3.0", "is_reply": True,
        },
    ),
    (
        "tweet_id,airline_sentiment,airline,name,retweet_count,text,tweet_created,user_timezone",
        "7,negative,United,asha,0,hi,2015-02-24 11:35:52 -0800,Eastern Time",
        {
            "tweet_id": "7", "author_handle": "asha", "author_id": "@asha", "retweet_count": "0",
            "text": "hi", "created_at": "2015-02-24 11:35:52 -0800", "is_reply": False,
        },
    ),
    (
        "Id,User Name,Username,Tweet,Date,Likes,Lang",
        "7,Asha Rao,asha,hi,2020-01-01,4,en",
        {
            "tweet_id": "7", "author_handle": "asha", "author_id": "@asha", "text": "hi",
            "created_at": "2020-01-01", "like_count": "4", "lang": "en", "is_reply": False,
        },
    ),
    (
        "id,content,username,favorite_count,date,lang",
        "7,hi,asha,4,2020-01-01T12:00:00Z,en",
        {
            "tweet_id": "7", "text": "hi", "author_handle": "asha", "author_id": "@asha",
            "like_count": "4", "created_at": "2020-01-01T12:00:00Z", "lang": "en",
            "is_reply": False,
        },
    ),
    (
        "id,url,rawContent,date,user,inReplyToTweetId,conversationId,sourceLabel",
        "7,http://x,hi,2020-01-01T12:00:00Z,{'username': 'asha'},,5,Twitter Lite",
        {
            "tweet_id": "7", "text": "hi", "created_at": "2020-01-01T12:00:00Z",
            "author_handle": "asha", "author_id": "@asha", "source_app": "Twitter Lite",
            "is_reply": False,
        },
    ),
    (
        (
            "coordinates,created_at,favorite_count,id,in_reply_to_screen_name,"
            "in_reply_to_status_id,lang,retweet_count,retweet_id,source,text,user_created_at,"
            "user_screen_name,user_name,user_followers_count,user_friends_count,"
            "user_statuses_count,user_verified"
        ),
        (
            ",Mon Aug 04 04:01:47 +0000 2025,4,7,ravi,5,en,2,,Twitter Lite,hi,"
            "Mon Aug 04 04:01:47 +0000 2014,asha,Asha Rao,9,8,6,False"
        ),
        {
            "tweet_id": "7", "author_id": "@asha", "author_handle": "asha", "text": "hi",
            "author_followers": "9", "author_following": "8", "author_statuses": "6",
            "author_created_at": "Mon Aug 04 04:01:47 +0000 2014", "author_verified": "False",
            "created_at": "Mon Aug 04 04:01:47 +0000 2025", "lang": "en", "retweet_count": "2",
            "like_count": "4", "is_retweet": False, "source_app": "Twitter Lite",
            "in_reply_to_handle": "ravi", "in_reply_to_tweet_id": "5", "is_reply": True,
        },
    ),
    (
        (
            "tweet_id,in_reply_to_status_id,in_reply_to_user_id,retweeted_status_id,"
            "retweeted_status_user_id,timestamp,source,text,expanded_urls"
        ),
        "7,,,5,3,2011-11-02 10:00:00 +0000,web,RT @ravi: hi,",
        {
            "tweet_id": "7", "created_at": "2011-11-02 10:00:00 +0000", "source_app": "web",
            "text": "RT @ravi: hi", "is_retweet": True, "is_reply": False,
        },
    ),
    (
        (
            "tweet_id,user_username,author_id,text,created_at,conversation_id,user_tweet_count,"
            "user_followers_count,user_following_count,user_verified,like_count"
        ),
        "7,asha,3,hi,2020-01-01T12:00:00.000Z,5,6,9,8,FALSE,4",
        {
            "tweet_id": "7", "author_handle": "asha", "author_id": "3", "text": "hi",
            "created_at": "2020-01-01T12:00:00.000Z", "author_statuses": "6",
            "author_followers": "9", "author_following": "8", "author_verified": "FALSE",
            "like_count": "4", "is_reply": True,
        },
    ),
    (
        "text,favorited,favoriteCount,replyToSN,created,replyToSID,id,statusSource,screenName,isRetweet",
        "hi,FALSE,4,ravi,2015-01-01 12:00:00,5,7,web,asha,TRUE",
        {
            "tweet_id": "7", "author_handle": "asha", "author_id": "@asha", "text": "hi",
            "created_at": "2015-01-01 12:00:00", "like_count": "4", "source_app": "web",
            "is_retweet": "TRUE", "in_reply_to_handle": "ravi", "in_reply_to_tweet_id": "5",
            "is_reply": True,
        },
    ),
    (
        (
            "id_str,from_user,text,created_at,time,in_reply_to_screen_name,from_user_id_str,"
            "in_reply_to_status_id_str,source,user_followers_count"
        ),
        "7,asha,hi,Mon Aug 04 04:01:47 +0000 2025,04/08/2025 05:01:47,,3,,web,9",
        {
            "tweet_id": "7", "author_handle": "asha", "author_id": "3", "text": "hi",
            "created_at": "Mon Aug 04 04:01:47 +0000 2025", "source_app": "web",
            "author_followers": "9", "is_reply": False,
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("header", "row", "expected"), TOOL_ROWS)
def test_names_of_tools_are_known(header: str, row: str, expected: dict[str, object]) -> None:
    assert native(header, row) == expected


@pytest.mark.parametrize(
    ("row", "is_reply"),
    [
        ("7,7,hi", False),
        ("7,5,hi", True),
        ("7,,hi", False),
        ("7,NA,hi", False),
        ("7,1.95e+18,hi", False),
        ("x7,x7,hi", False),
        ("7,0,hi", False),
    ],
)
def test_another_conversation_makes_a_reply(row: str, is_reply: bool) -> None:
    assert native("id,conversation_id,tweet", row)["is_reply"] is is_reply


@pytest.mark.parametrize("nobody", ["", "0", "-1", "NA", "0.0", "NULL", "nan"])
def test_words_for_nobody_make_no_reply(nobody: str) -> None:
    assert native("id,text,in_reply_to_status_id", f"7,hi,{nobody}")["is_reply"] is False


def test_a_rounded_id_still_makes_a_reply() -> None:
    assert native("id,text,in_reply_to_status_id", "7,hi,1.95e+18")["is_reply"] is True


def test_an_own_name_is_preferred() -> None:
    row = native("tweet_id,id,text,content", "7,1,hi,an article")
    assert (row["tweet_id"], row["text"]) == ("7", "hi")


@pytest.mark.parametrize(
    ("header", "native_name", "rivals"),
    [
        ("id,tweet,content", "text", "content, tweet"),
        ("id,text,likes,favorites", "like_count", "favorites, likes"),
        ("id,Text,TEXT", "text", "TEXT, Text"),
    ],
)
def test_two_that_could_be_meant_are_asked_for(header: str, native_name: str, rivals: str) -> None:
    names = header.split(",")
    with pytest.raises(SourceError, match=f"2 columns that could be {native_name}: {rivals}") as e:
        ColumnReader().layout(names, "here.csv")
    assert f"--map {native_name}=" in e.value.remedy
    chosen = {native_name: rivals.split(", ")[1]}
    assert ColumnReader(chosen).layout(names, "here.csv").columns[native_name] == (
        chosen[native_name],
    )
    none = {native_name: ""}
    assert native_name not in ColumnReader(none).layout(names, "here.csv").columns


def test_a_given_column_is_taken_and_serves_nothing_else() -> None:
    row = native("pk,body,lang,user", "7,hi,en,asha", tweet_id="pk", text="body", source_app="user")
    assert row == {
        "tweet_id": "7", "text": "hi", "lang": "en", "source_app": "asha", "is_reply": False,
    }  # fmt: skip


def test_what_was_used_and_ignored_is_remembered() -> None:
    columns = ColumnReader()
    columns.layout(("id", "tweet", "mood", "user.id", "user.url"), "a.json")
    columns.layout(("id", "tweet", "mood", "place"), "b.json")
    assert columns.columns == {"id": "tweet_id", "tweet": "text", "user.id": "author_id"}
    assert columns.ignored == ("mood", "place")


def test_a_given_column_that_is_nowhere_is_named() -> None:
    columns = ColumnReader({"text": "boddy"})
    columns.layout(("id", "body"), "a.json")
    with pytest.raises(SourceError, match="no column boddy; its columns are body, id"):
        columns.require_map("a.json")


@pytest.mark.parametrize(
    ("pairs", "found"),
    [(["text"], "has no ="), (["text=a", "text=b"], "a second time"), (["body=a"], "no native")],
)
def test_wrong_pairs_are_refused(pairs: Sequence[str], found: str) -> None:
    with pytest.raises(SourceError, match=found):
        SourceOptions(column_map=column_map(pairs))


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/passwd", "IST+5"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(SourceError, match="--timezone") as error:
        SourceOptions(timezone=zone)
    assert "Europe/Berlin" in error.value.expected


def test_the_table_names_native_columns_in_its_own_spelling() -> None:
    for tool in TOOLS:
        assert {*tool.names} <= {*REPLIES.names, *CLUES}
        names = [name for listed in tool.names.values() for name in listed]
        assert [spelled(name) for name in [*names, *tool.marks]] == [*names, *tool.marks]
