"""Run the whole graph through Dagster from a terminal, and say how it ended.

Also here: why a run failed, read from Dagster's events (blocked by a check, or broken).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import Any, TextIO, cast

import dagster as dg
from dagster import DagsterEventType
from dagster._core.events import JobFailureData
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG
from dagster._core.utils import make_new_run_id
from dagster_shared.error import SerializableErrorInfo

from ri_assets.assets.ri_index_app import PUBLICATION
from ri_assets.dagster_home import dagster_instance, records_explained
from ri_assets.errors import AccessError, NoPersonasError, RefusedError
from ri_assets.liveness import close_dead_runs, heartbeat, run_marks
from ri_assets.quality.publication import held
from ri_assets.records.assets import ASSETS
from ri_assets.records.manifest import Verdict
from ri_assets.resources.parquet_io import origin_tags
from ri_assets.resources.settings import ProfileResource, StoreResource
from ri_assets.store.access import system_error
from ri_assets.store.candidate import Candidates

JOB = "ri_personas"
# Dagster sets this tag on runs that its server starts, and the job's page filters by it.
_REPOSITORY = "__repository__@ri_assets"
_OURS = "ri_assets.errors."
# As Python writes an OSError: its number, what it means and, where known, the file.
_OF_SYSTEM = re.compile(r"\w+Error: \[Errno (\d+)\] ([^:\n]*)(?:: '([^'\n]*)')?.*", re.DOTALL)
_BLOCKED = "DagsterAssetCheckFailedError"


@dataclass(frozen=True)
class Failure:
    """Why a step failed.

    Parameters
    ----------
    message
        Message of the innermost error, with its traceback in debug mode.
    is_expected
        Whether it is an `RIError`, which tells the user what to do.
    is_about_clustering
        Whether the remaining tweets could not be clustered.
    is_about_access
        Whether something could not be read or written: space, rights, credentials, network.
    """

    message: str
    is_expected: bool
    is_about_clustering: bool = False
    is_about_access: bool = False


def failures(events: Iterable[dg.DagsterEvent], *, debug: bool = False) -> list[Failure]:
    """List the failures of a run in order; a failed blocking check doesn't count as one.

    Parameters
    ----------
    events
        All events of the run.
    debug
        Add the traceback to each message.
    """
    return [_failure(error, debug=debug) for error in _errors(events) if not _is_refusal(error)]


def is_settled(events: Iterable[dg.DagsterEvent]) -> bool:
    """Whether a failed run would fail again on the same tweets.

    True if a check blocked the run, or if its tweets cannot be clustered. Any other failure (a
    full disk, a killed process, an unreachable database) may be gone next time.
    """
    errors = _errors(events)
    return bool(errors) and all(
        _is_refusal(error) or _failure(error, debug=False).is_about_clustering for error in errors
    )


def _is_refusal(error: SerializableErrorInfo) -> bool:
    """Whether a blocking check failed, as our stages or Dagster itself report it."""
    cause = error.cause
    return error.cls_name == _BLOCKED or (
        cause is not None and cause.cls_name == RefusedError.__name__
    )


def _errors(events: Iterable[dg.DagsterEvent]) -> list[SerializableErrorInfo]:
    """Errors of failed steps, or of a run that could not start."""
    found = [_error(event) for event in events]
    return [error for error in found if error is not None]


def _error(event: dg.DagsterEvent) -> SerializableErrorInfo | None:
    if event.event_type == DagsterEventType.STEP_FAILURE:
        return event.step_failure_data.error
    if event.event_type == DagsterEventType.RUN_FAILURE:
        # None if another process closed the run: it doesn't know the error.
        ended = event.event_specific_data
        if isinstance(ended, JobFailureData) and ended.first_step_failure_event is None:
            return ended.error
    return None


def _failure(error: SerializableErrorInfo, *, debug: bool) -> Failure:
    """Find the innermost error; Dagster wraps it in others."""
    innermost = error
    while innermost.cause is not None and not innermost.message.startswith(_OURS):
        innermost = innermost.cause
    text = innermost.message.strip()
    is_ours = text.startswith(_OURS)
    kind = text.partition(":")[0].removeprefix(_OURS) if is_ours else ""
    if not is_ours and not debug and (known := _known(text)) is not None:
        return Failure(str(known), is_expected=True, is_about_access=True)
    # Our own messages are complete; for other errors, the class is shown too.
    told = text.split(": ", 1)[1] if is_ours else text
    return Failure(
        error.to_string() if debug else told,
        is_ours,
        kind == NoPersonasError.__name__,
        kind == AccessError.__name__,
    )


def _known(text: str) -> AccessError | None:
    """Return our message for a system error that no module of ours has handled."""
    found = _OF_SYSTEM.fullmatch(text)
    if found is None:
        return None
    number, said, place = found.groups()
    return system_error(OSError(int(number), said, place))


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Parameters
    ----------
    run_id
        Dagster's id of the run.
    snapshot
        The snapshot that this run published; None if it published nothing.
    seconds
        Duration of each stage with its checks, in order.
    failures
        Failed steps, in order; a failed blocking check is a verdict, not a failure.
    verdicts
        Results of the checks of this run, in order.
    publication
        Message of the last stage about publishing; empty if the run did not get that far.
    draft
        Id of the draft that a refused run left; None if there is none.
    held
        Which groups came back in the reruns; empty if there were none to judge.
    """

    run_id: str
    snapshot: str | None
    seconds: Mapping[str, float]
    failures: list[Failure]
    verdicts: list[Verdict]
    publication: str = ""
    draft: str | None = None
    held: str = ""


def run_pipeline(definitions: dg.Definitions, *, debug: bool = False) -> RunOutcome:
    """Materialise every asset and publish, if every blocking check passes.

    Parameters
    ----------
    definitions
        As `build_defs` puts them together.
    debug
        Show Dagster's own log instead of one line per stage.
    """
    store: StoreResource = _resources(definitions)["store"]
    run_id = make_new_run_id()
    screen = sys.stderr if debug else cast("TextIO", _Screen(sys.stderr))
    with (
        records_explained(),
        redirect_stderr(screen),
        dagster_instance() as instance,
        heartbeat(instance, run_id),
    ):
        close_dead_runs(instance)
        result = (
            definitions.get_repository_def()
            .get_job(JOB)
            .execute_in_process(
                instance=instance,
                run_id=run_id,
                tags=run_marks(run_id) | _origin(definitions),
                raise_on_error=False,
                run_config={
                    "loggers": {"console" if debug else "terminal": {}},
                },
            )
        )
        seconds = _seconds(instance, result.run_id)
    said = _publication(result)
    return RunOutcome(
        result.run_id,
        said.get("snapshot"),
        seconds,
        failures(result.all_events, debug=debug),
        _verdicts(store, result.run_id),
        said.get("why") or said.get("message", ""),
        said.get("draft"),
        said.get("held") or _held(store, result.run_id),
    )


def _resources(definitions: dg.Definitions) -> Mapping[str, Any]:
    return definitions.resources or {}


def _origin(definitions: dg.Definitions) -> dict[str, str]:
    """Return the tags that name the data of a run, and list it under the job in the UI."""
    given = _resources(definitions)
    profile: ProfileResource = given["profile"]
    tags = origin_tags(given["source"], given["store"], profile.load().name)
    return {REPOSITORY_LABEL_TAG: _REPOSITORY, **tags}


def _publication(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Read whether this run published; the store's pointer may already name another run's."""
    for one in result.get_asset_check_evaluations():
        if one.check_name == PUBLICATION:
            told = {name: str(value.value) for name, value in one.metadata.items()}
            return {**told, "message": str(one.description)}
    return {}


def _held(store: StoreResource, run_id: str) -> str:
    """Say which clusters came back, for a run that ended before the last stage."""
    candidates = store.candidates()
    if not _has_written(candidates, "clusters", run_id):
        return ""
    stability = candidates.read("clusters", run_id).frame("stability")
    return held(
        (f"cluster {cluster}", jaccard)
        for cluster, jaccard in zip(stability["cluster"], stability["jaccard"], strict=True)
    )


def _has_written(candidates: Candidates, asset: str, run_id: str) -> bool:
    """Whether this run itself wrote the asset; otherwise an earlier run's would be read."""
    return candidates.files.exists(f"candidate/{run_id}/{asset}/receipt.json")


def _verdicts(store: StoreResource, run_id: str) -> list[Verdict]:
    candidates = store.candidates()
    return [
        verdict
        for asset in ASSETS
        if _has_written(candidates, asset, run_id)
        for verdict in candidates.verdicts(candidates.receipt(asset, run_id))
    ]


def _seconds(instance: dg.DagsterInstance, run_id: str) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for step in sorted(instance.get_run_step_stats(run_id), key=lambda step: step.start_time or 0):
        if step.start_time and step.end_time:
            stage = step.step_key.removesuffix("_checks")
            seconds[stage] = seconds.get(stage, 0) + step.end_time - step.start_time
    return seconds


class _Screen:
    """Standard error without Dagster's message about records that it cannot write.

    That message shows the whole SQL statement with its values. Dagster then raises an error,
    which `records_explained` translates.
    """

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner

    def write(self, text: str) -> int:
        """Write a text, unless it is that message."""
        if text.startswith("Exception while writing logger call to event log"):
            return len(text)
        return self._inner.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
