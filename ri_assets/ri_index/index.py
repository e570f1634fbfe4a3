"""`RIIndex`: one published snapshot, and the questions that it answers.

Belongs here: the public face. Each question is a function in a module beside this one; its
method has the same names, types and docstring. Does not belong here: how an answer is found.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from ri_assets.environment import store_location
from ri_assets.records.personas import Persona
from ri_assets.records.snapshots import DraftInfo, ExportedFile, SnapshotInfo
from ri_assets.ri_index import authors, personas, plots, similarity, snapshots, tweets
from ri_assets.ri_index.card import card_of
from ri_assets.ri_index.drafts import draft_info
from ri_assets.ri_index.exports import delivery
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents, open_contents
from ri_assets.store.files import Files

if TYPE_CHECKING:
    from ri_assets.records.answers import Assignment
    from ri_assets.ri_index.arguments import PersonaRef
    from ri_assets.ri_index.assign import TweetsGiven

P = ParamSpec("P")
R = TypeVar("R")


def _method(ask: Callable[Concatenate[Contents, P], R]) -> Callable[Concatenate[RIIndex, P], R]:
    """Make a method of a question: it answers from the index's own snapshot."""

    @wraps(ask)
    def method(self: RIIndex, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return ask(self._contents, *args, **kwargs)

    signature = inspect.signature(ask)
    first, *others = signature.parameters.values()
    own = [first.replace(name="self", annotation=first.empty), *others]
    method.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    return method


class RIIndex:
    """The RI Index over one published snapshot, which it never changes.

    Use `RIIndex.open`. A persona may be given as its id, its name (case, spaces and punctuation
    are ignored), its rank by size (0 is the largest), or a record that another method returned.
    Answers are frozen records, or `Rows` of them, with `to_json()` and `to_frame()`. A method
    raises a `QueryError` if an argument cannot be used, a `NotFoundError` if there is no such
    persona, tweet or snapshot, and a `StoreError` if the snapshot is missing or damaged.

    Attributes
    ----------
    draft
        Why a draft was not published, and which ids are provisional. None for a published
        snapshot.

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
            Its id; default: the current one.
        store
            Folder or fsspec URL; default: `RI_STORE`, else the project's own.
        draft
            Read what a refused run found. The draft's id begins with ``DRAFT-``, and the ids
            of its new personas are provisional.

        Raises
        ------
        StoreError
            There is no such snapshot or draft, or files are missing.
        QueryError
            Both a snapshot and the draft are given.
        """
        files = Files(store_location(None if store is None else os.fspath(store)))
        return cls(open_contents(files, snapshot, draft=draft))

    def __repr__(self) -> str:
        return f"RIIndex({self.snapshot!r}, store={self._contents.snapshot.files.location!r})"

    def __len__(self) -> int:
        """Count the personas."""
        return len(self._contents.personas)

    def __iter__(self) -> Iterator[Persona]:
        """Give every persona, largest first."""
        return iter(self._contents.personas)

    def __getitem__(self, persona: PersonaRef) -> Persona:
        """Get a persona as `get_persona` does: ``ri["P01"]``, or by name or rank."""
        return self.get_persona(persona)

    def _ipython_key_completions_(self) -> list[str]:
        return [text for one in self for text in (one.persona_id, one.name)]

    def _repr_html_(self) -> str:
        """Give what a notebook shows."""
        from ri_assets.records.notebook import as_html
        from ri_assets.records.shown import outcome, parts_of_list

        told = [] if self.draft is None else [str(self.draft)]
        told.append(outcome(self.quality().checks))
        listed = self.list_personas()
        table = parts_of_list(listed.kind, listed.items, listed.total, listed.note)
        return as_html([*told, *table], heading=f"RI Index, snapshot {self.snapshot}")

    @property
    def snapshot(self) -> str:
        """Id of the snapshot."""
        return self._contents.snapshot.manifest.snapshot

    list_personas = _method(personas.list_personas)
    get_persona = _method(personas.get_persona)
    get_personas = _method(personas.get_personas)
    get_persona_by_name = _method(personas.get_persona_by_name)
    filter_personas = _method(personas.filter_personas)
    get_persona_terms = _method(personas.get_persona_terms)
    get_persona_rhythm = _method(personas.get_persona_rhythm)
    get_audience = _method(authors.get_audience)
    get_persona_overlap = _method(authors.get_persona_overlap)
    lineage = _method(personas.lineage)

    find_similar_personas = _method(similarity.find_similar_personas)
    compare = _method(similarity.compare)
    search = _method(similarity.search)

    get_persona_tweets = _method(tweets.get_persona_tweets)
    get_tweet_persona = _method(tweets.get_tweet_persona)
    get_tweet_personas = _method(tweets.get_tweet_personas)
    get_tweet_samples = _method(tweets.get_tweet_samples)

    get_summary_stats = _method(snapshots.get_summary_stats)
    get_persona_coverage = _method(snapshots.get_persona_coverage)
    quality = _method(snapshots.quality)
    diff = _method(snapshots.diff)

    card = _method(card_of)
    plot_map = _method(plots.plot_map)
    plot_sizes = _method(plots.plot_sizes)
    plot_stability = _method(plots.plot_stability)
    plot_hours = _method(plots.plot_hours)

    def assign(self, tweets: TweetsGiven, replies: TweetsGiven | None = None) -> Rows[Assignment]:
        """Assign new tweets to personas, if one fits (see `ri_assets.ri_index.assign`)."""
        from ri_assets.ri_index.assign import assign  # it loads pandas; nothing else here does

        return assign(self._contents, tweets, replies)

    def snapshots(self) -> Rows[SnapshotInfo]:
        """List the published snapshots, oldest first."""
        return snapshots.list_snapshots(self._contents.snapshot.files)

    def export(self, folder: str | os.PathLike[str]) -> Rows[ExportedFile]:
        """Write the eight exports into a folder; each file appears whole or not at all.

        The folder is created if its parent exists; earlier exports in it are replaced.

        Raises
        ------
        ExportError
            They cannot be written; earlier files stay.
        """
        return Rows.of(ExportedFile, delivery.export_all(self._contents, folder))

    def export_for_app(self, path: str | os.PathLike[str]) -> ExportedFile:
        """Write `ri_index_app.json` alone, as `path`; raises as `export`."""
        return delivery.export_app(self._contents, path)

    def verify(self) -> None:
        """Compare every file of the snapshot with its manifest; raises a `StoreError`."""
        self._contents.snapshot.verify()
