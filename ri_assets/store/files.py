"""Files of a store: atomic writes and verified reads, on any fsspec location."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

from ri_assets.errors import StoreError

_ROWS_A_GROUP = 65_536


@dataclass(frozen=True)
class StoredFile:
    """A file as it was written: path below the store, rows, bytes and sha256."""

    path: str
    rows: int
    bytes: int
    sha256: str


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

    def path(self, name: str) -> str:
        """Full path of a name below the store."""
        return f"{self.root.rstrip('/')}/{name}"

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of that name."""
        return bool(self.fs.exists(self.path(name)))

    def names(self, folder: str) -> list[str]:
        """Names directly below a folder, sorted; empty where there is none."""
        self.fs.invalidate_cache()
        if not self.exists(folder):
            return []
        found = self.fs.ls(self.path(folder), detail=False)
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in found)

    def remove(self, folder: str) -> None:
        """Remove a folder and everything below it, if it is there."""
        if self.exists(folder):
            self.fs.rm(self.path(folder), recursive=True)

    def copy(self, source: str, target: str) -> None:
        """Copy one file; the target appears whole."""
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "file"
            self.fs.get_file(self.path(source), str(local))
            self._put(local, target)

    def write_json(self, name: str, content: Any) -> None:
        """Write JSON with sorted keys; readers see the old or the new file, never a part."""
        text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, default=str)
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "file"
            local.write_text(text + "\n", encoding="utf-8")
            self._put(local, name)

    def read_json(self, name: str) -> Any:
        """Read JSON.

        Raises
        ------
        StoreError
            The file is missing or damaged.
        """
        try:
            return json.loads(self.fs.cat_file(self.path(name)))
        except FileNotFoundError as error:
            raise self.missing(name) from error
        except ValueError as error:
            raise self._damaged(name, str(error)) from error

    def write_table(self, name: str, table: pa.Table) -> StoredFile:
        """Write a table as Parquet; the same table gives the same bytes."""
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "file"
            pq.write_table(
                table, local, compression="zstd", row_group_size=_ROWS_A_GROUP, version="2.6"
            )
            with local.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            stored = StoredFile(name, table.num_rows, local.stat().st_size, sha256)
            self._put(local, name)
        return stored

    def read_table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """Read a Parquet table.

        Raises
        ------
        StoreError
            The file is missing or damaged.
        """
        try:
            with self.fs.open(self.path(name), "rb") as file:
                return pq.read_table(file, columns=columns)
        except FileNotFoundError as error:
            raise self.missing(name) from error
        except (pa.ArrowInvalid, OSError) as error:
            raise self._damaged(name, str(error)) from error

    def sha256(self, name: str) -> str:
        """SHA-256 of a file as it lies there now."""
        try:
            with self.fs.open(self.path(name), "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise self.missing(name) from error

    def _put(self, local: Path, name: str) -> None:
        target = self.path(name)
        if isinstance(self.fs, LocalFileSystem):
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            # The temporary file must lie on the same disk for the rename to be atomic.
            beside = Path(f"{target}.{os.getpid()}.part")
            beside.write_bytes(local.read_bytes())
            beside.replace(target)
        else:
            # Object stores show an object only once its upload is complete.
            self.fs.put_file(str(local), target)

    def missing(self, name: str) -> StoreError:
        """Error for a file that is not there."""
        return StoreError(
            f"{self.path(name)} does not exist",
            "a file that an earlier run wrote",
            "run the pipeline (`make run`), or check --store",
        )

    def _damaged(self, name: str, why: str) -> StoreError:
        return StoreError(
            f"{self.path(name)} is damaged: {why}",
            "the file as it was written",
            "rerun the pipeline, or open an earlier snapshot with --snapshot",
        )
