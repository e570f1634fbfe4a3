from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ri_assets.errors import SourceError
from ri_assets.records.posts import REJECT_REASONS, REJECTED, REPLIES, TWEETS
from ri_assets.sources.base import Corpus, SourceOptions, SourceState
from ri_assets.sources.files import FileSource
from ri_assets_tests.sources.corpora import (
    Post,
    faulty_posts,
    in_another_order,
    post,
    valid_posts,
    write,
)

FORMATS = ["parquet", "csv", "jsonl"]


def source(path: Path, options: SourceOptions | None = None) -> FileSource:
    return FileSource(path, options or SourceOptions(), path.name)


def read(path: Path) -> Corpus:
    return source(path, SourceOptions(keep_all=True)).read()


def assert_same(one: Corpus, other: Corpus) -> None:
    for name in ("tweets", "replies", "rejected_tweets", "rejected_replies"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_contract(tmp_path: Path, suffix: str) -> None:
    posts = [post(3), post(1, author_id=None, is_retweet=None), post(2, in_reply_to_tweet_id=1)]
    corpus = read(write(tmp_path / f"all.{suffix}", posts))
    assert list(corpus.tweets) == TWEETS.names
    assert list(corpus.replies) == REPLIES.names
    assert list(corpus.rejected_tweets) == list(corpus.rejected_replies) == REJECTED.names
    assert corpus.tweets["tweet_id"].tolist() == [1, 3]
    assert corpus.replies["in_reply_to_tweet_id"].tolist() == [1]
    assert str(corpus.tweets["created_at"].dtype) == "datetime64[us, UTC]"
    assert corpus.tweets["author_id"].isna().tolist() == [True, False]
    last = corpus.tweets.iloc[1]
    for name in TWEETS.names[1:]:
        assert last[name] == post(3)[name], name


@pytest.mark.parametrize("suffix", FORMATS)
def test_only_id_and_text_are_indispensable(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"tweets.{suffix}"
    if suffix == "parquet":
        pq.write_table(pa.table({"tweet_id": [5], "text": ["hi"], "mood": ["fine"]}), path)
    elif suffix == "csv":
        path.write_text("mood,text,tweet_id\nfine,hi,5\n")
    else:
        path.write_text('{"mood": "fine", "text": "hi", "tweet_id": "5"}')
    tweets = read(path).tweets
    assert tweets[["tweet_id", "text"]].to_numpy().tolist() == [[5, "hi"]]
    assert tweets.drop(columns=["tweet_id", "text"]).isna().all(axis=None)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_missing_text_column_names_those_found(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"tweets.{suffix}"
    frame = pd.DataFrame({"tweet_id": [5], "body": ["hi"]})
    frame.to_parquet(path) if suffix == "parquet" else frame.to_csv(path, index=False)
    with pytest.raises(SourceError, match="no column text; its columns are tweet_id, body"):
        read(path)


def test_folder_holds_tweets_and_replies(tmp_path: Path) -> None:
    write(tmp_path / "tweets.parquet", [post(1)])
    write(tmp_path / "replies.csv", [post(2, in_reply_to_tweet_id=1), post(3)])
    (tmp_path / "README.md").write_text("about")
    corpus = read(tmp_path)
    assert (corpus.n_raw_tweets, corpus.n_raw_replies) == (1, 2)
    assert corpus.replies["in_reply_to_tweet_id"].isna().tolist() == [False, True]


def test_twarc_page_gives_tweets_and_replies(tmp_path: Path) -> None:
    tweet = {"id": "10", "text": "hi", "created_at": "2021-10-18T08:30:00.000Z"}
    answer = {"id": "11", "text": "yo", "referenced_tweets": [{"type": "replied_to", "id": "10"}]}
    path = tmp_path / "tweets.jsonl"
    path.write_text(json.dumps({"data": [tweet, answer], "meta": {"result_count": 2}}))
    corpus = read(path)
    assert corpus.tweets["tweet_id"].tolist() == [10]
    assert corpus.replies["in_reply_to_tweet_id"].tolist() == [10]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_gzip_is_read_as_what_it_holds(tmp_path: Path, suffix: str) -> None:
    plain = write(tmp_path / f"plain.{suffix}", [post(1), post(2)])
    packed = tmp_path / f"tweets.{suffix}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert_same(read(plain), read(packed))
    packed.write_bytes(gzip.compress(plain.read_bytes())[:-12])
    with pytest.raises(SourceError, match="cannot be read"):
        read(packed)


def test_ids_stay_exact_beside_gaps(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text(
        "tweet_id,text,author_id\n1005577757262025429,a,\n1005577757262025431,b,9007199254740993\n"
    )
    tweets = read(path).tweets
    assert tweets["tweet_id"].tolist() == [1005577757262025429, 1005577757262025431]
    assert tweets["author_id"].tolist()[1] == 9007199254740993


def test_one_bad_text_in_parquet_fails_alone(tmp_path: Path) -> None:
    bad = pa.array([b"fine", b"\xff\xfe", b"good"]).view(pa.string())
    path = tmp_path / "tweets.parquet"
    pq.write_table(pa.table({"tweet_id": ["1", "2", "3"], "text": bad}), path)
    corpus = read(path)
    assert corpus.tweets["tweet_id"].tolist() == [1, 3]
    [rejected] = corpus.rejected_tweets.to_dict("records")
    assert (rejected["reason"], rejected["tweet_id"]) == ("invalid_utf8", "2")
    assert rejected["raw"] == '{"text": "\\\\xff\\\\xfe", "tweet_id": "2"}'


def test_parquet_of_pandas_with_categories_and_nanoseconds(tmp_path: Path) -> None:
    path = tmp_path / "tweets.parquet"
    frame = pd.DataFrame({"tweet_id": [1], "text": ["hi"], "lang": pd.Categorical(["en"])})
    frame["created_at"] = pd.to_datetime(["2018-06-09T17:55:28.123456789Z"])
    frame.to_parquet(path)
    [tweet] = read(path).tweets.to_dict("records")
    assert (tweet["lang"], tweet["created_at"].nanosecond) == ("en", 0)
    assert tweet["created_at"].microsecond == 123456


BAD_ROWS: list[tuple[str, str]] = [
    (",no id,", "missing_id"),
    ("7.5,an id,", "bad_id"),
    ("5,,", "null_text"),
    ("5,caf\udce9,", "invalid_utf8"),
    ("5,too,many,fields", "broken_row"),
    ("1,again,", "duplicate_id"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_ROWS)
def test_one_bad_row_is_set_aside_and_the_rest_goes_on(
    tmp_path: Path, line: str, reason: str
) -> None:
    path = tmp_path / "tweets.csv"
    data = f"tweet_id,text,created_at\n1,first é,2018-06-09T17:55:28Z\n{line}\n2,last,\n"
    path.write_bytes(data.encode("utf-8", "surrogateescape"))
    corpus = read(path)
    assert corpus.tweets["text"].tolist() == ["first é", "last"]
    assert corpus.rejected_tweets["reason"].tolist() == [reason]
    assert corpus.n_raw_tweets == 3


def test_raw_row_is_kept_and_cut(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_bytes(b"tweet_id,text\n1,\xc3\xa9\nx," + b"y" * 5_000 + b"\n2,caf\xe9\n")
    rejected = read(path).rejected_tweets.set_index("reason")
    assert rejected.loc["bad_id", "raw"] == "x," + "y" * 1_998
    assert rejected.loc["bad_id", "tweet_id"] == "x"
    assert rejected.loc["invalid_utf8", "raw"] == "2,caf\\udce9\n"


def test_the_fuller_duplicate_is_kept(tmp_path: Path) -> None:
    sparse, full = post(1, lang=None, like_count=None), post(1, text="the fuller one")
    for number, posts in enumerate(([sparse, full, sparse], [full, sparse, sparse])):
        corpus = read(write(tmp_path / f"{number}.parquet", posts))
        assert corpus.tweets["text"].tolist() == ["the fuller one"]
        assert corpus.rejected_tweets["reason"].tolist() == ["duplicate_id"] * 2


@pytest.mark.parametrize("suffix", FORMATS)
def test_newest_counts_rows_and_finds_the_largest_id(tmp_path: Path, suffix: str) -> None:
    posts = [post(5), post(9, text="x"), post(7), post(11, in_reply_to_tweet_id=5)]
    write(tmp_path / f"tweets.{suffix}", posts)
    write(tmp_path / "replies.csv", [post(20, in_reply_to_tweet_id=5)])
    assert source(tmp_path).newest() == SourceState(3, 9)


def test_newest_passes_over_rows_without_id(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text("tweet_id,text\nx,a\n4,b\n,c\n1,2,3\n")
    assert source(path).newest() == SourceState(4, 4)


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=25)
@given(posts=st.lists(valid_posts, min_size=1, max_size=12), seed=st.integers(0, 9))
def test_order_of_rows_never_matters(suffix: str, posts: list[Post], seed: int) -> None:
    posts = [{**row, "in_reply_to_tweet_id": None} for row in posts[:1]] + posts[1:]
    shuffled = in_another_order(posts, seed)
    with tempfile.TemporaryDirectory() as folder:
        one = read(write(Path(folder) / f"a.{suffix}", posts))
        other = read(write(Path(folder) / f"b.{suffix}", shuffled))
    assert_same(one, other)
    assert one.tweets["tweet_id"].is_monotonic_increasing
    assert one.tweets["tweet_id"].is_unique


@settings(max_examples=60)
@given(posts=st.lists(faulty_posts, max_size=12), seed=st.integers(0, 9), options=st.builds(
    SourceOptions, st.booleans(), st.none() | st.integers(1, 4)))  # fmt: skip
def test_no_row_is_ever_lost(posts: list[Post], seed: int, options: SourceOptions) -> None:
    posts = [*posts, {"tweet_id": 99, "text": "stays", "is_retweet": False}]
    shuffled = in_another_order(posts, seed)
    with tempfile.TemporaryDirectory() as folder:
        corpus = source(write(Path(folder) / "a.csv", posts), options).read()
        other = source(write(Path(folder) / "b.csv", shuffled), options).read()
    assert_same(corpus, other)
    tweets = len(corpus.tweets) + len(corpus.rejected_tweets) + corpus.n_left_out
    replies = len(corpus.replies) + len(corpus.rejected_replies) + corpus.left_out_replies
    assert (tweets, replies) == (corpus.n_raw_tweets, corpus.n_raw_replies)
    assert tweets + replies == len(posts)
    assert set(corpus.rejected_tweets["reason"]) <= set(REJECT_REASONS)


def test_real_corpus_is_read_whole(shared_data: Path) -> None:
    corpus = read(shared_data / "zomato_2019")
    assert (len(corpus.tweets), len(corpus.replies)) == (13_572, 16_402)
    assert corpus.rejected_tweets.empty
    assert corpus.rejected_replies.empty
    stored = pd.read_parquet(shared_data / "zomato_2019" / "tweets.parquet").sort_values("tweet_id")
    for name in TWEETS.names:
        ours, theirs = corpus.tweets[name].tolist(), stored[name].tolist()
        assert [None if pd.isna(v) else v for v in ours] == [
            None if pd.isna(v) else v for v in theirs
        ]
