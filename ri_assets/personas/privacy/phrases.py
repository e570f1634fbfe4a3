"""Words in a row, such as a whole name, found wherever a text has them.

Belongs here: the form in which phrases are stored and compared. Does not belong here: which
phrases are private (`ri_assets.personas.privacy.recogniser`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ri_assets.personas.privacy.reading import folded

_WORD = re.compile(r"\w+")
_FARTHEST = 6
"""Characters that may stand between two words of a phrase."""


def words_of(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Give each word between two places, with its start and end."""
    for match in _WORD.finditer(text, start, end):
        yield match.group(), match.start(), match.end()


def phrase_of(text: str) -> str:
    """Write words as they are compared: one space between them, in one case, without signs.

    Examples
    --------
    >>> phrase_of("Asha  RAO-Iyer")
    'asha rao iyer'
    """
    return " ".join(_WORD.findall(folded(text)))


class Phrases:
    """Finds phrases in texts.

    Parameters
    ----------
    phrases
        As `phrase_of` writes them; single words are phrases too.

    Examples
    --------
    >>> text = "ask Asha, or asha rao."
    >>> [text[start:end] for start, end in Phrases(["asha rao"]).find(text)]
    ['asha rao']
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(set(phrases)):
            words = tuple(phrase.split())
            if words:
                self._by_first.setdefault(words[0], []).append(words)

    def find(self, seen: str) -> Iterator[tuple[int, int]]:
        """Give start and end of each phrase in a text as a reader sees it, ascending."""
        for start, end, _ in self._found(seen):
            yield start, end

    def in_text(self, text: str) -> Iterator[str]:
        """Give the phrases in a text as it was written; one may come again."""
        for _, _, phrase in self._found(folded(text)):
            yield phrase

    def _found(self, seen: str) -> Iterator[tuple[int, int, str]]:
        if not self._by_first:
            return
        places = [match.span() for match in _WORD.finditer(seen)]
        words = [seen[start:end].casefold() for start, end in places]
        for at, word in enumerate(words):
            for phrase in self._by_first.get(word, ()):
                last = at + len(phrase)
                if tuple(words[at:last]) == phrase and all(
                    places[n + 1][0] - places[n][1] <= _FARTHEST for n in range(at, last - 1)
                ):
                    yield places[at][0], places[last - 1][1], " ".join(phrase)
