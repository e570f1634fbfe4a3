"""Manifests: what a snapshot consists of, and the result of every check.

Manifests form a chain. Each names the one before and its sha256, and the pointer names all of
them. A manifest that was edited together with its files is therefore noticed, unless all later
manifests and the pointer were edited too.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from ri_assets.errors import StoreError
from ri_assets.store.candidate import Candidates, Verdict
from ri_assets.store.files import Files
from ri_assets.store.pointer import (
    POINTER,
    manifest_digest,
    manifest_place,
    published_ids,
    read_pointer,
)
from ri_assets.store.waiver import Waiver, settled, waiver_for

_LIBRARIES = (
    "dagster",
    "hdbscan",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "sentence-transformers",
    "torch",
    "umap-learn",
)


@dataclass(frozen=True)
class Manifest:
    """Contents and origin of a snapshot.

    Parameters
    ----------
    snapshot, published_at, run_id
        Its id, when it was published (UTC), and by which run.
    profile, config_hash, corpus, source
        Configuration and input; secrets in the source's name are masked.
    files
        sha256 of each file in the snapshot's folder.
    verdicts
        Results of all checks.
    versions
        Versions of Python and of the libraries that influence the result.
    waivers
        Gates that a person waived, including waivers that were not needed.
    previous, previous_manifest
        Snapshot that this one replaced, and the sha256 of its manifest; None and empty for the
        first, for drafts, and in manifests of earlier versions.
    model_sha256
        Digest of all files of the embedding model (see `ri_assets.pipeline.model_files`);
        empty in manifests of earlier versions.
    """

    snapshot: str
    published_at: str
    run_id: str
    profile: str
    config_hash: str
    corpus: str
    source: str
    files: Mapping[str, str]
    verdicts: Sequence[Verdict]
    versions: Mapping[str, str]
    waivers: Sequence[Waiver] = ()
    previous: str | None = None
    previous_manifest: str = ""
    model_sha256: str = ""

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Manifest:
        """Read a stored manifest; earlier versions of the project had no waivers."""
        verdicts = [Verdict.read(item) for item in content["verdicts"]]
        waivers = tuple(Waiver(**item) for item in content.get("waivers", ()))
        return cls(**{**content, "verdicts": verdicts, "waivers": waivers})


def manifest_of(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    snapshot: str,
    published_at: str,
    digests: Mapping[str, str],
    waivers: Sequence[Waiver],
    model_sha256: str,
) -> Manifest:
    """Describe a candidate, and which waivers its verdicts used.

    Parameters
    ----------
    snapshot, published_at
        Its id, and when it was published.
    digests
        sha256 of each file, by the name that readers use.
    waivers
        Gates that a person waived for this run.
    """
    receipts = [candidates.receipt(asset, run_id) for asset in assets]
    verdicts = [verdict for receipt in receipts for verdict in candidates.verdicts(receipt)]
    last = receipts[-1]
    return Manifest(
        snapshot=snapshot,
        published_at=published_at,
        run_id=run_id,
        profile=last.profile,
        config_hash=last.config_hash,
        corpus=last.corpus,
        source=last.source,
        files=digests,
        verdicts=[replace(v, waiver=waiver_for(v, waivers)) for v in verdicts],
        versions=library_versions(),
        waivers=settled(verdicts, waivers),
        model_sha256=model_sha256,
    )


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that influence a result."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


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
        return Manifest.read(content)
    except (AttributeError, KeyError, TypeError) as error:
        raise files.damaged(place, str(error)) from error


def verify_chain(files: Files, manifest: Manifest) -> None:
    """Verify a manifest, and all earlier ones, against the digests that name them.

    Parameters
    ----------
    manifest
        Of a published snapshot.

    Raises
    ------
    StoreError
        A manifest was changed. Manifests of earlier versions of the project have no digest to
        compare with, and the chain ends at a snapshot that was removed.
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
            "restore the snapshot from a backup, or rerun the pipeline and publish a new one",
        )
