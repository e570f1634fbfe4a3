"""A private MariaDB server for tests: own folder, own port on 127.0.0.1, own users.

Belongs here: starting and ending the server, fresh databases. Does not belong
here: what the project does with a database.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

USER = "ri"
PASSWORD = "k3ep-me:out/of@logs"  # noqa: S105 - of a server that lives for one test run
ENCODED_PASSWORD = "k3ep-me%3Aout%2Fof%40logs"  # noqa: S105
HOST = "127.0.0.1"
START_SECONDS = 60
INSTALL_ATTEMPTS = 3
PROGRAMS = ("mariadbd", "mariadb-install-db", "openssl")


def missing_programs() -> list[str]:
    """Programs that the server needs and this machine lacks."""
    return [program for program in PROGRAMS if _found(program) is None]


@dataclass
class MariaDB:
    """A running server.

    Parameters
    ----------
    folder
        Holds its data, socket and certificate.
    port
        Where it listens on 127.0.0.1.
    process
        The server.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def certificate(self) -> Path:
        """Certificate of the server for the address 127.0.0.1, signed by itself."""
        return self.folder / "server-cert.pem"

    def fresh_database(self, name: str = "") -> str:
        """Create an empty database that the user `ri` may use, and return its name."""
        name = name or f"ri_test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.execute(f"GRANT ALL ON {name}.* TO '{USER}'@'%'")
        return name

    def url(self, database: str, query: str = "", port: int | None = None) -> str:
        """URL of a database, user and password included."""
        where = f"{HOST}:{port or self.port}/{database}"
        return f"mysql://{USER}:{ENCODED_PASSWORD}@{where}{'?' if query else ''}{query}"

    def connect(self, database: str | None = None) -> Connection[Cursor]:
        """Open an administrator's connection that commits by itself."""
        return pymysql.connect(
            unix_socket=str(self.folder / "server.sock"),
            user="root",
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )

    def execute(self, statement: str, database: str | None = None) -> None:
        """Run one statement as administrator."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def start(self) -> None:
        """Start it again after `kill`, at the same port."""
        self.process = _started(self.folder, self.port)

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_mariadb() -> Iterator[MariaDB]:
    """Start a server, and end it and remove its folder afterwards."""
    # A socket's path may have 107 characters; pytest's folders can be longer.
    folder = Path(tempfile.mkdtemp(prefix="ri_mariadb_"))
    try:
        server = _start(folder)
        try:
            _wait(server)
            server.execute(f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder)


def _start(folder: Path) -> MariaDB:
    _install(folder / "data", *_as_root())
    _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=ri-test", "-addext", f"subjectAltName=IP:{HOST}",
         "-keyout", str(folder / "server-key.pem"),
         "-out", str(folder / "server-cert.pem"))  # fmt: skip
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    return MariaDB(folder, port, _started(folder, port))


def _started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            [
                _found("mariadbd") or "mariadbd",
                "--no-defaults",
                f"--datadir={folder / 'data'}",
                f"--socket={folder / 'server.sock'}",
                f"--pid-file={folder / 'server.pid'}",
                f"--port={port}",
                f"--bind-address={HOST}",
                f"--ssl-cert={folder / 'server-cert.pem'}",
                f"--ssl-key={folder / 'server-key.pem'}",
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0",
                *_as_root(),
            ],
            stdout=log,
            stderr=log,
        )


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _install(folder: Path, *options: str) -> None:
    """Create the system tables; MariaDB 10.11 crashes here now and then on a busy machine."""
    for _ in range(INSTALL_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        ended = subprocess.run(
            [
                _found("mariadb-install-db") or "mariadb-install-db",
                "--no-defaults",
                f"--datadir={folder}",
                "--skip-test-db",
                "--auth-root-authentication-method=normal",
                *options,
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if ended.returncode == 0:
            return
    raise RuntimeError(f"mariadb-install-db failed:\n{ended.stdout}{ended.stderr}")


def _wait(server: MariaDB) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            # A bare socket, because PyMySQL leaves its own open where it cannot connect.
            socket.create_connection((HOST, server.port)).close()
        except ConnectionError:
            if server.process.poll() is not None or time.monotonic() > deadline:
                log = (server.folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"mariadbd did not start:\n{log}") from None
            time.sleep(0.05)
        else:
            return


def _run(program: str, *arguments: str) -> None:
    subprocess.run([_found(program) or program, *arguments], check=True, capture_output=True)


def _found(program: str) -> str | None:
    """Path of a program; Debian keeps servers where only root's PATH looks."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
