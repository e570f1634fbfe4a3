"""Standard error as JSON, one object a line: for programs that collect logs.

Belongs here: the form of a line, and everything that a process writes to standard error brought
to it. Loggers write objects themselves. A thread reads what anything else writes (Rich, Typer,
libraries in C, other processes of a run), and wraps it. Does not belong here: what is logged.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from ri_assets.errors import RIError
from ri_assets.printable import printable

_BEGIN = '{"time": '  # of each object that we write
_BAR = re.compile(r"\d%\||\dit \[")  # tqdm's, which says nothing to a program
_PREFIX = "Traceback (most recent call last)"
# Escape sequences of a terminal, and the frames that Rich draws.
_DECORATION = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\u2500-\u257f]+")
_LEVEL = re.compile(
    r"\b(debug|info|warning|error|critical)\b|^(blocked|result|note):", re.IGNORECASE
)
_LEVELS = {"blocked": "error", "result": "error", "note": "info"}
_WAIT_SECONDS = 5.0
_is_on = False


def is_on() -> bool:
    """Whether this process writes standard error as JSON."""
    return _is_on


def formatter() -> logging.Formatter:
    """Give the formatter that writes a record as one JSON object.

    The fields are ``time`` (ISO 8601 in UTC), ``level``, ``logger``, ``message``, ``exception``
    where there is a traceback, and whatever the record carries besides.
    """
    import structlog

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            _first("time", "level", "logger", "message"),
            structlog.processors.JSONRenderer(),
        ],
    )


def handler() -> logging.Handler:
    """Give a handler that writes to standard error."""
    made = logging.StreamHandler(sys.stderr)
    made.setFormatter(formatter())
    return made


def log_problem(kind: str, problem: object, error: BaseException | None = None) -> None:
    """Log what the command line would print as a problem or a note.

    Parameters
    ----------
    kind
        As it is printed before the colon.
    problem
        Text or error; the parts of an `RIError` become fields.
    error
        Error whose traceback is logged too.
    """
    parts: Mapping[str, str] = {}
    text = str(problem)
    if isinstance(problem, RIError):
        text = problem.found
        parts = {"expected": problem.expected, "remedy": problem.remedy}
    level = logging.INFO if kind == "note" else logging.ERROR
    logging.getLogger("ri_assets.cli").log(
        level, "%s", printable(text, "\n"), extra={"kind": kind, **parts}, exc_info=error
    )


@contextmanager
def json_stderr() -> Iterator[None]:
    """Write standard error as JSON until the end of the block.

    An exception that nobody handles is logged with its traceback; the process then ends with
    exit code 1, as Python does.
    """
    global _is_on
    sys.stderr.flush()
    kept = os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    out = os.fdopen(kept, "w", encoding="utf-8", closefd=False)
    thread = threading.Thread(
        target=_wrap, args=(os.fdopen(reading, "rb"), out), name="stderr", daemon=True
    )
    thread.start()
    before_stderr = sys.stderr
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace",
                           closefd=False)  # fmt: skip
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    own = handler()
    # What carries this was logged in a run, whose own logger writes it (`ri_assets.progress`).
    own.addFilter(lambda record: not hasattr(record, "dagster_meta"))
    root.handlers[:], _is_on = [own], True
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)

    def end() -> None:
        sys.stderr.flush()
        sys.stderr = before_stderr
        os.dup2(kept, 2)  # closes the last writing end, unless a child process has one
        thread.join(_WAIT_SECONDS)
        os.close(kept)

    atexit.register(end)
    try:
        yield
    except Exception as error:  # whatever it is, its traceback must be one JSON object, too
        logging.getLogger("ri_assets.cli").critical("unexpected error: %s", error, exc_info=error)
        raise SystemExit(1) from None
    finally:
        logging.captureWarnings(False)
        root.handlers[:], _is_on = before, False
        root.setLevel(level)
        atexit.unregister(end)
        end()


def _wrap(source: IO[bytes], out: IO[str]) -> None:
    """Write every line as an object; a traceback becomes one object."""
    traceback: list[str] = []
    for raw in _closed_after(source):
        line = raw.decode("utf-8", "replace").rstrip("\r\n").rpartition("\r")[2]
        before, mark, after = line.partition(_BEGIN)
        is_object = bool(mark) and _is_object(mark + after)
        plain = _DECORATION.sub("", before if is_object else line).rstrip()
        if plain.startswith(_PREFIX) or (traceback and not is_object and plain[:1] in {" ", ""}):
            traceback.append(plain)
        elif traceback and plain:
            _put(out, _object(plain, "error", exception="\n".join([*traceback, plain])))
            traceback = []
        elif plain.strip() and not _BAR.search(plain):
            _put(out, _object(plain.strip(), _level(plain)))
        if is_object:
            _put(out, mark + after)
    if traceback:
        _put(out, _object(traceback[-1], "error", exception="\n".join(traceback)))


def _closed_after(source: IO[bytes]) -> Iterator[bytes]:
    with source:
        yield from source


def _put(out: IO[str], line: str) -> None:
    out.write(f"{line}\n")
    out.flush()


def _is_object(line: str) -> bool:
    """Whether a line is an object of ours already."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _object(text: str, level: str, **more: str) -> str:
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return json.dumps(
        {"time": now, "level": level, "logger": "stderr", "message": printable(text)} | more
    )


def _level(text: str) -> str:
    """Guess the level of a line that somebody printed."""
    found = _LEVEL.search(text)
    word = found[0].lower().rstrip(":") if found else "info"
    return _LEVELS.get(word, word)


def _first(*names: str) -> Any:
    """Put these fields first, and what is empty nowhere."""

    def order(_: object, __: str, fields: dict[str, Any]) -> dict[str, Any]:
        rest = {name: value for name, value in fields.items() if value is not None}
        return {name: rest.pop(name) for name in names if name in rest} | rest

    return order
