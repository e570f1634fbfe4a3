"""`RIIndex`: one published snapshot, and the questions that it answers.

Belongs here: the public face, each method a line or a few. Does not belong here:
how an answer is found, which is a pure function in a module beside this one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, SupportsIndex

from ri_assets.environment import store_location
from ri_assets.ri_index import (
    arguments,
    assign,
    audience,
    diff,
    evidence,
    query,
    semantic_search,
    similar,
    snapshots,
    stats,
    tweets,
)
from ri_assets.ri_index.arguments import PersonaRef
from ri_assets.ri_index.assignment import Assignment
from ri_assets.ri_index.drafts import DraftInfo, draft_info, open_snapshot
from ri_assets.ri_index.exports import delivery
from ri_assets.ri_index.records import (
    Audience,
    Comparison,
    Coverage,
    ExportedFile,
    LineageEvent,
    Match,
    Persona,
    PersonaBrief,
    PersonaTweet,
    RhythmSlot,
    Sample,
    Similar,
    SummaryStats,
    Term,
    TweetPersona,
)
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.ri_index.snapshot_records import Diff, Quality, SnapshotInfo
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot

if TYPE_CHECKING:
    from ri_assets.ri_index.assign_input import TweetsGiven


class RIIndex:
    """The RI Index over one published snapshot, which it never changes.

    Use `RIIndex.open`. Wherever a persona is asked for, its id, its name (case, spaces
    and punctuation are forgiven), its rank by size (0 is the largest) or a persona that
    another method returned will do. Answers are frozen records, or `Rows` of them, with
    `to_json()` and `to_frame()`. What cannot be answered raises a `QueryError`, what is
    not there a `NotFoundError`, and a snapshot that is missing or damaged a `StoreError`.

    Attributes
    ----------
    draft
        What a reader of a draft must know: why it was not published, and which ids are
        provisional. None where a published snapshot is read.

    Examples
    --------
    >>> ri = RIIndex.open()  # doctest: +SKIP
    >>> ri.filter_personas(min_size=100, top_terms=["delivery"]).to_frame()  # doctest: +SKIP
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.draft: DraftInfo | None = draft_info(contents)

    @classmethod
    def open(
        cls,
        snapshot: str | None = None,
        *,
        store: str | os.PathLike[str] | None = None,
        draft: bool = False,
    ) -> RIIndex:
        """Open a snapshot, or the draft of a refused run.

        Parameters
        ----------
        snapshot
            Its id; without one, the one that is current.
        store
            Folder or fsspec URL; without one, `RI_STORE`, else the project's own.
        draft
            Whether to read what the last run found although it was not published. Its id
            begins with ``DRAFT-``, and ids of its new personas are provisional.

        Raises
        ------
        StoreError
            Nothing is published, there is no such snapshot or no draft, or it is not whole.
        QueryError
            A snapshot and a draft are asked for at once.
        """
        files = Files(store_location(None if store is None else os.fspath(store)))
        return cls(Contents(open_snapshot(files, snapshot, draft=draft)))

    def __repr__(self) -> str:
        return f"RIIndex({self.snapshot!r}, store={self._contents.snapshot.files.location!r})"

    @property
    def snapshot(self) -> str:
        """Id of the snapshot."""
        return self._contents.snapshot.manifest.snapshot

    def get_persona(self, persona: PersonaRef) -> Persona:
        """Give a persona by id, name or rank by size."""
        return arguments.find_persona(self._contents.by_id, persona)

    def get_personas(self, personas: Iterable[PersonaRef]) -> Rows[Persona]:
        """Give many personas, in the order given."""
        return Rows.of(Persona, [self.get_persona(one) for one in personas])

    def get_persona_by_name(self, name: str) -> Persona:
        """Give a persona by its name; the error for an unknown one suggests near ones."""
        return arguments.find_by_name(self._contents.by_id, name)

    def list_personas(self, brief: bool = True) -> Rows[PersonaBrief]:
        """List all personas, largest first.

        Parameters
        ----------
        brief
            Whether each is a `PersonaBrief`; else a `Persona`, with everything known.
        """
        return self._listed(self._contents.personas, brief=brief)

    def filter_personas(
        self,
        *,
        min_size: int | None = None,
        max_size: int | None = None,
        top_terms: str | Iterable[str] | None = None,
        peak_hour_range: tuple[int, int] | None = None,
        min_avg_word_count: float | None = None,
        max_avg_word_count: float | None = None,
    ) -> Rows[PersonaBrief]:
        """List the personas that meet all conditions given, largest first.

        Parameters
        ----------
        min_size, max_size
            Tweets, both included.
        top_terms
            A term or several; any of them suffices, in whole words of a top term.
        peak_hour_range
            Local hours (first, last), both included; (22, 4) runs across midnight. A
            persona whose peak chance explains has none, and fits no range.
        min_avg_word_count, max_avg_word_count
            Words of a tweet on average, both included.
        """
        found = query.filter_personas(
            self._contents.personas,
            min_size=min_size,
            max_size=max_size,
            top_terms=top_terms,
            peak_hour_range=peak_hour_range,
            min_avg_word_count=min_avg_word_count,
            max_avg_word_count=max_avg_word_count,
        )
        return self._listed(found, brief=True)

    def get_persona_tweets(
        self,
        persona: PersonaRef,
        limit: int | None = 20,
        *,
        with_text: bool = False,
        offset: int = 0,
    ) -> Rows[PersonaTweet]:
        """List a persona's tweets, nearest to its centroid first.

        Parameters
        ----------
        limit
            At most so many; None gives all. `total` of the answer says how many there are.
        with_text
            Whether to read their texts, cleaned of personal data. They are withheld, with
            a `note`, where too few distinct authors wrote them. The cleaner takes seconds
            to start.
        offset
            How many of the nearest to leave out, so that long lists can be read in parts.
        """
        found = self.get_persona(persona)
        most = None if limit is None else arguments.count("limit", limit)
        after = arguments.count("offset", offset, 0)
        return tweets.persona_tweets(self._contents, found, most, with_text=with_text, offset=after)

    def get_tweet_persona(self, tweet_id: SupportsIndex | str) -> TweetPersona:
        """Give the persona of a tweet, by its id as a number or as digits."""
        return tweets.tweet_persona(self._contents, tweet_id)

    def get_tweet_personas(self, tweet_ids: Iterable[SupportsIndex | str]) -> Rows[TweetPersona]:
        """Give the personas of many tweets, in the order given; unknown ones have None."""
        return tweets.tweet_personas(self._contents, tweet_ids)

    def get_tweet_samples(self, persona: PersonaRef, n: int = 5) -> Rows[Sample]:
        """List tweets that show what a persona sounds like, cleaned, most typical first.

        Fewer than `n` come where the snapshot keeps fewer; none, with a `note`, where too
        few distinct authors wrote readable tweets.
        """
        found = self.get_persona(persona)
        return tweets.samples(self._contents, found, arguments.count("n", n))

    def get_persona_terms(self, persona: PersonaRef) -> Rows[Term]:
        """List the terms that set a persona apart, best first, with weight, shares and lift."""
        return Rows.of(Term, evidence.terms(self._contents, self.get_persona(persona)))

    def get_persona_rhythm(self, persona: PersonaRef) -> Rows[RhythmSlot]:
        """List hours and weekdays of a persona, with lift and interval; none without times."""
        return Rows.of(RhythmSlot, evidence.rhythm(self._contents, self.get_persona(persona)))

    def get_audience(self, personas: Iterable[PersonaRef] | None = None) -> Audience:
        """Count tweets and distinct authors of several personas together; without any, of all."""
        chosen = self.list_personas() if personas is None else personas
        return audience.audience(self._contents, self.get_personas(chosen))

    def find_similar_personas(
        self, persona: PersonaRef, method: str = "language", top_k: int = 3
    ) -> Rows[Similar]:
        """List the personas most like one, by language, style or size (see `similar.py`)."""
        found = self.get_persona(persona)
        most = arguments.count("top_k", top_k)
        return Rows.of(Similar, similar.similar(self._contents, found, method, most))

    def compare(self, a: PersonaRef, b: PersonaRef) -> Comparison:
        """Put two personas side by side: terms, traits, and how alike they are."""
        return similar.compare(self._contents, self.get_persona(a), self.get_persona(b))

    def search(self, text: str, top_k: int = 5) -> Rows[Match]:
        """List the personas nearest in meaning to a text; loads the model, offline."""
        most = arguments.count("top_k", top_k)
        return Rows.of(Match, semantic_search.search(self._contents, text, most))

    def assign(self, tweets: TweetsGiven, replies: TweetsGiven | None = None) -> Rows[Assignment]:
        """Give the persona of tweets that the run never saw, in the order given.

        Loads the model, offline; nothing is kept. Where nothing fits, it is None, with a `reason`.

        Parameters
        ----------
        tweets
            Texts, or whole tweets: records or a frame with `text` and any other columns of a
            source's tweets. What is lacking counts as ordinary, and the `note` says so.
        replies
            Replies to these tweets, with the columns of a source's replies.
        """
        return assign.assign(self._contents, tweets, replies)

    def get_summary_stats(self) -> SummaryStats:
        """Give counts, retention, coverage and sizes."""
        return stats.summary_stats(self._contents)

    def get_persona_coverage(self) -> Rows[Coverage]:
        """Say what part of the tweets each persona is, largest first, and their running sum."""
        return Rows.of(Coverage, stats.coverage(self._contents))

    def quality(self) -> Quality:
        """Give the run's figures beside their nulls, the checks, and each persona's stability."""
        return stats.quality(self._contents)

    def lineage(self, persona: PersonaRef) -> Rows[LineageEvent]:
        """List what became of a persona, retired ones included, over all published runs."""
        return Rows.of(LineageEvent, stats.lineage(self._contents, persona))

    def snapshots(self) -> Rows[SnapshotInfo]:
        """List the snapshots of the store, oldest first."""
        return snapshots.list_snapshots(self._contents.snapshot.files)

    def diff(self, snapshot_a: str, snapshot_b: str | None = None) -> Diff:
        """Say what changed from snapshot a to snapshot b, which is this one if not named."""
        files = self._contents.snapshot.files
        b = self._contents if snapshot_b is None else Contents(Snapshot(files, snapshot_b))
        return diff.diff(Contents(Snapshot(files, snapshot_a)), b)

    def export(self, folder: str | os.PathLike[str]) -> Rows[ExportedFile]:
        """Write the seven exports into a folder; each file appears whole or not at all.

        The folder is made where its parent exists; earlier exports in it are replaced.

        Raises
        ------
        ExportError
            It cannot be written; what was there before stays.
        """
        return Rows.of(ExportedFile, delivery.export_all(self._contents, folder))

    def export_for_app(self, path: str | os.PathLike[str]) -> ExportedFile:
        """Write `ri_index_app.json` alone, as `path`; raises as `export`."""
        return delivery.export_app(self._contents, path)

    def verify(self) -> None:
        """Compare every file of the snapshot with its manifest; raises a `StoreError`."""
        self._contents.snapshot.verify()

    def _listed(self, found: Iterable[Persona], *, brief: bool) -> Rows[PersonaBrief]:
        if not brief:
            return Rows.of(Persona, list(found))
        return Rows.of(PersonaBrief, [self._contents.briefs[p.persona_id] for p in found])
