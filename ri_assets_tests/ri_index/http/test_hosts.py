"""The header Host: one, whole, and of this machine where there is no token."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from ri_assets.ri_index.http.app import build_app
from ri_assets_tests.ri_index.http.conftest import TOKEN
from ri_assets_tests.ri_index.http.raw import connect, status_of, told
from ri_assets_tests.ri_index.http.test_problems import problem


@pytest.mark.parametrize(
    "headers",
    [
        [],
        ["localhost", "localhost"],
        ["localhost", "evil.example"],
        [""],
        ["127.0.0.1%evil.com"],
        ["127.0.0.1:80:evil.com"],
        ["127.0.0.1:evil.com"],
        ["[::1]evil.com"],
        ["[::1%evil.com]"],
        ["[::1"],
        ["me@localhost"],
        ["localhost/evil.com"],
        ["localhost, evil.com"],
        ["localhost:8000000"],
    ],
)
@pytest.mark.parametrize("is_guarded", [False, True])
def test_only_one_whole_host_is_accepted(
    open_port: int, guarded_port: int, headers: list[str], is_guarded: bool
) -> None:
    hosts = "".join(f"Host: {host}\r\n" for host in headers)
    key = f"Authorization: Bearer {TOKEN}\r\n"
    with connect(guarded_port if is_guarded else open_port) as client:
        request = f"GET /list_personas HTTP/1.1\r\n{hosts}{key}Connection: close\r\n\r\n"
        client.sendall(request.encode())
        assert status_of(told(client)) == 400


def test_the_gate_counts_hosts_too(synthetic_store: Path) -> None:
    """h11 has refused two already; the gate does not depend on that."""
    app, answers = build_app(str(synthetic_store), None), []
    host = (b"host", b"localhost")
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/health",
        "query_string": b"",
        "headers": [host, host],
    }

    async def ask() -> None:
        async def send(message: Message) -> None:
            answers.append(message)

        async def receive() -> Message:
            raise AssertionError("the body of a refused request was read")

        await app(scope, receive, send)

    anyio.run(ask)
    assert answers[0]["status"] == 400
    assert b"2 headers Host" in answers[1]["body"]


@pytest.mark.parametrize(
    "host", ["localhost..", "localhost.evil.com", "127.0.0.1.evil.com", "127.1"]
)
def test_names_that_only_look_like_this_machine(client: TestClient, host: str) -> None:
    problem(client.get("/list_personas", headers={"Host": host}), 421)
