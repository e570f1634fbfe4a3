"""Words and emoji of a tweet, the lists of words without a subject, and words of complaint.

Belongs here: how a text is split into words, which words are left out, what counts as
romanised Hindi, and which words name a problem. Does not belong here: which terms tell
one persona from another (`ri_assets.personas.text.terms`).

A word list sees no irony and no context. It tells personas that complain more than the
corpus from others; it does not tell how angry anyone is.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import emoji
import numpy as np
import regex
import yaml
from numpy.typing import NDArray

from ri_assets.personas.privacy.patterns import KINDS

WORDS_FILE = Path(__file__).parent / "words.yaml"
MAX_WORD_CHARS = 30
_LAST_TEXT_SIGN = ord("\N{TRADE MARK SIGN}")

# Only the beginning of a run is tried for @ and digits: at each of its characters, the time
# would grow with the square of its length.
_ASIDE = re.compile(
    rf"(?<!\S)(?=\S*(?:@\w|\d))\S+|https?:\S*|www\.\S+|\[(?:{'|'.join(KINDS)})\]",
    re.IGNORECASE,
)
# What is left where UTF-8 was read as a Western code page: â€™ was an apostrophe, ðŸ˜Š an emoji.
_DEBRIS = re.compile(
    "(?:[ÂÃâðï][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{1,3})+|\ufffd+"
)
_BROKEN_APOSTROPHE = re.compile("(?<=\\w)(?:â€[™˜\u0098\u0099]|\ufffd)(?=\\w)")
_APOSTROPHE = re.compile(r"(?<=\w)['’‘`´](?=\w)")
# Vowel signs and accents are marks, and joiners stand within words of Persian and Indian scripts.
_WORD = regex.compile(r"\p{L}(?:[\p{L}\p{M}\u200c\u200d]*[\p{L}\p{M}])?")
_BREAK = re.compile(r"[.!?,;:()\[\]\"“”|/\n…]+|\s[-–—]+\s")

_ENDINGS = (("ies", "y"), ("ss", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""))
_MIN_STEM_CHARS = 4


@dataclass(frozen=True)
class WordLists:
    """Words by the part they play, all in lower case without apostrophes.

    Parameters
    ----------
    stop
        Words without a subject, English and romanised Hindi, and debris of links and entities.
    hinglish
        Romanised Hindi that cannot be mistaken for English.
    rude
        Words that no name should hold.
    acronyms
        Words that are written in capitals.
    complaint
        Words that name a problem, or blame for one.
    """

    stop: frozenset[str]
    hinglish: frozenset[str]
    rude: frozenset[str]
    acronyms: frozenset[str]
    complaint: frozenset[str]


@cache
def word_lists() -> WordLists:
    """Read the word lists that ship in `words.yaml`."""
    content: dict[str, str] = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))
    lists = {name: frozenset(text.split()) for name, text in content.items()}
    hindi = lists["hinglish"] | lists["hinglish_content"]
    return WordLists(
        stop=lists["english"] | lists["hinglish"] | lists["debris"],
        hinglish=hindi - lists["ambiguous"] - lists["english"],
        rude=lists["rude"],
        acronyms=lists["acronyms"],
        complaint=lists["complaint"],
    )


def phrases(text: str) -> list[list[str]]:
    """Words in lower case, in order, split where punctuation ends a phrase.

    Links, handles, placeholders and whatever holds a digit are no words and end
    a phrase too. Stop words are still there.
    """
    whole = _DEBRIS.sub(" ", _BROKEN_APOSTROPHE.sub("'", html.unescape(text)))
    plain = unicodedata.normalize("NFKC", whole).lower()
    plain = _APOSTROPHE.sub("", _ASIDE.sub(" . ", plain))
    found = [
        [word for word in _WORD.findall(part) if len(word) <= MAX_WORD_CHARS]
        for part in _BREAK.split(plain)
    ]
    return [words for words in found if words]


def words_of(text: str) -> list[str]:
    """Words of a text in lower case, in order, stop words included."""
    return [word for phrase in phrases(text) for word in phrase]


@lru_cache(maxsize=50_000)  # most words of a corpus are few
def stem(word: str) -> str:
    """Part that the common forms of an English word share: orders, ordered, ordering → order.

    Rough on purpose; it is compared and never shown.
    """
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM_CHARS:
            word = word.removesuffix(ending) + replacement
            break
    if len(word) > _MIN_STEM_CHARS:
        word = word.removesuffix("e")
    if len(word) > _MIN_STEM_CHARS and word[-1] == word[-2]:
        word = word[:-1]
    return word


def emoji_of(text: str) -> list[str]:
    """Emoji of a text in order, without skin tones, so that hands of all tones count as one.

    Signs that are typed as text (digits in a box, ©, ™) are left out.
    """
    if text.isascii():
        return []
    found = [match.chars for match in emoji.analyze(text)]
    plain = ("".join(char for char in chars if not _is_skin_tone(char)) for chars in found)
    return [chars for chars in plain if chars and ord(chars[0]) > _LAST_TEXT_SIGN]


def _is_skin_tone(char: str) -> bool:
    return "\U0001f3fb" <= char <= "\U0001f3ff"


def is_code_mixed(words: list[str]) -> bool:
    """Whether two different words are romanised Hindi, or an Indian script stands beside Latin."""
    n_signs = 2
    is_indian = [any("\u0900" <= char <= "\u0dff" for char in word) for word in words]
    if any(is_indian) and not all(is_indian):
        return True
    return len(word_lists().hinglish.intersection(words)) >= n_signs


_DENIED_BY = frozenset({"no", "zero", "without", "never"})
N_SHOWN = 5


def complaints(words: Sequence[str]) -> set[str]:
    """Words of complaint among a tweet's words, by stem.

    One that "no", "zero", "never" or "without" stands right before is left out: "no
    problem" is none.
    """
    known = _stems()
    return {
        key
        for before, word in zip(("", *words), words, strict=False)
        for key in [stem(word)]
        if key in known and before not in _DENIED_BY
    }


def complaint_words(
    texts: Sequence[str], authors: NDArray[np.int64], min_authors: int
) -> list[str]:
    """Words of complaint that at least `min_authors` authors use, those of most tweets first."""
    tweets: dict[str, int] = defaultdict(int)
    users: dict[str, set[int]] = defaultdict(set)
    for text, author in zip(texts, authors.tolist(), strict=True):
        for key in complaints(words_of(text)):
            tweets[key] += 1
            users[key].add(author)
    known = _stems()
    shown = [key for key in tweets if len(users[key]) >= min_authors]
    return [known[key] for key in sorted(shown, key=lambda key: (-tweets[key], key))[:N_SHOWN]]


@cache
def _stems() -> dict[str, str]:
    """Word of the list for each stem; of words with one stem the first by the alphabet."""
    return {stem(word): word for word in sorted(word_lists().complaint, reverse=True)}
