"""What a corpus is: counts, columns, languages, times, size, and whether a run can start.

Belongs here: putting the answers together. Does not belong here: printing them
(`ri_assets.cli.check`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import pandas as pd

from ri_assets.config import HdbscanSettings, Profile
from ri_assets.errors import CorpusError, RIError
from ri_assets.intake.languages import Languages, languages_of, require_read
from ri_assets.intake.losses import Losses, losses
from ri_assets.pipeline.denoise import REMEDIES, denoise
from ri_assets.sources.base import Corpus, Reading


@dataclass(frozen=True)
class Times:
    """When the tweets were written.

    Parameters
    ----------
    first, last
        Earliest and latest time, UTC; None where no tweet has one.
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
        Tweets that each denoise rule drops. Near duplicates are not sought: that takes the
        model.
    n_needed
        Fewest tweets with which the profile's settings work, and can give as many personas
        as its gate asks for.
    """

    n_tweets: int
    dropped: Mapping[str, int]
    n_needed: int

    @property
    def n_left(self) -> int:
        """Most tweets that denoising can leave."""
        return self.n_tweets - sum(self.dropped.values())


@dataclass(frozen=True, eq=False)
class Description:
    """What a corpus is.

    Parameters
    ----------
    source
        Its name, safe to log.
    n_rows
        Rows of the source, tweets and replies.
    n_tweets, n_replies
        Posts that a run would take in.
    left_out
        Tweets left out at the source, by reason.
    n_left_out_replies
        Replies left out at the source.
    rejected
        Rows that could not be read, tweets and replies: frame of the contract `REJECTED`.
    reading
        How the source's columns were understood.
    losses
        What the check `intake` judges, of tweets and of replies.
    languages, times, size
        What their classes say.
    problem
        Why a run cannot start, with the remedy; None where it can.
    warnings
        What a run would stumble over later.
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
    """Say what a corpus is and whether a run can start; no model is loaded.

    Parameters
    ----------
    corpus
        As its source gave it.
    source
        The source's name, safe to log.
    profile
        Its rules, model, zone and gates are used.
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
    )


def require_workable(tweets: pd.DataFrame, profile: Profile) -> None:
    """Refuse tweets from which no persona can come, before anything is computed.

    Parameters
    ----------
    tweets
        Frame of the contract `TWEETS`.
    profile
        Its model and settings are used.

    Raises
    ------
    CorpusError
        The model does not read most of them, or they are too few.
    """
    require_read(languages_of(tweets["text"].tolist()), profile.embed)
    require_size(size_of(tweets, profile), profile)


def require_size(size: Size, profile: Profile) -> None:
    """Refuse a corpus that is too small for the profile.

    Raises
    ------
    CorpusError
        At most so many tweets are left after denoising, and more are needed.
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
    """Count what the denoise rules drop without a model, and what the profile needs."""
    funnel = denoise(tweets, None, profile.denoise).funnel
    dropped = {
        str(rule): int(n)
        for rule, n in zip(funnel["rule"], funnel["n_dropped"], strict=True)
        if rule != "near_duplicate"
    }
    return Size(len(tweets), dropped, tweets_needed(profile))


def tweets_needed(profile: Profile) -> int:
    """Fewest tweets for as many personas as the gate asks for.

    Reruns see a share of the tweets and need what a run needs. Where clusters have a least
    size, there must be room for enough of them.
    """
    from ri_assets.pipeline.cluster import minimum_tweets

    needed = ceil(minimum_tweets(profile) / profile.stability.draw_share)
    if isinstance(profile.cluster, HdbscanSettings):
        needed = max(needed, profile.gates.personas_min * profile.cluster.min_cluster_size)
    return needed


def times_of(tweets: pd.DataFrame, zone: str) -> Times:
    """Say from when to when the tweets are."""
    known = tweets["created_at"].dropna()
    if known.empty:
        return Times(None, None, len(tweets), zone)
    first, last = known.min().to_pydatetime(), known.max().to_pydatetime()
    return Times(first, last, len(tweets) - len(known), zone)


def reading_frame(reading: Reading) -> pd.DataFrame:
    """Give a reading as a frame of the contract `READING`; examples of values are left out.

    Columns that were used come first, each with what could not be read of it, then those
    that were ignored.
    """
    unreadable = {column.column: column for column in reading.unreadable}
    rows: list[dict[str, object]] = []
    used: list[tuple[str | None, str]] = [*reading.columns.items()]
    used += [(None, name) for name in unreadable if name not in reading.columns.values()]
    for theirs, ours in used:
        found = unreadable.pop(ours, None)  # of several columns for one, the first tells it
        rows.append(
            {
                "theirs": theirs,
                "ours": ours,
                "n_filled": found.n_filled if found else None,
                "n_unreadable": found.n_unreadable if found else 0,
                "expected": found.expected if found else None,
            }
        )
    rows += [
        {"theirs": name, "ours": None, "n_filled": None, "n_unreadable": 0, "expected": None}
        for name in reading.ignored
    ]
    frame = pd.DataFrame(rows, columns=["theirs", "ours", "n_filled", "n_unreadable", "expected"])
    frame.insert(0, "place", range(1, len(frame) + 1))
    return frame.astype({"place": "int64", "n_filled": "Int64", "n_unreadable": "int64"})


def _problem(
    lost: tuple[Losses, Losses], languages: Languages, size: Size, profile: Profile
) -> RIError | None:
    """Why a run cannot start: what its first stage would raise, or its check `intake` block."""
    worst = max(lost, key=lambda part: part.value)
    if worst.value > profile.gates.unreadable_max:
        return IntakeError(
            worst.because,
            f"at most {profile.gates.unreadable_max:.0%} of the rows, and no optional column that "
            "is mostly unreadable",
            "mend the values that `ri-index check` shows, or say what a column means with --map "
            "and in which zone times are with --timezone",
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
