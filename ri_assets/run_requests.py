"""What a tick of the schedule or a sensor requests: a run of all assets, of some, or none.

Belongs here: deciding as `ri-index run` does, within the time that Dagster gives a tick. Does not
belong here: when a tick decides (`ri_assets.automation`), and which assets are unchanged
(`ri_assets.takeover`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TypeVar

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from ri_assets.errors import RIError
from ri_assets.failures import is_settled
from ri_assets.store.forgotten import read_forgotten
from ri_assets.store.unchanged import Takeover
from ri_assets.takeover import DECIDING, everything, takeover_of

TAKEN_TAG, WHY_TAG = "ri/taken_over", "ri/why"
MAX_TWEETS = 50_000
"""Largest source that a tick reads; docs/performance.md derives it."""
MAX_SECONDS = 40.0
"""Time in which a tick decides; Dagster ends it after 60 seconds."""

_Result = TypeVar("_Result")


def decide(
    repository: dg.RepositoryDefinition, instance: dg.DagsterInstance, job_name: str
) -> Takeover:
    """Decide which assets a run must make now.

    If that cannot be told, the answer is all assets, which is always right: such a run reads the
    source itself and reports the error.

    Parameters
    ----------
    repository
        With the assets and the resources of the run.
    job_name
        The job whose last run tells whether earlier results are to be trusted.
    """
    if broken := _broken_run(instance, job_name):
        return everything(f"the last run, {broken}, failed")
    try:
        return _within(MAX_SECONDS, lambda: _decide(repository, instance))
    except TimeoutError:
        return everything(f"the source could not be compared within {MAX_SECONDS:.0f} seconds")
    except RIError as error:
        return everything(f"the source could not be compared: {error.found}")
    # A tick must not end without a run: the run meets the same fault, and reports it. Only the
    # kind of error is told here, because its text may quote a tweet.
    except Exception as error:  # noqa: BLE001 -- of any kind, as said above
        return everything(f"the source could not be compared: {type(error).__name__}")


def run_request(
    decided: Takeover,
    repository: dg.RepositoryDefinition,
    tags: Mapping[str, str] | None = None,
    run_key: str | None = None,
) -> dg.RunRequest:
    """Request a run of what must be made, with its checks; tags say what is taken over and why."""
    tags = {**(tags or {}), WHY_TAG: decided.why}
    if not decided.taken:
        return dg.RunRequest(run_key, tags=tags)
    made = {dg.AssetKey(asset) for asset in decided.stale}
    checks = repository.asset_graph.asset_check_keys
    return dg.RunRequest(
        run_key,
        tags={**tags, TAKEN_TAG: ", ".join(decided.taken)},
        asset_selection=sorted(made),
        asset_check_keys=sorted(key for key in checks if key.asset_key in made),
    )


def failed_events(instance: dg.DagsterInstance, run_id: str) -> list[dg.DagsterEvent]:
    """List the events that say why a run failed."""
    wanted = {DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}
    logged = instance.all_logs(run_id, of_type=wanted)
    return [entry.dagster_event for entry in logged if entry.dagster_event is not None]


def _broken_run(instance: dg.DagsterInstance, job_name: str) -> str | None:
    """Name the last run if it failed, but not because a check refused it.

    A file that it left may be the cause, so nothing is taken over.
    """
    for run in instance.get_runs(dg.RunsFilter(job_name=job_name), limit=1):
        if run.status is DagsterRunStatus.FAILURE:
            is_refused = is_settled(failed_events(instance, run.run_id))
            return None if is_refused else run.run_id[:8]
    return None


def _decide(repository: dg.RepositoryDefinition, instance: dg.DagsterInstance) -> Takeover:
    declared = repository.get_top_level_resources()
    with dg.build_resources({name: declared[name] for name in DECIDING}, instance) as built:
        given = {name: getattr(built, name) for name in DECIDING}
        n_tweets = given["source"].open().newest().n_tweets
        if n_tweets > MAX_TWEETS:
            return everything(f"the source has more than {MAX_TWEETS:,} tweets: {n_tweets:,}")
        forgotten = read_forgotten(given["store"].candidates().files)
        copy = given["store"].source_copy(is_read_only=True)
        return takeover_of(repository, given, given["source"].open(forgotten, copy).read())


def _within(seconds: float, work: Callable[[], _Result]) -> _Result:
    """Do some work, or raise `TimeoutError`; the thread then ends with the work."""
    found: Future[_Result] = Future()

    def do() -> None:
        try:
            found.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised below
            found.set_exception(error)

    threading.Thread(target=do, daemon=True).start()
    return found.result(seconds)
