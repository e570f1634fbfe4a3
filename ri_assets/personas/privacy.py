"""Hide what is private in a text, and keep the sentence readable.

Belongs here: finding private spans with Presidio's pattern engine, merging
them, and writing placeholders such as [handle] over them. Does not belong
here: what private data looks like, which is `ri_assets.personas.patterns`.

Names of people in running text are not found: that takes a language model, and
those at hand miss most Indian names in mixed Hindi and English.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ri_assets.errors import ConfigError
from ri_assets.personas.patterns import KINDS, RULES, Rule

BRANDS_FILE = Path(__file__).parent / "brands.txt"

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"
# Joiners and variation selectors shape emoji and Indian scripts, so a reader needs them.
_SHAPING = frozenset("\u200c\u200d\ufe0e\ufe0f")


@dataclass(frozen=True, order=True)
class Span:
    """Private characters `text[start:end]` and their kind (one of `patterns.KINDS`)."""

    start: int
    end: int
    kind: str


def load_brands(path: Path = BRANDS_FILE) -> frozenset[str]:
    """Read handles that are no people; they come in lower case and without @.

    Raises
    ------
    ConfigError
        The file is missing, is no UTF-8, or a line is no handle.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the list of brands {path} cannot be read: {error}",
            "a UTF-8 text file with one handle a line",
            f"start again from a copy of {BRANDS_FILE}",
        ) from error
    brands = [line.strip().lstrip("@").lower() for line in lines]
    brands = [brand for brand in brands if brand and not brand.startswith("#")]
    for brand in brands:
        if not re.fullmatch(r"\w+", brand):
            raise ConfigError(
                f"the list of brands {path} has the line {brand!r}",
                "a handle of letters, digits and underscores",
                "correct the line, or start it with # to make it a comment",
            )
    return frozenset(brands)


@lru_cache(maxsize=4096)
def _folded_char(char: str) -> str:
    """ASCII digit or compatible single character for `char`; empty where it shows nothing."""
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    if char == _KEYCAP or char in _SHAPING or unicodedata.category(char) == "Cf":
        return ""
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def _fold(text: str) -> tuple[str, list[int]]:
    """Text as a reader sees it, and for each of its characters the place in `text`."""
    folded = [(_folded_char(char), place) for place, char in enumerate(text)]
    return (
        "".join(char for char, _ in folded),
        [place for char, place in folded if char],
    )


def readable(text: str) -> str:
    """Text without entities, control and direction characters, and runs of white space.

    Repeats until nothing changes, because an entity may hide another.
    """
    while True:
        plain = "".join(
            char
            if char in _SHAPING or unicodedata.category(char) not in ("Cf", "Cc", "Cs")
            else " " * char.isspace()
            for char in html.unescape(text)
        )
        plain = " ".join(plain.split())
        if plain == text:
            return plain
        text = plain


def _recognizer(rule: Rule, brands: frozenset[str]) -> Any:
    from presidio_analyzer import Pattern, PatternRecognizer

    class CheckedRecognizer(PatternRecognizer):
        def validate_result(self, pattern_text: str) -> bool:
            return rule.check(pattern_text, brands)

    patterns = [Pattern(f"{rule.kind} {n}", regex, 0.5) for n, regex in enumerate(rule.regexes)]
    return CheckedRecognizer(supported_entity=rule.kind, patterns=patterns)


class Cleaner:
    """Finds and hides private data.

    Parameters
    ----------
    brands
        Handles that are no people and stay readable, in lower case without @.

    Examples
    --------
    >>> Cleaner(frozenset({"zomato"})).clean("@zomato call me on 98765 43210 &amp; hurry")
    '@zomato call me on [phone] & hurry'
    """

    def __init__(self, brands: frozenset[str]) -> None:
        self._rules = [
            (rule.kind, re.compile(rule.trigger, re.IGNORECASE), _recognizer(rule, brands))
            for rule in RULES
        ]

    def find(self, text: str) -> list[Span]:
        """Private spans of `text` as it stands, ascending, apart from each other."""
        folded, places = (text, None) if text.isascii() else _fold(text)
        found = [
            Span(result.start, result.end, kind)
            for kind, trigger, recognizer in self._rules
            if trigger.search(folded)
            for result in recognizer.analyze(folded, [kind], None)
        ]
        merged = _merge(found)
        if places is None:
            return merged
        places.append(len(text))  # what shows nothing belongs to the character before it
        return [Span(places[s.start], places[s.end], s.kind) for s in merged]

    def clean(self, text: str) -> str:
        """Readable text with a placeholder such as [handle] for every private span."""
        plain = readable(text)
        pieces, at = [], 0
        for span in self.find(plain):
            pieces += [plain[at : span.start], f"[{span.kind}]"]
            at = span.end
        return "".join([*pieces, plain[at:]])


def _merge(spans: Iterable[Span]) -> list[Span]:
    """Unions of overlapping spans, each named by its kind of highest precedence."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            kind = min(last.kind, span.kind, key=_RANK.__getitem__)
            merged.append(Span(last.start, max(last.end, span.end), kind))
        else:
            merged.append(span)
    return merged
