"""The project as `dg`, Dagster's own command line, sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ri_assets.environment import PROJECT
from ri_assets_tests.command_line import environment
from ri_assets_tests.test_definitions import NAMES
from ri_assets_tests.test_offline import attempts, guarded

__all__ = ["attempts"]
pytestmark = pytest.mark.slow


def dg(home: Path, attempts: Path, *arguments: str) -> str:
    """Output of a command of `dg` in the project, which must succeed and stay offline."""
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("dg")), *arguments],
        cwd=PROJECT,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
        env={**environment(home), **guarded(attempts), "COLUMNS": str(os.sysconf("SC_PAGESIZE"))},
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "superseded" not in ended.stderr
    assert not attempts.read_text(encoding="utf-8")
    assert not (home / "logs").exists()  # where Dagster gathers its telemetry
    return ended.stdout


def test_the_definitions_pass_its_check(dagster_home: Path, attempts: Path) -> None:
    told = dg(dagster_home, attempts, "check", "defs", "--use-active-venv")
    assert "All definitions loaded successfully" in told


def test_it_lists_everything(dagster_home: Path, attempts: Path) -> None:
    told = dg(dagster_home, attempts, "list", "defs", "--json")
    found = json.loads(told[told.index("{") :])
    assert {asset["asset_key"] for asset in found["assets"]} == NAMES
    assert {job["name"] for job in found["jobs"]} >= {"ri_personas", "freeze", "clean"}
    assert {one["name"] for one in found["sensors"]} == {"new_tweets", "dead_runs", "alerts"}
    assert {one["name"] for one in found["schedules"]} == {"weekly_personas", "weekly_clean"}
    assert len(found["asset_checks"]) > len(NAMES)
