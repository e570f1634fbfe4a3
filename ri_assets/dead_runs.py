"""Runs whose process died: found by the mark that each run carries, and closed.

Dagster learns that a run ended from the run itself. One that was killed stays "started" for
ever, and with one run at a time everything after it waits.

Belongs here: the tags by which a run says who executes it and that it is alive, and closing
the record of a run that no longer is. Does not belong here: when to look (`automation`, `run`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus

from ri_assets.process_mark import ProcessMark
from ri_assets.store.heartbeat import repeated

PROCESS_TAG, RUN_TAG, HEARTBEAT_TAG = "ri/process", "ri/process_of", "ri/heartbeat"
SECONDS_BETWEEN_HEARTBEATS = 60.0
# Long against the interval, because a computation may keep the thread from its turn.
SILENT_FOR = timedelta(minutes=15)


def run_marks(run_id: str) -> dict[str, str]:
    """Give the tags of a run that this process executes."""
    return {
        PROCESS_TAG: ProcessMark.of_this_process().as_text(),
        # A run that somebody executes again takes over all tags of the first.
        RUN_TAG: run_id,
        HEARTBEAT_TAG: _now(),
    }


@contextmanager
def heartbeat(
    instance: dg.DagsterInstance, run_id: str, seconds: float = SECONDS_BETWEEN_HEARTBEATS
) -> Iterator[None]:
    """Keep saying that a run is alive, until the block ends.

    Parameters
    ----------
    seconds
        Between two heartbeats.
    """
    if instance.is_ephemeral:  # nobody else can see it
        yield
        return
    with repeated(lambda: instance.add_run_tags(run_id, {HEARTBEAT_TAG: _now()}), seconds):
        yield


def close_dead_runs(instance: dg.DagsterInstance, now: datetime | None = None) -> list[str]:
    """Mark runs as failed whose process no longer runs; give their ids.

    On the machine of a run its process is looked for. Elsewhere a run counts as dead when its
    last heartbeat is older than `SILENT_FOR`. A run without a mark is left to Dagster's
    `run_monitoring`, as is one that never started.

    Parameters
    ----------
    now
        Time to which heartbeats are compared; the present unless given.
    """
    started = dg.RunsFilter(statuses=[DagsterRunStatus.STARTED])
    closed = []
    for run in instance.get_runs(started):
        why = _death(run, now or datetime.now(UTC))
        if why is None:
            continue
        # A run writes its end down before its process ends, so this is the last word.
        latest = instance.get_run_by_id(run.run_id)
        if latest is None or latest.status is not DagsterRunStatus.STARTED:
            continue
        instance.report_run_failed(
            latest,
            f"{why}. The run is closed so that others can start. It published nothing after "
            "that; start it again, and it continues with the embeddings it had stored.",
        )
        closed.append(run.run_id)
    return closed


def _death(run: dg.DagsterRun, now: datetime) -> str | None:
    """Say how a run was found dead; None where it is alive, or cannot be judged."""
    mark = ProcessMark.from_text(run.tags.get(PROCESS_TAG, ""))
    if mark is None or run.tags.get(RUN_TAG) != run.run_id:
        return None
    is_running = mark.is_running()
    if is_running is False:
        return f"Process {mark.pid} on {mark.host}, which executed this run, no longer exists"
    last = _time(run.tags.get(HEARTBEAT_TAG, ""))
    if is_running is None and last is not None and now - last > SILENT_FOR:
        seen = f"{last:%Y-%m-%d %H:%M} UTC"
        return f"Process {mark.pid} on {mark.host} last gave a sign of life at {seen}"
    return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
