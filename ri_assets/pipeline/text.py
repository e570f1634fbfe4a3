"""Normal forms of a tweet's text, which several stages compare, count and embed.

A word or a handle means the same in all stages. Text that people see is cleaned elsewhere
(`ri_assets.personas.privacy.cleaner`).

Names that the whole corpus shares are masked in the content words. Tweets about one brand hold
its name or not for no reason that says anything about the author, and an embedding puts those
with the name together. Handles are removed before embedding anyway; `shared_names` finds the
same names where they are written as words or hashtags.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import regex

from ri_assets.config import MaskSettings

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# No letter or dot comes before a handle, so the domain of an email address is not one.
HANDLE = re.compile(r"(?<![\w.@])@\w+")
# Unlike `re`, `regex` takes vowel signs and joiners as parts of a word: हिन्दी is one word.
HASHTAG = regex.compile(r"(?<!\w)#\w+")
_WORD = re.compile(r"\w")
# Scripts without blanks between words, whose words have two or three letters on average.
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]\p{M}*"
)
_LETTERS_OF_A_WORD = 2.5
_PUNCTUATION = string.punctuation + "…“”‘’«»–—"
# What companies put before or after their name in a handle.
_AFFIXES = (
    "ask", "get", "hey", "the", "team", "official", "help", "helps", "support", "supports", "care",
    "cares", "service", "customercare", "india", "in", "uk", "us", "usa", "ca", "au", "hq", "app",
    "online", "global", "news",
)  # fmt: skip
# Shorter names also begin ordinary words, and a shorter rest is mostly an ending.
_SHORTEST_NAME = 4
_SHORTEST_REST = 3


def collapse(text: str) -> str:
    """Put text into Unicode NFC, with single spaces and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def body(text: str) -> str:
    """Remove handles and links and resolve HTML entities, which leaves what the author said.

    This text is embedded, and the rule `short` measures its length. Handles and links would
    make unrelated tweets look alike.
    """
    return collapse(HANDLE.sub(" ", LINK.sub(" ", html.unescape(text))))


def words(text: str) -> list[str]:
    """Split at whitespace; keep tokens with at least one letter, digit or underscore."""
    return [token for token in text.split() if _WORD.search(token)]


def word_count(text: str) -> int:
    """Count words; in scripts without blanks between words, estimate them from the letters."""
    return sum(
        max(1, round(len(_UNSPACED.findall(token)) / _LETTERS_OF_A_WORD)) for token in words(text)
    )


def content(text: str) -> str:
    """Remove function words and punctuation, which leaves the content words.

    They say what a tweet is about, apart from how it is phrased ("can you tell me why …",
    "just wanted to say …"). Function words are scikit-learn's English stop words. A text of
    function words only stays as it is.
    """
    bare = [token.strip(_PUNCTUATION) for token in body(text).split()]
    kept = [word for word in bare if _WORD.search(word) and word.lower() not in _function_words()]
    return " ".join(kept) or body(text)


@cache
def _function_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


@dataclass(frozen=True)
class SharedName:
    """A name that is masked.

    Parameters
    ----------
    name
        Letters and digits, in lower case.
    share
        Share of the tweets with the handle or the word, 0 to 1.
    origin
        Where the name was found: in handles, in words, or in the profile.
    """

    name: str
    share: float
    origin: Literal["handle", "word", "profile"]


def shared_names(texts: Sequence[str], settings: MaskSettings) -> tuple[SharedName, ...]:
    """Find names that occur in a large share of the tweets.

    Parameters
    ----------
    texts
        Tweets as written.
    settings
        The shares that make a name shared; names to add and to keep.

    Returns
    -------
    By descending share, then by name. Without tweets, only the profile's names.
    """
    handles: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        plain = LINK.sub(" ", html.unescape(text))
        handles.update({_plain(handle) for handle in HANDLE.findall(plain)})
        words.update({_plain(word) for word in content(text).split()})
    total = max(len(texts), 1)
    found = {name: SharedName(name, words[name] / total, "profile") for name in settings.add}
    for name, count in words.items():
        if count >= settings.word_share * total:
            found.setdefault(name, SharedName(name, count / total, "word"))
    for handle, count in handles.items():
        if count >= settings.handle_share * total:
            for name in {handle, _root(handle)}:
                shared = SharedName(name, count / total, "handle")
                found[name] = max(found.get(name, shared), shared, key=lambda one: one.share)
    kept = {_plain(name) for name in settings.keep} | {""}
    return tuple(
        sorted(
            (one for name, one in found.items() if name not in kept),
            key=lambda one: (-one.share, one.name),
        )
    )


def describe_masked(found: Sequence[SharedName], public: Collection[str]) -> str:
    """Describe the masked names in one line; empty if there are none.

    Parameters
    ----------
    found
        All masked names.
    public
        Company names and ordinary words, in lower case. Any other name may be a person's, so it
        is counted and not shown. Names from the profile are shown.
    """
    named = [one for one in found if one.name in public or one.origin == "profile"]
    said = [f"{one.name} (in {one.share:.0%} of the tweets)" for one in named]
    others = len(found) - len(named)
    if others:
        said.append(f"{others} that may be people's")
    return ", ".join(said)


def content_without(text: str, names: Collection[str]) -> str:
    """Give the content words of a text without some names, however they are written.

    The name zomato removes "Zomato", "#zomato" and "zomato's", and leaves "gold" of
    "#zomatogold". Two words that make up a name together are removed together. A text of
    names only stays as it is.

    Parameters
    ----------
    text
        As written.
    names
        In lower case, letters and digits.
    """
    words = content(text).split()
    kept: list[str] = []
    place = 0
    while place < len(words):
        pair = "".join(map(_plain, words[place : place + 2]))
        if place + 1 < len(words) and pair in names and _plain(words[place]) not in names:
            place += 2
            continue
        rest = _rest(words[place], names)
        if rest:
            kept.append(rest)
        place += 1
    return " ".join(kept) or " ".join(words)


def _rest(word: str, names: Collection[str]) -> str:
    plain = _plain(word)
    if plain in names:
        return ""
    # The longest name comes first, so the order of the names does not matter.
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME and plain.startswith(name):
            rest = plain[len(name) :]
            return rest if len(rest) >= _SHORTEST_REST else ""
    return word


def _plain(word: str) -> str:
    return "".join(char for char in word.lower() if char.isalnum())


def _root(handle: str) -> str:
    """Remove one affix, if a name is left."""
    for affix in sorted(_AFFIXES, key=len, reverse=True):
        for rest in (handle.removesuffix(affix), handle.removeprefix(affix)):
            if rest != handle and len(rest) >= _SHORTEST_NAME:
                return rest
    return handle
