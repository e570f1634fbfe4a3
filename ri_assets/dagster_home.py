"""Dagster's records, as the command line opens them, and why they cannot be written.

The UI draws the figures of all runs that it knows in one line, whatever data they are from. So
the runs of the project's own store share the history that `make ui` shows, and the runs of
every other store have a history of their own.

Belongs here: finding and opening the instance. Does not belong here: runs (`ri_assets.run`).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from sqlalchemy.exc import SQLAlchemyError

from ri_assets.environment import PROJECT, store_location
from ri_assets.errors import AccessError

_SETTINGS = "dagster.yaml"
_OTHERS = PROJECT / "history" / "of_stores"
_ODD = re.compile(r"[^\w.-]+")
# Dagster would redirect the terminal's output to a file and copy it back with `tail`, late and
# without the last lines. The event log has all messages anyway.
_NO_CAPTURE = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


@contextmanager
def records_explained() -> Iterator[None]:
    """Explain why Dagster cannot write its records; a run needs them."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of our output has gone
    except OSError as error:
        raise _no_records(error.strerror or str(error)) from error
    except SQLAlchemyError as error:
        raise _no_records(str(getattr(error, "orig", None) or error).splitlines()[0]) from error


def home_of(store: str) -> Path | None:
    """Give the folder for the records of a store's runs; it may not be there yet.

    This is `DAGSTER_HOME` if the variable names a folder outside the project. Else it is the
    project's folder for the store of `RI_STORE` or the default, and another one for each other
    store. None if the project has no `dagster.yaml`, as where it was installed without its
    repository.

    Raises
    ------
    AccessError
        DAGSTER_HOME is not the full path of a folder.
    """
    given = os.environ.get("DAGSTER_HOME", str(PROJECT))
    if given != str(PROJECT):
        folder = Path(given)
        if not (folder.is_absolute() and folder.is_dir()):
            raise _no_records("this is not the full path of a folder")
        return folder
    if not (PROJECT / _SETTINGS).is_file():
        return PROJECT if "DAGSTER_HOME" in os.environ else None
    place = _place(store)
    if place == _place(store_location(None)):
        return PROJECT
    name = _ODD.sub("_", place.rstrip("/").rpartition("/")[2])
    digest = hashlib.sha256(place.encode()).hexdigest()[:8]
    return _OTHERS / f"{name}-{digest}"


def choose_home(store: str) -> Path | None:
    """Make the folder of `home_of` and set `DAGSTER_HOME` to it."""
    folder = home_of(store)
    if folder is not None:
        if folder.parent == _OTHERS:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / _SETTINGS, folder)  # there telemetry is off, too
        os.environ["DAGSTER_HOME"] = str(folder)
    return folder


def ui_command() -> str:
    """Give the command that opens the UI with the history of the run that has ended."""
    home = os.environ.get("DAGSTER_HOME", str(PROJECT))
    return "make ui" if home == str(PROJECT) else f"make ui DAGSTER_HOME={home}"


@contextmanager
def dagster_instance(store: str) -> Iterator[dg.DagsterInstance]:
    """Open the instance with the store's history; without a folder for it, a temporary one."""
    folder = choose_home(store)
    if folder is not None:
        ref = InstanceRef.from_dir(str(folder), overrides=_NO_CAPTURE)
        with dg.DagsterInstance.from_ref(ref) as instance:
            yield instance
    else:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance


def _place(store: str) -> str:
    """Write a location so that the same folder reads the same."""
    return store if "://" in store else str(Path(store).expanduser().resolve())


def _no_records(why: str) -> AccessError:
    return AccessError(
        f"cannot write Dagster's records in {os.environ.get('DAGSTER_HOME', 'memory')}: {why}",
        "a folder that this user can write, with free space",
        "free space there or grant the right to write; or set the variable DAGSTER_HOME to the "
        "full path of another folder",
    )
