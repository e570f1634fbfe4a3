"""Dagster loggers that show how far a run is: a bar in a terminal, a few lines in a log, or JSON.

Dagster's own messages are not shown; `--debug` shows them instead of this.
"""

import logging
import re
import time

import dagster as dg
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from ri_assets import structured_log
from ri_assets.freeze.search import duration
from ri_assets.records.assets import ASSETS

# As stages say it: "embedded 123 of 1,496 new texts", "4 of 30 reruns".
_COUNTED = re.compile(r"(?:\w+ )?(?P<done>\d[\d,]*) of (?P<total>\d[\d,]*) (?P<what>\D+)")
_SECONDS_BETWEEN = 30.0  # between lines of a log that say how far a stage is
_WARM_UP_SECONDS = 3.0  # before a rate says anything
_NARROWEST = 60
_LOGGED = {
    "STEP_START", "STEP_SUCCESS", "STEP_FAILURE",
    "PIPELINE_START", "PIPELINE_SUCCESS", "PIPELINE_FAILURE",
}  # fmt: skip


class Pace:
    """How fast a stage counts up, and so how long the rest takes."""

    def __init__(self) -> None:
        self._what = ""
        self._from = (0, 0.0)

    def left(self, done: int, total: int, what: str) -> float | None:
        """Give the seconds that are left; None as long as nobody can know.

        Another `what` starts anew, and so does a count that goes back. A count that is
        complete says nothing about what comes after it.
        """
        now = time.monotonic()
        if what != self._what or done < self._from[0]:
            self._what, self._from = what, (done, now)
        first, since = self._from
        if not first < done < total or now - since < _WARM_UP_SECONDS:
            return None
        return (total - done) * (now - since) / (done - first)


class TerminalHandler(logging.Handler):
    """Shows the running stage, and one line for each finished one.

    A terminal has one bar, with the stage's latest message and, where it counts, the time that
    is left. A log or a pipe has a line at most every 30 seconds instead.

    Parameters
    ----------
    console
        Where to write.
    """

    def __init__(self, console: Console) -> None:
        # Dagster logs the start and success of steps at level DEBUG.
        super().__init__(logging.DEBUG)
        self.console = console
        self.bar = StageBar(console) if console.is_terminal else None
        self.pace = Pace()
        self.started: dict[str, float] = {}
        self.last_time: float | None = None

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
            if self.bar is not None and not step.endswith("_checks"):
                self.bar.start(step)
        elif event.event_type_value in {"STEP_SUCCESS", "STEP_FAILURE"}:
            self._finish(step, is_success=event.event_type_value == "STEP_SUCCESS")
        elif event.event_type_value in {"PIPELINE_SUCCESS", "PIPELINE_FAILURE"} and self.bar:
            self.bar.stop()

    def _message(self, step: str, text: str, level: int) -> None:
        if text.startswith("Dependencies for step"):
            return  # the failed step itself was shown
        if level >= logging.WARNING:
            self._print(f"  [yellow]![/] {step}: {escape(text)}")
            return
        if not step:  # of the whole run, such as the cluster that it uses
            self._print(f"    {escape(text)}")
            return
        counted = _COUNTED.fullmatch(text)
        done, total = (
            (0, 0) if counted is None else
            (int(counted[name].replace(",", "")) for name in ("done", "total"))
        )  # fmt: skip
        left = None if counted is None else self.pace.left(done, total, counted["what"])
        if self.bar is not None:
            self.bar.update(step, text, done, total if done < total else None, left)
        elif self._is_due():
            self._print(f"    {step}: {escape(_with_time(text, left))}")

    def _is_due(self) -> bool:
        """Whether a log should get a line: the last one is old enough."""
        now = time.monotonic()
        if self.last_time is not None and now - self.last_time < _SECONDS_BETWEEN:
            return False
        self.last_time = now
        return True

    def _finish(self, step: str, *, is_success: bool) -> None:
        seconds = time.monotonic() - self.started.pop(step, time.monotonic())
        if step.endswith("_checks") and is_success:
            return
        mark = "[green]✓[/]" if is_success else "[red]✗[/]"
        self._print(f"  {mark} {step} [dim]{seconds:.1f} s[/]")

    def _print(self, markup: str) -> None:
        self.console.print(markup, highlight=False, soft_wrap=True)


class StageBar:
    """The bar of the stage that runs."""

    def __init__(self, console: Console) -> None:
        is_wide = console.width >= _NARROWEST
        columns: tuple[ProgressColumn, ...] = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            *((BarColumn(bar_width=20),) if is_wide else ()),
            _Time(),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("", total=None, visible=False, left=None)

    def start(self, stage: str) -> None:
        """Begin a stage, whose length nobody knows yet."""
        self._progress.start()
        self._progress.reset(self._task, total=None, description=stage, visible=True, left=None)

    def update(
        self, stage: str, text: str, done: int, total: int | None, left: float | None
    ) -> None:
        """Show what a stage says; without a total the bar moves to and fro."""
        self._progress.update(
            self._task, description=f"{stage}: {text}", completed=done, total=total, left=left
        )

    def __rich__(self) -> Progress:
        """Give what Rich prints."""
        return self._progress

    def stop(self) -> None:
        """Remove the bar."""
        self._progress.stop()


class _Time(ProgressColumn):
    """The time that is left; while nobody can know it, the time that the stage has taken."""

    def render(self, task: Task) -> Text:
        left = task.fields["left"]
        if left is not None:
            return Text(f"about {duration(left)} left", style="dim")
        return Text(duration(task.elapsed or 0), style="dim")


def _with_time(text: str, left: float | None) -> str:
    return text if left is None else f"{text}, about {duration(left)} left"


@dg.logger({}, "One line per step, for a run that you watch in a terminal.")
def terminal_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger that `ri-index run` uses."""
    # Not from `logging.getLogger`: each run needs its own.
    logger = logging.Logger("ri_assets.terminal", logging.DEBUG)
    logger.addHandler(TerminalHandler(Console(stderr=True)))
    return logger


class JsonHandler(logging.Handler):
    """Writes a JSON object for each message, and for the start and end of each stage and run.

    Parameters
    ----------
    is_debug
        Write all of Dagster's events, with the traceback of a failure. It may quote a tweet.
    """

    def __init__(self, *, is_debug: bool) -> None:
        super().__init__(logging.DEBUG)
        self.is_debug = is_debug
        self.inner = structured_log.handler()
        self.last_time: float | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        event = getattr(record, "dagster_event", None)
        kind = None if event is None else event.event_type_value
        meta = getattr(record, "dagster_meta", {})
        level = max(record.levelno, logging.INFO) if kind in _LOGGED else record.levelno
        if not self.is_debug and (level < logging.INFO or (kind and kind not in _LOGGED)):
            return
        text = meta.get("orig_message") or record.getMessage()
        if not self.is_debug and _COUNTED.fullmatch(text):
            now = time.monotonic()
            if self.last_time is not None and now - self.last_time < _SECONDS_BETWEEN:
                return
            self.last_time = now
        step = str(meta.get("step_key") or "")
        asset = step.removesuffix("_checks")
        error = getattr(getattr(event, "event_specific_data", None), "error", None)
        self.inner.emit(
            logging.makeLogRecord(
                {
                    "name": "dagster",
                    "levelno": level,
                    "levelname": logging.getLevelName(level),
                    "msg": text,
                    "run_id": meta.get("run_id"),
                    "step": step or None,
                    "asset": asset if asset in ASSETS else None,
                    "dagster_event": kind,
                    **({"exception": error.to_string()} if error and self.is_debug else {}),
                }
            )
        )


@dg.logger({"debug": dg.Field(bool, default_value=False)}, "One JSON object a line.")
def json_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger that `ri-index --log json run` uses."""
    logger = logging.Logger("ri_assets.json", logging.DEBUG)
    logger.addHandler(JsonHandler(is_debug=context.logger_config["debug"]))
    return logger
