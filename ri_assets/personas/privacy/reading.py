"""A text as a reader sees it.

Belongs here: entities, odd letters and what is invisible, brought to plain text. Does not belong
here: what is private in it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

# Joiners and variation selectors shape emoji and Indian scripts, so a reader needs them.
_SHAPING = frozenset("\u200c\u200d\ufe0e\ufe0f")
# Letters and signs by their Unicode category that a reader sees as nothing at all.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_DOTS = str.maketrans("\u3002\uff61", "..")
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f&]")
_ENTITY_DEPTH = 8


@lru_cache(maxsize=4096)
def _folded_char(char: str) -> str:
    """Plain characters that `char` stands for; empty where a reader sees none."""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if char in _BLANK or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return ""
    return unicodedata.normalize("NFKC", char).translate(_DOTS)


def folded(text: str) -> str:
    """Text as a reader sees it, in one case: what handles and words are compared by."""
    return (text if text.isascii() else fold(text)[0]).casefold()


def fold(text: str) -> tuple[str, list[int]]:
    """Text as a reader sees it, and for each of its characters the place in `text`.

    Digits of any script or shape become ASCII, letters and signs of odd shapes plain ones;
    marks and what is invisible are left out, so that they hide nothing.
    """
    pieces = [_folded_char(char) for char in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _ in piece]


def readable(text: str) -> str:
    """Text without entities, control and direction characters, and runs of white space.

    Repeats until nothing changes, because an entity may hide another. Nobody nests them
    `_ENTITY_DEPTH` deep but to stall a reader: what is left then loses its ampersands.
    """
    if text.isascii() and not _UNREADABLE.search(text):
        return " ".join(text.split())
    for _ in range(_ENTITY_DEPTH):
        plain = _resolved(text)
        if plain == text:
            return plain
        text = plain
    return " ".join(text.replace("&", " ").split())


def _resolved(text: str) -> str:
    plain = "".join(
        char
        if char in _SHAPING or unicodedata.category(char) not in ("Cf", "Cc", "Cs")
        else " " * char.isspace()
        for char in html.unescape(text)
    )
    return " ".join(plain.split())
