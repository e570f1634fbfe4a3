"""Snapshots: published, immutable versions of the personas and their index."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from ri_assets.errors import StoreError
from ri_assets.store.candidate import Candidates, Receipt, Verdict
from ri_assets.store.files import Files, StoredFile, parquet_columns
from ri_assets.store.manifest import Manifest, manifest_of
from ri_assets.store.waiver import Waiver, waiver_for

POINTER = "published.json"


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
    """Copy a run's candidate into a new snapshot, then swap the pointer to it.

    Call only when `obstacles` found none. Until the pointer is swapped, readers see
    the earlier snapshot; a crash before leaves an unnamed folder and nothing else.

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
    """
    files = candidates.files
    receipts = [candidates.receipt(asset, run_id) for asset in assets]
    snapshot = snapshot_id(receipts[-1])
    folder = f"snapshots/{snapshot}"
    digests: dict[str, str] = {}
    for receipt in receipts:
        for name, file in receipt.files.items():
            target = file_name(receipt.asset, name)
            digests[target] = _copied(files, file, f"{folder}/{target}")
    for name, file in (exports or {}).items():
        digests[name] = _copied(files, file, f"{folder}/{name}")
    for name, content in (beside or {}).items():
        digests[name] = files.write_bytes(f"{folder}/{name}", content)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = manifest_of(candidates, run_id, assets, snapshot, now, digests, waivers)
    files.write_json(f"{folder}/manifest.json", asdict(manifest))
    files.write_json(POINTER, {"snapshot": snapshot})
    return manifest


def snapshot_id(last: Receipt) -> str:
    """Id of the snapshot that a candidate becomes, known before it is published.

    Parameters
    ----------
    last
        Receipt of the last asset: when it was written, and the digest of its files.
    """
    return f"{datetime.fromisoformat(last.written_at):%Y%m%dT%H%M%SZ}-{last.sha256[:8]}"


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


def file_name(asset: str, table: str) -> str:
    """Name of a table's file in a snapshot: the asset's, and the part's after a dot."""
    return f"{asset}.parquet" if table == asset else f"{asset}.{table}.parquet"


class Snapshot:
    """One published snapshot, read-only.

    `is_draft` is false here and true in `ri_assets.store.draft.Draft`, which readers use alike.

    Parameters
    ----------
    files
        The store.
    snapshot
        Its id; without one, the currently published.

    Raises
    ------
    StoreError
        Nothing is published yet, or there is no such snapshot.
    """

    is_draft = False

    def __init__(self, files: Files, snapshot: str | None = None) -> None:
        self.files = files
        known = published_ids(files)
        if not known:
            raise StoreError(
                f"no snapshot is published in {files.location}",
                "a store in which a run has passed its checks",
                "run the pipeline first: make run, or ri-index run --source …; what a refused run "
                "found can be read with --draft",
            )
        chosen = snapshot or current_id(files)
        if chosen not in known:
            raise StoreError(
                f"there is no snapshot {chosen!r} in {files.location}",
                f"one of {', '.join(known)}",
                "correct --snapshot, or leave it out for the current one",
            )
        self.folder = f"snapshots/{chosen}"
        self.manifest = self._read_manifest(f"{self.folder}/manifest.json")

    def path(self, name: str) -> str:
        """Place of a file in the store, by its name in the manifest."""
        return f"{self.folder}/{name}"

    def table(
        self, asset: str, part: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Read a table of an asset, or a part beside it.

        Parameters
        ----------
        columns
            What is read. One that the snapshot lacks, because it is older than the column, reads
            as the contract says (`Column.older`). Without names, the table comes as it is stored.
        """
        found = self.files.read_table(
            self.path(file_name(asset, part or asset)), columns, may_lack=True
        )
        return self._as_asked(found, asset, part, columns)

    def content(self, name: str) -> pa.Buffer:
        """Bytes of a file, verified: what the manifest promises, or an error.

        Raises
        ------
        StoreError
            The file is missing, damaged or not of this snapshot.
        """
        if name not in self.manifest.files:
            raise StoreError(
                f"snapshot {self.manifest.snapshot} has no {name}",
                "a snapshot that this version of the project published",
                "rerun the pipeline, or open a newer snapshot",
            )
        path = self.path(name)
        buffer = self.files.buffer(path)
        if hashlib.sha256(buffer).hexdigest() != self.manifest.files[name]:
            raise self.files.damaged(path, "its sha256 is not the one in the manifest")
        return buffer

    def verified(
        self, asset: str, part: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Read a table like `table`, and verify the whole file first."""
        name = file_name(asset, part or asset)
        buffer = self.content(name)
        try:
            found = parquet_columns(pa.BufferReader(buffer), columns)
        except (pa.ArrowException, OSError) as error:
            raise self.files.damaged(self.path(name), str(error)) from error
        return self._as_asked(found, asset, part, columns)

    def rows(
        self, asset: str, part: str | None, tweet_ids: Collection[int], columns: Sequence[str]
    ) -> pa.Table:
        """Read the rows of a few tweets, and no more of the file than that takes; as `table`."""
        name = self.path(file_name(asset, part or asset))
        found = self.files.read_rows(name, "tweet_id", tweet_ids, columns)
        return self._as_asked(found, asset, part, columns)

    def _as_asked(
        self, found: pa.Table, asset: str, part: str | None, columns: Sequence[str] | None
    ) -> pa.Table:
        if columns is None or set(columns) <= set(found.column_names):
            return found
        from ri_assets.contracts.assets import CONTRACTS  # seconds, and few snapshots need it

        tables = {table.name: table for table in CONTRACTS[asset].tables}
        where = f"snapshot {self.manifest.snapshot}"
        return tables[part or asset].read(found, columns, where)

    def missing(self) -> list[str]:
        """Names that the manifest lists and the folder lacks, as after a copy that broke off."""
        return sorted(set(self.manifest.files) - set(self.files.names(self.folder)))

    def _read_manifest(self, name: str) -> Manifest:
        content: dict[str, Any] = self.files.read_json(name)
        try:
            return Manifest.read(content)
        except (AttributeError, KeyError, TypeError) as error:
            raise self.files.damaged(name, str(error)) from error

    def verify(self) -> None:
        """Compare every file with the manifest.

        Raises
        ------
        StoreError
            A file is missing or differs.
        """
        for name, digest in self.manifest.files.items():
            if self.files.sha256(self.path(name)) != digest:
                raise StoreError(
                    f"{self.path(name)} differs from its manifest",
                    f"sha256 {digest}",
                    "open an earlier snapshot with --snapshot, or rerun the pipeline",
                )


def current_id(files: Files) -> str:
    """Id of the snapshot that is current.

    Raises
    ------
    StoreError
        Nothing is published yet, or the pointer is damaged.
    """
    try:
        return str(files.read_json(POINTER)["snapshot"])
    except (KeyError, TypeError) as error:
        raise files.damaged(POINTER, "it names no snapshot") from error


def published_ids(files: Files) -> list[str]:
    """Ids of the snapshots that were published whole, oldest first."""
    if not files.exists(POINTER):
        return []
    return [
        name for name in files.names("snapshots") if files.exists(f"snapshots/{name}/manifest.json")
    ]
