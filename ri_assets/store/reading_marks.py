"""Marks that a file is being read, so that nobody removes a snapshot under its readers.

A reader holds a shared lock of the operating system on the file that it opened first. It needs
no right to write, and it ends with the process. Object stores have no such locks;
`ri_assets.store.cleaning` waits a day there instead.

Belongs here: taking and testing these locks. Does not belong here: locks of runs (`locks`).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock

from ri_assets.store.access import told
from ri_assets.store.files import Files


def mark_as_read(reader: object, files: Files, name: str) -> None:
    """Mark a file as being read, until the reader is no longer used or its process ends.

    Parameters
    ----------
    reader
        The object that reads; the mark lasts as long as it does.
    """
    while files.is_local:
        try:
            descriptor = os.open(files.path(name), os.O_RDONLY)
        except OSError:
            return  # whatever prevents it, reading the file reports it
        try:
            flock(descriptor, LOCK_SH)
        except OSError:  # no locks here, so `unread` fails too, and nothing is removed
            os.close(descriptor)
            return
        if os.fstat(descriptor).st_nlink:
            weakref.finalize(reader, os.close, descriptor)
            return
        os.close(descriptor)  # removed or replaced in the meantime


@contextmanager
def unread(files: Files, name: str) -> Iterator[bool]:
    """Tell whether nobody reads a file; during the block, no reader can begin.

    Always true in an object store, and for a file that does not exist.

    Raises
    ------
    AccessError
        This user may not write the file.
    """
    if not files.is_local or not files.exists(name):
        yield True
        return
    with told("lock", files.path(name), is_writing=True):
        descriptor = os.open(files.path(name), os.O_RDWR)
    try:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
