"""Locks, heartbeats and conditional writes: what keeps two runs apart.

On a local folder, locks belong to the operating system, which releases them when a process
dies. An object store has no locks: a run renews a heartbeat file every minute, and S3 refuses
a write whose condition does not hold.

Belongs here: taking and testing locks. Does not belong here: what happens while they are held.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from filelock import FileLock, Timeout
from fsspec.implementations.memory import MemoryFileSystem

from ri_assets.errors import StoreError
from ri_assets.store.access import access_error
from ri_assets.store.files import Files


@contextmanager
def repeated(action: Callable[[], object], seconds: float) -> Iterator[None]:
    """Call something repeatedly from a separate thread, until the block ends.

    Parameters
    ----------
    action
        May fail; the next call may succeed again.
    seconds
        Time between two calls, and before the first.
    """
    ended = Event()

    def go_on() -> None:
        while not ended.wait(seconds):
            # Every exception: a missed heartbeat must not end the work.
            with suppress(Exception):
                action()

    thread = Thread(target=go_on, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


FOLDER = "locks"
_PUBLISHING = "publishing"
_BEAT = 60.0
_DEAD_AFTER = 900.0  # many heartbeats: clocks differ, and a busy machine is late
_PATIENCE = 600.0
_A_MOMENT = 5.0

# Runs of this process, by store. Dagster sets a store up twice if another resource contains it.
_ours: Counter[tuple[str, str]] = Counter()
_in_process = Lock()


@contextmanager
def publishing(files: Files) -> Iterator[None]:
    """Lock the pointer; in an object store, only against other threads of this process.

    Raises
    ------
    StoreError
        Another run holds the lock too long, or the folder cannot be locked.
    """
    if not files.is_local:
        with _in_process:
            yield
        return
    try:
        lock = _taken(files, _PUBLISHING, _PATIENCE)
    except Timeout as error:
        raise StoreError(
            f"another run has been publishing in {files.location} for {_PATIENCE / 60:.0f} minutes",
            f"that the lock {error.lock_file} is free",
            "check the other run, stop it if it hangs, then run again",
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def in_use(files: Files, run_id: str) -> Iterator[None]:
    """Mark a run as in progress, until it ends or its process dies."""
    key = (files.path(""), run_id)
    with _in_process:
        _ours[key] += 1
        is_first = _ours[key] == 1
    try:
        if not is_first:
            yield
        elif files.is_local:
            with _held(files, run_id):
                yield
        else:
            with _beating(files, _sign(run_id)):
                yield
    finally:
        with _in_process:
            _ours[key] -= 1


@contextmanager
def _held(files: Files, run_id: str) -> Iterator[None]:
    try:
        lock = _taken(files, run_id, _A_MOMENT)
    except Timeout:  # another process of the same run holds it
        yield
        return
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def is_in_use(files: Files, run_id: str) -> bool:
    """Whether a run is in progress, in any process."""
    if _ours[files.path(""), run_id] > 0:
        return True
    return _is_locked(files, run_id) if files.is_local else _beats(files, run_id)


def _is_locked(files: Files, run_id: str) -> bool:
    if not files.exists(f"{FOLDER}/{run_id}.lock"):
        return False
    try:
        with _lock(files, run_id, 0):
            return False
    except Timeout:
        return True


def _beats(files: Files, run_id: str) -> bool:
    sign = _sign(run_id)
    if not files.exists(sign):
        return False
    try:
        beat = datetime.fromisoformat(files.read_json(sign)["beat_at"])
    except StoreError:
        return False  # it has just ended
    return (datetime.now(UTC) - beat).total_seconds() < _DEAD_AFTER


def under_way(files: Files) -> list[str]:
    """Ids of all runs in progress."""
    return [run_id for run_id in _listed(files).values() if is_in_use(files, run_id)]


def forget_dead(files: Files) -> None:
    """Remove the locks of runs that have ended."""
    for name, run_id in _listed(files).items():
        if _ours[files.path(""), run_id] > 0:
            continue
        if not files.is_local:
            if not is_in_use(files, run_id):
                files.remove(f"{FOLDER}/{name}")
            continue
        # Removed while held: a process that waits for it notices, and creates it again.
        with suppress(Timeout), _lock(files, run_id, 0):
            Path(files.path(f"{FOLDER}/{name}")).unlink(missing_ok=True)


def _listed(files: Files) -> dict[str, str]:
    """Run of each lock."""
    runs = {name: name.rpartition(".")[0] for name in files.names(FOLDER)}
    return {name: run for name, run in runs.items() if run != _PUBLISHING}


def _lock(files: Files, name: str, patience: float) -> FileLock:
    place = Path(files.path(f"{FOLDER}/{name}.lock"))
    place.parent.mkdir(parents=True, exist_ok=True)
    # A lock that is only a file would outlive a killed run, so such a folder is refused.
    return FileLock(place, timeout=patience, thread_local=False, fallback_to_soft=False)


def _taken(files: Files, name: str, patience: float) -> FileLock:
    """Acquire a lock; explain if this folder has none."""
    try:
        lock = _lock(files, name, patience)
        lock.acquire()
    except Timeout:
        raise
    # filelock raises the first where the file system has no locks; the system refuses by OSError.
    except (NotImplementedError, OSError) as error:  # both mean that nothing can be locked
        raise (
            access_error(error, "lock", files.location) or _without_locks(files, error)
        ) from error
    return lock


def _without_locks(files: Files, error: Exception) -> StoreError:
    return StoreError(
        f"the store {files.location} cannot be locked: {error}",
        "a folder on a file system with locks (flock)",
        "name a folder on a disk of this machine with --store",
    )


def _sign(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.json"


@contextmanager
def _beating(files: Files, sign: str) -> Iterator[None]:
    def beat() -> None:
        files.write_json(sign, {"beat_at": datetime.now(UTC).isoformat()})

    beat()
    try:
        with repeated(beat, _BEAT):
            yield
    finally:
        files.remove(sign)


_REFUSED = {404, 409, 412}
"""HTTP status if a condition doesn't hold: removed, being written, or changed."""


def file_tag(files: Files, name: str) -> str | None:
    """Return the ETag of a file, which changes with its content; None if there is no file."""
    if not _is_s3(files):
        return None  # the lock is enough
    files.fs.invalidate_cache(files.path(name))
    try:
        return str(files.fs.info(files.path(name), refresh=True)["ETag"])
    except FileNotFoundError:
        return None


def replace_if_unchanged(files: Files, name: str, content: Any, was: str | None) -> bool:
    """Write JSON if the file still has the file_tag that it had; call it under `locks.publishing`.

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
    """Refuse a store in which two runs could overwrite each other's publication.

    Raises
    ------
    StoreError
        It is neither a folder nor S3, or its server ignores conditions.
    """
    if files.is_local or isinstance(files.fs, MemoryFileSystem):
        return
    if not _is_s3(files):
        raise _refused(files, "this kind of store cannot")
    probe = f"probe-{secrets.token_hex(8)}.json"
    try:
        if not replace_if_unchanged(files, probe, {}, None) or replace_if_unchanged(
            files, probe, {}, None
        ):
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
