"""What questions about a snapshot as a whole are answered with."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ri_assets.records.personas import Persona, StabilityClass
from ri_assets.records.quality import CheckVerdict, Figure
from ri_assets.records.record import Record, column, count, share

Fate = Literal["kept", "merged", "retired", "absent"]


# fmt: off
class SummaryStats(Record):
    """The snapshot in figures."""

    snapshot: Annotated[str, column("Id of the snapshot.")]
    published_at: Annotated[str, column("When it was published, ISO 8601 in UTC.")]
    profile: Annotated[str, column("Profile of the run.")]
    source: Annotated[str, column("Where the tweets came from; passwords are masked.")]
    corpus: Annotated[str, column("Fingerprint of the input.")]
    raw_tweets: Annotated[int, count("Tweets that were read.")]
    raw_replies: Annotated[int, count("Replies that were read.")]
    rejected_tweets: Annotated[int, count("Rows that could not be read.")]
    dropped_tweets: Annotated[int, count("Tweets that the denoise rules dropped.")]
    kept_tweets: Annotated[int, count("Tweets that they left.")]
    tweets_with_persona: Annotated[int, count("Tweets with a persona.")]
    retention: Annotated[float, share("Kept tweets as a share of those read")]
    coverage: Annotated[float, share("Tweets with a persona as a share of those kept")]
    noise_share: Annotated[float, share("Tweets with a persona that were noise before")]
    personas: Annotated[int, count("Personas that are shown.")]
    hidden_personas: Annotated[int, count("Personas that people hid; their tweets count above.")]
    hidden_tweets: Annotated[int, count("Tweets of those.")]
    largest_persona: Annotated[int, count("Tweets of the largest persona.")]
    median_persona: Annotated[float, column("Median of their tweets.", ge=0)]
    smallest_persona: Annotated[int, count("Tweets of the smallest persona.")]
    size_ratio: Annotated[float, column("Largest over smallest persona.", ge=1)]
    stable_personas: Annotated[int, count("Personas that are stable.")]


class PersonaStability(Record, fields_of=Persona):
    """How much of a persona comes back when everything is rerun, and what that means."""

    persona_id: str
    name: str
    tweet_count: int
    jaccard: float | None
    stability: StabilityClass | None


class Quality(Record):
    """What the run measured, and how far each persona can be trusted."""

    main_table: ClassVar[str] = "checks"

    snapshot: Annotated[str, column("Id of the snapshot.")]
    figures: Annotated[tuple[Figure, ...], column("Figures of the run.")]
    checks: Annotated[tuple[CheckVerdict, ...], column("Outcome of every check.")]
    personas: Annotated[tuple[PersonaStability, ...], column("Stability of every persona.")]


class SnapshotInfo(Record):
    """One published snapshot of the store."""

    snapshot: Annotated[str, column("Its id.", header="snapshot")]
    published_at: Annotated[str, column(
        "When it was published, ISO 8601 in UTC.", header="published")]
    profile: Annotated[str, column("Profile of the run.", header="profile")]
    source: Annotated[str, column(
        "Where the tweets came from; passwords are masked.", header="source")]
    corpus: Annotated[str, column("Fingerprint of the input.")]
    is_current: Annotated[bool, column(
        "Whether it is the one that is read by default.", header="current")]
    problem: Annotated[str | None, column(
        "Why it cannot be read; null if it can.", header="problem")]
    raw_removed_on: Annotated[str | None, column(
        "Day on which its raw posts were removed (UTC, ISO 8601); null if they were not.",
        header="raw posts removed")] = None


class DraftInfo(Record):
    """A draft, and why it is one."""

    draft: Annotated[str, column("Its id.")]
    written_at: Annotated[str, column("When the run made it, ISO 8601 in UTC.")]
    why: Annotated[str, column("Why it was not published, in one sentence.")]
    provisional_ids: Annotated[tuple[str, ...], column(
        "Personas that no published snapshot has: the next run may give these ids to others.")]
# fmt: on

    def __str__(self) -> str:
        ids = (
            f" Provisional ids: {', '.join(self.provisional_ids)}." if self.provisional_ids else ""
        )
        return f"DRAFT of {self.written_at}, not published: {self.why}.{ids}"


# fmt: off
class PersonaChange(Record):
    """A persona of snapshot a, and the one of snapshot b that continues it."""

    persona_a: Annotated[str, column("The persona's id in a.", header="id")]
    name_a: Annotated[str, column("Its name in a.", header="persona")]
    tweets_a: Annotated[int, count("Its tweets in a.", header="tweets")]
    event: Annotated[Fate, column(
        "kept: b has the same id; merged: b's lineage says which persona took it up; retired: "
        "none did; absent: b's lineage does not know it, as where b is the earlier one.",
        header="event")]
    persona_b: Annotated[str | None, column(
        "The persona with the same id, or the one that took it up; null if there is neither.",
        header="now", cell=lambda c: f"{c.persona_b or ''} {c.name_b or ''}".strip())]
    name_b: Annotated[str | None, column("Its name in b.")]
    tweets_b: Annotated[int | None, count("Its tweets in b.", header="tweets now")]
    jaccard: Annotated[float, share(
        "Of the two, on the tweets that both snapshots hold", unit=None, header="Jaccard")]
    kept_share: Annotated[float, share(
        "The persona's tweets, of those in both snapshots, that its successor holds",
        header="kept")]


class FigureChange(Record):
    """A figure of the run in two snapshots."""

    figure: Annotated[str, column("Name of the figure.", header="figure")]
    a: Annotated[float | None, column("In a; null where a lacks it.", header="a")]
    b: Annotated[float | None, column("In b; null where b lacks it.", header="b")]


class Diff(Record):
    """What changed from snapshot a to snapshot b."""

    main_table: ClassVar[str] = "personas"

    snapshot_a: Annotated[str, column("Id of snapshot a.")]
    snapshot_b: Annotated[str, column("Id of snapshot b.")]
    is_profile_changed: Annotated[bool, column("Whether the configuration differs.")]
    is_corpus_changed: Annotated[bool, column("Whether the input differs.")]
    shared_tweets: Annotated[int, count("Tweets with a persona in both.")]
    only_a: Annotated[int, count("Tweets with a persona in a alone.")]
    only_b: Annotated[int, count("Tweets with a persona in b alone.")]
    moved_tweets: Annotated[int, count(
        "Shared tweets that are not in the successor of their persona.")]
    personas: Annotated[tuple[PersonaChange, ...], column(
        "A change for each persona of a, largest first.")]
    new_personas: Annotated[tuple[str, ...], column("Ids of personas of b that a lacks.")]
    figures: Annotated[tuple[FigureChange, ...], column("The main figures of both.")]


class ExportedFile(Record):
    """An export that was written."""

    name: Annotated[str, column("Name of the export.")]
    path: Annotated[str, column("Where it was written.", header="file")]
    bytes: Annotated[int, count("Its size.", header="bytes")]
    snapshot: Annotated[str, column("Id of the snapshot that it belongs to.", header="snapshot")]
# fmt: on
