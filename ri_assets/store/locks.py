"""Locks of a store: who may move its pointer, and which runs are under way.

On a folder both are locks of the operating system, which a process loses when it dies. An
object store has none: there a run leaves a sign of life, renewed every minute.

Belongs here: taking and testing locks. Does not belong here: what happens under them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from ri_assets.errors import StoreError
from ri_assets.store.access import access_error
from ri_assets.store.files import Files
from ri_assets.store.heartbeat import repeated

FOLDER = "locks"
_PUBLISHING = "publishing"
_BEAT = 60.0
_DEAD_AFTER = 900.0  # many beats: clocks differ, and a busy machine is late
_PATIENCE = 600.0
_A_MOMENT = 5.0

# Runs of this process, by store: Dagster sets a store up twice where another resource holds it.
_ours: Counter[tuple[str, str]] = Counter()
_in_process = Lock()


@contextmanager
def publishing(files: Files) -> Iterator[None]:
    """Keep others from moving the pointer; of an object store, others of this process only.

    Raises
    ------
    StoreError
        Another run holds the lock for too long, or the folder cannot be locked.
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
            f"a lock that is free: {error.lock_file}",
            "see what the other run does, end it if it hangs, then run again",
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def in_use(files: Files, run_id: str) -> Iterator[None]:
    """Mark a run as being under way, until it ends or its process dies."""
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
    except Timeout:  # longer than a test takes: another process of this very run holds it
        yield
        return
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def is_in_use(files: Files, run_id: str) -> bool:
    """Whether a run is under way, in any process."""
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
        return False  # it ended at this moment
    return (datetime.now(UTC) - beat).total_seconds() < _DEAD_AFTER


def under_way(files: Files) -> list[str]:
    """Ids of all runs that are under way."""
    return [run_id for run_id in _listed(files).values() if is_in_use(files, run_id)]


def forget_dead(files: Files) -> None:
    """Remove the locks of runs that are no longer under way."""
    for name, run_id in _listed(files).items():
        if _ours[files.path(""), run_id] > 0:
            continue
        if not files.is_local:
            if not is_in_use(files, run_id):
                files.remove(f"{FOLDER}/{name}")
            continue
        # Removed while it is held: whoever waits for it then sees that and makes it anew.
        with suppress(Timeout), _lock(files, run_id, 0):
            Path(files.path(f"{FOLDER}/{name}")).unlink(missing_ok=True)


def _listed(files: Files) -> dict[str, str]:
    """Run of each lock."""
    runs = {name: name.rpartition(".")[0] for name in files.names(FOLDER)}
    return {name: run for name, run in runs.items() if run != _PUBLISHING}


def _lock(files: Files, name: str, patience: float) -> FileLock:
    place = Path(files.path(f"{FOLDER}/{name}.lock"))
    place.parent.mkdir(parents=True, exist_ok=True)
    # A lock that is only a file would outlive a killed run; better to refuse such a folder.
    return FileLock(place, timeout=patience, thread_local=False, fallback_to_soft=False)


def _taken(files: Files, name: str, patience: float) -> FileLock:
    """Take a lock; tell in a sentence if this folder has none."""
    try:
        lock = _lock(files, name, patience)
        lock.acquire()
    except Timeout:
        raise
    # The library raises NotImplementedError where a file system has no locks, as its documentation
    # says; everything else that can go wrong comes from the system.
    except (NotImplementedError, OSError) as error:
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
