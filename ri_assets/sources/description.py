"""Describe a corpus before a run: counts, languages, times, size, and whether a run can start.

Printing is up to `ri_assets.cli.description`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import pandas as pd

from ri_assets.config import HdbscanSettings, Profile
from ri_assets.errors import CorpusError, RIError
from ri_assets.pipeline.denoise import REMEDIES, denoise
from ri_assets.records.posts import RAW_REPLIES, RAW_TWEETS
from ri_assets.sources.base import Corpus
from ri_assets.sources.languages import Languages, languages_of, require_read
from ri_assets.sources.reading import Losses, Reading, losses, reading_frame
from ri_assets.store.tables import Tables, as_tables


@dataclass(frozen=True)
class Times:
    """Time range of the tweets.

    Parameters
    ----------
    first, last
        Earliest and latest time, UTC; None if no tweet has one.
    n_without
        Tweets without a time.
    zone
        IANA zone in which the profile reads hours and weekdays.
    """

    first: datetime | None
    last: datetime | None
    n_without: int
    zone: str


@dataclass(frozen=True)
class Size:
    """Whether there are enough tweets.

    Parameters
    ----------
    n_tweets
        Tweets that were read.
    dropped
        Tweets that each denoise rule drops, except near duplicates, which need the model.
    n_needed
        Minimum number of tweets for the profile's settings and for the number of personas that
        its gate requires.
    """

    n_tweets: int
    dropped: Mapping[str, int]
    n_needed: int

    @property
    def n_left(self) -> int:
        """Maximum number of tweets after denoising."""
        return self.n_tweets - sum(self.dropped.values())


@dataclass(frozen=True, eq=False)
class Description:
    """Description of a corpus.

    Parameters
    ----------
    source
        Its name, safe to log.
    n_rows
        Rows of the source, tweets and replies.
    n_tweets, n_replies
        Posts that a run would use.
    left_out
        Tweets left out at the source, by reason.
    n_left_out_replies
        Replies left out at the source.
    rejected
        Rows that could not be read, tweets and replies: frame of the contract `REJECTED`.
    reading
        How the source's columns were understood.
    losses
        Losses of tweets and of replies, as the check `intake` judges them.
    languages, times, size
        See their classes.
    problem
        Why a run cannot start, with the remedy; None if it can.
    warnings
        What would fail later in a run.
    n_forgotten_tweets, n_forgotten_replies
        Rows of people who asked to be forgotten.
    """

    source: str
    n_rows: int
    n_tweets: int
    n_replies: int
    left_out: Mapping[str, int]
    n_left_out_replies: int
    rejected: pd.DataFrame
    reading: Reading
    losses: tuple[Losses, Losses]
    languages: Languages
    times: Times
    size: Size
    problem: RIError | None
    warnings: tuple[str, ...]
    n_forgotten_tweets: int = 0
    n_forgotten_replies: int = 0

    @property
    def n_left_out(self) -> int:
        """Posts left out at the source, tweets and replies."""
        return sum(self.left_out.values()) + self.n_left_out_replies

    @property
    def is_whole(self) -> bool:
        """Whether the check `intake` would pass."""
        return not isinstance(self.problem, IntakeError)


class IntakeError(CorpusError):
    """Too much of the source cannot be read."""


def describe(corpus: Corpus, source: str, profile: Profile) -> Description:
    """Describe a corpus and whether a run can start, without loading a model.

    Parameters
    ----------
    corpus
        As read from its source.
    source
        The source's name, safe to log.
    profile
        Profile of the run.
    """
    lost = (
        losses(
            corpus.n_raw_tweets,
            corpus.rejected_tweets,
            corpus.tweets,
            reading_frame(corpus.reading),
        ),
        losses(corpus.n_raw_replies, corpus.rejected_replies, corpus.replies, None),
    )
    languages = languages_of(corpus.tweets["text"].tolist())
    size = size_of(corpus.tweets, profile)
    return Description(
        source=source,
        n_rows=corpus.n_raw_tweets + corpus.n_raw_replies,
        n_tweets=len(corpus.tweets),
        n_replies=len(corpus.replies),
        left_out=corpus.left_out,
        n_left_out_replies=corpus.left_out_replies,
        rejected=pd.concat([corpus.rejected_tweets, corpus.rejected_replies], ignore_index=True),
        reading=corpus.reading,
        losses=lost,
        languages=languages,
        times=times_of(corpus.tweets, profile.behavior.timezone),
        size=size,
        problem=_problem(lost, languages, size, profile),
        warnings=_warnings(size, profile),
        n_forgotten_tweets=corpus.n_forgotten_tweets,
        n_forgotten_replies=corpus.n_forgotten_replies,
    )


def require_workable(tweets: pd.DataFrame, profile: Profile) -> None:
    """Refuse tweets that cannot give personas, before anything is computed.

    Parameters
    ----------
    tweets
        Frame of the contract `TWEETS`.
    profile
        Profile of the run.

    Raises
    ------
    CorpusError
        The model doesn't support most of them, or there are too few.
    """
    require_read(languages_of(tweets["text"].tolist()), profile.embed)
    require_size(size_of(tweets, profile), profile)


def require_size(size: Size, profile: Profile) -> None:
    """Refuse a corpus that is too small for the profile.

    Raises
    ------
    CorpusError
        Too few tweets are left after denoising.
    """
    if size.n_left >= size.n_needed:
        return
    taken = ", ".join(f"{rule} drops {n:,}" for rule, n in size.dropped.items() if n)
    raise CorpusError(
        f"the corpus is too small: at most {size.n_left:,} of {size.n_tweets:,} tweets are left "
        f"after denoising" + (f" ({taken})" if taken else ""),
        f"at least {size.n_needed:,} tweets for {profile.gates.personas_min} personas with the "
        f"profile {profile.name}",
        f"collect more tweets: {size.n_needed - size.n_left:,} at least, better ten times as many",
    )


def size_of(tweets: pd.DataFrame, profile: Profile) -> Size:
    """Count what the denoise rules drop, and what the profile needs."""
    funnel = denoise(tweets, None, profile.denoise).funnel
    dropped = {
        str(rule): int(n)
        for rule, n in zip(funnel["rule"], funnel["n_dropped"], strict=True)
        if rule != "near_duplicate"
    }
    return Size(len(tweets), dropped, tweets_needed(profile))


def tweets_needed(profile: Profile) -> int:
    """Minimum number of tweets for the number of personas that the gate requires.

    Reruns use a share of the tweets and need as many as a run. If clusters have a minimum size,
    there must be enough tweets for all of them.
    """
    from ri_assets.pipeline.cluster import minimum_tweets

    needed = ceil(minimum_tweets(profile) / profile.stability.draw_share)
    if isinstance(profile.cluster, HdbscanSettings):
        needed = max(needed, profile.gates.personas_min * profile.cluster.min_cluster_size)
    return needed


def times_of(tweets: pd.DataFrame, zone: str) -> Times:
    """Find the first and the last time."""
    known = tweets["created_at"].dropna()
    if known.empty:
        return Times(None, None, len(tweets), zone)
    first, last = known.min().to_pydatetime(), known.max().to_pydatetime()
    return Times(first, last, len(tweets) - len(known), zone)


def _problem(
    lost: tuple[Losses, Losses], languages: Languages, size: Size, profile: Profile
) -> RIError | None:
    """Error of the first stage, or failure of the check `intake`, that a run would meet."""
    worst = max(lost, key=lambda part: part.value)
    if worst.value > profile.gates.unreadable_max:
        return IntakeError(
            worst.because,
            f"at most {profile.gates.unreadable_max:.0%} of the rows, and no optional column that "
            "is mostly unreadable",
            "correct the values that `ri-index check` shows, or name columns with --map and the "
            "zone of times with --timezone",
        )
    try:
        require_read(languages, profile.embed)
        require_size(size, profile)
    except CorpusError as error:
        return error
    return None


def _warnings(size: Size, profile: Profile) -> tuple[str, ...]:
    share = size.n_left / max(size.n_tweets, 1)
    if share >= profile.gates.retention_min:
        return ()
    greediest = max(size.dropped, key=lambda rule: size.dropped[rule])
    warning = (
        f"the check retention will fail: at most {share:.0%} of the tweets are left after "
        f"denoising, {profile.gates.retention_min:.0%} are needed; the rule {greediest} drops "
        f"{size.dropped[greediest]:,}: {REMEDIES[greediest]}"
    )
    return (warning,)


def raw_tables(corpus: Corpus) -> tuple[Tables, Tables]:
    """Convert a corpus to the stored tables of `raw_tweets` and `raw_replies`."""
    tweets = as_tables(
        RAW_TWEETS,
        "",
        raw_tweets=corpus.tweets,
        rejected=corpus.rejected_tweets,
        left_out=corpus.left_out_tweets,
        intake=_counts(
            corpus.n_raw_tweets,
            corpus.left_out_tweets,
            corpus.rejected_tweets,
            corpus.tweets,
            corpus.n_forgotten_tweets,
        ),
        reading=reading_frame(corpus.reading),
    )
    replies = as_tables(
        RAW_REPLIES,
        "",
        raw_replies=corpus.replies,
        rejected=corpus.rejected_replies,
        left_out=corpus.left_out_answers,
        intake=_counts(
            corpus.n_raw_replies,
            corpus.left_out_answers,
            corpus.rejected_replies,
            corpus.replies,
            corpus.n_forgotten_replies,
        ),
    )
    return tweets, replies


def stored_losses(tables: Tables) -> Losses:
    """Count what was lost when the stored tables were read from the source."""
    return losses(
        int(tables.frame("intake")["n_read"].iloc[0]),
        tables.frame("rejected"),
        tables.frame(),
        tables.frame("reading") if "reading" in tables.by_name else None,
    )


def _counts(
    n_read: int,
    left_out: pd.DataFrame,
    rejected: pd.DataFrame,
    accepted: pd.DataFrame,
    n_forgotten: int,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n_read": [n_read],
            "n_left_out": [len(left_out)],
            "n_rejected": [len(rejected)],
            "n_accepted": [len(accepted)],
            "n_forgotten": [n_forgotten],
        }
    )
