"""MySQL as it is in life: the tests of the sources, counted, and many rows in bounded memory."""

from __future__ import annotations

from pathlib import Path

from ri_assets_tests.mariadb import MariaDB, missing_programs, running_mariadb
from ri_assets_tests.torture.memory import read_alone
from ri_assets_tests.torture.record import Counts, Result, Tally
from ri_assets_tests.torture.scenarios import run_scenarios

# The slow tests run all of these anyway.
SHORT = ("sources/test_mysql_life.py::test_the_right_to_select_is_enough",)
SCENARIOS = (
    "sources/test_mysql_life.py",
    "sources/test_mysql.py",
    "sources/test_mysql_failures.py",
    "sources/test_mysql_foreign.py",
    "sources/test_mojibake.py",
    "sources/test_load.py",
    "sources/test_credentials.py",
)
BYTES_A_ROW = 3_000
"""Most memory that one row of the table below may take; the row itself has about 300 bytes."""
FIXED_BYTES = 100_000_000
ROWS = """
    CREATE TABLE tweets (tweet_id BIGINT PRIMARY KEY, text TEXT, author_id BIGINT,
                         author_handle TEXT, created_at TIMESTAMP(6) NULL, like_count INT)
    SELECT seq AS tweet_id, CONCAT('order ', seq, REPEAT(' is late again', 15)) AS text,
           seq % 5000 AS author_id, CONCAT('user_', seq % 5000) AS author_handle,
           '2018-06-09 17:55:28' AS created_at, seq % 7 AS like_count
    FROM seq_1_to_{n}"""


def databases(folder: Path, counts: Counts) -> Result:
    """Run every scenario of the sources' tests, and read many rows."""
    tally = Tally("MySQL", counts.mysql_minutes)
    if missing := missing_programs():
        tally.note("not run, because these programs are missing", ", ".join(missing))
        return tally.result()
    with running_mariadb() as server:
        _many_rows(tally, server, counts.mysql_rows)
    tests = SCENARIOS if counts.is_whole else SHORT
    run_scenarios(tally, folder / "mysql", tests, "scenarios with a MariaDB server")
    return tally.result()


def _many_rows(tally: Tally, server: MariaDB, n_rows: int) -> None:
    database = server.fresh_database()
    server.execute(ROWS.format(n=n_rows), database)
    read = read_alone(server.url(database))
    tally.rows(n_rows, read.rows_accounted)
    tally.note(f"peak memory for {n_rows:,} rows", f"{read.peak_bytes / 2**20:,.0f} MiB")
    tally.note("of it for the read", f"{read.grown_bytes / 2**20:,.0f} MiB")
    is_bounded = read.grown_bytes < FIXED_BYTES + n_rows * BYTES_A_ROW
    tally.fault(*([] if is_bounded else [f"{n_rows} rows took {read.grown_bytes} bytes"]))
