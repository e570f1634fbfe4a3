"""What of a tweet's text is compared, counted and embedded.

Belongs here: the few normal forms that several stages share, so that a word or
a handle means the same in all of them. Does not belong here: cleaning of text
that is shown to people (see `ri_assets.personas.privacy.cleaner`).
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from functools import cache

import regex

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# A handle follows no letter and no dot, so that the domain of an email is not one.
HANDLE = re.compile(r"(?<![\w.@])@\w+")
# To `regex`, unlike `re`, vowel signs and joiners are parts of a word: हिन्दी is one.
HASHTAG = regex.compile(r"(?<!\w)#\w+")
_WORD = re.compile(r"\w")
# Scripts that put no blank between words. A word of theirs is two or three letters long.
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]\p{M}*"
)
_LETTERS_OF_A_WORD = 2.5
_PUNCTUATION = string.punctuation + "…“”‘’«»–—"


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


def word_count(text: str) -> int:
    """Count words; where a script puts no blanks between them, estimate by its letters."""
    return sum(
        max(1, round(len(_UNSPACED.findall(token)) / _LETTERS_OF_A_WORD)) for token in words(text)
    )


def content(text: str) -> str:
    """Leave out function words and punctuation: what the author speaks of, not how.

    Embedded beside `body`, it tells apart what two tweets are about from how they are
    phrased ("can you tell me why …", "just wanted to say …"). Function words are those of
    scikit-learn's English list. A text of nothing else stays as it is.
    """
    bare = [token.strip(_PUNCTUATION) for token in body(text).split()]
    kept = [word for word in bare if _WORD.search(word) and word.lower() not in _function_words()]
    return " ".join(kept) or body(text)


@cache
def _function_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)
