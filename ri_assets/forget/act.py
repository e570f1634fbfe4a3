"""Forget people in a whole store: staged beside the files, then put in place together."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ri_assets.errors import BusyError, StoreError
from ri_assets.explorer.page import EXPLORER, with_changed_data
from ri_assets.forget.people import People, find_people, post_tables
from ri_assets.forget.scrub import Scrubber
from ri_assets.pipeline.embed import text_key
from ri_assets.pipeline.text import body, content_without
from ri_assets.records.manifest import Forgetting, Manifest, Verdict
from ri_assets.ri_index.app_tables import LOOKUP, Lookup, lookup_bytes
from ri_assets.ri_index.exports.names import MAPPING
from ri_assets.ri_index.posts import POSTS, posts_without
from ri_assets.store import locks, source_copy
from ri_assets.store.active_runs import clear_debris
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.forgotten import add_forgotten
from ri_assets.store.pointer import POINTER, manifest_place, published_ids, read_pointer
from ri_assets.store.raw_posts import (
    kept_ids,
    place_of,
    raw_folder,
    recorded_ids,
    removal_place,
)
from ri_assets.store.removed import chained_manifest, removed_ids, removed_place
from ri_assets.store.staged import discard, finish_change, put_in_place, staged_place

_TWEETS = "ri_index_app.tweet_personas.parquet"


@dataclass(frozen=True)
class Forgot:
    """What was removed, or would be; it names nobody.

    Parameters
    ----------
    posts
        Distinct tweets and replies that the store held.
    snapshots
        Snapshots that were rewritten, with the number of posts removed from each.
    candidates
        Candidates that were removed.
    vectors
        Vectors that were removed from the cache.
    unreached
        Files of the store that may still name them, for a person to edit.
    without_raw
        Snapshots whose raw posts were removed: their posts are known by id alone.
    """

    posts: int
    snapshots: dict[str, int]
    candidates: int
    vectors: int
    unreached: tuple[str, ...] = ()
    without_raw: tuple[str, ...] = ()


def forget(
    files: Files,
    authors: Sequence[str],
    tweets: Sequence[str],
    now: datetime,
    *,
    is_dry_run: bool = False,
) -> Forgot:
    """Remove people from everything in a store, and put them on the list for later runs.

    Parameters
    ----------
    authors, tweets
        As for `find_people`.
    is_dry_run
        Only count.

    Raises
    ------
    BusyError
        A run is in progress. The people are on the list already.
    StoreError
        A file cannot be read or is damaged; nothing in the snapshots was changed.
    """
    if not is_dry_run:
        finish_change(files)
    people = find_people(files, authors, tweets)
    if not is_dry_run:
        add_forgotten(files, people.handles, people.author_ids, people.named)
        _require_no_run(files)
        discard(files)
        clear_debris(files)  # a killed run may have left a snapshot that nobody published
    change = _Change(files, Scrubber(people), now, is_dry_run=is_dry_run)
    counts = change.stage_snapshots()
    vectors = change.stage_cache(_keys(files, people))
    runs = files.names("candidate")
    if not is_dry_run:
        change.stage_chain(counts)
        change.stage_removals()
        latest = [f"latest/{name}" for name in files.names("latest")]
        change.removed += [*(f"candidate/{run}" for run in runs), *latest, source_copy.FOLDER]
        put_in_place(files, change.replaced, change.removed)
    return Forgot(
        len(people.tweet_ids),
        counts,
        len(runs),
        vectors,
        tuple(_unreached(files, change.scrubber)),
        tuple(change.without_raw),
    )


def _require_no_run(files: Files) -> None:
    if running := locks.under_way(files):
        raise BusyError(
            f"run {running[0]} is in progress, and may have read their posts already",
            "a store without runs in progress",
            "wait until it ends, then run the same command again; later runs already leave "
            "these people out",
        )


class _Change:
    """New content of a store's files, written beside them."""

    def __init__(
        self, files: Files, scrubber: Scrubber, now: datetime, *, is_dry_run: bool
    ) -> None:
        self.files, self.scrubber, self.is_dry_run = files, scrubber, is_dry_run
        self.today = now.date().isoformat()
        self.replaced: dict[str, str] = {}
        self.removed: list[str] = []
        self.without_raw: list[str] = []
        self._manifests: dict[str, Manifest] = {}

    def stage_snapshots(self) -> dict[str, int]:
        """Write the changed files of every snapshot; give the posts removed from each."""
        counts: dict[str, int] = {}
        for snapshot in published_ids(self.files):
            manifest = chained_manifest(self.files, snapshot)
            known = {**manifest.files, **self._raw_of(manifest)}
            digests = {
                name: digest
                for name, before in known.items()
                if (digest := self._staged(manifest, name, before))
            }
            if not digests:
                continue
            raw = {name: digests.pop(name) for name in manifest.raw if name in digests}
            counts[snapshot] = self._posts_in(snapshot)
            note = Forgetting(date=self.today, posts=counts[snapshot])
            self._manifests[snapshot] = manifest.model_copy(
                update={
                    "files": {**manifest.files, **digests},
                    "raw": {**manifest.raw, **raw},
                    "forgotten": (*manifest.forgotten, note),
                    "verdicts": tuple(map(self._scrubbed, manifest.verdicts)),
                }
            )
        return counts

    def _raw_of(self, manifest: Manifest) -> dict[str, str]:
        """Give the digests of a snapshot's files with raw posts, as far as they are there."""
        found = {
            name: digest
            for name, digest in manifest.raw.items()
            if self.files.exists(_place(manifest, name))
        }
        if len(found) < len(manifest.raw):
            self.without_raw.append(manifest.snapshot)
        return found

    def stage_removals(self) -> None:
        """Write the records of removed raw posts without the people; they quote corrections."""
        for snapshot in recorded_ids(self.files):
            place = removal_place(snapshot)
            content = self.files.read_json(place)
            if (after := self.scrubber.value(content)) != content:
                self._stage_bytes(place, _as_json(after).encode())

    def _scrubbed(self, verdict: Verdict) -> Verdict:
        return verdict.model_copy(update={"message": self.scrubber.text(verdict.message)})

    def _posts_in(self, snapshot: str) -> int:
        found: set[int] = set()
        ids = pa.array(self.scrubber.people.tweet_ids, pa.int64())
        own = (f"snapshots/{snapshot}/", f"{raw_folder(snapshot)}/")
        for place in (*post_tables(self.files), own[0] + _TWEETS):
            if place.startswith(own):
                column = self.files.read_table(place, ["tweet_id"])["tweet_id"]
                found |= set(column.filter(pc.is_in(column, value_set=ids)).to_pylist())
        return len(found)

    def _staged(self, manifest: Manifest, name: str, digest: str) -> str | None:
        """Stage the new content of a file, if it changes; give its digest."""
        place = _place(manifest, name)
        before = bytes(self.files.buffer(place))
        if hashlib.sha256(before).hexdigest() != digest:
            raise StoreError(
                f"{place} differs from its manifest, so it cannot be rewritten",
                f"sha256 {digest}",
                "restore the snapshot from a backup or delete its folder, then run the same "
                "command again",
            )
        after = self._changed(manifest.snapshot, name, before)
        if after is None:
            return None
        if isinstance(after, pa.Table):
            return self._stage_table(place, after)
        return self._stage_bytes(place, after)

    def _changed(self, snapshot: str, name: str, before: bytes) -> pa.Table | bytes | None:
        """Give a file's content without the people; None if it holds nothing of them."""
        scrub = self.scrubber
        if name.endswith(".parquet"):
            table = pq.read_table(io.BytesIO(before))
            after = scrub.table(table)
            return None if after.equals(table) else after
        if name == LOOKUP:
            place = f"snapshots/{snapshot}/{_TWEETS}"
            table = scrub.table(self.files.read_table(place))
            content = lookup_bytes(table, Lookup.of(before).personas)
            return None if content == before else content
        if name == POSTS:
            ids = Lookup.of(self.files.buffer(f"snapshots/{snapshot}/{LOOKUP}")).tweet_id
            keeps = ~np.isin(ids, list(scrub.people.tweet_ids))
            return None if keeps.all() else posts_without(before, keeps)
        text = before.decode()
        if name == EXPLORER:
            new = with_changed_data(text, scrub.page_data)
        elif name == MAPPING:
            new = scrub.mapping(text)
        elif name.endswith(".json"):
            content = json.loads(text)
            after = scrub.value(content)
            indent = 2 if text.count("\n") > 1 else None
            new = json.dumps(after, ensure_ascii=False, indent=indent)
            new = text if after == content else new + "\n" * text.endswith("\n")
        else:
            new = scrub.text(text)
        return None if new == text else new.encode()

    def stage_cache(self, keys: frozenset[bytes]) -> int:
        """Write the cache without some texts; give the number of vectors removed."""
        wanted = pa.array(sorted(keys), pa.binary(32))
        n_removed = 0
        for place in EmbeddingCache(self.files).segments():
            table = self.files.read_table(place)
            kept = table.filter(pc.invert(pc.is_in(table["key"], value_set=wanted)))
            if len(kept) == len(table):
                continue
            n_removed += len(table) - len(kept)
            if len(kept):
                self._stage_table(place, kept)
            else:
                self.removed.append(place)
        return n_removed

    def stage_chain(self, counts: dict[str, int]) -> None:
        """Write the manifests of changed snapshots, and of all that follow them, and the pointer.

        A manifest names the digest of the one before, so a change runs through to the newest.
        """
        if not counts:
            return
        pointer = read_pointer(self.files)
        history = dict(pointer.history or dict.fromkeys(published_ids(self.files), ""))
        published, removed = set(published_ids(self.files)), set(removed_ids(self.files))
        new: dict[str, str] = {}
        for snapshot in [name for name in history if name in published | removed]:
            known = chained_manifest(self.files, snapshot)
            manifest = self._manifests.get(snapshot, known)
            if manifest.previous_manifest and manifest.previous in new:
                manifest = manifest.model_copy(update={"previous_manifest": new[manifest.previous]})
            if manifest == known:
                continue
            text = _stored(manifest)
            new[snapshot] = hashlib.sha256(text.encode()).hexdigest()
            if snapshot in published:
                self._stage_bytes(manifest_place(snapshot), text.encode())
            else:
                content = self.files.read_json(removed_place(snapshot)) | {"manifest": text}
                self._stage_bytes(removed_place(snapshot), _as_json(content).encode())
        digests = {name: new.get(name, digest) for name, digest in history.items()}
        content = type(pointer)(pointer.current, digests).content()
        self._stage_bytes(POINTER, _as_json(content).encode())

    def _stage_table(self, place: str, table: pa.Table) -> str:
        return self._stage(place, lambda staged: self.files.write_table(staged, table).sha256)

    def _stage_bytes(self, place: str, content: bytes) -> str:
        return self._stage(place, lambda staged: self.files.write_bytes(staged, content))

    def _stage(self, place: str, write: Callable[[str], str]) -> str:
        staged = staged_place(len(self.replaced))
        self.replaced[place] = staged
        return "none" if self.is_dry_run else write(staged)


def _place(manifest: Manifest, name: str) -> str:
    return place_of(manifest.snapshot, name, manifest.raw)


def _stored(manifest: Manifest) -> str:
    return _as_json(manifest.model_dump())


def _as_json(content: object) -> str:
    """Write JSON as `Files.write_json` does."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    return text + "\n"


def _keys(files: Files, people: People) -> frozenset[bytes]:
    """Keys under which the cache may have vectors of their posts."""
    names: set[tuple[str, ...]] = {()}
    for snapshot in files.names("snapshots"):
        place = f"snapshots/{snapshot}/embeddings.masked_names.parquet"
        if files.exists(place):
            names.add(tuple(files.read_table(place, ["name"])["name"].to_pylist()))
    texts = set()
    for text in people.texts:
        texts |= {text, body(text), *(content_without(text, masked) for masked in names)}
    return frozenset(map(text_key, texts))


def _unreached(files: Files, scrubber: Scrubber) -> Iterator[str]:
    """Files that people wrote, and folders that no run made; nobody rewrites them."""
    published = set(published_ids(files))
    for name in sorted(set(files.names("snapshots")) - published):
        yield files.path(f"snapshots/{name}")
    for name in sorted(set(kept_ids(files)) - published):
        yield files.path(raw_folder(name))
    for name in files.names(""):
        if name.endswith((".yaml", ".yml")):
            text = files.read_text(name)
            if scrubber.text(text) != text:
                yield files.path(name)
