"""Remove old snapshots, candidates and vectors, beside readers and runs in progress.

A snapshot stays if it is current, among the newest few, the one that a run in progress started
from, or being read. What a removed one leaves is in `removed`. On an object store, where readers
cannot be seen, a snapshot also stays for a day after the next one was published.

Belongs here: what may be removed, and removing it. Does not belong here: Dagster's records
(`ri_assets.old_runs`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ri_assets.environment import Retention
from ri_assets.errors import AccessError, StoreError
from ri_assets.store import locks
from ri_assets.store.active_runs import Start, clear_debris, start_of
from ri_assets.store.ages import changed_at, size_of
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.manifest import read_manifest
from ri_assets.store.pointer import (
    current_id,
    keep_history,
    manifest_place,
    published_ids,
    read_pointer,
)
from ri_assets.store.reading_marks import unread
from ri_assets.store.removed import keep_of_removed, removed_ids
from ri_assets.store.snapshot import Snapshot

Kind = Literal["snapshot", "candidate", "vectors", "run"]
PersonaIds = Callable[[Snapshot], Collection[str]]

_READ_BY = "somebody is reading it"
_A_DAY = timedelta(days=1)
_THOUSAND = 1000


@dataclass(frozen=True)
class Old:
    """One thing that retention lets go.

    Parameters
    ----------
    name
        Id of the snapshot or the run, or path of the file of vectors.
    bytes
        Its size; 0 if that is unknown.
    """

    kind: Kind
    name: str
    bytes: int


@dataclass(frozen=True)
class Kept:
    """One old thing that stays all the same."""

    kind: Kind
    name: str
    why: str


@dataclass(frozen=True)
class Cleaning:
    """What was removed, or would be, and what stayed although it is old."""

    gone: tuple[Old, ...] = ()
    kept: tuple[Kept, ...] = ()

    def __add__(self, other: Cleaning) -> Cleaning:
        return Cleaning(self.gone + other.gone, self.kept + other.kept)


def find_old(files: Files, retention: Retention, now: datetime) -> Cleaning:
    """List what `remove_old` would remove now.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    snapshots = _old_snapshots(files, retention.snapshots, now)
    runs = Candidates(files).aged(retention.candidates)
    candidates = tuple(Old("candidate", run, size_of(files, f"candidate/{run}")) for run in runs)
    vectors = tuple(
        Old("vectors", name, size_of(files, name))
        for name in EmbeddingCache(files).segments()
        if now - changed_at(files, name) > timedelta(days=retention.cache_days)
    )
    # Snapshots last: a record of each is written, which a full disk has no room for before.
    return Cleaning(candidates + vectors) + snapshots


def remove_old(
    files: Files, retention: Retention, now: datetime, persona_ids: PersonaIds
) -> Cleaning:
    """Remove what is old; readers and runs in progress are not disturbed.

    Parameters
    ----------
    persona_ids
        Reads every persona id that a snapshot used, which no later run may give again.

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
        if why := _removed(files, old, now, persona_ids):
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
            gone.append(Old("snapshot", snapshot, size_of(files, f"snapshots/{snapshot}")))
    halves = tuple(
        Old("snapshot", name, size_of(files, f"snapshots/{name}")) for name in _halves(files)
    )
    return Cleaning((*halves, *gone), tuple(kept))


def _why_needed(
    files: Files, snapshot: str, following: str, bases: Mapping[str, Start | None], now: datetime
) -> str | None:
    for run, start in bases.items():
        if start is None:
            return f"run {run[:8]} is starting, and may start from it"
        if start.base == snapshot:
            return f"run {run[:8]}, in progress, started from it"
    if not files.is_local:
        replaced = datetime.fromisoformat(read_manifest(files, following).published_at)
        if now - replaced < _A_DAY:
            return "it was current less than a day ago, and somebody may be reading it"
    with unread(files, manifest_place(snapshot)) as is_free:
        return None if is_free else _READ_BY


def _halves(files: Files) -> Iterator[str]:
    """Snapshots whose removal was interrupted; nobody can open them."""
    known = {*published_ids(files)}
    for name in removed_ids(files):
        if name not in known and files.exists(f"snapshots/{name}"):
            yield name


def _removed(files: Files, old: Old, now: datetime, persona_ids: PersonaIds) -> str | None:
    """Remove one thing, or say why it stays."""
    if old.kind == "candidate":
        return None if Candidates(files).remove(old.name) else _READ_BY
    if old.kind == "vectors":
        if now - changed_at(files, old.name) < _A_DAY:
            return "a run has used it since"
        files.remove(old.name)
        return None
    if files.exists(manifest_place(old.name)) and (
        why := _closed(files, old.name, now, persona_ids)
    ):
        return why
    files.remove(f"snapshots/{old.name}")
    return None


def _closed(files: Files, snapshot: str, now: datetime, persona_ids: PersonaIds) -> str | None:
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
            return _READ_BY
        keep_of_removed(files, snapshot, ids, now)
        files.remove(place)
    return None


_NAMES: dict[Kind, tuple[str, str]] = {
    "snapshot": ("snapshot", "snapshots"),
    "candidate": ("candidate", "candidates"),
    "vectors": ("file of vectors", "files of vectors"),
    "run": ("run of Dagster", "runs of Dagster"),
}


def sentences(found: Cleaning, retention: Retention, *, is_dry_run: bool) -> Iterator[str]:
    """Say what was removed of each kind, by which rule, and what stayed and why."""
    rules: dict[Kind, str] = {
        "snapshot": f"the newest {retention.snapshots} stay",
        "candidate": f"the newest {retention.candidates}, and those in use, stay",
        "vectors": f"those used in the last {retention.cache_days} days stay",
        "run": f"those of the last {retention.run_days} days stay",
    }
    verb = "would be removed" if is_dry_run else "removed"
    for kind, (one, many) in _NAMES.items():
        gone = [old for old in found.gone if old.kind == kind]
        name = one if len(gone) == 1 else many
        size = f" ({told_bytes(sum(old.bytes for old in gone))})" if gone else ""
        yield f"{len(gone) or 'no'} {name} {verb}{size}; {rules[kind]}"
    for kept in found.kept:
        yield f"kept although old: {_NAMES[kept.kind][0]} {kept.name}, because {kept.why}"


def told_bytes(number: int) -> str:
    """Give a size in kB, MB or GB."""
    size = number / _THOUSAND
    for unit in ("kB", "MB"):
        if size < _THOUSAND:
            return f"{size:,.1f} {unit}"
        size /= _THOUSAND
    return f"{size:,.1f} GB"
