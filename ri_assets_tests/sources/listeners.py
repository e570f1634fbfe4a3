"""Servers on 127.0.0.1 that are no MySQL server: silent, slow, or of another protocol."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
PAUSE_SECONDS = 0.1


@contextmanager
def listener(greet: Callable[[socket.socket], object]) -> Iterator[int]:
    """Take connections and greet each; it stays open until the client or the test ends it.

    Yields
    ------
    int
        Port of the server.
    """
    server = socket.create_server((HOST, 0))
    is_over = threading.Event()

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            greet(client)
            while not is_over.is_set() and client.recv(4_096):
                pass

    def accept() -> None:
        with suppress(OSError):  # the server is closed at the end
            while True:
                client, _ = server.accept()
                client.settimeout(60)
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        is_over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def silent(_client: socket.socket) -> None:
    """Say nothing, as a server does that hangs, or one that waits for the client to begin."""


def trickling(client: socket.socket) -> None:
    """Begin a greeting of 200 bytes, and send one of them at a time."""
    client.sendall(b"\xc8\x00\x00\x00\x0a")
    for _ in range(200):
        client.sendall(b"8")
        threading.Event().wait(PAUSE_SECONDS)


def of_ssh(client: socket.socket) -> None:
    """Greet as a secure shell's server does."""
    client.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


def of_garbage(client: socket.socket) -> None:
    """Send what has the outer form of a packet, and no sense inside."""
    client.sendall(b"\x03\x00\x00\x00\x0ax\x00")


def closing(client: socket.socket) -> None:
    """Close at once."""
    client.shutdown(socket.SHUT_RDWR)
