"""Clients that send too much, too slowly, or do not read: they end, and others are answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import anyio
import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from ri_assets.environment import PROJECT
from ri_assets.ri_index.http.app import build_app
from ri_assets.ri_index.http.limits import IN_WORDS, LIMITS, MOST_ASSIGNED, MOST_REPLIES
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import Cli
from ri_assets_tests.ri_index.http.conftest import TOKEN, Serve
from ri_assets_tests.ri_index.http.raw import (
    AT_MOST,
    HOST,
    POST,
    QUICK,
    connect,
    drip,
    is_healthy,
    is_open,
    listening,
    status_of,
    told,
)
from ri_assets_tests.ri_index.http.test_middleware import bearer
from ri_assets_tests.ri_index.http.test_problems import problem


def test_headers_without_end_are_refused_before_the_token(guarded_port: int) -> None:
    with connect(guarded_port) as client:
        client.sendall(b"GET /list_personas HTTP/1.1\r\n" + HOST)
        sent = 0
        with suppress(ConnectionError):
            for _ in range(3000):  # 30 MB
                client.sendall(b"X-Long: " + b"x" * 10_000 + b"\r\n")
                sent += 10_000
        assert sent < 30_000_000  # nobody read the rest
    assert is_healthy(guarded_port)


@pytest.mark.parametrize("line", [b"X: " + b"x" * 40_000, b"X" * 40_000, b"X: x\r\n" * 7_000])
def test_headers_over_the_limit_are_told(guarded_port: int, line: bytes) -> None:
    with connect(guarded_port) as client:
        client.sendall(b"GET /health HTTP/1.1\r\n" + HOST + line)
        assert status_of(told(client)) == 431


def test_headers_that_come_at_once_have_the_same_limit(client: TestClient) -> None:
    for options in (
        {"headers": {"X": "x" * LIMITS.header_bytes}},
        {"params": {"text": "x" * LIMITS.header_bytes}},
    ):
        found = problem(client.get("/search", **options), 431)  # type: ignore[arg-type]
        assert "32 KiB" in found["expected"]
    assert client.get("/health", headers={"X": "x" * (LIMITS.header_bytes - 500)}).is_success


@pytest.mark.parametrize(
    ("begin", "then"),
    [
        (b"", b""),
        (b"", b"G"),
        (b"GET /health HTTP/1.1\r\n" + HOST, b"X: x\r\n"),
        (POST + b"Content-Length: 5000\r\n\r\n", b""),
        (POST + b"Content-Length: 5000\r\n\r\n{", b"x"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["silent", "line", "headers", "no body", "body", "chunks"],
)
def test_who_sends_too_slowly_is_let_go(open_port: int, begin: bytes, then: bytes) -> None:
    with connect(open_port) as client:
        client.sendall(begin)
        assert drip(client, then)
        assert status_of(told(client)) == 408


def test_a_second_request_has_the_same_deadline(open_port: int) -> None:
    with connect(open_port) as client:
        client.sendall(b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n")
        assert client.recv(2**16).startswith(b"HTTP/1.1 200")
        assert drip(client, b"G")


def test_a_body_that_was_refused_is_not_read_for_ever(guarded_port: int) -> None:
    with connect(guarded_port) as client:
        client.sendall(POST + b"Content-Length: 500000\r\n\r\n")
        assert client.recv(2**16).startswith(b"HTTP/1.1 401")
        assert drip(client, b"x")


def test_a_request_within_the_deadline_is_answered(open_port: int) -> None:
    """In as many pieces as there are bytes."""
    with connect(open_port) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n":
            client.sendall(bytes([byte]))
        assert told(client).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\n", POST + b"Content-Length: 9\r\n\r\n"])
def test_waiting_clients_do_not_keep_others_out(synthetic_store: Path, begin: bytes) -> None:
    limits = replace(LIMITS, connections=20)
    app = build_app(str(synthetic_store), None, limits)
    with listening(app, limits) as port, ExitStack() as crowd:
        clients = []
        for number in range(200):
            client = crowd.enter_context(connect(port))
            client.sendall(begin)
            clients.append(client)
            if number % 50 == 49:
                assert is_healthy(port)
        left = [client for client in clients if is_open(client)]
        assert 0 < len(left) <= 20
        assert set(left) <= set(clients[100:])  # none that has waited long


@contextmanager
def blocked(begun: Callable[[], None]) -> Iterator[tuple[ASGIApp, threading.Event]]:
    """Give an application that answers when the event comes."""
    release = threading.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        begun()
        await anyio.to_thread.run_sync(release.wait, AT_MOST)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    try:
        yield app, release
    finally:
        release.set()


def test_answers_under_way_are_not_given_up_for_new_clients() -> None:
    begun = threading.Semaphore(0)
    limits = replace(LIMITS, connections=3)
    with (
        blocked(begun.release) as (app, release),
        listening(app, limits) as port,
        ExitStack() as crowd,
    ):
        busy = [crowd.enter_context(connect(port)) for _ in range(3)]
        for client in busy:
            client.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            assert begun.acquire(timeout=AT_MOST)
        with connect(port) as late:
            assert status_of(told(late)) == 503
        release.set()
        assert all(told(client).startswith(b"HTTP/1.1 204") for client in busy)


def test_who_does_not_read_is_let_go() -> None:
    ended = threading.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x" * 2**20, "more_body": True})
        await send({"type": "http.response.body"})
        ended.set()

    with listening(app, QUICK) as port, connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        assert ended.wait(AT_MOST)
        assert len(told(client)) < 100 * 2**20


def test_who_reads_slowly_but_reads_gets_all() -> None:
    whole = 20 * 2**20

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        length = [(b"content-length", b"%d" % whole)]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"x" * whole})

    with listening(app, replace(QUICK, sending_seconds=2)) as port, connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        time.sleep(0.3)
        assert told(client).count(b"x") == whole


def test_a_batch_to_assign_is_limited(client: TestClient) -> None:
    tweets = ["a"] * (MOST_ASSIGNED + 1)
    told = problem(client.post("/assign", json={"tweets": tweets}), 422)
    assert f"at most {MOST_ASSIGNED} items" in told["expected"]
    replies = [{"text": "a"}] * (MOST_REPLIES + 1)
    told = problem(client.post("/assign", json={"tweets": [], "replies": replies}), 422)
    assert f"at most {MOST_REPLIES} items" in told["expected"]


def test_slow_questions_wait_in_a_short_queue(
    synthetic_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, release = threading.Semaphore(0), threading.Event()

    def verify(_: Snapshot) -> None:
        begun.release()
        assert release.wait(AT_MOST)

    monkeypatch.setattr(Snapshot, "verify", verify)
    limits = replace(LIMITS, waiting=2)
    app = build_app(str(synthetic_store), None, limits)
    with listening(app, limits) as port, ThreadPoolExecutor(5) as pool:
        asked = [
            pool.submit(httpx.get, f"http://localhost:{port}/verify", timeout=AT_MOST)
            for _ in range(5)
        ]
        try:
            assert begun.acquire(timeout=AT_MOST)
            deadline = time.monotonic() + AT_MOST
            while sum(one.done() for one in asked) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert is_healthy(port)
        finally:
            release.set()
        answers = [one.result() for one in asked]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503, 503]
    for answer in answers:
        if answer.status_code == 503:
            assert "waiting" in problem(answer, 503)["found"]
            assert answer.headers["Retry-After"]


def test_the_documentation_and_the_help_have_the_same_limits(cli: Cli) -> None:
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("**Limits.**")[2].partition("**Behind a proxy.**")[0]
    for limit in (
        f"{LIMITS.header_bytes // 1024} KiB together, all within {LIMITS.headers_seconds} seconds",
        f"{LIMITS.body_bytes // 2**20} MiB, all within {LIMITS.body_seconds} seconds",
        f"| {LIMITS.idle_seconds} seconds |",
        f"| {LIMITS.sending_seconds} seconds without progress |",
        f"| {LIMITS.connections}, or half",
        f"one by one, {LIMITS.waiting} may wait",
        f"| {MOST_ASSIGNED} tweets, {MOST_REPLIES:,} replies |",
    ):
        assert limit in table
    shown = " ".join(cli("serve", "--help").out.replace("│", " ").split())
    assert IN_WORDS in shown


@pytest.mark.slow
def test_the_command_keeps_the_limits(synthetic_store: Path, serve: Serve) -> None:
    with serve(synthetic_store, env={"RI_HTTP_TOKEN": TOKEN}) as server, ExitStack() as crowd:
        port = int(server.url.rpartition(":")[2])
        half = [b"", b"GET / HTTP/1.1\r\nX: ", POST + b"Content-Length: 1000\r\n\r\n{"]
        clients = []
        for number in range(2 * LIMITS.connections):
            clients.append(crowd.enter_context(connect(port)))
            clients[-1].sendall(half[number % 3])
        assert server.get("/health").status_code == 200
        assert server.get("/list_personas", headers=bearer(TOKEN)).status_code == 200
        assert sum(map(is_open, clients)) <= LIMITS.connections
        with connect(port) as client:
            client.sendall(b"GET /health HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 40_000)
            assert status_of(told(client)) == 431
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text()


def test_an_address_takes_less_than_a_body(client: TestClient) -> None:
    ids = [str(number) for number in range(1, 502)]
    refused = client.get("/get_tweet_personas", params={"tweet_ids": ids})
    assert refused.status_code == 422
    assert "501" in refused.json()["found"]
    assert client.get("/get_tweet_personas", params={"tweet_ids": ids[1:]}).status_code == 200
    assert client.post("/get_tweet_personas", json={"tweet_ids": ids}).status_code == 200
    assert client.get("/search", params={"text": "a" * 2_001}).status_code == 422
