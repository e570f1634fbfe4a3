"""Sentences of the sample: from a pattern to the text that a person types.

Notation of a pattern: `{a|b}` is a choice and may be nested, `<4..9>` is a whole number in that
range, `<city>` is a word of that slot, and `#` inside a slot's word is one digit.

Planted duplicates are edited copies. Each edit hardly changes the embedding, which a test checks
with the real model. No model is used here, so that the sample is the same on every machine.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections.abc import Mapping, Sequence

from ri_assets.sample.audiences import Audience
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


_SHORTHAND = {
    "please": "pls",
    "you": "u",
    "your": "ur",
    "and": "&",
    "because": "coz",
    "are": "r",
    "people": "ppl",
    "with": "w/",
    "customer": "cust",
    "really": "rly",
    "message": "msg",
    "something": "smth",
}
_LONG_WORD = re.compile(r"(?<![\w@#/`])[a-z]{5,}(?![\w@/`])")


def link(dice: Dice) -> str:
    """Invent a shortened link that leads nowhere known."""
    alphabet = string.ascii_letters + string.digits
    return "https://t.co/" + "".join(dice.pick(alphabet) for _ in range(10))


def with_typo(text: str, dice: Dice) -> str:
    """Return `text` with one slip of the finger in a long word, or unchanged if it has none."""
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = dice.pick(words)
    at = dice.between(1, len(word[0]) - 2)
    letters = list(word[0])
    slip = dice.between(0, 2)
    if slip == 0:
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    elif slip == 1:
        del letters[at]
    else:
        letters.insert(at, letters[at])
    return text[: word.start()] + "".join(letters) + text[word.end() :]


def with_shorthand(text: str, dice: Dice) -> str:
    """Return `text` with some of its common words shortened as on a phone."""
    return re.sub(
        r"[a-z]+",
        lambda m: _SHORTHAND[m[0]] if m[0] in _SHORTHAND and dice.chance(0.6) else m[0],
        text,
    )


def _emphasised(text: str, dice: Dice) -> str:
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = dice.pick(words)
    return text[: word.start()] + word[0].upper() + text[word.end() :]


def roughened(text: str, audience: Audience, dice: Dice) -> str:
    """Return `text` as a person of this audience types it."""
    style = audience.style
    if dice.chance(0.06):
        text = _emphasised(text, dice)
    if dice.chance(style.typo):
        text = with_typo(text, dice)
        text = with_typo(text, dice) if dice.chance(0.3) else text
    if dice.chance(style.lower * 0.6):
        text = with_shorthand(text, dice)
    if dice.chance(style.lower):
        text = text.lower()
    if dice.chance(0.18):
        text = text.replace("'", "")
    if dice.chance(0.12):
        text = text.replace("'", "’")
    if text.endswith(".") and dice.chance(0.45):
        text = text[:-1] + dice.pick(("", "", "!", "..", "!!", "..."))
    return text


def joined(sentences: Sequence[str], audience: Audience, dice: Dice) -> str:
    """Join the sentences of one post, on one line or on several."""
    if len(sentences) > 1 and dice.chance(audience.style.breaks):
        return dice.pick(("\n\n", "\n")).join(sentences)
    gap = dice.pick((" ", " ", " ", " ", " ", "  ", "... "))
    is_careless = dice.chance(0.15)
    ends = [end.rstrip(".") if is_careless or gap == "... " else end for end in sentences[:-1]]
    return gap.join([*ends, sentences[-1]])


def decorated(text: str, audience: Audience, named: str | None, dice: Dice) -> str:
    """Return `text` with handles, hashtags, emoji and a link, escaped as the network sends it.

    Parameters
    ----------
    text
        The finished sentences.
    audience
        Says how often, and which.
    named
        A brand that the text names: a handle then addresses that brand.
    dice
        Chance of this post.
    """
    style = audience.style
    if dice.chance(style.emoji):
        symbol = dice.pick(audience.emoji.split())
        text = f"{text} {symbol * dice.pick((1, 1, 1, 2, 3))}"
    if dice.chance(style.handle):
        own = [handle for handle in audience.handles if named and handle.startswith(named)]
        handle = "@" + dice.pick(own or audience.handles)
        text = dice.pick(
            (f"{handle} {text}", f"{handle} {text}", f"{text} {handle}", f"{text} cc {handle}")
        )
    if dice.chance(style.hashtag):
        tags = dice.shuffled(audience.hashtags)[: dice.pick((1, 1, 2, 3))]
        text = f"{text} {' '.join('#' + tag for tag in tags)}"
    if dice.chance(style.link):
        text = f"{text}{dice.pick((' ', ' ', chr(10)))}{link(dice)}"
    return html.escape(text, quote=False)


N_EXACT = 103
N_NEAR = 35

_LINK = re.compile(r"(?<!\s)\s*+https://t\.co/\w+")
_HANDLE = re.compile(r"@\w+")
_COPIED_HANDLES = ("consumer_desk_in", "retailpulse_in", "cyber_saathi_x", "dailydeals_desk")


def same(text: str, dice: Dice) -> str:
    """Repeat the text; at times with other white space or decomposed accents."""
    if dice.chance(0.12):
        return text.replace(" ", "  ", dice.between(1, 3))
    if dice.chance(0.08):
        return text + dice.pick((" ", "\n"))
    return unicodedata.normalize("NFD", text)


def _other_link(text: str, dice: Dice) -> str:
    return f"{_LINK.sub('', text)} {link(dice)}"


def _other_handle(text: str, dice: Dice) -> str:
    handle = "@" + dice.pick(_COPIED_HANDLES)
    return _HANDLE.sub(handle, text, count=1) if _HANDLE.search(text) else f"{text} {handle}"


def _shouted(text: str, _dice: Dice) -> str:
    first, mark, rest = text.partition(". ")
    return f"{first.upper()}{mark}{rest}" if mark and "@" not in first else text + "!!"


def _with_emoji(text: str, dice: Dice) -> str:
    return f"{text} {dice.pick(('🙏', '👀', '🔥', '😅', '👇'))}"


def _ampersand(text: str, _dice: Dice) -> str:
    return text.replace(" and ", " &amp; ", 1) if " and " in text else text.replace(",", " ,", 1)


_EDITS = (_other_link, _other_link, _other_handle, _shouted, _with_emoji, _ampersand)


def nearly_same(text: str, dice: Dice) -> str:
    """Repeat the text with one small edit, or two; never the text itself."""
    edited = dice.pick(_EDITS)(text, dice)
    if edited.split() == text.split() or dice.chance(0.3):
        edited = _other_link(edited, dice)
    return edited
