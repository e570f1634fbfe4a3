from __future__ import annotations

import io
import logging
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ri_assets.progress import Pace, TerminalHandler


class Clock:
    """Time that a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)


class Log:
    """What a person sees of Dagster's records of one step, in a pipe or in a terminal."""

    def __init__(self, *, is_terminal: bool = False) -> None:
        self.written = io.StringIO()
        console = Console(
            file=self.written, width=100, force_terminal=is_terminal, color_system=None
        )
        self.handler = TerminalHandler(console)

    def say(self, text: str, step: str = "clusters", level: int = logging.INFO) -> None:
        record = logging.LogRecord("dagster", level, "", 0, text, (), None)
        record.dagster_meta = {"step_key": step, "orig_message": text}
        self.handler.handle(record)

    def event(self, kind: str, step: str = "clusters") -> None:
        record = logging.LogRecord("dagster", logging.DEBUG, "", 0, kind, (), None)
        record.dagster_meta = {"step_key": step}
        record.dagster_event = SimpleNamespace(event_type_value=kind)
        self.handler.handle(record)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.written.getvalue().splitlines()]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_what_concerns_the_whole_run_is_always_shown_and_names_no_stage() -> None:
    log = Log()
    log.say("reading")
    log.say("2 machines of a Ray cluster", step="")
    assert log.lines == ["clusters: reading", "2 machines of a Ray cluster"]


def test_a_log_gets_a_line_at_most_every_30_seconds(clock: Clock) -> None:
    log = Log()
    for second in range(120):
        log.say(f"embedded {10 * second:,} of 1,496 new texts" if second % 7 else "reading")
        clock.now += 1
    assert len(log.lines) == 4
    assert log.lines[0] == "clusters: reading"


def test_a_log_says_how_much_time_is_left(clock: Clock) -> None:
    log = Log()
    for done in range(4):
        log.say(f"{done} of 30 reruns")
        clock.now += 20
    assert log.lines == [
        "clusters: 0 of 30 reruns",
        "clusters: 2 of 30 reruns, about 9 min left",
    ]


def test_finished_stages_are_always_told_and_passed_checks_never(clock: Clock) -> None:
    log = Log()
    for step in ("embeddings", "embeddings_checks", "clusters"):
        log.event("STEP_START", step)
        clock.now += 2
        log.event("STEP_SUCCESS", step)
    log.event("STEP_START", "umap_50d_checks")
    log.event("STEP_FAILURE", "umap_50d_checks")
    assert log.lines == ["✓ embeddings 2.0 s", "✓ clusters 2.0 s", "✗ umap_50d_checks 0.0 s"]


def test_warnings_are_never_held_back(clock: Clock) -> None:
    log = Log()
    for _ in range(3):
        log.say("3 rows set aside", level=logging.WARNING)
    assert len(log.lines) == 3
    assert clock.now == 100.0


def test_debugging_is_not_shown_and_brackets_are(clock: Clock) -> None:
    log = Log()
    log.say("internal", level=logging.DEBUG)
    log.say("read [/x] of [bold]")
    log.say("[red]", level=logging.WARNING)
    assert log.lines == ["clusters: read [/x] of [bold]", "! clusters: [red]"]
    assert clock.now == 100.0


def test_a_terminal_has_a_bar_with_the_time_left(clock: Clock) -> None:
    terminal = Log(is_terminal=True)
    terminal.event("STEP_START")
    terminal.say("reading [/x]")
    for done in range(3):
        terminal.say(f"{done} of 30 reruns")
        clock.now += 60
    bar = terminal.handler.bar
    assert bar is not None
    with terminal.handler.console.capture() as shown:
        terminal.handler.console.print(bar)
    assert "clusters: 2 of 30 reruns" in shown.get()
    assert "about 28 min left" in shown.get()
    terminal.event("STEP_SUCCESS")
    terminal.event("PIPELINE_SUCCESS")
    assert "✓ clusters 180.0 s" in terminal.written.getvalue()


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 100)), min_size=1), st.integers(50, 100))
def test_the_time_left_is_never_negative_and_known_only_after_progress(
    steps: list[tuple[int, float]], total: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock, pace = Clock(patch), Pace()
        assert pace.left(0, total, "reruns") is None
        for done, seconds in steps:
            clock.now += seconds
            left = pace.left(done, total, "reruns")
            assert left is None or left >= 0


def test_another_count_starts_anew(clock: Clock) -> None:
    pace = Pace()
    pace.left(0, 10, "texts")
    clock.now += 10
    assert pace.left(5, 10, "texts") == pytest.approx(10)
    assert pace.left(6, 10, "reruns") is None
    clock.now += 10
    assert pace.left(10, 10, "reruns") is None
