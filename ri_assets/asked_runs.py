"""What became of the runs that the sensor asked for, and whether to ask again.

Belongs here: the decision for one state of the source, from Dagster's records. Does not
belong here: the state itself, and the asking (`ri_assets.automation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from ri_assets.run_failures import is_settled

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
