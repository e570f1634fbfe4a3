"""Remove old snapshots, raw posts, candidates and vectors, beside readers and runs in progress.

A snapshot stays if it is current, among the newest few, the one that a run in progress started
from, or being read. What a removed one leaves is in `removed`. On an object store, where readers
cannot be seen, a snapshot also stays for a day after the next one was published.

Belongs here: what may be removed, and removing it. Does not belong here: raw posts
(`raw_cleaning`), and Dagster's records (`ri_assets.old_runs`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ri_assets.environment import Retention
from ri_assets.errors import AccessError, StoreError
from ri_assets.store import locks, source_copy
from ri_assets.store.active_runs import Start, clear_debris, start_of
from ri_assets.store.ages import changed_at, size_of
from ri_assets.store.candidate import Candidates
from ri_assets.store.cleaned import READ_BY, Cleaning, Kept, Old
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.pointer import (
    current_id,
    keep_history,
    manifest_place,
    published_ids,
    read_pointer,
)
from ri_assets.store.raw_cleaning import OfSnapshot, find_raw, remove_raw, why_read
from ri_assets.store.raw_posts import raw_folder, removal_place, remove_files
from ri_assets.store.reading_marks import unread
from ri_assets.store.removed import keep_of_removed, removed_ids
from ri_assets.store.snapshot import Snapshot

_A_DAY = timedelta(days=1)


def find_old(files: Files, retention: Retention, now: datetime) -> Cleaning:
    """List what `remove_old` would remove now.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    snapshots = _old_snapshots(files, retention.snapshots, now)
    known = Candidates(files)
    runs = known.unused() if retention.raw == 0 else known.aged(retention.candidates)
    candidates = tuple(Old("candidate", run, size_of(files, f"candidate/{run}")) for run in runs)
    vectors = tuple(
        Old("vectors", name, size_of(files, name))
        for name in EmbeddingCache(files).segments()
        if now - changed_at(files, name) > timedelta(days=retention.cache_days)
    )
    used = source_copy.last_used(files)
    is_old = used is not None and (
        retention.raw == 0 or now - used > timedelta(days=retention.cache_days)
    )
    copies = [Old("copy", source_copy.FOLDER, size_of(files, source_copy.FOLDER))] if is_old else []
    going = {old.name for old in snapshots.gone}
    stay = [one for one in published_ids(files) if one not in going]
    raw = find_raw(files, retention.raw, stay, now)
    # Those last: a record of each is written, which a full disk has no room for before.
    return Cleaning((*candidates, *vectors, *copies)) + raw + snapshots


def remove_old(
    files: Files,
    retention: Retention,
    now: datetime,
    persona_ids: OfSnapshot,
    screened: OfSnapshot,
) -> Cleaning:
    """Remove what is old; readers and runs in progress are not disturbed.

    Parameters
    ----------
    persona_ids
        Reads every persona id that a snapshot used, which no later run may give again.
    screened
        Reads the words of people's corrections that answers about a snapshot show. Without its
        raw posts, nobody can tell whether words name somebody.

    Raises
    ------
    StoreError
        Something cannot be read or removed. What was removed before stays removed, and the same
        call goes on from there.
    """
    clear_debris(files)
    keep_history(files)
    found = find_old(files, retention, now)
    gone: list[Old] = []
    kept = list(found.kept)
    for old in found.gone:
        if old.kind == "raw":
            why = remove_raw(files, old, now, screened)
        elif old.kind == "candidate" and retention.raw == 0:
            why = _released(files, old.name)
        else:
            why = _removed(files, old, now, persona_ids)
        if why:
            kept.append(Kept(old.kind, old.name, why))
        else:
            gone.append(old)
    return Cleaning(tuple(gone), tuple(kept))


def _old_snapshots(files: Files, keep: int, now: datetime) -> Cleaning:
    # In this order: a run that started from a snapshot which is no longer current now is seen.
    known, current = published_ids(files), current_id(files)
    bases = {run: start_of(files, run) for run in locks.under_way(files)}
    gone: list[Old] = []
    kept: list[Kept] = []
    for place, snapshot in enumerate(known[: max(len(known) - keep, 0)]):
        if snapshot == current:
            continue
        if why := _why_needed(files, snapshot, known[place + 1], bases, now):
            kept.append(Kept("snapshot", snapshot, why))
        else:
            gone.append(Old("snapshot", snapshot, _size(files, snapshot)))
    halves = tuple(Old("snapshot", name, _size(files, name)) for name in _halves(files))
    return Cleaning((*halves, *gone), tuple(kept))


def _size(files: Files, snapshot: str) -> int:
    return size_of(files, f"snapshots/{snapshot}") + size_of(files, raw_folder(snapshot))


def _released(files: Files, run: str) -> str | None:
    """Remove a candidate that may be the latest, or say why it stays."""
    known = Candidates(files)
    known.unmark(run)
    # Looked at only now: a run that starts from here on finds no asset of this candidate.
    if run not in known.unused():
        return "a run in progress may read it"
    return None if known.remove(run) else READ_BY


def _why_needed(
    files: Files, snapshot: str, following: str, bases: Mapping[str, Start | None], now: datetime
) -> str | None:
    for run, start in bases.items():
        if start is None:
            return f"run {run[:8]} is starting, and may start from it"
        if start.base == snapshot:
            return f"run {run[:8]}, in progress, started from it"
    return why_read(files, snapshot, following, now)


def _halves(files: Files) -> Iterator[str]:
    """Snapshots whose removal was interrupted; nobody can open them."""
    known = {*published_ids(files)}
    for name in removed_ids(files):
        places = (f"snapshots/{name}", raw_folder(name), removal_place(name))
        if name not in known and any(map(files.exists, places)):
            yield name


def _removed(files: Files, old: Old, now: datetime, persona_ids: OfSnapshot) -> str | None:
    """Remove one thing, or say why it stays."""
    if old.kind == "copy":
        files.remove(old.name)  # a run that uses it now has read it whole
        return None
    if old.kind == "candidate":
        return None if Candidates(files).remove(old.name) else READ_BY
    if old.kind == "vectors":
        if now - changed_at(files, old.name) < _A_DAY:
            return "a run has used it since"
        files.remove(old.name)
        return None
    if files.exists(manifest_place(old.name)) and (
        why := _closed(files, old.name, now, persona_ids)
    ):
        return why
    remove_files(files, old.name)
    return None


def _closed(files: Files, snapshot: str, now: datetime, persona_ids: OfSnapshot) -> str | None:
    """Take a snapshot out of the list, so that nobody opens it; or say why it stays."""
    try:
        ids = persona_ids(Snapshot(files, snapshot))
    except AccessError:
        raise
    except StoreError as error:
        return f"its persona ids cannot be read, and no id may be given twice: {error.found}"
    place = manifest_place(snapshot)
    with locks.publishing(files), unread(files, place) as is_free:
        if read_pointer(files).current == snapshot:
            return "it is current now"
        if not is_free:
            return READ_BY
        keep_of_removed(files, snapshot, ids, now)
        files.remove(place)
    return None
