"""A snapshot or a draft, opened: its tables, each read when first needed, verified, once.

Belongs here: which file holds what, and that it is whole. Does not belong here: answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.errors import QueryError, StoreError
from ri_assets.records.personas import Persona, PersonaBrief
from ri_assets.ri_index.app_tables import GUARD, LOOKUP, PROFILE, Lookup, lookup_bytes
from ri_assets.ri_index.new_names import (
    latest_corrections,
    next_merges,
    with_hidden,
    with_new_names,
)
from ri_assets.ri_index.posts import (
    ANSWERED,
    NEEDED,
    POSTS,
    Posts,
    posts_of,
    posts_stored,
    posts_table,
)
from ri_assets.ri_index.row_counts import Counts, read_counts
from ri_assets.store.files import Files
from ri_assets.store.raw_posts import RawPostsGoneError
from ri_assets.store.snapshot import Draft, Snapshot

if TYPE_CHECKING:
    from ri_assets.config import SnapshotSettings
    from ri_assets.personas.corrections.entries import Corrections
    from ri_assets.personas.privacy.author_ids import Authors
    from ri_assets.personas.privacy.guard import Guard

_CENTROID = "text_centroid"
_PERSONA = tuple(Persona.model_fields)


class Contents:
    """What the index knows of one snapshot.

    Parameters
    ----------
    snapshot
        The snapshot; all files that its manifest lists must be there.
    corrections
        Reads what people corrected since it was published; called when first needed. By default
        the personas are as they were published.

    Raises
    ------
    StoreError
        The snapshot is not whole. Later, by any attribute: a file is damaged.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        corrections: Callable[[Snapshot], Corrections | None] = lambda _: None,
    ) -> None:
        if missing := snapshot.missing():
            raise StoreError(
                f"snapshot {snapshot.manifest.snapshot} lacks {', '.join(missing)}",
                f"the {len(snapshot.manifest.files)} files that its manifest lists",
                "copy the snapshot again, rerun the pipeline, or open another with --snapshot",
            )
        self.snapshot = snapshot
        self._corrections = corrections

    @cached_property
    def everyone(self) -> tuple[Persona, ...]:
        """All personas, hidden ones too, largest first; of equals by id, as people corrected."""
        found = self._published
        if (latest := self._latest) is not None:
            when = self.snapshot.manifest.published_at
            found = with_new_names(found, latest.renames, when, lambda: self._may_be_shown)
            found = with_hidden(found, latest, when, lambda: self._may_be_shown)
        return tuple(sorted(found, key=lambda p: (-p.tweet_count, p.persona_id)))

    def screened(self) -> frozenset[str]:
        """Words of people's corrections that answers show, for the removal of the raw posts."""
        shown: set[str] = set()

        def noted(text: str) -> bool:
            if is_shown := self._may_be_shown(text):
                shown.add(text)
            return is_shown

        if (latest := self._latest) is not None:
            when = self.snapshot.manifest.published_at
            with_new_names(self._published, latest.renames, when, lambda: noted)
            with_hidden(self._published, latest, when, lambda: noted)
        return frozenset(shown)

    def _may_be_shown(self, text: str) -> bool:
        """Whether words that people wrote since the snapshot was published name nobody.

        Without the raw posts nobody knows the handles, so only words that were looked at before
        are shown.
        """
        try:
            return self.guard.passes(text)
        except RawPostsGoneError as gone:
            return gone.removal is not None and text in gone.removal.screened

    @cached_property
    def personas(self) -> tuple[Persona, ...]:
        """The personas that are shown, in the order of `everyone`."""
        return tuple(one for one in self.everyone if one.hidden_note is None)

    @cached_property
    def hidden(self) -> tuple[Persona, ...]:
        """The personas that people hid, in the order of `everyone`."""
        return tuple(one for one in self.everyone if one.hidden_note is not None)

    @cached_property
    def next_merges(self) -> str:
        """Say which personas the next run merges; empty if none."""
        if (latest := self._latest) is None:
            return ""
        return next_merges(self._published, latest, self.snapshot.manifest.published_at)

    @cached_property
    def changed(self) -> Mapping[str, Persona]:
        """Personas that differ from what was published, by id."""
        if self._latest is None:
            return {}
        published = {one.persona_id: one for one in self._published}
        return {p.persona_id: p for p in self.everyone if p != published[p.persona_id]}

    @cached_property
    def newly_named(self) -> Mapping[str, Persona]:
        """Personas that show another name or focus than was published, by id."""
        published = {one.persona_id: one for one in self._published} if self.changed else {}
        return {
            key: one
            for key, one in self.changed.items()
            if (one.name, one.focus) != (published[key].name, published[key].focus)
        }

    @property
    def must_screen(self) -> bool:
        """Whether `everyone` will use the cleaner, to see whether new words may be shown."""
        return "everyone" not in vars(self) and self._latest is not None

    @cached_property
    def by_id(self) -> Mapping[str, Persona]:
        """The personas that are shown by id, largest first."""
        return {persona.persona_id: persona for persona in self.personas}

    @cached_property
    def everyone_by_id(self) -> Mapping[str, Persona]:
        """All personas by id, largest first."""
        return {persona.persona_id: persona for persona in self.everyone}

    @cached_property
    def briefs(self) -> Mapping[str, PersonaBrief]:
        """The fields that a list shows, of all personas by id, largest first."""
        return {one.persona_id: PersonaBrief.from_row(dict(one)) for one in self.everyone}

    @cached_property
    def centroids(self) -> NDArray[np.float32]:
        """Mean text vectors less the corpus's, float32, shape (n_personas, 384), as `personas`."""
        table = self._enriched
        ids = table["persona_id"].to_pylist()
        flat = table[_CENTROID].combine_chunks().flatten().to_numpy()
        values = flat.reshape(len(ids), -1)
        order = [ids.index(persona) for persona in self.by_id]
        return np.asarray(values[order] - self.corpus_mean, dtype=np.float32)

    @cached_property
    def corpus_mean(self) -> NDArray[np.float32]:
        """Mean text vector of all tweets with a persona, float32, shape (384,)."""
        table = self._enriched
        sizes = table["tweet_count"].to_numpy()
        values = table[_CENTROID].combine_chunks().flatten().to_numpy().reshape(len(sizes), -1)
        return np.asarray(np.average(values, axis=0, weights=sizes), dtype=np.float32)

    @cached_property
    def lookup(self) -> Lookup:
        """Tweets and their personas; mapped into memory where the store is local."""
        if LOOKUP not in self.snapshot.manifest.files:
            # Published before there was the file: made here, which reads the whole table.
            return Lookup.of(lookup_bytes(self.snapshot.verified("ri_index_app", "tweet_personas")))
        content = self.snapshot.content(LOOKUP)
        try:
            return Lookup.of(content)
        except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise self.snapshot.files.damaged(self.snapshot.path(LOOKUP), str(error)) from error

    @cached_property
    def posts(self) -> Posts:
        """Author, time and replies of every tweet with a persona, in the order of `lookup`."""
        snapshot = self.snapshot
        if not snapshot.has(POSTS):
            # Published before there was the file: made here, as a run makes it.
            ids = self.lookup.tweet_id
            denoised = self.rows("denoised_tweets", None, ids, NEEDED)
            replies = snapshot.verified("raw_replies", columns=[ANSWERED])
            return posts_of(posts_table(denoised, replies, ids))
        content = snapshot.content(POSTS)
        try:
            return posts_of(posts_stored(content))
        except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise snapshot.files.damaged(snapshot.path(POSTS), str(error)) from error

    @property
    def authors(self) -> Authors:
        """Distinct authors by number, in the order of `lookup`."""
        return self.posts.authors

    @cached_property
    def counts(self) -> Counts:
        """Rows that the run read, could not read, dropped and kept."""
        return read_counts(self.snapshot)

    @cached_property
    def profile(self) -> SnapshotSettings:
        """Settings of the run, as far as reading needs them.

        Raises
        ------
        StoreError
            The snapshot does not hold them, because another version published it.
        """
        from pydantic import ValidationError

        from ri_assets.config import SnapshotSettings

        content = bytes(self.snapshot.content(PROFILE))
        try:
            return SnapshotSettings.model_validate_json(content)
        except ValidationError as error:
            where = sorted({".".join(map(str, problem["loc"])) for problem in error.errors()})
            raise StoreError(
                f"the profile of snapshot {self.snapshot.manifest.snapshot} cannot be read: "
                f"{', '.join(where)}",
                "the settings of this version",
                "rerun the pipeline, or open another snapshot",
            ) from error

    @cached_property
    def guard(self) -> Guard:
        """Cleaner and detector as the run had them; made once, for their library takes seconds.

        Raises
        ------
        RawPostsGoneError
            The raw posts were removed, and the list of handles with them.
        """
        from ri_assets.personas.privacy.guard import Guard, corpus_guard
        from ri_assets.personas.privacy.private_handles import POST_COLUMNS

        if self.snapshot.has(GUARD):
            try:
                known = json.loads(bytes(self.snapshot.content(GUARD)))
                # Snapshots of versions that learned no names, or no addresses, have none.
                return Guard(
                    known["people"],
                    known["brands"],
                    known.get("names", ()),
                    addresses=known.get("addresses", ()),
                )
            except (KeyError, TypeError, ValueError) as error:
                name = self.snapshot.path(GUARD)
                raise self.snapshot.files.damaged(name, "it is no list of handles") from error
        # Published before there was the file: read from the corpus, as the run did.
        settings = self.profile.enrich
        posts = [
            self.snapshot.verified(name, columns=list(POST_COLUMNS))
            for name in ("raw_tweets", "raw_replies")
        ]
        return corpus_guard(posts[0], posts[1], settings.brands, settings.min_authors)

    def part(self, asset: str, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows of a small table with the columns named, in stored order; read once."""
        key = (asset, name, tuple(columns))
        if key not in self._parts:
            self._parts[key] = self.snapshot.verified(asset, name, columns).to_pylist()
        return self._parts[key]

    def rows(
        self, asset: str, part: str | None, tweet_ids: Collection[int], columns: Sequence[str]
    ) -> pa.Table:
        """Read the rows of a few tweets of a large table, and no more of it than that takes."""
        return self.snapshot.rows(asset, part, tweet_ids, columns)

    def count(self, asset: str, part: str | None = None) -> int:
        """Rows of a table, read from its footer."""
        return self.snapshot.count(asset, part)

    @cached_property
    def _latest(self) -> Corrections | None:
        return self._corrections(self.snapshot)

    @cached_property
    def _published(self) -> list[Persona]:
        return [Persona.from_row(row) for row in self._enriched.select(_PERSONA).to_pylist()]

    @cached_property
    def _parts(self) -> dict[tuple[str, str, tuple[str, ...]], list[dict[str, Any]]]:
        return {}

    @cached_property
    def _enriched(self) -> pa.Table:
        return self.snapshot.verified("personas_enriched", columns=[*_PERSONA, _CENTROID])


def open_snapshot(files: Files, snapshot: str | None, *, draft: bool) -> Snapshot:
    """Open a snapshot by id, the current one if no id is given, or the draft.

    Raises
    ------
    QueryError
        Both a snapshot and the draft are given.
    StoreError
        There is no such snapshot, or no draft.
    """
    if draft and snapshot is not None:
        raise QueryError(
            f"both snapshot {snapshot} and the draft were given",
            "one of them",
            "leave out --snapshot or --draft",
        )
    return Draft(files) if draft else Snapshot(files, snapshot)


def open_contents(files: Files, snapshot: str | None, *, draft: bool) -> Contents:
    """Open a snapshot or the draft as people correct it now; raises as `open_snapshot`."""
    return Contents(open_snapshot(files, snapshot, draft=draft), latest_corrections)


def screened_in(snapshot: Snapshot) -> frozenset[str]:
    """Words of people's corrections that answers about a snapshot show now."""
    return Contents(snapshot, latest_corrections).screened()
