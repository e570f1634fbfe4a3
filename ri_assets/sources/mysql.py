"""The tables `tweets` and `replies` of MySQL or MariaDB as a source.

Belongs here: the statements that read. Does not belong here: connections and
their failures (see `mysql_session`), and writing (see `load`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pymysql
from pymysql.connections import Connection
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import Table
from ri_assets.sources.base import Corpus, Reading, SourceOptions, SourceState, require_tweets
from ri_assets.sources.columns import ColumnReader, Layout
from ri_assets.sources.faults import unreadable_columns
from ri_assets.sources.limits import limited_corpus
from ri_assets.sources.mysql_session import connected, explained, retrying
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets.sources.rows import CHUNK_ROWS, PostGatherer, Row

TABLE_NAMES = {TWEETS.name: "tweets", REPLIES.name: "replies"}

_INTEGERS = {
    FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG,
}  # fmt: skip
_NOBODY = ("", "0", "-1", "NULL", "null", "NA", "None", "nan", "NaN")


@dataclass(frozen=True)
class MySQLSource:
    """Posts in a database.

    Tweets and replies are read from one snapshot, so that what is written meanwhile is seen
    in both or in neither. One table of everything serves as well: rows that answer another
    post are replies, and the table `replies` may be missing.

    TIMESTAMP is UTC, and so is DATETIME in tables that `ri-index load` made; in other tables
    it has no zone.

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
        columns = ColumnReader(self.options.column_map)
        with connected(self.target) as connection:
            layout, kinds = self._layout(connection, TWEETS, columns)
            condition = _is_tweet(layout)
            [key] = layout.columns["tweet_id"][:1]
            newest = f"MAX({_quoted(key)})"
            if kinds[key] not in _INTEGERS:  # as texts, 9 would come after 10
                newest = f"MAX(CAST(TRIM(LEADING 'x' FROM {_quoted(key)}) AS UNSIGNED))"
            statement = f"SELECT COUNT(*), {newest} FROM tweets WHERE {condition}"  # noqa: S608
            [(n_tweets, newest_id)] = _answer(connection, statement)
        return SourceState(int(n_tweets), None if newest_id is None else int(newest_id))

    def _read_once(self) -> Corpus:
        gatherer, columns = PostGatherer(self.options), ColumnReader(self.options.column_map)
        with connected(self.target) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            gatherer.add(self._rows(connection, TWEETS, columns), replies_only=False)
            if _has_table(connection, REPLIES):
                gatherer.add(self._rows(connection, REPLIES, columns), replies_only=True)
        columns.require_map(self.name)
        tweets, replies = gatherer.finish()
        reading = Reading(
            columns.columns,
            columns.ignored,
            unreadable_columns(tweets.filled, replies.filled),
            gatherer.notes,
        )
        return replace(limited_corpus(tweets, replies, self.options), reading=reading)

    def _layout(
        self, connection: Connection[SSCursor], table: Table, columns: ColumnReader
    ) -> tuple[Layout, dict[str, int]]:
        """Columns of a table by what they are, and MySQL's type of each."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {TABLE_NAMES[table.name]} LIMIT 0")  # noqa: S608 - constant
            kinds = {column[0]: int(column[1]) for column in cursor.description or ()}
        where = f"{self.name}, table {TABLE_NAMES[table.name]}"
        layout = columns.layout(tuple(kinds), where)
        columns.require_post(layout, kinds, where)
        return layout, kinds

    def _rows(
        self, connection: Connection[SSCursor], table: Table, columns: ColumnReader
    ) -> Iterator[Row]:
        """Rows in the order of the server, fetched in chunks of bounded memory."""
        layout, kinds = self._layout(connection, table, columns)
        names = layout.used
        # Tables that `ri-index load` made hold UTC; what others hold, only --timezone can say.
        is_ours = set(kinds) == set(table.names)
        is_utc = [is_ours or kinds[name] == FIELD_TYPE.TIMESTAMP for name in names]
        listed = ", ".join(map(_quoted, names))
        cursor = connection.cursor()
        cursor.execute(f"SELECT {listed} FROM {TABLE_NAMES[table.name]}")  # noqa: S608 - quoted
        while chunk := cursor.fetchmany(CHUNK_ROWS):
            for values in chunk:
                read = (_in_utc(v) if utc else v for v, utc in zip(values, is_utc, strict=True))
                row, is_reply = layout.native(dict(zip(names, read, strict=True)))
                yield Row(row, None, is_reply)
        cursor.close()


def _is_tweet(layout: Layout) -> str:
    """Condition that a row of one table with everything in it answers no other post."""
    answered = layout.columns.get("in_reply_to_tweet_id", ())
    nothing = ", ".join(f"'{word}'" for word in _NOBODY)
    parts = [f"COALESCE(TRIM(CAST({_quoted(n)} AS CHAR)), '') IN ({nothing})" for n in answered]
    return " AND ".join(parts) or "TRUE"


def _has_table(connection: Connection[SSCursor], table: Table) -> bool:
    statement = (
        "SELECT COUNT(*) FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, (TABLE_NAMES[table.name],))
        return bool(cursor.fetchall()[0][0])


def _quoted(name: str) -> str:
    """Name of a column of the table in a statement."""
    return "`{}`".format(name.replace("`", "``"))


def _answer(connection: Connection[SSCursor], statement: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _in_utc(value: object) -> object:
    """DATETIME and TIMESTAMP come without zone; the session's is UTC."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
