from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.opening import open_source

TEXT = "tweet_id,text\n1,Où est mon café? œ €\n2,two\n"


def read(path: Path) -> Corpus:
    return open_source(str(path), SourceOptions()).read()


def texts(folder: Path, data: bytes, name: str = "tweets.csv") -> list[str]:
    (folder / name).write_bytes(data)
    return [str(text) for text in read(folder / name).tweets["text"]]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    if end == "\r" and encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        end = "\r\n"  # no tool of old Macs wrote UTF-16
    data = TEXT.replace("\n", end).encode(encoding)
    assert texts(tmp_path, data) == ["Où est mon café? œ €", "two"]


def test_one_broken_text_in_utf8_stays_broken(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_bytes("tweet_id,text\n1,né\n2,à\n".encode() + b"3,caf\xe9\n")
    corpus = read(path)
    assert corpus.tweets["text"].tolist() == ["né", "à"]
    assert corpus.rejected_tweets["reason"].tolist() == ["invalid_utf8"]


def test_cyrillic_of_windows_is_not_read_as_french(tmp_path: Path) -> None:
    data = "tweet_id,text\n1,привет всем\n2,где мой заказ\n3,ok\n".encode("cp1251")
    (tmp_path / "tweets.csv").write_bytes(data)
    corpus = read(tmp_path / "tweets.csv")
    assert corpus.tweets["text"].tolist() == ["ok"]
    assert corpus.rejected_tweets["reason"].tolist() == ["invalid_utf8"] * 2


def test_what_was_guessed_is_told(tmp_path: Path) -> None:
    (tmp_path / "tweets.csv").write_bytes(TEXT.encode("cp1252"))
    assert "Windows-1252" in read(tmp_path / "tweets.csv").reading.notes[0]


def zipped(data: bytes, name: str = "t.csv") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: bytes(pa.compress(data, codec="zstd", asbytes=True)),
    "zip": zipped,
}


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("is_named", [True, False])
def test_packed_files_are_told_by_their_content(
    tmp_path: Path, suffix: str, is_named: bool
) -> None:
    name = f"tweets.csv.{suffix}" if is_named else "tweets.csv"
    assert texts(tmp_path, PACKERS[suffix](TEXT.encode()), name)[1] == "two"


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst"])
def test_packed_files_that_are_cut_off_are_refused(tmp_path: Path, suffix: str) -> None:
    rows = "".join(f"{n},text {n * n}\n" for n in range(5_000))
    data = PACKERS[suffix](("tweet_id,text\n" + rows).encode())
    with pytest.raises(SourceError, match="cannot be read"):
        texts(tmp_path, data[: len(data) // 2], f"tweets.csv.{suffix}")


def test_a_zip_file_of_several_files(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/tweets-1.csv", "tweet_id,text\n1,a\n")
        archive.writestr("data/tweets-2.jsonl.gz", gzip.compress(b'{"id": 2, "content": "b"}'))
        archive.writestr("data/replies.csv", "tweet_id,text\n3,c\n")
        archive.writestr("data/users.csv", "id,name\n3,c\n")
        archive.writestr("__MACOSX/data/._tweets-1.csv", "x")
        archive.writestr("readme.txt", "about")
    corpus = read(path)
    assert corpus.tweets["text"].tolist() == ["a", "b"]
    assert corpus.replies["text"].tolist() == ["c"]
    assert any("users.csv" in note for note in corpus.reading.notes)


def test_a_spreadsheet_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="spreadsheet") as error:
        texts(tmp_path, zipped(b"x", "[Content_Types].xml"), "tweets.csv")
    assert "CSV UTF-8" in error.value.remedy
