"""What is said of servers that are silent, of another kind, or changed meanwhile."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources import mysql_session
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.mysql_load import load
from ri_assets.sources.opening import open_source
from ri_assets_tests.mariadb import ENCODED_PASSWORD, PASSWORD, USER, MariaDB
from ri_assets_tests.sources.corpora import post, write
from ri_assets_tests.sources.listeners import (
    closing,
    listener,
    of_garbage,
    of_ssh,
    silent,
    trickling,
)
from ri_assets_tests.sources.proxy import proxy

MANY = [post(n, text=f"tweet {n} " + "x" * 200) for n in range(1, 6_001)]


def failure(url: str) -> SourceError:
    """What asking a source raises; its whole traceback must hold no password."""
    with pytest.raises(SourceError) as error:
        open_source(url, SourceOptions()).newest()
    assert PASSWORD not in "".join(traceback.format_exception(error.value))
    return error.value


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try once instead of three times: each attempt waits for its deadline."""
    monkeypatch.setattr(mysql_session, "ATTEMPTS", 1)


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("greet", [silent, trickling])
def test_one_deadline_holds_for_all_of_connecting(
    greet: Callable[[socket.socket], object],
) -> None:
    # Answers are waited for as long as the trickle lasts, so that only the deadline can end it.
    query = "connect_timeout=1&read_timeout=15"
    with listener(greet) as port:
        error = failure(f"mysql://{USER}:{ENCODED_PASSWORD}@127.0.0.1:{port}/ri?{query}")
    assert "its greeting was not complete within 1 s" in error.found
    assert f"127.0.0.1:{port}" in error.found
    assert "connect_timeout" in error.remedy


def test_a_host_lookup_that_hangs_ends_with_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_over = threading.Event()
    n_lookups = 0

    def hang(*_: object, **__: object) -> NoReturn:
        nonlocal n_lookups
        n_lookups += 1
        is_over.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    error = failure(f"mysql://{USER}:{ENCODED_PASSWORD}@db.example.org/ri?connect_timeout=1")
    assert time.monotonic() - started < 10
    is_over.set()
    assert n_lookups == 1  # the name server was waited for once
    assert "looking up the host's address took more than 1 s" in error.found
    assert "db.example.org" in error.found
    assert "IP address" in error.remedy


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70])
def test_a_host_without_an_address_is_told_at_once(host: str) -> None:
    error = failure(f"mysql://{host}/ri?connect_timeout=5")
    assert "no answer from" in error.found
    assert "correct the URL's host" in error.remedy


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("tls", ["", "&ssl_verify=false"])
def test_a_server_that_falls_silent_after_its_greeting(mariadb: MariaDB, tls: str) -> None:
    is_over = threading.Event()
    with proxy(mariadb.port, 1, lambda: is_over.wait(15)) as port:
        url = mariadb.url("ri", f"connect_timeout=1&read_timeout=15{tls}", port=port)
        error = failure(url)
        is_over.set()
    assert "was not complete within 1 s" in error.found


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("greet", [of_ssh, of_garbage, closing])
def test_a_port_of_another_server_is_told_as_such(
    greet: Callable[[socket.socket], object],
) -> None:
    with listener(greet) as port:
        error = failure(f"mysql://127.0.0.1:{port}/ri")
    assert "lost on the way or is of another protocol" in error.found
    assert "correct the URL's port" in error.remedy
    assert "3306" in error.expected


@pytest.mark.slow
def test_the_deadline_of_connecting_ends_with_it(mariadb: MariaDB, tmp_path: Path) -> None:
    """A read may take longer than a connection."""
    database = mariadb.fresh_database()
    load([str(write(tmp_path / "t.csv", [post(1)]))], mariadb.url(database), lambda *_: None)
    mariadb.execute(
        "CREATE FUNCTION slow(value TEXT) RETURNS TEXT DETERMINISTIC"
        " BEGIN DECLARE nothing INT; SET nothing = SLEEP(1.2); RETURN value; END",
        database,
    )
    mariadb.execute("RENAME TABLE tweets TO stored", database)
    mariadb.execute("CREATE VIEW tweets AS SELECT tweet_id, slow(text) text FROM stored", database)
    url = mariadb.url(database, "connect_timeout=1")
    assert open_source(url, SourceOptions()).read().tweets["text"].tolist() == [post(1)["text"]]


@pytest.mark.slow
def test_a_table_altered_during_the_read_is_read_again(mariadb: MariaDB, tmp_path: Path) -> None:
    database = mariadb.fresh_database()
    posts = [*MANY, post(9_000, in_reply_to_tweet_id=1)]
    load([str(write(tmp_path / "t.parquet", posts))], mariadb.url(database), lambda *_: None)
    altered: list[str] = []

    def alter() -> bool:
        mariadb.execute("ALTER TABLE replies MODIFY source_app VARCHAR(300)", database)
        altered.append("altered")
        return True

    with proxy(mariadb.port, 200_000, alter) as port:
        corpus = open_source(mariadb.url(database, port=port), SourceOptions()).read()
    assert altered == ["altered"]
    assert (len(corpus.tweets), len(corpus.replies)) == (6_000, 1)


@pytest.mark.slow
@pytest.mark.usefixtures("once")
def test_a_table_that_is_altered_every_time_is_told(mariadb: MariaDB, tmp_path: Path) -> None:
    database = mariadb.fresh_database()
    posts = [*MANY, post(9_000, in_reply_to_tweet_id=1)]
    load([str(write(tmp_path / "t.parquet", posts))], mariadb.url(database), lambda *_: None)

    def alter() -> bool:
        mariadb.execute("ALTER TABLE replies MODIFY source_app VARCHAR(300)", database)
        return True

    with (
        proxy(mariadb.port, 200_000, alter) as port,
        pytest.raises(SourceError, match="was altered") as error,
    ):
        open_source(mariadb.url(database, port=port), SourceOptions()).read()
    assert "ALTER TABLE is done" in error.value.remedy


def test_a_text_larger_than_the_server_takes_is_told(mariadb: MariaDB, tmp_path: Path) -> None:
    database = mariadb.fresh_database()
    path = write(tmp_path / "t.parquet", [post(1, text="long " * 4_000)])
    mariadb.execute("SET GLOBAL max_allowed_packet = 16384")
    try:
        with pytest.raises(SourceError) as error:
            load([str(path)], mariadb.url(database), lambda *_: None)
    finally:
        mariadb.execute("SET GLOBAL max_allowed_packet = 16777216")
    assert "no packet as large" in error.value.found
    assert "max_allowed_packet" in error.value.remedy
    load([str(path)], mariadb.url(database), lambda *_: None)
