"""Small inputs as other tools write them, beside the checkout: each read right, or refused.

The expected numbers were counted from the files themselves: rows of the CSV module or of
`json`, and those of them whose column of answered posts is filled.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.opening import open_source

# File: tweets, replies, and the optional columns that must be filled in every tweet.
READ: dict[str, tuple[int, int, str]] = {
    "01-twint-csv/tweets.csv": (240, 0, "author_id author_handle created_at lang like_count"),
    "01-twint-csv/tweets.tsv": (240, 0, "author_id author_handle created_at reply_count"),
    "01-twint-csv/renamed_id_text.csv": (240, 0, "author_id created_at retweet_count is_retweet"),
    "01-twint-csv/renamed_tabs.csv": (240, 0, ""),
    "02-snscrape-jsonl/content.jsonl": (240, 731, "author_handle author_followers created_at"),
    "02-snscrape-jsonl/rawContent.jsonl": (240, 731, "author_handle source_app quote_count"),
    "03-reply-column-of-another-name/hydrator.csv": (
        240,
        731,
        "author_handle author_id like_count",
    ),
    "03-reply-column-of-another-name/twarc.csv": (240, 731, "author_handle author_followers"),
    "03-reply-column-of-another-name/twarc_asis.csv": (240, 731, "author_id created_at like_count"),
    "04-words-for-missing/followers_NA_every_third.csv": (240, 0, "author_following"),
    "04-words-for-missing/reply_0.csv": (240, 731, "created_at"),
    "04-words-for-missing/reply_NA.csv": (240, 731, "created_at"),
    "04-words-for-missing/reply_NULL.csv": (240, 731, "created_at"),
    "04-words-for-missing/reply_blank.csv": (240, 731, "created_at"),
    "06-epoch-times/tweets.csv": (240, 0, "created_at"),
    "06-epoch-times/tweets.jsonl": (240, 0, "created_at author_id"),
    "07-x-archive/array.json": (240, 0, "created_at lang like_count source_app"),
    "07-x-archive/lines.jsonl": (240, 0, "created_at lang like_count source_app"),
    "07-x-archive/lines_inner.jsonl": (240, 0, "created_at lang like_count source_app"),
    "07-x-archive/tweets.js": (240, 0, "created_at lang like_count source_app"),
    "07-x-archive/tweets.json": (240, 0, "created_at lang like_count source_app"),
    "08-encodings/cp1252.csv": (240, 0, ""),
    "08-encodings/semicolon.csv": (240, 0, ""),
    "08-encodings/sep_line.csv": (240, 0, ""),
    "08-encodings/sep_semicolon.csv": (240, 0, ""),
    "08-encodings/utf16.csv": (240, 0, ""),
    "08-encodings/utf16.jsonl": (240, 0, ""),
    "08-encodings/utf16_nomark.csv": (240, 0, ""),
    "08-encodings/utf16_nomark.jsonl": (240, 0, ""),
    "10-packed/t.csv.bz2": (240, 0, ""),
    "10-packed/t.csv.xz": (240, 0, ""),
    "10-packed/t.csv.zip": (240, 0, ""),
    "11-many-files/days": (180, 0, "author_id created_at"),
    "11-many-files/parts": (180, 0, "author_id created_at"),
    "11-many-files/tweets.parquet": (180, 0, "author_id created_at"),
    "13-optional-column-spoils-row/author_is_handle.csv": (240, 0, "author_id author_handle"),
    "13-optional-column-spoils-row/half_handles.csv": (240, 0, "author_id author_handle"),
    "13-optional-column-spoils-row/excel_dates.csv": (240, 0, "author_created_at"),
    "13-optional-column-spoils-row/followers_1.2K.csv": (240, 0, "author_followers"),
    "13-optional-column-spoils-row/like_minus1.csv": (240, 0, "retweet_count"),
    "13-optional-column-spoils-row/naive.csv": (240, 0, "author_created_at"),
    "13-optional-column-spoils-row/postgres_f.csv": (240, 0, "is_retweet author_verified"),
    "13-optional-column-spoils-row/utc_word.csv": (240, 0, "created_at"),
    "13-optional-column-spoils-row/verified_blue.csv": (240, 0, "author_id"),
    "15-phone-with-dash/tweets.csv": (120, 0, "author_id"),
    "17-japanese/tweets.csv": (240, 0, "lang author_id"),
    "21-twitter-archive-2013/tweets.csv": (82, 218, "created_at source_app"),
    "24-retweets-unknown/tweets.jsonl": (120, 0, "author_id created_at"),
}

# File: the column, the values that became missing, and what the remedy names.
UNREADABLE = {
    "13-optional-column-spoils-row/excel_dates.csv": ("created_at", 240, "write the year first"),
    "13-optional-column-spoils-row/naive.csv": ("created_at", 240, "--timezone"),
    "13-optional-column-spoils-row/verified_blue.csv": (
        "author_verified",
        240,
        "--map author_verified=",
    ),
}

REFUSED = {"10-packed/t.jsonl.zst": "cannot be read"}  # fifty zero bytes after the mark


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Path:
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(  # not failed: as with the real data, a newcomer has none; CI has them
            f"no inputs of other tools in {folder}"
        )
    return folder


def read(path: Path, **options: str) -> Corpus:
    return open_source(str(path), SourceOptions(keep_all=True, **options)).read()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", READ)
def test_case_is_read_right(cases: Path, name: str) -> None:
    n_tweets, n_replies, filled = READ[name]
    corpus = read(cases / name)
    assert (len(corpus.tweets), len(corpus.replies)) == (n_tweets, n_replies)
    assert corpus.rejected_tweets.empty
    assert corpus.rejected_replies.empty
    for column in filled.split():
        assert corpus.tweets[column].notna().all(), column
    found = {fault.column: fault for fault in corpus.reading.unreadable}
    if name not in UNREADABLE:
        assert not found
        return
    column, n_unreadable, remedy = UNREADABLE[name]
    assert list(found) == [column]
    assert (found[column].n_unreadable, found[column].n_filled) == (n_unreadable, 240)
    assert remedy in found[column].expected


@pytest.mark.parametrize("name", REFUSED)
def test_case_is_refused_in_one_sentence(cases: Path, name: str) -> None:
    with pytest.raises(SourceError, match=REFUSED[name]) as error:
        read(cases / name)
    assert error.value.remedy


def test_every_case_with_posts_is_here(cases: Path) -> None:
    found = {
        str(path.relative_to(cases))
        for folder in cases.iterdir()
        for path in folder.iterdir()
        if path.name != "README" and path.suffix != ".py"
    }
    assert found == {*READ, *REFUSED}


def test_values_of_some_cases(cases: Path) -> None:
    first = 1952218380620586193
    twint = read(cases / "01-twint-csv/tweets.csv").tweets.set_index("tweet_id").loc[first]
    assert str(twint["created_at"]) == "2025-08-04 04:01:47+00:00"
    assert (twint["author_handle"], twint["like_count"]) == ("ujjwal_cart", 19)
    epoch = read(cases / "06-epoch-times/tweets.csv").tweets.set_index("tweet_id").loc[first]
    assert epoch["created_at"] == twint["created_at"]
    accents = read(cases / "08-encodings/cp1252.csv")
    assert "Le délai de livraison a été très long" in accents.tweets["text"].iloc[1]
    assert "Windows-1252" in accents.reading.notes[0]
    counts = read(cases / "13-optional-column-spoils-row/followers_1.2K.csv").tweets
    assert {1200, 1204} <= set(counts["author_followers"])
    followers = read(cases / "04-words-for-missing/followers_NA_every_third.csv").tweets
    assert followers["author_followers"].isna().sum() == 80
    naive = read(cases / "13-optional-column-spoils-row/naive.csv", timezone="Europe/Berlin")
    assert str(naive.tweets["created_at"].iloc[0]) == "2025-08-04 02:01:47+00:00"
    assert not naive.reading.unreadable


def test_an_author_stays_one_where_half_of_the_ids_are_handles(cases: Path) -> None:
    mixed = read(cases / "13-optional-column-spoils-row/half_handles.csv").tweets
    handles = read(cases / "13-optional-column-spoils-row/author_is_handle.csv").tweets
    for tweets in (mixed, handles):
        assert tweets["author_id"].nunique() == tweets["author_handle"].nunique() == 191


def test_columns_are_told(cases: Path) -> None:
    reading = read(cases / "03-reply-column-of-another-name/hydrator.csv").reading
    assert reading.columns["in_reply_to_status_id"] == "in_reply_to_tweet_id"
    assert reading.columns["user_screen_name"] == "author_handle"
    assert reading.ignored == ("coordinates",)
