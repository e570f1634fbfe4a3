"""What a tick requests: nothing, some assets, or everything where it cannot tell."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from dagster import DagsterRunStatus
from dagster._core.definitions.freshness_evaluator import CronFreshnessPolicyEvaluator
from dagster._core.loader import LoadingContextForTest
from dagster._core.test_utils import create_run_for_test, freeze_time

from ri_assets import run_requests
from ri_assets.definitions import JOB, build_defs
from ri_assets.errors import SourceError
from ri_assets.records.assets import ASSETS
from ri_assets.resources.settings import ProfileResource, SourceResource, StoreResource
from ri_assets.run_requests import TAKEN_TAG, WHY_TAG, decide, run_request
from ri_assets.sources.files import FileSource
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets.store.unchanged import Takeover
from ri_assets.takeover import everything
from ri_assets_tests.conftest import FinishedRun

LAST = dg.AssetKey("ri_index_app")
MONDAY = datetime(2026, 1, 5, 4, tzinfo=UTC)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    home = tmp_path / "home"
    home.mkdir()
    with dg.instance_for_test(temp_dir=str(home)) as made:
        yield made


@pytest.fixture
def store(small_run: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run.store.with_name("as_published"), tmp_path / "store"))


@pytest.fixture
def resources(small_run: FinishedRun, store: Path) -> dict[str, Any]:
    return {
        "source": SourceResource(source=small_run.source),
        "profile": ProfileResource(name=small_run.profile),
        "store": StoreResource(location=str(store)),
    }


def decided(resources: dict[str, Any], instance: dg.DagsterInstance) -> Takeover:
    return decide(build_defs(resources).get_repository_def(), instance, JOB)


def scheduled(resources: dict[str, Any], instance: dg.DagsterInstance) -> Any:
    """Evaluate the weekly schedule once."""
    repository = build_defs(resources).get_repository_def()
    schedule = repository.get_schedule_def("weekly_personas")
    with dg.build_schedule_context(
        instance, MONDAY, {"store": resources["store"]}, repository
    ) as context:
        return schedule.evaluate_tick(context)


def sensed(resources: dict[str, Any], instance: dg.DagsterInstance) -> dg.SensorEvaluation:
    """Evaluate the sensor for new tweets once, as if it had never looked."""
    repository = build_defs(resources).get_repository_def()
    with dg.build_sensor_context(
        instance, repository_def=repository, resources={"source": resources["source"]}
    ) as context:
        return repository.get_sensor_def("new_tweets").evaluate_tick(context)


def test_schedule_and_sensor_skip_what_is_published_already(
    resources: dict[str, Any], store: Path, instance: dg.DagsterInstance
) -> None:
    said = f"nothing new since snapshot {current_id(Files(str(store)))}"
    tick = scheduled(resources, instance)
    assert (tick.skip_message, tick.run_requests) == (said, [])
    tick = sensed(resources, instance)
    assert (tick.skip_message, tick.run_requests) == (said, [])
    assert tick.cursor, "it looks again once the tweets change"


def test_both_request_only_what_changed_with_its_checks(
    resources: dict[str, Any], store: Path, instance: dg.DagsterInstance
) -> None:
    (store / "names.yaml").write_text(
        "P01:\n- name: Somebody\n  by: Ana\n  date: 2026-11-23\n  reason: fits better\n"
    )
    for evaluate in (scheduled, sensed):
        [request] = evaluate(resources, instance).run_requests
        assert {key.to_user_string() for key in request.asset_selection} == {
            "personas_enriched",
            "ri_index_app",
        }
        checked = {(key.asset_key.to_user_string(), key.name) for key in request.asset_check_keys}
        assert ("ri_index_app", "publication") in checked
        assert ("personas_enriched", "privacy") in checked
        assert {asset for asset, _ in checked} == {"personas_enriched", "ri_index_app"}
        assert request.tags[TAKEN_TAG] == ", ".join(list(ASSETS)[:-2])
        assert request.tags[WHY_TAG] == "personas_enriched: names or other corrections changed"


def test_a_request_for_everything_selects_nothing() -> None:
    """Dagster then runs the whole job, also assets that this code does not know of."""
    request = run_request(everything("because"), build_defs().get_repository_def(), {"a": "b"})
    assert request.asset_selection is None
    assert request.asset_check_keys is None
    assert request.tags == {"a": "b", WHY_TAG: "because"}


def test_a_source_that_cannot_be_read_is_left_to_the_run(
    resources: dict[str, Any], instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.parquet"
    found = decided(resources | {"source": SourceResource(source=str(gone))}, instance)
    assert found.stale == tuple(ASSETS)
    assert found.why == f"the source could not be compared: {gone} does not exist"
    tick = scheduled(resources | {"source": SourceResource(source=str(gone))}, instance)
    assert len(tick.run_requests) == 1


def test_settings_that_cannot_be_used_are_left_to_the_run(
    resources: dict[str, Any], instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    missing = ProfileResource(name=str(tmp_path / "missing.yaml"))
    assert decided(resources | {"profile": missing}, instance).stale == tuple(ASSETS)
    assert len(scheduled(resources | {"profile": missing}, instance).run_requests) == 1


def test_an_unexpected_error_is_named_without_its_message(
    resources: dict[str, Any], instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise ValueError("the text of a tweet")

    monkeypatch.setattr(FileSource, "read", fail)
    found = decided(resources, instance)
    assert found == everything("the source could not be compared: ValueError")


def test_a_large_source_is_not_read(
    resources: dict[str, Any], instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(_: object) -> None:
        raise SourceError("it was read", "only counting", "none")

    monkeypatch.setattr(FileSource, "read", read)
    monkeypatch.setattr(run_requests, "MAX_TWEETS", 159)
    found = decided(resources, instance)
    assert found == everything("the source has more than 159 tweets: 160")


def test_a_slow_source_does_not_hold_up_the_tick(
    resources: dict[str, Any], instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileSource, "newest", lambda _: time.sleep(5))
    monkeypatch.setattr(run_requests, "MAX_SECONDS", 0.2)
    begun = time.monotonic()
    found = decided(resources, instance)
    assert time.monotonic() - begun < 4
    assert found == everything("the source could not be compared within 0 seconds")


def test_after_a_run_that_failed_nothing_is_taken_over(
    resources: dict[str, Any], instance: dg.DagsterInstance
) -> None:
    """A file that it left may be the cause; with the same files, every week would fail."""
    broken = create_run_for_test(instance, job_name=JOB, status=DagsterRunStatus.FAILURE)
    found = decided(resources, instance)
    assert found == everything(f"the last run, {broken.run_id[:8]}, failed")
    create_run_for_test(instance, job_name=JOB, status=DagsterRunStatus.SUCCESS)
    assert decided(resources, instance).published is not None


def recorded(instance: dg.DagsterInstance, sha256: str) -> None:
    """Record a version of the last asset, and a check of it."""
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            LAST,
            metadata={"sha256": sha256, "rows": 4},
            tags={"dagster/data_version": "the version"},
        )
    )
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=LAST, check_name="publication", passed=True, description="published"
        )
    )


def is_fresh(instance: dg.DagsterInstance, now: datetime) -> bool:
    node = build_defs().get_repository_def().asset_graph.get(LAST)
    with freeze_time(now):
        judged = CronFreshnessPolicyEvaluator().evaluate_freshness(
            LoadingContextForTest(instance), node
        )
        return asyncio.run(judged).value == "PASS"


def test_a_week_without_news_keeps_the_snapshot_fresh(
    resources: dict[str, Any], store: Path, instance: dg.DagsterInstance
) -> None:
    receipt = Candidates(Files(str(store))).receipt("ri_index_app", "")
    with freeze_time(MONDAY - timedelta(days=3)):
        recorded(instance, receipt.sha256)
    assert not is_fresh(instance, MONDAY + timedelta(hours=4))
    with freeze_time(MONDAY):
        assert scheduled(resources, instance).skip_message
    assert is_fresh(instance, MONDAY + timedelta(hours=4))
    assert not is_fresh(instance, MONDAY + timedelta(days=7, hours=4))

    entry = instance.get_latest_materialization_event(LAST)
    assert entry is not None
    assert entry.asset_materialization is not None
    shown = {name: value.value for name, value in entry.asset_materialization.metadata.items()}
    assert shown["rows"] == 4
    assert shown["checked"] == f"nothing new since snapshot {current_id(Files(str(store)))}"
    assert entry.asset_materialization.tags == {"dagster/data_version": "the version"}
    key = dg.AssetCheckKey(LAST, "publication")
    check = instance.get_latest_asset_check_evaluation_record(key)
    assert check is not None
    assert check.evaluation is not None
    assert check.evaluation.description == "published"
    assert check.event is not None
    assert check.event.timestamp == MONDAY.timestamp(), "else Dagster calls it out of date"


def test_a_version_of_another_history_lends_no_figures(
    resources: dict[str, Any], instance: dg.DagsterInstance
) -> None:
    with freeze_time(MONDAY - timedelta(days=3)):
        recorded(instance, "of another store")
    with freeze_time(MONDAY):
        scheduled(resources, instance)
    assert is_fresh(instance, MONDAY + timedelta(hours=4))
    entry = instance.get_latest_materialization_event(LAST)
    assert entry is not None
    assert entry.asset_materialization is not None
    assert list(entry.asset_materialization.metadata) == ["checked"]


def test_where_no_version_was_recorded_none_is_reported(
    resources: dict[str, Any], instance: dg.DagsterInstance
) -> None:
    scheduled(resources, instance)
    assert instance.get_latest_materialization_event(LAST) is None


def test_new_tweets_make_everything(
    resources: dict[str, Any],
    small_run: FinishedRun,
    instance: dg.DagsterInstance,
) -> None:
    """The source keeps its name, as a database does that grows."""
    place = Path(small_run.source) / "tweets.parquet"
    kept = place.read_bytes()
    tweets = pd.read_parquet(place)
    try:
        tweets.iloc[1:].to_parquet(place, index=False)
        found = decided(resources, instance)
    finally:
        place.write_bytes(kept)
    assert found.stale == tuple(ASSETS)
    assert found.why == "raw_tweets: the rows of the source changed"
