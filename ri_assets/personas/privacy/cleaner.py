"""Hide what is private in a text, and keep the sentence readable.

Belongs here: finding private spans with Presidio's pattern engine, merging
them, and writing placeholders such as [handle] over them. Does not belong
here: what private data looks like, which is `ri_assets.personas.privacy.patterns`; and
judging the result, which `ri_assets.personas.privacy.auditor` does by means of its own.

Names of people are found where a word announces them (`ri_assets.personas.privacy.person_names`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ri_assets.errors import ConfigError
from ri_assets.personas.privacy.patterns import RULES, Rule
from ri_assets.personas.privacy.patterns_people import PEOPLE_RULES
from ri_assets.personas.privacy.person_names import NameFinder
from ri_assets.personas.privacy.phrases import Phrases
from ri_assets.personas.privacy.reading import fold, folded, readable
from ri_assets.personas.text.lexicon import brand_words

BRANDS_FILE = Path(__file__).parent / "brands.txt"

_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
_WORD = re.compile(r"\w+")
_EDGES = "_"
"""Signs that people put around a word for emphasis, and that a handle may begin or end with."""


_RULES = (*PEOPLE_RULES, *RULES)


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


@lru_cache(maxsize=128)  # a rule's patterns take a fifth of a second to compile
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
    people
        Handles that are hidden without @ too, whole, whatever their case.
    names
        Words, and words in a row, that are hidden as names wherever they stand, in casefold.
    addresses
        Words in a row that are hidden as addresses, in casefold.

    Examples
    --------
    >>> Cleaner(frozenset({"zomato"})).clean("@zomato call me on 98765 43210 &amp; hurry")
    '@zomato call me on [phone] & hurry'
    """

    def __init__(
        self,
        brands: AbstractSet[str],
        people: AbstractSet[str] = frozenset(),
        names: AbstractSet[str] = frozenset(),
        addresses: AbstractSet[str] = frozenset(),
    ) -> None:
        # Marks are left out of what is read, so that of é an e may stay: both are compared.
        spelt = {
            folded(unicodedata.normalize(form, handle)) for handle in people for form in _FORMS
        }
        self._people = {handle for handle in spelt if _WORD.fullmatch(handle)}
        self._long: dict[str, list[str]] = {}  # by their first word: a dot is part of them
        for handle in sorted(spelt - self._people):
            if first := _WORD.search(handle):
                self._long.setdefault(first.group(), []).append(handle)
        self._names = NameFinder(brand_words(brands), names)
        self._listed = (("address", Phrases(addresses)), ("name", Phrases(names)))
        self._rules = [
            (rule, re.compile(rule.trigger), _recognizer(rule, frozenset(brands)))
            for rule in _RULES
        ]

    def find(self, text: str) -> list[Span]:
        """Private spans of `text` as it stands, ascending, apart from each other."""
        seen, places = (text, None) if text.isascii() else fold(text)
        lower = seen.lower()
        found = [
            (result.start, result.end, rank, rule.kind)
            for rank, (rule, trigger, recognizer) in enumerate(self._rules)
            if trigger.search(lower)
            for result in recognizer.analyze(seen, [rule.kind], None)
        ]
        found += [(*place, len(_RULES), "handle") for place in self._people_in(seen)]
        found += [(*place, len(_RULES) + 1, "name") for place in self._names.find(seen)]
        for kind, phrases in self._listed:
            found += [(*place, len(_RULES) + 1, kind) for place in phrases.find(seen)]
        merged = _merge(found)
        if places is None:
            return merged
        places.append(len(text))  # what shows nothing belongs to the character before it
        return _merge(
            (places[s.start], max(places[s.end], places[s.end - 1] + 1), rank, s.kind)
            for rank, s in enumerate(merged)
        )

    def _people_in(self, seen: str) -> Iterator[tuple[int, int]]:
        """Start and end of each handle of a person, with or without @."""
        if not (self._people or self._long):
            return
        for match in _WORD.finditer(seen):
            word = match.group().casefold()
            if word in self._people or word.strip(_EDGES) in self._people:
                yield match.span()
            for handle in self._long.get(word, ()):
                start = match.start() - handle.find(word)
                end = start + len(handle)
                if (
                    start >= 0
                    and seen[start:end].casefold() == handle
                    and not seen[end : end + 1].isalnum()
                    and not seen[max(start - 1, 0) : start].isalnum()
                ):
                    yield start, end

    def clean(self, text: str) -> str:
        """Readable text with a placeholder such as [handle] for every private span."""
        plain = readable(text)
        pieces, at = [], 0
        for span in self.find(plain):
            pieces += [plain[at : span.start], f"[{span.kind}]"]
            at = span.end
        return "".join([*pieces, plain[at:]])


def _merge(found: Iterable[tuple[int, int, int, str]]) -> list[Span]:
    """Unions of overlapping findings (start, end, rank, kind), named by the lowest rank."""
    merged: list[tuple[int, int, int, str]] = []
    for start, end, rank, kind in sorted(found):
        if merged and start < merged[-1][1]:
            first, last, other_rank, other_kind = merged.pop()
            rank, kind = min((rank, kind), (other_rank, other_kind))  # noqa: PLW2901
            merged.append((first, max(last, end), rank, kind))
        else:
            merged.append((start, end, rank, kind))
    return [Span(start, end, kind) for start, end, _, kind in merged]
