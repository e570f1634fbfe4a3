"""How the tests of the sample read it: their own small version of what denoising does."""

from __future__ import annotations

import html
import re
import unicodedata

_HIDDEN = re.compile(r"https?://\S+|@\w+")


def collapsed(text: str) -> str:
    """The text by which exact duplicates are known."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def spoken(text: str) -> str:
    """The text without entities, handles and links."""
    return " ".join(_HIDDEN.sub(" ", html.unescape(unicodedata.normalize("NFC", text))).split())


def is_short(text: str) -> bool:
    said = spoken(text)
    return len(said) <= 20 or len(said.split()) <= 5


def skeleton(text: str) -> str:
    """What two tweets of one template have in common."""
    return re.sub(r"\d", "0", _HIDDEN.sub("*", collapsed(text))).lower()
