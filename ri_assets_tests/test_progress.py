from __future__ import annotations

import io
import logging

import pytest
from rich.console import Console

from ri_assets.progress import TerminalHandler


class Clock:
    """Time that a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)


class Log:
    """A plain log that Dagster's records of one step go to."""

    def __init__(self) -> None:
        self.written = io.StringIO()
        self.handler = TerminalHandler(Console(file=self.written, width=80))

    def say(self, text: str, step: str = "clusters", level: int = logging.INFO) -> None:
        record = logging.LogRecord("dagster", level, "", 0, text, (), None)
        record.dagster_meta = {"step_key": step, "orig_message": text}
        self.handler.handle(record)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.written.getvalue().splitlines()]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_every_new_activity_is_told_at_once(clock: Clock) -> None:
    log = Log()
    for text in ("reading", "reducing", "measuring"):
        clock.now += 0.1
        log.say(text)
    assert log.lines == ["clusters: reading", "clusters: reducing", "clusters: measuring"]


def test_progress_of_one_activity_is_told_every_two_seconds(clock: Clock) -> None:
    log = Log()
    for done in range(0, 100, 5):
        log.say(f"embedded {done} of 1,496")
        clock.now += 0.5
    assert len(log.lines) == 5
    assert log.lines[:2] == ["clusters: embedded 0 of 1,496", "clusters: embedded 20 of 1,496"]


def test_the_same_line_is_repeated_as_a_sign_of_life_only(clock: Clock) -> None:
    log = Log()
    for _ in range(40):
        log.say("0 of 18 reruns")
        clock.now += 1
    assert len(log.lines) == 4


def test_warnings_are_never_held_back(clock: Clock) -> None:
    log = Log()
    for _ in range(3):
        log.say("3 rows set aside", level=logging.WARNING)
    assert len(log.lines) == 3
    assert clock.now == 100.0


def test_debugging_is_not_shown_and_brackets_are() -> None:
    log = Log()
    log.say("internal", level=logging.DEBUG)
    log.say("read [/x] of [bold]")
    log.say("[red]", level=logging.WARNING)
    assert log.lines == ["clusters: read [/x] of [bold]", "! clusters: [red]"]
