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
    path.write_text("tweet_id,text\n1.00558E+18,call asha\n1.00559E+18,call ravi\n")
    with pytest.raises(SourceError, match=r"none of 2 rows .*bad_id 2") as error:
        read(path)
    assert "export it as text" in error.value.remedy
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
    ("tweets.csv", b"PAR1....", "cannot be read as Parquet"),
    ("tweets.csv", b'{"tweet_id": 1}', "none of 1 rows"),
    ("tweets.csv", b"PK\x03\x04....", "cannot be read"),
    ("tweets.csv", b"SQLite format 3\0" + bytes(99), "holds an SQLite database"),
    ("tweets.csv", bytes(range(256)) * 9 + bytes(300), "holds neither text nor Parquet"),
    ("tweets.jsonl", b"<!DOCTYPE html><p>Log in", "holds HTML"),
    ("tweets.jsonl", CSV, "none of 2 rows"),
    ("tweets.csv.gz", gzip.compress(CSV, mtime=0)[:-9], "cannot be read"),
    ("tweets.csv.zst", b"\x28\xb5\x2f\xfd" + bytes(50), "cannot be read"),
    ("tweets.csv", b"tweet_id,text\n", "holds no tweet"),
    ("tweets.xlsx", b"PK", "is a spreadsheet"),
    ("tweets.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a spreadsheet"),
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
    with pytest.raises(SourceError, match="holds no file of tweets"):
        read(tmp_path)


def test_folder_with_two_files_of_tweets(tmp_path: Path) -> None:
    write(tmp_path / "tweets.csv", [post(1)])
    write(tmp_path / "tweets.jsonl", [post(1)])
    with pytest.raises(SourceError, match=r"tweets\.csv and tweets\.jsonl"):
        read(tmp_path)


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "gone")
