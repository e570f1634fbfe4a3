"""What is kept of a removed snapshot: its manifest and the ids of its personas.

Manifests form a chain, so the manifest is kept as it was, byte for byte. Ids of personas are
never reused, so they are kept too. Everything else of the snapshot is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from ri_assets.records.manifest import Manifest
from ri_assets.store.files import Files
from ri_assets.store.pointer import manifest_digest, manifest_place

FOLDER = "removed"


def removed_place(snapshot: str) -> str:
    """Path of what is kept of a removed snapshot."""
    return f"{FOLDER}/{snapshot}.json"


def keep_of_removed(
    files: Files, snapshot: str, persona_ids: Iterable[str], removed_at: datetime
) -> None:
    """Record a snapshot that is about to be removed."""
    text = files.read_text(manifest_place(snapshot))
    content = {
        "snapshot": snapshot,
        "removed_at": removed_at.isoformat(timespec="seconds"),
        "persona_ids": sorted(persona_ids),
        "manifest": text,
    }
    files.write_json(removed_place(snapshot), content)


def removed_ids(files: Files) -> list[str]:
    """Ids of the snapshots that were removed, in alphabetical order."""
    return [name.removesuffix(".json") for name in files.names(FOLDER) if name.endswith(".json")]


def personas_of_removed(files: Files) -> frozenset[str]:
    """Ids of all personas of removed snapshots.

    Raises
    ------
    StoreError
        A record is damaged.
    """
    taken: set[str] = set()
    for snapshot in removed_ids(files):
        place = removed_place(snapshot)
        try:
            taken |= set(files.read_json(place)["persona_ids"])
        except (KeyError, TypeError) as error:
            raise files.damaged(place, "it names no personas") from error
    return frozenset(taken)


def chained_manifest(files: Files, snapshot: str) -> Manifest:
    """Read the manifest of a snapshot, also of a removed one.

    Raises
    ------
    StoreError
        It is missing or damaged.
    """
    place, text = _text(files, snapshot)
    try:
        return Manifest.model_validate(json.loads(text))
    except ValueError as error:
        raise files.damaged(place, str(error)) from error


def chained_digest(files: Files, snapshot: str) -> str:
    """sha256 of the manifest of a snapshot, also of a removed one; empty if there is neither."""
    if digest := manifest_digest(files, snapshot):
        return digest
    if not files.exists(removed_place(snapshot)):
        return ""
    return hashlib.sha256(_text(files, snapshot)[1].encode()).hexdigest()


def chained_place(files: Files, snapshot: str) -> str:
    """Path of the file that holds the manifest of a snapshot, also of a removed one."""
    place = manifest_place(snapshot)
    return place if files.exists(place) else removed_place(snapshot)


def _text(files: Files, snapshot: str) -> tuple[str, str]:
    place = chained_place(files, snapshot)
    if place == manifest_place(snapshot):
        return place, files.read_text(place)
    try:
        return place, str(files.read_json(place)["manifest"])
    except (KeyError, TypeError) as error:
        raise files.damaged(place, "it holds no manifest") from error
