"""What the six examples share: options, tables and error messages."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pandas as pd
from tabulate import tabulate

from ri_assets.cli.terminal import safe
from ri_assets.errors import RIError
from ri_assets.ri_index import RIIndex

_FIGURE = re.compile(r"[-+\d.,:%]*")
_CANNOT_ANSWER = 2
_WIDTH = 110


def arguments(question: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options of every example; `question` is its docstring."""
    parser = argparse.ArgumentParser(
        description=question, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--store", help="folder or URL of the store (default: RI_STORE, data/store)"
    )
    parser.add_argument("--snapshot", help="snapshot to query (default: the current one)")
    return parser


@contextmanager
def report_errors() -> Iterator[None]:
    """Print an error with its remedy and exit with code 2."""
    try:
        yield
    except RIError as error:
        problem = str(error)
    except ModuleNotFoundError as error:
        problem = (
            f"the package {(error.name or '').partition('.')[0]} is not installed\n"
            "  expected: the packages of the extra `examples`\n"
            "  remedy:   .venv/bin/pip install -c constraints.txt -e '.[examples]'"
        )
    else:
        return
    sys.stderr.write(f"cannot answer: {safe(problem, keep=chr(10)).plain}\n")
    raise SystemExit(_CANNOT_ANSWER)


def earlier_snapshot(ri: RIIndex) -> str | None:
    """Return the readable snapshot before this one, None if there is none."""
    listed = [info for info in ri.snapshots() if not info.problem]
    ids = [info.snapshot for info in listed]
    before = ids[: ids.index(ri.snapshot)]
    return before[-1] if before else None


def holds(text: str, words: Iterable[str]) -> bool:
    """Whether a text contains one of these words or phrases, whole, in any case."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)


def say(text: str = "") -> None:
    """Print a paragraph without control characters, since it may contain words of tweets."""
    shown = safe(text).plain
    indent = " " * (len(shown) - len(shown.lstrip()) + 2)
    lines = textwrap.wrap(
        shown,
        _WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    sys.stdout.write("\n".join(lines or [""]) + "\n")


def title(text: str) -> None:
    """Print a heading."""
    say()
    say(text)
    say("=" * len(text))


def table(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows as a table, numbers aligned right, or "none"."""
    if not rows:
        say("none")
        return
    cells = pd.DataFrame(rows).map(lambda cell: safe(cell).plain)
    names = cells.columns.tolist()
    is_figure = [cells[name].str.fullmatch(_FIGURE).all() for name in names]
    sides = ["right" if figure else "left" for figure in is_figure]
    text = tabulate(
        cells.to_numpy().tolist(), names, "simple", disable_numparse=True, colalign=sides
    )
    sys.stdout.write("\n".join(line.rstrip() for line in text.splitlines()) + "\n")


def interval(low: float | None, high: float | None, form: str = ".2f") -> str:
    """Format an interval; empty if it is unknown."""
    return "" if low is None or high is None else f"{low:{form}} to {high:{form}}"
