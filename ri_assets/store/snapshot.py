"""Snapshots: published, immutable versions of the personas and their index.

Belongs here: opening one and holding it against its manifest. Does not belong here: making
one (`publishing`), and which of them is current (`pointer`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

import pyarrow as pa

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Receipt
from ri_assets.store.chain import read_manifest, verify_chain
from ri_assets.store.files import Files, parquet_columns
from ri_assets.store.pointer import current_id, is_published, published_ids


def snapshot_id(last: Receipt) -> str:
    """Id of the snapshot that a candidate becomes, known before it is published.

    Parameters
    ----------
    last
        Receipt of the last asset: when it was written, by which run, and the digest of its
        files. Two runs may write the same bytes in the same second.
    """
    digest = hashlib.sha256(f"{last.run_id} {last.sha256}".encode()).hexdigest()
    return f"{datetime.fromisoformat(last.written_at):%Y%m%dT%H%M%SZ}-{digest[:8]}"


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
        if snapshot is None or not is_published(files, snapshot):
            snapshot = self._named(files, snapshot)
        self.folder = f"snapshots/{snapshot}"
        self.manifest = read_manifest(files, snapshot)

    @staticmethod
    def _named(files: Files, snapshot: str | None) -> str:
        """Give the current snapshot's id, or say why there is none of the id that was asked for."""
        known = published_ids(files)
        if not known:
            raise StoreError(
                f"no snapshot is published in {files.location}",
                "a store in which a run has passed its checks",
                "run the pipeline first: make run, or ri-index run --source …; what a refused run "
                "found can be read with --draft",
            )
        chosen = snapshot or current_id(files)
        if chosen is None or chosen not in known:
            raise StoreError(
                f"there is no snapshot {chosen!r} in {files.location}",
                f"one of {', '.join(known)}",
                "correct --snapshot, or leave it out for the current one",
            )
        return chosen

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
        from ri_assets.records.assets import CONTRACTS  # seconds, and few snapshots need it

        tables = {table.name: table for table in CONTRACTS[asset].tables}
        where = f"snapshot {self.manifest.snapshot}"
        return tables[part or asset].read(found, columns, where)

    def missing(self) -> list[str]:
        """Names that the manifest lists and the folder lacks, as after a copy that broke off."""
        return sorted(set(self.manifest.files) - set(self.files.names(self.folder)))

    def verify(self) -> None:
        """Compare every file with the manifest, and the manifest with those that name it.

        Raises
        ------
        StoreError
            A file is missing or differs; or this manifest, or an earlier one that it goes on
            from, is not the one that was published.
        """
        for name, digest in self.manifest.files.items():
            if self.files.sha256(self.path(name)) != digest:
                raise StoreError(
                    f"{self.path(name)} differs from its manifest",
                    f"sha256 {digest}",
                    "open an earlier snapshot with --snapshot, or rerun the pipeline",
                )
        if not self.is_draft:
            verify_chain(self.files, self.manifest)
