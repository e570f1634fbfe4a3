"""The records of a snapshot as a whole: how good it is, and what differs in another.

Belongs here: their fields, with units. Does not belong here: records of personas and
tweets (`records`), or how any is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ri_assets.ri_index.results import Result


@dataclass(frozen=True)
class Figure(Result):
    """One figure of the run, beside what data without structure gives."""

    asset: str
    figure: str
    value: float
    null_mean: float | None
    null_p95: float | None
    n: int
    note: str


@dataclass(frozen=True)
class CheckVerdict(Result):
    """What one check said before the snapshot was published, and who waived it if it failed."""

    asset: str
    check: str
    value: float
    threshold: str
    is_passed: bool
    is_blocking: bool
    message: str
    waived_by: str | None = None


@dataclass(frozen=True)
class PersonaStability(Result):
    """How much of a persona comes back when everything is rerun, 0 to 1, and what that means."""

    persona_id: str
    name: str
    tweet_count: int
    jaccard: float | None
    verdict: str | None


@dataclass(frozen=True)
class Quality(Result):
    """What the checks measured, and how far each persona can be trusted."""

    snapshot: str
    figures: tuple[Figure, ...]
    checks: tuple[CheckVerdict, ...]
    personas: tuple[PersonaStability, ...]


@dataclass(frozen=True)
class SnapshotInfo(Result):
    """One published snapshot of the store; `problem` says why it cannot be read, if it cannot."""

    snapshot: str
    published_at: str
    profile: str
    source: str
    corpus: str
    is_current: bool
    problem: str | None


@dataclass(frozen=True)
class PersonaChange(Result):
    """A persona of snapshot a, and the one of snapshot b that continues it.

    Parameters
    ----------
    event
        kept: b has the same id; merged: b's lineage says which persona took it up; retired:
        nobody did; absent: b's lineage does not know it, as where b is the earlier one.
    persona_b
        The persona with the same id, or the one that took it up; None if there is neither.
    jaccard
        Of the two, on the tweets that both snapshots hold, 0 to 1.
    kept_share
        Share of the persona's tweets, of those in both, that its successor holds.
    """

    persona_a: str
    name_a: str
    tweets_a: int
    event: str
    persona_b: str | None
    name_b: str | None
    tweets_b: int | None
    jaccard: float
    kept_share: float


@dataclass(frozen=True)
class FigureChange(Result):
    """A figure of the run in two snapshots; None where one lacks it."""

    figure: str
    a: float | None
    b: float | None


@dataclass(frozen=True)
class Diff(Result):
    """What changed from snapshot a to snapshot b.

    Parameters
    ----------
    is_profile_changed, is_corpus_changed
        Whether configuration and input differ.
    shared_tweets, only_a, only_b
        Tweets with a persona in both, in one alone.
    moved_tweets
        Shared tweets that are not in the successor of their persona.
    personas
        A change for each persona of a, largest first.
    new_personas
        Ids of personas of b that a does not have.
    figures
        The main figures of both.
    """

    snapshot_a: str
    snapshot_b: str
    is_profile_changed: bool
    is_corpus_changed: bool
    shared_tweets: int
    only_a: int
    only_b: int
    moved_tweets: int
    personas: tuple[PersonaChange, ...]
    new_personas: tuple[str, ...]
    figures: tuple[FigureChange, ...]
