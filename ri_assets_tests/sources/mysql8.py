"""A server that speaks as much of MySQL 8's protocol as a login and the read of one table need.

The tests start MariaDB, which lacks MySQL 8's default login, `caching_sha2_password`; Debian has no
package of MySQL 8. Belongs here: handshake v10 over plain TCP, that login in full (RSA) and
from the cache, and answers to SELECT. Sources: MySQL's documentation of the client/server protocol.
"""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import cycle

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SHA2 = b"caching_sha2_password"
# PROTOCOL_41, CONNECT_WITH_DB, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH and its long form.
CAPABILITIES = 0x1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000 | 0x200000
FAST_DONE, FULL_LOGIN, KEY_REQUEST = b"\x01\x03", b"\x01\x04", b"\x02"
ACCESS_DENIED, NO_SUCH_TABLE = 1045, 1146
UTF8MB4, VAR_STRING, BIGINT = 45, 0xFD, 8
OK = b"\x00\x00\x00\x02\x00\x00\x00"
EOF = b"\xfe\x00\x00\x02\x00"


@cache
def server_key() -> rsa.RSAPrivateKey:
    """Key of all servers here; a new one takes a tenth of a second."""
    return rsa.generate_private_key(65_537, 2_048)


def public_key() -> bytes:
    """Public part of the key, as MySQL sends it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return server_key().public_key().public_bytes(serialization.Encoding.PEM, form)


@dataclass
class MySQL8:
    """A server with one user; give `serve` to `listeners.listener`.

    Parameters
    ----------
    password
        Of its user, whose name does not matter.
    table
        Columns and rows of its only table, `tweets`; all are texts.
    key
        Answer to a request for the public key; None refuses, as MySQL does without one.
    asks_for
        Another login method that it asks for instead.
    """

    password: str
    table: tuple[Sequence[str], Sequence[Sequence[str]]] = ((), ())
    key: bytes | None = field(default_factory=lambda: b"\x01" + public_key())
    asks_for: bytes = b""
    heard: bytes = b""
    """All that its clients sent."""
    logins: list[str] = field(default_factory=list)
    """`fast`, `full` or `refused` for each."""
    _cached: bytes = b""

    def serve(self, client: socket.socket) -> None:
        """Let a client log in, and answer it until it leaves."""
        stream = _Stream(client)
        try:
            if not self._log_in(stream):
                stream.send(_error(ACCESS_DENIED, "28000"))
                return
            stream.send(OK)
            while (command := stream.receive())[:1] == b"\x03":
                self._answer(stream, command[1:].decode())
        finally:
            self.heard += stream.heard

    def _log_in(self, stream: _Stream) -> bool:
        nonce = bytes(secrets.choice(range(1, 128)) for _ in range(20))
        stream.send(_greeting(nonce))
        answer = stream.receive()
        if self.asks_for:
            stream.send(b"\xfe" + self.asks_for + b"\x00" + nonce + b"\x00")
            stream.receive()
            return False
        name_end = answer.index(b"\x00", 32)  # after flags, largest packet, charset and filler
        scramble = answer[name_end + 2 : name_end + 2 + answer[name_end + 1]]
        known = _xor(scramble, sha256(self._cached + nonce).digest())
        if self._cached and sha256(known).digest() == self._cached:
            self.logins.append("fast")
            stream.send(FAST_DONE)
            return True
        stream.send(FULL_LOGIN)
        if stream.receive() != KEY_REQUEST or self.key is None:
            self.logins.append("refused")
            return False
        stream.send(self.key)
        oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303 - MySQL's
        encrypted = stream.receive()
        password = _xor(server_key().decrypt(encrypted, oaep), cycle(nonce)) if encrypted else b""
        is_right = password == self.password.encode() + b"\x00"
        if is_right:
            self._cached = sha256(sha256(password[:-1]).digest()).digest()
        self.logins.append("full" if is_right else "refused")
        return is_right

    def _answer(self, stream: _Stream, statement: str) -> None:
        names, rows = self.table
        if not statement.startswith("SELECT"):
            stream.send(OK)
        elif "information_schema" in statement:
            stream.send(*_result(["n"], [["0"]], BIGINT))
        elif "FROM tweets" not in statement:
            stream.send(_error(NO_SUCH_TABLE, "42S02"))
        elif "LIMIT 0" in statement:
            stream.send(*_result(names, []))
        else:
            chosen = [name for name in names if f"`{name}`" in statement]
            places = [names.index(name) for name in chosen]
            stream.send(*_result(chosen, [[row[n] for n in places] for row in rows]))


class _Stream:
    """Packets with their length and number; a number starts again with each command."""

    def __init__(self, client: socket.socket) -> None:
        self.heard = b""
        self._client, self._next = client, 0

    def send(self, *payloads: bytes) -> None:
        for payload in payloads:
            self._client.sendall(struct.pack("<I", len(payload))[:3] + bytes([self._next]))
            self._client.sendall(payload)
            self._next += 1

    def receive(self) -> bytes:
        """Next packet; empty if the client has left."""
        head = self._take(4)
        if len(head) < 4:
            return b""
        self._next = head[3] + 1
        return self._take(int.from_bytes(head[:3], "little"))

    def _take(self, n: int) -> bytes:
        taken = b""
        while len(taken) < n and (more := self._client.recv(n - len(taken))):
            taken += more
        self.heard += taken
        return taken


def _greeting(nonce: bytes) -> bytes:
    return b"".join([
        b"\x0a8.0.36\x00", struct.pack("<I", 7), nonce[:8], b"\x00",
        struct.pack("<HBHH", CAPABILITIES & 0xFFFF, 255, 2, CAPABILITIES >> 16),
        bytes([len(nonce) + 1]), bytes(10), nonce[8:], b"\x00", SHA2, b"\x00",
    ])  # fmt: skip


def _error(code: int, state: str) -> bytes:
    return b"\xff" + struct.pack("<H", code) + f"#{state}refused".encode()


def _result(
    names: Sequence[str], rows: Iterable[Sequence[str]], kind: int = VAR_STRING
) -> list[bytes]:
    shape = struct.pack("<BHIBHBH", 12, UTF8MB4, 4_000, kind, 0, 0, 0)
    columns = [b"".join(map(_text, ("def", "ri", "", "", name, name))) + shape for name in names]
    return [bytes([len(names)]), *columns, EOF, *(b"".join(map(_text, r)) for r in rows), EOF]


def _text(value: str) -> bytes:
    raw = value.encode()
    return bytes([len(raw)]) + raw  # up to 250 bytes


def _xor(left: bytes, right: Iterable[int]) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=False))
