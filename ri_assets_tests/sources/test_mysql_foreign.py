"""Tables that other programs made: one for everything, other names, other types."""

from __future__ import annotations

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions, SourceState
from ri_assets.sources.opening import open_source
from ri_assets_tests.mariadb import MariaDB

ONE_TABLE = """CREATE TABLE tweets (
    id VARCHAR(30), user_id VARCHAR(30), screen_name TEXT, full_text TEXT,
    created_at TIMESTAMP NULL, in_reply_to_status_id VARCHAR(30), is_retweet BIT(1),
    favorite_count INT, mood TEXT)"""
ROWS = """INSERT INTO tweets VALUES
    ('9', '1', 'asha', 'nine', '2018-06-09 17:55:28', NULL, b'0', 3, 'x'),
    ('10', '1', 'asha', 'ten', '0000-00-00 00:00:00', '0', b'1', -5, 'x'),
    ('1005577757262025429', 'ravi', NULL, 'large', NULL, '', b'0', 0, 'x'),
    ('11', '2', 'mira', 'a reply', NULL, '9', b'0', 0, 'x'),
    ('2000000000000000000', '2', 'mira', 'a reply to somebody else', NULL, '77', b'0', 0, 'x')"""


@pytest.fixture
def database(mariadb: MariaDB) -> str:
    name = mariadb.fresh_database()
    mariadb.execute(ONE_TABLE, name)
    mariadb.execute(ROWS, name)
    return name


def read(url: str, options: SourceOptions | None = None) -> Corpus:
    return open_source(url, options or SourceOptions(keep_all=True)).read()


def test_one_table_is_split_into_tweets_and_replies(mariadb: MariaDB, database: str) -> None:
    corpus = read(mariadb.url(database))
    assert corpus.tweets["tweet_id"].tolist() == [9, 10, 1005577757262025429]
    assert corpus.replies["tweet_id"].tolist() == [11, 2000000000000000000]
    assert corpus.replies["in_reply_to_tweet_id"].tolist() == [9, 77]
    assert corpus.tweets["is_retweet"].tolist() == [False, True, False]
    assert corpus.tweets["author_handle"].tolist() == ["asha", "asha", "ravi"]
    assert corpus.tweets["like_count"].isna().tolist() == [False, True, False]
    assert corpus.reading.columns["full_text"] == "text"
    assert corpus.reading.ignored == ("mood",)
    [fault] = corpus.reading.unreadable
    assert (fault.column, fault.n_unreadable, fault.examples) == ("like_count", 1, ("-5",))


def test_retweets_are_left_out_after_the_read(mariadb: MariaDB, database: str) -> None:
    corpus = read(mariadb.url(database), SourceOptions(max_tweets=1))
    assert corpus.tweets["tweet_id"].tolist() == [9]
    assert corpus.left_out == {"retweet": 1, "over max_tweets": 1}
    assert corpus.n_raw_tweets == 3


def test_the_newest_id_is_the_largest_number(mariadb: MariaDB, database: str) -> None:
    source = open_source(mariadb.url(database), SourceOptions())
    assert source.newest() == SourceState(3, 1005577757262025429)


def test_columns_are_named_by_a_person(mariadb: MariaDB) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (pk BIGINT, `my text` TEXT)", database)
    mariadb.execute("INSERT INTO tweets VALUES (7, 'hi')", database)
    with pytest.raises(SourceError, match="no column tweet_id and no column text") as error:
        read(mariadb.url(database))
    assert "--map tweet_id=COLUMN --map text=COLUMN" in error.value.remedy
    named = SourceOptions(column_map={"tweet_id": "pk", "text": "my text"})
    assert read(mariadb.url(database), named).tweets["text"].tolist() == ["hi"]


def test_only_a_zone_makes_times_of_other_tables_certain(mariadb: MariaDB) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (id BIGINT, text TEXT, created_at DATETIME)", database)
    mariadb.execute("INSERT INTO tweets VALUES (7, 'hi', '2018-06-09 17:55:28')", database)
    url = mariadb.url(database)
    unknown = read(url)
    assert unknown.tweets["created_at"].isna().all()
    assert "--timezone" in unknown.reading.unreadable[0].expected
    known = read(url, SourceOptions(timezone="Europe/Berlin"))
    assert str(known.tweets["created_at"].iloc[0]) == "2018-06-09 15:55:28+00:00"


def test_zero_dates_are_no_dates(mariadb: MariaDB) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (id BIGINT, text TEXT, created_at DATETIME)", database)
    mariadb.execute("INSERT INTO tweets VALUES (7, 'hi', '0000-00-00 00:00:00')", database)
    corpus = read(mariadb.url(database))
    assert corpus.tweets["created_at"].isna().all()
    assert not corpus.reading.unreadable
