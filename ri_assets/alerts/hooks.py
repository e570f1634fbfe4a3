"""How an alert is sent: to a program, or over HTTP.

A hook either took the alert or raises `HookError`. Neither a message nor a log holds the
arguments of the program, the address behind the host, or the token.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import PurePath
from typing import Protocol
from urllib.parse import urlsplit

from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from ri_assets.alerts.alert import Alert
from ri_assets.environment import Alerting

# Dagster ends a tick after 60 seconds; both hooks together stay below that.
COMMAND_SECONDS = 15.0
WEBHOOK_SECONDS = 6.0  # each attempt, from connecting to the status line
ATTEMPTS = 3
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 4.0


class HookError(Exception):
    """A hook did not take an alert; the message says why, without a secret."""


class _BusyError(HookError):
    """The same alert may be taken in a moment: no connection, no answer in time, or overload."""


class Hook(Protocol):
    """Something that takes alerts."""

    @property
    def name(self) -> str:
        """Name in the sensor's cursor."""

    def send(self, alert: Alert) -> None:
        """Send an alert; raise `HookError` if it was not taken."""


@dataclass(frozen=True)
class Command:
    """A program that reads the alert from standard input and ends with exit code 0.

    It runs without a shell. What it prints is not kept, because it may hold a secret. After
    the deadline, it is killed together with the processes that it started.
    """

    arguments: Sequence[str] = field(repr=False)
    seconds: float = COMMAND_SECONDS
    name: str = "command"

    def send(self, alert: Alert) -> None:
        """Run the program."""
        program = PurePath(self.arguments[0]).name
        try:
            started = subprocess.Popen(  # noqa: S603 - the operator configured this program
                self.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "unusable arguments"
            raise HookError(f"the command {program} cannot be started: {why}") from None
        with started:
            try:
                started.communicate(f"{alert.as_json()}\n".encode(), timeout=self.seconds)
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)
                raise HookError(
                    f"the command {program} did not end within {self.seconds:g} seconds"
                ) from None
        if started.returncode:
            raise HookError(f"the command {program} ended with exit code {started.returncode}")


@dataclass(frozen=True)
class Webhook:
    """An address that answers a POST with a status of 200 to 299.

    A lost connection, a late answer, and the status 429 or 500 to 599 are tried again within
    the same tick. Redirects are not followed, because they could lead to another host.
    """

    address: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    seconds: float = WEBHOOK_SECONDS
    name: str = "webhook"

    def send(self, alert: Alert) -> None:
        """Post the alert."""
        with _silent("httpx", "httpcore"):
            asyncio.run(self._try_to_send(alert))

    async def _try_to_send(self, alert: Alert) -> None:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            retry=retry_if_exception_type(_BusyError),
            reraise=True,
        )
        await retrying(self._post, alert)

    async def _post(self, alert: Alert) -> None:
        import httpx

        where = f"the webhook on {urlsplit(self.address).hostname}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": alert.event_id}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            # httpx's own timeout starts anew with each byte; this one is for the whole attempt.
            async with (
                asyncio.timeout(self.seconds),
                httpx.AsyncClient(follow_redirects=False) as client,
                client.stream(
                    "POST", self.address, content=alert.as_json(), headers=headers
                ) as answer,
            ):
                status = answer.status_code
        except (TimeoutError, httpx.TimeoutException):
            raise _BusyError(f"{where} did not answer within {self.seconds:g} seconds") from None
        except httpx.TransportError as error:
            raise _BusyError(f"{where} cannot be reached: {type(error).__name__}") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise HookError(f"{where} cannot be asked: {type(error).__name__}") from None
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise HookError(
                f"{where} answered {status}: redirects are not followed, so configure the "
                "final address"
            )
        is_busy = status == HTTPStatus.TOO_MANY_REQUESTS or status >= _BROKEN
        raise (_BusyError if is_busy else HookError)(f"{where} answered {status}")


_BROKEN = HTTPStatus.INTERNAL_SERVER_ERROR


def hooks_of(alerting: Alerting) -> list[Hook]:
    """Give the hooks that are configured."""
    found: list[Hook] = []
    if alerting.command:
        found.append(Command(alerting.command))
    if alerting.webhook:
        found.append(Webhook(alerting.webhook, alerting.token))
    return found


@contextmanager
def _silent(*loggers: str) -> Iterator[None]:
    """Suppress the lines of some loggers: httpx logs whole addresses."""

    def nothing(_: logging.LogRecord) -> bool:
        return False

    found = [logging.getLogger(name) for name in loggers]
    # A filter of a logger does not see what its children log.
    found += [
        child
        for name, child in logging.Logger.manager.loggerDict.items()
        if isinstance(child, logging.Logger) and name.startswith(tuple(f"{n}." for n in loggers))
    ]
    for logger in found:
        logger.addFilter(nothing)
    try:
        yield
    finally:
        for logger in found:
            logger.removeFilter(nothing)
