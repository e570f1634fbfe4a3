"""Why a run failed, read from Dagster's events: blocked by a check, or broken.

Belongs here: finding the error that a person needs among those that Dagster wraps around it.
Does not belong here: what is said or done about it (`run`, `automation`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import dagster as dg
from dagster import DagsterEventType
from dagster._core.events import JobFailureData
from dagster_shared.error import SerializableErrorInfo

from ri_assets.errors import AccessError, NoPersonasError
from ri_assets.store.access import system_error

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
        What the innermost error says; with its traceback where that was asked for.
    is_expected
        Whether it is an error of ours, which says how to mend it.
    is_about_clustering
        Whether the tweets that were left could not be clustered.
    is_about_access
        Whether something could not be read or written: space, rights, credentials, network.
    """

    message: str
    is_expected: bool
    is_about_clustering: bool = False
    is_about_access: bool = False


def failures(events: Iterable[dg.DagsterEvent], *, debug: bool = False) -> list[Failure]:
    """Give the failures of a run in order; a blocking check that did not pass is none.

    Parameters
    ----------
    events
        All events of the run.
    debug
        Give each message with its traceback.
    """
    return [_failure(error, debug=debug) for error in _errors(events) if error.cls_name != _BLOCKED]


def is_settled(events: Iterable[dg.DagsterEvent]) -> bool:
    """Whether a failed run would fail again on the same tweets.

    So it is with a run that a check blocked, or whose tweets cannot be clustered. Any other
    failure (a full disk, a killed process, a database out of reach) may be gone next time.
    """
    errors = _errors(events)
    return bool(errors) and all(
        error.cls_name == _BLOCKED or _failure(error, debug=False).is_about_clustering
        for error in errors
    )


def _errors(events: Iterable[dg.DagsterEvent]) -> list[SerializableErrorInfo]:
    """Errors of steps that failed, or of a run that could not begin."""
    found = [_error(event) for event in events]
    return [error for error in found if error is not None]


def _error(event: dg.DagsterEvent) -> SerializableErrorInfo | None:
    if event.event_type == DagsterEventType.STEP_FAILURE:
        return event.step_failure_data.error
    if event.event_type == DagsterEventType.RUN_FAILURE:
        # None where another process closed the run, which knows no error of it.
        ended = event.event_specific_data
        if isinstance(ended, JobFailureData) and ended.first_step_failure_event is None:
            return ended.error
    return None


def _failure(error: SerializableErrorInfo, *, debug: bool) -> Failure:
    """Find what the innermost error says; Dagster wraps it in words of its own."""
    innermost = error
    while innermost.cause is not None and not innermost.message.startswith(_OURS):
        innermost = innermost.cause
    text = innermost.message.strip()
    is_ours = text.startswith(_OURS)
    kind = text.partition(":")[0].removeprefix(_OURS) if is_ours else ""
    if not is_ours and not debug and (known := _known(text)) is not None:
        return Failure(str(known), is_expected=True, is_about_access=True)
    # Errors of ours speak for themselves; of others the kind is told too.
    told = text.split(": ", 1)[1] if is_ours else text
    return Failure(
        error.to_string() if debug else told,
        is_ours,
        kind == NoPersonasError.__name__,
        kind == AccessError.__name__,
    )


def _known(text: str) -> AccessError | None:
    """Give the sentence for a fault of the system that no module of ours met with one."""
    found = _OF_SYSTEM.fullmatch(text)
    if found is None:
        return None
    number, said, place = found.groups()
    return system_error(OSError(int(number), said, place))
