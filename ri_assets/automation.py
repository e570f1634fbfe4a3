"""What starts runs automatically: the weekly schedule and the sensors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from ri_assets.liveness import close_dead_runs
from ri_assets.resources.settings import SourceResource
from ri_assets.run import is_settled

REQUEST_TAG, TRY_TAG = "ri/request", "ri/try"
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True)
class Ask:
    """Ask for a run now.

    Parameters
    ----------
    n_try
        Which try it is, from 1.
    """

    n_try: int


@dataclass(frozen=True)
class Wait:
    """Ask for nothing yet: a run is under way, or the next try is not due."""

    why: str


@dataclass(frozen=True)
class Done:
    """Ask for nothing more: another run on the same tweets would end in the same way."""

    why: str


def next_step(
    instance: dg.DagsterInstance, request: str, now: datetime | None = None
) -> Ask | Wait | Done:
    """Decide what to do about one state of the source.

    Parameters
    ----------
    request
        Name of the state; the runs that were asked for bear it in the tag `REQUEST_TAG`.
    now
        The present unless given.
    """
    found = instance.get_run_records(dg.RunsFilter(tags={REQUEST_TAG: request}), limit=1)
    if not found:
        return Ask(1)
    [record] = found
    run = record.dagster_run
    name = f"run {run.run_id[:8]} on these tweets"
    if not run.is_finished:
        return Wait(f"{name} is not finished: {run.status.value.lower()}")
    if why := _final(instance, run):
        return Done(f"{name} {why}")
    n_tries = _number(run.tags.get(TRY_TAG))
    due = _end(record) + wait_after(n_tries)
    if (now or datetime.now(UTC)) < due:
        return Wait(f"{name} failed, try {n_tries}; the next is due at {due:%Y-%m-%d %H:%M} UTC")
    return Ask(n_tries + 1)


def _final(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """Say why no other run on the same tweets is needed; None where one may help."""
    if run.status is DagsterRunStatus.SUCCESS:
        return "published"
    if run.status is DagsterRunStatus.CANCELED:
        return "was cancelled by a person"
    if is_settled(_failed_events(instance, run.run_id)):
        return "was refused; another would be too. The run says why"
    return None


def wait_after(n_tries: int) -> timedelta:
    """Give the time to wait after a failed try: twice as long each time, up to a day."""
    doublings = min(max(n_tries, 1) - 1, 10)  # far beyond a day, and no overflow
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _failed_events(instance: dg.DagsterInstance, run_id: str) -> list[dg.DagsterEvent]:
    wanted = {DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}
    logged = instance.all_logs(run_id, of_type=wanted)
    return [entry.dagster_event for entry in logged if entry.dagster_event is not None]


def _end(record: dg.RunRecord) -> datetime:
    if record.end_time is not None:
        return datetime.fromtimestamp(record.end_time, UTC)
    return record.update_timestamp.replace(tzinfo=UTC)


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 1


_TEN_MINUTES = 600
_MINUTE = 60


def weekly_schedule(job_name: str) -> dg.ScheduleDefinition:
    """Rerun everything early on Monday."""

    @dg.schedule(
        name="weekly_personas",
        job_name=job_name,
        cron_schedule="0 4 * * 1",
        execution_timezone="UTC",
        description="Reruns the whole graph every Monday at 04:00 UTC, so that the week starts "
        "with fresh personas.",
    )
    def weekly_personas(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        close_dead_runs(context.instance)  # the new run would wait for them
        return dg.RunRequest()

    return weekly_personas


def new_tweets_sensor(job_name: str) -> dg.SensorDefinition:
    """Start a run when the source holds tweets on which no run has ended yet."""

    @dg.sensor(
        name="new_tweets",
        job_name=job_name,
        minimum_interval_seconds=_TEN_MINUTES,
        description="Starts a run when the source holds new tweets. A tick asks for nothing but "
        "their number and the newest id. A run that broke is tried again, after ten minutes at "
        "first and once a day in the end; one that a check blocked waits for other tweets.",
    )
    def new_tweets(
        context: dg.SensorEvaluationContext, source: SourceResource
    ) -> dg.RunRequest | dg.SkipReason:
        close_dead_runs(context.instance)  # one of them may be a run that this sensor waits for
        opened = source.open()
        state = opened.newest()
        mark = f"{state.n_tweets}:{state.newest_tweet_id}"
        if mark == context.cursor:
            return dg.SkipReason(f"{opened.name} still holds {state.n_tweets:,} tweets")
        request = f"{opened.name}:{mark}"
        step = next_step(context.instance, request)
        if isinstance(step, Ask):
            return dg.RunRequest(
                run_key=f"{request}:{step.n_try}",
                tags={"ri/source": opened.name, REQUEST_TAG: request, TRY_TAG: str(step.n_try)},
            )
        if not isinstance(step, Wait):
            # Only now: a cursor that moved with the request would forget a run that broke.
            context.update_cursor(mark)
        return dg.SkipReason(step.why)

    return new_tweets


def dead_runs_sensor() -> dg.SensorDefinition:
    """Close runs whose process died."""

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=_MINUTE,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs as failed whose process was killed, so that queued runs can "
        "start. It starts none.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        closed = close_dead_runs(context.instance)
        return dg.SkipReason(f"closed: {', '.join(closed)}" if closed else "no run died")

    return dead_runs
