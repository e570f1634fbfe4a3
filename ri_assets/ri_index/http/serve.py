"""`ri-index serve`: where the server listens, how long it waits, and how it stops.

uvicorn has no setting for deadlines of headers and bodies, for answers that nobody reads, or for
the number of open connections; the protocol here adds them.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging.config
import os
import resource
import signal
import socket
from dataclasses import replace
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ri_assets import structured_log
from ri_assets.cli.terminal import console
from ri_assets.errors import BusyError, ConfigError, QueryError, RIError
from ri_assets.ri_index.http.app import build_app
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.ri_index.http.middleware import (
    SECURITY_HEADERS,
    TOKEN,
    TOKEN_FILE,
    is_loopback,
    read_token,
)
from ri_assets.ri_index.http.problems import problem, too_many_headers

_STOP_SECONDS = 5
# Connections that may wait to be accepted; they too count as open files.
_BACKLOG = 256
# Only the lines of the gate, and errors of uvicorn: its own access log holds whole addresses,
# and with them what people ask.
_LOG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "ri_index.http": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
_log = logging.getLogger("ri_index.http")
# In the order in which connections began to wait; clocks have ties.
_turns = itertools.count()


def serve(store: str, host: str, port: int, token_file: Path | None) -> None:
    """Serve queries over HTTP until a signal stops it.

    Parameters
    ----------
    host, port
        Where to listen; port 0 picks a free one.
    token_file
        File with the bearer token; default: the environment.

    Raises
    ------
    ConfigError
        The token cannot be used, the address is not free, or other machines could ask without
        a token.
    """
    token = read_token(token_file)
    if token is None and not is_loopback(host):
        raise ConfigError(
            f"--host is {host}, and there is no token",
            "127.0.0.1, or a token, because other machines can reach this address",
            f"set {TOKEN}, or {TOKEN_FILE} or --token-file, or leave out --host",
        )
    limits = replace(LIMITS, connections=min(LIMITS.connections, _most_open()))
    config = configuration(build_app(store, token, limits), limits)
    listening = _listen(host, port)
    form = (
        {"()": structured_log.formatter} if structured_log.is_on() else _LOG["formatters"]["line"]
    )
    logging.config.dictConfig({**_LOG, "formatters": {"line": form}})
    bound_host, bound_port = listening.getsockname()[:2]
    shown = f"[{bound_host}]" if ":" in bound_host else bound_host
    console().print(
        f"serving {store} on http://{shown}:{bound_port} "
        f"({'with' if token else 'without'} a token; see /docs; stop with Ctrl+C)",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    _run(uvicorn.Server(config), listening)


def configuration(app: ASGIApp, limits: Limits) -> uvicorn.Config:
    """Configure the server."""
    return uvicorn.Config(
        app,
        http=protocol_with(limits),
        h11_max_incomplete_event_size=limits.header_bytes,
        timeout_keep_alive=limits.idle_seconds,
        backlog=_BACKLOG,
        log_config=None,  # `serve` sets it
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # nothing here depends on the client
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


def _most_open() -> int:
    """Give how many connections this process may open; as many files are left for the rest."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 10**6 if soft == resource.RLIM_INFINITY else soft // 2


def _listen(host: str, port: int) -> socket.socket:
    remedy = "choose another with --port and --host"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = min(found)  # IPv4 before IPv6, because `localhost` has both
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        number = getattr(error, "errno", None)
        why = {
            errno.EADDRINUSE: "another program listens there",
            errno.EACCES: "only root may use this port",
            errno.EADDRNOTAVAIL: "this machine has no such address",
        }.get(number or 0, os.strerror(number) if number and number > 0 else "no such host")
        raise ConfigError(
            f"{host}:{port} cannot be used: {why}", "a free port of this machine", remedy
        ) from error


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    """Run until SIGINT or SIGTERM: both end a server normally."""
    # uvicorn finishes open requests, then raises the signal again for the earlier handler.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        listening.close()


class Phase(Enum):
    """What a connection is waiting for."""

    HEADERS = "headers"
    BODY = "body"
    ANSWER = "answer"
    CLOSE = "close"


def protocol_with(limits: Limits) -> type[asyncio.Protocol]:
    """Give the protocol that uvicorn uses for each connection."""

    class Limited(LimitedProtocol):
        limits: ClassVar[Limits]

    Limited.limits = limits
    return Limited


class LimitedProtocol(H11Protocol):
    """HTTP/1.1 on one connection, within limits.

    h11 and not httptools, because h11 limits the size of headers.
    """

    limits: ClassVar[Limits]
    _phase: Phase | None = None
    _turn: int = 0
    _deadline: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for headers; if all connections are taken, close the one that waited longest."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections and not self._make_room():
            self.connections.discard(self)
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                BusyError(
                    f"{self.limits.connections} clients are already being served",
                    "fewer at once",
                    "try again in a few seconds",
                ),
            )
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        for timer in (self._deadline, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a part of a request does not move the deadline."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        super().timeout_keep_alive_handler()
        self._watch()

    def pause_writing(self) -> None:
        """Wait for the client to read, up to a limit."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.limits.sending_seconds, self._give_up)

    def resume_writing(self) -> None:
        """Continue: the client has read."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def send_400_response(self, msg: str) -> None:
        """Refuse anything but HTTP; h11 reports headers over the limit this way too."""
        read, _ = self.conn.trailing_data
        if self._phase is Phase.HEADERS and len(read) > self.limits.header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, too_many_headers(self.limits))
        else:
            error = QueryError(msg.rstrip("."), "HTTP/1.1 (RFC 9112)", "correct the request")
            self._refuse(HTTPStatus.BAD_REQUEST, error)

    def _watch(self) -> None:
        """Set the deadline of the current phase, unless it is set."""
        if self.transport.is_closing():
            phase = Phase.CLOSE
        else:
            sent = {h11.IDLE: Phase.HEADERS, h11.SEND_BODY: Phase.BODY}
            phase = sent.get(self.conn.their_state, Phase.ANSWER)
        if phase is self._phase:
            return
        self._phase, self._turn = phase, next(_turns)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if phase is Phase.CLOSE:  # a client that does not read would keep it open
            self._deadline = self.loop.call_later(self.limits.sending_seconds, self._give_up)
        elif phase is not Phase.ANSWER:
            self._deadline = self.loop.call_later(self._seconds(phase), self._too_slow, phase)

    def _seconds(self, phase: Phase) -> float:
        limits = self.limits
        return limits.headers_seconds if phase is Phase.HEADERS else limits.body_seconds

    def _too_slow(self, phase: Phase) -> None:
        error = QueryError(
            f"the {phase.value} did not come in time",
            f"all of it within {self._seconds(phase):g} seconds",
            "send the whole request again",
        )
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, error)
        self._watch()

    def _make_room(self) -> bool:
        """Close the connection that has waited longest for its request, if any."""
        others = [
            one
            for one in self.connections
            if isinstance(one, LimitedProtocol)
            and one is not self
            and one._phase is not Phase.ANSWER
        ]
        if not others:
            return False
        longest = min(others, key=lambda one: one._turn)
        # Now, because the server reports the loss later, and the next call must not pick it again.
        self.connections.discard(longest)
        longest._give_up()
        return True

    def _refuse(self, status: HTTPStatus, error: RIError) -> None:
        """Answer in place of the application, if nothing was answered yet, and close."""
        cycle = self.cycle
        is_begun = cycle is not None and cycle.response_started and not cycle.response_complete
        is_answered = self._phase is Phase.BODY and cycle is not None and cycle.response_complete
        if is_begun or is_answered:
            self._give_up()
            return
        _log.info("(no request) %d: %s", status, error.found)
        answer = problem(status, error, "connection", {**SECURITY_HEADERS, "Connection": "close"})
        head = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode())]
        head += [b"%s: %s" % pair for pair in answer.raw_headers]
        self.transport.write(b"\r\n".join([*head, b"", bytes(answer.body)]))
        self.transport.close()

    def _give_up(self) -> None:
        self.transport.abort()
