"""A Dagster logger that shows the progress of a run in a terminal."""

import logging
import re
import time

import dagster as dg
from rich.console import Console
from rich.markup import escape
from rich.status import Status

_NUMBER = re.compile(r"\d[\d,.]*")
_SECONDS_BETWEEN = 2.0  # between lines of a plain log about the same activity
_SECONDS_BETWEEN_SAME = 10.0  # between identical lines


class TerminalHandler(logging.Handler):
    """Shows the running step with its latest message, and one line per finished step.

    If the output is not a terminal, a new activity is logged at once, and its progress at most
    every two seconds.

    Parameters
    ----------
    console
        Where to write.
    """

    def __init__(self, console: Console) -> None:
        # Dagster logs the start and success of steps at level DEBUG.
        super().__init__(logging.DEBUG)
        self.console = console
        self.status: Status | None = None
        self.started: dict[str, float] = {}
        self.last_text = ""
        self.last_time = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        event = getattr(record, "dagster_event", None)
        meta = getattr(record, "dagster_meta", {})
        step = str(meta.get("step_key") or "")
        if event is None:
            if record.levelno >= logging.INFO:
                self._message(step, meta.get("orig_message", record.getMessage()), record.levelno)
        elif event.event_type_value == "STEP_START":
            self.started[step] = time.monotonic()
            if not step.endswith("_checks"):
                self._show(f"{step} …")
        elif event.event_type_value in {"STEP_SUCCESS", "STEP_FAILURE"}:
            self._finish(step, is_success=event.event_type_value == "STEP_SUCCESS")
        elif event.event_type_value in {"PIPELINE_SUCCESS", "PIPELINE_FAILURE"} and self.status:
            self.status.stop()

    def _message(self, step: str, text: str, level: int) -> None:
        if text.startswith("Dependencies for step"):
            return  # the failed step itself was shown
        if level >= logging.WARNING:
            self._print(f"  [yellow]![/] {step}: {escape(text)}")
        elif self.console.is_terminal:
            self._show(f"{step}: {text}")
        elif self._is_due(f"{step}: {text}"):
            self._print(f"    {step}: {escape(text)}")

    def _is_due(self, text: str) -> bool:
        """Whether a plain log should get this line: it is new, or the last one is old enough."""
        now = time.monotonic()
        is_same_activity = _NUMBER.sub("0", text) == _NUMBER.sub("0", self.last_text)
        wait = _SECONDS_BETWEEN_SAME if text == self.last_text else _SECONDS_BETWEEN
        if is_same_activity and now - self.last_time < wait:
            return False
        self.last_text, self.last_time = text, now
        return True

    def _show(self, text: str) -> None:
        if not self.console.is_terminal:
            return
        if self.status is None:
            self.status = self.console.status(escape(text))
            self.status.start()
        self.status.update(escape(text))

    def _finish(self, step: str, *, is_success: bool) -> None:
        seconds = time.monotonic() - self.started.pop(step, time.monotonic())
        if step.endswith("_checks") and is_success:
            return
        mark = "[green]✓[/]" if is_success else "[red]✗[/]"
        self._print(f"  {mark} {step} [dim]{seconds:.1f} s[/]")

    def _print(self, markup: str) -> None:
        self.console.print(markup, highlight=False, soft_wrap=True)


@dg.logger({}, "One line per step, for a run that you watch in a terminal.")
def terminal_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger that `ri-index run` uses."""
    # Not from `logging.getLogger`: each run needs its own.
    logger = logging.Logger("ri_assets.terminal", logging.DEBUG)
    logger.addHandler(TerminalHandler(Console(stderr=True)))
    return logger
