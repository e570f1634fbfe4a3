"""Existing tests as faults of a campaign: run in a process of their own, counted, rows included.

Belongs here: running chosen tests and counting. Does not belong here: what the tests do.
Used as a plugin of pytest, this module writes the counts to the file that `COUNTS` names.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ri_assets.environment import PROJECT
from ri_assets.sources.base import Corpus
from ri_assets.sources.files import FileSource
from ri_assets.sources.mysql import MySQLSource

if TYPE_CHECKING:
    import pytest

    from ri_assets_tests.torture.record import Tally

COUNTS = "TORTURE_COUNTS"
LEAST_SECONDS = 45.0
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
    said = folder / "said.log"
    with said.open("w") as log:
        process = subprocess.Popen(
            [*command, *(f"ri_assets_tests/{test}" for test in tests)],
            cwd=PROJECT,
            env={**os.environ, COUNTS: str(place)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        process.wait(max(LEAST_SECONDS, tally.seconds_left))
    except subprocess.TimeoutExpired:
        tally.note(f"{what}: not all of them, for want of time", 1)
        process.send_signal(signal.SIGINT)  # pytest ends its servers and removes its folders
        with suppress(subprocess.TimeoutExpired):
            process.wait(LEAST_SECONDS)
    finally:
        with suppress(ProcessLookupError):  # nothing is left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if not place.exists():
        tally.fault(f"pytest did not run: {said.read_text()[-500:]}")
        return
    found = json.loads(place.read_text(encoding="utf-8"))
    for _ in range(found["passed"]):
        tally.fault()
    for name in found["names"]:
        tally.fault(f"{name} failed: {said.read_text()[-1500:]}")
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
    # The classes are ours, and this process only counts.
    FileSource.read = _counted(FileSource.read)  # type: ignore[method-assign, assignment]
    MySQLSource.read = _counted(MySQLSource.read)  # type: ignore[method-assign, assignment]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count one test."""
    if report.failed:
        _found["failed"] += 1
        _failed.append(report.nodeid)
    elif report.skipped:
        _found["skipped"] += 1
    elif report.when == "call":
        _found["passed"] += 1

    if report.when == "teardown" and COUNTS in os.environ:
        _write(Path(os.environ[COUNTS]))


def _write(place: Path) -> None:
    """Write the counts whole: the process may be ended for want of time."""
    part = place.with_suffix(".part")
    part.write_text(json.dumps({**_found, "names": _failed}), encoding="utf-8")
    part.replace(place)


def _counted(read: Callable[[Any], Corpus]) -> Callable[[Any], Corpus]:
    """Let a source's `read` count its rows."""

    def counting(source: Any) -> Corpus:
        corpus = read(source)
        n_in, n_accounted = accounted(corpus)
        _found["rows_in"] += n_in
        _found["rows_accounted"] += n_accounted
        return corpus

    return counting
