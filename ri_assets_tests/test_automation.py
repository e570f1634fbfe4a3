from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from ri_assets.definitions import JOB, build_defs
from ri_assets.errors import SourceError
from ri_assets.resources.settings import SourceResource
from ri_assets_tests.mariadb import ENCODED_PASSWORD, PASSWORD, MariaDB

MONDAY_AT_FOUR = datetime(2026, 1, 5, 4, tzinfo=UTC)
ARRIVED = "INSERT INTO tweets (tweet_id, text) VALUES ({}, 'a tweet')"


def tick(source: str, cursor: str | None = None) -> dg.SensorEvaluation:
    """Evaluate the sensor once, as Dagster's daemon does."""
    resource = SourceResource(source=source, keep_all=False, max_tweets=None)
    repository = build_defs({"source": resource}).get_repository_def()
    with dg.build_sensor_context(
        cursor=cursor, repository_def=repository, resources={"source": resource}
    ) as context:
        return repository.get_sensor_def("new_tweets").evaluate_tick(context)


def write(path: Path, ids: list[int]) -> str:
    pd.DataFrame({"tweet_id": ids, "text": [f"tweet {n}" for n in ids]}).to_parquet(path)
    return str(path)


def test_the_week_starts_with_fresh_personas() -> None:
    repository = build_defs().get_repository_def()
    schedule = repository.get_schedule_def("weekly_personas")
    assert schedule.job_name == JOB
    assert schedule.execution_timezone == "UTC"
    new_year = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    moments = schedule_execution_time_iterator(new_year, str(schedule.cron_schedule), "UTC")
    assert [next(moments), next(moments)] == [MONDAY_AT_FOUR, MONDAY_AT_FOUR.replace(day=12)]
    context = dg.build_schedule_context(
        scheduled_execution_time=MONDAY_AT_FOUR, repository_def=repository
    )
    assert len(schedule.evaluate_tick(context).run_requests or []) == 1


def test_nothing_runs_before_a_person_switches_it_on() -> None:
    repository = build_defs().get_repository_def()
    sensor = repository.get_sensor_def("new_tweets")
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    assert sensor.job_name == JOB
    assert (
        repository.get_schedule_def("weekly_personas").default_status
        == dg.DefaultScheduleStatus.STOPPED
    )


def test_new_tweets_in_a_file_start_a_run_and_the_same_ones_none(tmp_path: Path) -> None:
    path = tmp_path / "tweets.parquet"
    first = tick(write(path, [1, 2]))
    assert [request.tags["ri/source"] for request in first.run_requests or []] == [str(path)]
    again = tick(str(path), first.cursor)
    assert not again.run_requests
    assert again.skip_message == f"{path} still holds 2 tweets"
    grown = tick(write(path, [1, 2, 3]), first.cursor)
    [before], [after] = first.run_requests or [], grown.run_requests or []
    assert before.run_key != after.run_key
    # As many as before, but others: an old one was deleted at the source.
    exchanged = tick(write(path, [2, 3, 4]), grown.cursor)
    assert len(exchanged.run_requests or []) == 1


def test_new_tweets_in_a_database_start_a_run(mariadb: MariaDB) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (tweet_id BIGINT, text TEXT)", database)
    mariadb.execute(ARRIVED.format(7), database)
    url = mariadb.url(database)
    first = tick(url)
    assert not tick(url, first.cursor).run_requests
    mariadb.execute(ARRIVED.format(8), database)
    grown = tick(url, first.cursor)
    [before], [after] = first.run_requests or [], grown.run_requests or []
    assert before.run_key != after.run_key
    for shown in (str(before), str(after), str(first.cursor)):
        assert PASSWORD not in shown
        assert ENCODED_PASSWORD not in shown


def test_a_source_that_cannot_be_reached_fails_the_tick_and_keeps_its_secret(
    mariadb: MariaDB,
) -> None:
    url = mariadb.url("ri_nowhere", port=1)
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:1") as error:
        tick(url)
    assert error.value.remedy
    told = "".join(traceback.format_exception(error.value))
    assert PASSWORD not in told
    assert ENCODED_PASSWORD not in told


def test_a_file_that_went_away_fails_the_tick(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.parquet does not exist"):
        tick(str(tmp_path / "gone.parquet"))
