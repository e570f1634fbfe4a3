"""MySQL and MariaDB as a source, and `ri-index load`, which fills the tables.

Connections and their errors are in `mysql_session`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pymysql
from pymysql.connections import Connection
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import Table
from ri_assets.sources.base import Corpus, SourceOptions, SourceState, reason_counts, require_tweets
from ri_assets.sources.columns import ColumnReader, Layout
from ri_assets.sources.files import gather_files, local_paths
from ri_assets.sources.left_out import limited_corpus
from ri_assets.sources.mysql_session import connected, explained, retrying
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets.sources.reading import Reading, unreadable_columns
from ri_assets.sources.rows import CHUNK_ROWS, PostGatherer, Row, records_of

TABLE_NAMES = {TWEETS.name: "tweets", REPLIES.name: "replies"}

_INTEGERS = {
    FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG,
}  # fmt: skip
_NOBODY = ("", "0", "-1", "NULL", "null", "NA", "None", "nan", "NaN")


@dataclass(frozen=True)
class MySQLSource:
    """Posts in a database.

    Tweets and replies are read in one transaction, so they are consistent. A single table
    `tweets` with everything works too: rows that answer another post are replies, and the table
    `replies` may be missing.

    TIMESTAMP is UTC, and so is DATETIME in tables that `ri-index load` created. In other tables,
    DATETIME has no zone.

    Parameters
    ----------
    target
        The database.
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
        """Read and check both tables in one transaction; see `Source.read`.

        If the connection is lost, the whole read starts over, at most twice.
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
        """Map the columns of a table, and return MySQL's type of each."""
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
        """Fetch rows in chunks, in the order of the server."""
        layout, kinds = self._layout(connection, table, columns)
        names = layout.used
        # Tables that `ri-index load` created contain UTC; for others, only --timezone can tell.
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
    """Build the SQL condition that a row does not answer another post."""
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
    """Quote a column's name for a statement."""
    return "`{}`".format(name.replace("`", "``"))


def _answer(connection: Connection[SSCursor], statement: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _in_utc(value: object) -> object:
    """Add UTC, the zone of the session, to DATETIME and TIMESTAMP."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


BATCH_ROWS = 1_000
SCHEMA_PATH = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True, eq=False)
class LoadResult:
    """Result of a load.

    Parameters
    ----------
    n_tweets, n_replies
        Rows stored, new or replaced.
    rejected_tweets, rejected_replies
        Frames of the contract `REJECTED`.
    reading
        How the columns were understood.
    """

    n_tweets: int
    n_replies: int
    rejected_tweets: pd.DataFrame
    rejected_replies: pd.DataFrame
    reading: Reading

    @property
    def n_rejected(self) -> int:
        """Number of rejected rows."""
        return len(self.rejected_tweets) + len(self.rejected_replies)

    @property
    def reasons(self) -> dict[str, int]:
        """Rejected rows by reason, in alphabetical order."""
        return reason_counts(pd.concat([self.rejected_tweets, self.rejected_replies]))


def load(
    spec_from: list[str],
    to: str,
    progress: Callable[[int, int], None],
    options: SourceOptions | None = None,
) -> LoadResult:
    """Store posts from files in MySQL; running it again changes nothing.

    Missing tables are created. A post with an existing id is replaced. Every batch is its own
    transaction, so an interrupted load leaves whole batches and can be repeated.

    Parameters
    ----------
    spec_from
        Files of tweets or replies, folders of them, patterns, or `sample`. A row that answers
        another post is a reply, and so is every row of `replies.*`.
    to
        `mysql://…`, as `MySQLTarget.from_url` reads it.
    progress
        Called after each batch with the rows stored so far and the rows to store.
    options
        How to read the files; nothing is left out.

    Raises
    ------
    SourceError
        A file or the database cannot be reached, read or written.
    """
    target = MySQLTarget.from_url(to)
    paths = [path for spec in spec_from for path in local_paths(spec)]
    tweets, replies, reading = gather_files(paths, options or SourceOptions(), ", ".join(spec_from))
    try:
        retrying()(_create_tables, target)
        with connected(target) as connection:
            n_rows, n_stored = len(tweets.frame) + len(replies.frame), 0
            for table, frame in ((TWEETS, tweets.frame), (REPLIES, replies.frame)):
                for start in range(0, len(frame), BATCH_ROWS):
                    batch = frame.iloc[start : start + BATCH_ROWS]
                    _store(connection, table, batch)
                    n_stored += len(batch)
                    progress(n_stored, n_rows)
    except pymysql.MySQLError as error:
        raise explained(error, target) from error
    return LoadResult(
        len(tweets.frame), len(replies.frame), tweets.rejected, replies.rejected, reading
    )


def _create_tables(target: MySQLTarget) -> None:
    statements = SCHEMA_PATH.read_text(encoding="utf-8").split(";\n")
    with connected(target) as connection, connection.cursor() as cursor:
        for statement in filter(str.strip, statements):
            cursor.execute(statement)


def _store(connection: Connection[SSCursor], table: Table, batch: pd.DataFrame) -> None:
    records = records_of(batch, table)
    with connection.cursor() as cursor:
        cursor.executemany(_upsert(table), [tuple(record.values()) for record in records])
    connection.commit()


def _upsert(table: Table) -> str:
    """Build the statement from constants. MariaDB supports only VALUES() for this."""
    columns = ", ".join(f"`{name}`" for name in table.names)
    marks = ", ".join(["%s"] * len(table.names))
    updates = ", ".join(f"`{name}` = VALUES(`{name}`)" for name in table.names)
    name = TABLE_NAMES[table.name]
    return f"INSERT INTO {name} ({columns}) VALUES ({marks}) ON DUPLICATE KEY UPDATE {updates}"  # noqa: S608
