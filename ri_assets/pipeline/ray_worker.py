"""What a Ray worker does with a job: it compares versions, then runs the job's task.

Belongs here: what must be the same on every machine for results to be the same, and the error
where it is not. Does not belong here: connecting to a cluster and handing jobs out (`ray_driver`).
Nothing heavy is imported, and no Ray: the process that runs this has loaded Ray already.
"""

from __future__ import annotations

import hashlib
import pickle
import platform
import traceback
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement

from ri_assets.errors import ClusterError, RIError
from ri_assets.store.access import system_error

PACKAGE = Path(__file__).parents[1]
CODE = "code of ri_assets"
"""Name of the package's digest among the versions."""

AGAIN = "run again; texts embedded so far are in the cache of the store and are not embedded again"
"""What to do after a failure, for remedies."""
_DISTRIBUTION = "ri-persona-system"
# They make tokens and vectors of a text, and sentence-transformers brings them.
_INDIRECT = ("tokenizers", "torch", "transformers")

Answer = tuple[Literal["done", "failed", "differs"], Any]
"""What a worker gives: a task's pickled result; or the task's error, one of ours or a traceback; or
versions that are not those of the run."""


@cache
def versions() -> dict[str, str]:
    """Give what decides the results of a job on this machine, by name.

    Python, every package that this one needs, and a digest over all files of this one, because a
    working copy changes without a new version.
    """
    needed = map(Requirement, requires(_DISTRIBUTION) or ())
    names = [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    packages = {name: version(name) for name in sorted({*names, *_INDIRECT})}
    return {CODE: _code(), "python": platform.python_version()} | packages


def run_task(expected: dict[str, str], task: bytes) -> Answer:
    """Run a pickled task, if this machine has the expected versions.

    Nothing is unpickled before they are compared: other versions might read it as something
    else.
    """
    try:
        found = versions()
    except PackageNotFoundError as error:
        return "differs", {error.name: "is not installed"}
    if found != expected:
        return "differs", found
    try:
        result = pickle.loads(task)()  # noqa: S301 -- the run itself pickled it for its workers
        return "done", pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    # Ray would raise it in an error of its own, with a traceback of Ray's: the run raises ours.
    except Exception as error:  # noqa: BLE001 -- of any kind, as said above
        return "failed", _error_of(error) or traceback.format_exc()


def remote_job() -> Callable[[dict[str, str], bytes], tuple[str, Answer]]:
    """Make the function that Ray sends to its workers.

    Ray sends the code of a function within a function, and of any other only its name: a worker
    without this package, or with another version of it, could not say so.
    """

    def job(expected: dict[str, str], task: bytes) -> Any:
        import ray

        place = ray.util.get_node_ip_address()
        try:
            from ri_assets.pipeline.ray_worker import run_task
        except ImportError as error:
            return place, ("differs", {"ri_assets": str(error)})
        return place, run_task(expected, task)

    return job


def other_version(place: str, found: dict[str, str], expected: dict[str, str]) -> ClusterError:
    """Give the error about a machine whose versions are not those of the run."""
    names = [name for name in found if found[name] != expected.get(name)]
    here = {name: expected[name] for name in names if name in expected} or expected
    return ClusterError(
        f"the machine {place} of the Ray cluster has other versions: "
        + _listed({name: found[name] for name in names}),
        f"{_listed(here)}, as on the machine that started the run",
        "install the same version of this project on every machine with "
        f"-c constraints.txt, start Ray there again, and {AGAIN}",
    )


def _error_of(error: Exception) -> RIError | None:
    """Give an error of ours, if the reader of this one can do something about it."""
    if isinstance(error, RIError):
        return error
    if isinstance(error, MemoryError):
        return ClusterError(
            f"too little memory: {str(error) or 'it could not be allocated'}",
            "memory for every job that the machine runs at once",
            f"start Ray there with a smaller --num-cpus, or use a larger machine; then {AGAIN}",
        )
    return system_error(error) if isinstance(error, OSError) else None


def _listed(by_name: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in by_name.items())


def _code() -> str:
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        name = file.relative_to(PACKAGE)
        if file.is_file() and "__pycache__" not in name.parts:
            digest.update(
                f"{name.as_posix()}:{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
            )
    return digest.hexdigest()[:12]
