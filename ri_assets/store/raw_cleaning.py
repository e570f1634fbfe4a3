"""Remove the raw posts of snapshots that stay, beside their readers.

The record of a removal is written under the lock that readers respect, and counts from that
moment. Deleting the files can be interrupted: the next run or cleaning goes on. On an object store,
where readers cannot be seen, raw posts stay for a day after the next snapshot was published; a
reader who comes across a removal gets an error that says so (`raw_posts`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from ri_assets.errors import AccessError, StoreError
from ri_assets.store import locks
from ri_assets.store.ages import size_of
from ri_assets.store.cleaned import READ_BY, Cleaning, Kept, Old
from ri_assets.store.files import Files
from ri_assets.store.manifest import read_manifest
from ri_assets.store.pointer import current_id, manifest_place
from ri_assets.store.raw_posts import kept_ids, raw_folder, record_removal, recorded_ids
from ri_assets.store.reading_marks import unread
from ri_assets.store.snapshot import Snapshot

OfSnapshot = Callable[[Snapshot], Collection[str]]

_A_DAY = timedelta(days=1)
_AMONG_OTHERS = (
    "an earlier version published the snapshot, with raw posts among its other files; "
    "--keep-snapshots removes whole snapshots"
)


def find_raw(files: Files, keep: int | None, stay: Sequence[str], now: datetime) -> Cleaning:
    """Find the raw posts to remove.

    Parameters
    ----------
    keep
        Number of the newest snapshots that keep theirs; None: all.
    stay
        Snapshots that are not removed as a whole, oldest first.
    """
    recorded, there, current = recorded_ids(files), kept_ids(files), current_id(files)
    n_aged = 0 if keep is None else max(len(stay) - keep, 0)
    gone: list[Old] = []
    kept: list[Kept] = []
    for place, snapshot in enumerate(stay):
        old = Old("raw", snapshot, size_of(files, raw_folder(snapshot)))
        is_aged = place < n_aged and (keep == 0 or snapshot != current)
        if snapshot in recorded or keep is None or (snapshot in there and not is_aged):
            continue
        if why := _why_kept(files, snapshot, (*stay, None)[place + 1], now):
            if is_aged:
                kept.append(Kept("raw", snapshot, why))
        else:  # also where somebody deleted them by hand, so that this is recorded
            gone.append(old)
    return Cleaning(tuple(gone), tuple(kept))


def _why_kept(files: Files, snapshot: str, following: str | None, now: datetime) -> str | None:
    try:
        manifest = read_manifest(files, snapshot)
    except AccessError:
        raise
    except StoreError as error:
        return f"the snapshot cannot be read: {error.found}"
    return why_read(files, snapshot, following, now) if manifest.raw else _AMONG_OTHERS


def remove_raw(files: Files, old: Old, now: datetime, screened: OfSnapshot) -> str | None:
    """Remove the raw posts of a snapshot, after a record of it; or say why they stay."""
    if old.name not in recorded_ids(files):
        try:
            words = screened(Snapshot(files, old.name))
            manifest = read_manifest(files, old.name)
        except AccessError:
            raise
        except StoreError as error:
            return f"the snapshot cannot be read: {error.found}"
        with locks.publishing(files), unread(files, manifest_place(old.name)) as is_free:
            if not is_free:
                return READ_BY
            record_removal(files, manifest, old.bytes, words, now)
    files.remove(raw_folder(old.name))
    return None


def why_read(files: Files, snapshot: str, following: str | None, now: datetime) -> str | None:
    """Say why somebody may be reading a snapshot; None if nobody is.

    Parameters
    ----------
    following
        Snapshot that replaced it; None if nothing did.
    """
    if not files.is_local and following is not None:
        replaced = datetime.fromisoformat(read_manifest(files, following).published_at)
        if now - replaced < _A_DAY:
            return "it was current less than a day ago, and somebody may be reading it"
    with unread(files, manifest_place(snapshot)) as is_free:
        return None if is_free else READ_BY
