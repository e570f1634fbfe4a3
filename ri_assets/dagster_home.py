"""Dagster's instance, as the command line opens it, and why its records cannot be written.

Belongs here: finding and opening the instance. Does not belong here: runs (`ri_assets.run`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from sqlalchemy.exc import SQLAlchemyError

from ri_assets.environment import PROJECT
from ri_assets.errors import AccessError

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


def home() -> Path | None:
    """Folder of Dagster's records: DAGSTER_HOME, else this project's folder; None if neither.

    Raises
    ------
    AccessError
        DAGSTER_HOME is not the full path of a folder.
    """
    if "DAGSTER_HOME" not in os.environ and (PROJECT / "dagster.yaml").is_file():
        os.environ["DAGSTER_HOME"] = str(PROJECT)
    if "DAGSTER_HOME" not in os.environ:
        return None
    folder = Path(os.environ["DAGSTER_HOME"])
    if not (folder.is_absolute() and folder.is_dir()):
        raise _no_records("this is not the full path of a folder")
    return folder


@contextmanager
def dagster_instance() -> Iterator[dg.DagsterInstance]:
    """Open the instance that the UI shows; without a DAGSTER_HOME, a temporary one."""
    folder = home()
    if folder is not None:
        ref = InstanceRef.from_dir(str(folder), overrides=_NO_CAPTURE)
        with dg.DagsterInstance.from_ref(ref) as instance:
            yield instance
    else:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance


def _no_records(why: str) -> AccessError:
    return AccessError(
        f"cannot write Dagster's records in {os.environ.get('DAGSTER_HOME', 'memory')}: {why}",
        "a folder that this user can write, with free space",
        "free space there or grant the right to write; or set the variable DAGSTER_HOME to the "
        "full path of another folder",
    )
