"""Python imports this module at its start where this folder is on PYTHONPATH.

Writes every attempt to reach another machine into the file that RI_TEST_ATTEMPTS
names, and refuses it. What stays on this machine is let through.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

_LOG = os.environ["RI_TEST_ATTEMPTS"]
_connect, _connect_ex, _sendto = (
    socket.socket.connect,
    socket.socket.connect_ex,
    socket.socket.sendto,
)
_getaddrinfo, _gethostbyname = socket.getaddrinfo, socket.gethostbyname


def _refuse(what: str, host: object) -> None:
    with Path(_LOG).open("a", encoding="utf-8") as log:
        log.write(f"{what} {host}\n")
    raise OSError(f"offline: {what} {host}")


def _is_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _guard(what: str, connection: socket.socket, address: Any) -> None:
    if connection.family != socket.AF_UNIX and not _is_here(address[0]):
        _refuse(what, address)


class _Guarded(socket.socket):
    def connect(self, address: Any) -> None:
        _guard("connect", self, address)
        _connect(self, address)

    def connect_ex(self, address: Any) -> int:
        _guard("connect", self, address)
        return _connect_ex(self, address)

    def sendto(self, *arguments: Any) -> int:
        _guard("sendto", self, arguments[-1])
        return _sendto(self, *arguments)


def _look_up(host: Any, *arguments: Any, **options: Any) -> Any:
    if not _is_here(host):
        _refuse("getaddrinfo", host)
    return _getaddrinfo(host, *arguments, **options)


def _look_up_one(host: str) -> str:
    if not _is_here(host):
        _refuse("gethostbyname", host)
    return _gethostbyname(host)


socket.socket = _Guarded  # type: ignore[misc]
socket.getaddrinfo = _look_up
socket.gethostbyname = _look_up_one
