from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from dagster import DagsterEventType, DagsterRunStatus
from dagster._core.test_utils import create_run_for_test
from dagster._utils.schedules import schedule_execution_time_iterator

from ri_assets.definitions import JOB, build_defs
from ri_assets.errors import SourceError
from ri_assets.liveness import PROCESS_TAG, RUN_TAG, ProcessMark
from ri_assets.resources.settings import SourceResource, StoreResource
from ri_assets_tests.mariadb import ENCODED_PASSWORD, PASSWORD, MariaDB

MONDAY_AT_FOUR = datetime(2026, 1, 5, 4, tzinfo=UTC)
ARRIVED = "INSERT INTO tweets (tweet_id, text) VALUES ({}, 'a tweet')"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture(autouse=True)
def _no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RI_STORE", str(tmp_path / "no store"))


def tick(
    source: str, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorEvaluation:
    """Evaluate the sensor once, as Dagster's daemon does; the runs that it asks for are recorded.

    None of them starts by itself.
    """
    resource = SourceResource(source=source, keep_all=False, max_tweets=None)
    repository = build_defs({"source": resource}).get_repository_def()
    with dg.build_sensor_context(
        instance, cursor, repository_def=repository, resources={"source": resource}
    ) as context:
        found = repository.get_sensor_def("new_tweets").evaluate_tick(context)
    for request in found.run_requests or []:
        create_run_for_test(
            instance, job_name=JOB, status=DagsterRunStatus.STARTED, tags=dict(request.tags)
        )
    return found


def end(instance: dg.DagsterInstance, status: DagsterRunStatus) -> None:
    """Let the newest run end."""
    newest = instance.get_runs(limit=1)[0]
    event = {
        DagsterRunStatus.SUCCESS: DagsterEventType.PIPELINE_SUCCESS,
        DagsterRunStatus.FAILURE: DagsterEventType.PIPELINE_FAILURE,
        DagsterRunStatus.CANCELED: DagsterEventType.PIPELINE_CANCELED,
    }[status]
    instance.report_dagster_event(
        dg.DagsterEvent(event_type_value=event.value, job_name=JOB), newest.run_id
    )


def write(path: Path, ids: list[int]) -> str:
    pd.DataFrame({"tweet_id": ids, "text": [f"tweet {n}" for n in ids]}).to_parquet(path)
    return str(path)


def test_the_week_starts_with_fresh_personas(tmp_path: Path) -> None:
    repository = build_defs().get_repository_def()
    schedule = repository.get_schedule_def("weekly_personas")
    assert schedule.job_name == JOB
    assert schedule.execution_timezone == "UTC"
    new_year = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    moments = schedule_execution_time_iterator(new_year, str(schedule.cron_schedule), "UTC")
    assert [next(moments), next(moments)] == [MONDAY_AT_FOUR, MONDAY_AT_FOUR.replace(day=12)]
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        # A run that was killed on Sunday; with one run at a time, Monday's would wait for it.
        dead = create_run_for_test(instance, job_name=JOB, status=DagsterRunStatus.STARTED)
        ended = replace(ProcessMark.of_this_process(), started="1").as_text()
        instance.add_run_tags(dead.run_id, {RUN_TAG: dead.run_id, PROCESS_TAG: ended})
        with dg.build_schedule_context(
            instance,
            MONDAY_AT_FOUR,
            {"store": StoreResource(location=str(tmp_path / "store"))},
            repository_def=repository,
        ) as context:
            assert len(schedule.evaluate_tick(context).run_requests or []) == 1
        [run] = instance.get_runs()
        assert run.status is DagsterRunStatus.FAILURE


def test_nothing_runs_before_a_person_switches_it_on() -> None:
    repository = build_defs().get_repository_def()
    sensor = repository.get_sensor_def("new_tweets")
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    assert sensor.job_name == JOB
    assert (
        repository.get_schedule_def("weekly_personas").default_status
        == dg.DefaultScheduleStatus.STOPPED
    )


def test_new_tweets_in_a_file_start_a_run_and_the_same_ones_none(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    path = tmp_path / "tweets.parquet"
    first = tick(write(path, [1, 2]), instance)
    assert [request.tags["ri/source"] for request in first.run_requests or []] == [str(path)]
    again = tick(str(path), instance, first.cursor)
    assert not again.run_requests
    assert "is not finished: started" in str(again.skip_message)
    end(instance, DagsterRunStatus.SUCCESS)
    ended = tick(str(path), instance, again.cursor)
    assert "published" in str(ended.skip_message)
    again = tick(str(path), instance, ended.cursor)
    assert not again.run_requests
    assert again.skip_message == f"{path} still holds 2 tweets"
    grown = tick(write(path, [1, 2, 3]), instance, again.cursor)
    [before], [after] = first.run_requests or [], grown.run_requests or []
    assert before.run_key != after.run_key
    # As many as before, but others: an old one was deleted at the source.
    exchanged = tick(write(path, [2, 3, 4]), instance, grown.cursor)
    assert len(exchanged.run_requests or []) == 1


def test_the_cursor_stays_until_a_run_has_ended_well(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    path = write(tmp_path / "tweets.parquet", [1, 2])
    first = tick(path, instance)
    assert first.cursor is None
    end(instance, DagsterRunStatus.FAILURE)
    failed = tick(path, instance, first.cursor)
    assert failed.cursor is None
    assert not failed.run_requests
    assert "failed, try 1; the next is due at" in str(failed.skip_message)


def test_a_run_that_a_person_cancelled_is_not_tried_again(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    path = write(tmp_path / "tweets.parquet", [1, 2])
    first = tick(path, instance)
    end(instance, DagsterRunStatus.CANCELED)
    cancelled = tick(path, instance, first.cursor)
    assert "cancelled" in str(cancelled.skip_message)
    assert tick(path, instance, cancelled.cursor).skip_message == f"{path} still holds 2 tweets"


def test_new_tweets_in_a_database_start_a_run(
    mariadb: MariaDB, instance: dg.DagsterInstance
) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (tweet_id BIGINT, text TEXT)", database)
    mariadb.execute(ARRIVED.format(7), database)
    url = mariadb.url(database)
    first = tick(url, instance)
    assert not tick(url, instance, first.cursor).run_requests
    end(instance, DagsterRunStatus.SUCCESS)
    ended = tick(url, instance, first.cursor)
    mariadb.execute(ARRIVED.format(8), database)
    grown = tick(url, instance, ended.cursor)
    [before], [after] = first.run_requests or [], grown.run_requests or []
    assert before.run_key != after.run_key
    for shown in (str(before), str(after), str(ended.cursor)):
        assert PASSWORD not in shown
        assert ENCODED_PASSWORD not in shown


def test_a_source_that_cannot_be_reached_fails_the_tick_and_keeps_its_secret(
    mariadb: MariaDB, instance: dg.DagsterInstance
) -> None:
    url = mariadb.url("ri_nowhere", port=1)
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:1") as error:
        tick(url, instance)
    assert error.value.remedy
    told = "".join(traceback.format_exception(error.value))
    assert PASSWORD not in told
    assert ENCODED_PASSWORD not in told


def test_a_file_that_went_away_fails_the_tick(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    with pytest.raises(SourceError, match=r"gone\.parquet does not exist"):
        tick(str(tmp_path / "gone.parquet"), instance)
