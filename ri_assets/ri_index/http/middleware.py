"""The gate before the application: who may ask, and what the log says.

Belongs here: the bearer token (RFC 6750), the host names that an open server accepts, security
headers, and the access log, which holds neither tokens nor questions. Does not belong here:
where the server listens (`serve`).
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import re
import time
from collections.abc import Collection
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ri_assets.environment import Environment
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
    """Read the token from a file or the environment; None if there is none.

    Raises
    ------
    ConfigError
        It is given twice, cannot be read, or is not a bearer token.
    """
    environment = Environment.from_env()
    file = file or (Path(environment.http_token_file) if environment.http_token_file else None)
    given = environment.http_token
    remedy = "make one with: openssl rand -hex 32"
    if file is None:
        where = TOKEN
    elif given is not None:
        raise ConfigError(f"both {TOKEN} and {file} hold a token", "one token", "unset one of them")
    else:
        where = str(file)
        try:
            given = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise ConfigError(
                f"the token file {file} cannot be read: {why}", "a file with the token", remedy
            ) from error
    if given is not None and not _FORM.fullmatch(given):
        raise ConfigError(
            f"the token in {where} is {'empty' if not given else 'not a bearer token'}",
            "letters, digits and -._~+/ without spaces (RFC 6750)",
            remedy,
        )
    return given


def is_loopback(host: str) -> bool:
    """Whether an address or a name means this machine only."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return bare.casefold().removesuffix(".") == "localhost"
    # What follows a percent sign is the name of a network card, and could be any.
    return address.is_loopback and "%" not in bare


class Gate:
    """Passes a request on to the application, or refuses it; logs one line.

    Parameters
    ----------
    app
        The application behind it.
    token
        The bearer token that clients must send; without one, everybody on this machine may ask.
    paths
        All paths of the application; only these appear in the log.
    open_paths
        Paths that need no token.
    limits
        Limits of headers, and of bodies with a Content-Length; the application counts others.
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
        except Exception:  # an unforeseen fault has no class that could be named
            # The application has answered with status 500 and raises it again; the server would
            # print a traceback that holds the question. So it is logged here, and raised only if
            # no whole answer was sent.
            _log.exception("unexpected error")
            if status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise  # a part was sent: only a broken connection shows that it is incomplete
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
            "the token is wrong" if given else "the request has no token",
            "the header Authorization: Bearer <token>",
            "ask the person who runs this server for the token",
        )
        return problem(401, error, "token", {"WWW-Authenticate": asks})


def _wrong_name(name: str) -> JSONResponse | None:
    """Refuse other host names if no token protects the server.

    A foreign page could point its own name at 127.0.0.1 (DNS rebinding) and read answers in a
    browser on this machine.
    """
    if is_loopback(name):
        return None
    error = QueryError(
        "the request names another host",
        "localhost or 127.0.0.1, because the server has no token",
        f"set {TOKEN} and send the token, or let the proxy send Host: localhost",
    )
    return problem(421, error, "host")


def _no_host(given: int) -> JSONResponse:
    """Refuse a request that a proxy in front of this server could read differently."""
    found = {0: "the request has no Host", 1: "Host is not a name with a port"}
    error = QueryError(
        found.get(given, f"the request has {given} headers Host"),
        "one header Host: a name or an address, with an optional port (RFC 9110)",
        "send the host of the address that you call",
    )
    return problem(400, error, "host")


def _size(scope: Scope) -> int:
    headers = sum(len(name) + len(value) for name, value in scope["headers"])
    return headers + len(scope.get("raw_path") or b"") + len(scope["query_string"])


def _length(headers: Headers) -> int:
    announced = headers.get("Content-Length", "")
    return int(announced) if announced.isdecimal() else 0


def _digest(token: str) -> bytes:
    """Give bytes of a fixed length, so that comparing them does not reveal the token's."""
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
