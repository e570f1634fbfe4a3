"""What starts runs automatically: the weekly schedule and the sensors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus
from dagster._utils.schedules import get_smallest_cron_interval, is_valid_cron_string

from ri_assets.errors import ConfigError
from ri_assets.failures import is_settled
from ri_assets.liveness import close_dead_runs
from ri_assets.resources.settings import SourceResource

REQUEST_TAG, TRY_TAG = "ri/request", "ri/try"
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True)
class Ask:
    """Request a run now.

    Parameters
    ----------
    n_try
        Number of the attempt, from 1.
    """

    n_try: int


@dataclass(frozen=True)
class Wait:
    """Request nothing yet: a run is in progress, or the next attempt is not due."""

    why: str


@dataclass(frozen=True)
class Done:
    """Request nothing more: another run on the same tweets would end the same way."""

    why: str


def next_step(
    instance: dg.DagsterInstance, request: str, now: datetime | None = None
) -> Ask | Wait | Done:
    """Decide what to do about one state of the source.

    Parameters
    ----------
    request
        Name of the state; runs requested for it carry it in the tag `REQUEST_TAG`.
    now
        Current time by default.
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
    """Say why no other run on the same tweets is needed; None if one may help."""
    if run.status is DagsterRunStatus.SUCCESS:
        return "published"
    if run.status is DagsterRunStatus.CANCELED:
        return "was cancelled"
    if is_settled(_failed_events(instance, run.run_id)):
        return "was refused, and another would be too. See the run for the reason"
    return None


def wait_after(n_tries: int) -> timedelta:
    """Return the time to wait after a failed attempt: it doubles each time, up to a day."""
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


ALLOWED = timedelta(hours=3)
"""Time that a scheduled run has, waiting for others included."""
_TEN_MINUTES = 600
_MINUTE = 60


def require_cron(cron: str) -> str:
    """Return a cron expression unchanged.

    Raises
    ------
    ConfigError
        Dagster cannot read it.
    """
    if not is_valid_cron_string(cron):
        raise ConfigError(
            f"the variable RI_SCHEDULE is {cron!r}",
            "a cron expression of five fields, in UTC, such as '0 4 * * 1' (Mondays at 04:00)",
            "correct RI_SCHEDULE, or unset it",
        )
    return cron


def weekly_schedule(job_name: str, cron: str) -> dg.ScheduleDefinition:
    """Rerun everything, by default early on Mondays.

    Parameters
    ----------
    cron
        When, in UTC; `freshness_policy` of the same expression tells whether it worked.
    """

    @dg.schedule(
        name="weekly_personas",
        job_name=job_name,
        cron_schedule=cron,
        execution_timezone="UTC",
        description="Reruns the whole graph, by default every Monday at 04:00 UTC, so that the "
        "week starts with fresh personas. RI_SCHEDULE sets another time.",
    )
    def weekly_personas(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        close_dead_runs(context.instance)  # the new run would queue behind them
        return dg.RunRequest()

    return weekly_personas


def freshness_policy(cron: str) -> dg.FreshnessPolicy:
    """Expect a new version within `ALLOWED` of each start of the schedule.

    A cron expression cannot be moved by hours in general: after 23:00 on the last of a month
    comes another month. Read in a time zone that many hours west of UTC, the same expression
    means exactly that much later.

    Parameters
    ----------
    cron
        Expression of the schedule, in UTC.
    """
    allowed = min(ALLOWED, get_smallest_cron_interval(require_cron(cron)))
    hours = int(allowed / timedelta(hours=1))
    zone = f"Etc/GMT+{hours}" if hours else "UTC"  # POSIX signs: + is west
    return dg.FreshnessPolicy.cron(cron, lower_bound_delta=allowed, timezone=zone)


def weekly_clean(job_name: str) -> dg.ScheduleDefinition:
    """Remove what retention lets go, on Sundays; off until somebody starts it."""
    return dg.ScheduleDefinition(
        name="weekly_clean",
        job_name=job_name,
        cron_schedule="0 2 * * 0",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,  # it deletes, so a person decides
        description="Removes old snapshots, candidates, vectors and runs every Sunday at 02:00 "
        "UTC, like `ri-index clean`. Try `ri-index clean --dry-run` first.",
    )


def new_tweets_sensor(job_name: str) -> dg.SensorDefinition:
    """Start a run when the source has tweets that no finished run has seen."""

    @dg.sensor(
        name="new_tweets",
        job_name=job_name,
        minimum_interval_seconds=_TEN_MINUTES,
        description="Starts a run when the source has new tweets. It only asks the source for the "
        "number of tweets and the newest id. A run that failed is retried, after ten minutes at "
        "first and later once a day. A run that a check blocked is not retried until the tweets "
        "change.",
    )
    def new_tweets(
        context: dg.SensorEvaluationContext, source: SourceResource
    ) -> dg.RunRequest | dg.SkipReason:
        close_dead_runs(context.instance)  # this sensor may be waiting for one of them
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
            # Not before: if the cursor moved with the request, a failed run would be forgotten.
            context.update_cursor(mark)
        return dg.SkipReason(step.why)

    return new_tweets


def dead_runs_sensor() -> dg.SensorDefinition:
    """Mark runs as failed whose process died."""

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=_MINUTE,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs as failed if their process was killed, so that queued runs can "
        "start. It never starts a run.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        closed = close_dead_runs(context.instance)
        return dg.SkipReason(f"closed: {', '.join(closed)}" if closed else "no run died")

    return dead_runs
