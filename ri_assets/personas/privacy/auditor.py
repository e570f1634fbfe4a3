"""A second opinion: whether anything private is left in a text that will be published.

Belongs here: detectors that share no pattern and no code with the cleaner
(`ri_assets.personas.privacy.cleaner`), so that one mistake does not blind both. Here are those of
words; those of numbers are in `audit_numbers`, those of names and homes in `audit_people`.
No regular expression is used. Does not belong here: hiding what is found.

A text with a finding is not shown, so a detector errs on the side of certainty: what is
only perhaps a number of somebody's is the cleaner's to hide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import groupby

from ri_assets.personas.privacy.audit_numbers import HIDDEN, kinds_of_numbers
from ri_assets.personas.privacy.audit_people import kinds_of_people
from ri_assets.personas.text.lexicon import brand_words

FINDINGS = (
    "author handle", "handle", "address", "link", "phone", "number", "reference", "card",
    "identity number", "bank account", "ip address", "name", "home address", "account name",
    "number plate", "birth date", "one-time code", "coordinates",
)  # fmt: skip
"""Kinds that `Auditor.kinds` may give; an address is one of e-mail or of payment."""

_SHOWS_NOTHING = ("Cf", "Mn", "Me", "Cs")
_LINKS = (
    "www.", "t.co/", "bit.ly/", "goo.gl/", "youtu.be/", "amzn.to/", "wa.me/", "fb.me/",
    "tinyurl.com/", "youtube.com/", "instagram.com/", "facebook.com/", "twitter.com/",
)  # fmt: skip
_MAILERS = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com")


class Auditor:
    """Finds what should not be published.

    Parameters
    ----------
    people
        Handles of people: found whole, in any case, with or without @.
    brands
        Handles that are no people, in lower case without @.
    placeholders
        What the cleaner writes; it is no finding.
    names
        Words, and words in a row, that are names wherever they stand, in casefold.
    addresses
        Words in a row that are addresses, in casefold.

    Examples
    --------
    >>> auditor = Auditor({"jolly_cedar9"}, {"zomato"}, ("[phone]",))
    >>> sorted(auditor.kinds("@zomato asked Jolly_Cedar9 to ring 98765 43210, not [phone]"))
    ['author handle', 'phone']
    """

    def __init__(
        self,
        people: AbstractSet[str],
        brands: AbstractSet[str],
        placeholders: tuple[str, ...] = (),
        names: AbstractSet[str] = frozenset(),
        addresses: AbstractSet[str] = frozenset(),
    ) -> None:
        self._names, self._called = names, brand_words(brands)
        self._in_a_row = {"name": _by_first(names), "home address": _by_first(addresses)}
        self._brands, self._placeholders = brands, placeholders
        self._people: set[str] = set()
        self._long: dict[str, list[str]] = {}
        for handle in map(_as_seen, people):
            first, *more = handle.translate(_WORDS).split() or [""]
            if more or first != handle:  # a dot or a hyphen is part of it
                self._long.setdefault(first, []).append(handle)
            else:
                self._people.add(handle)

    def kinds(self, text: str) -> frozenset[str]:
        """Kinds of private data in a text, some of `FINDINGS`; none is an empty set."""
        for placeholder in self._placeholders:
            text = text.replace(placeholder, f" {HIDDEN} ")
        seen = _as_seen(text)
        found = {
            "author handle": self._names_a_person(seen),
            "link": "://" in seen or any(_begins_word(link, seen) for link in _LINKS),
            "address": _has_mail(seen),
        }
        for before, _ in self._mentions(seen):
            found["address" if before else "handle"] = True
        found |= dict.fromkeys(kinds_of_numbers(seen), True)
        found |= dict.fromkeys(kinds_of_people(_plain(text), self._called, self._names), True)
        found |= dict.fromkeys(self._kinds_in_a_row(seen), True)
        return frozenset(kind for kind, is_found in found.items() if is_found)

    def _names_a_person(self, seen: str) -> bool:
        words = set(seen.translate(_WORDS).split())
        if not self._people.isdisjoint(words):
            return True
        # Underscores around a word may be no part of it: people write _so_ for emphasis.
        if any(word.strip("_") in self._people for word in words if "_" in (word[0], word[-1])):
            return True
        return any(
            _stands_whole(handle, seen)
            for word in self._long.keys() & words
            for handle in self._long[word]
        )

    def _kinds_in_a_row(self, seen: str) -> Iterator[str]:
        """Kinds of the listed words in a row that a text has."""
        known = [(kind, rows) for kind, rows in self._in_a_row.items() if rows]
        words = seen.translate(_PARTS).split() if known else []
        for kind, rows in known:
            if any(
                words[place : place + len(row)] == row
                for place, word in enumerate(words)
                for row in rows.get(word, ())
            ):
                yield kind

    def _mentions(self, seen: str) -> Iterator[tuple[str, str]]:
        """Each @ with a word behind it that is no brand: the character before, and the word."""
        before, *parts = seen.split("@")
        for part in parts:
            word = next(_words(part, "_"), "")
            if word and part.startswith(word) and word not in self._brands:
                yield before[-1:] if before[-1:].isalnum() else "", word
            before = part


class _Apart(dict[int, int]):
    """For `str.translate`: a space in place of what belongs to no word."""

    def __init__(self, joiners: str) -> None:
        self._joiners = joiners

    def __missing__(self, code: int) -> int:
        char = chr(code)
        self[code] = code if char.isalnum() or char in self._joiners else ord(" ")
        return self[code]


class _Seen(dict[int, int | str]):
    """For `str.translate`: digits of ASCII for all others, and nothing for what shows nothing."""

    def __missing__(self, code: int) -> int | str:
        char = chr(code)
        digit = unicodedata.digit(char, None)
        is_shown = unicodedata.category(char) not in _SHOWS_NOTHING
        self[code] = str(digit) if digit is not None else code if is_shown else ""
        return self[code]


_WORDS, _PARTS, _SEEN = _Apart("_"), _Apart(""), _Seen()


def _by_first(phrases: AbstractSet[str]) -> dict[str, list[list[str]]]:
    """Words in a row by the first of them; single words are left out."""
    found: dict[str, list[list[str]]] = {}
    for phrase in phrases:
        first, *more = phrase.translate(_PARTS).split() or [""]
        if more:
            found.setdefault(first, []).append([first, *more])
    return found


def _as_seen(text: str) -> str:
    """Text as a reader sees it: lower case, ASCII digits, plain letters, nothing invisible."""
    return _plain(text).casefold()


def _plain(text: str) -> str:
    """Text as a reader sees it, with its capitals."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_SEEN)


def _begins_word(part: str, seen: str) -> bool:
    place = seen.find(part)
    while place >= 0:
        if not seen[max(place - 1, 0) : place].isalnum():
            return True
        place = seen.find(part, place + 1)
    return False


def _stands_whole(handle: str, seen: str) -> bool:
    place = seen.find(handle)
    while place >= 0:
        end = place + len(handle)
        around = seen[max(place - 1, 0) : place] + seen[end : end + 1]
        if not any(char.isalnum() for char in around):
            return True
        place = seen.find(handle, place + 1)
    return False


def _words(seen: str, joiners: str) -> Iterator[str]:
    """Give runs of letters, digits and `joiners`."""
    for is_word, run in groupby(seen, lambda char: char.isalnum() or char in joiners):
        if is_word:
            yield "".join(run)


def _has_mail(seen: str) -> bool:
    return any(mailer in seen for mailer in _MAILERS) or "[at]" in seen or "(at)" in seen
