"""`ri-index load`: posts from files into the tables that the MySQL source reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pymysql
from pymysql.connections import Connection
from pymysql.cursors import SSCursor

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import Table
from ri_assets.sources.base import SourceOptions, reason_counts
from ri_assets.sources.files import gather_files, local_paths
from ri_assets.sources.mysql import TABLE_NAMES
from ri_assets.sources.mysql_session import connected, explained, retrying
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets.sources.reading import Reading
from ri_assets.sources.rows import records_of

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
