"""Space, rights, credentials: one sentence with a remedy, at whatever call it happens."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ri_assets.errors import AccessError, StoreError
from ri_assets.store.access import access_error, system_error, told
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.publishing import publish
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.faults import FailingStore, open_folder, ordinary_user, small_disk
from ri_assets_tests.store.test_candidate import ASSETS, whole_run

TABLE = pa.table({"tweet_id": np.arange(40_000), "noise": np.random.default_rng(0).random(40_000)})
FAULTS = [
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
    PermissionError("Access Denied"),  # as a store on the network says it
    TimeoutError(),
]


def one_run(files: Files, run: str, value: int) -> None:
    """Write, judge, publish, sweep: every kind of call that a run makes."""
    candidates = Candidates(files)
    EmbeddingCache(files).put("model", [bytes([value]) * 32], np.ones((1, 4), np.float32))
    whole_run(candidates, run, value)
    publish(candidates, run, ASSETS, {"beside.json": b"{}"})
    candidates.sweep(keep_runs=0)


def failing(folder: str) -> tuple[Files, FailingStore]:
    files, fs = Files(f"memory://{folder}"), FailingStore()
    files.fs = fs
    return files, fs


@pytest.mark.slow
def test_whichever_call_fails_says_so_in_a_sentence(tmp_path: Path) -> None:
    """The store fails at the first call of a run, in the next run at the second, and so on."""
    files, fs = failing(tmp_path.name)
    one_run(files, "first", 1)
    start = fs.n_calls
    problems = []
    one_run(files, "second", 2)
    for call in range(fs.n_calls - start):
        before = Snapshot(files).manifest.snapshot
        fs.fails_at, fs.error = fs.n_calls + call, FAULTS[call % len(FAULTS)]
        try:
            one_run(files, f"run{call}", 3 + call)
        except AccessError as problem:
            problems.append(problem)
        fs.fails_at = -1
        now = Snapshot(files)
        now.verify()
        # After the pointer was swapped, only sweeping is left to fail.
        assert now.manifest.snapshot == before or now.manifest.run_id == f"run{call}"
    assert len(problems) > 20
    for one in problems:
        assert one.found.startswith(("cannot write", "cannot read", "cannot copy"))
        assert tmp_path.name in one.found
        assert one.remedy


def test_a_full_disk_names_the_file_and_keeps_the_old_one(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        files = Files(str(disk))
        files.write_json("folder/pointer", {"snapshot": "old"})
        with pytest.raises(AccessError, match=r"folder/table: no space is left on the disk\n"):
            files.write_table("folder/table", TABLE)
        assert not files.exists("folder/table")
        assert files.read_json("folder/pointer") == {"snapshot": "old"}


def test_a_full_temporary_folder_is_not_taken_for_a_full_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        monkeypatch.setattr("tempfile.tempdir", str(disk))
        with pytest.raises(
            AccessError, match=r"by way of the temporary folder .*disk: no space is left"
        ):
            Files(str(tmp_path / "store")).write_table("table", TABLE)


def test_without_a_temporary_folder_the_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr("tempfile.gettempdir", none)
    with pytest.raises(AccessError, match="No usable temporary directory") as problem:
        Files(str(tmp_path)).write_text("a", "b")
    assert "TMPDIR" in problem.value.remedy


def test_a_limit_on_the_size_of_files_is_named(tmp_path: Path) -> None:
    code = (
        "import resource, sys, pyarrow as pa\n"
        "from ri_assets.errors import AccessError\n"
        "from ri_assets.store.files import Files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: Files(sys.argv[1]).write_text('big', 'x' * 10_000)\n"
        "except AccessError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert "the file would be larger than this process may write" in said
    assert "ulimit -f unlimited" in said


def test_a_table_without_rights_is_not_called_damaged() -> None:
    with open_folder() as folder:
        files = Files(str(folder))
        files.write_table("t.parquet", TABLE)
        (folder / "t.parquet").chmod(0o000)
        reads = (
            lambda: files.read_table("t.parquet"),
            lambda: files.count_rows("t.parquet"),
            lambda: files.read_rows("t.parquet", "tweet_id", [1], ["tweet_id"]),
            lambda: files.buffer("t.parquet"),
            lambda: files.sha256("t.parquet"),
            lambda: files.read_json("t.parquet"),
            lambda: files.copy("t.parquet", "u.parquet"),
        )
        for read in reads:
            with ordinary_user(), pytest.raises(AccessError, match=r"permission denied") as told_:
                read()
            assert "damaged" not in str(told_.value)


def test_a_folder_without_rights_is_not_called_empty() -> None:
    with open_folder() as folder:
        one_run(Files(str(folder / "store")), "run", 1)
        for closed in (folder / "store", folder / "store" / "snapshots"):
            closed.chmod(0o600)
            with ordinary_user(), pytest.raises(AccessError, match="permission denied"):
                Snapshot(Files(str(folder / "store")))
            closed.chmod(0o755)


def test_a_folder_that_may_not_be_written_is_named() -> None:
    with open_folder() as folder, ordinary_user():
        with pytest.raises(AccessError, match=rf"permission denied \({folder}/store\)") as problem:
            Files(str(folder / "store")).write_text("a", "b")
        assert "right" in problem.value.remedy


def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(AccessError, match="a file stands where a folder is needed"):
        Files(str(tmp_path / "store")).write_text("a", "b")


def test_what_is_missing_or_damaged_stays_what_it_is(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    (tmp_path / "t").write_bytes(b"PAR1 and no more PAR1")
    for name in ("t", "u"):
        with pytest.raises(StoreError) as problem:
            files.read_table(name)
        assert not isinstance(problem.value, AccessError)


def test_errors_of_other_kinds_pass() -> None:
    assert access_error(ValueError("?"), "read", "x") is None
    assert system_error(OSError(errno.EPIPE, "Broken pipe")) is None
    with pytest.raises(ZeroDivisionError), told("write", "x", is_writing=True):
        _ = 1 / 0
