"""MySQL and MariaDB as a source.

Connections and their errors are in `mysql_session`, digests of rows in `mysql_buckets`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pymysql
from pymysql.connections import Connection
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import Table
from ri_assets.sources.base import Corpus, SourceOptions, SourceState, require_tweets
from ri_assets.sources.columns import ColumnReader, Layout
from ri_assets.sources.forgotten import is_forgotten
from ri_assets.sources.gatherer import PostGatherer
from ri_assets.sources.kept_rows import (
    SCHEMA,
    checked_rows,
    kept_form,
    numbers_of,
    of_buckets,
    without_people,
)
from ri_assets.sources.left_out import limited_corpus
from ri_assets.sources.mysql_buckets import bucket_size, buckets, keyed_table, numbered, rows_of
from ri_assets.sources.mysql_session import connected, explained, retrying
from ri_assets.sources.mysql_statements import answer, fetched, quoted
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets.sources.reading import Reading, unreadable_columns
from ri_assets.sources.rows import Row
from ri_assets.store.source_copy import SourceCopy

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
            newest = f"MAX({quoted(key)})"
            if kinds[key] not in _INTEGERS:  # as texts, 9 would come after 10
                newest = f"MAX(CAST(TRIM(LEADING 'x' FROM {quoted(key)}) AS UNSIGNED))"
            statement = f"SELECT COUNT(*), {newest} FROM tweets WHERE {condition}"  # noqa: S608
            [(n_tweets, newest_id)] = answer(connection, statement)
        return SourceState(int(n_tweets), None if newest_id is None else int(newest_id))

    def _read_once(self) -> Corpus:
        gatherer, columns = PostGatherer(self.options), ColumnReader(self.options.column_map)
        copy = self.options.copy
        before = None if copy is None else copy.read(SCHEMA)
        now = [SCHEMA.empty_table()]
        with connected(self.target) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            for table in (TWEETS, REPLIES):
                if table is REPLIES and not _has_table(connection, REPLIES):
                    continue
                reader = self._reader(connection, table, columns)
                kept = None
                if copy is not None and before is not None:
                    kept = self._by_buckets(connection, reader, copy, before)
                if kept is None:
                    rows = fetched(connection, reader.statement)
                    gatherer.add(map(reader.row, rows), replies_only=reader.is_of_replies)
                else:
                    gatherer.join(*checked_rows(kept))
                    now.append(kept)
        columns.require_map(self.name)
        tweets, replies = gatherer.finish()
        if copy is not None and before is not None:
            self._keep(copy, before, pa.concat_tables(now), (tweets.frame, replies.frame))
        reading = Reading(
            columns.columns,
            columns.ignored,
            unreadable_columns(tweets.filled, replies.filled),
            gatherer.notes,
        )
        return replace(limited_corpus(tweets, replies, self.options), reading=reading)

    def _by_buckets(
        self,
        connection: Connection[SSCursor],
        reader: _RowReader,
        copy: SourceCopy,
        before: pa.Table,
    ) -> pa.Table | None:
        """Fetch the buckets that changed, take the others from `before`; None if that fails."""
        options = self.options
        table = keyed_table(connection, reader.table, reader.names)
        if isinstance(table, str) or copy.off_because:
            why = table if isinstance(table, str) else copy.off_because
            copy.notes.append(f"table {reader.table} was read whole: {why}")
            return None
        parsed_with = [options.timezone, options.fix_mojibake, dict(options.column_map)]
        origin = numbered(self.name, asdict(table), parsed_with, dict(copy.made_by))
        mine = before.filter(pc.equal(before["origin"], origin))
        try:
            size = bucket_size(connection, table, pc.max(mine["size"]).as_py())
            found = buckets(connection, table, size, origin)
        except pymysql.MySQLError as error:
            copy.off_because = f"the server computed no digests (error {error.args[0]})"
            if not connection.open:
                raise  # and tried again, whole
            return self._by_buckets(connection, reader, copy, before)
        known = numbers_of(mine)
        changed = [bucket for bucket in found if bucket.number not in known]
        checked = []
        for bucket, rows in rows_of(connection, table, changed):
            gatherer = PostGatherer(options)
            gatherer.add(map(reader.row, rows), replies_only=reader.is_of_replies)
            checked.append((bucket.number, *gatherer.checked()))
        n_fetched, n_rows = (sum(one.n_rows for one in some) for some in (changed, found))
        copy.notes.append(f"table {reader.table}: {n_fetched:,} of {n_rows:,} rows were fetched")
        unchanged = of_buckets(mine, (bucket.number for bucket in found))
        return pa.concat_tables([unchanged, kept_form(checked, origin, size)])

    def _keep(
        self,
        copy: SourceCopy,
        before: pa.Table,
        now: pa.Table,
        frames: tuple[pd.DataFrame, pd.DataFrame],
    ) -> None:
        """Write the copy if it changed, without anything of people who asked to be forgotten."""
        if (listed := self.options.forgotten) is not None:
            theirs = (posts.loc[is_forgotten(posts, listed), "tweet_id"] for posts in frames)
            ids = {int(one) for column in theirs for one in column}
            now = without_people(now, listed.with_people((), (), ids))
        if numbers_of(now) == numbers_of(before):
            copy.mark_used()
        else:
            copy.write(now)

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

    def _reader(
        self, connection: Connection[SSCursor], table: Table, columns: ColumnReader
    ) -> _RowReader:
        layout, kinds = self._layout(connection, table, columns)
        # Tables that `ri-index load` created contain UTC; for others, only --timezone can tell.
        is_ours = set(kinds) == set(table.names)
        is_utc = [is_ours or kinds[name] == FIELD_TYPE.TIMESTAMP for name in layout.used]
        return _RowReader(TABLE_NAMES[table.name], layout, is_utc, table is REPLIES)


@dataclass(frozen=True)
class _RowReader:
    """How the rows of one table are read."""

    table: str
    layout: Layout
    is_utc: list[bool]
    is_of_replies: bool

    @cached_property
    def names(self) -> list[str]:
        """Columns to select."""
        return self.layout.used

    @property
    def statement(self) -> str:
        """Statement that selects all rows."""
        return f"SELECT {', '.join(map(quoted, self.names))} FROM {self.table}"  # noqa: S608 - quoted

    def row(self, values: Sequence[object]) -> Row:
        """Name the values; more than there are columns are ignored."""
        read = (_in_utc(v) if utc else v for v, utc in zip(values, self.is_utc, strict=False))
        row, is_reply = self.layout.native(dict(zip(self.names, read, strict=True)))
        return Row(row, None, is_reply)


def _is_tweet(layout: Layout) -> str:
    """Build the SQL condition that a row does not answer another post."""
    answered = layout.columns.get("in_reply_to_tweet_id", ())
    nothing = ", ".join(f"'{word}'" for word in _NOBODY)
    parts = [f"COALESCE(TRIM(CAST({quoted(n)} AS CHAR)), '') IN ({nothing})" for n in answered]
    return " AND ".join(parts) or "TRUE"


def _has_table(connection: Connection[SSCursor], table: Table) -> bool:
    statement = (
        "SELECT COUNT(*) FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = %s"
    )
    return bool(answer(connection, statement, TABLE_NAMES[table.name])[0][0])


def _in_utc(value: object) -> object:
    """Add UTC, the zone of the session, to DATETIME and TIMESTAMP."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
