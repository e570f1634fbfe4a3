"""The application over published snapshots, asked in this process, and a real server."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from ri_assets.ri_index.http.app import build_app
from ri_assets_tests.command_line import environment
from ri_assets_tests.ri_index.http.raw import QUICK, listening

STOP_SECONDS = 60
TOKEN = "0123456789abcdef-._~+/=="  # noqa: S105 - made up


def client_of(store: Path | str, token: str | None = None) -> TestClient:
    """Give somebody who asks the application as a browser on this machine would."""
    return TestClient(
        build_app(str(store), token), base_url="http://localhost", raise_server_exceptions=False
    )


@pytest.fixture(scope="session")
def client(synthetic_store: Path) -> TestClient:
    """Ask a snapshot that no test changes."""
    return client_of(synthetic_store)


@dataclass
class Server:
    """A started `ri-index serve`."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def get(self, path: str, **options: object) -> httpx.Response:
        """Ask it."""
        return httpx.get(f"{self.url}{path}", timeout=120, **options)  # type: ignore[arg-type]

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop it as people and service managers do, and give its exit code."""
        self.process.send_signal(by)
        return self.process.wait(STOP_SECONDS)


Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Start a server on a free port of 127.0.0.1; it is ended with the block."""

    @contextmanager
    def started(
        store: Path, *options: str, env: Mapping[str, str] | None = None
    ) -> Iterator[Server]:
        folder = tmp_path_factory.mktemp("serve")
        log = folder / "log"
        command = [sys.executable, "-m", "ri_assets.cli", "serve", "--port", "0"]
        with log.open("w") as file:
            process = subprocess.Popen(
                [*command, "--store", str(store), *options],
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                env={**environment(folder), "PYTHONUNBUFFERED": "1", **(env or {})},
            )
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert " on http://" in said, log.read_text()
            yield Server(said.partition(" on ")[2].split()[0], process, log)
        finally:
            process.kill()
            process.communicate()

    return started


@pytest.fixture(scope="session")
def guarded_port(synthetic_store: Path) -> Iterator[int]:
    """Serve with a token and short deadlines in this process."""
    with listening(build_app(str(synthetic_store), TOKEN, QUICK), QUICK) as port:
        yield port


@pytest.fixture(scope="session")
def open_port(synthetic_store: Path) -> Iterator[int]:
    """Serve without a token and with short deadlines in this process."""
    with listening(build_app(str(synthetic_store), None, QUICK), QUICK) as port:
        yield port
