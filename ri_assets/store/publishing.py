"""Publish candidates, or keep them as drafts.

Belongs here: deciding whether a candidate may be published, copying it, and cleaning up. Does
not belong here: reading snapshots (`snapshot`), and moving the pointer (`pointer`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Manifest, Receipt, StoredFile, Verdict, Waiver
from ri_assets.store.active_runs import base_of, mark_publishing, unmark_publishing
from ri_assets.store.candidate import Candidates, draft_file
from ri_assets.store.files import Files
from ri_assets.store.manifest import manifest_of, waiver_for
from ri_assets.store.pointer import (
    OvertakenError,
    Pointer,
    keep_history,
    manifest_digest,
    manifest_place,
    move_pointer,
    read_pointer,
)
from ri_assets.store.raw_posts import place_of, raw_folder, remove_files
from ri_assets.store.snapshot import draft_id, file_name, snapshot_id


def obstacles(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    blocking: Mapping[str, Sequence[str]],
    extra: Sequence[Verdict] = (),
    waivers: Sequence[Waiver] = (),
) -> list[str]:
    """List what prevents a run's candidate from being published; empty if nothing does.

    Parameters
    ----------
    assets
        All assets of a snapshot.
    blocking
        Names of the blocking checks of each asset.
    extra
        Verdicts that are not stored yet.
    waivers
        Gates that a person waived for this run.
    """
    receipts = {asset: candidates.receipt(asset, run_id) for asset in assets}
    found = []
    for aspect in ("corpus", "config_hash"):
        values = {getattr(receipt, aspect) for receipt in receipts.values()}
        if len(values) > 1:
            parts = ", ".join(f"{a} {getattr(r, aspect)[:8]}" for a, r in receipts.items())
            found.append(f"assets differ in {aspect}: {parts}; materialise the whole graph")
    for asset, receipt in receipts.items():
        for used, digest in receipt.inputs.items():
            if receipts[used].sha256 != digest:
                found.append(f"{asset} was made from another {used}; materialise {asset} again")
        known = {v.check: v for v in [*candidates.verdicts(receipt), *extra] if v.asset == asset}
        for check in blocking.get(asset, ()):
            if check not in known:
                found.append(f"check {check} of {asset} has not run on these files")
            elif not known[check].is_passed and waiver_for(known[check], waivers) is None:
                found.append(f"check {check} of {asset} failed: {known[check].message}")
    return found


def publish(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    beside: Mapping[str, bytes] | None = None,
    exports: Mapping[str, StoredFile] | None = None,
    waivers: Sequence[Waiver] = (),
    model_sha256: str = "",
    recogniser: str = "",
    raw: Collection[str] = (),
) -> Manifest:
    """Copy a run's candidate into a new snapshot, then move the pointer to it.

    Call this only if `obstacles` is empty. Until the pointer moves, readers see the earlier
    snapshot. A crash before that leaves a folder that readers ignore, and a mark that tells the
    next run to remove it.

    Parameters
    ----------
    assets
        All assets of a snapshot.
    beside
        Further files for readers, by name.
    exports
        Export files of the candidate, made for `snapshot_id` and checked, by name.
    waivers
        Gates that a person waived for this run.
    model_sha256
        Digest of all files of the embedding model, with which readers compare theirs.
    recogniser
        Pipeline that found names of people: name, version and digest; empty if none.
    raw
        Names of the files with posts as people wrote them. They go to a folder of their own, from
        which they can be removed later.

    Raises
    ------
    OvertakenError
        Another snapshot was published since this run started; nothing was changed.
    """
    files, base = candidates.files, base_of(candidates.files, run_id)
    receipts = [candidates.receipt(asset, run_id) for asset in assets]
    snapshot = snapshot_id(receipts[-1])
    keep_history(files)
    current = read_pointer(files).current
    if current != base:
        raise OvertakenError(base, current)
    mark_publishing(files, run_id, snapshot)
    try:
        digests = _copied_files(files, receipts, snapshot, exports or {}, beside or {}, raw)
        draft = manifest_of(
            candidates,
            run_id,
            assets,
            snapshot,
            _now(),
            digests,
            waivers,
            model_sha256,
            recogniser,
            raw,
        )
        manifest = _sealed(files, base, draft)
    except OvertakenError:
        remove_files(files, snapshot)
        unmark_publishing(files, run_id)
        raise
    with suppress(OSError):  # it is published; the next run removes the mark
        unmark_publishing(files, run_id)
    return manifest


def _copied_files(
    files: Files,
    receipts: Sequence[Receipt],
    snapshot: str,
    exports: Mapping[str, StoredFile],
    beside: Mapping[str, bytes],
    raw: Collection[str],
) -> dict[str, str]:
    """Copy all files of a snapshot to its folders, and return their digests by name."""
    remove_files(files, snapshot)  # what a killed attempt of this run left
    tables = {
        file_name(receipt.asset, name): file
        for receipt in receipts
        for name, file in receipt.files.items()
    }
    digests = {
        name: _copied(files, file, place_of(snapshot, name, raw))
        for name, file in {**tables, **exports}.items()
    }
    for name, content in beside.items():
        digests[name] = files.write_bytes(place_of(snapshot, name, raw), content)
    return digests


def _sealed(files: Files, base: str | None, manifest: Manifest) -> Manifest:
    """Write the manifest, chained to the one before, and move the pointer."""
    snapshot, written = manifest.snapshot, [manifest]

    def seal(before: Pointer) -> str:
        chained = manifest.model_copy(
            update={
                "previous": before.current,
                "previous_manifest": (before.history or {}).get(before.current or "", ""),
            }
        )
        written.append(chained)
        files.write_json(manifest_place(snapshot), chained.model_dump())
        files.sync(f"snapshots/{snapshot}")
        if manifest.raw:
            files.sync(raw_folder(snapshot))
        return manifest_digest(files, snapshot)

    try:
        move_pointer(files, base, snapshot, seal)
    except OSError:
        if read_pointer(files).current != snapshot:
            raise
    return written[-1]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _copied(files: Files, file: StoredFile, target: str) -> str:
    """Copy a file of the candidate and return its digest; it must be unchanged."""
    files.copy(file.path, target)
    if files.sha256(target) != file.sha256:
        raise StoreError(
            f"{file.path} changed while it was being published",
            f"sha256 {file.sha256}, as its receipt says",
            "let the other run finish, then rerun",
        )
    return file.sha256


def write_draft(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    beside: Mapping[str, bytes],
    exports: Mapping[str, StoredFile],
    waivers: Sequence[Waiver],
    why: str,
    model_sha256: str = "",
    recogniser: str = "",
    raw: Collection[str] = (),
) -> Manifest:
    """Describe a run's candidate so that it can be read; its tables are not copied.

    Parameters
    ----------
    assets
        All assets of a snapshot.
    beside
        Further files for readers, by name.
    exports
        Export files of the candidate, made for `draft_id`, by name.
    waivers
        Gates that a person waived for this run.
    why
        Why it was not published, in one sentence.
    model_sha256, recogniser, raw
        As for `publish`.
    """
    files = candidates.files
    folder = f"candidate/{run_id}"
    receipts = [candidates.receipt(asset, run_id) for asset in assets]
    stored = {
        file_name(receipt.asset, name): file
        for receipt in receipts
        for name, file in receipt.files.items()
    } | dict(exports)
    paths = {name: file.path for name, file in stored.items()}
    digests = {name: file.sha256 for name, file in stored.items()}
    for name, content in beside.items():
        paths[name] = f"{folder}/beside/{name}"
        digests[name] = files.write_bytes(paths[name], content)
    manifest = manifest_of(
        candidates,
        run_id,
        assets,
        draft_id(candidates, run_id),
        "",
        digests,
        waivers,
        model_sha256,
        recogniser,
        raw,
    )
    files.write_json(
        draft_file(run_id),
        {
            "manifest": manifest.model_dump(),
            "paths": paths,
            "why": why,
            "written_at": receipts[-1].written_at,
        },
    )
    return manifest
