"""Runs that are forks of one process which has imported everything, so that many fit into minutes.

Belongs here: starting, killing and awaiting such runs. Does not belong here: what a campaign
does with them. `python -m ri_assets_tests.torture.zygote` is the process that forks.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ri_assets_tests.command_line import environment
from ri_assets_tests.torture.clock import jumping


@dataclass(frozen=True)
class Task:
    """What a fork does.

    Parameters
    ----------
    source, profile, store, home
        Of the run; `home` holds Dagster's records.
    only
        Assets to materialise, as a person picks them in the UI; empty for `ri-index run`.
    clock
        Seed of a clock that jumps; None for the machine's clock.
    largest_file
        Limit on the size of a file in bytes; None for no limit.
    again
        Whether `ri-index run` makes stages anew that did not change.
    """

    source: str
    profile: str
    store: str
    home: str
    only: tuple[str, ...] = ()
    clock: int | None = None
    largest_file: int | None = None
    again: bool = False


@dataclass
class Fork:
    """A started task.

    Parameters
    ----------
    pid
        Of its process, which leads a group of its own.
    log
        What it said.
    """

    pid: int
    log: Path
    _zygote: Zygote
    _code: int | None = None

    def wait(self) -> int:
        """Wait until it ended; give its exit code, negative for a signal."""
        if self._code is None:
            self._code = int(self._zygote.ask({"wait": self.pid}))
        return self._code

    def kill(self, *, whole_group: bool) -> bool:
        """Kill it as `kill -9` does; return whether it still lived."""
        (os.killpg if whole_group else os.kill)(self.pid, signal.SIGKILL)
        return self.wait() == -signal.SIGKILL

    def survivors(self) -> list[int]:
        """Return processes of its group that live after it; they get a moment to end."""
        deadline = time.monotonic() + 5
        while (found := group_of(self.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    @property
    def said(self) -> str:
        """Everything that it printed."""
        return self.log.read_text(errors="replace")


@dataclass
class Zygote:
    """The process that forks."""

    process: subprocess.Popen[str]
    folder: Path
    _n_started: int = 0

    @property
    def scratch(self) -> Path:
        """Folder for temporary files of the forks."""
        return self.folder / "scratch"

    def start(self, task: Task) -> Fork:
        """Fork, and let the child do the task."""
        self._n_started += 1
        log = self.folder / f"fork{self._n_started}.log"
        return Fork(int(self.ask({"start": vars(task), "log": str(log)})), log, self)

    def run(self, task: Task) -> Fork:
        """Fork, and wait until the task is done."""
        fork = self.start(task)
        fork.wait()
        return fork

    def ask(self, command: dict[str, Any]) -> str:
        """Send a command; give the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def zygote(folder: Path) -> Iterator[Zygote]:
    """Start the process that forks; logs go to a folder."""
    (folder / "scratch").mkdir(parents=True)
    with (folder / "zygote.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ri_assets_tests.torture.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={
                **environment(folder),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "TMPDIR": str(folder / "scratch"),
            },
        )
    try:
        made = Zygote(process, folder)
        made.ask({})  # it has imported everything
        yield made
    finally:
        process.kill()
        process.communicate()


def group_of(leader: int) -> list[int]:
    """List the living processes of a group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(group) == leader and state != "Z":
                    found.append(int(entry.name))
    return found


def main() -> None:
    """Import everything, then fork at each command until standard input ends."""
    _import_everything()
    for line in sys.stdin:
        command = json.loads(line)
        if not command:
            answer = 0
        elif "wait" in command:
            answer = os.waitstatus_to_exitcode(os.waitpid(command["wait"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                _child(Task(**command["start"]), command["log"])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _import_everything() -> None:
    """Import only: a library that has computed may hang in a fork."""
    import hdbscan
    import presidio_analyzer
    import sentence_transformers
    import umap

    import ri_assets.cli.app
    import ri_assets.definitions
    from ri_assets.cli.commands import MODULES

    for name in MODULES:
        importlib.import_module(f"ri_assets.cli.{name}")
    assert all((hdbscan, presidio_analyzer, sentence_transformers, umap, ri_assets))


def _child(task: Task, log: str) -> None:
    """Do the task in this process, and end it without the zygote's own cleaning up."""
    code = 70
    try:
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT, 0o644)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ["DAGSTER_HOME"] = task.home
        if task.largest_file is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (task.largest_file, task.largest_file))
        with nullcontext() if task.clock is None else jumping(task.clock):
            code = _some(task) if task.only else _whole(task)
    except BaseException:  # noqa: BLE001 - a fork must end here, whatever happened
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _whole(task: Task) -> int:
    from ri_assets.cli.app import main as ri_index

    sys.argv = ["ri-index", "run", "--source", task.source, "--profile", task.profile,
                "--store", task.store, *(["--again"] if task.again else [])]  # fmt: skip
    try:
        ri_index()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


def _some(task: Task) -> int:
    """Materialise some assets; exit codes are those of `ri-index run`."""
    from ri_assets.failures import failures
    from ri_assets_tests.test_runs_in_parts import materialise

    result = materialise(task.source, task.profile, Path(task.store), task.only)
    found = failures(result.all_events)
    for failure in found:
        sys.stderr.write(f"{failure.message}\n")
    if any(failure.is_about_access for failure in found):
        return 4
    return 0 if result.success else 3


def stages(only: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Give the assets that a person can materialise by themselves, in order of the data."""
    found = (  # both raw tables come from one read
        ("raw_tweets", "raw_replies"), ("denoised_tweets",), ("embeddings",),
        ("behavioral_features",), ("umap_50d",), ("clusters",), ("personas_enriched",),
        ("ri_index_app",),
    )  # fmt: skip
    return tuple(stage for stage in found if not only or stage[0] in only)


if __name__ == "__main__":
    main()
