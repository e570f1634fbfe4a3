"""What of a tweet's text is compared, counted and embedded.

Belongs here: the few normal forms that several stages share, so that a word or
a handle means the same in all of them. Does not belong here: cleaning of text
that is shown to people (see `ri_assets.personas.privacy`).
"""

from __future__ import annotations

import html
import re
import unicodedata

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# A handle follows no letter and no dot, so that the domain of an email is not one.
HANDLE = re.compile(r"(?<![\w.@])@\w+")
HASHTAG = re.compile(r"(?<!\w)#\w+")
_WORD = re.compile(r"\w")


def collapse(text: str) -> str:
    """Put text into Unicode NFC, with single spaces and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def body(text: str) -> str:
    """Set handles and links aside and resolve HTML entities: what the author said.

    This is the text that is embedded and whose length the rule `short` judges:
    handles and links say whom and where, and would make strangers look alike.
    """
    return collapse(HANDLE.sub(" ", LINK.sub(" ", html.unescape(text))))


def words(text: str) -> list[str]:
    """Whitespace-separated tokens that hold at least one letter, digit or underscore."""
    return [token for token in text.split() if _WORD.search(token)]
