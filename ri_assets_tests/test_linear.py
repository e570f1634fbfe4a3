"""No pattern and no function of the package takes more than linear time over a text.

Found by walking the package, so that a new pattern is tried the day it is written. Times
are compared with each other, never with a clock: at four times the length, linear work takes
four times as long and quadratic work sixteen times.
"""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from types import ModuleType

import pytest
import regex

import ri_assets
from ri_assets.errors import RIError
from ri_assets.personas.privacy.cleaner import Cleaner
from ri_assets.personas.privacy.guard import Guard
from ri_assets.personas.privacy.person_names import NameFinder, proper_names
from ri_assets.personas.privacy.recogniser import names_in

SHORT, MIDDLE = 1_500, 6_000
LONG, LONGEST = 25_000, 100_000
BAR = 9
"""Between 4 (linear) and 16 (quadratic)."""
SUSPECT = 6
"""Between the same; what one try makes look slow is tried again at greater lengths."""
QUICK = 0.0002
"""Seconds at `SHORT` characters; with less, even quadratic work takes under one at `LONGEST`."""
LONG_ENOUGH = 0.02
"""Seconds that are measured well enough in one try."""
HOPELESS = 1.0
"""Seconds at `LONG` characters that no linear work here comes near: `LONGEST` need not be tried."""

UNITS = (
    "a", "9", " ", "\n", "\t", "@", "a@", "@a", "a.", "1 ", "1,", "a-", "_", "a9_", "&amp;", "👍",
    "e\u0301", "<", "\"", "Ãƒ", "(", "[at] ", "http://", "RT @a:", "order 1", "../", "+", "{", "A",
    "agent ", "agent Aa ", "Mr ", "flat 1 ", "street 1, ", "my name is ", "1*", "1-1-", "KA01",
)  # fmt: skip

# These take the name of a file, of a place or of an option. None reads a text of people.
NO_TEXT = (
    "ri_assets.config.load_profile",
    "ri_assets.personas.naming.renames.",
    "ri_assets.ri_index.exports.schemas.",
    "ri_assets.ri_index.http.",
    "ri_assets.cli.manage.",
    "ri_assets.cli.terminal.print_json",
    "ri_assets.sources.guide.page",
    "ri_assets.store.",
)

Work = Callable[[str], object]


def families(length: int) -> Iterator[tuple[str, str]]:
    """Name and text of each hostile family, at one length."""
    for unit in UNITS:
        yield unit, (unit * (length // len(unit) + 1))[:length]
    yield "nested entities", ("&" + "amp;" * length)[:length]
    yield "nested, many", ("&amp;amp;amp;lt;" * length)[:length]
    yield "at the end", "a" * (length - 1) + "!"
    yield "blanks before x", " " * (length - 1) + "x"
    yield "digits before x", "9" * (length - 1) + "x"


@cache
def modules() -> tuple[ModuleType, ...]:
    found = pkgutil.walk_packages(ri_assets.__path__, "ri_assets.")
    return tuple(importlib.import_module(m.name) for m in found if not m.name.endswith("__main__"))


@cache
def uses() -> dict[str, set[str]]:
    """Methods that the package calls on a name: of patterns, how they are read."""
    found: dict[str, set[str]] = {}
    for path in Path(ri_assets.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.setdefault(node.value.id, set()).add(node.attr)
    return found


def readers(pattern: re.Pattern[str] | re.Pattern[bytes], name: str) -> Iterator[Work]:
    """Ways in which the package reads with a pattern; all of them where none is seen."""
    methods = uses().get(name, set()) & {
        "match", "fullmatch", "search", "sub", "split", "findall", "finditer"
    }  # fmt: skip
    for method in sorted(methods or {"match", "fullmatch", "finditer"}):
        anchored = method in {"match", "fullmatch", "search"}
        read = getattr(pattern, method if anchored else "finditer")
        if isinstance(pattern.pattern, bytes):
            yield partial(_read_bytes, read)
        elif anchored:
            yield read
        else:
            yield partial(_read_all, read)


def _read_all(read: Callable[[str], Iterable[object]], text: str) -> int:
    return sum(1 for _ in read(text))


def _read_bytes(read: Callable[[bytes], object], text: str) -> None:
    found = read(text.encode())
    if isinstance(found, Iterator):
        list(found)


def patterns() -> Iterator[tuple[str, Work]]:
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern | regex.Pattern):
                for read in readers(value, name):
                    yield f"{module.__name__}.{name}", read
    for rule, trigger, _ in Cleaner(frozenset())._rules:
        yield f"trigger of {rule.kind}", trigger.search


def functions() -> Iterator[tuple[str, Work]]:
    for module in modules():
        for name, value in vars(module).items():
            full = f"{module.__name__}.{name}"
            if (
                inspect.isfunction(value)
                and value.__module__ == module.__name__
                and not name.startswith("_")
                and not full.startswith(NO_TEXT)
                and _needs(value) == ["str"]
            ):
                yield full, value
    finder = NameFinder(frozenset({"acme"}))
    yield "NameFinder.find", finder.find
    yield "proper_names", lambda text: proper_names([text], frozenset())
    guard = Guard(
        {"jolly_cedar9", "some.name-9"},
        {"acme"},
        {"imran", "a a", "agent mr"},
        {"imran", "quorvex"},
        {"9 9 9", "flat 1"},
    )
    yield "names_in", lambda text: list(names_in(text, 0, len(text), frozenset()))
    yield "Guard.clean", guard.clean
    yield "Guard.names_nobody", guard.names_nobody
    yield "Guard.findings", guard.uncached_findings


def _needs(function: Callable[..., object]) -> list[object]:
    """Annotations of the parameters that must be given."""
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        parameter.annotation
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty and parameter.kind not in kinds
    ]


def seconds(work: Work, text: str, tries: int = 3) -> float:
    """Least processor time of a few tries: what else the machine does can only add."""
    best = float("inf")
    gc.disable()  # a collection looks at all that lives, which is not the work's doing
    for _ in range(tries):
        start = time.thread_time()
        with suppress(RIError, ValueError, OSError):  # it was refused, which took its time too
            work(text)
        best = min(best, time.thread_time() - start)
        if best > LONG_ENOUGH:
            break
    gc.enable()
    return best


def slow_family(work: Work) -> str | None:
    """First family over which work grows faster than the text."""
    for (name, short), (_, middle) in zip(families(SHORT), families(MIDDLE), strict=True):
        took = seconds(work, short, 1)
        if (
            took > QUICK
            and seconds(work, middle, 1) > SUSPECT * took
            and all(_is_slow(work, name) for _ in range(3))
        ):
            return name
    return None


def _is_slow(work: Work, name: str) -> bool:
    long, longest = (dict(families(length))[name] for length in (LONG, LONGEST))
    took = seconds(work, long)
    return took > HOPELESS or seconds(work, longest) > BAR * took


def test_the_walk_finds_what_there_is() -> None:
    names = {name for name, _ in [*patterns(), *functions()]}
    assert {
        "ri_assets.personas.text.words._ASIDE",
        "ri_assets.personas.privacy.reading.readable",
    } <= names
    assert "ri_assets.sources.times._ZONED" in names
    assert len(names) > 100


@pytest.mark.slow
def test_quadratic_work_is_noticed() -> None:
    assert slow_family(re.compile(r"(?!x)\S*@\w").findall) == "a"
    assert slow_family(re.compile(r"\w+@\w").match) is None


@pytest.mark.slow
@pytest.mark.parametrize("found", [patterns, functions])
def test_all_text_work_is_linear(found: Callable[[], Iterator[tuple[str, Work]]]) -> None:
    slow = {name: family for name, work in found() if (family := slow_family(work))}
    assert not slow, slow
