"""Snapshots: published, immutable versions of the personas and their index."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ri_assets.errors import StoreError
from ri_assets.store.candidate import Candidates, Receipt, Verdict
from ri_assets.store.files import Files, StoredFile

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
POINTER = "published.json"


@dataclass(frozen=True)
class Manifest:
    """What a snapshot is made of.

    Parameters
    ----------
    snapshot, published_at, run_id
        Its id, when it was published (UTC), and by which run.
    profile, config_hash, corpus, source
        What it stands for; secrets in the source's name are masked.
    files
        sha256 of each file below the snapshot's folder.
    verdicts
        What every check said.
    versions
        Of Python and of the libraries that shape the result.
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


def obstacles(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    blocking: Mapping[str, Sequence[str]],
    extra: Sequence[Verdict] = (),
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
            elif not known[check].is_passed:
                found.append(f"check {check} of {asset} failed: {known[check].message}")
    return found


def publish(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    beside: Mapping[str, bytes] | None = None,
    exports: Mapping[str, StoredFile] | None = None,
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
    """
    files = candidates.files
    receipts = [candidates.receipt(asset, run_id) for asset in assets]
    snapshot = snapshot_id(receipts[-1])
    folder = f"snapshots/{snapshot}"
    digests: dict[str, str] = {}
    verdicts: list[Verdict] = []
    for receipt in receipts:
        verdicts += candidates.verdicts(receipt)
        for name, file in receipt.files.items():
            target = file_name(receipt.asset, name)
            digests[target] = _copied(files, file, f"{folder}/{target}")
    for name, file in (exports or {}).items():
        digests[name] = _copied(files, file, f"{folder}/{name}")
    for name, content in (beside or {}).items():
        digests[name] = files.write_bytes(f"{folder}/{name}", content)
    last: Receipt = receipts[-1]
    manifest = Manifest(
        snapshot=snapshot,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        run_id=run_id,
        profile=last.profile,
        config_hash=last.config_hash,
        corpus=last.corpus,
        source=last.source,
        files=digests,
        verdicts=verdicts,
        versions=library_versions(),
    )
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


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that shape a result."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


def file_name(asset: str, table: str) -> str:
    """Name of a table's file in a snapshot: the asset's, and the part's after a dot."""
    return f"{asset}.parquet" if table == asset else f"{asset}.{table}.parquet"


class Snapshot:
    """One published snapshot, read-only.

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

    def __init__(self, files: Files, snapshot: str | None = None) -> None:
        self.files = files
        known = published_ids(files)
        if not known:
            raise StoreError(
                f"no snapshot is published in {files.location}",
                "a store in which a run has passed its checks",
                "run the pipeline first: make run, or ri-index run --source …",
            )
        chosen = snapshot or current_id(files)
        if chosen not in known:
            raise StoreError(
                f"there is no snapshot {chosen!r} in {files.location}",
                f"one of {', '.join(known)}",
                "correct --snapshot, or leave it out for the current one",
            )
        self.folder = f"snapshots/{chosen}"
        self.manifest = self._read_manifest()

    def table(
        self, asset: str, part: str | None = None, columns: list[str] | None = None
    ) -> pa.Table:
        """Read a table of an asset, or a part beside it."""
        return self.files.read_table(f"{self.folder}/{file_name(asset, part or asset)}", columns)

    def content(self, name: str) -> pa.Buffer:
        """Bytes of a file, verified: what the manifest promises, or an error.

        Raises
        ------
        StoreError
            The file is missing, damaged or not of this snapshot.
        """
        path = f"{self.folder}/{name}"
        if name not in self.manifest.files:
            raise StoreError(
                f"snapshot {self.manifest.snapshot} has no {name}",
                "a snapshot that this version of the project published",
                "rerun the pipeline, or open a newer snapshot",
            )
        buffer = self.files.buffer(path)
        if hashlib.sha256(buffer).hexdigest() != self.manifest.files[name]:
            raise self.files.damaged(path, "its sha256 is not the one in the manifest")
        return buffer

    def verified(
        self, asset: str, part: str | None = None, columns: list[str] | None = None
    ) -> pa.Table:
        """Read a table like `table`, and verify the whole file first."""
        name = file_name(asset, part or asset)
        buffer = self.content(name)
        try:
            return pq.read_table(pa.BufferReader(buffer), columns=columns)
        except (pa.ArrowException, OSError) as error:
            raise self.files.damaged(f"{self.folder}/{name}", str(error)) from error

    def missing(self) -> list[str]:
        """Names that the manifest lists and the folder lacks, as after a copy that broke off."""
        return sorted(set(self.manifest.files) - set(self.files.names(self.folder)))

    def _read_manifest(self) -> Manifest:
        name = f"{self.folder}/manifest.json"
        content: dict[str, Any] = self.files.read_json(name)
        try:
            verdicts = [Verdict(**item) for item in content.pop("verdicts")]
            return Manifest(verdicts=verdicts, **content)
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
            if self.files.sha256(f"{self.folder}/{name}") != digest:
                raise StoreError(
                    f"{self.folder}/{name} differs from its manifest",
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
