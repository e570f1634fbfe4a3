"""The tables `tweets` and `replies` of MySQL or MariaDB as a source.

Belongs here: the statements that read. Does not belong here: connections and
their failures (see `mysql_session`), and writing (see `load`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import SSCursor

from ri_assets.contracts.raw import REPLIES, TWEETS
from ri_assets.contracts.table import Table
from ri_assets.sources.base import Corpus, SourceOptions, SourceState, require_tweets
from ri_assets.sources.limits import limited_corpus
from ri_assets.sources.mysql_session import connected, explained, retrying
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets.sources.rows import CHUNK_ROWS, Row, TableGatherer, require_columns

TABLE_NAMES = {TWEETS.name: "tweets", REPLIES.name: "replies"}


@dataclass(frozen=True)
class MySQLSource:
    """Posts in a database.

    Tweets and replies are read from one snapshot, so that what is written meanwhile is seen
    in both or in neither. Times without zone are UTC.

    Parameters
    ----------
    target
        Where the database is.
    options
        What to leave out.
    """

    target: MySQLTarget
    options: SourceOptions

    @property
    def name(self) -> str:
        """Host, port and database; see `Source.name`."""
        return self.target.name

    def read(self) -> Corpus:
        """Read and check both tables in one snapshot; see `Source.read`.

        Where the connection is lost, the whole read begins anew, twice at most.
        """
        try:
            return require_tweets(retrying()(self._read_once), self.name)
        except pymysql.MySQLError as error:
            raise explained(error, self.target) from error

    def newest(self) -> SourceState:
        """Ask for the number of tweets and the largest id; see `Source.newest`."""
        try:
            return retrying()(self._newest_once)
        except pymysql.MySQLError as error:
            raise explained(error, self.target) from error

    def _newest_once(self) -> SourceState:
        with connected(self.target) as connection:
            [(n_tweets, newest)] = _answer(connection, "SELECT COUNT(*), MAX(tweet_id) FROM tweets")
        return SourceState(int(n_tweets), None if newest is None else int(newest))

    def _read_once(self) -> Corpus:
        with connected(self.target) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            tweets = TableGatherer(TWEETS)
            for row in self._rows(connection, TWEETS):
                tweets.add(row)
            replies = TableGatherer(REPLIES)
            for row in self._rows(connection, REPLIES):
                replies.add(row)
        return limited_corpus(tweets.finish(), replies.finish(), self.options)

    def _rows(self, connection: Connection[SSCursor], table: Table) -> Iterator[Row]:
        """Rows by ascending id, fetched in chunks of bounded memory."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {TABLE_NAMES[table.name]} LIMIT 0")  # noqa: S608 - constant
            found = [column[0] for column in cursor.description or ()]
        require_columns(found, f"{self.name}, table {TABLE_NAMES[table.name]}")
        columns = [name for name in table.names if name in found]
        cursor = connection.cursor()
        cursor.execute(_select(table, columns))
        while chunk := cursor.fetchmany(CHUNK_ROWS):
            for values in chunk:
                yield Row(dict(zip(columns, map(_in_utc, values), strict=True)))
        cursor.close()


def _select(table: Table, columns: list[str]) -> str:
    """Statement from constants alone."""
    listed = ", ".join(f"`{name}`" for name in columns)
    return f"SELECT {listed} FROM {TABLE_NAMES[table.name]} ORDER BY tweet_id"  # noqa: S608


def _answer(connection: Connection[SSCursor], statement: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _in_utc(value: object) -> object:
    """DATETIME and TIMESTAMP come without zone; the session's is UTC."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
