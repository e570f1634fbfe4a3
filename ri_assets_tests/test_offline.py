"""A run reaches nothing but its source and its store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ri_assets_tests.command_line import environment, ri_index
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder

GUARD = Path(__file__).with_name("offline_guard")


@pytest.fixture
def attempts(tmp_path: Path) -> Path:
    path = tmp_path / "attempts.log"
    path.touch()
    return path


def guarded(attempts: Path) -> dict[str, str]:
    paths = [str(GUARD), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), "RI_TEST_ATTEMPTS": str(attempts)}


WAYS_OUT = (
    "urllib.request.urlopen('http://192.0.2.1/', timeout=1)",
    "socket.create_connection(('example.org', 80), timeout=1)",
    "socket.socket().connect_ex(('192.0.2.1', 80))",
    "socket.gethostbyname('example.org')",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
    (
        "multiprocessing.get_context('spawn')"
        ".Process(target=socket.gethostbyname, args=['example.org']).start()"
    ),
)


@pytest.mark.parametrize("attempt", WAYS_OUT)
def test_the_guard_sees_every_way_out(attempt: str, attempts: Path, dagster_home: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", f"import multiprocessing, socket, urllib.request; {attempt}"],
        capture_output=True,
        check=False,
        env={**environment(dagster_home), **guarded(attempts)},
        timeout=120,
    )
    assert attempts.read_text()


@pytest.mark.slow
def test_a_run_opens_no_connection(attempts: Path, dagster_home: Path, tmp_path: Path) -> None:
    """Model, Presidio and Dagster included: the store is fresh, so that everything is loaded."""
    tweets = small_tweets()
    source = write_folder(tmp_path / "source", tweets, replies_to(tweets))
    store = tmp_path / "store"
    outcome = ri_index(
        "run",
        "--source",
        source,
        "--store",
        store,
        "--profile",
        SMALL_PROFILE,
        home=dagster_home,
        env=guarded(attempts),
    )
    assert outcome.code == 0, outcome.text
    assert list((store / "cache").rglob("*.parquet")), "the model was used"
    assert attempts.read_text() == ""
