"""Names that the whole corpus shares: they say nothing about anyone and are masked.

Tweets about one brand hold its name or not for no reason of the author's, and whatever reads
whole sentences puts those with the name together. Handles are set aside before embedding
anyway; this finds the same names where they are written as words or hashtags.

Belongs here: which names a corpus shares, and a text's content words without them. Does not
belong here: what is masked to protect people (`ri_assets.personas.privacy.cleaner`).
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from ri_assets.config import MaskSettings
from ri_assets.pipeline.text import HANDLE, LINK, content

# What firms put before or after their name in a handle. The rest is the name itself.
_AFFIXES = (
    "ask", "get", "hey", "the", "team", "official", "help", "helps", "support", "supports", "care",
    "cares", "service", "customercare", "india", "in", "uk", "us", "usa", "ca", "au", "hq", "app",
    "online", "global", "news",
)  # fmt: skip
_SHORTEST_NAME = 4
_SHORTEST_REST = 3


@dataclass(frozen=True)
class SharedName:
    """A name that is masked.

    Parameters
    ----------
    name
        Letters and digits, in lower case.
    share
        Share of the tweets that mention the handle or hold the word, 0 to 1.
    origin
        A handle, a word, or the profile, which asks for it.
    """

    name: str
    share: float
    origin: Literal["handle", "word", "profile"]


def shared_names(texts: Sequence[str], settings: MaskSettings) -> tuple[SharedName, ...]:
    """Find the names that a large share of the tweets mention.

    Parameters
    ----------
    texts
        Tweets as written.
    settings
        From which share on; names to add and to keep.

    Returns
    -------
    By descending share, then by name. Without tweets, those of the profile alone.
    """
    handles: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        plain = LINK.sub(" ", html.unescape(text))
        handles.update({_plain(handle) for handle in HANDLE.findall(plain)})
        words.update({_plain(word) for word in content(text).split()})
    total = max(len(texts), 1)
    found = {name: SharedName(name, words[name] / total, "profile") for name in settings.add}
    for name, count in words.items():
        if count >= settings.word_share * total:
            found.setdefault(name, SharedName(name, count / total, "word"))
    for handle, count in handles.items():
        if count >= settings.handle_share * total:
            for name in {handle, _root(handle)}:
                shared = SharedName(name, count / total, "handle")
                found[name] = max(found.get(name, shared), shared, key=lambda one: one.share)
    kept = {_plain(name) for name in settings.keep} | {""}
    return tuple(
        sorted(
            (one for name, one in found.items() if name not in kept),
            key=lambda one: (-one.share, one.name),
        )
    )


def told(found: Sequence[SharedName], public: Collection[str]) -> str:
    """Say what is masked, in one line; empty where nothing is.

    Parameters
    ----------
    found
        All that is masked.
    public
        Names of firms and ordinary words, in lower case. Another name may be a person's, who is
        counted and not named. Those that the profile asks for are named.
    """
    named = [one for one in found if one.name in public or one.origin == "profile"]
    said = [f"{one.name} (in {one.share:.0%} of the tweets)" for one in named]
    others = len(found) - len(named)
    if others:
        said.append(f"{others} that may be people's")
    return ", ".join(said)


def content_without(text: str, names: Collection[str]) -> str:
    """Give the content words of a text without names, however they are written.

    "Zomato", "#zomato" and "zomato's" go with the name zomato; of "#zomatogold", "gold" stays.
    Two words that make up a name together go together. A text of nothing else stays as it is.

    Parameters
    ----------
    text
        As written.
    names
        In lower case, letters and digits.
    """
    words = content(text).split()
    kept: list[str] = []
    place = 0
    while place < len(words):
        pair = "".join(map(_plain, words[place : place + 2]))
        if place + 1 < len(words) and pair in names and _plain(words[place]) not in names:
            place += 2
            continue
        rest = _rest(words[place], names)
        if rest:
            kept.append(rest)
        place += 1
    return " ".join(kept) or " ".join(words)


def _rest(word: str, names: Collection[str]) -> str:
    plain = _plain(word)
    if plain in names:
        return ""
    # The longest name first, so that the order of the names does not matter.
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME and plain.startswith(name):
            rest = plain[len(name) :]
            return rest if len(rest) >= _SHORTEST_REST else ""
    return word


def _plain(word: str) -> str:
    return "".join(char for char in word.lower() if char.isalnum())


def _root(handle: str) -> str:
    """Take one affix off, if a name is left."""
    for affix in sorted(_AFFIXES, key=len, reverse=True):
        for rest in (handle.removesuffix(affix), handle.removeprefix(affix)):
            if rest != handle and len(rest) >= _SHORTEST_NAME:
                return rest
    return handle
