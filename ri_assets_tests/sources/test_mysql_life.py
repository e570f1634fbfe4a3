"""Servers and tables as they are in life: full, restarted, of old charsets, with few rights."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources import mysql_session
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.mysql_load import load
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets.sources.opening import open_source
from ri_assets_tests.mariadb import HOST, MariaDB
from ri_assets_tests.sources.corpora import post, write
from ri_assets_tests.sources.proxy import proxy

ALL = SourceOptions(keep_all=True)
MANY = [post(n, text=f"tweet {n} " + "x" * 200) for n in range(1, 6_001)]
READER, READER_PASSWORD = "reader", "only-reads"


def loaded(server: MariaDB, folder: Path, n_posts: int) -> str:
    """Name of a new database that holds some posts."""
    database = server.fresh_database()
    path = write(folder / "posts.parquet", MANY[:n_posts])
    load([str(path)], server.url(database), lambda *_: None)
    return database


def test_the_right_to_select_is_enough(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, 3)
    mariadb.execute(f"CREATE USER '{READER}'@'%' IDENTIFIED BY '{READER_PASSWORD}'")
    mariadb.execute(f"GRANT SELECT ON {database}.* TO '{READER}'@'%'")
    url = f"mysql://{READER}:{READER_PASSWORD}@{HOST}:{mariadb.port}/{database}"
    try:
        source = open_source(url, ALL)
        assert (len(source.read().tweets), source.newest().newest_tweet_id) == (3, 3)
        with pytest.raises(SourceError, match="the user lacks a right") as error:
            load([str(tmp_path / "posts.parquet")], url, lambda *_: None)
        assert "GRANT" in error.value.remedy
    finally:
        mariadb.execute(f"DROP USER '{READER}'@'%'")


def test_a_server_without_a_free_connection_is_told(
    own_mariadb: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is 10, and one more for an administrator."""
    monkeypatch.setattr(mysql_session, "WAIT_SECONDS", 0.01)
    database = loaded(own_mariadb, tmp_path, 3)
    own_mariadb.execute("SET GLOBAL max_connections = 10")
    with ExitStack() as busy:
        for _ in range(10):
            busy.enter_context(own_mariadb.connect())
        with pytest.raises(SourceError) as error:
            open_source(own_mariadb.url(database), ALL).read()
    assert "takes no more connections" in error.value.found
    assert "max_connections" in error.value.remedy
    assert len(open_source(own_mariadb.url(database), ALL).read().tweets) == 3


def test_a_user_without_a_free_connection_is_told(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, 3)
    mariadb.execute("ALTER USER ri WITH MAX_USER_CONNECTIONS 1")
    url = mariadb.url(database)
    held = mysql_session.connected(MySQLTarget.from_url(url, {}))
    try:
        with held, pytest.raises(SourceError) as error:
            open_source(url, ALL).newest()
    finally:
        mariadb.execute("ALTER USER ri WITH MAX_USER_CONNECTIONS 0")
    assert "takes no more connections" in error.value.found
    assert "max_user_connections" in error.value.remedy


def test_a_connection_that_becomes_free_is_waited_for(mariadb: MariaDB, tmp_path: Path) -> None:
    database = loaded(mariadb, tmp_path, 3)
    mariadb.execute("ALTER USER ri WITH MAX_USER_CONNECTIONS 1")
    url = mariadb.url(database)
    held = mysql_session.connected(MySQLTarget.from_url(url, {}))
    held.__enter__()
    free = threading.Timer(mysql_session.WAIT_SECONDS / 2, held.__exit__, (None, None, None))
    free.start()
    try:
        assert open_source(url, ALL).newest().n_tweets == 3
    finally:
        free.join()
        mariadb.execute("ALTER USER ri WITH MAX_USER_CONNECTIONS 0")


@pytest.mark.slow
def test_a_server_that_is_restarted_during_the_read_is_read_again(
    own_mariadb: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_session, "WAIT_SECONDS", 4.0)  # a busy machine starts it slowly
    own_mariadb.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")  # it forgets else
    database = loaded(own_mariadb, tmp_path, 6_000)

    def restart() -> bool:
        own_mariadb.kill()
        threading.Thread(target=own_mariadb.start).start()
        return False

    with proxy(own_mariadb.port, 200_000, restart) as port:
        corpus = open_source(own_mariadb.url(database, port=port), ALL).read()
    assert (len(corpus.tweets), corpus.n_raw_tweets) == (6_000, 6_000)


def test_emoji_in_a_column_of_three_bytes_are_refused_with_the_mending_statement(
    mariadb: MariaDB, tmp_path: Path
) -> None:
    """MySQL's old `utf8` holds no emoji; in another mode the server would cut the text there."""
    database = mariadb.fresh_database()
    path = write(tmp_path / "t.parquet", [post(1, text="late again 🍕 and again")])
    load([str(path)], mariadb.url(database), lambda *_: None)
    mariadb.execute("DELETE FROM tweets", database)
    mariadb.execute("ALTER TABLE tweets MODIFY text MEDIUMTEXT CHARACTER SET utf8mb3", database)
    with pytest.raises(SourceError) as error:
        load([str(path)], mariadb.url(database), lambda *_: None)
    assert "characters that its column cannot hold" in error.value.found
    statement = error.value.remedy.partition(": ")[2].partition(";")[0]
    assert statement == "ALTER TABLE tweets CONVERT TO CHARACTER SET utf8mb4"
    mariadb.execute(statement, database)
    load([str(path)], mariadb.url(database), lambda *_: None)
    assert open_source(mariadb.url(database), ALL).read().tweets["text"].tolist() == [
        "late again 🍕 and again"
    ]


def test_a_column_of_three_bytes_is_read_as_it_is(mariadb: MariaDB) -> None:
    database = mariadb.fresh_database()
    mariadb.execute(
        "CREATE TABLE tweets (tweet_id BIGINT, text TEXT CHARACTER SET utf8mb3)", database
    )
    mariadb.execute("INSERT INTO tweets VALUES (1, 'खाना देर से — “फिर”')", database)
    corpus = open_source(mariadb.url(database), ALL).read()
    assert corpus.tweets["text"].tolist() == ["खाना देर से — “फिर”"]
