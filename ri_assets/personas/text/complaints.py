"""Words of complaint: where members name a problem.

Belongs here: which words of a tweet complain, and which of them a persona uses. Does
not belong here: share, lift and interval, which are those of every trait (`traits`).

A word list sees no irony and no context. It tells personas that complain more than the
corpus from others; it does not tell how angry anyone is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ri_assets.personas.text.words import stem, word_lists, words_of

_DENIED_BY = frozenset({"no", "zero", "without", "never"})
N_SHOWN = 5


def complaints(words: Sequence[str]) -> set[str]:
    """Words of complaint among a tweet's words, by stem.

    One that "no", "zero", "never" or "without" stands right before is left out: "no
    problem" is none.
    """
    known = _stems()
    return {
        key
        for before, word in zip(("", *words), words, strict=False)
        for key in [stem(word)]
        if key in known and before not in _DENIED_BY
    }


def complaint_words(
    texts: Sequence[str], authors: NDArray[np.int64], min_authors: int
) -> list[str]:
    """Words of complaint that at least `min_authors` authors use, those of most tweets first."""
    tweets: dict[str, int] = defaultdict(int)
    users: dict[str, set[int]] = defaultdict(set)
    for text, author in zip(texts, authors.tolist(), strict=True):
        for key in complaints(words_of(text)):
            tweets[key] += 1
            users[key].add(author)
    known = _stems()
    shown = [key for key in tweets if len(users[key]) >= min_authors]
    return [known[key] for key in sorted(shown, key=lambda key: (-tweets[key], key))[:N_SHOWN]]


def _stems() -> dict[str, str]:
    """Word of the list for each stem; of words with one stem the first by the alphabet."""
    return {stem(word): word for word in sorted(word_lists().complaint, reverse=True)}
