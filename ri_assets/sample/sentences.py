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

from ri_assets.sample.audiences import PlantedAudience
from ri_assets.sample.portable_random import PortableRandom

_CHOICE = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"<(\d+)\.\.(\d+)>")
_SLOT = re.compile(r"<([a-z_]+)>")
_SPACE = re.compile(r"\s+")
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=(?!one)[aeio][a-z])")
_SPACE_BEFORE_MARK = re.compile(r"(?<!\s)\s++([,.?!])(?=\s|$)")


class Speaker:
    """Generates the sentences of one post.

    A slot keeps its word, so that a post that names a city or a shop twice names the same one.

    Parameters
    ----------
    slots
        The words of each slot.
    rng
        Random numbers of this post.
    given
        Slots with a fixed word.
    """

    def __init__(
        self,
        slots: Mapping[str, Sequence[str]],
        rng: PortableRandom,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self._slots, self._rng = slots, rng
        self.words: dict[str, str] = dict(given or {})

    def say(self, pattern: str) -> str:
        """Generate one sentence of this pattern.

        Raises
        ------
        KeyError
            The pattern names a slot that has no words.
        """
        sentence = pattern
        while _CHOICE.search(sentence):
            sentence = _CHOICE.sub(lambda m: self._rng.pick(m[1].split("|")), sentence)
        sentence = _RANGE.sub(lambda m: str(self._rng.between(int(m[1]), int(m[2]))), sentence)
        sentence = _SLOT.sub(lambda m: self._word(m[1]), sentence)
        sentence = _SPACE_BEFORE_MARK.sub(r"\1", _SPACE.sub(" ", sentence)).strip()
        return _A_BEFORE_VOWEL.sub(r"\1n ", sentence)

    def _word(self, slot: str) -> str:
        if slot not in self.words:
            word = self._rng.pick(self._slots[slot])
            self.words[slot] = re.sub("#", lambda _: str(self._rng.between(0, 9)), word)
        return self.words[slot]


class Deck:
    """Draws items in random order, each once before any is repeated.

    Parameters
    ----------
    items
        At least one.
    rng
        Decides the order.
    """

    def __init__(self, items: Sequence[str], rng: PortableRandom) -> None:
        self._items, self._rng = items, rng
        self._rest: list[str] = []

    def deal(self) -> str:
        """Draw the next item."""
        if not self._rest:
            self._rest = self._rng.shuffled(self._items)
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


def link(rng: PortableRandom) -> str:
    """Create a shortened link to nowhere."""
    alphabet = string.ascii_letters + string.digits
    return "https://t.co/" + "".join(rng.pick(alphabet) for _ in range(10))


def with_typo(text: str, rng: PortableRandom) -> str:
    """Return `text` with a typing error in a long word, or unchanged if it has none."""
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = rng.pick(words)
    at = rng.between(1, len(word[0]) - 2)
    letters = list(word[0])
    slip = rng.between(0, 2)
    if slip == 0:
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    elif slip == 1:
        del letters[at]
    else:
        letters.insert(at, letters[at])
    return text[: word.start()] + "".join(letters) + text[word.end() :]


def with_shorthand(text: str, rng: PortableRandom) -> str:
    """Return `text` with some common words abbreviated, as on a phone."""
    return re.sub(
        r"[a-z]+",
        lambda m: _SHORTHAND[m[0]] if m[0] in _SHORTHAND and rng.chance(0.6) else m[0],
        text,
    )


def _emphasised(text: str, rng: PortableRandom) -> str:
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = rng.pick(words)
    return text[: word.start()] + word[0].upper() + text[word.end() :]


def roughened(text: str, audience: PlantedAudience, rng: PortableRandom) -> str:
    """Return `text` as a member of this audience types it."""
    style = audience.style
    if rng.chance(0.06):
        text = _emphasised(text, rng)
    if rng.chance(style.typo):
        text = with_typo(text, rng)
        text = with_typo(text, rng) if rng.chance(0.3) else text
    if rng.chance(style.lower * 0.6):
        text = with_shorthand(text, rng)
    if rng.chance(style.lower):
        text = text.lower()
    if rng.chance(0.18):
        text = text.replace("'", "")
    if rng.chance(0.12):
        text = text.replace("'", "’")
    if text.endswith(".") and rng.chance(0.45):
        text = text[:-1] + rng.pick(("", "", "!", "..", "!!", "..."))
    return text


def joined(sentences: Sequence[str], audience: PlantedAudience, rng: PortableRandom) -> str:
    """Join the sentences of one post, on one line or on several."""
    if len(sentences) > 1 and rng.chance(audience.style.breaks):
        return rng.pick(("\n\n", "\n")).join(sentences)
    gap = rng.pick((" ", " ", " ", " ", " ", "  ", "... "))
    is_careless = rng.chance(0.15)
    ends = [end.rstrip(".") if is_careless or gap == "... " else end for end in sentences[:-1]]
    return gap.join([*ends, sentences[-1]])


def decorated(text: str, audience: PlantedAudience, named: str | None, rng: PortableRandom) -> str:
    """Return `text` with handles, hashtags, emoji and a link, escaped as the network sends it.

    Parameters
    ----------
    text
        The finished sentences.
    audience
        How often, and which.
    named
        A brand that the text names; a handle is then the brand's.
    rng
        Random numbers of this post.
    """
    style = audience.style
    if rng.chance(style.emoji):
        symbol = rng.pick(audience.emoji.split())
        text = f"{text} {symbol * rng.pick((1, 1, 1, 2, 3))}"
    if rng.chance(style.handle):
        own = [handle for handle in audience.handles if named and handle.startswith(named)]
        handle = "@" + rng.pick(own or audience.handles)
        text = rng.pick(
            (f"{handle} {text}", f"{handle} {text}", f"{text} {handle}", f"{text} cc {handle}")
        )
    if rng.chance(style.hashtag):
        tags = rng.shuffled(audience.hashtags)[: rng.pick((1, 1, 2, 3))]
        text = f"{text} {' '.join('#' + tag for tag in tags)}"
    if rng.chance(style.link):
        text = f"{text}{rng.pick((' ', ' ', chr(10)))}{link(rng)}"
    return html.escape(text, quote=False)


N_EXACT = 103
N_NEAR = 35

_LINK = re.compile(r"(?<!\s)\s*+https://t\.co/\w+")
_HANDLE = re.compile(r"@\w+")
_COPIED_HANDLES = ("consumer_desk_in", "retailpulse_in", "cyber_saathi_x", "dailydeals_desk")


def same(text: str, rng: PortableRandom) -> str:
    """Copy the text; sometimes with different white space or decomposed accents."""
    if rng.chance(0.12):
        return text.replace(" ", "  ", rng.between(1, 3))
    if rng.chance(0.08):
        return text + rng.pick((" ", "\n"))
    return unicodedata.normalize("NFD", text)


def _other_link(text: str, rng: PortableRandom) -> str:
    return f"{_LINK.sub('', text)} {link(rng)}"


def _other_handle(text: str, rng: PortableRandom) -> str:
    handle = "@" + rng.pick(_COPIED_HANDLES)
    return _HANDLE.sub(handle, text, count=1) if _HANDLE.search(text) else f"{text} {handle}"


def _shouted(text: str, _rng: PortableRandom) -> str:
    first, mark, rest = text.partition(". ")
    return f"{first.upper()}{mark}{rest}" if mark and "@" not in first else text + "!!"


def _with_emoji(text: str, rng: PortableRandom) -> str:
    return f"{text} {rng.pick(('🙏', '👀', '🔥', '😅', '👇'))}"


def _ampersand(text: str, _rng: PortableRandom) -> str:
    return text.replace(" and ", " &amp; ", 1) if " and " in text else text.replace(",", " ,", 1)


_EDITS = (_other_link, _other_link, _other_handle, _shouted, _with_emoji, _ampersand)


def nearly_same(text: str, rng: PortableRandom) -> str:
    """Copy the text with one or two small edits; never unchanged."""
    edited = rng.pick(_EDITS)(text, rng)
    if edited.split() == text.split() or rng.chance(0.3):
        edited = _other_link(edited, rng)
    return edited
