"""The process that is connected to a Ray cluster: hands jobs out, and ends when the head is lost.

Belongs here: everything that needs Ray, which is imported only here and on workers. Does not
belong here: starting this process and saying why it ended (`ray_engine`), what a worker does with
a job (`ray_worker`), and what a job computes.

Ray itself repeats a job whose worker process or machine ended. When the head or Ray on this
machine is lost, Ray ends every connected process without an exception, at once or after a minute.
So this process is not the run's. It looks at the head itself, and ends earlier.
"""

from __future__ import annotations

import os
import pickle
import re
import socket
import threading
import time
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import Any, NoReturn

from ri_assets.errors import AccessError, ClusterError, RIError
from ri_assets.pipeline.engine import PROGRESS_SECONDS, nothing
from ri_assets.pipeline.ray_worker import AGAIN, other_version, remote_job, versions

RETRIES = 3
"""How often a job is repeated whose worker ended."""

_ANSWERS_SECONDS = 2.0  # within which a head takes a connection
_LOOK_SECONDS = 2.0  # between two looks at the machines of the cluster
_EMPTY_SECONDS = 120.0  # without any processor: machines that start need no longer
_VERSION_SECONDS = 60.0  # in which a machine starts a process and tells its versions


def answers(host: str, port: int) -> bool:
    """Whether something takes a connection there."""
    try:
        socket.create_connection((host, port), timeout=_ANSWERS_SECONDS).close()
    except OSError:
        return False
    return True


def drive(pipe: Connection, host: str, port: int, lost_seconds: float) -> None:
    """Connect to a cluster, and do what the run asks until it closes its end of the pipe.

    Parameters
    ----------
    pipe
        Gives the number of machines once all have the same versions. Then takes ``("submit",
        number)`` followed by the bytes of a pickled task, or ``("ended", numbers)``, and gives what
        the method of that name returns. In place of each answer it may give an error.
    host, port
        Where the head listens.
    lost_seconds
        Time without an answer of the head after which this process ends.
    """
    signal(SIGINT, SIG_IGN)  # Ctrl-C stops the run, which closes the pipe
    needed = [(host, port)]
    threading.Thread(target=_end_if_lost, args=(needed, lost_seconds), daemon=True).start()
    os.environ |= {
        # Ray reports its use to its makers otherwise, and a run connects to nothing it was not
        # given.
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_task_oom_retries": str(RETRIES),  # without end otherwise
    }
    # Ray prints command lines of other processes, and lines that are no JSON; its logs have them.
    with Path(os.devnull).open("w") as void:
        for output in (1, 2):
            os.dup2(void.fileno(), output)
    import ray

    try:
        _connect(ray, f"{host}:{port}")
        driver = _Driver(ray, (host, port))
        needed.append(driver.place_here)
        pipe.send(driver.require_same_versions())
        while True:
            pipe.send(_answer(driver, pipe, needed))
    except (EOFError, BrokenPipeError):  # the run has ended
        pass
    # This process has no terminal: whatever goes wrong is sent to the run, which raises it.
    except Exception as error:  # noqa: BLE001 -- of any kind, as said above
        if _all_answer(needed):  # if not, that is the reason, and the run gives it
            is_ours = isinstance(error, RIError)
            pipe.send(error if is_ours else RuntimeError(traceback.format_exc()))
    finally:
        ray.shutdown()


def _end_if_lost(needed: Sequence[tuple[str, int]], seconds: float) -> NoReturn:
    """End this process when one of the places has not answered for so long."""
    heard = time.monotonic()
    while True:
        time.sleep(seconds / 10)
        if _all_answer(needed):
            heard = time.monotonic()
        elif time.monotonic() - heard > seconds:
            os._exit(1)


def _all_answer(needed: Sequence[tuple[str, int]]) -> bool:
    return all(answers(*place) for place in needed)


def _connect(ray: Any, address: str) -> None:
    try:
        ray.init(address=address, log_to_driver=False)  # what workers print may hold texts
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"the Ray cluster at {address} takes no run from here: {_first_line(error)}",
            f"Ray {ray.__version__} on every machine, this one included, and the cluster's token, "
            "if it asks for one",
            "install the same version of Ray and Python everywhere, start Ray on this machine with "
            f"`ray start --address={address}`, set RAY_AUTH_MODE and RAY_AUTH_TOKEN as on the "
            "head, and run again",
        ) from error


def _answer(driver: _Driver, pipe: Connection, needed: Sequence[tuple[str, int]]) -> Any:
    asked, given = pipe.recv()
    try:
        if asked == "submit":
            return driver.submit(given, pipe.recv_bytes())
        return driver.ended(given)
    except RIError as error:
        if not _all_answer(needed):
            raise
        return error


class _Driver:
    """What a run asks of a cluster.

    Parameters
    ----------
    ray
        The package, connected to a cluster.
    head
        Host and port of its head.
    """

    def __init__(self, ray: Any, head: tuple[str, int]) -> None:
        self._ray, self._head = ray, head
        self._job = ray.remote(num_cpus=1, max_retries=RETRIES)(remote_job())
        self._versions = versions()
        self._handles: dict[int, Any] = {}
        self._looked = self._had_room = time.monotonic()
        self._room = self._find_room()

    @property
    def place_here(self) -> tuple[str, int]:
        """Host and port of Ray on this machine."""
        own = self._ray.get_runtime_context().get_node_id()
        here = next(node for node in self._ray.nodes() if node["NodeID"] == own)
        return here["NodeManagerAddress"], here["NodeManagerPort"]

    def submit(self, number: int, task: bytes) -> None:
        """Hand a task to the cluster.

        Raises
        ------
        AccessError
            Ray has no space left on this machine for the task's input.
        """
        try:
            self._handles[number] = self._job.remote(self._versions, task)
        except self._ray.exceptions.RayError as error:
            raise _given_up(error) from error

    def ended(self, numbers: list[int]) -> tuple[int, list[tuple[int, bytes]]]:
        """Wait for a second at most.

        Parameters
        ----------
        numbers
            The tasks to wait for; the others are forgotten.

        Returns
        -------
        How many tasks the cluster has room for, and the pickled result of each that has ended.

        Raises
        ------
        ClusterError
            A machine has another version, the cluster has had no processor for a while, or a job
            ended with its worker, or ran out of memory, each time that it was tried.
        AccessError
            Ray has no space left for objects on a machine.
        RIError
            As the task, with the machine on which it was raised.
        """
        self._handles = {number: self._handles[number] for number in numbers}
        self._look()
        waiting = {handle: number for number, handle in self._handles.items()}
        done, rest = self._ray.wait([*waiting], num_returns=1, timeout=PROGRESS_SECONDS)
        if done and rest:
            done += self._ray.wait(rest, num_returns=len(rest), timeout=0)[0]
        return self._room, [(waiting[handle], self._result(handle)) for handle in done]

    def require_same_versions(self) -> tuple[int, int]:
        """Refuse a cluster in which a machine would compute something else.

        A machine that joins later is refused by the first job that it gets.

        Returns
        -------
        How many machines there are, and how many tasks they have room for.

        Raises
        ------
        ClusterError
            The first such machine, what it has, and what it should have.
        """
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nothing_to_do = pickle.dumps(nothing)
        nodes = {
            self._job.options(
                num_cpus=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
            ).remote(self._versions, nothing_to_do): node
            for node in self._ray.nodes()
            if node["Alive"]
        }
        done, late = self._ray.wait(list(nodes), num_returns=len(nodes), timeout=_VERSION_SECONDS)
        for handle in done:
            try:
                self._result(handle)
            except ClusterError:
                if self._is_alive(nodes[handle]):
                    raise  # Ray takes seconds to notice that a machine has gone
        if late:
            place = nodes[late[0]]["NodeManagerAddress"]
            raise ClusterError(
                f"the machine {place} of the Ray cluster started no process in "
                f"{_VERSION_SECONDS:.0f} seconds",
                "a process on every machine of the cluster",
                "look at the logs of Ray on that machine, or take it out of the cluster",
            )
        return len(nodes), self._room

    def _result(self, handle: Any) -> Any:
        try:
            place, (outcome, found) = self._ray.get(handle)
        except self._ray.exceptions.RayError as error:
            raise _given_up(error) from error
        if outcome == "differs":
            raise other_version(place, found, self._versions)
        if outcome == "failed":
            raise _from_worker(found, place)
        return found

    def _look(self) -> None:
        """Look now and then at what is left of the cluster."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        self._room = self._find_room()
        if self._room:
            self._had_room = now
        elif now - self._had_room > _EMPTY_SECONDS:
            raise self._no_room()

    def _is_alive(self, machine: dict[str, Any]) -> bool:
        return any(
            node["Alive"] for node in self._ray.nodes() if node["NodeID"] == machine["NodeID"]
        )

    def _find_room(self) -> int:
        """Give one job for each processor of the cluster, and one more for each machine."""
        counts = [
            int(node["Resources"].get("CPU", 0)) for node in self._ray.nodes() if node["Alive"]
        ]
        return sum(count + 1 for count in counts if count)

    def _no_room(self) -> ClusterError:
        address = "{}:{}".format(*self._head)
        return ClusterError(
            f"the Ray cluster at {address} has had no processor for {_EMPTY_SECONDS:.0f} seconds",
            "at least one machine with a processor for jobs",
            f"start a worker with `ray start --address={address}`, and {AGAIN}",
        )


def _given_up(error: Exception) -> Exception:
    """Say why Ray gave up a job; errors of the job itself are answers of its worker."""
    from ray import exceptions as errors

    if isinstance(error, errors.OutOfDiskError | errors.ObjectStoreFullError):
        return AccessError(
            f"Ray has no space left for objects, neither in memory nor on the disk, on "
            f"{_machine_of(error, 'this machine')}",
            "space for the inputs and results of jobs",
            "free space in Ray's folder for temporary files, or start Ray there with a larger "
            f"--object-store-memory; then {AGAIN}",
        )
    if isinstance(error, errors.OutOfMemoryError):
        return ClusterError(
            f"a job ran out of memory {RETRIES + 1} times, the last time on "
            f"{_machine_of(error, 'a machine of the Ray cluster')}",
            "memory for every job that the machine runs at once",
            f"start Ray there with a smaller --num-cpus, or use a larger machine; then {AGAIN}",
        )
    if isinstance(error, errors.RayTaskError):  # a fault of the program
        return error
    return ClusterError(
        f"a job ended {RETRIES + 1} times with its worker: {type(error).__name__}",
        "workers that live until their job is done",
        "look at the logs of Ray on the workers. If they ran out of memory, start Ray "
        f"there with a smaller --num-cpus; then {AGAIN}",
    )


def _from_worker(error: RIError | str, place: str) -> Exception:
    """Say that an error was met on a worker, where its cause is to be looked for."""
    where = f"on the machine {place} of the Ray cluster: "
    if isinstance(error, str):
        return RuntimeError(where + error)
    make, (kind, found, expected, remedy) = error.__reduce__()
    moved: RIError = make(kind, where + found, expected, remedy)
    return moved


def _machine_of(error: Exception, unnamed: str) -> str:
    found = re.search(r"\b(?:IP: |ip=)([^,\s)]+)", str(error))
    return f"the machine {found[1]} of the Ray cluster" if found else unnamed


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
