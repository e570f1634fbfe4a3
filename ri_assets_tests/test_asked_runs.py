"""What the sensor does after a run ended: by real runs of tiny jobs, in Dagster's own records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.execution.plan.objects import ErrorSource
from dagster._core.test_utils import create_run_for_test
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.automation import (
    FIRST_WAIT,
    LONGEST_WAIT,
    REQUEST_TAG,
    TRY_TAG,
    Ask,
    Done,
    Wait,
    next_step,
    wait_after,
)
from ri_assets.errors import AccessError, NoPersonasError, RefusedError, RIError, SourceError
from ri_assets.failures import failures

REQUEST = "tweets.csv:2:9"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def run_that_fails(
    instance: dg.DagsterInstance, error: Exception | None, *, n_try: int = 1
) -> datetime:
    """Execute a run of one asset, which raises the error or else fails its check; when it ended."""

    @dg.asset(check_specs=[dg.AssetCheckSpec("gate", asset="made", blocking=True)])
    def made() -> Iterator[dg.Output[int] | dg.AssetCheckResult]:
        if error is not None:
            raise error
        yield dg.Output(1)
        yield dg.AssetCheckResult(passed=False)

    job = dg.define_asset_job("tiny", [made])
    ended = (
        dg.Definitions([made], jobs=[job])
        .resolve_job_def("tiny")
        .execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags={REQUEST_TAG: REQUEST, TRY_TAG: str(n_try)},
        )
    )
    assert not ended.success
    record = instance.get_run_record_by_id(ended.run_id)
    assert record is not None
    assert record.end_time is not None
    return datetime.fromtimestamp(record.end_time, UTC)


def told(kind: type[RIError]) -> RIError:
    return kind("what was found", "what was expected", "a remedy")


def test_a_state_on_which_nothing_ran_asks_for_a_run(instance: dg.DagsterInstance) -> None:
    run_that_fails(instance, OSError(28, "No space left on device"))
    assert next_step(instance, "tweets.csv:3:10") == Ask(1)


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left"), told(AccessError), told(SourceError), ValueError("?")]
)
def test_a_run_that_broke_is_tried_again_with_longer_and_longer_waits(
    instance: dg.DagsterInstance, error: Exception
) -> None:
    for n_try, minutes in ((1, 10), (2, 20), (3, 40)):
        end = run_that_fails(instance, error, n_try=n_try)
        waits = next_step(instance, REQUEST, end + (minutes - 1) * MINUTE)
        assert isinstance(waits, Wait)
        assert f"try {n_try}" in waits.why
        assert next_step(instance, REQUEST, end + (minutes + 1) * MINUTE) == Ask(n_try + 1)


@pytest.mark.parametrize("error", [None, told(NoPersonasError)])
def test_a_run_that_the_tweets_do_not_allow_is_not_tried_again(
    instance: dg.DagsterInstance, error: Exception | None
) -> None:
    end = run_that_fails(instance, error)
    step = next_step(instance, REQUEST, end + timedelta(days=30))
    assert isinstance(step, Done)
    assert "was refused" in step.why


def test_a_run_whose_process_was_killed_is_tried_again(instance: dg.DagsterInstance) -> None:
    run = create_run_for_test(
        instance,
        job_name="tiny",
        status=DagsterRunStatus.STARTED,
        tags={REQUEST_TAG: REQUEST, TRY_TAG: "1"},
    )
    assert isinstance(next_step(instance, REQUEST), Wait)
    instance.report_run_failed(run, "its process no longer exists")
    later = datetime.now(UTC) + FIRST_WAIT + MINUTE
    assert next_step(instance, REQUEST, later) == Ask(2)


@given(st.integers(0, 10_000))
def test_waits_grow_and_end_at_a_day(n_tries: int) -> None:
    assert FIRST_WAIT <= wait_after(n_tries) <= wait_after(n_tries + 1) <= LONGEST_WAIT
    assert wait_after(10_000) == LONGEST_WAIT


def test_a_refusal_is_settled_and_shown_without_a_stack_trace(
    instance: dg.DagsterInstance,
) -> None:
    end = run_that_fails(instance, told(RefusedError))
    assert isinstance(next_step(instance, REQUEST, end + timedelta(days=30)), Done)
    [record] = instance.get_run_records()
    [entry] = instance.all_logs(record.dagster_run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    event = entry.get_dagster_event()
    assert failures([event]) == []
    failed = event.step_failure_data
    # The UI shows the causes of an error in the user's code, and hides the error around them.
    assert failed.error_source is ErrorSource.USER_CODE_ERROR
    assert failed.error is not None
    assert failed.error.cause is not None
    assert "what was found" in failed.error.cause.message
    assert failed.error.cause.stack == []
