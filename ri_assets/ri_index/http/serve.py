"""`ri-index serve`: where the server listens, what it writes, and how it stops."""

from __future__ import annotations

import errno
import logging.config
import os
import resource
import signal
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from ri_assets.cli.terminal import console
from ri_assets.errors import ConfigError
from ri_assets.ri_index.http.app import build_app
from ri_assets.ri_index.http.connections import protocol_with
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.ri_index.http.middleware import TOKEN, TOKEN_FILE, is_loopback, read_token

_STOP_SECONDS = 5
# Connections that may wait to be accepted; they count as open files too.
_BACKLOG = 256
# Only what the gate writes, and what uvicorn cannot do: its own log of requests has whole
# addresses in it, and so what people ask.
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


def serve(store: str, host: str, port: int, token_file: Path | None) -> None:
    """Answer questions over HTTP until a signal to stop comes.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    token_file
        File with the bearer token; without it, the environment says whether there is one.

    Raises
    ------
    ConfigError
        The token is none, the address cannot be had, or other machines could ask
        without a token.
    """
    token = read_token(token_file)
    if token is None and not is_loopback(host):
        raise ConfigError(
            f"the host is {host} and there is no token",
            "127.0.0.1 without a token; anything else with one, since other machines reach it",
            f"set {TOKEN}, or {TOKEN_FILE} or --token-file, or leave --host out",
        )
    limits = replace(LIMITS, connections=min(LIMITS.connections, _most_open()))
    config = configuration(build_app(store, token, limits), limits)
    listening = _listen(host, port)
    logging.config.dictConfig(_LOG)
    bound_host, bound_port = listening.getsockname()[:2]
    shown = f"[{bound_host}]" if ":" in bound_host else bound_host
    console().print(
        f"serving {store} on http://{shown}:{bound_port} "
        f"({'with' if token else 'without'} a token; questions: /docs; stop with Ctrl+C)",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    _run(uvicorn.Server(config), listening)


def configuration(app: ASGIApp, limits: Limits) -> uvicorn.Config:
    """Configure the server: what it takes."""
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
        proxy_headers=False,  # nothing here depends on who the asker is
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


def _most_open() -> int:
    """Give how many connections this process may open, and leave as many files for the rest."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 10**6 if soft == resource.RLIM_INFINITY else soft // 2


def _listen(host: str, port: int) -> socket.socket:
    remedy = "choose another with --port and --host"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = min(found)  # IPv4 before IPv6, as `localhost` has both
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        number = getattr(error, "errno", None)
        why = {
            errno.EADDRINUSE: "another program listens there",
            errno.EACCES: "only root may use this port",
            errno.EADDRNOTAVAIL: "this machine has no such address",
        }.get(number or 0, os.strerror(number) if number and number > 0 else "no such host")
        raise ConfigError(
            f"{host}:{port} cannot be listened on: {why}", "a free port of this machine", remedy
        ) from error


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    """Run until SIGINT or SIGTERM: both are how a server ends, and no failure."""
    # uvicorn finishes what it is at, then raises the signal again for whoever was there before.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        listening.close()
