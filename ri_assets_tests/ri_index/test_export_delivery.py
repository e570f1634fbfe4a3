"""Exports into a reader's folder: whole or not at all, and a clear word where it cannot be."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.errors import ExportError, StoreError
from ri_assets.ri_index import RIIndex
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.small import SMALL_PROFILE

NAMES = {
    "personas_enriched.json", "persona_briefs.json", "personas_for_review.csv",
    "tweet_persona_mapping.json", "persona_assignment_stats.json", "persona_samples_full.json",
    "persona_overlap.json",
    "ri_index_app.json",
}  # fmt: skip


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_folder_is_made_and_exports_replace_earlier_ones(
    synthetic: Published, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    synthetic.ri.export(target)
    (target / "ri_index_app.json").write_text("old")
    (target / "notes.txt").write_text("mine")
    found = synthetic.ri.export(str(target))
    assert names(target) == NAMES | {"notes.txt"}
    assert {file.name for file in found} == NAMES
    assert {file.snapshot for file in found} == {synthetic.folder.name}
    for file in found:
        assert Path(file.path).stat().st_size == file.bytes
        assert Path(file.path).read_bytes() == (synthetic.folder / file.name).read_bytes()


def test_the_files_have_the_rights_that_new_files_have(
    synthetic: Published, tmp_path: Path
) -> None:
    synthetic.ri.export(tmp_path)
    (tmp_path / "plain").touch()
    assert {path.stat().st_mode for path in tmp_path.glob("*.json")} == {
        (tmp_path / "plain").stat().st_mode
    }


def test_a_missing_parent_is_told_and_nothing_is_made(synthetic: Published, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="there is no folder") as told:
        synthetic.ri.export(tmp_path / "no" / "such")
    assert "mkdir" in told.value.remedy
    with pytest.raises(ExportError, match="there is no folder"):
        synthetic.ri.export_for_app(tmp_path / "no" / "app.json")
    assert not (tmp_path / "no").exists()


def test_a_file_in_the_folders_place_is_told_and_stays(
    synthetic: Published, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ExportError, match="cannot be written"):
        synthetic.ri.export(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_folder_in_a_files_place_is_told(synthetic: Published, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is a folder"):
        synthetic.ri.export_for_app(tmp_path)
    (tmp_path / "ri_index_app.json").mkdir()
    with pytest.raises(ExportError, match="cannot be written"):
        synthetic.ri.export(tmp_path)
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_may_not_be_written_is_told(synthetic: Published, tmp_path: Path) -> None:
    # Rights do not bind root; the kernel's own folder takes files from nobody.
    folder = Path("/proc/self") if os.geteuid() == 0 else tmp_path / "closed"
    folder.mkdir(mode=0o555, exist_ok=True)
    with pytest.raises(ExportError, match="cannot be written") as told:
        synthetic.ri.export(folder)
    assert str(folder) in told.value.found


def test_a_disk_that_fills_up_leaves_the_old_files(
    synthetic: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "personas_enriched.json").write_text("old")
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="No space left"):
        synthetic.ri.export(tmp_path)
    assert names(tmp_path) - {"store"} == {"personas_enriched.json"}
    assert (tmp_path / "personas_enriched.json").read_text() == "old"


def test_a_damaged_export_is_not_handed_out(synthetic: Published, tmp_path: Path) -> None:
    path = synthetic.folder / "persona_briefs.json"
    path.write_bytes(path.read_bytes().replace(b"Persona 1", b"Persona X", 1))
    with pytest.raises(StoreError, match="persona_briefs"):
        synthetic.ri.export(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_snapshot_from_before_there_were_exports_says_so(
    synthetic: Published, tmp_path: Path
) -> None:
    path = synthetic.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"] = {k: v for k, v in manifest["files"].items() if k not in NAMES}
    path.write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match=r"has no personas_enriched\.json"):
        RIIndex.open(store=synthetic.store).export(tmp_path)
    assert not names(tmp_path) & NAMES


def test_an_export_waits_for_another_into_the_same_folder(
    synthetic: Published, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    handle = os.open(target, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    thread = threading.Thread(target=synthetic.ri.export, args=(target,))
    thread.start()
    time.sleep(0.3)
    assert names(target) == set()
    os.close(handle)
    thread.join(timeout=30)
    assert names(target) == NAMES


def test_exports_at_once_leave_eight_files_of_one_snapshot(
    synthetic: Published, tmp_path: Path
) -> None:
    write_snapshot(str(tmp_path / "other"), 400, load_profile(str(SMALL_PROFILE)), seed=1)
    other = RIIndex.open(store=tmp_path / "other")
    target = tmp_path / "out"

    def again_and_again(ri: RIIndex) -> None:
        for _ in range(5):
            ri.export(target)

    with ThreadPoolExecutor(2) as pool:
        for at_once in [pool.submit(again_and_again, ri) for ri in (synthetic.ri, other)]:
            at_once.result(timeout=60)  # raises what went wrong in its thread
    assert names(target) == NAMES
    found = {json.loads(path.read_text())["snapshot"] for path in target.glob("*.json")}
    assert len(found) == 1


def test_the_command_writes_and_tells(synthetic: Published, tmp_path: Path, cli: Cli) -> None:
    shown = cli("export", tmp_path / "out", "--store", synthetic.store)
    assert (shown.code, shown.err) == (0, "")
    assert names(tmp_path / "out") == NAMES
    assert all(name in shown.out for name in NAMES)
    again = cli("export", tmp_path / "out", "--store", synthetic.store, "--json")
    assert {row["name"] for row in json.loads(again.out)["items"]} == NAMES
    named = cli("export", tmp_path / "out", "--store", synthetic.store,
                "--snapshot", synthetic.folder.name)  # fmt: skip
    assert named.code == 0


def test_the_command_says_what_is_wrong(synthetic: Published, tmp_path: Path, cli: Cli) -> None:
    told = cli("export", tmp_path / "a" / "b", "--store", synthetic.store)
    assert told.code == 2
    assert "remedy" in told.err
    shutil.rmtree(synthetic.store)
    told = cli("export", tmp_path, "--store", synthetic.store)
    assert told.code == 2
    assert not names(tmp_path) & NAMES
