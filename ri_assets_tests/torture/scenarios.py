"""Existing tests as faults of a campaign: run in a process of their own, counted, rows included.

Belongs here: running chosen tests and counting. Does not belong here: what the tests do.
Used as a plugin of pytest, this module writes the counts to the file that `COUNTS` names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ri_assets.environment import PROJECT
from ri_assets.sources.base import Corpus
from ri_assets.sources.files import FileSource
from ri_assets.sources.mysql import MySQLSource

if TYPE_CHECKING:
    import pytest

    from ri_assets_tests.torture.record import Tally

COUNTS = "TORTURE_COUNTS"
_found = {"passed": 0, "failed": 0, "skipped": 0, "rows_in": 0, "rows_accounted": 0}
_failed: list[str] = []


def run_scenarios(tally: Tally, folder: Path, tests: Sequence[str], what: str) -> None:
    """Run tests and count each as a fault; one that passes was survived.

    Parameters
    ----------
    tests
        Names below `ri_assets_tests`, as ``sources/test_mysql.py::test_wrong_password``.
    what
        Name of the fact that tells their number.
    """
    folder.mkdir(parents=True)
    place = folder / "counts.json"
    command = [sys.executable, "-m", "pytest", "-q", f"--basetemp={folder / 'pytest'}"]
    command += ["-p", "no:cacheprovider", "-p", "ri_assets_tests.torture.scenarios"]
    ended = subprocess.run(
        [*command, *(f"ri_assets_tests/{test}" for test in tests)],
        cwd=PROJECT,
        env={**os.environ, COUNTS: str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    if not place.exists():
        tally.fault(f"pytest did not run: {(ended.stdout + ended.stderr)[-500:]}")
        return
    found = json.loads(place.read_text(encoding="utf-8"))
    for _ in range(found["passed"]):
        tally.fault()
    for name in found["names"]:
        tally.fault(f"{name} failed: {ended.stdout[-1500:]}")
    tally.rows(found["rows_in"], found["rows_accounted"])
    tally.note(what, found["passed"] + found["failed"])
    if found["skipped"]:
        tally.note(f"{what}, skipped because a program or a right is missing", found["skipped"])


def accounted(corpus: Corpus) -> tuple[int, int]:
    """Count the rows of a source, and those that its corpus holds somewhere."""
    found = len(corpus.tweets) + len(corpus.rejected_tweets) + corpus.n_left_out
    found += len(corpus.replies) + len(corpus.rejected_replies) + corpus.left_out_replies
    found += corpus.n_forgotten_tweets + corpus.n_forgotten_replies
    return corpus.n_raw_tweets + corpus.n_raw_replies, found


def pytest_configure() -> None:
    """Count the rows of every source that the tests read."""
    if COUNTS not in os.environ:
        return
    for kind in (FileSource, MySQLSource):
        kind.read = _counted(kind.read)  # type: ignore[method-assign]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count one test."""
    if report.failed:
        _found["failed"] += 1
        _failed.append(report.nodeid)
    elif report.skipped:
        _found["skipped"] += 1
    elif report.when == "call":
        _found["passed"] += 1


def pytest_sessionfinish() -> None:
    """Write the counts."""
    if COUNTS in os.environ:
        Path(os.environ[COUNTS]).write_text(
            json.dumps({**_found, "names": _failed}), encoding="utf-8"
        )


def _counted(read):  # type: ignore[no-untyped-def]
    def counting(source: FileSource | MySQLSource) -> Corpus:
        corpus: Corpus = read(source)
        n_in, n_accounted = accounted(corpus)
        _found["rows_in"] += n_in
        _found["rows_accounted"] += n_accounted
        return corpus

    return counting
