"""Files that are still being written: temporary folders, `.part` names, syncing, cleaning up."""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ri_assets.errors import AccessError
from ri_assets.store.access import told


@contextmanager
def scratch(task: str) -> Iterator[str]:
    """Create a temporary folder, to write a file completely before it is stored.

    Parameters
    ----------
    task
        What the folder is for, as a verb with its object.
    """
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError as error:  # its message lists every folder that was tried
        raise AccessError(
            f"cannot {task}: {error.strerror}",
            "a temporary folder that can be written, with space left",
            "free space there, or set the variable TMPDIR to another folder",
        ) from error
    with (
        told(f"{task} by way of the temporary folder", folder, is_writing=True),
        # Named by its process, because a killed one leaves it behind.
        tempfile.TemporaryDirectory(prefix=f"ri_{os.getpid()}@{platform.node()}_") as made,
    ):
        yield made


def remove_dead_scratch() -> int:
    """Remove temporary folders of this machine's dead processes; return their number."""
    removed = 0
    try:
        place = Path(tempfile.gettempdir())
    except FileNotFoundError:  # no such folder: `scratch` reports that before the next write
        return removed
    for folder in place.glob("ri_*@*_*"):
        named = _SCRATCH.fullmatch(folder.name)
        is_ours = named is not None and named["host"] == platform.node()
        if named is None or not is_ours or _lives(int(named["pid"])):
            continue
        shutil.rmtree(folder, ignore_errors=True)  # another user's cannot be removed
        removed += not folder.exists()
    return removed


_SCRATCH = re.compile(r"ri_(?P<pid>\d{1,9})@(?P<host>.+)_[a-z0-9_]{8}")
_NAME = re.compile(r"\.[0-9a-f]{8}\.(?P<pid>\d+)@(?P<host>.+)\.part$")
_A_DAY = 86_400


def part_beside(target: Path) -> Path:
    """Return a new name next to a file: on the same disk, so that renaming is atomic."""
    token = secrets.token_hex(4)  # two threads may write the same file
    return target.with_name(f"{target.name}.{token}.{os.getpid()}@{platform.node()}.part")


def sync_file(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the entries of a folder are on the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove_dead_parts(root: Path) -> int:
    """Remove parts in a folder whose process has died; return their number.

    Parts of another machine, and those named by an earlier version, are removed after a day.
    """
    removed = 0
    for part in root.rglob("*.part"):
        with suppress(FileNotFoundError):
            if _is_dead(part):
                part.unlink()
                removed += 1
    return removed


def _is_dead(part: Path) -> bool:
    named = _NAME.search(part.name)
    if named is not None and named["host"] == platform.node() and not _lives(int(named["pid"])):
        return True
    # Another process may have the same id by now.
    return time.time() - part.stat().st_mtime > _A_DAY


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
