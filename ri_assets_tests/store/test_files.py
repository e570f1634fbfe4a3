from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from ri_assets.errors import StoreError
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
    with pytest.raises(OSError, match="No space"):
        files.write_json("pointer.json", {"snapshot": "new"})
    assert files.read_json("pointer.json") == {"snapshot": "old"}


def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Files("nosuchthing://bucket")
