"""Looks at Dagster's home: its configuration, its records, its daemon and dead runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.scheduler.instigation import InstigatorStatus

from ri_assets.dagster_home import dagster_instance, database_of, records_explained
from ri_assets.doctor.finding import Finding
from ri_assets.environment import PROJECT
from ri_assets.liveness import dead_runs

_PART = "dagster"
_SILENT_SECONDS = 300
_RECORDS = "history/runs.db"


def configuration(home: Path | None) -> Iterator[Finding]:
    """Look at the folder of Dagster's records and its `dagster.yaml`."""
    if home is None:
        yield Finding(
            _PART, "warning", "DAGSTER_HOME is not set, so no record of a run is kept",
            "run export DAGSTER_HOME=FOLDER, with a copy of dagster.yaml in that folder",
        )  # fmt: skip
        return
    if not home.is_dir():
        yield Finding(_PART, "ok", f"no run of this store is recorded yet; records go to {home}")
        return
    copy = f"run cp {PROJECT / 'dagster.yaml'} {home}"
    if not os.access(home, os.W_OK | os.X_OK):
        yield Finding(
            _PART, "problem", f"this user may not write to {home}", f"run sudo chown $USER {home}"
        )
    file = home / "dagster.yaml"
    if not file.is_file():
        yield Finding(
            _PART, "problem", f"{home} has no dagster.yaml, so Dagster sends telemetry", copy
        )
        return
    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError:
        yield Finding(_PART, "problem", f"{file} is no YAML", copy)
        return
    if (content.get("telemetry") or {}).get("enabled", True):
        yield Finding(
            _PART, "problem", f"{file} leaves telemetry on, so Dagster opens a connection",
            f"add `telemetry: {{enabled: false}}` to {file}",
        )  # fmt: skip
    else:
        yield Finding(_PART, "ok", f"records are in {_place(home)}; telemetry is off")
    if (database := database_of(home)) and (unset := database.unset):
        yield Finding(
            _PART, "problem", f"{file} needs variables that are not set: {', '.join(unset)}",
            f"run export {unset[0]}=…, and so on; docs/operations.md#in-production lists them",
        )  # fmt: skip


def records(home: Path | None, store: str) -> Iterator[Finding]:
    """Look at runs that died, and at schedules that wait for a daemon."""
    if home is None:
        return
    database = database_of(home)
    if database.unset if database else not (home / _RECORDS).is_file():
        return  # it cannot be opened, or opening it would create its files
    with records_explained(), dagster_instance(store) as instance:
        yield from _of(instance)


def _place(home: Path) -> str:
    return f"the database that {home / 'dagster.yaml'} names" if database_of(home) else str(home)


def _of(instance: dg.DagsterInstance) -> Iterator[Finding]:
    if dead := dead_runs(instance):
        yield Finding(
            _PART, "warning", f"{len(dead)} started runs have no process: {', '.join(dead)}",
            "run ri-index run, or start the sensor: dagster sensor start dead_runs -w "
            "workspace.yaml; both close them",
        )  # fmt: skip
    started = sorted(
        state.instigator_name
        for state in instance.all_instigator_state()
        if state.status is InstigatorStatus.RUNNING
    )
    beats = [beat.timestamp for beat in instance.get_daemon_heartbeats().values()]
    if started and time.time() - max(beats, default=0) > _SILENT_SECONDS:
        yield Finding(
            _PART, "warning", f"no daemon is running, so {', '.join(started)} never start a run",
            "run make ui, or dagster-daemon run -w workspace.yaml",
        )  # fmt: skip
