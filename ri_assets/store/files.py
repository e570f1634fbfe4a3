"""Files of a store: atomic writes and verified reads, on any fsspec location."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

from ri_assets.errors import StoreError
from ri_assets.records.manifest import StoredFile
from ri_assets.store.access import access_error, reads, writes
from ri_assets.store.parquet_columns import columns_in, groups_with, parquet_columns
from ri_assets.store.partial_files import part_beside, scratch, sync_file, sync_folder

# Small, so that reading a few rows is cheap wherever they are in the file.
_ROWS_A_GROUP = 8_192


class Files:
    """Files below one location.

    Parameters
    ----------
    location
        A local folder, or an fsspec URL such as ``s3://bucket/folder``.
    """

    def __init__(self, location: str) -> None:
        try:
            self.fs, self.root = fsspec.core.url_to_fs(location)
        except (ValueError, ImportError) as error:
            raise StoreError(
                f"the store {location!r} cannot be opened: {error}",
                "a folder, or a URL that fsspec knows, such as s3://bucket/folder",
                'for S3 install the extra: pip install "ri-persona-system[s3]"',
            ) from error
        self.location = location

    @property
    def is_local(self) -> bool:
        """Whether the store is a local or mounted folder."""
        return isinstance(self.fs, LocalFileSystem)

    def path(self, name: str) -> str:
        """Full path of a name below the store."""
        return f"{self.root.rstrip('/')}/{name}"

    @reads
    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of that name."""
        if not isinstance(self.fs, LocalFileSystem):
            return bool(self.fs.exists(self.path(name)))
        try:  # `exists` would be False for a file that this user may not see
            Path(self.path(name)).stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    @reads
    def names(self, folder: str) -> list[str]:
        """Names in a folder, sorted; empty if the folder doesn't exist."""
        self.fs.invalidate_cache()
        if not self.exists(folder):
            return []
        found = self.fs.ls(self.path(folder), detail=False)
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in found)

    @writes
    def remove(self, folder: str) -> None:
        """Remove a file or a whole folder, if it exists."""
        with suppress(FileNotFoundError):  # another run may remove it at the same moment
            if self.exists(folder):
                self.fs.rm(self.path(folder), recursive=True)

    @reads
    def copy(self, source: str, target: str) -> None:
        """Copy one file; readers never see a part of it."""
        if self.is_local:
            if not self.exists(source):
                raise self.missing(source)
            self._put(target, Path(self.path(source)))
            return
        with scratch(f"copy {self.path(source)} to {self.path(target)}") as folder:
            local = Path(folder) / "file"
            try:
                self.fs.get_file(self.path(source), str(local))
            except FileNotFoundError as error:
                raise self.missing(source) from error
            self._put(target, local)

    def write_json(self, name: str, content: Any) -> None:
        """Write JSON with sorted keys; readers see the old or the new file, never a part."""
        text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, default=str)
        self.write_text(name, text + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a text in UTF-8; readers see the old or the new file, never a part."""
        with scratch(f"write {self.path(name)}") as folder:
            local = Path(folder) / "file"
            local.write_text(text, encoding="utf-8")
            self._put(name, local)

    @reads
    def read_text(self, name: str) -> str:
        """Read a text in UTF-8.

        Raises
        ------
        StoreError
            The file is missing or damaged.
        """
        try:
            return bytes(self.fs.cat_file(self.path(name))).decode()
        except FileNotFoundError as error:
            raise self.missing(name) from error
        except ValueError as error:
            raise self.damaged(name, str(error)) from error

    def read_json(self, name: str) -> Any:
        """Read JSON.

        Raises
        ------
        StoreError
            The file is missing or damaged.
        """
        text = self.read_text(name)
        try:
            return json.loads(text)
        except ValueError as error:
            raise self.damaged(name, str(error)) from error

    def write_table(self, name: str, table: pa.Table) -> StoredFile:
        """Write a table as Parquet; the same table gives the same bytes."""
        with scratch(f"write {self.path(name)}") as folder:
            local = Path(folder) / "file"
            pq.write_table(
                table,
                local,
                compression="zstd",
                row_group_size=_ROWS_A_GROUP,
                version="2.6",
                write_page_checksum=True,
            )
            with local.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            stored = StoredFile(
                path=name, rows=table.num_rows, bytes=local.stat().st_size, sha256=sha256
            )
            self._put(name, local)
        return stored

    @reads
    def read_table(
        self, name: str, columns: Sequence[str] | None = None, *, may_lack: bool = False
    ) -> pa.Table:
        """Read a Parquet table.

        Parameters
        ----------
        columns
            Columns to read; all by default.
        may_lack
            Read as `parquet_columns` does, instead of reporting the file as damaged.

        Raises
        ------
        StoreError
            The file is missing or damaged.
        """
        try:
            with self.fs.open(self.path(name), "rb") as file:
                found = parquet_columns(file, columns)
        except FileNotFoundError as error:
            raise self.missing(name) from error
        except (pa.ArrowException, OSError) as error:
            raise self.unreadable(name, error) from error
        lacking = set(columns or ()) - set(found.column_names)
        if lacking and not may_lack:
            raise self.damaged(name, f"it has no column {', '.join(sorted(lacking))}")
        return found

    @reads
    def read_rows(
        self, name: str, key: str, values: Collection[int], columns: Sequence[str]
    ) -> pa.Table:
        """Read the rows of a few keys, and only the row groups that may contain them.

        Parameters
        ----------
        key
            Column of integers by which the table is sorted.
        values
            Keys to find; keys that the table lacks are skipped.
        columns
            Columns to read, including the key, as `parquet_columns` reads them.

        Raises
        ------
        StoreError
            The file is missing or damaged; the checksums of the pages read are verified.
        """
        wanted = np.unique(np.fromiter(values, dtype=np.int64))
        try:
            with self.fs.open(self.path(name), "rb") as file:
                parquet = pq.ParquetFile(file, page_checksum_verification=True)
                groups = groups_with(parquet.metadata, key, wanted)
                found = parquet.read_row_groups(groups, columns=columns_in(parquet, columns))
        except FileNotFoundError as error:
            raise self.missing(name) from error
        except (pa.ArrowException, OSError) as error:
            raise self.unreadable(name, error) from error
        return found.filter(np.isin(found[key].to_numpy(), wanted))

    @reads
    def count_rows(self, name: str) -> int:
        """Count the rows of a Parquet table, from its footer."""
        try:
            with self.fs.open(self.path(name), "rb") as file:
                return int(pq.read_metadata(file).num_rows)
        except FileNotFoundError as error:
            raise self.missing(name) from error
        except (pa.ArrowException, OSError) as error:
            raise self.unreadable(name, error) from error

    @reads
    def buffer(self, name: str) -> pa.Buffer:
        """Bytes of a whole file: memory-mapped if it is local, else read."""
        try:
            if self.is_local:
                with pa.memory_map(self.path(name)) as file:
                    return file.read_buffer()
            return pa.py_buffer(self.fs.cat_file(self.path(name)))
        except FileNotFoundError as error:
            raise self.missing(name) from error
        except OSError as error:
            raise self.unreadable(name, error) from error

    def write_bytes(self, name: str, content: bytes) -> str:
        """Write a file whole and return its SHA-256."""
        with scratch(f"write {self.path(name)}") as folder:
            local = Path(folder) / "file"
            local.write_bytes(content)
            self._put(name, local)
        return hashlib.sha256(content).hexdigest()

    def write_file(self, name: str, local: Path, rows: int) -> StoredFile:
        """Copy a local file into the store; `rows` is its number of rows."""
        with local.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self._put(name, local)
        return StoredFile(path=name, rows=rows, bytes=local.stat().st_size, sha256=sha256)

    @reads
    def sha256(self, name: str) -> str:
        """SHA-256 of a file as it is now."""
        try:
            with self.fs.open(self.path(name), "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise self.missing(name) from error

    @writes
    def _put(self, name: str, local: Path) -> None:
        target = Path(self.path(name))
        if self.is_local:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = part_beside(target)
            try:
                shutil.copyfile(local, part)
                # Otherwise a power failure could leave an empty file under the new name.
                sync_file(part)
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            sync_folder(target.parent)
        else:
            # Object stores show an object only after its upload is complete.
            self.fs.put_file(str(local), self.path(name))

    def sync(self, folder: str) -> None:
        """Sync a folder and its parents to the disk; object stores don't need it."""
        if not self.is_local:
            return
        root = Path(self.path(""))
        place = Path(self.path(folder))
        for one in (place, *place.parents):
            sync_folder(one)
            if one == root:
                return

    def missing(self, name: str) -> StoreError:
        """Error for a file that doesn't exist."""
        return StoreError(
            f"{self.path(name)} does not exist",
            "a file that an earlier run wrote",
            "run the pipeline (`make run`), or check --store",
        )

    def unreadable(self, name: str, error: Exception) -> StoreError:
        """Error for a file that cannot be read: no access, or damaged."""
        problem = access_error(error, "read", self.path(name))
        return problem or self.damaged(name, str(error))

    def damaged(self, name: str, why: str) -> StoreError:
        """Error for a file that has changed since it was written."""
        return StoreError(
            f"{self.path(name)} is damaged: {why}",
            "the file as it was written",
            "rerun the pipeline, or open an earlier snapshot with --snapshot",
        )
