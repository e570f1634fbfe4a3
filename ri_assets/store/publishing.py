"""Publishing: whether a candidate may become a snapshot, and making it one.

Belongs here: copying a candidate, and what becomes of the copy if it is not published. Does
not belong here: reading snapshots (`snapshot`), and the swap itself (`pointer`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Manifest, Receipt, StoredFile, Verdict, Waiver
from ri_assets.store.begun import base_of, mark_publishing, unmark_publishing
from ri_assets.store.candidate import Candidates
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
from ri_assets.store.snapshot import file_name, snapshot_id


def obstacles(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    blocking: Mapping[str, Sequence[str]],
    extra: Sequence[Verdict] = (),
    waivers: Sequence[Waiver] = (),
) -> list[str]:
    """Say what keeps a run's candidate from being published; an empty list is a yes.

    Parameters
    ----------
    assets
        All assets of a snapshot.
    blocking
        Names of the blocking checks of each asset.
    extra
        Verdicts that are not recorded yet.
    waivers
        Gates that a person set aside for this run.
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
) -> Manifest:
    """Copy a run's candidate into a new snapshot, then move the pointer to it.

    Call only when `obstacles` found none. Until the pointer moves, readers see the earlier
    snapshot. A crash before leaves a folder that no reader takes for a snapshot, and a mark by
    which the next run finds and removes it.

    Parameters
    ----------
    assets
        All assets of a snapshot.
    beside
        Further files for readers, by name.
    exports
        Files of the candidate that were made for `snapshot_id` and judged, by name.
    waivers
        Gates that a person set aside for this run.

    Raises
    ------
    OvertakenError
        Another snapshot was published since this run began; nothing was changed.
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
        digests = _copied_files(files, receipts, snapshot, exports or {}, beside or {})
        draft = manifest_of(candidates, run_id, assets, snapshot, _now(), digests, waivers)
        manifest = _sealed(files, base, draft)
    except OvertakenError:
        files.remove(f"snapshots/{snapshot}")
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
) -> dict[str, str]:
    """Bring all files of a snapshot into its folder, and give their digests by name."""
    folder = f"snapshots/{snapshot}"
    files.remove(folder)  # what a killed attempt of this run left
    digests: dict[str, str] = {}
    for receipt in receipts:
        for name, file in receipt.files.items():
            target = file_name(receipt.asset, name)
            digests[target] = _copied(files, file, f"{folder}/{target}")
    for name, file in exports.items():
        digests[name] = _copied(files, file, f"{folder}/{name}")
    for name, content in beside.items():
        digests[name] = files.write_bytes(f"{folder}/{name}", content)
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
    """Copy a file of the candidate, and give its digest; it must be as it was written."""
    files.copy(file.path, target)
    if files.sha256(target) != file.sha256:
        raise StoreError(
            f"{file.path} changed while it was being published",
            f"sha256 {file.sha256}, as its receipt says",
            "let the other run finish, then rerun",
        )
    return file.sha256
