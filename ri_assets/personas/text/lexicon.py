"""Words of the language, brands and places: what a capital letter makes no name of a person.

Belongs here: the lists, and the question whether a word is on one of them. Does not belong
here: where in a text a name is sought (`ri_assets.personas.privacy.person_names`, and apart from it
`ri_assets.personas.privacy.audit_people`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from ri_assets.personas.text.words import stem, word_lists

_HERE = Path(__file__).parent
ENGLISH_FILE = _HERE / "english_words.txt"
ORDINARY_FILE = _HERE / "ordinary_words.txt"
PROPER_FILE = _HERE / "proper_words.txt"

GIVEN_NAMES = frozenset(
    ["art", "basil", "bill", "bob", "christian", "daisy", "dev", "drew", "frank", "ganesh", "gene",
     "grace", "grant", "guru", "heather", "holly", "hope", "iris", "ivy", "jack", "jasmine", "jay",
     "jean", "jesus", "jim", "joy", "khan", "krishna", "lance", "lily", "mark", "max", "nick",
     "norm", "pat", "peter", "pooja", "puja", "raj", "ray", "rich", "rob", "rose", "ruby", "rusty",
     "sandy", "sultan", "sunny", "tony", "victor", "violet", "wade", "will"]
)  # fmt: skip
"""Words of the lists that are given names too."""

_PREFIXES = ("un", "re", "in", "de", "dis", "con", "pro", "non", "mis", "pre", "over")
_BRITISH = (("our", "or"), ("is", "iz"), ("ll", "l"), ("tre", "ter"), ("mme", "m"))
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "est", "able", "ness", "ment")
_BRAND_SUFFIX = re.compile(r"_?(in|india|uae|cares?|help|support|official|app|hq)$")


@cache
def ordinary_words() -> frozenset[str]:
    """Read the words that point at nobody, in lower case; they ship in `ordinary_words.txt`."""
    return _read(ORDINARY_FILE)


@lru_cache(65_536)
def is_word(word: str) -> bool:
    """Whether a word in lower case is of English or romanised Hindi, in any of its forms."""
    word = word.replace("’", "'").removesuffix("'s").replace("'", "")
    return any(form in _words() for form in _bases(word)) or stem(word) in _stems()


@cache
def proper_words() -> frozenset[str]:
    """Read the words with a capital that name no person, such as places and days."""
    found = _read(PROPER_FILE)
    return found | {part for word in found for part in word.split("_")}


def brand_words(brands: Iterable[str]) -> frozenset[str]:
    """Words by which brands are called, from their handles."""
    return frozenset(word for handle in brands for word in words_of_handle(handle))


def words_of_handle(handle: str) -> set[str]:
    """Give a handle, its parts between underscores, and it without endings like care or india."""
    words = {handle, *handle.split("_")}
    while (shorter := _BRAND_SUFFIX.sub("", handle)) != handle and shorter:
        words.add(shorter)
        handle = shorter
    return words


def _bases(word: str) -> Iterator[str]:
    """Forms that an inflected word may come of, British spellings among them."""
    yield word
    for prefix in _PREFIXES:
        if word.startswith(prefix):
            yield from _bases(word.removeprefix(prefix))
    for british, american in _BRITISH:
        if british in word:
            yield from _bases(word.replace(british, american))
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            base = word.removesuffix(ending)
            yield from (base, f"{base}e")
            if base[-1:] == base[-2:-1]:
                yield base[:-1]
            if base.endswith("i"):
                yield f"{base[:-1]}y"


@cache
def _words() -> frozenset[str]:
    lists = word_lists()
    own = (lists.stop, lists.hinglish, lists.rude, lists.acronyms, lists.complaint)
    return _read(ENGLISH_FILE).union(ordinary_words(), *own)


@cache
def _stems() -> frozenset[str]:
    return frozenset(map(stem, _words()))


def _read(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
