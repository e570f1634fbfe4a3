"""The terms of a corpus: words and phrases worth counting, and which tweet uses which.

Belongs here: putting the forms of one word together, finding phrases, and
leaving out the brand under discussion. Does not belong here: what is typical of
one persona, which is `ri_assets.personas.text.terms`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ri_assets.personas.text.lexicon import words_of_handle
from ri_assets.personas.text.words import phrases, stem, word_lists

MIN_TWEETS = 3
"""A word that fewer tweets use is chance."""
MIN_PHRASE_TWEETS = 5
MIN_PHRASE_NPMI = 0.35
"""Below this normalised pointwise mutual information two words just happen to meet (Bouma 2009)."""
COMMON_HANDLE_SHARE = 0.10
"""A handle in this share of tweets is the brand under discussion; its words say nothing new."""

_HANDLE = re.compile(r"(?<![\w.@])@(\w+)")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Terms of a corpus in alphabetical order.

    Parameters
    ----------
    terms
        Words, and phrases of two words, each in the form that most tweets use.
    uses
        int64 ones, shape (n_tweets, n_terms): which tweet uses which term.
    parts
        For the place of a phrase in `terms`, the places of its two words.
    """

    terms: tuple[str, ...]
    uses: sparse.csr_array
    parts: dict[int, tuple[int, int]]

    def of(self, is_chosen: NDArray[np.bool_]) -> Vocabulary:
        """Keep the terms, with the uses of some tweets; `is_chosen` has shape (n_tweets,)."""
        return replace(self, uses=self.uses[np.flatnonzero(is_chosen)])


def build_vocabulary(texts: Sequence[str], raw_texts: Sequence[str]) -> Vocabulary:
    """Collect the terms of a corpus.

    Parameters
    ----------
    texts
        Tweets, cleaned of what is private; terms are read from these.
    raw_texts
        The same tweets as written; only whom they mention is read from these.
    """
    split = [phrases(text) for text in texts]
    dull = word_lists().stop | common_handle_words(raw_texts)
    words = {word for tweet in split for phrase in tweet for word in phrase}
    stems = {word: stem(word) for word in words - dull if len(word) > 1}

    forms_by_key: dict[str, Counter[str]] = defaultdict(Counter)
    tweets: list[set[str]] = []
    for tweet in split:
        keys = dict(_forms(tweet, stems))
        tweets.append(set(keys.values()))
        for form, key in keys.items():
            forms_by_key[key][form] += 1
    counts = Counter(key for tweet_keys in tweets for key in tweet_keys)
    n_words = sum(count for key, count in counts.items() if " " not in key)
    shown = {
        key: min(forms.items(), key=lambda item: (-item[1], item[0]))[0]
        for key, forms in forms_by_key.items()
        if _is_term(key, counts, n_words)
    }
    ordered = sorted(shown, key=lambda key: (shown[key], key))
    place = {key: n for n, key in enumerate(ordered)}

    used = [sorted(place[key] for key in tweet_keys & place.keys()) for tweet_keys in tweets]
    columns = np.array([column for row in used for column in row], dtype=np.int64)
    pairs = {key: key.split(" ") for key in ordered if " " in key}
    return Vocabulary(
        terms=tuple(shown[key] for key in ordered),
        uses=sparse.csr_array(
            (np.ones(len(columns), dtype=np.int64), columns, np.cumsum([0, *map(len, used)])),
            shape=(len(texts), len(place)),
        ),
        parts={place[key]: (place[a], place[b]) for key, (a, b) in pairs.items()},
    )


def common_handle_words(raw_texts: Sequence[str]) -> frozenset[str]:
    """Words of the handles that at least `COMMON_HANDLE_SHARE` of the tweets mention.

    For "@AcmeCare_India" these are acmecare_india, its parts between underscores,
    and what stays without endings like care or india.
    """
    counts = Counter(handle for text in raw_texts for handle in set(_HANDLE.findall(text.lower())))
    words: set[str] = set()
    for handle, count in counts.items():
        if count < COMMON_HANDLE_SHARE * len(raw_texts):
            continue
        words |= words_of_handle(handle)
    return frozenset(words)


def _forms(tweet: Iterable[list[str]], stems: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Each word and each pair of neighbours that carry a subject, as written and by stem."""
    for phrase in tweet:
        yield from ((word, stems[word]) for word in phrase if word in stems)
        for first, second in pairwise(phrase):
            if first in stems and second in stems and stems[first] != stems[second]:
                yield f"{first} {second}", f"{stems[first]} {stems[second]}"


def _is_term(key: str, counts: Counter[str], n_words: int) -> bool:
    first, _, second = key.partition(" ")
    if not second:
        return counts[key] >= MIN_TWEETS
    if counts[key] < MIN_PHRASE_TWEETS:
        return False
    information = log(counts[key] * n_words / (counts[first] * counts[second]))
    return information / log(n_words / counts[key]) >= MIN_PHRASE_NPMI
