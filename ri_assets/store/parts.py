"""Parts: files that are still being written, under a name that tells who writes them.

Belongs here: their names, making them last on disk, and removing those of dead processes.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"\.[0-9a-f]{8}\.(?P<pid>\d+)@(?P<host>.+)\.part$")
_A_DAY = 86_400


def part_beside(target: Path) -> Path:
    """Give a new name beside a file: on the same disk, so that renaming it is atomic."""
    token = secrets.token_hex(4)  # two threads may write the same file
    return target.with_name(f"{target.name}.{token}.{os.getpid()}@{platform.node()}.part")


def sync_file(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until a folder's names are on the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove_dead_parts(root: Path) -> int:
    """Remove parts below a folder that no living process writes; give their number.

    A part of another machine, or in the form of an earlier version, is removed after a day.
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
    # A process of the same number may be another one by now.
    return time.time() - part.stat().st_mtime > _A_DAY


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
