"""One request: the snapshot that answers it, and how the answer is sent.

Belongs here: open snapshots, parameters that every path has, ETags (RFC 9110), pages and their
links (RFC 8288). Does not belong here: any question.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from ri_assets.errors import BusyError, NotFoundError, QueryError, RIError
from ri_assets.personas.corrections.entries import Corrections
from ri_assets.records.record import Record
from ri_assets.ri_index.arguments import SnapshotName
from ri_assets.ri_index.http.limits import MOST_ROWS, MOST_SKIPPED
from ri_assets.ri_index.new_names import latest_corrections
from ri_assets.ri_index.questions import Absent
from ri_assets.ri_index.results import Rows, answer_json
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id, is_published, published_ids
from ri_assets.store.snapshot import Snapshot

T = TypeVar("T")
_KEPT = 4
_log = logging.getLogger("ri_index.http")


class Parameters(BaseModel):
    """Parameters of a path; any other is refused, because it would have no effect."""

    model_config = ConfigDict(extra="forbid")


class OfSnapshot(Parameters):
    """The parameter of every path that a snapshot answers."""

    snapshot: SnapshotName | Absent = Field(
        None, description="Id of the snapshot; default: the current one."
    )


class Page(Parameters):
    """Parameters of a list that comes in pages."""

    offset: int = Field(0, ge=0, le=MOST_SKIPPED, description="Number to skip.")
    limit: int = Field(100, ge=1, le=MOST_ROWS, description="Maximum number to return.")


def refuse_repeated(request: Request, given: BaseModel) -> None:
    """Refuse a parameter that is given twice but takes one value."""
    for name in request.query_params:
        if len(request.query_params.getlist(name)) > 1 and not isinstance(
            getattr(given, name), list
        ):
            raise QueryError(
                f"{name} is given more than once", "one value", "leave out all but one"
            )


class Indexes:
    """The open snapshots of one store, for several threads.

    Parameters
    ----------
    location
        Folder or fsspec URL of the store.
    """

    def __init__(self, location: str) -> None:
        # In full, so that errors can leave it out.
        self.files = Files(location if "://" in location else str(Path(location).absolute()))
        self._open: OrderedDict[str, tuple[Corrections | None, Contents]] = OrderedDict()
        self._lock = Lock()

    def contents(self, snapshot: str | None = None) -> Contents:
        """Give a snapshot by id, or the one that is current now.

        Raises
        ------
        NotFoundError
            There is no snapshot of that id.
        StoreError
            Nothing is published, or the snapshot's files are missing.
        """
        name = current_id(self.files) if snapshot is None else snapshot
        with self._lock:
            known, kept = self._open.get(name or "", (None, None))
            if kept is not None:
                self._open.move_to_end(kept.snapshot.manifest.snapshot)
        if kept is not None and kept.snapshot.is_as_opened():
            if (corrections := _corrections(kept.snapshot)) == known:
                return kept
            opened = kept.snapshot
        else:
            if snapshot is not None:
                self._need(snapshot)
            opened = Snapshot(self.files, name)
            corrections = _corrections(opened)
        # Not kept if it fails: a copy in progress may be complete next time.
        found = Contents(opened, lambda _: corrections)
        with self._lock:
            self._open[found.snapshot.manifest.snapshot] = corrections, found
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)
        return found

    def _need(self, snapshot: str) -> None:
        if not is_published(self.files, snapshot):
            known = published_ids(self.files)
            raise NotFoundError(
                f"there is no snapshot {snapshot!r}",
                f"one of {', '.join(known)}" if known else "a store with a published snapshot",
                "correct the id (/snapshots lists them), or leave it out for the current snapshot",
            )


def _corrections(snapshot: Snapshot) -> Corrections | None:
    """Read the corrections of now; a fault in the file is logged, and what was published stays."""
    try:
        return latest_corrections(snapshot)
    except RIError as error:
        _log.error("%s", error)
        return None


def indexes_of(request: Request) -> Indexes:
    """Give the snapshots that the application serves."""
    found: Indexes = request.app.state.indexes
    return found


class Asked:
    """A request and the snapshot that answers it.

    Parameters
    ----------
    request
        As it came.
    contents
        The snapshot.
    """

    def __init__(self, request: Request, contents: Contents) -> None:
        self.contents = contents
        self.snapshot = contents.snapshot.manifest.snapshot
        self._request = request

    @classmethod
    async def of(cls, request: Request, given: OfSnapshot) -> Asked:
        """Open the snapshot that the parameters name; raises as `Indexes.contents`."""
        refuse_repeated(request, given)
        opened = await to_thread.run_sync(indexes_of(request).contents, given.snapshot)
        if opened.must_screen:
            slow = request.app.state.slow
            await to_thread.run_sync(lambda: opened.everyone, limiter=slow)
        return cls(request, opened)

    @property
    def headers(self) -> dict[str, str]:
        """Headers of an answer: a client that keeps it asks whether it is still current."""
        if self._request.method != "GET":
            return {"Cache-Control": "no-store"}
        tag = f"{self.snapshot}{self._removed}{self._changes}"
        return {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}

    @property
    def _removed(self) -> str:
        """Give a mark of the removals of people and of raw posts; empty without any."""
        snapshot = self.contents.snapshot
        times = len(snapshot.manifest.forgotten)
        without_raw = ".r" if snapshot.removal is not None else ""
        return f".f{times}{without_raw}" if times else without_raw

    @property
    def _changes(self) -> str:
        """Give a mark of the corrections that are newer than the snapshot; empty without any."""
        changed, merges = self.contents.changed, self.contents.next_merges
        if not changed and not merges:
            return ""
        content = "".join([*(changed[key].to_json() for key in sorted(changed)), merges])
        return f".{sha256(content.encode()).hexdigest()[:16]}"

    async def run(self, call: Callable[[], T], *, is_slow: bool = False) -> T:
        """Find an answer in a thread; slow ones run one at a time.

        The model and the cleaner are loaded once and use all cores; neither is made for
        several threads.

        Raises
        ------
        BusyError
            Too many slow questions are waiting.
        """
        if not is_slow:
            return await to_thread.run_sync(call)
        state = self._request.app.state
        # Counted here: the limiter counts a question only after a pause, in which others pass too.
        if state.slow_questions > state.limits.waiting:
            raise BusyError(
                f"{state.limits.waiting} slow questions are already waiting",
                "fewer at once; search, assign, texts and verify run one at a time",
                "try again in a few seconds",
            )
        state.slow_questions += 1
        try:
            return await to_thread.run_sync(call, limiter=state.slow)
        finally:
            state.slow_questions -= 1

    def answer(self, found: Record | Rows[Any]) -> Response:
        """Send a record, or all rows."""
        return self._send(answer_json(found, self.snapshot))

    def page(self, rows: Rows[Any], offset: int, limit: int) -> Response:
        """Send a page of rows that are all here."""
        part = Rows.of(rows.kind, rows[offset : offset + limit], rows.total, rows.note)
        return self.part(part, offset, limit)

    def part(self, rows: Rows[Any], offset: int, limit: int) -> Response:
        """Send rows that are already one page, with links to the others."""
        links = {"Link": self._links(rows.total, offset, limit)}
        return self._send(answer_json(rows, self.snapshot), links)

    def is_known(self) -> bool:
        """Whether the client says that it has this answer already."""
        given = self._request.headers.get("If-None-Match", "")
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return not tags.isdisjoint({"*", self.headers["ETag"]}) if "ETag" in self.headers else False

    def _send(self, content: Any, more: dict[str, str] | None = None) -> Response:
        headers = {**self.headers, **(more or {})}
        # Only now: a question that is refused has no answer that a client could have.
        if self.is_known():
            return Response(status_code=304, headers=headers)
        return JSONResponse(content, headers=headers)

    def _links(self, total: int, offset: int, limit: int) -> str:
        """Give links that name this snapshot, so that no page comes from a newer one."""
        last = max(total - 1, 0) // limit * limit
        places = {"first": 0, "last": last}
        if offset > 0:
            places["prev"] = max(min(offset - limit, last), 0)
        if offset + limit < total:
            places["next"] = offset + limit
        kept = [
            (name, value)
            for name, value in self._request.query_params.multi_items()
            if name not in {"offset", "limit", "snapshot"}
        ]
        pinned = [*kept, ("snapshot", self.snapshot), ("limit", limit)]
        return ", ".join(
            f'<?{urlencode([*pinned, ("offset", place)])}>; rel="{rel}"'
            for rel, place in places.items()
        )
