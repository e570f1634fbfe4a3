"""`ri-index doctor`: each fault is found and has a remedy, and looking changes nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
)
from dagster._core.test_utils import create_run_for_test

from ri_assets.doctor import machine
from ri_assets.environment import PROJECT
from ri_assets.liveness import PROCESS_TAG, RUN_TAG, ProcessMark
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.small import SMALL_PROFILE, profile_with
from ri_assets_tests.test_zones import HEAVY, loaded_by

HERE = ProcessMark.of_this_process()
ENDED = replace(HERE, started=str(int(HERE.started) - 1))


@pytest.fixture
def home(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert callable(cli)  # sets a home too, so it comes first
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture
def look(
    cli: Cli, synthetic: Published, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], dict[str, Any]]:
    assert home
    monkeypatch.setenv("RI_STORE", str(synthetic.store))
    monkeypatch.setenv("RI_PROFILE", str(SMALL_PROFILE))

    def looked() -> dict[str, Any]:
        outcome = cli("doctor", "--json")
        assert outcome.err == ""
        found: dict[str, Any] = json.loads(outcome.out)
        assert (outcome.code == 0) == found["is_healthy"], outcome.out
        assert outcome.code in {0, 2}
        for one in found["findings"]:
            assert bool(one["remedy"]) == (one["state"] != "ok"), one
        return found

    return looked


Look = Callable[[], dict[str, Any]]


def faults(found: dict[str, Any]) -> list[dict[str, str]]:
    return [one for one in found["findings"] if one["state"] != "ok" and one["part"] != "disk"]


def test_a_sound_installation_is_healthy_and_unchanged(
    look: Look, synthetic: Published, home: Path
) -> None:
    places = [synthetic.store, home]
    before = {p: p.read_bytes() for f in places for p in f.rglob("*") if p.is_file()}
    found = look()
    assert faults(found) == []
    parts = {one["part"] for one in found["findings"]}
    assert parts == {
        "versions", "environment", "dagster", "disk", "profile", "model", "store", "source",
    }  # fmt: skip
    assert {p: p.read_bytes() for f in places for p in f.rglob("*") if p.is_file()} == before


def test_it_reads_aloud(cli: Cli, look: Look, synthetic: Published) -> None:
    assert callable(look)
    (synthetic.folder / "clusters.parquet").unlink()
    outcome = cli("doctor")
    assert outcome.code == 2
    lines = outcome.out.splitlines()
    [place] = [n for n, line in enumerate(lines) if line.startswith("problem  store")]
    assert "lacks clusters.parquet" in lines[place]
    assert lines[place + 1].strip() == "restore it from a backup, or run ri-index run"
    assert lines[-1].startswith("1 problem")


def without_yaml(home: Path, _: Published, __: pytest.MonkeyPatch) -> None:
    (home / "dagster.yaml").unlink()


def with_telemetry(home: Path, _: Published, __: pytest.MonkeyPatch) -> None:
    (home / "dagster.yaml").write_text("telemetry: {enabled: true}\n")


def silent_on_telemetry(home: Path, _: Published, __: pytest.MonkeyPatch) -> None:
    (home / "dagster.yaml").write_text("concurrency: {runs: {max_concurrent_runs: 1}}\n")


def broken_yaml(home: Path, _: Published, __: pytest.MonkeyPatch) -> None:
    (home / "dagster.yaml").write_text("a: [")


def no_home(_: Path, __: Published, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("DAGSTER_HOME", "/nowhere")


def newer_format(_: Path, published: Published, __: pytest.MonkeyPatch) -> None:
    (published.store / "format.json").write_text('{"format": 99}')


def damaged_pointer(_: Path, published: Published, __: pytest.MonkeyPatch) -> None:
    (published.store / "published.json").write_text("{")


def variable(name: str, value: str) -> Callable[[Path, Published, pytest.MonkeyPatch], None]:
    return lambda _, __, patch: patch.setenv(name, value)


def other_weights(home: Path, _: Published, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("RI_PROFILE", str(profile_with(home.parent, embed={"sha256": "0" * 64})))


@pytest.mark.parametrize(
    ("fault", "part", "found"),
    [
        (without_yaml, "dagster", "has no dagster.yaml"),
        (with_telemetry, "dagster", "leaves telemetry on"),
        (silent_on_telemetry, "dagster", "leaves telemetry on"),
        (broken_yaml, "dagster", "is no YAML"),
        (no_home, "dagster", "not the full path of a folder"),
        (newer_format, "store", "has format 99"),
        (damaged_pointer, "store", "published.json is damaged"),
        (variable("RI_KEEP_SNAPSHOTS", "x"), "environment", "RI_KEEP_SNAPSHOTS is 'x'"),
        (variable("RI_SOURCE", "/nowhere.csv"), "source", "/nowhere.csv"),
        (
            variable("RI_SOURCE", "mysql://u:p4Canary@127.0.0.1:1/ri?connect_timeout=1"),
            "source",
            "127.0.0.1:1/ri",
        ),
        (variable("RI_PROFILE", "nothing"), "profile", "nothing"),
        (other_weights, "model", "have sha256"),
    ],
)
def test_a_fault_is_named(
    look: Look, home: Path, synthetic: Published, monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[Path, Published, pytest.MonkeyPatch], None], part: str, found: str,
) -> None:  # fmt: skip
    fault(home, synthetic, monkeypatch)
    [one] = faults(look())
    assert (one["part"], one["state"]) == (part, "problem")
    assert found in one["found"]
    assert "p4Canary" not in str(one)


def test_the_remedy_mends_it(look: Look, home: Path) -> None:
    (home / "dagster.yaml").unlink()
    [one] = faults(look())
    command = one["remedy"].removeprefix("run ")
    subprocess.run(command.split(), check=True)
    assert faults(look()) == []


def test_dead_runs_and_a_missing_daemon_are_warnings(look: Look, home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = create_run_for_test(instance, job_name="tiny", status=DagsterRunStatus.STARTED)
        instance.add_run_tags(run.run_id, {RUN_TAG: run.run_id, PROCESS_TAG: ENDED.as_text()})
        location = RegisteredCodeLocationOrigin("ri_assets")
        repository = RemoteRepositoryOrigin(location, "__repository__")
        origin = RemoteInstigatorOrigin(repository, "weekly_personas")
        instance.add_instigator_state(
            InstigatorState(
                origin,
                InstigatorType.SCHEDULE,
                InstigatorStatus.RUNNING,
                ScheduleInstigatorData("0 4 * * 1"),
            )
        )
    found = faults(look())
    assert [(one["part"], one["state"]) for one in found] == [("dagster", "warning")] * 2
    assert run.run_id in found[0]["found"]
    assert "weekly_personas never start a run" in found[1]["found"]


def test_a_package_of_another_version_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ri_assets.doctor.machine.version",
        lambda name: "1.0" if name == "pandas" else version(name),
    )
    [one] = machine.versions()
    assert one.state == "problem"
    assert one.found.startswith("pandas is 1.0, needed is ")
    assert "pip install -c constraints.txt -e ." in one.remedy


@pytest.mark.parametrize(
    ("free", "state"), [(10**10, "ok"), (5 * 10**8, "warning"), (10**7, "problem")]
)
def test_little_space_is_told(
    free: int, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))
    found = list(machine.disks(str(tmp_path / "not" / "yet"), tmp_path))
    assert {one.state for one in found} == {state}
    assert len(found) == 3


def test_it_loads_nothing_that_takes_seconds() -> None:
    assert not loaded_by("ri_assets.doctor.machine", "ri_assets.doctor.dagster_records") & {*HEAVY}
