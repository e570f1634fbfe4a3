"""The interface of all sources: options, the corpus they return, and what it means.

Belongs here: the interface and the meaning of the frames. Does not belong here: formats,
protocols, and checking rows (see `rows`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from ri_assets.counted import noun
from ri_assets.environment import Environment
from ri_assets.errors import SourceError
from ri_assets.records.posts import REPLIES
from ri_assets.sources.reading import Reading
from ri_assets.store.forgotten import Forgotten
from ri_assets.store.source_copy import SourceCopy

RETWEET = "retweet"
AUTOMATED = "automated: "
OVER_LIMIT = "over max_tweets"
FORGOTTEN = "by people who asked to be forgotten"


@dataclass(frozen=True)
class SourceOptions:
    """How a source is read, and what it leaves out.

    Parameters
    ----------
    keep_all
        Keep retweets and automated posts, which are left out by default.
    max_tweets
        Keep only the first tweets by `tweet_id`, counted after retweets and automated posts
        were left out; None keeps all. With a limit, only the replies are kept that lead, over
        any number of replies, to a kept tweet.
    column_map
        Native column to the source's column, for names that aren't known; an empty name leaves
        the native column empty.
    timezone
        IANA name of the zone of times without one; with None, such times become missing.
    fix_mojibake
        Repair texts that are UTF-8 read as Latin-1, such as "cafÃ©"; by default they are only
        counted.
    forgotten
        People who asked to be forgotten; a run reads them from its store.
    copy
        What earlier runs read from a database, in the store of the run; None reads everything.

    Raises
    ------
    SourceError
        `max_tweets` is below 1, `column_map` has an unknown native column or the same column
        of the source twice, or `timezone` is unknown.
    """

    keep_all: bool = False
    max_tweets: int | None = None
    column_map: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    fix_mojibake: bool = False
    forgotten: Forgotten | None = None
    copy: SourceCopy | None = None

    @classmethod
    def from_env(
        cls,
        environment: Environment,
        *,
        keep_all: bool = False,
        max_tweets: int | None = None,
        pairs: Iterable[str] | None = None,
        timezone: str | None = None,
        fix_mojibake: bool = False,
    ) -> SourceOptions:
        """Combine what a command line says with the environment, which fills the gaps.

        Parameters
        ----------
        environment
            See `Environment.from_env`.
        pairs
            Of `--map`, as `column_map` reads them.
        """
        return cls(
            keep_all=keep_all or environment.keep_all,
            max_tweets=max_tweets,
            column_map=column_map(pairs or environment.column_map),
            timezone=timezone or environment.timezone,
            fix_mojibake=fix_mojibake or environment.fix_mojibake,
        )

    def __post_init__(self) -> None:
        if self.max_tweets is not None and self.max_tweets < 1:
            raise SourceError(
                f"max_tweets is {self.max_tweets}",
                "a number of at least 1, or no limit",
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
    """Parse pairs of a native column and a column of the source.

    Parameters
    ----------
    pairs
        Each ours=theirs, as in `text=content`; with nothing after the =, the native column
        stays empty.

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
    """Size of a source, by which a sensor notices new tweets.

    Parameters
    ----------
    n_tweets
        Rows of tweets, before any are left out or checked.
    newest_tweet_id
        Largest id among them; None if there are none.
    """

    n_tweets: int
    newest_tweet_id: int | None


@dataclass(frozen=True, eq=False)
class Corpus:
    """Result of reading a source.

    No row is lost: `n_raw_tweets = len(tweets) + len(rejected_tweets) + n_left_out +
    n_forgotten_tweets`, and `n_raw_replies = len(replies) + len(rejected_replies) +
    left_out_replies + n_forgotten_replies`.

    Parameters
    ----------
    tweets, replies
        Frames of the contracts `TWEETS` and `REPLIES`, by ascending `tweet_id`, with a fresh
        index. `tweet_id` is int64, other integers are Int64, truth values boolean,
        timestamps datetime64[us, UTC], texts object with None where missing.
    rejected_tweets, rejected_replies
        Frames of the contract `REJECTED`, by reason, id and raw row.
    n_raw_tweets, n_raw_replies
        Rows of the source. A line that cannot be read at all counts as a tweet, unless it is in
        a file of replies.
    left_out_tweets
        Tweets left out at the source: `tweet_id` and `reason`, by ascending `tweet_id`.
        Reasons are `retweet`, `automated: <app>` and `over max_tweets`.
    left_out_answers
        Replies that don't lead to a tweet kept by `max_tweets`, in the same form.
    reading
        How the source's columns were understood.
    n_forgotten_tweets, n_forgotten_replies
        Rows of people who asked to be forgotten; nothing else is kept of them.
    """

    tweets: pd.DataFrame
    replies: pd.DataFrame
    rejected_tweets: pd.DataFrame
    rejected_replies: pd.DataFrame
    n_raw_tweets: int
    n_raw_replies: int
    left_out_tweets: pd.DataFrame
    left_out_answers: pd.DataFrame
    reading: Reading = field(default_factory=Reading)
    n_forgotten_tweets: int = 0
    n_forgotten_replies: int = 0

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
        """What it reads, without user or password: safe to log."""
        ...

    def read(self) -> Corpus:
        """Read everything, and leave out what the options say.

        Raises
        ------
        SourceError
            The source cannot be reached or read, or has no tweets.
        """
        ...

    def newest(self) -> SourceState:
        """Return the size of the source, without reading everything.

        Raises
        ------
        SourceError
            The source cannot be reached or read.
        """
        ...


def require_tweets(corpus: Corpus, name: str) -> Corpus:
    """Return the corpus, or explain why there is nothing to cluster.

    Parameters
    ----------
    corpus
        What was read.
    name
        The source's name, safe to log.

    Raises
    ------
    SourceError
        There is no tweet. The message gives the reasons and shows no content.
    """
    if len(corpus.tweets):
        return corpus
    if corpus.n_raw_tweets == 0:
        found = f"{name} holds no tweet"
        remedy = "collect tweets first; replies alone cannot be clustered"
    elif corpus.n_left_out or corpus.n_forgotten_tweets:
        found = f"{name}: no tweet is left of {corpus.n_raw_tweets}; left out: "
        found += told_left_out(corpus.left_out, corpus.n_forgotten_tweets)
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


def told_left_out(counts: Mapping[str, int], n_forgotten: int = 0) -> str:
    """Describe what was left out, as in "903 retweets, 229 posts by the app Zomato"."""
    told = [f"{n:,} {told_reason(reason, n)}" for reason, n in counts.items()]
    if n_forgotten:
        told.append(f"{n_forgotten:,} {FORGOTTEN}")
    return ", ".join(told) or "nothing"


def told_reason(reason: str, n: int = 2) -> str:
    """Name posts that were left out for a reason, as in "posts by the app Zomato"."""
    if reason.startswith(AUTOMATED):
        return f"{noun(n, 'post')} by the app {reason.removeprefix(AUTOMATED)}"
    return noun(n, "retweet") if reason == RETWEET else reason


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {n}" for reason, n in counts.items())
