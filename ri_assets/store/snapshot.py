"""Open published snapshots and drafts, and verify them against their manifests.

A draft is a candidate that was not published. It stays where its run wrote it: no pointer and
no list names it, no later run is compared with it, and the next run that reaches the last stage
replaces it.

Belongs here: reading. Does not belong here: creating either (`publishing`), and which snapshot
is current (`pointer`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import pyarrow as pa

from ri_assets.errors import AccessError, StoreError
from ri_assets.records.manifest import Manifest, RawRemoval, Receipt
from ri_assets.store.ages import changed_at
from ri_assets.store.candidate import Candidates, draft_file
from ri_assets.store.files import Files
from ri_assets.store.manifest import read_manifest, verify_chain
from ri_assets.store.parquet_columns import parquet_columns
from ri_assets.store.pointer import (
    current_id,
    is_published,
    manifest_place,
    published_ids,
    require_known_format,
)
from ri_assets.store.raw_posts import RawPostsGoneError, place_of, read_removal
from ri_assets.store.reading_marks import mark_as_read


def snapshot_id(last: Receipt) -> str:
    """Id of the snapshot that a candidate will become.

    Parameters
    ----------
    last
        Receipt of the last asset. Its run is part of the id, because two runs may write the same
        bytes in the same second.
    """
    digest = hashlib.sha256(f"{last.run_id} {last.sha256}".encode()).hexdigest()
    return f"{datetime.fromisoformat(last.written_at):%Y%m%dT%H%M%SZ}-{digest[:8]}"


def file_name(asset: str, table: str) -> str:
    """Name of a table's file in a snapshot: asset, and for other tables a dot and their name."""
    return f"{asset}.parquet" if table == asset else f"{asset}.{table}.parquet"


class Snapshot:
    """A published snapshot, read-only.

    `is_draft` is False here and True in `Draft`, which has the same methods.

    Parameters
    ----------
    files
        The store.
    snapshot
        Its id; the current snapshot by default.

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
        mark_as_read(self, files, manifest_place(snapshot))
        self._opened_at = changed_at(files, manifest_place(snapshot))
        self.manifest = read_manifest(files, snapshot)

    @staticmethod
    def _named(files: Files, snapshot: str | None) -> str:
        """Return the id to open; raise an error if there is no such snapshot."""
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
        """Path of a file in the store, by its name in the manifest."""
        return place_of(self.manifest.snapshot, name, self.manifest.raw)

    def has(self, name: str) -> bool:
        """Whether the snapshot was published with a file of that name."""
        return name in self.manifest.files or name in self.manifest.raw

    @property
    def removal(self) -> RawRemoval | None:
        """Record that the raw posts were removed, as it is now; None if they were not."""
        return read_removal(self.files, self.manifest.snapshot) if self.manifest.raw else None

    @contextmanager
    def _to_read(self, name: str) -> Iterator[str]:
        """Give the path of a file; if it is raw and not there any more, say so."""
        if name not in self.manifest.raw:
            yield self.path(name)
            return
        self._require_raw(name)
        try:
            yield self.path(name)
        except AccessError:
            raise
        except StoreError:
            self._require_raw(name)  # it may have been removed at this moment
            raise

    def _require_raw(self, name: str) -> None:
        removal = self.removal
        place = self.path(name)
        if removal is not None or not self.files.exists(place):
            raise RawPostsGoneError(self.manifest.snapshot, removal, self.files.path(place))

    def is_as_opened(self) -> bool:
        """Whether the snapshot is still there, and nobody was removed from it since."""
        try:
            return changed_at(self.files, f"{self.folder}/manifest.json") == self._opened_at
        except AccessError:
            raise
        except StoreError:  # it was removed
            return False

    def table(
        self, asset: str, part: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Read a table of an asset, or a part beside it.

        Parameters
        ----------
        columns
            Columns to read. A column that is newer than the snapshot reads as the contract says
            (`Column.older`). By default, the table is returned as it is stored.
        """
        with self._to_read(file_name(asset, part or asset)) as place:
            found = self.files.read_table(place, columns, may_lack=True)
        return self._as_asked(found, asset, part, columns)

    def content(self, name: str) -> pa.Buffer:
        """Bytes of a file, verified against the manifest.

        Raises
        ------
        StoreError
            The file is missing, damaged or not in this snapshot.
        """
        if not self.has(name):
            raise StoreError(
                f"snapshot {self.manifest.snapshot} has no {name}",
                "a snapshot that this version of the project published",
                "rerun the pipeline, or open a newer snapshot",
            )
        with self._to_read(name) as path:
            buffer = self.files.buffer(path)
        if hashlib.sha256(buffer).hexdigest() != self._digests[name]:
            raise self.files.damaged(path, "its sha256 is not the one in the manifest")
        return buffer

    def verified(
        self, asset: str, part: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Read a table like `table`, but verify the whole file first."""
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
        """Read the rows of a few tweets like `table`, and only the necessary part of the file."""
        with self._to_read(file_name(asset, part or asset)) as place:
            found = self.files.read_rows(place, "tweet_id", tweet_ids, columns)
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

    def count(self, asset: str, part: str | None = None) -> int:
        """Count the rows of a table, from its footer."""
        with self._to_read(file_name(asset, part or asset)) as place:
            return self.files.count_rows(place)

    @property
    def _digests(self) -> dict[str, str]:
        return {**self.manifest.files, **self.manifest.raw}

    def missing(self) -> list[str]:
        """Names in the manifest that the folder lacks, for example after an interrupted copy.

        Raw posts are not among them: what a snapshot publishes is whole without.
        """
        return sorted(set(self.manifest.files) - set(self.files.names(self.folder)))

    def verify(self) -> None:
        """Verify every file against the manifest, and the manifest against the chain.

        Raw posts are verified too, unless a record says that they were removed.

        Raises
        ------
        StoreError
            A file is missing or differs, or this manifest or an earlier one was changed.
        """
        for name, digest in self._digests.items():
            try:
                with self._to_read(name) as place:
                    found = self.files.sha256(place)
            except RawPostsGoneError as gone:
                if gone.removal is None:
                    raise
                continue
            if found != digest:
                raise StoreError(
                    f"{self.path(name)} differs from its manifest",
                    f"sha256 {digest}",
                    "open an earlier snapshot with --snapshot, or rerun the pipeline",
                )
        if not self.is_draft:
            verify_chain(self.files, self.manifest)


MARK = "DRAFT-"
"""Prefix of a draft's id, so that nobody takes it for a published snapshot."""

_LAST = "ri_index_app"


def draft_id(candidates: Candidates, run_id: str) -> str:
    """Id of the draft of a run."""
    return MARK + snapshot_id(candidates.receipt(_LAST, run_id))


class Draft(Snapshot):
    """The candidate of the last run, if it computed personas and was not published.

    Parameters
    ----------
    files
        The store.

    Attributes
    ----------
    why
        Why it was not published, in one sentence.
    written_at
        When its index was written (UTC, ISO 8601); `manifest.published_at` is empty.

    Raises
    ------
    StoreError
        There is no draft; the message says what happened to the last run.
    """

    is_draft = True

    def __init__(self, files: Files) -> None:  # doesn't call Snapshot's: no pointer names a draft
        require_known_format(files)
        self.files = files
        run_id = _last_run(files)
        self.folder = f"candidate/{run_id}"
        mark_as_read(self, files, draft_file(run_id))
        content = files.read_json(draft_file(run_id))
        try:
            self.manifest = Manifest.model_validate(content["manifest"])
            self._paths: dict[str, str] = dict(content["paths"])
            self.why, self.written_at = str(content["why"]), str(content["written_at"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise files.damaged(draft_file(run_id), str(error)) from error

    def path(self, name: str) -> str:
        """Path of a file in the store, by its name in the manifest."""
        return self._paths.get(name, f"{self.folder}/{name}")

    @property
    def removal(self) -> None:
        """None: the raw posts of a candidate are removed with the whole of it."""

    def missing(self) -> list[str]:
        """Names in the manifest that the store lacks."""
        return sorted(name for name in self._digests if not self.files.exists(self.path(name)))


def _last_run(files: Files) -> str:
    """Run whose candidate is the draft."""
    latest = f"latest/{_LAST}.json"
    if not files.exists(latest):
        raise _no_draft(files, "no run has got as far as personas")
    run_id = str(files.read_json(latest)["run_id"])
    if not files.exists(draft_file(run_id)):
        raise _no_draft(files, _fate(files, run_id))
    return run_id


def _fate(files: Files, run_id: str) -> str:
    """Say what happened to the last run that computed personas."""
    current = current_id(files)
    if current is not None and Snapshot(files, current).manifest.run_id == run_id:
        return f"the last run was published, as {current}"
    return "the last run that made personas was not judged to its end, or may not be shown"


def _no_draft(files: Files, why: str) -> StoreError:
    return StoreError(
        f"there is no draft in {files.location}: {why}",
        "a run that made personas and was not published",
        "leave --draft out to read what is published, or run the pipeline: ri-index run --source …",
    )
