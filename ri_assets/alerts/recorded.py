"""What Dagster recorded about finished runs, as alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from ri_assets.alerts.alert import Alert, Kind
from ri_assets.assets.ri_index_app import PUBLICATION
from ri_assets.failures import Failure, failures, refusal
from ri_assets.records.assets import ASSETS
from ri_assets.resources.parquet_io import STORE_TAG

ENDED = (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
_TOLD_BY = {
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.RUN_FAILURE,
    DagsterEventType.ASSET_CHECK_EVALUATION,
}


def ended_since(instance: dg.DagsterInstance, since: datetime) -> list[dg.RunRecord]:
    """List the runs that ended at or after a time, in the order in which they ended."""
    wanted = dg.RunsFilter(statuses=[*ENDED], updated_after=since)
    found = [record for record in instance.get_run_records(wanted) if end_of(record) >= since]
    return sorted(found, key=lambda record: (end_of(record), record.dagster_run.run_id))


def end_of(record: dg.RunRecord) -> datetime:
    """Give the time at which a run ended."""
    if record.end_time is None:  # cancelled before it started
        return record.update_timestamp.replace(tzinfo=UTC)
    return datetime.fromtimestamp(record.end_time, UTC)


def alerts_of(instance: dg.DagsterInstance, record: dg.RunRecord, ui_url: str) -> list[Alert]:
    """Give the alerts of a finished run: its failed blocking checks, then the run itself.

    A run that was cancelled is no failure. The check `publication` is left out, because the
    alert of the refused run says the same.
    """
    run = record.dagster_run
    url = f"{ui_url}/runs/{run.run_id}" if ui_url else None
    logged = instance.all_logs(run.run_id, of_type=_TOLD_BY)
    events = [entry.dagster_event for entry in logged if entry.dagster_event is not None]

    def alert(kind: Kind, asset: str | None, check: str | None, sentence: str) -> Alert:
        return Alert(
            kind, end_of(record), run.run_id, run.job_name, run.tags.get(STORE_TAG),
            asset, check, _one_line(sentence), url,
        )  # fmt: skip

    checks = {(one.asset_key.to_user_string(), one.check_name): one for one in _failed(events)}
    found = [
        alert("check_failed", asset, name, one.description or f"the check {name} failed")
        for (asset, name), one in checks.items()
        if name != PUBLICATION
    ]
    if run.status is not DagsterRunStatus.FAILURE:
        return found
    told, refused = failures(events), refusal(events)
    # If a failed gate left too few tweets to cluster, the gate is the cause.
    broken = [one for one in told if not (checks and one.is_about_clustering)]
    if not broken and (refused or told):
        return [*found, alert("run_refused", _asset(events), None, refused or told[0].message)]
    return [*found, alert("run_failed", _asset(events), None, _why(broken, events))]


def _failed(events: Sequence[dg.DagsterEvent]) -> Iterator[dg.AssetCheckEvaluation]:
    """Failed checks that block; one that only warns, or that a person waived, is none."""
    for event in events:
        if event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            one = event.asset_check_evaluation_data
            if not one.passed and one.severity is dg.AssetCheckSeverity.ERROR:
                yield one


def _asset(events: Sequence[dg.DagsterEvent]) -> str | None:
    """Name the asset of the first step that failed; the two raw assets share a step."""
    for event in events:
        if event.event_type is DagsterEventType.STEP_FAILURE:
            step = (event.step_key or "").removesuffix("_checks")
            return step if step in ASSETS else None
    return None


def _why(broken: Sequence[Failure], events: Sequence[dg.DagsterEvent]) -> str:
    """Say why a run failed.

    An error that is not ours may quote anything, also a tweet, so only its class is named.
    """
    for failure in broken:
        if failure.is_expected:
            return failure.message
    for failure in broken:
        return f"an unexpected {failure.error or 'error'}; the run's page shows the traceback"
    for event in reversed(events):  # closed by another process, which says how it knows
        if event.event_type is DagsterEventType.RUN_FAILURE and event.message:
            return event.message
    return "the run failed; its page shows why"


def _one_line(text: str) -> str:
    """Give the first line: what was found. What to do about it is in the run."""
    return (text.strip().splitlines() or [""])[0]
