"""Manifests: what a snapshot consists of, and the result of every check.

Manifests form a chain. Each names the one before and its sha256, and the pointer names all of
them. A manifest that was edited together with its files is therefore noticed, unless all later
manifests and the pointer were edited too.
"""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Manifest, Verdict, Waiver
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, manifest_place, published_ids, read_pointer
from ri_assets.store.removed import (
    chained_digest,
    chained_manifest,
    chained_place,
    removed_ids,
)

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


def manifest_of(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    snapshot: str,
    published_at: str,
    digests: Mapping[str, str],
    waivers: Sequence[Waiver],
    model_sha256: str,
    recogniser: str,
    raw: Collection[str] = (),
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
    raw
        Names of the files with posts as people wrote them.
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
        files={name: digest for name, digest in digests.items() if name not in raw},
        raw={name: digest for name, digest in digests.items() if name in raw},
        verdicts=tuple(v.model_copy(update={"waiver": waiver_for(v, waivers)}) for v in verdicts),
        versions=library_versions(),
        waivers=settled(verdicts, waivers),
        model_sha256=model_sha256,
        recogniser=recogniser,
    )


def waiver_for(verdict: Verdict, waivers: Iterable[Waiver]) -> Waiver | None:
    """Give the waiver that sets a failed verdict aside: its own, or one of the run; or None."""
    if verdict.is_passed or not verdict.is_blocking:
        return None
    if verdict.waiver is not None:
        return verdict.waiver
    given = next((waiver for waiver in waivers if waiver.gate == verdict.check), None)
    return given and given.applied(verdict.value, verdict.threshold, is_used=True)


def settled(verdicts: Sequence[Verdict], waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Give every waiver of a run with what it set aside; unused ones follow the used ones."""
    used = [found for v in verdicts for found in [waiver_for(v, waivers)] if found is not None]
    passed = {v.check: v for v in verdicts if v.is_passed and v.is_blocking}
    unused = [
        waiver.applied(passed[waiver.gate].value, passed[waiver.gate].threshold, is_used=False)
        for waiver in waivers
        if waiver.gate in passed
    ]
    return (*used, *unused)


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
        return Manifest.model_validate(content)
    except ValueError as error:
        raise files.damaged(place, str(error)) from error


def verify_chain(files: Files, manifest: Manifest) -> None:
    """Verify a manifest, and all earlier ones, against the digests that name them.

    Manifests of snapshots that `ri_assets.store.cleaning` removed are part of the chain.

    Parameters
    ----------
    manifest
        Of a published snapshot.

    Raises
    ------
    StoreError
        A manifest was changed. Manifests of earlier versions of the project have no digest to
        compare with, and the chain ends at a snapshot that somebody deleted by hand.
    """
    snapshot = manifest.snapshot
    named = (read_pointer(files).history or {}).get(snapshot, "")
    _require(files, snapshot, named, POINTER)
    known = dict.fromkeys([*published_ids(files), *removed_ids(files)])
    for later in known:
        if later != snapshot:
            successor = chained_manifest(files, later)
            if successor.previous == snapshot:
                place = chained_place(files, later)
                _require(files, snapshot, successor.previous_manifest, place)
    seen = {snapshot}
    while manifest.previous in known and manifest.previous not in seen:
        before = str(manifest.previous)
        named_by = chained_place(files, manifest.snapshot)
        _require(files, before, manifest.previous_manifest, named_by)
        seen.add(before)
        manifest = chained_manifest(files, before)


def _require(files: Files, snapshot: str, digest: str, named_by: str) -> None:
    if digest and chained_digest(files, snapshot) != digest:
        raise StoreError(
            f"{files.path(chained_place(files, snapshot))} was changed after it was published",
            f"sha256 {digest}, as {named_by} says",
            "restore the snapshot from a backup, or rerun the pipeline and publish a new one",
        )
