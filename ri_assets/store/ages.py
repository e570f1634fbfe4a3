"""Size and age of what a store holds."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime

from ri_assets.store.access import told
from ri_assets.store.files import Files


def size_of(files: Files, name: str) -> int:
    """Bytes of a file, or of all files in a folder; 0 if it doesn't exist."""
    with told("read", files.path(name)):
        try:
            return int(files.fs.du(files.path(name))) if files.exists(name) else 0
        except FileNotFoundError:  # another run may remove it at the same moment
            return 0


def changed_at(files: Files, name: str) -> datetime:
    """When a file was last written, or marked as used (UTC).

    Raises
    ------
    StoreError
        The file is missing.
    """
    with told("read", files.path(name)):
        try:
            found: datetime = files.fs.modified(files.path(name))
        except FileNotFoundError as error:
            raise files.missing(name) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def mark_used(files: Files, name: str) -> None:
    """Let `changed_at` return the time of now, where the store is a folder."""
    if files.is_local:
        with suppress(OSError):  # a reader without the right to write; runs have it
            os.utime(files.path(name))
