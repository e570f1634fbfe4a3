"""Full disks at every stage, a store that is read-only, and rights that an ordinary user lacks."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ri_assets.errors import AccessError
from ri_assets.records.manifest import StoredFile
from ri_assets.ri_index import RIIndex
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets_tests.faults import open_folder, ordinary_user
from ri_assets_tests.store.test_access import one_run
from ri_assets_tests.torture import stores
from ri_assets_tests.torture.kills import Ground
from ri_assets_tests.torture.record import Counts, Result, Tally
from ri_assets_tests.torture.scenarios import run_scenarios
from ri_assets_tests.torture.zygote import Fork, stages

NO_ACCESS = 4
NO_RUN = "a run that never began"
DISK_MEGABYTES = 200
PAGE = 4_096
SPARE_PAGES = 3
"""Left free on a full disk for a run's own records, beside half of what a stage writes."""
LEAST_LIMIT = 32_768
"""Limit on the size of a file, in bytes, that a run's own log does not reach."""
SCENARIOS = (
    "store/test_access.py",
    "test_no_access.py::test_a_run_into_a_full_disk",
    "test_no_access.py::test_a_full_dagster_home",
)


def disks(ground: Ground, counts: Counts) -> Result:
    """Let every stage meet a full disk and a read-only store, and every folder a missing right."""
    tally = Tally("disks and rights", counts.disk_minutes)
    with _disk(ground.folder / "disk") as (disk, is_mounted):
        tally.note("disk", "a small mounted one" if is_mounted else "a limit on the size of files")
        store = disk / "store"
        shutil.copytree(ground.base, store)
        for stage in stages(counts.full_stages):
            if not tally.is_over:
                _full(ground, tally, store, stage, is_mounted=is_mounted)
        tally.faults += stores.left_behind(store, ground.scratch)
        tally.bytes_lost += stores.damage(store)[0]
        tally.rows(ground.n_rows, stores.rows_of_snapshot(store)[1])
        if is_mounted:
            _read_only(ground, tally, disk, stages(counts.full_stages))
    _missing_rights(tally)
    if counts.is_whole:
        run_scenarios(tally, ground.folder / "access", SCENARIOS, "tests of disks and rights")
    return tally.result()


@contextmanager
def _disk(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Mount a small disk; where nobody may mount, give the folder."""
    folder.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    is_mounted = (
        shutil.which("mount") is not None
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )
    try:
        yield folder, is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def _full(
    ground: Ground, tally: Tally, store: Path, stage: tuple[str, ...], *, is_mounted: bool
) -> None:
    """Let a stage fail at a full disk, make space, and let it run."""
    task, before = ground.task(store, stage), stores.digests(store, stage)
    ballast = store.parent / "ballast"
    if is_mounted:
        _fill(ballast, _half_of(store, stage))
        failed = ground.zygote.run(task)
        ballast.unlink()
    else:
        largest = max(file.bytes for file in _files(store, stage))
        if largest // 2 < LEAST_LIMIT:
            tally.note("stages without a large file, so not tried", 1)
            return
        failed = ground.zygote.run(replace(task, largest_file=largest // 2))
    problems = _refused(failed, "no space is left on the disk" if is_mounted else "cannot write")
    lost, damaged = stores.damage(store)
    tally.bytes_lost += lost
    again = ground.zygote.run(task)
    if again.wait():
        damaged.append(f"{stage[0]} failed with space: {again.said[-500:]}")
    elif stage[0] not in {"personas_enriched", "ri_index_app"}:  # these read what was published
        damaged += stores.differing(stores.digests(store, stage), before)
    tally.note("stages that met a full disk", 1)
    tally.fault(*problems, *damaged)


def _files(store: Path, stage: tuple[str, ...]) -> list[StoredFile]:
    """List what a stage wrote last."""
    candidates = Candidates(Files(str(store)))
    return [f for asset in stage for f in candidates.receipt(asset, NO_RUN).files.values()]


def _half_of(store: Path, stage: tuple[str, ...]) -> int:
    """Half of the bytes that a stage writes, in whole pages."""
    pages = sum(-(-file.bytes // PAGE) for file in _files(store, stage))
    return PAGE * (SPARE_PAGES + pages // 2)


def _fill(ballast: Path, spare: int) -> None:
    """Fill a disk until a little is left."""
    disk = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - spare)


def _refused(fork: Fork, sentence: str) -> list[str]:
    """Say in what a failed stage did not fail as promised."""
    problems = []
    if fork.wait() != NO_ACCESS:
        problems.append(f"ended with {fork.wait()} instead of {NO_ACCESS}: {fork.said[-500:]}")
    last = "\n".join(fork.said.splitlines()[-6:])
    if sentence not in last:
        problems.append(f"does not say {sentence!r}: {last[-300:]}")
    return problems


def _read_only(
    ground: Ground, tally: Tally, disk: Path, tried: tuple[tuple[str, ...], ...]
) -> None:
    """Mount the disk read-only: runs refuse, readers go on."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    store = disk / "store"
    for stage in (tried[0], tried[-1])[: len(tried)]:
        failed = ground.zygote.run(ground.task(store, stage))
        problems = _refused(failed, "read-only")
        if not len(RIIndex.open(store=store).list_personas()):
            problems.append("a reader gets no personas from a read-only store")
        tally.note("stages that met a read-only store", 1)
        tally.fault(*problems)


def _missing_rights(tally: Tally) -> None:
    """Take the right to write from one folder after another, and run as an ordinary user."""
    for closed in ("", "candidate", "latest", "snapshots", "cache", "locks"):
        with open_folder() as folder:
            files = Files(str(folder))
            one_run(files, "first", 1)
            (folder / "locks").mkdir(exist_ok=True)
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o777 if path.is_dir() else 0o666)
            for path in (folder / closed, *(folder / closed).rglob("*")):
                path.chmod(0o555 if path.is_dir() else 0o444)
            tally.note("folders and files without rights", 1)
            with ordinary_user():
                problems = _sentence(lambda: one_run(files, "second", 2))  # noqa: B023 - called here
            lost, damaged = stores.damage(folder)
            tally.bytes_lost += lost
            tally.fault(*(f"{closed or 'the store'}: {p}" for p in problems), *damaged)


def _sentence(act: Callable[[], object]) -> list[str]:
    try:
        act()
    except AccessError as error:
        return [] if os.strerror(errno.EACCES).lower() in error.found else [error.found]
    return ["it was written to without the right"]
