"""What starts runs automatically: the weekly schedule and the sensors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import dagster as dg
from dagster import DagsterRunStatus

from ri_assets.counted import counted
from ri_assets.failures import is_settled
from ri_assets.freshness import report_checked
from ri_assets.liveness import close_dead_runs
from ri_assets.resources.parquet_io import SOURCE_TAG
from ri_assets.resources.settings import SourceResource, StoreResource
from ri_assets.run_requests import decide, failed_events, run_request
from ri_assets.takeover import nothing_new

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
    if is_settled(failed_events(instance, run.run_id)):
        return "was refused, and another would be too. See the run for the reason"
    return None


def wait_after(n_tries: int) -> timedelta:
    """Return the time to wait after a failed attempt: it doubles each time, up to a day."""
    doublings = min(max(n_tries, 1) - 1, 10)  # far beyond a day, and no overflow
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _end(record: dg.RunRecord) -> datetime:
    if record.end_time is not None:
        return datetime.fromtimestamp(record.end_time, UTC)
    return record.update_timestamp.replace(tzinfo=UTC)


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 1


_TEN_MINUTES = 600
_MINUTE = 60


def weekly_schedule(job_name: str, cron: str) -> dg.ScheduleDefinition:
    """Make what changed, by default early on Mondays.

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
        description="By default every Monday at 04:00 UTC, makes the assets whose inputs changed, "
        "so that the week starts with fresh personas, and skips if nothing changed. RI_SCHEDULE "
        "sets another time.",
    )
    def weekly_personas(
        context: dg.ScheduleEvaluationContext, store: StoreResource
    ) -> dg.RunRequest | dg.SkipReason:
        instance, repository = context.instance, context.repository_def
        close_dead_runs(instance)  # the new run would queue behind them
        decided = decide(repository, instance, job_name)
        if decided.published is None:
            return run_request(decided, repository)
        report_checked(instance, repository, store.candidates(), decided.published)
        return dg.SkipReason(nothing_new(decided.published))

    return weekly_personas


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
        "number of tweets and the newest id; once these change, it compares everything, and the "
        "run makes what changed. A run that failed is retried, after ten minutes at first and "
        "later once a day. A run that a check blocked is not retried until the tweets change.",
    )
    def new_tweets(
        context: dg.SensorEvaluationContext, source: SourceResource
    ) -> dg.RunRequest | dg.SkipReason:
        close_dead_runs(context.instance)  # this sensor may be waiting for one of them
        opened = source.open()
        state = opened.newest()
        mark = f"{state.n_tweets}:{state.newest_tweet_id}"
        if mark == context.cursor:
            return dg.SkipReason(f"{opened.name} still holds {counted(state.n_tweets, 'tweet')}")
        request = f"{opened.name}:{mark}"
        step = next_step(context.instance, request)
        if isinstance(step, Ask):
            # Only a context made by hand has none.
            repository = cast("dg.RepositoryDefinition", context.repository_def)
            decided = decide(repository, context.instance, job_name)
            if decided.published is None:
                tags = {SOURCE_TAG: opened.name, REQUEST_TAG: request, TRY_TAG: str(step.n_try)}
                run_key = f"{request}:{step.n_try}"
                return run_request(decided, repository, tags, run_key)
            step = Done(nothing_new(decided.published))
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
