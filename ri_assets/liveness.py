"""Which process executes a run, whether it is still alive, and closing runs that died.

Dagster learns from the run itself that it has ended. A killed run stays "started" forever, and
because runs queue one at a time, everything after it waits. So every run carries tags with its
process and a heartbeat. The executor sets them for runs that Dagster launches; `ri-index run`
sets them itself, because Dagster replaces the executor of a run within the calling process.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster import DagsterRunStatus

from ri_assets.store.locks import repeated

if TYPE_CHECKING:
    from dagster._core.execution.context.system import PlanOrchestrationContext
    from dagster._core.execution.plan.plan import ExecutionPlan
    from dagster._core.execution.retries import RetryMode
    from dagster._core.execution.step_dependency_config import StepDependencyConfig


_PROC = Path("/proc")
_STATE, _STARTED = 0, 19  # fields of /proc/PID/stat after the name of the program, from 0
_ENDED_STATES = frozenset("ZX")  # ended, but its parent has not collected the exit code


@dataclass(frozen=True)
class ProcessMark:
    """Identity of a process.

    The process id alone is not enough, because the system reuses it. Together with the start
    time it is unique within one boot and one namespace of process ids.

    Parameters
    ----------
    host, boot, namespace
        Where the process id is valid: host name, boot id, and namespace of process ids (each
        container has its own). Empty if the system doesn't tell.
    pid
        Process id.
    started
        Start time in the kernel's ticks since boot; empty if the system doesn't tell.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    started: str

    @classmethod
    def of_this_process(cls) -> ProcessMark:
        """Identify the current process."""
        pid = os.getpid()
        _, started = _stat(pid)
        return cls(*_machine(), pid, started)

    def is_running(self) -> bool | None:
        """Whether the process is still running; None if this machine can't tell."""
        if not self.started or (self.host, self.boot, self.namespace) != _machine():
            return None
        state, started = _stat(self.pid)
        return started == self.started and state not in _ENDED_STATES

    def as_text(self) -> str:
        """Return JSON that `from_text` reads."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> ProcessMark | None:
        """Read what `as_text` wrote; None for any other text."""
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError):
            return None


def _machine() -> tuple[str, str, str]:
    """Host, boot and namespace of this process."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        boot = namespace = ""
    return socket.gethostname(), boot, namespace


def _stat(pid: int) -> tuple[str, str]:
    """State and start time of a process; empty if it doesn't exist or the system doesn't tell."""
    try:
        content = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", ""
    # The program's name is in brackets and may itself contain brackets and blanks.
    fields = content.rpartition(")")[2].split()
    return fields[_STATE], fields[_STARTED]


PROCESS_TAG, RUN_TAG, HEARTBEAT_TAG = "ri/process", "ri/process_of", "ri/heartbeat"
SECONDS_BETWEEN_HEARTBEATS = 60.0
# Much longer than the interval, because a computation may block the heartbeat's thread.
SILENT_FOR = timedelta(minutes=15)


def run_marks(run_id: str) -> dict[str, str]:
    """Return the tags of a run that this process executes."""
    return {
        PROCESS_TAG: ProcessMark.of_this_process().as_text(),
        # A re-execution copies all tags of the first run.
        RUN_TAG: run_id,
        HEARTBEAT_TAG: _now(),
    }


@contextmanager
def heartbeat(
    instance: dg.DagsterInstance, run_id: str, seconds: float = SECONDS_BETWEEN_HEARTBEATS
) -> Iterator[None]:
    """Renew the heartbeat of a run until the block ends.

    Parameters
    ----------
    seconds
        Time between two heartbeats.
    """
    if instance.is_ephemeral:  # no other process can see it
        yield
        return
    with repeated(lambda: instance.add_run_tags(run_id, {HEARTBEAT_TAG: _now()}), seconds):
        yield


def dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Ids of the runs that `close_dead_runs` would close now."""
    started = dg.RunsFilter(statuses=[DagsterRunStatus.STARTED])
    now = datetime.now(UTC)
    return [run.run_id for run in instance.get_runs(started) if _death(run, now) is not None]


def close_dead_runs(instance: dg.DagsterInstance, now: datetime | None = None) -> list[str]:
    """Mark runs as failed whose process has died; return their ids.

    On the run's own machine, this looks for the process. On other machines, a run counts as dead
    if its last heartbeat is older than `SILENT_FOR`. Runs without a mark, and runs that never
    started, are left to Dagster's `run_monitoring`.

    Parameters
    ----------
    now
        Time that heartbeats are compared with; the current time by default.
    """
    started = dg.RunsFilter(statuses=[DagsterRunStatus.STARTED])
    closed = []
    for run in instance.get_runs(started):
        why = _death(run, now or datetime.now(UTC))
        if why is None:
            continue
        # A run records its end before its process exits, so this status is final.
        latest = instance.get_run_by_id(run.run_id)
        if latest is None or latest.status is not DagsterRunStatus.STARTED:
            continue
        instance.report_run_failed(
            latest,
            f"{why}. The run is marked as failed so that others can start. It published nothing "
            "after that. Start it again; it reuses the embeddings that it had stored.",
        )
        closed.append(run.run_id)
    return closed


def _death(run: dg.DagsterRun, now: datetime) -> str | None:
    """Say how we know that a run is dead; None if it is alive or we can't tell."""
    mark = ProcessMark.from_text(run.tags.get(PROCESS_TAG, ""))
    if mark is None or run.tags.get(RUN_TAG) != run.run_id:
        return None
    is_running = mark.is_running()
    if is_running is False:
        return f"Process {mark.pid} on {mark.host}, which executed this run, no longer exists"
    last = _time(run.tags.get(HEARTBEAT_TAG, ""))
    if is_running is None and last is not None and now - last > SILENT_FOR:
        seen = f"{last:%Y-%m-%d %H:%M} UTC"
        return f"Process {mark.pid} on {mark.host} sent its last heartbeat at {seen}"
    return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


class MarkedExecutor(dg.Executor):
    """Tags the run with this process, and renews its heartbeat while another executor works.

    Parameters
    ----------
    inner
        The executor that does the work.
    """

    def __init__(self, inner: dg.Executor) -> None:
        self.inner = inner

    @property
    def retries(self) -> RetryMode:
        """Retry mode of the inner executor."""
        return self.inner.retries

    @property
    def step_dependency_config(self) -> StepDependencyConfig:
        """Step dependencies of the inner executor."""
        return self.inner.step_dependency_config

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        """Execute the plan, and yield the events of the inner executor."""
        instance, run_id = plan_context.instance, plan_context.run_id
        instance.add_run_tags(run_id, run_marks(run_id))
        with heartbeat(instance, run_id):
            yield from self.inner.execute(plan_context, execution_plan)


# The config schema of Dagster's own executor; `executor` accepts it, but its types don't.
_CONFIG: Any = dg.in_process_executor.config_schema


@dg.executor(name="in_process", config_schema=_CONFIG)
def marked_executor(context: dg.InitExecutorContext) -> dg.Executor:
    """Execute a run in one process.

    A process per step would spend more time on imports than on work. The heavy stages use all
    cores themselves.
    """
    create = dg.in_process_executor.executor_creation_fn
    assert create is not None  # noqa: S101 - Dagster's own executor has one
    return MarkedExecutor(create(context))
