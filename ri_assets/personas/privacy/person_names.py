"""Where a text names a person, as far as rules can tell.

Belongs here: the words that come before a name ("my name is", Mr, agent, thanks), how many
words after them belong to it, and which capitalised words of a corpus are not in the
language's word list. Does not belong here: the lists of words (`ri_assets.personas.text.lexicon`),
addresses (`ri_assets.personas.privacy.patterns_people`), and writing placeholders
(`ri_assets.personas.privacy.cleaner`).

A model finds more (`ri_assets.personas.privacy.recogniser`), but is not needed;
`docs/operations.md` says what rules leave.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import regex

from ri_assets.personas.text.lexicon import GIVEN_NAMES, is_word, proper_words
from ri_assets.personas.text.words import word_lists

MAX_NAME_WORDS = 4
CAPITAL_SHARE = 0.5
"""A word that is written with a capital more often than this, within sentences, is a name."""

_ROLES = (
    r"agents?|riders?|drivers?|executives?|valets?|captains?|representatives?|supervisors?"
    r"|managers?|(?:deliver\w{0,3}|courier|pickup)[ -]"
    r"(?:boy|guy|man|partner|person|executive|agent|lady)|csr|csa"
)
_CUES = regex.compile(
    rf"""(?<![\w@\#])(?:
    (?P<sure>
        name(?:'s|’s|\s(?:is|was)|\s?[:=])(?:\s(?:mr|mrs|ms|dr)\b\.?)?
      | (?:{_ROLES})(?:['’]s)?\s(?:named|called|name|by\sname)(?:\s(?:is|was)\b)?\s?:?
      | mera\snaam | (?-i:Myself)(?=\s)
    )
  | (?P<title> mrs? | ms | mx | dr | shri | shree | smt | prof )\.?
  | (?P<role> (?:{_ROLES}) )
  | (?P<thanks>
        (?: thanks | thank(?:\s(?:you|u)\b)? | thnx | thanx | thx | tysm
            | regards | cheers | sincerely )
        (?:\s(?:a\slot|a\ston|so\smuch|very\smuch|again|and\sregards|&\sregards|to)\b)?
    )
    )[\s:,.!\-–]{{1,3}}+(?=\p{{L}})""",
    regex.IGNORECASE | regex.VERBOSE,
)
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\u200c\u200d]*(?:['’\-]\p{L}[\p{L}\p{M}]*)*")
_GAP = regex.compile(r"[ \t]{1,2}|\.(?=\p{Lu})|(?<=\b\p{L})\.[ \t]{1,2}")
# What may have a name and is nobody.
_THINGS = (
    "restaurant", "hotel", "outlet", "shop", "store", "item", "dish", "place", "company", "app",
    "product", "brand",
)  # fmt: skip
_NO_NAMES_ENDING = ("ed", "ing", "able", "ly")
_SENTENCE = frozenset('.!?:…\n"“*•|>-–—')
_OFFICES = frozenset(
    ["president", "minister", "prime", "chief", "ceo", "manager", "director", "commissioner",
     "chairman", "owner", "founder", "customer", "delivery", "bean", "perfect", "right", "speaker"]
)  # fmt: skip
_PARTICLES = frozenset(["de", "da", "di", "van", "von", "der", "den", "bin", "al", "el", "la"])
_SPEAKS_ON = frozenset(["ne", "se", "ko", "ji"])
_JOINED = frozenset("@#_/")
_SHOUTED_SHARE, _TITLED_SHARE, _MIN_LETTERS = 0.7, 0.7, 3


class NameFinder:
    """Finds names of people behind words that announce one.

    Parameters
    ----------
    brands
        Names of brands, in lower case; they are not names of people.
    names
        Words that are names wherever they stand, in casefold.

    Examples
    --------
    >>> finder = NameFinder(frozenset({"zomato"}))
    >>> text = "Thanks Zomato, my name is Asha Rao and agent Imran was rude"
    >>> [text[start:end] for start, end in finder.find(text)]
    ['Asha Rao', 'Imran']
    """

    def __init__(self, brands: AbstractSet[str], names: AbstractSet[str] = frozenset()) -> None:
        self._no_name = brands | proper_words()
        self._names = names

    def find(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each name, ascending; a name that is found is found everywhere."""
        found = list(self.announced(text))
        names = {
            word.group().casefold()
            for start, end in found
            for word in _WORD.finditer(text, start, end)
        }
        names = {name for name in names if len(name) >= _MIN_LETTERS and not self._is_known(name)}
        names |= self._names
        if names:
            found += [
                word.span()
                for word in _WORD.finditer(text)
                if _bare(word.group().casefold()) in names
            ]
        return sorted(set(found))

    def announced(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of each name behind a word that announces one."""
        is_shouted: bool | None = None
        for cue in _CUES.finditer(text):
            is_shouted = _is_shouted(text) if is_shouted is None else is_shouted
            if (
                text[max(cue.start() - 15, 0) : cue.start()]
                .casefold()
                .rstrip(" '’s")
                .endswith(_THINGS)
            ):
                continue
            if cue.lastgroup == "role" and "." in cue.group():
                continue
            end = self._end(text, cue.end(), str(cue.lastgroup), is_shouted)
            if end is not None:
                yield cue.end(), end

    def _end(self, text: str, start: int, cue: str, is_shouted: bool) -> int | None:
        """End of the name that begins at `start`; None where none does."""
        first = _WORD.match(text, start)
        if first is None or not self._begins(first.group(), text, first.end(), cue, is_shouted):
            return None
        end: int = first.end()
        is_small = first.group()[0].islower()
        for _ in range(MAX_NAME_WORDS - 1):
            gap = _GAP.match(text, end)
            word = gap and _WORD.match(text, gap.end())
            if word is None or not self._goes_on(word.group(), cue, is_shouted or is_small):
                break
            if word.group() in _PARTICLES and not text[word.end() + 1 : word.end() + 2].isupper():
                break
            end = word.end()
        return end

    def _begins(self, word: str, text: str, end: int, cue: str, is_shouted: bool) -> bool:  # noqa: PLR0911
        low = _bare(word.casefold())
        if low in self._no_name and low not in GIVEN_NAMES:
            return False
        if is_shouted:
            return len(low) >= _MIN_LETTERS and not is_word(low)
        if word.isupper() and len(word) > 1:  # an acronym, such as CEO, or one who shouts a name
            return not is_word(low) and len(word) > len("CEOS")
        if word[0].isupper():
            if cue in ("sure", "title"):
                return low not in word_lists().stop and low not in _OFFICES
            return not is_word(low) or low in GIVEN_NAMES
        if len(low) < _MIN_LETTERS or is_word(low):
            return False
        if cue in ("sure", "title"):
            return True
        return (
            cue == "role" and not low.endswith(_NO_NAMES_ENDING) and _ends_or_speaks_on(text, end)
        )

    def _goes_on(self, word: str, cue: str, is_small: bool) -> bool:
        low = _bare(word.casefold())
        if len(word) == 1 and word.isupper():
            return True
        if low in self._no_name or low in word_lists().stop:
            return False
        if is_small:
            return not is_word(low) and len(low) >= _MIN_LETTERS
        if word in _PARTICLES:
            return True
        return word[0].isupper() and (cue in ("sure", "title") or not is_word(low))

    def _is_known(self, low: str) -> bool:
        low = _bare(low)
        return is_word(low) or low in self._no_name


def proper_names(texts: Iterable[str], brands: AbstractSet[str]) -> frozenset[str]:
    """Find capitalised words of a corpus that no word list holds; given in casefold.

    Within sentences they are written with a capital at least `CAPITAL_SHARE` of the time;
    texts in capitals throughout tell nothing, and hashtags and handles are no words. Names of
    people are among them, and of things that no list knows.

    Parameters
    ----------
    texts
        Texts as written.
    brands
        Words by which brands are called, in lower case; like places, they are not among them.
    """
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        words = [(word.group(), word.start()) for word in _WORD.finditer(text)]
        n_capital = sum(word[0].isupper() for word, _ in words)
        if n_capital > _TITLED_SHARE * len(words) and len(words) > MAX_NAME_WORDS:
            continue
        for found, start in words:
            if not found[0].isupper():
                small[found] += 1
            elif (
                len(found) >= _MIN_LETTERS
                and not found.isupper()
                and text[max(start - 1, 0) : start] not in _JOINED
                and not _begins_sentence(text, start)
            ):
                capital[_bare(found.casefold())] += 1
    known = brands | proper_words()
    return frozenset(
        word
        for word, n in capital.items()
        if n >= CAPITAL_SHARE * (n + small[word]) and word not in known and not is_word(word)
    )


def _bare(low: str) -> str:
    return low.replace("’", "'").removesuffix("'s")


def _ends_or_speaks_on(text: str, end: int) -> bool:
    """Whether a name may end here: before a stop, the end, or a word such as was or told."""
    behind = text[end : end + 30].lstrip(" ")
    word = _WORD.match(behind)
    if word is None:
        return not behind[:1].isdigit()
    low = word.group().casefold()
    return low in word_lists().stop - word_lists().hinglish or low in _SPEAKS_ON


def _is_shouted(text: str) -> bool:
    n_upper = sum(map(str.isupper, text))
    n_lower = sum(map(str.islower, text))
    return n_upper > _SHOUTED_SHARE * (n_upper + n_lower)


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(start - 4, 0) : start].rstrip(" ")
    return not before or before[-1] in _SENTENCE
