"""Runs under way: what they go on from, and that nobody sweeps what they use."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ri_assets.errors import StoreError
from ri_assets.store import active_runs, locks
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.partial_files import part_beside, remove_dead_scratch, scratch
from ri_assets.store.publishing import publish
from ri_assets_tests.store.test_candidate import ASSETS, whole_run, write


@pytest.fixture(params=["local", "memory"])
def candidates(request: pytest.FixtureRequest, tmp_path: Path) -> Candidates:
    return Candidates(Files(str(tmp_path) if request.param == "local" else f"memory://{tmp_path}"))


def kept(candidates: Candidates) -> list[str]:
    """Sweep as hard as possible, as another process would, and give what is left."""
    Candidates(Files(candidates.files.location)).sweep(keep_runs=0)
    return candidates.files.names("candidate")


def test_a_candidate_in_use_is_never_swept(candidates: Candidates) -> None:
    with active_runs.under_way(candidates.files, "slow"):
        write(candidates, "first", "slow")
        for run in ("run1", "run2"):
            whole_run(candidates, run)
        assert kept(candidates) == ["run2", "slow"]
    assert kept(candidates) == ["run2"]


def test_a_run_that_has_begun_and_written_nothing_is_not_swept(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    with active_runs.under_way(candidates.files, "new"):
        assert kept(candidates) == ["new", "run1"]
        assert locks.under_way(candidates.files) == ["new"]
    assert candidates.files.names("candidate") == ["run1"]
    assert locks.under_way(candidates.files) == []


def test_what_a_run_reads_of_an_earlier_one_is_not_swept(candidates: Candidates) -> None:
    """A run of the last asset alone reads the others of the run that was latest at its start."""
    whole_run(candidates, "run1", 1)
    with active_runs.under_way(candidates.files, "partial"):
        whole_run(candidates, "run2", 2)
        assert kept(candidates) == ["partial", "run1", "run2"]
        assert candidates.read("first", "partial").frame()["tweet_id"][0] == 1
        second = write(candidates, "second", "partial")
        assert second.inputs == {"first": candidates.receipt("first", "run1").sha256}
    assert "run1" not in kept(candidates)


def test_nothing_is_swept_while_a_run_is_about_to_begin(candidates: Candidates) -> None:
    for run in ("run1", "run2"):
        whole_run(candidates, run)
    with locks.in_use(candidates.files, "about"):
        assert kept(candidates) == ["run1", "run2"]


def test_a_run_that_begins_twice_ends_once(candidates: Candidates) -> None:
    with active_runs.under_way(candidates.files, "run1"):
        with active_runs.under_way(candidates.files, "run1"):
            write(candidates, "first", "run1")
        assert locks.is_in_use(candidates.files, "run1")
    assert not locks.is_in_use(candidates.files, "run1")


def test_a_second_process_of_a_run_does_not_wait_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_A_MOMENT", 0.1)
    files = Files(str(tmp_path))
    first = locks._lock(files, "run1", 0)
    with first, active_runs.under_way(files, "run1"):
        write(Candidates(files), "first", "run1")
    assert files.exists("candidate/run1/first/receipt.json")


def test_whoever_hangs_while_publishing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
    candidates = Candidates(Files(str(tmp_path)))
    whole_run(candidates, "run1")
    with (
        locks._lock(candidates.files, "publishing", 0),
        pytest.raises(StoreError, match="another run has been publishing"),
    ):
        publish(candidates, "run1", ASSETS)


def test_a_run_on_an_object_store_is_dead_when_its_signs_of_life_end(tmp_path: Path) -> None:
    files = Files(f"memory://{tmp_path}")
    for age, is_alive in ((timedelta(minutes=5), True), (timedelta(minutes=20), False)):
        files.write_json("locks/run1.json", {"beat_at": (datetime.now(UTC) - age).isoformat()})
        assert locks.is_in_use(files, "run1") is is_alive
        locks.forget_dead(files)
        assert files.exists("locks/run1.json") is is_alive


def test_signs_of_life_are_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files(f"memory://{tmp_path}")
    monkeypatch.setattr(locks, "_BEAT", 0.01)
    with locks.in_use(files, "run1"):
        files.write_json("locks/run1.json", {"beat_at": "2020-01-01T00:00:00+00:00"})
        deadline = time.monotonic() + 30
        while not locks._beats(files, "run1") and time.monotonic() < deadline:
            time.sleep(0.01)
        assert locks._beats(files, "run1")


def test_temporary_folders_of_killed_processes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import os, signal\n"
        "from ri_assets.store.partial_files import scratch\n"
        "with scratch('write a file'): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    [dead] = tmp_path.iterdir()
    (dead / "file").write_bytes(b"half")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    elsewhere = tmp_path / f"ri_{2**22 + 1}@elsewhere_abcdefgh"
    other = tmp_path / f"ri_notes@{platform.node()}_abcdefgh"
    for folder in (elsewhere, other):
        folder.mkdir()
    with scratch("write another file") as mine:
        assert remove_dead_scratch() == 1
        assert sorted(tmp_path.iterdir()) == sorted([Path(mine), elsewhere, other])


def test_every_temporary_folder_names_its_process() -> None:
    """Otherwise nobody may remove what a killed run left: exports and pages hold texts."""
    package = Path(active_runs.__file__).parents[1]
    makers = {
        path.name
        for path in package.rglob("*.py")
        if "TemporaryDirectory(" in path.read_text(encoding="utf-8")
    }
    assert makers == {"partial_files.py"}


def test_parts_of_dead_processes_are_removed(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    whole_run(Candidates(files), "run1")
    target = tmp_path / "candidate" / "run1" / "first" / "first.parquet"
    mine = part_beside(target)
    dead = mine.with_name(mine.name.replace(f".{os.getpid()}@", f".{2**22 + 1}@"))
    elsewhere = mine.with_name(mine.name.replace("@", "@not-"))
    of_old = tmp_path / "published.json.17.part"
    for part in (mine, dead, elsewhere, of_old):
        part.write_bytes(b"half")
    os.utime(of_old, (0, 0))
    active_runs.clear_debris(files)
    assert sorted(tmp_path.rglob("*.part")) == sorted([mine, elsewhere])
    for asset in ASSETS:
        assert files.exists(f"candidate/run1/{asset}/receipt.json")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied"), r"cannot lock .*: permission denied"),
        (NotImplementedError("flock"), r"cannot be locked: flock"),  # filelock's: no locks there
    ],
)
def test_a_folder_without_locks_or_rights_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("ri_assets.store.locks.FileLock.acquire", refuse)
    with (
        pytest.raises(StoreError, match=said),
        active_runs.under_way(Files(str(tmp_path)), "run1"),
    ):
        pass


def test_a_kind_of_store_without_conditional_writes_is_refused(tmp_path: Path) -> None:
    files = Files(f"dir::file://{tmp_path}")
    with (
        pytest.raises(StoreError, match="no store for runs: of two runs at once"),
        active_runs.under_way(files, "run1"),
    ):
        pass
    assert not list(tmp_path.rglob("*.json"))
