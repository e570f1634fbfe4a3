"""A private PostgreSQL server for tests: own folder, own port on 127.0.0.1, own user.

Belongs here: starting and ending the server. Does not belong here: what the project does with
a database.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER = "ri"
HOST = "127.0.0.1"
DATABASE = "dagster"
START_SECONDS = 60
PROGRAMS = ("initdb", "postgres", "createdb")
_UNPRIVILEGED = "postgres", "nobody"


def missing_programs() -> list[str]:
    """Programs that the server needs and this machine lacks."""
    return [program for program in PROGRAMS if _found(program) is None]


@dataclass
class Postgres:
    """A running server with an empty database.

    Parameters
    ----------
    folder
        Holds its data, socket and log.
    port
        Where it listens on 127.0.0.1.
    process
        The server.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End the server and its helpers at once; what it keeps is removed anyway."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()


@contextmanager
def running_postgres(password: str) -> Iterator[Postgres]:
    """Start a server whose user `ri` has a password; end it and remove its folder afterwards."""
    # A socket's path may have 107 characters; pytest's folders can be longer.
    folder = Path(tempfile.mkdtemp(prefix="ri_postgres_"))
    try:
        server = _start(folder, password)
        try:
            _wait(server)
            _run("createdb", "-h", HOST, "-p", str(server.port), "-U", USER, DATABASE,
                 env={**os.environ, "PGPASSWORD": password})  # fmt: skip
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder)


def _start(folder: Path, password: str) -> Postgres:
    secret = folder / "password"
    secret.write_text(password)
    someone = _someone()
    if someone:
        for path in (folder, secret):
            os.chown(path, someone["user"], someone["group"])
    data = str(folder / "data")
    _run("initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", "--pwfile", str(secret),
         "-E", "UTF8", "--no-locale", "--no-sync", **someone)  # fmt: skip
    secret.unlink()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [_found("postgres") or "postgres", "-D", data, "-p", str(port), "-k", str(folder),
             "-c", f"listen_addresses={HOST}", "-c", "fsync=off"],
            stdout=log, stderr=log, cwd=folder, **someone,
        )  # fmt: skip
    return Postgres(folder, port, process)


def _wait(server: Postgres) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        log = (server.folder / "server.log").read_text(errors="replace")
        if "ready to accept connections" in log:
            return
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"postgres did not start:\n{log}")
        time.sleep(0.05)


def _someone() -> dict[str, Any]:
    """Who runs the server: PostgreSQL refuses root, so then another user of this machine."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    found = next(known[name] for name in _UNPRIVILEGED if name in known)
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _run(program: str, *arguments: str, **how: Any) -> None:
    subprocess.run(
        [_found(program) or program, *arguments],
        check=True, capture_output=True, cwd="/", **how,
    )  # fmt: skip


def _found(program: str) -> str | None:
    """Path of a program; Debian keeps servers in a folder of their version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(
        program, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, versions)])
    )
