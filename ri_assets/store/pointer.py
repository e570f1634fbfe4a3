"""The pointer: which snapshot is current, and which ones were published before.

A snapshot is published if and only if the history of the pointer names it. The pointer moves by
compare and swap: from the snapshot that a run started with to the one that it made, or not at
all. The version of the store's format is checked here too, before anything else is read.

Belongs here: reading and moving the pointer. Does not belong here: the files of a snapshot
(`snapshot`, `publishing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ri_assets.errors import AccessError, StoreError
from ri_assets.store import locks
from ri_assets.store.files import Files

FORMAT = 1
"""Version of the layout in `ri_assets.store`; increase it if older code would misread a store."""

FORMAT_FILE = "format.json"


def require_known_format(files: Files) -> None:
    """Refuse a store with an unknown format; a store without a version is older and is read.

    Raises
    ------
    StoreError
        A newer version of the project wrote it, or its version is unreadable.
    """
    if not files.exists(FORMAT_FILE):
        return
    content = files.read_json(FORMAT_FILE)
    found = content.get("format") if isinstance(content, dict) else None
    if not isinstance(found, int):
        raise files.damaged(FORMAT_FILE, "it names no version of the format")
    if found != FORMAT:
        raise StoreError(
            f"the store {files.location} has format {found}",
            f"format {FORMAT}, which this version reads and writes",
            "update ri-persona-system, or name another store with --store",
        )


def require_store(files: Files) -> None:
    """Refuse a place that is no store, so that a misspelt one is not taken for an empty one.

    Raises
    ------
    StoreError
        Nothing is stored there.
    """
    if not files.names(""):
        raise StoreError(
            f"there is no store in {files.location}",
            "a folder or a URL that a run has written to",
            "check --store and the variable RI_STORE",
        )


def mark_format(files: Files) -> None:
    """Write the version to a store that has none."""
    if not files.exists(FORMAT_FILE):
        files.write_json(FORMAT_FILE, {"format": FORMAT})


POINTER = "published.json"


class OvertakenError(StoreError):
    """Another snapshot was published after this run had started."""

    def __init__(self, base: str | None, current: str | None) -> None:
        super().__init__(
            f"{current or 'nothing'} is published, but this run began when "
            f"{base or 'nothing'} was, and matched its ids with that",
            "that no other run publishes in the meantime",
            "run again: the new run starts from what is published now",
        )


@dataclass(frozen=True)
class Pointer:
    """What is published.

    Parameters
    ----------
    current
        Id of the current snapshot; None before the first.
    history
        sha256 of the manifest of each snapshot that was ever published, by id, oldest first;
        None where an earlier version of the project wrote the pointer.
    """

    current: str | None
    history: Mapping[str, str] | None

    def content(self) -> dict[str, Any]:
        """Return the content to store."""
        history = [
            {"snapshot": s, "manifest": digest} for s, digest in (self.history or {}).items()
        ]
        return {"snapshot": self.current, "history": history}


def read_pointer(files: Files) -> Pointer:
    """Read the pointer.

    Raises
    ------
    StoreError
        It is damaged, or the store has an unknown format.
    """
    require_known_format(files)
    if not files.exists(POINTER):
        return Pointer(None, {})
    content = files.read_json(POINTER)
    try:
        current = content["snapshot"]
        listed = content.get("history")
        history = None if listed is None else {one["snapshot"]: one["manifest"] for one in listed}
    except (AttributeError, KeyError, TypeError) as error:
        raise files.damaged(POINTER, "it names no snapshot") from error
    if not isinstance(current, str):
        raise files.damaged(POINTER, "it names no snapshot")
    return Pointer(current, history)


def current_id(files: Files) -> str | None:
    """Id of the current snapshot; None if nothing is published.

    Raises
    ------
    StoreError
        The pointer is damaged.
    """
    return read_pointer(files).current


def published_ids(files: Files) -> list[str]:
    """Ids of the published snapshots that are in the store, oldest first."""
    return [name for name in _named(files, read_pointer(files)) if _has_manifest(files, name)]


def is_published(files: Files, snapshot: str) -> bool:
    """Whether a snapshot with that id is published.

    If the pointer is damaged, every complete snapshot counts, so that you can still read one by
    its id.

    Raises
    ------
    StoreError
        The store has an unknown format, or cannot be read.
    """
    require_known_format(files)
    try:
        return snapshot in published_ids(files)
    except AccessError:
        raise
    except StoreError:
        return _has_manifest(files, snapshot)


def move_pointer(
    files: Files, base: str | None, snapshot: str, seal: Callable[[Pointer], str]
) -> None:
    """Make a snapshot current, if the one that its run started from still is.

    Parameters
    ----------
    base
        Snapshot that was current when the run started; None if there was none.
    snapshot
        Id of the new one; all its files are in the store.
    seal
        Writes its manifest, given the previous pointer, and returns the manifest's sha256.

    Raises
    ------
    OvertakenError
        Another snapshot is current; nothing was changed.
    StoreError
        The pointer cannot be moved safely in this store.
    """
    with locks.publishing(files):
        tag = locks.file_tag(files, POINTER)  # before the content: a later content then has another
        before = read_pointer(files)
        if before.current != base:
            raise OvertakenError(base, before.current)
        history = _history(files, before)
        after = Pointer(snapshot, {**history, snapshot: seal(Pointer(base, history))})
        if not locks.replace_if_unchanged(files, POINTER, after.content(), tag):
            now = read_pointer(files)
            if now != after:  # our own write may have succeeded, and only its answer was lost
                raise OvertakenError(base, now.current)
        files.sync("")


def keep_history(files: Files) -> None:
    """Add the history to the pointer of a store from an earlier version of the project.

    Without it, the folder that a killed run leaves behind would look like a published snapshot.
    """
    with locks.publishing(files):
        tag = locks.file_tag(files, POINTER)
        found = read_pointer(files)
        if found.history is None:
            whole = Pointer(found.current, _history(files, found))
            locks.replace_if_unchanged(files, POINTER, whole.content(), tag)


def manifest_place(snapshot: str) -> str:
    """Path of a snapshot's manifest."""
    return f"snapshots/{snapshot}/manifest.json"


def manifest_digest(files: Files, snapshot: str) -> str:
    """sha256 of a snapshot's manifest as stored; empty if there is none."""
    return files.sha256(manifest_place(snapshot)) if _has_manifest(files, snapshot) else ""


def _history(files: Files, pointer: Pointer) -> dict[str, str]:
    """Return a pointer's history, including an id that a person wrote into the pointer."""
    known = pointer.history or {}
    return {
        name: known.get(name) or manifest_digest(files, name) for name in _named(files, pointer)
    }


def _named(files: Files, pointer: Pointer) -> list[str]:
    """Ids that a pointer names; without a history, the folders with a manifest."""
    if pointer.current is None:
        return []
    if pointer.history is None:
        return [name for name in files.names("snapshots") if _has_manifest(files, name)]
    return list(dict.fromkeys([*pointer.history, pointer.current]))


def _has_manifest(files: Files, snapshot: str) -> bool:
    return files.exists(manifest_place(snapshot))
