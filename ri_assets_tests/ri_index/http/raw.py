"""Connections byte by byte, and a server with limits of a test's own.

Belongs here: what a hostile client does, and reading what it is answered. Does not belong
here: questions, which `httpx` asks.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import httpx
import uvicorn
from starlette.types import ASGIApp

from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.ri_index.http.serve import configuration

# Long for a client that sends what it has, short for a test.
QUICK = replace(LIMITS, headers_seconds=0.5, body_seconds=0.5, sending_seconds=0.5)
HOST = b"Host: localhost\r\n"
POST = b"POST /search HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
# A test that has not ended by then has failed.
AT_MOST = 30.0


@contextmanager
def listening(app: ASGIApp, limits: Limits) -> Iterator[int]:
    """Serve an application in this process as `ri-index serve` does, and give the port."""
    server = uvicorn.Server(configuration(app, limits))
    with socket.create_server(("127.0.0.1", 0)) as at:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [at]})
        thread.start()
        try:
            yield at.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=AT_MOST)


def told(client: socket.socket) -> bytes:
    """Read until the server closes."""
    parts = []
    with suppress(ConnectionError):
        while part := client.recv(2**16):
            parts.append(part)
    return b"".join(parts)


def drip(client: socket.socket, content: bytes) -> bool:
    """Send byte by byte until the server closes; whether it did."""
    deadline = time.monotonic() + AT_MOST
    client.settimeout(0.05)
    try:
        while time.monotonic() < deadline:
            with suppress(TimeoutError):
                client.sendall(content)
                if not client.recv(1, socket.MSG_PEEK):
                    return True
                if b"HTTP/1.1 408" in client.recv(2**16, socket.MSG_PEEK):
                    return True
    except ConnectionError:
        return True
    finally:
        client.settimeout(AT_MOST)
    return False


def status_of(answer: bytes) -> int:
    """Read one answer of the server itself: a problem like every other, and the last."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    assert b"content-type: application/problem+json" in head.lower()
    found = json.loads(body)
    assert all(found[part] for part in ("title", "found", "expected", "remedy"))
    return int(found["status"])


def is_healthy(port: int) -> bool:
    return httpx.get(f"http://localhost:{port}/health", timeout=AT_MOST).status_code == 200


def is_open(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        while client.recv(2**16):
            pass  # what it was answered before
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    return False
