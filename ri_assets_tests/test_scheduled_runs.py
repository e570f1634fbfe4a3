"""Ticks of the real schedule on the real code server: one skips, one makes what changed."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest
from dagster._core.scheduler.instigation import InstigatorTick, TickStatus
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._scheduler.scheduler import launch_scheduled_runs

from ri_assets.definitions import JOB, build_defs
from ri_assets.environment import PROJECT
from ri_assets.run_requests import TAKEN_TAG, WHY_TAG
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets_tests.conftest import FinishedRun

RUN_SECONDS = 240
LAST = dg.AssetKey("ri_index_app")
REMADE = {dg.AssetKey("personas_enriched"), LAST}


@pytest.fixture
def store(small_run: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run.store.with_name("as_published"), tmp_path / "store"))


@pytest.fixture
def instance(
    small_run: FinishedRun, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    for name in [name for name in os.environ if name.startswith("RI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RI_SOURCE", small_run.source)
    monkeypatch.setenv("RI_PROFILE", small_run.profile)
    monkeypatch.setenv("RI_STORE", str(store))
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.from_config(str(home)) as made:
        yield made


class Daemon:
    """The scheduler, which believes that weeks pass; code runs in a server of its own."""

    def __init__(self, workspace: WorkspaceProcessContext) -> None:
        self.workspace, self.instance = workspace, workspace.instance
        [entry] = workspace.create_request_context().get_code_location_entries().values()
        assert entry.code_location is not None, entry.load_error
        [repository] = entry.code_location.get_repositories().values()
        self.schedule = repository.get_schedule("weekly_personas")
        self.now = datetime.now(UTC)
        self.instance.start_schedule(self.schedule)

    def next_week(self) -> InstigatorTick:
        """Let a week pass; give the tick of its Monday."""
        self.now += timedelta(days=7)
        logger = logging.getLogger("scheduler of the test")
        list(launch_scheduled_runs(self.workspace, logger, self.now, {}, max_catchup_runs=1))
        [tick, *_] = self.instance.get_ticks(
            self.schedule.get_remote_origin_id(), self.schedule.selector_id
        )
        return tick

    def execute(self, run_id: str) -> dg.DagsterRun:
        """Execute a queued run, as the daemon does when its turn has come."""
        self.instance.launch_run(run_id, self.workspace.create_request_context())
        deadline = time.monotonic() + RUN_SECONDS
        while not (run := self.instance.get_runs(dg.RunsFilter([run_id]))[0]).is_finished:
            assert time.monotonic() < deadline, run.status
            time.sleep(0.5)
        return run


@pytest.mark.slow
def test_a_week_without_news_is_skipped_and_a_correction_makes_two_assets(
    store: Path, instance: dg.DagsterInstance
) -> None:
    target = ModuleTarget("ri_assets.definitions", None, str(PROJECT), "ri_assets")
    with create_test_daemon_workspace_context(target, instance) as workspace:
        daemon, first = Daemon(workspace), current_id(Files(str(store)))

        quiet = daemon.next_week()
        assert (quiet.status, quiet.run_ids) == (TickStatus.SKIPPED, []), quiet.error
        assert quiet.skip_reason == f"nothing new since snapshot {first}"
        # Nothing was recorded here that could be reported again.
        assert instance.get_latest_materialization_event(LAST) is None

        (store / "names.yaml").write_text(
            "P01:\n- name: Somebody\n  by: Ana\n  date: 2026-11-23\n  reason: fits better\n"
        )
        corrected = daemon.next_week()
        [run_id] = corrected.run_ids
        run = daemon.execute(run_id)
        assert run.status is dg.DagsterRunStatus.SUCCESS
        assert run.job_name == JOB
        assert run.asset_selection == REMADE
        graph = build_defs().get_repository_def().asset_graph
        checks = graph.get_check_keys_for_assets(REMADE)
        assert run.asset_check_selection == checks
        assert run.tags[WHY_TAG] == "personas_enriched: names or other corrections changed"
        assert run.tags[TAKEN_TAG].split(", ")[0] == "raw_tweets"
        assert run.tags[TAKEN_TAG].split(", ")[-1] == "clusters"
        second = current_id(Files(str(store)))
        assert second not in (None, first)

        made = instance.get_latest_materialization_event(LAST)
        quiet = daemon.next_week()
        assert quiet.skip_reason == f"nothing new since snapshot {second}"
        checked = instance.get_latest_materialization_event(LAST)
        assert made is not None
        assert checked is not None
        assert checked.timestamp > made.timestamp
        assert checked.asset_materialization is not None
        assert made.asset_materialization is not None
        assert checked.asset_materialization.tags == made.asset_materialization.tags
        assert checked.asset_materialization.metadata.items() >= (
            made.asset_materialization.metadata.items()
        )
        loading = LoadingContextForTest(instance)
        for key in graph.get_check_keys_for_assets({LAST}):
            record = instance.get_latest_asset_check_evaluation_record(key)
            assert record is not None
            assert asyncio.run(record.targets_latest_materialization(loading)), key
        resolver = CachingStaleStatusResolver(instance, graph, loading)
        assert resolver.get_status(LAST) is StaleStatus.FRESH
        assert len(instance.get_runs()) == 1
