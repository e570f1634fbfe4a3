"""Runs whose process died: told from living ones, closed, and what waited for them starts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from ri_assets.definitions import JOB, build_defs
from ri_assets.environment import PROJECT
from ri_assets.liveness import (
    HEARTBEAT_TAG,
    PROCESS_TAG,
    RUN_TAG,
    SILENT_FOR,
    ProcessMark,
    close_dead_runs,
    heartbeat,
    run_marks,
)
from ri_assets.resources.settings import SourceResource
from ri_assets_tests.command_line import environment
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder

WAIT_SECONDS = 120
NOW = datetime(2026, 1, 5, 4, tzinfo=UTC)
HERE = ProcessMark.of_this_process()
ENDED = replace(HERE, started=str(int(HERE.started) - 1))
ELSEWHERE = replace(HERE, host="another")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def started(
    instance: dg.DagsterInstance, mark: ProcessMark, silent_for: timedelta = timedelta()
) -> str:
    """Record a started run that a process executes; give its id."""
    run = create_run_for_test(instance, job_name=JOB, status=DagsterRunStatus.STARTED)
    tags = {RUN_TAG: run.run_id, PROCESS_TAG: mark.as_text()}
    seen = (NOW - silent_for).isoformat()
    instance.add_run_tags(run.run_id, {**tags, HEARTBEAT_TAG: seen})
    return str(run.run_id)


def status(instance: dg.DagsterInstance, run_id: str) -> DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_run_whose_process_ended_is_closed_and_says_so(instance: dg.DagsterInstance) -> None:
    run_id = started(instance, ENDED)
    assert close_dead_runs(instance, NOW) == [run_id]
    assert status(instance, run_id) is DagsterRunStatus.FAILURE
    [said] = [entry.message for entry in instance.all_logs(run_id) if entry.message]
    assert f"Process {ENDED.pid} on {ENDED.host}" in said
    assert "Start it again" in said
    assert close_dead_runs(instance, NOW) == []


def test_a_run_whose_process_lives_stays_however_long_it_was_silent(
    instance: dg.DagsterInstance,
) -> None:
    run_id = started(instance, HERE, silent_for=timedelta(days=3))  # a laptop that slept
    assert close_dead_runs(instance, NOW) == []
    assert status(instance, run_id) is DagsterRunStatus.STARTED


def test_elsewhere_the_last_heartbeat_decides(instance: dg.DagsterInstance) -> None:
    second = timedelta(seconds=1)
    alive = started(instance, ELSEWHERE, silent_for=SILENT_FOR - second)
    dead = started(instance, ELSEWHERE, silent_for=SILENT_FOR + second)
    assert close_dead_runs(instance, NOW) == [dead]
    assert status(instance, alive) is DagsterRunStatus.STARTED


def test_a_run_without_a_mark_of_its_own_is_left_alone(instance: dg.DagsterInstance) -> None:
    plain = create_run_for_test(instance, job_name=JOB, status=DagsterRunStatus.STARTED).run_id
    again = started(instance, ENDED)
    instance.add_run_tags(again, {RUN_TAG: "the run that this one repeats"})
    ended = create_run_for_test(instance, job_name=JOB, status=DagsterRunStatus.SUCCESS).run_id
    instance.add_run_tags(ended, {RUN_TAG: ended, PROCESS_TAG: ENDED.as_text()})
    assert close_dead_runs(instance, NOW) == []
    assert status(instance, plain) is status(instance, again) is DagsterRunStatus.STARTED
    assert status(instance, ended) is DagsterRunStatus.SUCCESS


def test_a_run_that_ended_while_it_was_looked_at_keeps_its_end(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = started(instance, ENDED)
    before = instance.get_runs()
    finished = instance.get_run_by_id(run_id)
    assert finished is not None
    instance.report_run_canceled(finished)
    monkeypatch.setattr(instance, "get_runs", lambda *_: before)
    assert close_dead_runs(instance, NOW) == []
    assert status(instance, run_id) is DagsterRunStatus.CANCELED


def test_a_run_gives_signs_of_life_until_it_ends(tmp_path: Path) -> None:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        run = create_run_for_test(instance, job_name=JOB, status=DagsterRunStatus.STARTED)
        instance.add_run_tags(run.run_id, {**run_marks(run.run_id), HEARTBEAT_TAG: "none yet"})

        def last() -> str:
            found = instance.get_run_by_id(run.run_id)
            assert found is not None
            return found.tags[HEARTBEAT_TAG]

        with heartbeat(instance, run.run_id, seconds=0.01):
            wait_for(lambda: last() != "none yet")
        assert datetime.fromisoformat(last()) <= datetime.now(UTC)
        instance.add_run_tags(run.run_id, {HEARTBEAT_TAG: "none any more"})
        time.sleep(0.1)
        assert last() == "none any more"


@pytest.mark.parametrize("name", ["new_tweets", "dead_runs"])
def test_every_tick_closes_dead_runs(name: str, instance: dg.DagsterInstance) -> None:
    run_id = started(instance, ENDED)
    repository = build_defs().get_repository_def()
    source = SourceResource(source="sample")
    with dg.build_sensor_context(
        instance, repository_def=repository, resources={"source": source}
    ) as context:
        repository.get_sensor_def(name).evaluate_tick(context)
    assert status(instance, run_id) is DagsterRunStatus.FAILURE


def test_a_dead_run_is_looked_for_without_anybody_asking() -> None:
    sensor = build_defs().get_repository_def().get_sensor_def("dead_runs")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


@pytest.mark.slow
def test_after_a_kill_the_next_run_in_the_queue_starts(tmp_path: Path) -> None:
    """With Dagster's own daemon and queue, in processes of their own."""
    tweets = small_tweets()
    source = write_folder(tmp_path / "source", tweets, replies_to(tweets))
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    env = environment(home) | {
        "RI_SOURCE": str(source),
        "RI_PROFILE": str(SMALL_PROFILE),
        "RI_STORE": str(tmp_path / "store"),
    }
    workspace = ["-w", str(PROJECT / "workspace.yaml")]
    launch = ["dagster", "job", "launch", "-j", JOB, *workspace]
    with dg.DagsterInstance.from_config(str(home)) as instance:
        with (
            process(["ri-index", "run"], env, tmp_path / "first") as first,
            process(launch, env, tmp_path / "launch") as launched,
        ):
            assert launched.wait(WAIT_SECONDS) == 0, (tmp_path / "launch").read_text()
            wait_for(lambda: sorted(statuses(instance).values()) == ["QUEUED", "STARTED"])
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
        # Nobody told Dagster.
        killed, queued = sorted(statuses(instance), key=statuses(instance).__getitem__)[::-1]
        with process(["dagster-daemon", "run", *workspace], env, tmp_path / "daemon"):
            ended = {killed: "FAILURE", queued: "STARTED"}
            wait_for(lambda: statuses(instance) == ended)
            wait_for(lambda: PROCESS_TAG in tags(instance, queued))
    assert json.loads(tags(instance, queued)[PROCESS_TAG])["host"] == HERE.host


def statuses(instance: dg.DagsterInstance) -> dict[str, str]:
    """Status of each run by its id."""
    return {run.run_id: run.status.value for run in instance.get_runs()}


def tags(instance: dg.DagsterInstance, run_id: str) -> dict[str, str]:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return dict(run.tags)


@contextmanager
def process(
    command: list[str], env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program beside this interpreter; it and its helpers end with the block."""
    program = str(Path(sys.executable).with_name(command[0]))
    with log.open("wb") as file:
        started = subprocess.Popen(
            [program, *command[1:]],
            cwd=PROJECT,
            env=env,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)
