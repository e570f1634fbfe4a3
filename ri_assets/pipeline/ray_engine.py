"""The engine of a Ray cluster: connects to it, hands jobs out, and notices what is lost.

Belongs here: everything that needs Ray, which is imported only when a run asks for it. Does not
belong here: what a worker does with a job (`ray_worker`), and what a job computes.

Ray itself repeats a job whose worker process or machine ended. It does not end a run whose head
is lost: it stops the whole process without an error that could be reported, after a minute, or at
once if a large object is on its way. So the engine looks at the head itself, and gives up earlier.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from ri_assets.counted import counted
from ri_assets.engines import require_ray
from ri_assets.errors import AccessError, ClusterError, RIError
from ri_assets.pipeline.engine import PROGRESS_SECONDS, nothing, run_jobs
from ri_assets.pipeline.ray_worker import AGAIN, other_version, remote_job, versions

Job = TypeVar("Job")
Result = TypeVar("Result")

RETRIES = 3
"""How often a job is repeated whose worker ended."""

_ANSWERS_SECONDS = 2.0  # within which a head takes a connection
_LOOK_SECONDS = 2.0  # between two looks at the machines of the cluster
_LOST_SECONDS = 10.0  # without an answer: the head is lost. Ray would end this process after 60.
_EMPTY_SECONDS = 120.0  # without any processor: machines that start need no longer
_VERSION_SECONDS = 60.0  # in which a machine starts a process and tells its versions


@contextmanager
def ray_engine(address: str, tell: Callable[[str], None] = nothing) -> Iterator[RayEngine]:
    """Connect to a cluster for the duration of a run.

    Parameters
    ----------
    address
        ``host:port`` of the cluster's head. This machine must be a part of the cluster.
    tell
        Called with a line of text when the cluster is connected, and when it has done its work.

    Raises
    ------
    ConfigError
        As `require_ray`.
    AccessError
        The head cannot be reached.
    ClusterError
        The cluster has another version of Ray or no processor, or a machine of it has another
        version of this package or of a library that influences results.
    """
    host, port = require_ray(address)
    if not _answers(host, port):
        raise AccessError(
            f"no Ray cluster answers at {address}",
            "the head of a running cluster",
            "start it with `ray start --head`, or correct the address",
        )
    # Ray reports its use to its makers otherwise, and a run connects to nothing it was not given.
    os.environ.update(RAY_USAGE_STATS_ENABLED="0")
    import ray

    handler = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address=address,
            log_to_driver=False,  # what workers print may hold texts
            logging_level=logging.ERROR,
            configure_logging=False,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"the Ray cluster at {address} takes no run from here: {_first_line(error)}",
            f"Ray {ray.__version__} on every machine, this one included, and the cluster's token, "
            "if it asks for one",
            "install the same version of Ray and Python everywhere, start Ray on this machine with "
            f"`ray start --address={address}`, set RAY_AUTH_MODE and RAY_AUTH_TOKEN as on the "
            "head, and run again",
        ) from error
    try:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)  # Ray's own would end the run without a trace
        engine = RayEngine(ray, host, port)
        tell(f"{counted(engine.require_same_versions(), 'machine')} of a Ray cluster at {address}")
        with engine.watched():
            yield engine
        tell(f"the Ray cluster computed {counted(engine.n_done, 'job')}")
    finally:
        ray.shutdown()


class RayEngine:
    """Computes on a Ray cluster; use `ray_engine`.

    Parameters
    ----------
    ray
        The package, connected to a cluster.
    host, port
        Where the head listens.
    """

    processes_here = 0

    def __init__(self, ray: Any, host: str, port: int) -> None:
        self._ray, self._host, self._port = ray, host, port
        self._job = ray.remote(num_cpus=1, max_retries=RETRIES)(remote_job())
        self._versions = versions()
        self.n_done = 0
        self._using = threading.RLock()
        self._is_left = False
        self._looked = self._had_room = time.monotonic()
        self.room = self._find_room()
        own = ray.get_runtime_context().get_node_id()
        here = next(node for node in ray.nodes() if node["NodeID"] == own)
        self._needed = {
            f"the head of the Ray cluster at {self.address}": (host, port),
            f"Ray on this machine, of the cluster at {self.address},": (
                here["NodeManagerAddress"], here["NodeManagerPort"],
            ),
        }  # fmt: skip

    @property
    def address(self) -> str:
        """``host:port`` of the head."""
        return f"{self._host}:{self._port}"

    def run(
        self,
        jobs: Sequence[Job],
        task: Callable[[Job], Callable[[], Result]],
        progress: Callable[[int], None] = nothing,
        *,
        received: Callable[[Job, Result], None] = nothing,
        is_worth_processes: bool = False,  # noqa: ARG002 -- a cluster has its processes already
    ) -> list[Result]:
        """Run the task of every job; see `Engine.run`.

        Raises
        ------
        AccessError
            The head is lost.
        ClusterError
            A machine has another version, the cluster has no processor left, or a job's worker
            ended each time that the job was tried.
        """
        with self._using:
            return run_jobs(self, jobs, task, progress, received)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Leave a cluster that is lost between two stages, before Ray ends the process."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_LOST_SECONDS / 2):
                with self._using:  # what runs jobs looks for itself
                    if ended.is_set() or self._answers_soon():
                        continue
                    self._ray.shutdown()
                    self._is_left = True
                    return

        watcher = threading.Thread(target=watch, name="ray_head", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def submit(self, task: Callable[[], Any]) -> Any:
        """Hand a task to the cluster."""
        self._require_answers()
        return self._job.remote(self._versions, self._ray.cloudpickle.dumps(task))

    def ended(self, pending: Collection[Any]) -> Iterator[tuple[Any, Any]]:
        """Wait for a second at most; give the tasks that have ended, with their results."""
        self._look()
        done, rest = self._ray.wait(list(pending), num_returns=1, timeout=PROGRESS_SECONDS)
        if done and rest:
            done += self._ray.wait(rest, num_returns=len(rest), timeout=0)[0]
        for handle in done:
            self._require_answers()
            result = self._result(handle)
            self.n_done += 1
            yield handle, result

    def require_same_versions(self) -> int:
        """Refuse a cluster in which a machine would compute something else.

        A machine that joins later is refused by the first job that it gets.

        Returns
        -------
        Number of machines.

        Raises
        ------
        ClusterError
            The first such machine, what it has, and what it should have.
        """
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nothing_to_do = self._ray.cloudpickle.dumps(nothing)
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
        return len(nodes)

    def _result(self, handle: Any) -> Any:
        errors = self._ray.exceptions
        try:
            place, (outcome, found) = self._ray.get(handle)
        except errors.RayTaskError as error:
            if not isinstance(error.cause, RIError):
                raise
            raise _from_worker(error.cause) from None
        except errors.RayError as error:
            self._require_answers()
            raise ClusterError(
                f"a job ended {RETRIES + 1} times with its worker: {type(error).__name__}",
                "workers that live until their job is done",
                "look at the logs of Ray on the workers. If they ran out of memory, start Ray "
                f"there with a smaller --num-cpus; then {AGAIN}",
            ) from None
        if outcome == "differs":
            raise other_version(place, found, self._versions)
        return found

    def _look(self) -> None:
        """Look at the head, and now and then at what is left of the cluster."""
        self._require_answers()
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        self.room = self._find_room()
        if self.room:
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

    def _require_answers(self) -> None:
        """Wait until the head and this machine's own part of the cluster answer.

        Raises
        ------
        AccessError
            One of them does not answer for `_LOST_SECONDS`, or did not between two stages.
        """
        if self._is_left or not self._answers_soon():
            lost = self._silent() or ["the Ray cluster was lost between two stages: its head"]
            raise AccessError(
                f"{lost[0]} no longer answers",
                "a cluster that answers until the run has ended",
                f"start the cluster again, and {AGAIN}",
            )

    def _answers_soon(self) -> bool:
        began = time.monotonic()
        while self._silent():
            if time.monotonic() - began > _LOST_SECONDS:
                return False
            time.sleep(_LOST_SECONDS / 20)
        return True

    def _silent(self) -> list[str]:
        return [who for who, place in self._needed.items() if not _answers(*place)]

    def _no_room(self) -> ClusterError:
        return ClusterError(
            f"the Ray cluster at {self.address} has had no processor for "
            f"{_EMPTY_SECONDS:.0f} seconds",
            "at least one machine with a processor for jobs",
            f"start a worker with `ray start --address={self.address}`, and {AGAIN}",
        )


def _from_worker(error: RIError) -> RIError:
    """Say that an error of ours was met on a worker, where its cause is to be looked for."""
    told = error.__reduce__()
    make, (kind, found, expected, remedy) = told
    moved: RIError = make(kind, f"on a machine of the Ray cluster: {found}", expected, remedy)
    return moved


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=_ANSWERS_SECONDS).close()
    except OSError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
