"""Remove old runs from Dagster's records, with their events and the output they captured.

A run stays if it is not finished, if what it wrote is in the store, or if it is the last
successful run of a store. Dagster itself removes old ticks of schedules and sensors (`retention`
in `dagster.yaml`).
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus

from ri_assets.dagster_home import records_explained
from ri_assets.resources.parquet_io import STORE_TAG
from ri_assets.store.cleaned import Cleaning, Kept, Old
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets.store.removed import chained_manifest

_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
_AT_ONCE = 200


def runs_in_store(files: Files) -> frozenset[str]:
    """Ids of the runs whose snapshot or candidate is in the store."""
    published = {chained_manifest(files, one).run_id for one in published_ids(files)}
    return frozenset(published | {*files.names("candidate")})


def find_old_runs(
    instance: dg.DagsterInstance, days: int, now: datetime, in_store: Collection[str]
) -> Cleaning:
    """List the runs that `remove_old_runs` would remove.

    Parameters
    ----------
    days
        Runs that ended longer ago are old.
    in_store
        Runs to keep, see `runs_in_store`.
    """
    gone: list[Old] = []
    kept: list[Kept] = []
    stores: set[str] = set()
    for record in _finished(instance):
        run = record.dagster_run
        store = run.tags.get(STORE_TAG, "")
        is_last_success = run.status is DagsterRunStatus.SUCCESS and store not in stores
        if is_last_success:
            stores.add(store)
        ended = record.end_time or record.update_timestamp.replace(tzinfo=UTC).timestamp()
        if now - datetime.fromtimestamp(ended, UTC) <= timedelta(days=days):
            continue
        if run.run_id in in_store:
            kept.append(Kept("run", run.run_id, "what it wrote is in the store"))
        elif is_last_success and store:
            kept.append(Kept("run", run.run_id, f"it is the last successful run of {store}"))
        else:
            size = sum(_bytes(path) for path in _places(instance, run.run_id))
            gone.append(Old("run", run.run_id, size))
    return Cleaning(tuple(gone), tuple(kept))


def remove_old_runs(
    instance: dg.DagsterInstance, days: int, now: datetime, in_store: Collection[str]
) -> Cleaning:
    """Remove old runs; the parameters are those of `find_old_runs`.

    Raises
    ------
    AccessError
        Dagster's records cannot be written.
    """
    with records_explained():
        found = find_old_runs(instance, days, now, in_store)
        for old in found.gone:
            places = _places(instance, old.name)
            instance.delete_run(old.name)
            for path in places:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
    return found


def _finished(instance: dg.DagsterInstance) -> Iterator[dg.RunRecord]:
    """All finished runs, newest first."""
    cursor = None
    while True:
        found = instance.get_run_records(
            dg.RunsFilter(statuses=_ENDED), limit=_AT_ONCE, cursor=cursor
        )
        yield from found
        if len(found) < _AT_ONCE:
            return
        cursor = found[-1].dagster_run.run_id


def _places(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    """Files and folders of a run on this machine: the output it captured, and its events.

    Dagster empties the SQLite database of a run's events, and leaves its file as large as it
    was. A database server keeps the events in its own tables.
    """
    from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

    found = [Path(instance.storage_directory()) / run_id]
    storage = instance.event_log_storage
    if isinstance(storage, SqliteEventLogStorage):
        events = Path(storage.path_for_shard(run_id))
        found += events.parent.glob(f"{events.name}*")
    return [path for path in found if path.exists()]


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
