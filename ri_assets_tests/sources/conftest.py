"""Fixtures of the tests of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from ri_assets.sources import mysql_buckets
from ri_assets.sources.mysql_load import load
from ri_assets_tests.mariadb import MariaDB
from ri_assets_tests.sources.corpora import post, write


@pytest.fixture
def small_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bucket hold about four rows, so that a small table has many."""
    monkeypatch.setattr(mysql_buckets, "ROWS_A_BUCKET", 4)


@pytest.fixture
def loaded(mariadb: MariaDB, tmp_path: Path) -> tuple[str, str]:
    """Database with 40 tweets and 20 replies in the project's own tables, and its URL."""
    database = mariadb.fresh_database()
    posts = [post(n, text=f"tweet {n}") for n in range(1, 41)]
    posts += [post(n, text=f"reply {n}", in_reply_to_tweet_id=n - 100) for n in range(101, 121)]
    url = mariadb.url(database)
    load([str(write(tmp_path / "posts.parquet", posts))], url, lambda *_: None)
    return database, url
