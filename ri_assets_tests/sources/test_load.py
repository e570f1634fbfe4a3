from __future__ import annotations

from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from ri_assets.errors import SourceError
from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.mysql_load import load
from ri_assets.sources.opening import open_source
from ri_assets_tests.mariadb import PASSWORD, MariaDB
from ri_assets_tests.sources.corpora import post, write

ALL = SourceOptions()


def quiet(_stored: int, _all: int) -> None:
    pass


def columns(server: MariaDB, database: str, table: str) -> list[str]:
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 - a constant
        return [column[0] for column in cursor.description or ()]


def test_files_folders_and_replies_are_told_apart(mariadb: MariaDB, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder / "tweets.csv", [post(1)])
    write(folder / "replies.jsonl", [post(2)])
    answers = write(tmp_path / "answers.parquet", [post(3, in_reply_to_tweet_id=1)])
    more = write(tmp_path / "more.csv", [post(4), post("x")])
    database = mariadb.fresh_database()
    result = load([str(folder), str(answers), str(more)], mariadb.url(database), quiet)
    assert (result.n_tweets, result.n_replies, result.n_rejected) == (2, 2, 1)
    assert result.reasons == {"bad_id": 1}
    corpus = open_source(mariadb.url(database), ALL).read()
    assert corpus.tweets["tweet_id"].tolist() == [1, 4]
    assert corpus.replies["tweet_id"].tolist() == [2, 3]


def test_tables_have_the_columns_of_the_contract(mariadb: MariaDB, tmp_path: Path) -> None:
    database = mariadb.fresh_database()
    load([str(write(tmp_path / "tweets.csv", [post(1)]))], mariadb.url(database), quiet)
    assert columns(mariadb, database, "tweets") == TWEETS.names
    assert columns(mariadb, database, "replies") == REPLIES.names


def test_loading_again_replaces_and_adds_nothing(mariadb: MariaDB, tmp_path: Path) -> None:
    path = write(tmp_path / "tweets.csv", [post(1), post(2)])
    url = mariadb.url(mariadb.fresh_database())
    load([str(path)], url, quiet)
    once = open_source(url, ALL).read().tweets
    load([str(path)], url, quiet)
    assert_frame_equal(open_source(url, ALL).read().tweets, once)
    write(path, [post(2, text="edited", lang=None)])
    load([str(path)], url, quiet)
    now = open_source(url, ALL).read().tweets
    assert now["text"].tolist() == [post(1)["text"], "edited"]
    assert now["lang"].tolist() == ["en", None]


def test_progress_counts_rows_to_the_end(mariadb: MariaDB, tmp_path: Path) -> None:
    posts = [post(n) for n in range(1, 2_301)] + [post(5_000, in_reply_to_tweet_id=1)]
    seen: list[tuple[int, int]] = []
    path = write(tmp_path / "tweets.parquet", posts)
    load([str(path)], mariadb.url(mariadb.fresh_database()), lambda *counts: seen.append(counts))
    assert seen == [(1_000, 2_301), (2_000, 2_301), (2_300, 2_301), (2_301, 2_301)]


def test_interrupted_load_leaves_whole_batches(mariadb: MariaDB, tmp_path: Path) -> None:
    path = write(tmp_path / "tweets.parquet", [post(n) for n in range(1, 1_501)])
    url = mariadb.url(mariadb.fresh_database())

    def interrupt(_stored: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load([str(path)], url, interrupt)
    assert open_source(url, ALL).newest().n_tweets == 1_000
    assert load([str(path)], url, quiet).n_tweets == 1_500
    assert open_source(url, ALL).newest().n_tweets == 1_500


def test_narrow_column_is_an_error_and_not_a_cut(mariadb: MariaDB, tmp_path: Path) -> None:
    database = mariadb.fresh_database()
    path = write(tmp_path / "tweets.csv", [post(1, source_app="Twitter for Android")])
    load([str(path)], mariadb.url(database), quiet)
    mariadb.execute("UPDATE tweets SET source_app = ''", database)
    mariadb.execute("ALTER TABLE tweets MODIFY source_app VARCHAR(5)", database)
    with pytest.raises(SourceError, match="longer than its column"):
        load([str(path)], mariadb.url(database), quiet)


@pytest.mark.parametrize("bad", ["missing.csv", "mysql://db/ri"])
def test_source_that_is_no_file_is_refused(mariadb: MariaDB, bad: str) -> None:
    with pytest.raises(SourceError, match=r"does not exist|begins with mysql://"):
        load([bad], mariadb.url("any"), quiet)


def test_database_that_refuses_is_named_without_the_password(
    mariadb: MariaDB, tmp_path: Path
) -> None:
    path = write(tmp_path / "tweets.csv", [post(1)])
    with pytest.raises(SourceError, match="does not exist") as error:
        load([str(path)], mariadb.url("nowhere"), quiet)
    assert PASSWORD not in str(error.value)


@pytest.mark.slow
def test_real_corpus_survives_the_round_trip(mariadb: MariaDB, shared_data: Path) -> None:
    url = mariadb.url(mariadb.fresh_database())
    folder = str(shared_data / "zomato_2019")
    result = load([folder], url, quiet)
    assert (result.n_tweets, result.n_replies, result.n_rejected) == (13_572, 16_402, 0)
    stored, file = open_source(url, ALL).read(), open_source(folder, ALL).read()
    assert_frame_equal(stored.tweets, file.tweets)
    assert_frame_equal(stored.replies, file.replies)
