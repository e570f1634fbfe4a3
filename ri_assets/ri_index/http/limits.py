"""How much the server accepts: sizes, times, and numbers at once.

Belongs here: the limits, and why each has its value. Does not belong here: their enforcement
(`serve` for connections, `middleware` for requests, `dependencies` for slow questions, `routes`
for arguments).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one server.

    Parameters
    ----------
    header_bytes
        Request line and headers. 500 tweet ids in an address need half of it.
    body_bytes
        The body of a request.
    headers_seconds
        From the connection, or the last answer, to the last header. A deadline, not a pause
        between bytes: a client that sends one byte a second never pauses.
    body_seconds
        From the last header to the end of the body.
    idle_seconds
        How long an idle connection stays open.
    sending_seconds
        How long an answer may make no progress because the client does not read.
    connections
        Open at once. If one more comes, the one that has waited longest for its request is
        closed, so that silent clients do not keep others out.
    waiting
        Slow questions (`search`, `assign`, texts, `verify`) that may wait.
    """

    header_bytes: int = 32 * 1024
    body_bytes: int = 2**20
    headers_seconds: float = 10
    body_seconds: float = 20
    idle_seconds: int = 5
    sending_seconds: float = 30
    connections: int = 500
    waiting: int = 32


LIMITS = Limits()

MOST_ASSIGNED = 100
"""Tweets in one call of `assign`. Other slow questions wait meanwhile: a text takes 10 to 50 ms
of a core, depending on its length up to the model's 256 tokens."""

MOST_REPLIES = 1_000
"""Replies in one call of `assign`."""

MOST_ROWS = 1_000
"""Rows in one page."""

MOST_SKIPPED = 10**9
"""Rows before a page."""

MOST_PERSONAS = 50
"""Personas in one question; an address has room for them."""

MOST_TWEETS = 10_000
"""Tweet ids in the body of one question."""

MOST_TWEETS_IN_ADDRESS = 500
"""Tweet ids in the address of one question."""

LONGEST_TEXT_IN_ADDRESS = 2_000
"""Characters of a text in the address of one question: 6 to 12 bytes each, once escaped."""

LONGEST_TEXT = 10_000
"""Characters of a tweet to assign."""

IN_WORDS = (
    f"Limits: {LIMITS.connections} connections at once, {LIMITS.header_bytes // 1024} KiB of "
    f"headers within {LIMITS.headers_seconds} seconds, a body of "
    f"{LIMITS.body_bytes // 2**20} MiB within {LIMITS.body_seconds} seconds, "
    f"{MOST_ASSIGNED} tweets per call of assign."
)
