"""The list of people who asked to be forgotten: hashes with a salt, nobody in clear.

Whoever may read the store can test whether a name that they know is on the list, but cannot read
the names from it. Belongs here: the list. Does not belong here: removing people from what is
stored (`ri_assets.forget`), and leaving them out at intake (`ri_assets.sources.forgotten`).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from ri_assets.errors import StoreError
from ri_assets.store.files import Files

FILE = "forgotten.json"
_SALT_BYTES = 32
_KINDS = ("handles", "authors", "tweets")


@dataclass(frozen=True)
class Forgotten:
    """Who is on the list, as hashes.

    Parameters
    ----------
    salt
        Key of the hashes, hexadecimal; each store has its own.
    handles, authors, tweets
        HMAC-SHA256 of handles in lower case, of author ids, and of tweet ids.
    """

    salt: str
    handles: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    tweets: frozenset[str] = frozenset()

    def has_handle(self, handle: str) -> bool:
        """Whether a handle is on the list, with or without @."""
        return bool(self.handles) and self._hash(_plain(handle)) in self.handles

    def has_author(self, author_id: int) -> bool:
        """Whether an author id is on the list."""
        return bool(self.authors) and self._hash(str(author_id)) in self.authors

    def has_tweet(self, tweet_id: int) -> bool:
        """Whether a tweet id is on the list."""
        return bool(self.tweets) and self._hash(str(tweet_id)) in self.tweets

    def _hash(self, text: str) -> str:
        return hmac.digest(bytes.fromhex(self.salt), text.encode(), "sha256").hex()

    def with_people(
        self, handles: Collection[str], authors: Collection[int], tweets: Collection[int]
    ) -> Forgotten:
        """Add people to the list."""
        return Forgotten(
            self.salt,
            self.handles | {self._hash(_plain(handle)) for handle in handles},
            self.authors | {self._hash(str(author)) for author in authors},
            self.tweets | {self._hash(str(tweet)) for tweet in tweets},
        )


def read_forgotten(files: Files) -> Forgotten | None:
    """Read the list; None if nobody asked yet.

    Raises
    ------
    StoreError
        The list is damaged. No run goes on without it.
    """
    if not files.exists(FILE):
        return None
    content = files.read_json(FILE)
    try:
        listed = {kind: frozenset(map(str, content[kind])) for kind in _KINDS}
        bytes.fromhex(content["salt"])
        return Forgotten(content["salt"], **listed)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{files.path(FILE)} is damaged: it is no list of people to leave out",
            "the file as ri-index forget wrote it",
            "restore it from a backup; runs stop until then, because they would take these "
            "people in again",
        ) from error


def add_forgotten(
    files: Files, handles: Collection[str], authors: Collection[int], tweets: Collection[int]
) -> None:
    """Add people to the list, which is made if there is none."""
    known = read_forgotten(files) or Forgotten(secrets.token_hex(_SALT_BYTES))
    now = known.with_people(handles, authors, tweets)
    content = {kind: sorted(getattr(now, kind)) for kind in _KINDS}
    files.write_json(FILE, {"salt": now.salt, **content})


def _plain(handle: str) -> str:
    return handle.removeprefix("@").lower()
