"""Progress in a terminal: a Dagster logger that says in one line what is going on."""

import logging
import time

import dagster as dg
from rich.console import Console
from rich.status import Status


class TerminalHandler(logging.Handler):
    """Shows the running step with its latest message, and a line for each finished one."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.console = Console(stderr=True)
        self.status: Status | None = None
        self.started: dict[str, float] = {}
        self.last_line = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        event = getattr(record, "dagster_event", None)
        meta = getattr(record, "dagster_meta", {})
        event = event or meta.get("dagster_event")
        step = str(meta.get("step_key") or "")
        if event is None:
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
            self.console.print(f"  [yellow]![/] {step}: {text}", highlight=False)
        elif self.console.is_terminal:
            self._show(f"{step}: {text}")
        elif time.monotonic() - self.last_line > 2:  # noqa: PLR2004  # seconds, for plain logs
            self.last_line = time.monotonic()
            self.console.print(f"    {step}: {text}", highlight=False)

    def _show(self, text: str) -> None:
        if not self.console.is_terminal:
            return
        if self.status is None:
            self.status = self.console.status(text)
            self.status.start()
        self.status.update(text)

    def _finish(self, step: str, *, is_success: bool) -> None:
        seconds = time.monotonic() - self.started.get(step, time.monotonic())
        if step.endswith("_checks") and is_success:
            return
        mark = "[green]✓[/]" if is_success else "[red]✗[/]"
        self.console.print(f"  {mark} {step} [dim]{seconds:.1f} s[/]", highlight=False)


@dg.logger({}, "One line a step, for a run that a person watches in a terminal.")
def terminal_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """Give the logger that `ri-index run` uses."""
    # Not from the registry of loggers: it must stay unshared.
    logger = logging.Logger("ri_assets.terminal", logging.INFO)
    logger.addHandler(TerminalHandler())
    return logger
