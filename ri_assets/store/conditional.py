"""Conditional writes: a file is replaced only if it still is what was read.

A folder has a lock for that (`locks`); S3 refuses a write whose condition does not hold.

Belongs here: what each kind of store can do. Does not belong here: what is written.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from fsspec.implementations.memory import MemoryFileSystem

from ri_assets.errors import StoreError
from ri_assets.store.files import Files

_REFUSED = {404, 409, 412}
"""HTTP status of a condition that does not hold: removed, being written, or another content."""


def tag(files: Files, name: str) -> str | None:
    """Give what tells one content of a file from another; None where there is no such file."""
    if not _is_s3(files):
        return None  # the lock keeps others away
    files.fs.invalidate_cache(files.path(name))
    try:
        return str(files.fs.info(files.path(name), refresh=True)["ETag"])
    except FileNotFoundError:
        return None


def replace(files: Files, name: str, content: Any, was: str | None) -> bool:
    """Write JSON if the file still has the tag that it had; call it under `locks.publishing`.

    Returns
    -------
    bool
        Whether it was written.
    """
    if not _is_s3(files):
        files.write_json(name, content)
        return True
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    condition = {"IfNoneMatch": "*"} if was is None else {"IfMatch": was}
    try:
        files.fs.pipe_file(files.path(name), text.encode(), **condition)
    except OSError as error:
        if isinstance(error, FileExistsError) or _status(error) in _REFUSED:
            return False
        raise
    return True


def require_conditional(files: Files) -> None:
    """Refuse a store in which two runs could publish over each other.

    Raises
    ------
    StoreError
        It is of another kind than a folder or S3, or its server ignores conditions.
    """
    if files.is_local or isinstance(files.fs, MemoryFileSystem):
        return
    if not _is_s3(files):
        raise _refused(files, "this kind of store cannot")
    probe = f"probe-{secrets.token_hex(8)}.json"
    try:
        if not replace(files, probe, {}, None) or replace(files, probe, {}, None):
            raise _refused(files, "its server ignores If-None-Match, so it cannot")
    finally:
        files.remove(probe)


def _refused(files: Files, why: str) -> StoreError:
    return StoreError(
        f"{files.location} is no store for runs: of two runs at once only one may publish, and "
        f"{why} ensure that",
        "a folder, or an S3 server with conditional writes",
        "name another store with --store",
    )


def _is_s3(files: Files) -> bool:
    protocol = files.fs.protocol
    return "s3" in ((protocol,) if isinstance(protocol, str) else protocol)


def _status(error: OSError) -> int | None:
    response = getattr(error.__cause__, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return None if status is None else int(status)
