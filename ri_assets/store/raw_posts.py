"""Raw posts of snapshots: where they are, and the record of their removal.

Posts as people wrote them, the vectors of their texts, and the list of the handles in them are in
`raw/<snapshot>/`, apart from what a snapshot publishes. They can be removed: a record is written
first, and from that moment every reader takes the posts as removed, whatever is still there. A
removal that was interrupted can thus be finished at any time.

Belongs here: paths, the record, and the error for readers. Does not belong here: which raw posts
are old enough to go (`cleaning`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Manifest, RawRemoval
from ri_assets.store.files import Files

FOLDER = "raw"
_RECORD = ".removed.json"


class RawPostsGoneError(StoreError):
    """The raw posts of a snapshot are not in the store any more.

    Parameters
    ----------
    snapshot
        Its id.
    removal
        The record of their removal; None if somebody deleted them without one.
    path
        Full path of the file that is not there.
    """

    def __init__(self, snapshot: str, removal: RawRemoval | None, path: str) -> None:
        self.removal = removal
        self.sentence = (
            f"the raw posts of snapshot {snapshot} are missing, and no removal is recorded"
            if removal is None
            else f"the raw posts of snapshot {snapshot} were removed on {removal.date}"
        )
        super().__init__(
            self.sentence if removal else f"{self.sentence}: {path} does not exist",
            "a snapshot whose raw posts are in the store",
            "run the pipeline (ri-index run --again): the snapshot that it publishes has them"
            if removal
            else f"restore {FOLDER}/{snapshot} from a backup, or record the removal: "
            "ri-index clean --raw",
        )


def raw_folder(snapshot: str) -> str:
    """Folder with the raw posts of a snapshot."""
    return f"{FOLDER}/{snapshot}"


def removal_place(snapshot: str) -> str:
    """Path of the record that the raw posts of a snapshot were removed."""
    return f"{FOLDER}/{snapshot}{_RECORD}"


def place_of(snapshot: str, name: str, raw: Collection[str]) -> str:
    """Path of a snapshot's file.

    Parameters
    ----------
    raw
        Names of its files with posts as people wrote them.
    """
    return f"{raw_folder(snapshot) if name in raw else f'snapshots/{snapshot}'}/{name}"


def read_removal(files: Files, snapshot: str) -> RawRemoval | None:
    """Read the record of a removal; None if the raw posts were not removed.

    Raises
    ------
    StoreError
        The record is damaged.
    """
    place = removal_place(snapshot)
    if not files.exists(place):
        return None
    try:
        return RawRemoval.model_validate(files.read_json(place))
    except ValueError as error:
        raise files.damaged(place, str(error)) from error


def record_removal(
    files: Files, manifest: Manifest, size: int, screened: Iterable[str], now: datetime
) -> None:
    """Record that the raw posts of a snapshot are removed; from now on nobody reads them.

    Parameters
    ----------
    size
        Bytes of all files.
    screened
        Words of people's corrections that may be shown. Without the list of handles, nobody can
        tell any more.
    """
    record = RawRemoval(
        snapshot=manifest.snapshot,
        removed_at=now.isoformat(timespec="seconds"),
        files=tuple(sorted(manifest.raw)),
        bytes=size,
        screened=tuple(sorted(screened)),
    )
    files.write_json(removal_place(manifest.snapshot), record.model_dump())


def recorded_ids(files: Files) -> list[str]:
    """Ids of the snapshots whose raw posts were removed, in alphabetical order."""
    return [name.removesuffix(_RECORD) for name in files.names(FOLDER) if name.endswith(_RECORD)]


def kept_ids(files: Files) -> list[str]:
    """Ids of the snapshots whose raw posts are still in the store, in alphabetical order."""
    return [name for name in files.names(FOLDER) if not name.endswith(_RECORD)]


def finish_removals(files: Files) -> None:
    """Remove raw posts whose removal is recorded and was interrupted."""
    recorded = set(recorded_ids(files))
    for snapshot in kept_ids(files):
        if snapshot in recorded:
            files.remove(raw_folder(snapshot))


def remove_files(files: Files, snapshot: str) -> None:
    """Remove all files of a snapshot that nobody can open, its raw posts first."""
    files.remove(raw_folder(snapshot))
    files.remove(f"snapshots/{snapshot}")
    files.remove(removal_place(snapshot))
