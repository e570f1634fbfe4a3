"""Who may ask, and what is written down of it.

Belongs here: the bearer token (RFC 6750), the names under which an open server answers,
security headers, and the access log, in which neither tokens nor questions appear. Does
not belong here: where the server listens (`serve.py`).
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
import re
import time
from collections.abc import Collection
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ri_assets.errors import ConfigError, QueryError
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.ri_index.http.problems import problem, too_large, too_many_headers

TOKEN, TOKEN_FILE = "RI_HTTP_TOKEN", "RI_HTTP_TOKEN_FILE"

# A name, an IPv4 address or an IPv6 address in brackets, and a port (RFC 9110).
_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
# The characters of RFC 6750.
_FORM = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_log = logging.getLogger("ri_index.http")


def read_token(file: Path | None) -> str | None:
    """Read the token from a file or from the environment; None where there is none.

    Raises
    ------
    ConfigError
        It is given twice, cannot be read, or is none.
    """
    file = file or (Path(os.environ[TOKEN_FILE]) if os.environ.get(TOKEN_FILE) else None)
    given = os.environ.get(TOKEN)
    remedy = "make one with: openssl rand -hex 32"
    if file is None:
        where = TOKEN
    elif given is not None:
        raise ConfigError(f"a token is in {TOKEN} and in {file}", "one token", "unset one of them")
    else:
        where = str(file)
        try:
            given = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ConfigError(
                f"the token file {file} cannot be read: {why}", "a file with the token", remedy
            ) from error
    if given is not None and not _FORM.fullmatch(given):
        raise ConfigError(
            f"the token in {where} is {'empty' if not given else 'no bearer token'}",
            "letters, digits and -._~+/ without blanks (RFC 6750)",
            remedy,
        )
    return given


def is_loopback(host: str) -> bool:
    """Whether an address or a name means this machine and no other."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return bare.casefold().removesuffix(".") == "localhost"
    # What follows a percent sign is the name of a network card, and could be any.
    return address.is_loopback and "%" not in bare


class Gate:
    """Lets a request through to the application, or refuses it; writes one line of log.

    Parameters
    ----------
    app
        The application behind it.
    token
        What an asker has to show; without one everybody on this machine may ask.
    paths
        All paths of the application; no other appears in the log.
    open_paths
        Those that need no token.
    limits
        Of headers, and of bodies whose length is announced; the application counts the others.
    """

    def __init__(
        self,
        app: ASGIApp,
        token: str | None,
        paths: Collection[str],
        open_paths: Collection[str],
        limits: Limits = LIMITS,
    ) -> None:
        self._app = app
        self._token = None if token is None else _digest(token)
        self._paths, self._open = frozenset(paths), frozenset(open_paths)
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        method = scope["method"]

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        # HEAD is GET without its body.
        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        try:
            await (self._refusal(scope) or self._app)(inner, receive, told)
        except Exception:
            # Of every kind, because a fault that nobody foresaw has no kind to name. The app has
            # answered it with status 500 and raises it again; the server would then print its
            # trace, and in it what a question held. So it is logged here, and goes on only where
            # no whole answer was given.
            _log.exception("unexpected error")
            if status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise  # a part is sent: only a broken connection tells that it is no answer
        finally:
            path = scope["path"] if scope["path"] in self._paths else "(no such path)"
            if scope["path"].startswith("/personas/"):
                path = "/personas/…"  # not which one, as with every question
            verb = method if method in {"GET", "HEAD", "POST"} else "(other)"
            _log.info("%s %s %d %.0f ms", verb, path, status, 1000 * (time.perf_counter() - began))

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        # h11 counts only headers that come in several parts.
        if _size(scope) > self._limits.header_bytes:
            return problem(431, too_many_headers(self._limits), "request")
        headers = Headers(scope=scope)
        hosts = headers.getlist("Host")
        host = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if host is None:
            return _no_host(len(hosts))
        refused = (
            _wrong_name(host["name"])
            if self._token is None
            else self._without_token(scope["path"], headers, self._token)
        )
        if refused is None and self._limits.body_bytes < _length(headers):
            return too_large()
        return refused

    def _without_token(self, path: str, headers: Headers, token: bytes) -> JSONResponse | None:
        if path in self._open:
            return None
        kind, _, given = headers.get("Authorization", "").partition(" ")
        if kind.casefold() == "bearer" and hmac.compare_digest(_digest(given.strip()), token):
            return None
        asks = 'Bearer realm="ri-index"' + (', error="invalid_token"' if given else "")
        error = QueryError(
            "the token is not the right one" if given else "no token is given",
            "the header Authorization: Bearer <token>",
            "ask whoever runs this server for the token",
        )
        return problem(401, error, "token", {"WWW-Authenticate": asks})


def _wrong_name(name: str) -> JSONResponse | None:
    """Refuse foreign names where no token protects the server.

    A page from elsewhere could point its own name at 127.0.0.1 (DNS rebinding) and read
    answers in the browser of somebody who works on this machine.
    """
    if is_loopback(name):
        return None
    error = QueryError(
        "the request is for a host of another name",
        "localhost or 127.0.0.1, as long as the server has no token",
        f"set {TOKEN} and send the token, or let the proxy send Host: localhost",
    )
    return problem(421, error, "host")


def _no_host(given: int) -> JSONResponse:
    """Refuse a request that this server and a proxy before it could read differently."""
    found = {0: "the request has no Host", 1: "Host is no name with a port"}
    error = QueryError(
        found.get(given, f"the request has {given} headers Host"),
        "one header Host: a name or an address, and a port if need be (RFC 9110)",
        "send the host of the address that you ask",
    )
    return problem(400, error, "host")


def _size(scope: Scope) -> int:
    headers = sum(len(name) + len(value) for name, value in scope["headers"])
    return headers + len(scope.get("raw_path") or b"") + len(scope["query_string"])


def _length(headers: Headers) -> int:
    announced = headers.get("Content-Length", "")
    return int(announced) if announced.isdecimal() else 0


def _digest(token: str) -> bytes:
    """Give bytes of one length, so that comparing them tells nothing of the token's."""
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
