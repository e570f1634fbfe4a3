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
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef

from ri_assets.environment import PROJECT, store_location
from ri_assets.errors import AccessError, ConfigError

_SETTINGS = "dagster.yaml"
_OTHERS = PROJECT / "history" / "of_stores"
_DATABASES = ("mysql", "postgres")
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
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except BrokenPipeError:
        raise  # the reader of our output has gone
    except OSError as error:
        raise _no_records(error.strerror or str(error)) from error
    except SQLAlchemyError as error:
        raise _no_records(_first_line(error)) from error
    except Exception as error:  # types of packages that may not be installed cannot be named
        if not type(error).__module__.startswith(tuple(f"dagster_{kind}." for kind in _DATABASES)):
            raise
        raise _no_records(_first_line(error.__cause__ or error)) from error


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


@dataclass(frozen=True)
class Database:
    """The database server of Dagster's records.

    Parameters
    ----------
    kind
        `postgres` or `mysql`, also the name of the extra that installs what Dagster needs.
    variables
        Those that `dagster.yaml` reads its address, user and password from.
    """

    kind: str
    variables: tuple[str, ...]

    @property
    def unset(self) -> tuple[str, ...]:
        """The variables that are not set."""
        return tuple(name for name in self.variables if not os.environ.get(name))

    def require_package(self) -> None:
        """Refuse to go on without Dagster's package for this kind of database.

        Raises
        ------
        ConfigError
            It is not installed.
        """
        if find_spec(f"dagster_{self.kind}") is None:
            raise ConfigError(
                f"dagster.yaml names a {self.kind} database, but dagster-{self.kind} is not "
                "installed",
                f"the extra {self.kind} of this package",
                f"run .venv/bin/pip install -c constraints.txt -e '.[{self.kind}]'",
            )


def database_of(home: Path) -> Database | None:
    """Read which database `dagster.yaml` names.

    None if the records are files, or if there is no such file or it is no YAML; `ri-index doctor`
    reports the last two.
    """
    file = home / _SETTINGS
    try:
        settings: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (FileNotFoundError, yaml.YAMLError):
        return None
    storage = settings.get("storage") or {}
    kind = next((kind for kind in _DATABASES if kind in storage), None)
    return None if kind is None else Database(kind, tuple(_variables(storage)))


def ui_command(store: str) -> str:
    """Give the command that opens the UI with the history of a store's runs."""
    home = home_of(store) or PROJECT
    return "make ui" if home == PROJECT else f"make ui DAGSTER_HOME={home}"


@contextmanager
def dagster_instance(store: str) -> Iterator[dg.DagsterInstance]:
    """Open the instance with the store's history; without a folder for it, a temporary one."""
    folder = choose_home(store)
    if folder is not None:
        if database := database_of(folder):
            database.require_package()
        ref = InstanceRef.from_dir(str(folder), overrides=_NO_CAPTURE)
        with dg.DagsterInstance.from_ref(ref) as instance:
            yield instance
    else:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance


def _place(store: str) -> str:
    """Write a location so that the same folder reads the same."""
    return store if "://" in store else str(Path(store).expanduser().resolve())


def _variables(settings: Any) -> Iterator[str]:
    """Names behind `env:` anywhere in settings, in their order."""
    for key, value in settings.items() if isinstance(settings, dict) else ():
        if key == "env":
            yield value
        else:
            yield from _variables(value)


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0].strip()


def _no_records(why: str) -> AccessError:
    home = os.environ.get("DAGSTER_HOME", "memory")
    if database := database_of(Path(home)):
        return AccessError(
            f"cannot use the database of Dagster's records that {home}/{_SETTINGS} names: {why}",
            "a database that answers, and a user who may create tables in it",
            f"start the database, or correct the variables {', '.join(database.variables)}",
        )
    return AccessError(
        f"cannot write Dagster's records in {home}: {why}",
        "a folder that this user can write, with free space",
        "free space there or grant the right to write; or set the variable DAGSTER_HOME to the "
        "full path of another folder",
    )
