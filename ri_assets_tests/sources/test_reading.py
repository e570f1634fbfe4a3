"""Optional values that cannot be read: they become missing, and are counted."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets.sources.reading import UnreadableColumn
from ri_assets_tests.sources.corpora import Post, faulty_posts, in_another_order, write


def read(path: Path, **options: str) -> Corpus:
    return open_source(str(path), SourceOptions(keep_all=True, **options)).read()  # type: ignore[arg-type]


def test_a_bad_optional_value_costs_no_row(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text(
        "tweet_id,text,created_at,like_count,author_verified,in_reply_to_tweet_id\n"
        "1,a,yesterday,many,blue,\n"
        "2,b,2018-06-09 17:55:28,7,true,\n"
        "3,c,2018-06-09T17:55:28Z,NA,NA,1e5\n"
    )
    corpus = read(path)
    assert corpus.tweets["tweet_id"].tolist() == [1, 2]
    assert corpus.replies["tweet_id"].tolist() == [3]
    assert corpus.replies["in_reply_to_tweet_id"].isna().all()
    assert corpus.rejected_tweets.empty
    found = {
        fault.column: (fault.n_filled, fault.n_unreadable, fault.examples)
        for fault in corpus.reading.unreadable
    }
    assert found == {
        "author_verified": (2, 1, ("blue",)),
        "created_at": (3, 2, ("2018-06-09 17:55:28", "yesterday")),
        "like_count": (2, 1, ("many",)),
        "in_reply_to_tweet_id": (1, 1, ("1e5",)),
    }


def test_examples_are_three_and_short(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    rows = "".join(f"{n},a,{'x' * n}\n" for n in range(1, 90))
    path.write_text("tweet_id,text,like_count\n" + rows)
    [fault] = read(path).reading.unreadable
    assert fault == UnreadableColumn("like_count", 89, 89, fault.expected, ("x", "xx", "xxx"))
    path.write_text("tweet_id,text,like_count\n1,a," + "y" * 90 + "\n")
    [fault] = read(path).reading.unreadable
    assert fault.examples == ("y" * 40,)


def test_expected_is_what_most_values_lack(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text("tweet_id,text,date\n1,a,soon\n2,b,2018-06-09 17:55\n3,c,2018-06-10 17:55\n")
    [fault] = read(path).reading.unreadable
    assert "--timezone" in fault.expected
    [left] = read(path, timezone="Asia/Kolkata").reading.unreadable
    assert (left.n_unreadable, left.examples) == (1, ("soon",))


@pytest.mark.parametrize("order", [("1", "asha"), ("asha", "1")])
def test_an_author_has_one_id_however_it_is_written(tmp_path: Path, order: tuple[str, str]) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text(
        "tweet_id,text,author_id,username,in_reply_to_status_id\n"
        f"1,a,{order[0]},asha,\n2,b,{order[1]},Asha,\n3,c,ravi,ravi,\n4,d,asha,asha,1\n"
    )
    corpus = read(path)
    authors = corpus.tweets["author_id"].tolist()
    assert authors[:2] == [1, 1]
    assert authors[2] >= 2**62
    assert corpus.replies["author_id"].tolist() == [1]


@settings(max_examples=30)
@given(posts=st.lists(faulty_posts, min_size=1, max_size=12), seed=st.integers(0, 9))
def test_the_order_of_rows_changes_nothing_of_the_reading(posts: list[Post], seed: int) -> None:
    posts = [*posts, {"tweet_id": 99, "text": "stays"}]
    with tempfile.TemporaryDirectory() as folder:
        one = read(write(Path(folder) / "a.csv", posts))
        other = read(write(Path(folder) / "b.csv", in_another_order(posts, seed)))
    assert one.reading == other.reading
    assert_frame_equal(one.tweets, other.tweets)
    assert_frame_equal(one.replies, other.replies)
