"""The campaigns of `make torture` in short, and that they notice what is broken."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ri_assets.environment import PROJECT
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.store.test_candidate import ASSETS
from ri_assets_tests.store.test_cleaning import publish_more
from ri_assets_tests.test_guides import commands, follow
from ri_assets_tests.torture import stores
from ri_assets_tests.torture.__main__ import CAMPAIGNS, main
from ri_assets_tests.torture.inputs import damaged, hostile_rows, pool_of_rows
from ri_assets_tests.torture.kills import Ground, ground
from ri_assets_tests.torture.record import SHORT, Counts, Result, Tally
from ri_assets_tests.torture.scenarios import run_scenarios
from ri_assets_tests.torture.zygote import group_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, small_run: FinishedRun) -> Iterator[Ground]:
    published = small_run.store.with_name("as_published")
    with ground(tmp_path_factory.mktemp("torture"), published) as prepared:
        yield prepared


@pytest.mark.slow
@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_short_campaign_is_survived(name: str, made: Ground) -> None:
    result = CAMPAIGNS[name](made, SHORT)
    assert result.injected > 0
    assert result.holds, result.line


def test_the_last_line_is_one_json_object_of_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With campaigns that do nothing: the real ones are above."""

    def nothing(_ground: Ground, counts: Counts) -> Result:
        tally = Tally("nothing", counts.kill_minutes)
        tally.fault()
        tally.rows(7, 7)
        tally.note("notes", 2)
        return tally.result()

    campaigns: dict[str, Callable[[Ground, Counts], Result]] = dict.fromkeys(CAMPAIGNS, nothing)
    monkeypatch.setattr("ri_assets_tests.torture.__main__.CAMPAIGNS", campaigns)
    monkeypatch.setattr("ri_assets_tests.torture.__main__.ground", _no_ground)
    monkeypatch.setattr(sys, "argv", ["torture", "--only", "kills", "--only", "texts"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("nothing: 1 faults injected, 1 survived; 7 rows in, 7 accounted")
    counted = json.loads(last)
    assert list(counted) == ["kills", "texts"]
    assert {name: counted["kills"][name] for name in ("injected", "rows_in", "bytes_lost")} == {
        "injected": 1, "rows_in": 7, "bytes_lost": 0,
    }  # fmt: skip


class _no_ground:  # noqa: N801 - stands for a function
    def __init__(self, _folder: Path) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def test_a_broken_promise_is_a_fault() -> None:
    tally = Tally("x", 1)
    tally.fault()
    assert tally.result().holds
    tally.rows(2, 1)
    assert not tally.result().holds
    other = Tally("y", 1)
    other.fault("a snapshot is not whole")
    assert (other.result().injected, other.result().survived) == (1, 0)
    assert "FAULT: a snapshot is not whole" in other.result().line


def test_damage_of_a_store_is_seen(tmp_path: Path) -> None:
    candidates = Candidates(Files(str(tmp_path / "store")))
    publish_more(candidates, "run1", "run2")
    store, scratch = tmp_path / "store", tmp_path / "scratch"
    scratch.mkdir()
    assert stores.damage(store) == (0, [])
    assert stores.left_behind(store, scratch) == []
    before = stores.digests(store, ASSETS)
    table = store / "snapshots" / str(current_id(candidates.files)) / "first.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"X")
    lost, [problem] = stores.damage(store)
    assert lost > 1_000
    assert "first.parquet" in problem
    (store / "a.part").touch()
    (scratch / "half").touch()
    assert stores.left_behind(store, scratch) == ["left behind: a.part", "left behind: half"]
    changed = dict.fromkeys(before, "another digest")
    assert len(stores.differing(before, changed)) == len(ASSETS)
    assert stores.differing(before, before) == []


def test_a_process_that_outlives_its_run_is_seen() -> None:
    run = subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True)
    deadline = time.monotonic() + 30
    while len(group_of(run.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    run.kill()  # the main process alone
    run.wait()
    [helper] = group_of(run.pid)
    assert helper != run.pid
    os.killpg(run.pid, signal.SIGKILL)
    while group_of(run.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert group_of(run.pid) == []


@pytest.mark.slow
def test_a_failed_scenario_is_a_fault(tmp_path: Path) -> None:
    tally = Tally("x", 1)
    run_scenarios(tally, tmp_path / "none", ["sources/test_limits.py::test_there_is_none"], "tests")
    assert tally.result().faults
    good = Tally("y", 1)
    run_scenarios(good, tmp_path / "some", ["sources/test_limits.py"], "tests")
    assert good.result().holds
    assert good.facts["tests"] == 6


def test_hostile_rows_and_damaged_files_are_the_same_each_time() -> None:
    one, other = (hostile_rows(pool_of_rows(2), 50, seed=3) for _ in range(2))
    assert one == other
    assert len({str(row) for row in one}) > 40
    draws = [random.Random(1) for _ in range(2)]  # noqa: S311 - not secret
    assert damaged(b"a" * 99, draws[0]) == damaged(b"a" * 99, draws[1])


def test_the_page_names_every_campaign_and_its_command_starts_them() -> None:
    page = (PROJECT / "docs" / "torture.md").read_text(encoding="utf-8")
    [command] = commands(PROJECT / "docs" / "torture.md")
    shown = follow([command.replace("make ", "make -n ")], PROJECT)
    assert "-m ri_assets_tests.torture" in shown
    for name in CAMPAIGNS:
        assert f"| `{name}` |" in page
