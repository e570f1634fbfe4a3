"""Which process does something, in words that another process can check later.

Belongs here: naming a process so that no other one is taken for it, and finding out whether
it still runs. Does not belong here: what it does (`ri_assets.dead_runs`).
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

_PROC = Path("/proc")
_STATE, _STARTED = 0, 19  # fields of /proc/PID/stat after the name of the program, from 0
_ENDED_STATES = frozenset("ZX")  # ended, but its parent has not collected the exit code


@dataclass(frozen=True)
class ProcessMark:
    """A process, named so that it can be found again.

    A number alone is not enough: the system gives it to another process later. The time at
    which the process started settles that, within one boot and one namespace of numbers.

    Parameters
    ----------
    host, boot, namespace
        Where the number counts: name of the machine, id of its boot, namespace of process
        ids (each container has its own). Empty where the system does not say.
    pid
        Number of the process.
    started
        When it started, in the kernel's ticks since boot; empty where the system does not say.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    started: str

    @classmethod
    def of_this_process(cls) -> ProcessMark:
        """Name the process that asks."""
        pid = os.getpid()
        _, started = _stat(pid)
        return cls(*_place(), pid, started)

    def is_running(self) -> bool | None:
        """Whether the process still runs; None where that cannot be seen from here."""
        if not self.started or (self.host, self.boot, self.namespace) != _place():
            return None
        state, started = _stat(self.pid)
        return started == self.started and state not in _ENDED_STATES

    def as_text(self) -> str:
        """Write the mark as JSON, for `from_text`."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> ProcessMark | None:
        """Read what `as_text` wrote; None where the text is something else."""
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError):
            return None


def _place() -> tuple[str, str, str]:
    """Where this process's number counts."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        boot = namespace = ""
    return socket.gethostname(), boot, namespace


def _stat(pid: int) -> tuple[str, str]:
    """State and start of a process; empty where there is none, or the system does not say."""
    try:
        content = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", ""
    # The program's name is in brackets and may itself hold brackets and blanks.
    fields = content.rpartition(")")[2].split()
    return fields[_STATE], fields[_STARTED]
