"""Reading a database again fetches only what changed, and gives what a whole read gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ri_assets.sources import mysql_buckets
from ri_assets.store.forgotten import Forgotten
from ri_assets_tests.mariadb import MariaDB
from ri_assets_tests.sources.read_again import FOREIGN, assert_same, n_fetched, read

pytestmark = pytest.mark.usefixtures("small_buckets")


@pytest.mark.parametrize("location", ["{}", "memory://{}"])
def test_only_what_changed_is_fetched(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path, location: str
) -> None:
    (database, url), store = loaded, location.format(tmp_path)
    corpus, notes = read(url, store)
    assert n_fetched(notes) == 60
    assert_same(corpus, read(url)[0])
    assert n_fetched(read(url, store)[1]) == 0
    mariadb.execute("UPDATE tweets SET text = 'edited' WHERE tweet_id = 7", database)
    mariadb.execute("DELETE FROM replies WHERE tweet_id = 110", database)
    mariadb.execute("INSERT INTO tweets (tweet_id, text) VALUES (41, 'new')", database)
    corpus, notes = read(url, store)
    assert 0 < n_fetched(notes) < 20
    assert_same(corpus, read(url)[0])
    assert "edited" in set(corpus.tweets["text"])
    assert n_fetched(read(url, store)[1]) == 0


VALUES = st.fixed_dictionaries(
    {
        "tweet_id": st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "x8", "one", "", None]),
        "text": st.sampled_from(["a text", "cafÃ©", "@bo hi", "RT @asha: x", "a\n'b\\ 🍕", None]),
        "author_id": st.sampled_from(["77", "78", "1e5", "someone", None]),
        "author_handle": st.sampled_from(["asha", "Bo", "has a blank", None]),
        "created_at": st.sampled_from(["2018-06-09 17:55:28", "yesterday", "0000-00-00", None]),
        "like_count": st.sampled_from(["3", "many", "few", "-1", "", None]),
        "in_reply_to_tweet_id": st.sampled_from(["1", "9", "0", None]),
    }
)
KEYS = st.integers(-9, 30)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["tweets", "replies"]), KEYS, st.none() | VALUES), max_size=12
)
OPTIONS = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from([None, "Asia/Kolkata"]),
        "fix_mojibake": st.booleans(),
        "forgotten": st.sampled_from(
            [None, Forgotten("00" * 32).with_people(["bo"], [77], [3]), Forgotten("00" * 32)]
        ),
    }
)


@pytest.fixture(scope="module")
def foreign(mariadb: MariaDB) -> tuple[str, str]:
    """Database with empty tables in which any text can stand, and its URL."""
    database = mariadb.fresh_database()
    for name in ("tweets", "replies"):
        mariadb.execute(FOREIGN.format(name), database)
    return database, mariadb.url(database)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CHANGES, OPTIONS), min_size=2, max_size=4))
def test_every_read_equals_a_whole_read(
    mariadb: MariaDB,
    foreign: tuple[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    rounds: list[tuple[list[tuple[str, int, dict[str, str | None] | None]], dict[str, Any]]],
) -> None:
    """Rows come, change and go, and the options change too."""
    database, url = foreign
    store = tmp_path_factory.mktemp("store")
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        for name in ("tweets", "replies"):
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608
        cursor.execute("INSERT INTO tweets (id, tweet_id, text) VALUES (99, '99', 'stays')")
        for changes, options in rounds:
            for name, key, values in changes:
                cursor.execute(f"DELETE FROM {name} WHERE id = %s", (key,))  # noqa: S608
                if values is not None:
                    marks = ", ".join(["%s"] * (len(values) + 1))
                    cursor.execute(
                        f"INSERT INTO {name} (id, {', '.join(values)}) VALUES ({marks})",  # noqa: S608
                        (key, *values.values()),
                    )
            whole, _ = read(url, **options)
            for _ in range(2):
                corpus, notes = read(url, store, **options)
                assert_same(corpus, whole)
            if options["forgotten"] is None:
                assert n_fetched(notes) == 0


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "ALTER TABLE tweets DROP PRIMARY KEY, ADD PRIMARY KEY (tweet_id, created_at)",
            "its primary key is no single integer",
        ),
        ("ALTER TABLE tweets MODIFY tweet_id VARCHAR(30)", "its primary key is no single integer"),
        ("ALTER TABLE tweets ENGINE = MyISAM", "it is no InnoDB table"),
        (
            "RENAME TABLE tweets TO t; CREATE VIEW tweets AS SELECT * FROM t",
            "it is no InnoDB table",
        ),
    ],
)
def test_a_table_that_cannot_be_told_apart_is_read_whole(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path, statement: str, why: str
) -> None:
    database, url = loaded
    read(url, tmp_path)
    for part in statement.split("; "):
        mariadb.execute(part, database)
    corpus, notes = read(url, tmp_path)
    assert notes[0] == f"table tweets was read whole: {why}"
    assert n_fetched(notes[1:]) == 0
    assert_same(corpus, read(url)[0])


def test_what_changes_the_meaning_of_a_value_reads_everything(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path
) -> None:
    database, url = loaded
    read(url, tmp_path)
    for options in (
        {"timezone": "Asia/Kolkata"}, {"fix_mojibake": True}, {"column_map": {"lang": ""}},
        {"code": {"code": "2"}}, {},
    ):  # fmt: skip
        corpus, notes = read(url, tmp_path, **options)
        assert n_fetched(notes) == 60
        options.pop("code", None)
        assert_same(corpus, read(url, **options)[0])
    mariadb.execute("ALTER TABLE tweets ADD more INT", database)  # DATETIME is no longer UTC
    corpus, notes = read(url, tmp_path)
    assert n_fetched(notes) == 40
    assert_same(corpus, read(url)[0])


def test_without_digests_everything_is_read(
    loaded: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_buckets, "_digest", lambda _: "NO_SUCH_FUNCTION(1)")
    corpus, notes = read(loaded[1], tmp_path)
    why = "the server computed no digests (error 1305)"
    assert notes == [f"table {name} was read whole: {why}" for name in ("tweets", "replies")]
    assert_same(corpus, read(loaded[1])[0])


def test_a_server_that_takes_too_long_for_them_is_read_whole(
    loaded: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_buckets, "_digest", lambda _: "SLEEP(0.1)")
    corpus, notes = read(f"{loaded[1]}?read_timeout=1", tmp_path)
    assert "was read whole: the server computed no digests" in notes[0]
    assert_same(corpus, read(loaded[1])[0])


def test_what_is_written_after_the_digests_is_not_seen(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, url = loaded
    before, _ = read(url)
    real = mysql_buckets.rows_of

    def late(*given: Any) -> Iterator[Any]:
        mariadb.execute("UPDATE tweets SET text = 'late'", database)
        mariadb.execute("UPDATE replies SET text = 'late'", database)
        return real(*given)

    monkeypatch.setattr("ri_assets.sources.mysql.rows_of", late)
    assert_same(read(url, tmp_path)[0], before)
    monkeypatch.undo()
    corpus, _ = read(url, tmp_path)
    assert set(corpus.tweets["text"]) == {"late"}
