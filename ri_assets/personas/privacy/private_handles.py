"""Which handles of the corpus point at a person.

Belongs here: telling the handle of a person from an ordinary word that happens to be
somebody's handle too. Does not belong here: hiding them (`ri_assets.personas.privacy.cleaner`)
or finding those that were missed (`ri_assets.personas.privacy.auditor`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

import pandas as pd

from ri_assets.personas.privacy.reading import folded
from ri_assets.personas.text.lexicon import ordinary_words

POST_COLUMNS = ("author_handle", "in_reply_to_handle", "text")
"""Columns of posts that handles are read from; only text must be there."""

_WORD = re.compile(r"(?<![\w@])\w+")
_MENTION = re.compile(r"(?<![\w.@])@(\w+)")
# "@5pm" and "@100rs" are times and prices, and what has two letters is too short to be told apart.
_NO_NAME = re.compile(r"\d+[a-z]{0,4}\d*|.{1,2}")
_SHORT_NUMBER = re.compile(r"\d{1,4}")


def private_handles(
    posts: pd.DataFrame, brands: AbstractSet[str], min_authors: int
) -> frozenset[str]:
    """Give the handles of people that are no ordinary words, case-folded.

    Handles of authors count, those that posts answer, and those that posts mention. One
    that at least `min_authors` others write as a plain word, without @, points at nobody:
    hiding it would hide the word. The same holds for `ordinary_words`. Of handles such as
    "food" or "refunds" nothing else is lost: with @ they are hidden in any case.

    Parameters
    ----------
    posts
        Tweets and replies with columns of `POST_COLUMNS`.
    brands
        Handles that are no people, in lower case without @.
    min_authors
        Fewer distinct authors do not make a word ordinary.
    """
    texts = [folded(text) for text in posts["text"]]
    known = set(_handles(posts, "author_handle")) | set(_handles(posts, "in_reply_to_handle"))
    known -= {handle for handle in known if _SHORT_NUMBER.fullmatch(handle)}
    mentioned = {handle for text in texts if "@" in text for handle in _MENTION.findall(text)}
    known |= {handle for handle in mentioned if not _NO_NAME.fullmatch(handle)}
    handles = known - set(brands) - ordinary_words() - {""}
    users: dict[str, set[str]] = defaultdict(set)
    if "author_handle" in posts:
        names = posts["author_handle"].astype(object).map(folded, na_action="ignore").fillna("")
    else:
        names = pd.Series("", index=posts.index)
    for name, text in zip(names, texts, strict=True):
        for word in handles.intersection(_WORD.findall(text)):
            if word != name:
                users[word].add(name)
    return frozenset(h for h in handles if len(users.get(h, ())) < min_authors)


def _handles(posts: pd.DataFrame, column: str) -> Iterator[str]:
    """Give the handles of a column, folded, without what people put before them."""
    if column in posts:
        for handle in posts[column].dropna().unique():
            yield folded(str(handle)).strip().lstrip("@")
