"""From a sentence pattern to a sentence.

Belongs here: the notation of the material. `{a|b}` is a choice and may nest,
`<4..9>` is a whole number in that range, `<city>` is a word of that slot, and
`#` inside a slot's word is one digit. Does not belong here: which pattern is
used when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ri_assets.sample.portable_random import Dice

_CHOICE = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"<(\d+)\.\.(\d+)>")
_SLOT = re.compile(r"<([a-z_]+)>")
_SPACE = re.compile(r"\s+")
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=(?!one)[aeio][a-z])")
_SPACE_BEFORE_MARK = re.compile(r"(?<!\s)\s++([,.?!])(?=\s|$)")


class Speaker:
    """Says sentences that belong to one post.

    A slot keeps its word for as long as the speaker lives, so that a post that
    names a city or a shop twice names the same one.

    Parameters
    ----------
    slots
        The words of each slot.
    dice
        Chance of this post.
    given
        Slots whose word is known beforehand.
    """

    def __init__(
        self,
        slots: Mapping[str, Sequence[str]],
        dice: Dice,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self._slots, self._dice = slots, dice
        self.words: dict[str, str] = dict(given or {})

    def say(self, pattern: str) -> str:
        """Say one sentence of this pattern.

        Raises
        ------
        KeyError
            The pattern names a slot that has no words.
        """
        sentence = pattern
        while _CHOICE.search(sentence):
            sentence = _CHOICE.sub(lambda m: self._dice.pick(m[1].split("|")), sentence)
        sentence = _RANGE.sub(lambda m: str(self._dice.between(int(m[1]), int(m[2]))), sentence)
        sentence = _SLOT.sub(lambda m: self._word(m[1]), sentence)
        sentence = _SPACE_BEFORE_MARK.sub(r"\1", _SPACE.sub(" ", sentence)).strip()
        return _A_BEFORE_VOWEL.sub(r"\1n ", sentence)

    def _word(self, slot: str) -> str:
        if slot not in self.words:
            word = self._dice.pick(self._slots[slot])
            self.words[slot] = re.sub("#", lambda _: str(self._dice.between(0, 9)), word)
        return self.words[slot]


class Deck:
    """Deals items in random order, each once before any comes again.

    Parameters
    ----------
    items
        At least one.
    dice
        Chance of the order.
    """

    def __init__(self, items: Sequence[str], dice: Dice) -> None:
        self._items, self._dice = items, dice
        self._rest: list[str] = []

    def deal(self) -> str:
        """Deal the next item."""
        if not self._rest:
            self._rest = self._dice.shuffled(self._items)
        return self._rest.pop()
