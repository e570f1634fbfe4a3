"""How people type: typing errors, shorthand, emoji, handles, links, line breaks.

Belongs here: what happens to a finished sentence before it is posted. Does not
belong here: its words.
"""

from __future__ import annotations

import html
import re
import string
from collections.abc import Sequence

from ri_assets.sample.audiences import Audience
from ri_assets.sample.portable_random import Dice

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
