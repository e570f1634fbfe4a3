"""Exports of a published snapshot, handed out into a folder of their reader.

Belongs here: whole files or none, and what keeps them from being written. Does not
belong here: their content, which was judged before publication and is copied as it is.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from ri_assets.errors import ExportError
from ri_assets.records.snapshots import ExportedFile
from ri_assets.ri_index.exports.names import APP, EXPORTS
from ri_assets.ri_index.snapshot_reader import Contents


def export_all(contents: Contents, folder: str | os.PathLike[str]) -> list[ExportedFile]:
    """Write the seven exports into a folder, which is made where its parent exists.

    Each file appears whole or not at all. Of two exports into one folder at once the
    second waits, so that all seven files are of one snapshot.

    Raises
    ------
    ExportError
        The folder's parent is missing, or something in the way cannot be written.
    StoreError
        The snapshot has no exports, or one of them is damaged; nothing was written.
    """
    target = Path(os.fspath(folder))
    if not target.is_dir():
        _need_folder(target.parent)
    return _write(contents, target, [(name, target / name) for name in EXPORTS])


def export_app(contents: Contents, path: str | os.PathLike[str]) -> ExportedFile:
    """Write `ri_index_app.json` to a file in a folder that exists; raises as `export_all`."""
    target = Path(os.fspath(path))
    if target.is_dir():
        raise ExportError(
            f"{target} is a folder",
            f"the file to write, such as {target / APP}",
            "name a file, or use export() for all seven",
        )
    _need_folder(target.parent)
    [written] = _write(contents, target.parent, [(APP, target)])
    return written


def _write(
    contents: Contents, folder: Path, wanted: Sequence[tuple[str, Path]]
) -> list[ExportedFile]:
    # Read, and held against the manifest, before anything is written.
    found = [(name, path, contents.snapshot.content(name)) for name, path in wanted]
    snapshot = contents.snapshot.manifest.snapshot
    with _told(folder), ExitStack() as stack:
        folder.mkdir(exist_ok=True)
        stack.enter_context(_alone_in(folder))
        ready = []
        for _, path, content in found:
            part = path.with_name(f".{path.name}.{uuid4().hex}.part")
            stack.callback(part.unlink, missing_ok=True)
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            ready.append((part, path))
        for part, path in ready:
            part.replace(path)
    return [
        ExportedFile(name=name, path=str(path), bytes=content.size, snapshot=snapshot)
        for name, path, content in found
    ]


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other export writes into the folder; the lock ends with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _need_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ExportError(
            f"there is no folder {folder}",
            "a folder that exists, to write into",
            f"make it first (mkdir -p '{folder}'), or correct the path",
        )


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """Say what keeps a file from being written; what was there before stays."""
    try:
        yield
    except OSError as error:
        raise ExportError(
            f"the exports cannot be written to {target}: {error.strerror or error}",
            "a folder that may be written, with room left",
            "choose another folder, or change its rights",
        ) from error
