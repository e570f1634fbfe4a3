from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions, SourceState
from ri_assets.sources.opening import open_source

OPTIONS = SourceOptions()


def read(*paths: Path | str) -> Corpus:
    return open_source([str(path) for path in paths], OPTIONS).read()


def ids(corpus: Corpus) -> tuple[list[int], list[int]]:
    return corpus.tweets["tweet_id"].tolist(), corpus.replies["tweet_id"].tolist()


def csv(path: Path, numbers: Iterable[int]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("tweet_id,text\n" + "".join(f"{n},text {n}\n" for n in numbers))
    return path


def parquet(path: Path, numbers: list[int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"id": numbers, "content": [f"text {n}" for n in numbers]}), path)


def test_a_folder_with_a_file_a_day(tmp_path: Path) -> None:
    csv(tmp_path / "tweets_2025-08-01.csv", [1, 2])
    csv(tmp_path / "tweets_2025-08-02.csv", [])
    (tmp_path / "tweets_2025-08-03.csv.gz").write_bytes(gzip.compress(b"id,tweet\n3,x\n"))
    (tmp_path / "tweets_2025-08-04.csv").write_text("")
    csv(tmp_path / "replies_2025-08-01.csv", [9])
    (tmp_path / "notes.txt").write_text("about")
    corpus = read(tmp_path)
    assert ids(corpus) == ([1, 2, 3], [9])
    assert [note for note in corpus.reading.notes if "is empty" in note]
    assert open_source(str(tmp_path), OPTIONS).newest() == SourceState(3, 3)


def test_files_of_any_name_where_none_is_called_tweets(tmp_path: Path) -> None:
    csv(tmp_path / "2025" / "08-01.csv", [1])
    csv(tmp_path / "2025" / "08-02.csv", [2])
    assert ids(read(tmp_path)) == ([1, 2], [])


def test_data_files_that_are_not_read_are_told(tmp_path: Path) -> None:
    csv(tmp_path / "tweets.csv", [1])
    csv(tmp_path / "users.csv", [2])
    corpus = read(tmp_path)
    assert ids(corpus) == ([1], [])
    assert "users.csv" in corpus.reading.notes[0]


def test_parts_of_spark_and_partitions(tmp_path: Path) -> None:
    folder = tmp_path / "tweets.parquet"
    parquet(folder / "day=1" / "part-00000-abc.snappy.parquet", [1, 2])
    parquet(folder / "day=2" / "part-00000-abc.snappy.parquet", [3])
    (folder / "_SUCCESS").write_text("")
    (folder / "day=1" / ".part-00000-abc.snappy.parquet.crc").write_bytes(b"crc")
    parquet(folder / "_temporary" / "0.parquet", [4])
    assert ids(read(folder)) == ([1, 2, 3], [])
    parquet(tmp_path / "replies.parquet" / "part-00000.parquet", [9])
    assert ids(read(tmp_path)) == ([1, 2, 3], [9])


def test_of_an_archive_only_the_tweets_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "tweets.js").write_text(
        'window.YTD.tweets.part0 = [{"tweet": {"id_str": "1", "full_text": "a"}}]'
    )
    (data / "tweets-part1.js").write_text(
        'window.YTD.tweets.part1 = [{"tweet": {"id_str": "2", "full_text": "b"}}]'
    )
    for other in ("like.js", "tweet-headers.js", "tweetdeck.js", "deleted-tweets.js"):
        (data / other).write_text("window.YTD.x.part0 = [{}]")
    assert ids(read(tmp_path)) == ([1, 2], [])


def test_several_paths_and_patterns_are_one_source(tmp_path: Path) -> None:
    one, two = csv(tmp_path / "a" / "one.csv", [1]), csv(tmp_path / "a" / "two.csv", [2])
    three = csv(tmp_path / "three.csv", [3])
    assert ids(read(one, two, three, one)) == ([1, 2, 3], [])
    assert ids(read(tmp_path / "a" / "*.csv")) == ([1, 2], [])
    assert ids(read(three, two, one)) == ids(read(one, two, three))
    name = open_source([str(one)] * 5, OPTIONS).name
    assert name.endswith("and 2 more")


def test_the_same_name_in_two_formats_is_refused(tmp_path: Path) -> None:
    csv(tmp_path / "tweets.csv", [1])
    (tmp_path / "tweets.jsonl").write_text('{"id": 1, "text": "a"}')
    with pytest.raises(SourceError, match=r"tweets\.csv and tweets\.jsonl") as error:
        read(tmp_path)
    assert "keep one" in error.value.remedy


def test_a_database_beside_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="together with another source") as error:
        open_source([str(csv(tmp_path / "a.csv", [1])), "mysql://u:s3cret@h/db"], OPTIONS)
    assert "s3cret" not in str(error.value)


def test_an_empty_file_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tweets.csv").write_text("")
    with pytest.raises(SourceError, match="is empty"):
        read(tmp_path)
