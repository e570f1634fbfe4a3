"""The chain of manifests: each names the one before and its sha256, and the pointer names all.

So a manifest that was edited together with its files is noticed, unless all later manifests
and the pointer were edited too.
"""

from __future__ import annotations

from typing import Any

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Manifest
from ri_assets.store.files import Files
from ri_assets.store.pointer import (
    POINTER,
    manifest_digest,
    manifest_place,
    published_ids,
    read_pointer,
)


def read_manifest(files: Files, snapshot: str) -> Manifest:
    """Read the manifest of a snapshot.

    Raises
    ------
    StoreError
        It is missing or damaged.
    """
    place = manifest_place(snapshot)
    content: dict[str, Any] = files.read_json(place)
    try:
        return Manifest.model_validate(content)
    except ValueError as error:
        raise files.damaged(place, str(error)) from error


def verify_chain(files: Files, manifest: Manifest) -> None:
    """Hold a manifest, and all that it goes on from, against what names them.

    Parameters
    ----------
    manifest
        Of a published snapshot.

    Raises
    ------
    StoreError
        One is not the manifest that was published. Manifests of earlier versions of the
        project are named by nothing, and snapshots that were removed end the chain.
    """
    snapshot = manifest.snapshot
    named = (read_pointer(files).history or {}).get(snapshot, "")
    _require(files, snapshot, named, POINTER)
    known = published_ids(files)
    for later in known:
        if later != snapshot:
            successor = read_manifest(files, later)
            if successor.previous == snapshot:
                place = manifest_place(later)
                _require(files, snapshot, successor.previous_manifest, place)
    seen = {snapshot}
    while manifest.previous in known and manifest.previous not in seen:
        before = str(manifest.previous)
        _require(files, before, manifest.previous_manifest, manifest_place(manifest.snapshot))
        seen.add(before)
        manifest = read_manifest(files, before)


def _require(files: Files, snapshot: str, digest: str, named_by: str) -> None:
    if digest and manifest_digest(files, snapshot) != digest:
        raise StoreError(
            f"{files.path(manifest_place(snapshot))} was changed after it was published",
            f"sha256 {digest}, as {named_by} says",
            "put the snapshot back from a copy, or rerun the pipeline and publish a new one",
        )
