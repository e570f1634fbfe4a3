"""Hooks that receive alerts: an HTTP server and a program, both real."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# Appends what it reads to a file, and then ends as a second file says.
PROGRAM = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
code = int((folder / "code").read_text())
with (folder / "taken").open("a") as out:
    out.write(sys.stdin.read() if code == 0 else "")
print("secret-of-the-program", file=sys.stderr)
sys.exit(code)
"""


@dataclass
class Receiver:
    """A server on 127.0.0.1 that answers with the next of some statuses, then with 204.

    Parameters
    ----------
    port
        Where it listens.
    answers
        Statuses to come. 0 sends one byte of the answer every tenth of a second.
    requests
        Headers, path and body of each request.
    """

    port: int = 0
    answers: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], str, str]] = field(default_factory=list)
    location: str = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Start a receiver."""
    told = Receiver()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length).decode()
            told.requests.append((dict(self.headers), self.path, body))
            status = told.answers.pop(0) if told.answers else 204
            if status:
                self.send_response(status)
                if told.location:
                    self.send_header("Location", told.location)
                self.end_headers()
                return
            for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 600:
                if over.is_set():
                    return
                try:
                    self.wfile.write(bytes([byte]))
                except OSError:  # the client has given up
                    return
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Program:
    """A command that takes alerts into a folder."""

    folder: Path

    @property
    def command(self) -> str:
        return f"{sys.executable} -S '{self.folder / 'take alerts.py'}' '{self.folder}'"

    @property
    def taken(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "taken").read_text().splitlines()]

    def ends_with(self, code: int) -> None:
        (self.folder / "code").write_text(str(code))


def program(folder: Path) -> Program:
    """Write the program."""
    (folder / "take alerts.py").write_text(PROGRAM)
    (folder / "taken").touch()
    made = Program(folder)
    made.ends_with(0)
    return made
