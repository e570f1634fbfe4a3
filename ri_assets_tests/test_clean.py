"""`ri-index clean`, its job and its schedule; old runs of Dagster, in real records."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.test_utils import create_run_for_test
from dagster._utils.schedules import schedule_execution_time_iterator

from benchmarks.index_snapshot import write_snapshot
from ri_assets.clean_job import CLEAN_JOB, clean_job
from ri_assets.config import load_profile
from ri_assets.definitions import build_defs
from ri_assets.environment import PROJECT, Environment, Retention
from ri_assets.errors import ConfigError
from ri_assets.old_runs import remove_old_runs, runs_in_store
from ri_assets.personas.lineage.published import _taken
from ri_assets.resources.parquet_io import STORE_TAG
from ri_assets.resources.settings import StoreResource
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.small import SMALL_PROFILE

pytestmark = pytest.mark.filterwarnings(
    "ignore:InitResourceContext.dagster_run"  # Dagster calls it where a resource holds others
)
ENDED = (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
LATER = datetime.now(UTC) + timedelta(days=100)


@dg.op
def noise() -> None:
    dg.get_dagster_logger().info("noise")


@dg.job(tags={STORE_TAG: "store"})
def tiny() -> None:
    noise()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as opened:
        yield opened


def test_old_runs_go_with_their_events_and_output(instance: dg.DagsterInstance, home: Path) -> None:
    runs = [tiny.execute_in_process(instance=instance).run_id for _ in range(4)]
    for run in runs:
        (home / "storage" / run).mkdir(parents=True, exist_ok=True)
        (home / "storage" / run / "noise.err").write_text("x" * 5000)
    assert remove_old_runs(instance, 90, datetime.now(UTC), ()).gone == ()
    done = remove_old_runs(instance, 90, LATER, {runs[0]})
    assert {old.name for old in done.gone} == {*runs[1:3]}
    assert all(old.bytes > 5000 for old in done.gone)
    assert [(one.name, one.why) for one in done.kept] == [
        (runs[3], "it is the last successful run of store"),
        (runs[0], "what it wrote is in the store"),
    ]
    assert {run.run_id for run in instance.get_runs()} == {runs[0], runs[3]}
    assert {path.name for path in (home / "storage").iterdir()} >= {runs[0], runs[3]}
    left = {path.name for path in home.rglob("*") if path.stem in runs[1:3]}
    assert left == set()
    assert instance.all_logs(runs[0])


def test_unfinished_runs_stay_and_so_do_runs_that_others_wait_for(
    instance: dg.DagsterInstance,
) -> None:
    statuses = {
        status: create_run_for_test(instance, job_name="tiny", status=status).run_id
        for status in (*ENDED, DagsterRunStatus.STARTED, DagsterRunStatus.STARTING)
    }
    remove_old_runs(instance, 1, LATER, ())
    left = {run.run_id for run in instance.get_runs()}
    assert left == {run for status, run in statuses.items() if status not in ENDED}


def test_more_runs_than_are_read_at_once(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ri_assets.old_runs._AT_ONCE", 2)
    for _ in range(5):
        create_run_for_test(instance, job_name="tiny", status=DagsterRunStatus.FAILURE)
    assert len(remove_old_runs(instance, 1, LATER, ()).gone) == 5
    assert instance.get_runs_count() == 0


def write_more(store: Path, *seeds: int) -> None:
    for seed in seeds:
        write_snapshot(str(store), 150, load_profile(str(SMALL_PROFILE)), seed)


def test_the_command_says_what_it_does(cli: Cli, synthetic: Published) -> None:
    store, files = synthetic.store, Files(str(synthetic.store))
    write_more(store, 1, 2)
    ids = published_ids(files)
    taken = _taken(files)
    known = ("--store", store, "--keep-snapshots", 2, "--keep-candidates", 1)
    tried = cli("clean", "--dry-run", *known)
    assert tried.code == 0, tried.text
    assert "  candidate synthetic-600-0\n" in tried.out
    assert "no snapshots would be removed; the newest 2 stay" in tried.out
    assert "1 candidate would be removed (" in tried.out
    # The index over the synthetic snapshot is open in this very process.
    assert f"kept although old: snapshot {ids[0]}, because somebody is reading it" in tried.out
    assert tried.out.endswith(" would be freed; nothing was removed\n")
    assert published_ids(files) == ids
    done = json.loads(cli("clean", "--json", *known).out)
    assert [one["why"] for one in done["kept"]] == ["somebody is reading it"]
    assert [one["kind"] for one in done["gone"]] == ["candidate"]
    assert done["retention"] == {
        "snapshots": 2, "candidates": 1, "cache_days": 90, "run_days": 90, "raw": None,
    }  # fmt: skip
    assert _taken(files) == taken == {f"P{n:02d}" for n in range(1, 13)}


def test_ids_of_removed_snapshots_stay_taken(
    cli: Cli, synthetic_store: Path, tmp_path: Path
) -> None:
    store = tmp_path / "copy"
    shutil.copytree(synthetic_store, store)
    write_more(store, 1)
    old, new = published_ids(Files(str(store)))
    place = store / "snapshots" / new / "personas_enriched.persona_lineage.parquet"
    assert place.exists()
    before = _taken(Files(str(store)))
    outcome = cli("clean", "--store", store, "--keep-snapshots", 1)
    assert "1 snapshot removed (" in outcome.out, outcome.text
    assert outcome.out.endswith(" freed\n")
    assert published_ids(Files(str(store))) == [new]
    assert json.loads((store / "removed" / f"{old}.json").read_text())["persona_ids"]
    shutil.rmtree(store / "snapshots" / new)
    assert _taken(Files(str(store))) == before
    assert not (store / "snapshots" / old).exists()


def test_the_job_cleans_as_the_command_does(
    instance: dg.DagsterInstance, synthetic_store: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    store = tmp_path / "copy"
    shutil.copytree(synthetic_store, store)
    write_more(store, 1, 2)
    monkeypatch.setenv("RI_KEEP_SNAPSHOTS", "1")
    result = clean_job.execute_in_process(
        instance=instance, resources={"store": StoreResource(location=str(store))}
    )
    assert result.success
    files = Files(str(store))
    assert len(published_ids(files)) == 1
    Snapshot(files).verify()
    assert Snapshot(files).manifest.run_id in runs_in_store(files)
    said = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert any(text.startswith("2 snapshots removed (") for text in said)


def test_nothing_is_deleted_on_a_schedule_until_somebody_starts_it() -> None:
    schedule = build_defs().get_repository_def().get_schedule_def("weekly_clean")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert schedule.job_name == CLEAN_JOB
    sunday = datetime(2026, 1, 4, 2, tzinfo=UTC)
    moments = schedule_execution_time_iterator(
        (sunday - timedelta(days=6)).timestamp(), str(schedule.cron_schedule), "UTC"
    )
    assert next(moments) == sunday


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_a_wrong_number_to_keep_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="RI_KEEP_SNAPSHOTS is"):
        Environment.from_env({"RI_KEEP_SNAPSHOTS": text})
    assert Environment.from_env({"RI_KEEP_RUN_DAYS": "7"}).retention == Retention(run_days=7)


@pytest.mark.parametrize("text", ["-1", "some"])
def test_a_wrong_number_of_snapshots_with_raw_posts_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="RI_KEEP_RAW is"):
        Environment.from_env({"RI_KEEP_RAW": text})
    assert Environment.from_env({"RI_KEEP_RAW": "0"}).retention.raw == 0
    assert Environment.from_env({}).retention.raw is None


def test_a_misspelt_store_is_not_taken_for_an_empty_one(cli: Cli, tmp_path: Path) -> None:
    for options in ((), ("--dry-run",)):
        outcome = cli("clean", "--store", tmp_path / "nowhere", *options)
        assert outcome.code == 2
        assert "there is no store in" in outcome.err
    assert not (tmp_path / "nowhere").exists()
