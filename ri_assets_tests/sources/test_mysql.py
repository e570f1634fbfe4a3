from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions, SourceState
from ri_assets.sources.files import FileSource
from ri_assets.sources.mysql_load import load
from ri_assets.sources.opening import open_source
from ri_assets_tests.mariadb import PASSWORD, MariaDB
from ri_assets_tests.sources.corpora import Post, post, write
from ri_assets_tests.sources.proxy import proxy

ALL = SourceOptions(keep_all=True)
MANY = [post(n, text=f"tweet {n} " + "x" * 200) for n in range(1, 6_001)]


def loaded(server: MariaDB, folder: Path, posts: list[Post]) -> str:
    """Name of a new database that holds the posts."""
    database = server.fresh_database()
    load([str(write(folder / "posts.parquet", posts))], server.url(database), lambda *_: None)
    return database


def read(url: str, options: SourceOptions = ALL) -> Corpus:
    return open_source(url, options).read()


def failure(url: str) -> SourceError:
    """What a read raises; its whole traceback must hold no password."""
    with pytest.raises(SourceError) as error:
        read(url)
    shown = "".join(traceback.format_exception(error.value))
    assert PASSWORD not in shown
    return error.value


def test_every_column_survives_the_round_trip(mariadb: MariaDB, tmp_path: Path) -> None:
    empty: Post = {"tweet_id": 2, "text": "only text"}
    long = post(2**63 - 1, text="लंबा ट्वीट 🍕" * 1_000, author_id=2**63 - 1, is_retweet=True)
    odd = post(3, text="tab\t nul\0 quote' \"\\ %s \r\n end ", author_handle="e\u0301é")
    early = post(4, created_at=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    reply = post(5, in_reply_to_tweet_id=2, source_app="a" * 400)
    posts = [post(1), empty, odd, early, reply, long]
    file = FileSource(write(tmp_path / "all.parquet", posts), ALL, "file").read()
    stored = read(mariadb.url(loaded(mariadb, tmp_path, posts)))
    assert_frame_equal(stored.tweets, file.tweets)
    assert_frame_equal(stored.replies, file.replies)
    assert len(stored.tweets["text"].iloc[-1]) > 10_000
    assert stored.tweets["created_at"].iloc[0].microsecond == 123456


def test_options_work_as_in_files(mariadb: MariaDB, tmp_path: Path) -> None:
    posts = [post(n, is_retweet=[None, True, False][n % 3]) for n in range(1, 10)]
    posts += [post(n, in_reply_to_tweet_id=n - 10) for n in range(11, 25)]
    path = write(tmp_path / "all.parquet", posts)
    url = mariadb.url(loaded(mariadb, tmp_path, posts))
    for options in (ALL, SourceOptions(), SourceOptions(max_tweets=3)):
        ours, theirs = read(url, options), FileSource(path, options, "file").read()
        assert_frame_equal(ours.tweets, theirs.tweets)
        assert_frame_equal(ours.replies, theirs.replies)
        assert (ours.n_raw_tweets, ours.left_out) == (theirs.n_raw_tweets, theirs.left_out)
        assert ours.left_out_replies == theirs.left_out_replies


def test_newest_counts_and_finds_the_largest_id(mariadb: MariaDB, tmp_path: Path) -> None:
    url = mariadb.url(
        loaded(mariadb, tmp_path, [post(3), post(8), post(9, in_reply_to_tweet_id=3)])
    )
    assert open_source(url, ALL).newest() == SourceState(2, 8)
    mariadb.execute("DELETE FROM tweets", url.rpartition("/")[2])
    assert open_source(url, ALL).newest() == SourceState(0, None)


def test_foreign_tables_are_checked_row_by_row(mariadb: MariaDB) -> None:
    database = mariadb.fresh_database()
    mariadb.execute(
        "CREATE TABLE tweets (id INT, tweet_id VARCHAR(30), text TEXT,"
        " created_at TIMESTAMP(6) NULL, is_retweet BOOLEAN)",
        database,
    )
    mariadb.execute("CREATE TABLE replies (tweet_id BIGINT, text LONGBLOB)", database)
    mariadb.execute(
        "INSERT INTO tweets VALUES (1, '7', 'seven', '2018-06-09 17:55:28.5', 1),"
        " (2, '7', 'again', NULL, 0), (3, 'y', 'no id', NULL, NULL), (4, '8', NULL, NULL, NULL)",
        database,
    )
    mariadb.execute("INSERT INTO replies VALUES (5, 'five'), (6, x'ff')", database)
    corpus = read(mariadb.url(database))
    assert corpus.tweets["text"].tolist() == ["seven"]
    assert corpus.rejected_tweets["reason"].tolist() == ["bad_id", "duplicate_id", "null_text"]
    assert (corpus.n_raw_tweets, corpus.n_raw_replies) == (4, 2)
    assert corpus.replies["text"].tolist() == ["five"]
    assert corpus.rejected_replies["reason"].tolist() == ["invalid_utf8"]


def test_times_are_utc_whatever_the_server_thinks(mariadb: MariaDB, tmp_path: Path) -> None:
    mariadb.execute("SET GLOBAL time_zone = '+05:30'")
    try:
        database = loaded(mariadb, tmp_path, [post(1)])
        stored = read(mariadb.url(database)).tweets["created_at"].iloc[0]
    finally:
        mariadb.execute("SET GLOBAL time_zone = SYSTEM")
    assert stored == post(1)["created_at"]
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT CAST(created_at AS CHAR) FROM tweets")
        assert cursor.fetchall() == (("2018-06-09 17:55:28.123456",),)


def test_what_is_written_during_the_read_is_not_seen(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, [*MANY, post(9_000, in_reply_to_tweet_id=1)])
    happened: list[str] = []

    def write_more() -> bool:
        mariadb.execute("INSERT INTO tweets (tweet_id, text) VALUES (8000, 'late')", database)
        mariadb.execute("INSERT INTO replies (tweet_id, text) VALUES (9001, 'late')", database)
        mariadb.execute("DELETE FROM replies WHERE tweet_id = 9000", database)
        happened.append("written")
        return True

    with proxy(mariadb.port, 200_000, write_more) as port:
        during = read(mariadb.url(database, port=port))
    assert happened == ["written"]
    assert (during.n_raw_tweets, len(during.tweets)) == (6_000, 6_000)
    assert during.replies["tweet_id"].tolist() == [9_000]
    after = read(mariadb.url(database))
    assert len(after.tweets) == 6_001
    assert after.replies["tweet_id"].tolist() == [9_001]


def test_a_connection_lost_once_is_tried_again(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, MANY)
    cuts: list[str] = []

    def cut() -> bool:
        cuts.append("cut")
        return False

    with proxy(mariadb.port, 200_000, cut) as port:
        corpus = read(mariadb.url(database, port=port))
    assert cuts == ["cut"]
    assert (len(corpus.tweets), corpus.n_raw_tweets) == (6_000, 6_000)


@pytest.mark.slow
def test_a_server_that_dies_during_the_read_is_named(own_mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(own_mariadb, tmp_path, MANY)

    def kill() -> bool:
        own_mariadb.kill()
        return True

    with proxy(own_mariadb.port, 200_000, kill) as port:
        error = failure(own_mariadb.url(database, port=port))
    assert f"mysql://127.0.0.1:{port}/{database}" in error.found
    assert "lost" in error.found or "no answer" in error.found
    assert "no answer" in failure(own_mariadb.url(database)).found


def test_no_server(mariadb: MariaDB) -> None:
    error = failure(mariadb.url("ri", port=1))
    assert "no answer from mysql://127.0.0.1:1/ri after 3 attempts" in error.found
    assert "start the server" in error.remedy


def test_wrong_password(mariadb: MariaDB) -> None:
    url = mariadb.url(mariadb.fresh_database()).replace("k3ep", "wr0ng")
    error = failure(url)
    assert "refuses the user or the password" in error.found
    assert "RI_MYSQL_PASSWORD" in error.expected
    assert "wr0ng" not in "".join(traceback.format_exception(error))


def test_password_that_no_server_can_take_is_not_shown(mariadb: MariaDB) -> None:
    url = mariadb.url(mariadb.fresh_database()).replace("k3ep", "%E0%A4%B2wr0ng")
    assert "wr0ng" not in "".join(traceback.format_exception(failure(url)))


def test_credentials_from_the_environment(
    mariadb: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = loaded(mariadb, tmp_path, [post(1)])
    monkeypatch.setenv("RI_MYSQL_USER", "ri")
    monkeypatch.setenv("RI_MYSQL_PASSWORD", PASSWORD)
    assert len(read(f"mysql://127.0.0.1:{mariadb.port}/{database}").tweets) == 1


def test_unknown_database(mariadb: MariaDB) -> None:
    assert "the database does not exist" in failure(mariadb.url("nowhere")).found


def test_missing_table(mariadb: MariaDB) -> None:
    error = failure(mariadb.url(mariadb.fresh_database()))
    assert "lacks a table" in error.found
    assert "ri-index load" in error.remedy


def test_missing_column(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, [post(1)])
    mariadb.execute("ALTER TABLE tweets CHANGE text saying MEDIUMTEXT", database)
    error = failure(mariadb.url(database))
    assert "table tweets has no column text" in error.found
    assert "saying" in error.found


def test_empty_table(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, [post(2, in_reply_to_tweet_id=1)])
    assert "holds no tweet" in failure(mariadb.url(database)).found


def test_tls_is_checked_against_the_authority(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, [post(1)])
    own = f"ssl_ca={mariadb.certificate}"
    assert len(read(mariadb.url(database, own)).tweets) == 1
    elsewhere = mariadb.url(database, own).replace("127.0.0.1", "localhost")
    assert "TLS" in failure(elsewhere).found
    assert len(read(f"{elsewhere}&ssl_verify=ca").tweets) == 1
    assert "TLS" in failure(mariadb.url(database, "ssl_verify=true")).found
    assert len(read(mariadb.url(database, "ssl_verify=false")).tweets) == 1


def test_tls_is_used_where_it_is_asked_for(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, [post(1)])
    mariadb.execute("ALTER USER ri REQUIRE SSL")
    try:
        assert len(read(mariadb.url(database, f"ssl_ca={mariadb.certificate}")).tweets) == 1
    finally:
        mariadb.execute("ALTER USER ri REQUIRE NONE")


@pytest.mark.slow
def test_slow_server_runs_into_the_timeout(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, [post(1)])
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLES tweets WRITE")
        error = failure(mariadb.url(database, "read_timeout=1"))
    assert "lost" in error.found
    assert "read_timeout" in error.expected
