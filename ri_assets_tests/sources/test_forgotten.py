"""People who asked to be forgotten are left out at intake, and counted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.errors import SourceError
from ri_assets.quality.asset_figures import _raw
from ri_assets.sources.base import Corpus, SourceOptions, told_left_out
from ri_assets.sources.description import raw_tables
from ri_assets.sources.opening import open_source
from ri_assets.store.forgotten import Forgotten

LISTED = Forgotten("00" * 32).with_people(["@Asha_K", "bo"], [77], [5])
ROWS = [
    {"id": 1, "author_handle": "asha_k", "text": "mine, by handle"},
    {"id": 2, "author_handle": "other", "author_id": 77, "text": "mine, by id"},
    {"id": 3, "author_handle": "carla", "author_id": 78, "text": "@ASHA_K and @bob, thanks"},
    {"id": 4, "author_handle": "carla", "author_id": 78, "text": "no handle: asha_k"},
    {"id": 5, "author_handle": "carla", "author_id": 78, "text": "named one by one"},
    {"id": "x", "author_handle": "asha_k", "author_id": 80, "text": "cannot be read"},
    {"id": "y", "author_handle": "carla", "author_id": 78, "text": "cannot be read either"},
    {"id": 6, "author_handle": "bo", "author_id": 81, "text": "RT @carla: repeated"},
    {"id": 7, "author_handle": "carla", "author_id": 78, "text": "RT @dan: repeated"},
]  # fmt: skip


def read(folder: Path, rows: list[dict[str, object]], forgotten: Forgotten | None) -> Corpus:
    path = folder / "tweets.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return open_source(str(path), SourceOptions(forgotten=forgotten)).read()


def test_their_rows_are_counted_and_nothing_of_them_is_kept(tmp_path: Path) -> None:
    corpus = read(tmp_path, ROWS, LISTED)
    assert corpus.tweets["tweet_id"].tolist() == [3, 4]
    assert corpus.tweets["text"].tolist() == [
        "@forgotten_account and @bob, thanks", "no handle: asha_k",
    ]  # fmt: skip
    assert corpus.n_forgotten_tweets == 5
    assert len(corpus.rejected_tweets) == 1
    assert "asha_k" not in str(corpus.rejected_tweets.to_dict())
    assert corpus.left_out_tweets["tweet_id"].tolist() == [7]
    assert told_left_out(corpus.left_out, corpus.n_forgotten_tweets) == (
        "1 retweet, 5 by people who asked to be forgotten"
    )


def test_a_row_that_cannot_be_read_names_them_after_a_line_break(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "text": "a tweet"},
        {"id": "x", "text": "hello\nAsha_K"},
        {"id": "y", "text": "hello\nAsha_Karen"},
    ]
    corpus = read(tmp_path, rows, LISTED)
    assert (corpus.n_forgotten_tweets, len(corpus.rejected_tweets)) == (1, 1)


def test_the_check_conservation_counts_them(tmp_path: Path) -> None:
    tweets, _ = raw_tables(read(tmp_path, ROWS, LISTED))
    assert tweets.frame("intake").iloc[0].to_dict() == {
        "n_read": 9, "n_left_out": 1, "n_rejected": 1, "n_accepted": 2, "n_forgotten": 5,
    }  # fmt: skip
    [figure] = _raw(tweets, lambda _: tweets)
    assert figure.value == 0
    assert figure.details["forgotten"] == 5
    one_less = tweets.frame("intake").assign(n_forgotten=4)
    import pyarrow as pa

    wrong = {**tweets.by_name, "intake": pa.Table.from_pandas(one_less, preserve_index=False)}
    [figure] = _raw(replace(tweets, by_name=wrong), lambda _: tweets)
    assert figure.value == 1


def test_answers_to_them_no_longer_say_whom_they_answer(tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    tweets = [
        {"tweet_id": 8, "text": "theirs", "author_handle": "bo"},
        {"tweet_id": 9, "text": "a tweet", "author_handle": "carla"},
    ]
    pd.DataFrame(tweets).to_csv(folder / "tweets.csv", index=False)
    replies = [
        {"tweet_id": 10, "text": "hi", "in_reply_to_tweet_id": 5, "in_reply_to_handle": "Bo"},
        {"tweet_id": 11, "text": "hi", "in_reply_to_tweet_id": 9, "in_reply_to_handle": "dan"},
        {"tweet_id": 12, "text": "hi", "in_reply_to_tweet_id": 9, "author_handle": "bo"},
        {"tweet_id": 13, "text": "hi", "in_reply_to_tweet_id": 8, "author_handle": "carla"},
        {"tweet_id": 14, "text": "hi", "in_reply_to_tweet_id": 12, "author_handle": "carla"},
    ]
    pd.DataFrame(replies).to_csv(folder / "replies.csv", index=False)
    corpus = open_source(str(folder), SourceOptions(forgotten=LISTED)).read()
    assert corpus.replies["tweet_id"].tolist() == [10, 11, 13, 14]
    assert corpus.replies["in_reply_to_handle"].tolist() == [None, "dan", None, None]
    assert corpus.replies["in_reply_to_tweet_id"].isna().tolist() == [True, False, True, True]
    assert (corpus.n_raw_replies, corpus.n_forgotten_replies) == (5, 1)


def test_a_source_of_them_alone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="2 by people who asked to be forgotten"):
        read(tmp_path, ROWS[:2], LISTED)


def test_without_a_list_nothing_changes(tmp_path: Path) -> None:
    without, empty = (read(tmp_path, ROWS, one) for one in (None, Forgotten("00" * 32)))
    pd.testing.assert_frame_equal(without.tweets, empty.tweets)
    assert (without.n_forgotten_tweets, empty.n_forgotten_tweets) == (0, 0)


NAMES = st.sampled_from(["asha_k", "ASHA_K", "bo", "bob", "carla", "", None])


@settings(max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.one_of(st.integers(1, 9), st.just("x")),
                "author_handle": NAMES,
                "author_id": st.sampled_from([77, 78, None]),
                "text": st.sampled_from(["", "RT @bo: x", "hello @Bo", "a text", "bo"]),
            }
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_row_is_lost_and_nobody_on_the_list_is_kept(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    try:
        corpus = read(tmp_path_factory.mktemp("rows"), rows, LISTED)
    except SourceError:
        return  # no tweet was left
    assert corpus.n_raw_tweets == (
        len(corpus.tweets) + len(corpus.rejected_tweets) + corpus.n_left_out
        + corpus.n_forgotten_tweets
    )  # fmt: skip
    handles = corpus.tweets["author_handle"].dropna().str.lower()
    assert not set(handles) & {"asha_k", "bo"}
    assert 77 not in set(corpus.tweets["author_id"].dropna())
    assert not corpus.tweets["text"].str.lower().str.contains("@bo", regex=False).any()
