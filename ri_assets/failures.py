"""Why a run failed, read from Dagster's events: blocked by a check, or broken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import dagster as dg
from dagster import DagsterEventType
from dagster._core.events import JobFailureData
from dagster_shared.error import SerializableErrorInfo

from ri_assets.errors import AccessError, NoPersonasError, RefusedError
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
        Message of the innermost error, with its traceback in debug mode.
    is_expected
        Whether it is an `RIError`, which tells the user what to do.
    is_about_clustering
        Whether the remaining tweets could not be clustered.
    is_about_access
        Whether something could not be read or written: space, rights, credentials, network.
    error
        Class of the innermost error.
    """

    message: str
    is_expected: bool
    is_about_clustering: bool = False
    is_about_access: bool = False
    error: str = ""


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


def refusal(events: Iterable[dg.DagsterEvent]) -> str | None:
    """Say which check refused a run; None if no check did."""
    for error in _errors(events):
        if _is_refusal(error):
            return _failure(error, debug=False).message
    return None


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
        return Failure(
            str(known), is_expected=True, is_about_access=True, error=AccessError.__name__
        )
    # Our own messages are complete; for other errors, the class is shown too.
    told = text.split(": ", 1)[1] if is_ours else text
    return Failure(
        error.to_string() if debug else told,
        is_ours,
        kind == NoPersonasError.__name__,
        kind == AccessError.__name__,
        innermost.cls_name or "",
    )


def _known(text: str) -> AccessError | None:
    """Return our message for a system error that no module of ours has handled."""
    found = _OF_SYSTEM.fullmatch(text)
    if found is None:
        return None
    number, said, place = found.groups()
    return system_error(OSError(int(number), said, place))
