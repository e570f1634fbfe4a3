"""Tell tweets from replies, and give each author the same id in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import pandas as pd

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.encoding import note_on
from ri_assets.sources.rows import BrokenRow, CheckedRows, Gathered, Row, TableGatherer
from ri_assets.sources.values import is_nobody, stable_id


class PostGatherer:
    """Sorts rows into tweets and replies.

    A row that answers another post is a reply, whatever the name of the file. In a file of
    replies, every row is one.

    Parameters
    ----------
    options
        Zone of times without one, and whether to repair mojibake.
    """

    def __init__(self, options: SourceOptions) -> None:
        zone = None if options.timezone is None else ZoneInfo(options.timezone)
        self._options = options
        self._tweets = TableGatherer(TWEETS, zone, fix_mojibake=options.fix_mojibake)
        self._replies = TableGatherer(REPLIES, zone, fix_mojibake=options.fix_mojibake)

    def add(self, rows: Iterable[Row | BrokenRow], *, replies_only: bool) -> None:
        """Check rows and add each to its table."""
        for row in rows:
            (self._replies if replies_only or is_reply(row) else self._tweets).add(row)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the rows so far; see `Reading`."""
        n_rows = self._tweets.n_mojibake + self._replies.n_mojibake
        return note_on(n_rows, is_mended=self._options.fix_mojibake)

    def join(self, tweets: CheckedRows, replies: CheckedRows) -> None:
        """Add rows that were checked before, with the same options."""
        self._tweets.join(tweets)
        self._replies.join(replies)

    def checked(self) -> tuple[CheckedRows, CheckedRows]:
        """Return tweets and replies as they are so far, for `join`."""
        return self._tweets.checked(), self._replies.checked()

    def finish(self) -> tuple[Gathered, Gathered]:
        """Return tweets and replies; an author has the same id in both."""
        tweets, replies = self._tweets.finish(), self._replies.finish()
        if not (self._tweets.has_made_ids or self._replies.has_made_ids):
            return tweets, replies
        known = _ids_by_handle(tweets.frame, replies.frame)
        return (
            replace(tweets, frame=_with_one_id(tweets.frame, known)),
            replace(replies, frame=_with_one_id(replies.frame, known)),
        )


def _ids_by_handle(*frames: pd.DataFrame) -> dict[str, int]:
    """Real ids by handle, for handles with exactly one."""
    found: dict[str, set[int]] = {}
    for frame in frames:
        for handle, author in _authors(frame):
            if handle is not None and author is not None and author != stable_id(handle):
                found.setdefault(handle.casefold(), set()).add(author)
    return {handle: min(ids) for handle, ids in found.items() if len(ids) == 1}


def _with_one_id(frame: pd.DataFrame, known: Mapping[str, int]) -> pd.DataFrame:
    """Replace ids that were made from the handle by the author's real id, if known."""
    ids = [
        known.get(handle.casefold(), author)
        if handle is not None and author == stable_id(handle)
        else author
        for handle, author in _authors(frame)
    ]
    return frame.assign(author_id=pd.array(ids, dtype="Int64"))


def _authors(frame: pd.DataFrame) -> Iterator[tuple[str | None, int | None]]:
    ids = (None if author is pd.NA else int(author) for author in frame["author_id"].array)
    return zip(frame["author_handle"], ids, strict=True)


def is_reply(row: Row | BrokenRow) -> bool:
    """Whether the row answers another post."""
    if isinstance(row, BrokenRow):
        return False
    return row.is_reply or not is_nobody(row.values.get("in_reply_to_tweet_id"))  # noqa: PD011
