"""Runs in progress: the state of the store that each started from, and cleaning up dead ones.

Belongs here: the record of a run's start, and what a dead run left behind. Does not belong here:
what runs write (`candidate`), and the locks that show whether a run is alive (`locks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ri_assets.store import locks
from ri_assets.store.files import Files
from ri_assets.store.locks import require_conditional
from ri_assets.store.partial_files import remove_dead_parts, remove_dead_scratch
from ri_assets.store.pointer import current_id, mark_format, read_pointer, require_known_format
from ri_assets.store.raw_posts import finish_removals, remove_files
from ri_assets.store.staged import finish_change

_RECORD = "begun.json"


@dataclass(frozen=True)
class Start:
    """State of the store when a run started.

    Parameters
    ----------
    began_at
        When the run started (UTC, ISO 8601).
    base
        Snapshot that was current; None if nothing was published.
    latest
        For each asset, the run that wrote it last.
    """

    began_at: str
    base: str | None
    latest: Mapping[str, str]


@contextmanager
def under_way(files: Files, run_id: str) -> Iterator[None]:
    """Mark a run as in progress, and record what it starts from, until it ends.

    Raises
    ------
    StoreError
        The store cannot be written to, or not safely, or has an unknown format.
    """
    require_known_format(files)
    has_begun = files.exists(_place(run_id))  # by an outer call
    if not has_begun:
        require_conditional(files)
    with locks.in_use(files, run_id):
        if not has_begun:
            mark_format(files)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            start = Start(now, current_id(files), latest_runs(files))
            files.write_json(_place(run_id), asdict(start))
        try:
            yield
        finally:
            if files.names(_folder(run_id)) == [_RECORD]:  # it wrote nothing
                files.remove(_folder(run_id))


def start_of(files: Files, run_id: str) -> Start | None:
    """Return the start record of a run; None if it never started."""
    place = _place(run_id)
    return Start(**files.read_json(place)) if files.exists(place) else None


def base_of(files: Files, run_id: str) -> str | None:
    """Return the snapshot that was current when a run started; None if there was none.

    The run continues its ids, history and number of personas, and it must still be current when
    the run publishes. For a run that never started, this is the current snapshot.
    """
    start = start_of(files, run_id)
    return current_id(files) if start is None else start.base


def latest_runs(files: Files) -> dict[str, str]:
    """For each asset, the run that wrote it last."""
    return {
        name.removesuffix(".json"): str(files.read_json(f"latest/{name}")["run_id"])
        for name in files.names("latest")
        if name.endswith(".json")
    }


def mark_publishing(files: Files, run_id: str, snapshot: str) -> None:
    """Record which snapshot's folder a run is about to fill."""
    files.write_json(_mark(run_id), {"snapshot": snapshot})


def unmark_publishing(files: Files, run_id: str) -> None:
    """Remove that mark: the snapshot is published, or its folder is gone."""
    files.remove(_mark(run_id))


def clear_debris(files: Files) -> None:
    """Remove what dead runs left: unfinished files, unpublished snapshots, and locks."""
    finish_change(files)
    finish_removals(files)
    remove_dead_scratch()
    if files.is_local:
        remove_dead_parts(Path(files.path("")))
    for run in files.names("candidate"):
        mark = _mark(run)
        if not files.exists(mark) or locks.is_in_use(files, run):
            continue
        # Read this only after the run has ended: it may have published in the meantime.
        snapshot = str(files.read_json(mark)["snapshot"])
        pointer = read_pointer(files)
        if snapshot != pointer.current and snapshot not in (pointer.history or {}):
            remove_files(files, snapshot)
        files.remove(mark)
    locks.forget_dead(files)


def _folder(run_id: str) -> str:
    return f"candidate/{run_id}"


def _place(run_id: str) -> str:
    return f"{_folder(run_id)}/{_RECORD}"


def _mark(run_id: str) -> str:
    return f"{_folder(run_id)}/publishing.json"
