"""A proxy in front of a server that lets something happen in the middle of an answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
CHUNK_BYTES = 4_096


@contextmanager
def proxy(port: int, after_bytes: int, event: Callable[[], bool]) -> Iterator[int]:
    """Pass connections on to a port; call the event once when the server has sent so much.

    Parameters
    ----------
    port
        Where the server listens on 127.0.0.1.
    after_bytes
        What the first connection gets before the event.
    event
        Says whether its connection goes on; otherwise it is cut.

    Yields
    ------
    int
        Port of the proxy.
    """
    listener = socket.create_server((HOST, 0))
    pending = [event]

    def serve() -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                client, _ = listener.accept()
                threading.Thread(target=_pass, args=(client,), daemon=True).start()

    def _pass(client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection((HOST, port)) as server:
            upstream = threading.Thread(target=_copy, args=(client, server), daemon=True)
            upstream.start()
            sent = 0
            while data := server.recv(CHUNK_BYTES):
                client.sendall(data)
                sent += len(data)
                if pending and sent >= after_bytes and not pending.pop()():
                    break
            client.shutdown(socket.SHUT_RDWR)
            upstream.join()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
