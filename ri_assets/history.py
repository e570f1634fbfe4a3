"""Which folder Dagster's records of a run go to.

The UI draws the figures of all runs that it knows in one line, whatever data they are from. So
the runs of the project's own store share the history that `make ui` shows, and the runs of
every other store have a history of their own.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from ri_assets.environment import PROJECT, store_location

_SETTINGS = "dagster.yaml"
_OTHERS = PROJECT / "history" / "of_stores"
_ODD = re.compile(r"[^\w.-]+")


def choose_home(store: str) -> None:
    """Set `DAGSTER_HOME` for a run that writes into a store.

    Nothing changes if the variable already names a folder outside the project, or if the
    project has no `dagster.yaml`, as where it was installed without its repository.
    """
    if (
        os.environ.get("DAGSTER_HOME", str(PROJECT)) != str(PROJECT)
        or not (PROJECT / _SETTINGS).is_file()
    ):
        return
    home = home_of(store)
    if home != PROJECT:
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / _SETTINGS, home)  # there telemetry is off, too
    os.environ["DAGSTER_HOME"] = str(home)


def home_of(store: str) -> Path:
    """Return the project's folder for the store of `RI_STORE` or the default, else another one."""
    place = _place(store)
    if place == _place(store_location(None)):
        return PROJECT
    name = _ODD.sub("_", place.rstrip("/").rpartition("/")[2])
    digest = hashlib.sha256(place.encode()).hexdigest()[:8]
    return _OTHERS / f"{name}-{digest}"


def ui_command() -> str:
    """Give the command that opens the UI with the history of the run that has ended."""
    home = os.environ.get("DAGSTER_HOME", str(PROJECT))
    return "make ui" if home == str(PROJECT) else f"make ui DAGSTER_HOME={home}"


def _place(store: str) -> str:
    """Write a location so that the same folder reads the same."""
    return store if "://" in store else str(Path(store).expanduser().resolve())
