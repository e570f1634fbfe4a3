from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.files import FileSource
from ri_assets_tests.sources.corpora import post, write


def read(path: Path, options: SourceOptions | None = None) -> Corpus:
    return FileSource(path, options or SourceOptions(), path.name).read()


def test_nothing_readable_says_why_without_content(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text("tweet_id,text,created_at\n1,call asha,2018-06-09\n2,call ravi,2018-06-10\n")
    with pytest.raises(SourceError, match=r"none of 2 rows .*naive_timestamp 2") as error:
        read(path)
    assert "offset" in error.value.remedy
    assert "asha" not in str(error.value)


def test_no_tweets_beside_replies_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "replies.csv", [post(2, in_reply_to_tweet_id=1)])
    with pytest.raises(SourceError, match="holds no tweet"):
        read(path)


def test_nothing_but_retweets_says_what_left_them_out(tmp_path: Path) -> None:
    path = write(tmp_path / "tweets.csv", [post(1, is_retweet=True)])
    with pytest.raises(SourceError, match="left out: 1 retweet"):
        read(path, SourceOptions())


CSV = b"tweet_id,text\n1,a\n"
WRONG_CONTENT: list[tuple[str, bytes, str]] = [
    ("tweets.parquet", CSV, "holds no Parquet"),
    ("tweets.parquet", b"PAR1 cut off", "cannot be read as Parquet"),
    ("tweets.parquet", b"", "is empty"),
    ("tweets.csv", b"", "is empty"),
    ("tweets.csv", b"\xef\xbb\xbf\n", "is empty"),
    ("tweets.csv", b"PAR1....", "holds Parquet"),
    ("tweets.csv", b'{"tweet_id": 1}', "holds JSON lines"),
    ("tweets.csv", b"PK\x03\x04....", "a ZIP file or spreadsheet"),
    ("tweets.csv", "tweet_id,text\n1,a".encode("utf-16"), "UTF-16"),
    ("tweets.csv", gzip.compress(CSV, mtime=0), "gzip"),
    ("tweets.jsonl", b"<!DOCTYPE html><p>Log in", "holds HTML"),
    ("tweets.jsonl", b'[{"tweet_id": 1, "text": "a"}]', "a JSON array"),
    ("tweets.jsonl", CSV, "none of 2 rows"),
    ("tweets.csv.gz", CSV, "cannot be read"),
    ("tweets.csv", b"tweet_id,text\n", "holds no tweet"),
    ("tweets.xlsx", b"PK", "no suffix of a known format"),
]


@pytest.mark.parametrize(("name", "content", "found"), WRONG_CONTENT)
def test_file_that_is_not_what_its_name_says(
    tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=found) as error:
        read(path)
    assert error.value.expected
    assert error.value.remedy


def test_damaged_parquet_page_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "tweets.parquet", [post(n, text=f"text {n} " * 20) for n in range(500)])
    data = bytearray(path.read_bytes())
    data[200:2_000] = b"\x00" * 1_800
    path.write_bytes(data)
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        read(path)


def test_folder_without_posts(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(SourceError, match="holds neither"):
        read(tmp_path)


def test_folder_with_two_files_of_tweets(tmp_path: Path) -> None:
    write(tmp_path / "tweets.csv", [post(1)])
    write(tmp_path / "tweets.jsonl", [post(1)])
    with pytest.raises(SourceError, match=r"tweets\.csv and tweets\.jsonl"):
        read(tmp_path)


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "gone")
