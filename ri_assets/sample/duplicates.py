"""What denoising must find: copies, copies with small edits.

Belongs here: how a planted duplicate differs from its original. Does not
belong here: how it is found; no model is asked, so that the sample is the same
on every machine. Each edit leaves the embedding all but unchanged, which a
test proves with the real model.
"""

from __future__ import annotations

import re
import unicodedata

from ri_assets.sample.noise import link
from ri_assets.sample.portable_random import Dice

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
