"""Reading a database again fetches only what changed, and gives what a whole read gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ri_assets.assets.raw import raw_posts
from ri_assets.errors import StoreError
from ri_assets.resources.settings import ProfileResource, SourceResource, StoreResource
from ri_assets.sources import mysql_buckets
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.mysql_load import load
from ri_assets.sources.opening import open_source
from ri_assets.store.files import Files
from ri_assets.store.forgotten import Forgotten
from ri_assets.store.source_copy import FOLDER, SourceCopy
from ri_assets_tests.mariadb import MariaDB
from ri_assets_tests.small import SMALL_PROFILE
from ri_assets_tests.sources.corpora import post, write
from ri_assets_tests.unpacked import places_of

CODE = {"code": "1"}
FOREIGN = (
    "CREATE TABLE {} (id INT PRIMARY KEY, tweet_id TEXT, text TEXT, author_id TEXT,"
    " author_handle TEXT, created_at TEXT, like_count TEXT, in_reply_to_tweet_id TEXT)"
)


@pytest.fixture(autouse=True)
def _small_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mysql_buckets, "ROWS_A_BUCKET", 4)


def read(url: str, store: object = None, **options: Any) -> tuple[Corpus, list[str]]:
    """Read with the copy in a store, or whole; give the notes too."""
    code = options.pop("code", CODE)
    copy = None if store is None else SourceCopy(Files(str(store)), code)
    corpus = open_source(url, SourceOptions(keep_all=True, copy=copy, **options)).read()
    return corpus, [] if copy is None else copy.notes


def assert_same(one: Corpus, other: Corpus) -> None:
    """Compare everything that a read gives."""
    for field in fields(Corpus):
        ours, theirs = (getattr(corpus, field.name) for corpus in (one, other))
        if isinstance(ours, pd.DataFrame):
            pd.testing.assert_frame_equal(ours, theirs, obj=field.name)
        else:
            assert ours == theirs, field.name


def n_fetched(notes: list[str]) -> int:
    """Rows of both tables that were fetched."""
    found = [re.fullmatch(r"table \w+: ([\d,]+) of [\d,]+ rows were fetched", n) for n in notes]
    assert all(found), notes
    return sum(int(match[1].replace(",", "")) for match in found if match)


@pytest.fixture
def loaded(mariadb: MariaDB, tmp_path: Path) -> tuple[str, str]:
    """Database with 40 tweets and 20 replies in the project's own tables, and its URL."""
    database = mariadb.fresh_database()
    posts = [post(n, text=f"tweet {n}") for n in range(1, 41)]
    posts += [post(n, text=f"reply {n}", in_reply_to_tweet_id=n - 100) for n in range(101, 121)]
    url = mariadb.url(database)
    load([str(write(tmp_path / "posts.parquet", posts))], url, lambda *_: None)
    return database, url


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
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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


@pytest.mark.parametrize("name", ["rows.parquet", "receipt.json"])
def test_a_damaged_copy_is_not_used_and_is_replaced(
    loaded: tuple[str, str], tmp_path: Path, name: str
) -> None:
    _, url = loaded
    place = tmp_path / FOLDER / name
    whole, _ = read(url)
    read(url, tmp_path)
    content = place.read_bytes()
    flipped = content[-9:-8].translate(bytes(range(1, 256)) + b"\0")
    for changed in (b"", content[:-9] + flipped + content[-8:], content[:40]):
        place.write_bytes(changed)
        corpus, notes = read(url, tmp_path)
        assert "is damaged or of another version: not used" in notes.pop(0)
        assert n_fetched(notes) == 60
        assert_same(corpus, whole)
        assert n_fetched(read(url, tmp_path)[1]) == 0


def test_a_death_between_its_two_files_leaves_a_copy_that_nobody_uses(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, url = loaded
    read(url, tmp_path)
    mariadb.execute("UPDATE tweets SET text = 'edited'", database)

    def killed(*_: object) -> None:
        raise StoreError("killed", "", "")

    monkeypatch.setattr(Files, "write_json", killed)
    with pytest.raises(StoreError, match="killed"):
        read(url, tmp_path)
    monkeypatch.undo()
    corpus, notes = read(url, tmp_path)
    assert "not used" in notes[0]
    assert_same(corpus, read(url)[0])


def test_a_read_before_a_run_uses_the_copy_and_leaves_it(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path
) -> None:
    database, url = loaded
    read(url, tmp_path)
    place = tmp_path / FOLDER / "rows.parquet"
    before = place.read_bytes()
    mariadb.execute("UPDATE tweets SET text = 'edited' WHERE tweet_id = 7", database)
    copy = SourceCopy(Files(str(tmp_path)), CODE, is_read_only=True)
    corpus = open_source(url, SourceOptions(keep_all=True, copy=copy)).read()
    assert 0 < n_fetched(copy.notes) < 20
    assert_same(corpus, read(url)[0])
    place.write_bytes(b"damaged")
    open_source(url, SourceOptions(keep_all=True, copy=copy)).read()
    assert (place.read_bytes(), len(before) > 7) == (b"damaged", True)


def test_nothing_of_people_on_the_list_is_in_the_copy(mariadb: MariaDB, tmp_path: Path) -> None:
    """Neither of their posts, nor of mentions, answers, and rows that cannot be read."""
    database = mariadb.fresh_database()
    for name in ("tweets", "replies"):
        mariadb.execute(FOREIGN.format(name), database)
    others = ", ".join(f"({n}, '{n}', 'a tweet', '5', 'carla')" for n in range(1, 400))
    columns = "(id, tweet_id, text, author_id, author_handle)"
    mariadb.execute(f"INSERT INTO tweets {columns} VALUES {others}", database)  # noqa: S608
    person, made, post_id = "CanaryPerson7", "912345678901", "700700700700"
    theirs = [
        (20, post_id, "zebrafinch", made, person),
        (60, "701", "zebrafinch again", person, person),  # an id that is made from the handle
        (100, "702", f"thanks @{person}!", "5", "carla"),
        (140, "no id", f"\n{person}", "5", "carla"),
        (180, "703", "a text", "5", f"not a handle: {person}"),
        (220, "701", "a copy", person, person),
    ]
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        for row in theirs:
            cursor.execute(f"REPLACE INTO tweets {columns} VALUES (%s, %s, %s, %s, %s)", row)  # noqa: S608
        cursor.execute(
            "INSERT INTO replies (id, tweet_id, text, in_reply_to_tweet_id)"
            " VALUES (1, '9001', 'an answer', %s)",
            (post_id,),
        )
    url = mariadb.url(database)
    secrets = {"handle": person, "id": made, "post": post_id, "text": "zebrafinch"}
    read(url, tmp_path)
    assert {place.partition(": ")[0] for place in places_of(secrets, tmp_path)} == set(secrets)
    for listed in (
        Forgotten("00" * 32).with_people([person], [int(made)], ()),
        # That the handle is theirs, and which other posts are, only the whole corpus tells.
        Forgotten("00" * 32).with_people([], [int(made)], ()),
    ):
        for _ in range(2):
            corpus, notes = read(url, tmp_path, forgotten=listed)
            assert_same(corpus, read(url, forgotten=listed)[0])
        assert 0 < n_fetched(notes) < 60
        known = dict(secrets) if listed.handles else {n: secrets[n] for n in ("id", "post", "text")}
        assert places_of(known, tmp_path) == []


def test_a_run_keeps_the_copy_and_says_what_it_fetched(
    loaded: tuple[str, str], tmp_path: Path
) -> None:
    said = []
    for _ in range(2):
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [raw_posts],
                instance=instance,
                resources={
                    "source": SourceResource(source=loaded[1]),
                    "profile": ProfileResource(name=str(SMALL_PROFILE)),
                    "store": StoreResource(location=str(tmp_path)),
                },
            )
            entries = [one.user_message for one in instance.all_logs(result.run_id)]
        said.append([text.removeprefix("raw_posts: ") for text in entries if "fetched" in text])
    assert [n_fetched(notes) for notes in said] == [60, 0]
