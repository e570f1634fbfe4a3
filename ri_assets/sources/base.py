"""What every source promises: one interface, its options, and what it hands over.

Belongs here: the interface and the frames' meaning. Does not belong here: any
format or protocol, and how rows are checked (see `rows`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from ri_assets.errors import SourceError
from ri_assets.records.posts import REPLIES

RETWEET = "retweet"
AUTOMATED = "automated: "
OVER_LIMIT = "over max_tweets"


@dataclass(frozen=True)
class SourceOptions:
    """What a source leaves out before anything else sees the corpus.

    Parameters
    ----------
    keep_all
        Keep retweets and automated posts; by default the source leaves them out.
    max_tweets
        Keep the first so many tweets by ascending `tweet_id`, counted after retweets and
        automated posts were left out; None keeps all. A limited source keeps only the
        replies whose chain of answered posts leads to a tweet that was kept.
    column_map
        Native column to the source's column, for columns that no tool names so; an empty
        name takes the native column from nowhere.
    timezone
        IANA name of the zone of times that carry none; None makes such times missing.
    fix_mojibake
        Mend texts that are UTF-8 read as Latin-1, such as "cafÃ©"; by default they stay as
        they are, and are counted.

    Raises
    ------
    SourceError
        `max_tweets` is below 1, `column_map` names no native column or one column of the
        source twice, or `timezone` is unknown.
    """

    keep_all: bool = False
    max_tweets: int | None = None
    column_map: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    fix_mojibake: bool = False

    def __post_init__(self) -> None:
        if self.max_tweets is not None and self.max_tweets < 1:
            raise SourceError(
                f"max_tweets is {self.max_tweets}",
                "a number of at least 1, or nothing for all tweets",
                "correct max_tweets",
            )
        native = REPLIES.names
        unknown = sorted(self.column_map.keys() - set(native))
        if unknown:
            raise SourceError(
                f"{', '.join(unknown)} is no native column",
                f"one of {', '.join(native)}, then = and the column's name in your source",
                "write --map OURS=THEIRS, as in --map text=content",
            )
        theirs = list(self.column_map.values())
        if twice := [name for name in theirs if name and theirs.count(name) > 1]:
            raise SourceError(
                f"--map names the column {twice[0]} twice",
                "one column of the source for each native column",
                "write --map OURS=THEIRS once for each",
            )
        if self.timezone is not None:
            _require_zone(self.timezone)


def column_map(pairs: Iterable[str]) -> dict[str, str]:
    """Read pairs of a native column and a column of the source.

    Parameters
    ----------
    pairs
        Each ours=theirs, as in `text=content`; with nothing after the =, the native column
        is taken from nowhere.

    Raises
    ------
    SourceError
        A pair has no =, or a native column is given twice.
    """
    given: dict[str, str] = {}
    for pair in pairs:
        ours, equals, theirs = (part.strip() for part in pair.partition("="))
        if not equals or ours in given:
            raise SourceError(
                f"--map {pair}" + (f" gives {ours} a second time" if equals else " has no ="),
                "a native column, = and a column of the source, once for each native column",
                "write it as in --map text=content --map tweet_id=id",
            )
        given[ours] = theirs
    return given


def _require_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise SourceError(
            f"--timezone {name} is unknown",
            "an IANA name such as Europe/Berlin, Asia/Kolkata or UTC",
            "correct the name",
        ) from None


@dataclass(frozen=True)
class SourceState:
    """A cheap mark by which a sensor sees that a source has grown.

    Parameters
    ----------
    n_tweets
        Rows of tweets as found, before options and before rows are checked.
    newest_tweet_id
        Largest id among them; None when there is none.
    """

    n_tweets: int
    newest_tweet_id: int | None


@dataclass(frozen=True)
class UnreadableColumn:
    """An optional column with values that could not be read and became missing.

    Parameters
    ----------
    column
        Native name.
    n_filled
        Rows with a value in it.
    n_unreadable
        Those of them whose value could not be read.
    expected
        What a value should look like, and the option that mends it, if any.
    examples
        At most three of the values, cut to 40 characters. They may be personal data: show
        them to the person who gave the file, and put them in no log.
    """

    column: str
    n_filled: int
    n_unreadable: int
    expected: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How the source's columns were understood.

    Parameters
    ----------
    columns
        The source's column to the native column, for those that were used.
    ignored
        The source's columns that were not used, in alphabetical order.
    unreadable
        Optional columns with values that became missing, in the order of the contract.
    notes
        What else a reader should know, such as an encoding that was guessed.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    unreadable: tuple[UnreadableColumn, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Corpus:
    """Everything that one read of a source gave.

    Rows are never lost: `n_raw_tweets = len(tweets) + len(rejected_tweets) + n_left_out`,
    and `n_raw_replies = len(replies) + len(rejected_replies) + left_out_replies`.

    Parameters
    ----------
    tweets, replies
        Frames of the contracts `TWEETS` and `REPLIES`, by ascending `tweet_id`, with a fresh
        index. `tweet_id` is int64, other integers are Int64, truth values boolean,
        timestamps datetime64[us, UTC], texts object with None where missing.
    rejected_tweets, rejected_replies
        Frames of the contract `REJECTED`, by reason, id and raw row.
    n_raw_tweets, n_raw_replies
        Rows as found. A line that cannot be read at all counts as a tweet, unless it
        stands in a file of replies.
    left_out_tweets
        Tweets left out at the source: `tweet_id` and `reason`, by ascending `tweet_id`.
        Reasons are `retweet`, `automated: <app>` and `over max_tweets`.
    left_out_answers
        Replies that lead to no tweet kept by `max_tweets`, in the same form.
    reading
        How the source's columns were understood.
    """

    tweets: pd.DataFrame
    replies: pd.DataFrame
    rejected_tweets: pd.DataFrame
    rejected_replies: pd.DataFrame
    n_raw_tweets: int
    n_raw_replies: int
    left_out_tweets: pd.DataFrame
    left_out_answers: pd.DataFrame
    reading: Reading = Reading()

    @property
    def left_out(self) -> dict[str, int]:
        """Tweets left out at the source by reason, most first."""
        return left_out_counts(self.left_out_tweets)

    @property
    def left_out_replies(self) -> int:
        """Replies left out at the source."""
        return len(self.left_out_answers)

    @property
    def n_left_out(self) -> int:
        """Tweets left out at the source, whatever the reason."""
        return len(self.left_out_tweets)


class Source(Protocol):
    """Where tweets and their replies come from."""

    @property
    def name(self) -> str:
        """Where it reads from, without user or password: safe to log."""
        ...

    def read(self) -> Corpus:
        """Read everything that the options admit.

        Raises
        ------
        SourceError
            The source cannot be reached or read, or holds no tweet.
        """
        ...

    def newest(self) -> SourceState:
        """Say cheaply how much there is.

        Raises
        ------
        SourceError
            The source cannot be reached or read.
        """
        ...


def require_tweets(corpus: Corpus, name: str) -> Corpus:
    """Hand the corpus on, or say why there is nothing to cluster.

    Parameters
    ----------
    corpus
        What was read.
    name
        The source's name, safe to log.

    Raises
    ------
    SourceError
        No tweet is left. The message counts the reasons and shows no content.
    """
    if len(corpus.tweets):
        return corpus
    if corpus.n_raw_tweets == 0:
        found = f"{name} holds no tweet"
        remedy = "collect tweets first; replies alone cannot be clustered"
    elif corpus.n_left_out:
        found = f"{name}: no tweet is left of {corpus.n_raw_tweets}; left out: "
        found += told_left_out(corpus.left_out)
        remedy = "collect original tweets, or keep retweets and automated posts with --keep-all"
    else:
        found = f"{name}: none of {corpus.n_raw_tweets} rows can be read as a tweet "
        found += f"({_listed(reason_counts(corpus.rejected_tweets))})"
        remedy = "; ".join(corpus.rejected_tweets["detail"].value_counts().index[:3])
    raise SourceError(found, "at least one readable top-level tweet", remedy)


def reason_counts(rejected: pd.DataFrame) -> dict[str, int]:
    """Rows by reason, in alphabetical order of the reasons."""
    return {str(key): int(n) for key, n in rejected["reason"].value_counts().sort_index().items()}


def left_out_counts(left_out: pd.DataFrame) -> dict[str, int]:
    """Rows by reason, most first."""
    counts = left_out["reason"].value_counts()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return {str(reason): int(n) for reason, n in ordered}


def told_left_out(counts: Mapping[str, int]) -> str:
    """Say what was left out: "903 retweets, 229 posts by the app Zomato"; "nothing" if nothing."""
    return ", ".join(_told(reason, n) for reason, n in counts.items()) or "nothing"


def _told(reason: str, n: int) -> str:
    plural = "" if n == 1 else "s"
    if reason.startswith(AUTOMATED):
        return f"{n:,} post{plural} by the app {reason.removeprefix(AUTOMATED)}"
    if reason == RETWEET:
        return f"{n:,} retweet{plural}"
    return f"{n:,} {reason}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {n}" for reason, n in counts.items())
