"""Digests of buckets: any edit changes them, and any keys can be cut into buckets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ri_assets.sources import mysql_buckets
from ri_assets_tests.mariadb import MariaDB
from ri_assets_tests.sources.read_again import assert_same, n_fetched, read

pytestmark = pytest.mark.usefixtures("small_buckets")


TYPED = [
    ("INT", "1", "2"),
    ("BIGINT UNSIGNED", "18446744073709551614", "18446744073709551615"),
    ("DECIMAL(20, 4)", "1.5000", "1.5001"),
    ("DOUBLE", "0.1", "0.10000000000000002"),
    ("TINYINT(1)", "0", "NULL"),
    ("BIT(3)", "b'010'", "b'011'"),
    ("DATETIME(6)", "'2018-06-09 17:55:28.000001'", "'2018-06-09 17:55:28.000002'"),
    ("TIMESTAMP(6) NULL", "'2018-06-09 17:55:28.000001'", "'2018-06-09 17:55:28.000002'"),
    ("VARCHAR(20)", "''", "NULL"),
    ("VARCHAR(20)", "'-'", "NULL"),
    ("VARCHAR(20) COLLATE utf8mb4_general_ci", "'Asha'", "'asha '"),
    ("VARCHAR(20) CHARACTER SET latin1", "'caf\u00e9'", "'cafe'"),
    ("BLOB", "x'ff00'", "x'ff0000'"),
    ("JSON", "'[1]'", "'[2]'"),
    ("ENUM('a', 'b')", "'a'", "'b'"),
]  # fmt: skip


def test_the_smallest_edit_of_any_type_changes_the_digest(mariadb: MariaDB) -> None:
    with mariadb.connect(mariadb.fresh_database()) as opened, opened.cursor() as cursor:
        connection: Any = opened  # buffered, unlike those of the source
        for kind, one, other in TYPED:
            cursor.execute(
                f"CREATE OR REPLACE TABLE tweets (id BIGINT PRIMARY KEY, a {kind}, b {kind})"
            )
            table = mysql_buckets.keyed_table(connection, "tweets", ["a", "b"])
            assert not isinstance(table, str)
            seen = []
            for values in ((one, one), (one, other), (other, one), (other, other)):
                cursor.execute(f"REPLACE INTO tweets VALUES (5, {', '.join(values)})")  # noqa: S608
                [bucket] = mysql_buckets.buckets(connection, table, 1, 0)
                assert [bucket] == mysql_buckets.buckets(connection, table, 1, 0)
                assert (bucket.first, bucket.last, bucket.n_rows) == (5, 5, 1)
                seen.append(bucket.number)
            assert len(set(seen)) == 4, kind


def test_what_moves_to_the_next_column_changes_the_digest(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path
) -> None:
    database, url = loaded
    move = "UPDATE tweets SET author_handle = {}, lang = {} WHERE tweet_id = 7"
    mariadb.execute(move.format("'a'", "'1:b'"), database)
    read(url, tmp_path)
    for handle, lang in (("'a1'", "':b'"), ("'a-'", "NULL"), ("NULL", "'a-'"), ("'a1:'", "'b'")):
        mariadb.execute(move.format(handle, lang), database)
        corpus, _ = read(url, tmp_path)
        assert_same(corpus, read(url)[0])


def test_many_more_rows_are_cut_into_other_buckets(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path
) -> None:
    database, url = loaded
    mariadb.execute("UPDATE tweets SET tweet_id = tweet_id * 1000", database)
    read(url, tmp_path)
    mariadb.execute(
        "INSERT INTO tweets (tweet_id, text) SELECT seq, 'more' FROM seq_41_to_940", database
    )
    corpus, notes = read(url, tmp_path)
    assert_same(corpus, read(url)[0])
    assert n_fetched(notes) == 940
    mariadb.execute("UPDATE tweets SET text = 'edited' WHERE tweet_id = 500", database)
    assert n_fetched(read(url, tmp_path)[1]) < 20


def test_keys_may_be_as_large_and_as_sparse_as_the_server_allows(
    mariadb: MariaDB, tmp_path: Path
) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (id BIGINT UNSIGNED PRIMARY KEY, text TEXT)", database)
    url = mariadb.url(database)
    for keys in ("(0, 'a')", "(18446744073709551615, 'b')", "(1, 'c'), (9223372036854775807, 'd')"):
        mariadb.execute(f"INSERT INTO tweets VALUES {keys}", database)  # noqa: S608
        corpus, _ = read(url, tmp_path)
        assert_same(corpus, read(url)[0])
    assert corpus.n_raw_tweets == 4


def test_a_row_without_a_digest_is_fetched_each_time(
    loaded: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = mysql_buckets._digest

    def without_md5(table: mysql_buckets.KeyedTable) -> str:
        return re.sub(r"MD5\(.*\), 16\), 16", "NULL, 16), 16", real(table))

    monkeypatch.setattr(mysql_buckets, "_digest", without_md5)
    for _ in range(2):
        assert n_fetched(read(loaded[1], tmp_path)[1]) == 60
