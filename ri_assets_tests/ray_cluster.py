"""A Ray cluster of two machines for tests: two nodes with their own ports, on 127.0.0.1 alone.

`python -m ri_assets_tests.ray_cluster` starts it in a process of its own, reads one command a
line (`add PYTHONPATH`), answers with JSON, and ends with its standard input.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOPBACK = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray replaces 127.0.0.1 by the address of the network, where it may form clusters.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": "for tests on this machine alone",
}
"""Variables of every process that connects to the cluster, set before Ray is imported."""
# Seconds to notice that a machine has gone; a real cluster takes ten.
_NOTICES = {
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "4",
}
_STORE_BYTES = 100_000_000


@dataclass(frozen=True)
class RayCluster:
    """A running cluster.

    Parameters
    ----------
    address
        Of its head.
    head, worker
        Ids of the processes that make up each of the two machines.
    """

    address: str
    head: list[int]
    worker: list[int]
    process: subprocess.Popen[str]

    def add(self, pythonpath: str = "") -> list[int]:
        """Add a machine, whose Python finds packages in a folder first; give its processes."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"add {pythonpath}\n")
        self.process.stdin.flush()
        found: list[int] = _answer(self.process)["pids"]
        return found


@contextmanager
def running_ray() -> Iterator[RayCluster]:
    """Start a cluster, and end it with all its processes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ri_assets_tests.ray_cluster"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **LOOPBACK, **_NOTICES},
    )
    with process:
        said = _answer(process)
        try:
            yield RayCluster(said["address"], said["head"], said["worker"], process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(60)


def kill(pids: list[int]) -> None:
    """End processes and their children, as a failed machine would; return when they are gone."""
    everyone = [*pids, *(child for parent in pids for child in _children(parent))]
    for pid in everyone:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # it has ended with one of the others
            continue

    while any(map(_is_alive, everyone)):
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    except FileNotFoundError:  # it has ended, or the system has no such file
        return []
    return [*map(int, text.split())]


def _answer(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):  # Ray itself prints advice
            return json.loads(line)
    raise AssertionError("the cluster ended before it answered")


def _serve() -> None:
    folder = tempfile.mkdtemp(prefix="ray")  # the paths of sockets must be short
    os.environ["RAY_TMPDIR"] = (
        folder  # Ray writes a file to /tmp/ray, which may not exist, otherwise
    )
    from ray.cluster_utils import Cluster

    common: dict[str, Any] = {
        "node_ip_address": "127.0.0.1",
        "num_cpus": 1,
        "object_store_memory": _STORE_BYTES,
        "include_log_monitor": False,
    }
    cluster = Cluster(
        initialize_head=True,
        head_node_args={**common, "include_dashboard": False, "no_monitor": True},
    )
    try:
        head, worker = cluster.head_node, cluster.add_node(**common)
        _tell(address=cluster.address, head=_pids(head), worker=_pids(worker))
        for line in sys.stdin:
            path = line.removeprefix("add ").strip()
            added = cluster.add_node(**common, env_vars={"PYTHONPATH": path} if path else {})
            _tell(pids=_pids(added))
    finally:
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def _tell(**answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _pids(node: Any) -> list[int]:
    return [one.process.pid for kind in node.all_processes.values() for one in kind]


if __name__ == "__main__":
    _serve()
