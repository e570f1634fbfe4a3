"""Faults that tests bring about: another user, a full disk, a store that fails at one call."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

_NOBODY = 65_534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Do something without root's rights; whoever is not root has none anyway."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that every user can reach; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Mount a disk of a given size at a new folder; skip the test where nobody may mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip(  # not failed: a container may forbid mounting even to root; CI may mount
            "only root may mount a small disk, and not in every container"
        )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class FailingStore(MemoryFileSystem):  # type: ignore[misc]
    """A remote store that fails at one of the calls that reach it.

    Attributes
    ----------
    fails_at
        Number of the call, from 0; -1 for none.
    n_calls
        Calls so far.
    error
        What is raised then.
    """

    cachable = False

    def __init__(self) -> None:
        super().__init__()
        self.fails_at, self.n_calls = -1, 0
        self.error: Exception = OSError()

    def _count(self) -> None:
        self.n_calls += 1
        if self.n_calls - 1 == self.fails_at:
            raise self.error

    def put_file(self, *args: Any, **kwargs: Any) -> Any:
        self._count()
        return super().put_file(*args, **kwargs)

    def get_file(self, *args: Any, **kwargs: Any) -> Any:
        self._count()
        return super().get_file(*args, **kwargs)

    def cat_file(self, *args: Any, **kwargs: Any) -> Any:
        self._count()
        return super().cat_file(*args, **kwargs)

    def ls(self, *args: Any, **kwargs: Any) -> Any:
        self._count()
        return super().ls(*args, **kwargs)

    def rm(self, *args: Any, **kwargs: Any) -> Any:
        self._count()
        return super().rm(*args, **kwargs)
