"""Which handles of the corpus point at a person.

Belongs here: telling the handle of an author from an ordinary word that happens to be
somebody's handle too. Does not belong here: hiding them (`ri_assets.personas.privacy`)
or finding those that were missed (`ri_assets.personas.audit`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

import pandas as pd

_WORD = re.compile(r"(?<![\w@])\w+")
_OUR_WORDING = (".py", ".yaml")


def private_handles(
    posts: pd.DataFrame, brands: AbstractSet[str], min_authors: int
) -> frozenset[str]:
    """Give the handles of authors that are no ordinary words, case-folded.

    A handle that at least `min_authors` others write as a plain word, without @, points
    at nobody: hiding it would hide the word. The same holds for the words of which
    personas are described. Of handles such as "food" or "refunds" nothing else is lost:
    with @ they are hidden in any case.

    Parameters
    ----------
    posts
        Tweets and replies with the columns author_handle and text.
    brands
        Handles that are no people, in lower case without @.
    min_authors
        Fewer distinct authors do not make a word ordinary.
    """
    written = posts["author_handle"].astype(object)
    handles = {str(handle).casefold() for handle in written.dropna()} - set(brands) - _own_words()
    users: dict[str, set[str]] = defaultdict(set)
    for author, text in zip(written, posts["text"], strict=True):
        name = "" if pd.isna(author) else str(author).casefold()
        for word in handles.intersection(_WORD.findall(text.casefold())):
            if word != name:
                users[word].add(name)
    return frozenset(h for h in handles if len(users.get(h, ())) < min_authors)


@cache
def _own_words() -> frozenset[str]:
    """Words that stand in this package, and so in what it writes about anyone."""
    files = sorted(p for p in Path(__file__).parent.iterdir() if p.suffix in _OUR_WORDING)
    return frozenset(
        word
        for file in files
        for word in _WORD.findall(file.read_text(encoding="utf-8").casefold())
        if word.isalpha()
    )
