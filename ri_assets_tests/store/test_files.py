from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.errors import AccessError, StoreError
from ri_assets.store.files import Files

TABLE = pa.table({"tweet_id": [1, 2, 3], "text": ["a", "b 😀", None]})


@pytest.fixture(params=["local", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return Files(str(tmp_path) if request.param == "local" else f"memory://{tmp_path.name}")


def test_a_table_comes_back_as_it_was(files: Files) -> None:
    stored = files.write_table("a/b.parquet", TABLE)
    assert files.read_table("a/b.parquet").equals(TABLE)
    assert (stored.rows, stored.sha256) == (3, files.sha256("a/b.parquet"))
    assert files.read_table("a/b.parquet", ["text"]).column_names == ["text"]


def test_the_same_table_gives_the_same_bytes(files: Files) -> None:
    assert files.write_table("x", TABLE).sha256 == files.write_table("y", TABLE).sha256


def test_writing_again_replaces_and_leaves_nothing_else(files: Files) -> None:
    files.write_json("pointer.json", {"snapshot": "one"})
    files.write_json("pointer.json", {"snapshot": "two"})
    assert files.read_json("pointer.json") == {"snapshot": "two"}
    assert files.names("") == ["pointer.json"]


def test_what_is_missing_is_named_with_a_remedy(files: Files) -> None:
    for read in (files.read_table, files.read_json, files.sha256):
        with pytest.raises(StoreError, match=r"nowhere.* does not exist"):
            read("nowhere")


def test_damaged_files_are_named(files: Files) -> None:
    with files.fs.open(files.path("broken"), "wb") as file:
        file.write(b"PAR1 but not really")
    with pytest.raises(StoreError, match=r"broken is damaged"):
        files.read_table("broken")
    with pytest.raises(StoreError, match=r"broken is damaged"):
        files.read_json("broken")


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(str(tmp_path))
    files.write_json("pointer.json", {"snapshot": "old"})

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(AccessError, match=r"pointer\.json: no space is left"):
        files.write_json("pointer.json", {"snapshot": "new"})
    assert files.read_json("pointer.json") == {"snapshot": "old"}


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, done = Files(str(tmp_path)), []
    rename = Path.replace

    def renamed(part: Path, target: Path) -> Path:
        done.append(("renamed", part.stat().st_ino))
        return rename(part, target)

    def synced(descriptor: int) -> None:
        done.append(("synced", os.fstat(descriptor).st_ino))

    monkeypatch.setattr(Path, "replace", renamed)
    monkeypatch.setattr("os.fsync", synced)
    files.write_json("folder/pointer.json", {})
    [file, folder] = [(tmp_path / name).stat().st_ino for name in ("folder/pointer.json", "folder")]
    assert done == [("synced", file), ("renamed", file), ("synced", folder)]


def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Files("nosuchthing://bucket")


@given(
    keys=st.lists(st.integers(0, 60_000), unique=True, max_size=40).map(sorted),
    wanted=st.sets(st.integers(0, 60_000), max_size=10),
)
def test_only_the_rows_of_the_keys_are_read(keys: list[int], wanted: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = Files(folder)
        schema = pa.schema([("key", pa.int64()), ("text", pa.string())])
        table = pa.table([keys, [f"text {key}" for key in keys]], schema=schema)
        files.write_table("t.parquet", table)
        some = wanted | set(keys[::3])
        found = files.read_rows("t.parquet", "key", some, ["key", "text"])
        assert found["key"].to_pylist() == [key for key in keys if key in some]
        assert found["text"].to_pylist() == [f"text {key}" for key in keys if key in some]
        assert files.count_rows("t.parquet") == len(keys)


def test_row_groups_without_a_wanted_key_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(str(tmp_path))
    keys = np.arange(0, 200_000, 2)
    files.write_table("t.parquet", pa.table({"key": keys, "text": keys.astype(str)}))
    read: list[list[int]] = []
    whole = pq.ParquetFile.read_row_groups

    def counted(self: pq.ParquetFile, groups: list[int], columns: list[str]) -> pa.Table:
        read.append(groups)
        return whole(self, groups, columns=columns)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", counted)
    assert files.read_rows("t.parquet", "key", [40_000], ["key"])["key"].to_pylist() == [40_000]
    assert files.read_rows("t.parquet", "key", [40_001], ["key"]).num_rows == 0
    assert files.read_rows("t.parquet", "key", [10**9], ["key"]).num_rows == 0
    assert [len(groups) for groups in read] == [1, 1, 0]


def test_a_file_of_bytes_is_written_whole_and_mapped(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    digest = files.write_bytes("folder/b", b"some bytes")
    assert files.sha256("folder/b") == digest
    assert bytes(files.buffer("folder/b")) == b"some bytes"
    assert files.names("folder") == ["b"]
    for read in (files.buffer, files.count_rows):
        with pytest.raises(StoreError, match="does not exist"):
            read("folder/c")
