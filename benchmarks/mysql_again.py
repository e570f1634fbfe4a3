"""What reading MySQL again costs: everything, or only what changed since an earlier read.

It needs an empty database, fills its tables with generated posts, and changes them before each
turn: 1% new rows, and 0.1% edited at random places. In each turn, everything is read once, and
the changes once. The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pymysql.connections import Connection
from pymysql.cursors import SSCursor

from benchmarks.generated import write_corpus
from benchmarks.reading import run_or_explain
from ri_assets.records.posts import TWEETS
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.mysql_buckets import buckets, keyed_table
from ri_assets.sources.mysql_load import load
from ri_assets.sources.mysql_session import connected
from ri_assets.sources.mysql_statements import answer
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets.sources.opening import open_source
from ri_assets.store.files import Files
from ri_assets.store.source_copy import FOLDER, SourceCopy

SIZES = (20_000, 100_000)
_NEW, _EDITED = 0.01, 0.001


@dataclass(frozen=True)
class Cost:
    """Cost of reading one table; all but `digests` in seconds of the client's processor time.

    Parameters
    ----------
    rows
        Of the table, before the first turn.
    first
        The read that makes the copy.
    whole, changes
        Medians over the turns.
    nothing
        A read when nothing changed.
    digests
        Seconds on the clock in which the server computes all digests.
    fetched
        Share of the rows that is fetched when the changes are read; median.
    megabytes
        Size of the copy.
    """

    rows: int
    first: float
    whole: float
    changes: float
    nothing: float
    digests: float
    fetched: float
    megabytes: float


def measure(url: str, n_rows: int, turns: int) -> Cost:
    """Fill the database, and measure.

    Parameters
    ----------
    url
        Of an empty database.
    n_rows
        Tweets to begin with.
    """
    rng = np.random.default_rng(n_rows)
    with tempfile.TemporaryDirectory() as folder, connected(MySQLTarget.from_url(url)) as server:
        source = Path(write_corpus(Path(folder), n_rows, 0))
        load([str(next(source.glob("tweets.*")))], url, lambda *_: None)
        copy = SourceCopy(Files(f"{folder}/store"), {})
        first, _ = _seconds(url, copy)
        size = sum(file.stat().st_size for file in Path(folder, "store", FOLDER).iterdir())
        seen = []
        for turn in range(turns):
            _change(server, turn, n_rows, rng)
            seen.append((_seconds(url, None)[0], *_seconds(url, copy)))
        whole, changes, fetched = np.median(np.array(seen), axis=0)
        nothing, _ = _seconds(url, copy)
        return Cost(
            n_rows, first, whole, changes, nothing, _digests(server), fetched / n_rows, size / 1e6
        )


def _seconds(url: str, copy: SourceCopy | None) -> tuple[float, int]:
    """Read; give the processor time, and the number of rows fetched by key."""
    start = time.process_time()
    open_source(url, SourceOptions(keep_all=True, copy=copy)).read()
    seconds = time.process_time() - start
    said = [] if copy is None else copy.notes[0].split()
    return seconds, int(said[2].replace(",", "")) if said else 0


def _change(server: Connection[SSCursor], turn: int, n_rows: int, rng: np.random.Generator) -> None:
    ids = [row[0] for row in answer(server, "SELECT tweet_id FROM tweets ORDER BY tweet_id")]
    edited = ", ".join(map(str, rng.choice(ids, int(n_rows * _EDITED), replace=False)))
    others = ", ".join(f"`{name}`" for name in TWEETS.names if name != "tweet_id")
    with server.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO tweets (tweet_id, {others}) SELECT tweet_id + {ids[-1] - ids[0] + 1}, "  # noqa: S608
            f"{others} FROM tweets ORDER BY tweet_id LIMIT {int(n_rows * _NEW)}"
        )
        cursor.execute(
            f"UPDATE tweets SET like_count = {1_000_000 + turn} WHERE tweet_id IN ({edited})"  # noqa: S608
        )
    server.commit()


def _digests(server: Connection[SSCursor]) -> float:
    table = keyed_table(server, "tweets", TWEETS.names)
    assert not isinstance(table, str)  # noqa: S101 - `ri-index load` made it
    start = time.perf_counter()
    buckets(server, table, 1_000, 0)
    return time.perf_counter() - start


def main() -> None:
    """Measure every size, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="mysql://… of an empty database")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    costs = []
    for n_rows in given.sizes:
        with connected(MySQLTarget.from_url(given.url)) as server, server.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS tweets, replies")
        costs.append(measure(given.url, n_rows, given.turns))
        print(*(f"{name} {value:,.3g}" for name, value in asdict(costs[-1]).items()), sep=", ")
    print(json.dumps([asdict(cost) for cost in costs]))


if __name__ == "__main__":
    run_or_explain(main)
