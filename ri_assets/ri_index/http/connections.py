"""One connection, with deadlines: who sends or reads too slowly is let go.

Belongs here: what uvicorn has no setting for, namely deadlines for headers, bodies and
answers that nobody reads, and the number of open connections. Does not belong here: the
limits themselves (`limits.py`), and what needs a whole request (`access.py`).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from enum import Enum
from http import HTTPStatus
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ri_assets.errors import BusyError, QueryError, RIError
from ri_assets.ri_index.http.limits import Limits
from ri_assets.ri_index.http.middleware import SECURITY_HEADERS
from ri_assets.ri_index.http.problems import problem, too_many_headers

_log = logging.getLogger("ri_index.http")
# In the order in which connections began to wait; clocks have ties.
_turns = itertools.count()


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
        """Begin to wait for headers, in the place of somebody who waits for nothing if need be."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections and not self._make_room():
            self.connections.discard(self)
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                BusyError(
                    f"{self.limits.connections} clients are being answered",
                    "fewer at once",
                    "try again in some seconds",
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
        """Read on; a part of what is waited for does not move the deadline."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that nobody uses."""
        super().timeout_keep_alive_handler()
        self._watch()

    def pause_writing(self) -> None:
        """Wait for the client to read, but not for ever."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.limits.sending_seconds, self._give_up)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; h11 also says so of headers over the limit."""
        read, _ = self.conn.trailing_data
        if self._phase is Phase.HEADERS and len(read) > self.limits.header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, too_many_headers(self.limits))
        else:
            error = QueryError(msg.rstrip("."), "HTTP/1.1 as RFC 9112 has it", "correct it")
            self._refuse(HTTPStatus.BAD_REQUEST, error)

    def _watch(self) -> None:
        """Set the deadline of what is waited for now, unless it is set."""
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
        if phase is Phase.CLOSE:  # until all is sent; who does not read would keep it open
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
            "send the request again, as a whole",
        )
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, error)
        self._watch()

    def _make_room(self) -> bool:
        """Close the connection that has waited longest for its request, if one waits."""
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
        # Now, because the server reports its loss later, and the next one must not pick it again.
        self.connections.discard(longest)
        longest._give_up()
        return True

    def _refuse(self, status: HTTPStatus, error: RIError) -> None:
        """Answer in the place of the application, if nothing was answered yet, and close."""
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
