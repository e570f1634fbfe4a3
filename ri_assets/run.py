"""One run of the whole graph through Dagster, from a terminal.

Belongs here: starting the job that the UI and the schedule start too, and saying
how it ended. Does not belong here: what the job does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import DagsterEventType
from dagster._core.instance.ref import InstanceRef
from dagster_shared.error import SerializableErrorInfo

from ri_assets.assets.ri_index_app import PUBLICATION
from ri_assets.checks.publication import held
from ri_assets.contracts.assets import ASSETS
from ri_assets.definitions import JOB, PROJECT, build_defs
from ri_assets.errors import NoPersonasError
from ri_assets.resources.settings import StoreResource
from ri_assets.store.candidate import Verdict

_OURS = "ri_assets.errors."
# Dagster would take the terminal's output into a file and copy it back with `tail`, late and
# without the last lines. What a run says is in its event log all the same.
_NO_CAPTURE = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}
_BLOCKED = "DagsterAssetCheckFailedError"


@dataclass(frozen=True)
class Failure:
    """Why a step failed.

    Parameters
    ----------
    message
        What the innermost error says; with its traceback where that was asked for.
    is_expected
        Whether it is an error of ours, which says how to mend it.
    is_about_clustering
        Whether the tweets that were left could not be clustered.
    """

    message: str
    is_expected: bool
    is_about_clustering: bool = False


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Parameters
    ----------
    run_id
        Dagster's id of the run.
    snapshot
        The snapshot that this run published; None when it published nothing.
    seconds
        Time of each stage, its checks included, in order.
    failures
        Of steps that failed, in order; a blocking check that did not pass is a verdict
        and no failure.
    verdicts
        What the checks of this run said, in order.
    publication
        What the last stage said of publishing, or why it did not; empty where the run did not
        get so far.
    draft
        Id of the draft that a refused run left; None where there is none.
    held
        Which groups came back in the reruns; empty where there were none to judge.
    """

    run_id: str
    snapshot: str | None
    seconds: Mapping[str, float]
    failures: list[Failure]
    verdicts: list[Verdict]
    publication: str = ""
    draft: str | None = None
    held: str = ""


def run_pipeline(overrides: Mapping[str, Any], *, debug: bool = False) -> RunOutcome:
    """Materialise every asset and publish, if every blocking check passes.

    Parameters
    ----------
    overrides
        Resources, as `build_defs` takes them.
    debug
        Show Dagster's own log instead of a line a stage.
    """
    definitions = build_defs(overrides)
    store: StoreResource = definitions.resources["store"]  # type: ignore[index]
    with _instance() as instance:
        result = (
            definitions.get_repository_def()
            .get_job(JOB)
            .execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={
                    "loggers": {"console" if debug else "terminal": {}},
                },
            )
        )
        seconds = _seconds(instance, result.run_id)
    failures = [
        _failure(error, debug=debug)
        for event in result.all_events
        for error in [_error(event)]
        if error is not None and error.cls_name != _BLOCKED
    ]
    said = _publication(result)
    return RunOutcome(
        result.run_id,
        said.get("snapshot"),
        seconds,
        failures,
        _verdicts(store, result.run_id),
        said.get("why") or said.get("message", ""),
        said.get("draft"),
        said.get("held") or _held(store, result.run_id),
    )


def _publication(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Read what this very run said of publishing; others may move the store's pointer meanwhile."""
    for one in result.get_asset_check_evaluations():
        if one.check_name == PUBLICATION:
            told = {name: str(value.value) for name, value in one.metadata.items()}
            return {**told, "message": str(one.description)}
    return {}


def _held(store: StoreResource, run_id: str) -> str:
    """Say which clusters came back, of a run that ended between them and the last stage."""
    candidates = store.candidates()
    if "clusters" not in candidates.files.names(f"candidate/{run_id}"):
        return ""
    stability = candidates.read("clusters", run_id).frame("stability")
    return held(
        (f"cluster {cluster}", jaccard)
        for cluster, jaccard in zip(stability["cluster"], stability["jaccard"], strict=True)
    )


def _error(event: dg.DagsterEvent) -> SerializableErrorInfo | None:
    """Error of a step that failed, or of a run that could not begin."""
    if event.event_type == DagsterEventType.STEP_FAILURE:
        return event.step_failure_data.error
    if event.event_type == DagsterEventType.RUN_FAILURE:
        ended = event.job_failure_data
        return None if ended.first_step_failure_event else ended.error
    return None


def _failure(error: SerializableErrorInfo, *, debug: bool) -> Failure:
    """Find what the innermost error says; Dagster wraps it in words of its own."""
    innermost = error
    while innermost.cause is not None and not innermost.message.startswith(_OURS):
        innermost = innermost.cause
    text = innermost.message.strip()
    is_ours = text.startswith(_OURS)
    is_about_clustering = text.startswith(f"{_OURS}{NoPersonasError.__name__}:")
    if debug:
        return Failure(error.to_string(), is_ours, is_about_clustering)
    # Errors of ours speak for themselves; of others the kind is told too.
    told = text.split(": ", 1)[1] if is_ours else text
    return Failure(told, is_ours, is_about_clustering)


def _verdicts(store: StoreResource, run_id: str) -> list[Verdict]:
    candidates = store.candidates()
    written = set(candidates.files.names(f"candidate/{run_id}"))
    return [
        verdict
        for asset in ASSETS
        if asset in written
        for verdict in candidates.verdicts(candidates.receipt(asset, run_id))
    ]


def _seconds(instance: dg.DagsterInstance, run_id: str) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for step in sorted(instance.get_run_step_stats(run_id), key=lambda step: step.start_time or 0):
        if step.start_time and step.end_time:
            stage = step.step_key.removesuffix("_checks")
            seconds[stage] = seconds.get(stage, 0) + step.end_time - step.start_time
    return seconds


@contextmanager
def _instance() -> Iterator[dg.DagsterInstance]:
    """Give the instance that the UI shows; where there is none, one that is forgotten."""
    if "DAGSTER_HOME" not in os.environ and (PROJECT / "dagster.yaml").is_file():
        os.environ["DAGSTER_HOME"] = str(PROJECT)
    if "DAGSTER_HOME" in os.environ:
        home = InstanceRef.from_dir(os.environ["DAGSTER_HOME"], overrides=_NO_CAPTURE)
        with dg.DagsterInstance.from_ref(home) as instance:
            yield instance
    else:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance
