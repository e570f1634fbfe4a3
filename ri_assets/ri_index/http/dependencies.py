"""One question over HTTP: the snapshot that it is put to, and the form of its answer.

Belongs here: the `snapshot` parameter, ETags (RFC 9110), pages and their links
(RFC 8288). Does not belong here: any question.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from ri_assets.errors import BusyError, QueryError
from ri_assets.records.record import Record
from ri_assets.ri_index.http.snapshot_cache import Indexes
from ri_assets.ri_index.index import RIIndex
from ri_assets.ri_index.results import Rows

T = TypeVar("T")

Left = SkipJsonSchema[None]
"""What a parameter is that was left out; no value stands for it in an address."""

SnapshotName = Annotated[str, Field(min_length=1, max_length=100)]
SnapshotId = Annotated[
    SnapshotName | Left,
    Query(description="Id of a snapshot; without it, the one that is current."),
]
Who = Annotated[
    str,
    Query(
        min_length=1,
        max_length=100,
        description="A persona's id, its name (case and spacing are forgiven), or its rank by "
        "size; 0 is the largest.",
    ),
]
Offset = Annotated[int, Query(ge=0, le=10**9, description="Leave out so many.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many.")]


def known_parameters(request: Request) -> None:
    """Refuse a parameter that the question does not have, or that is given twice.

    It would have no effect, and nobody would notice that it is misspelt.
    """
    described = request.app.openapi()["paths"][request.scope["path"]][request.method.lower()]
    known = {part["name"]: part["schema"] for part in described.get("parameters", ())}
    for name in request.query_params:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise QueryError(
                f"there is no parameter {name[:80]!r}",
                f"one of {', '.join(known)}" if known else "no parameter",
                f"did you mean {near[0]!r}?" if near else "correct it, or leave it out",
            )
        if len(request.query_params.getlist(name)) > 1 and "array" not in str(known[name]):
            raise QueryError(
                f"{name} is given more than once", "one value", "leave all out but one"
            )


def indexes_of(request: Request) -> Indexes:
    """Give the snapshots that the application serves."""
    found: Indexes = request.app.state.indexes
    return found


class Asked:
    """A question, with the index that answers it.

    Parameters
    ----------
    request, snapshot
        As they came.
    """

    def __init__(
        self,
        request: Request,
        indexes: Annotated[Indexes, Depends(indexes_of)],
        snapshot: SnapshotId = None,
    ) -> None:
        self.contents = indexes.contents(snapshot)
        self.ri = RIIndex(self.contents)
        self._request = request

    @property
    def headers(self) -> dict[str, str]:
        """Headers of an answer: who keeps it asks next time whether it is still the one."""
        if self._request.method != "GET":
            return {"Cache-Control": "no-store"}
        return {"ETag": f'"{self.ri.snapshot}"', "Cache-Control": "private, no-cache"}

    def one(self, record: Record) -> Response:
        """Answer with a record."""
        return self._answer(record.to_answer())

    def rows(self, rows: Rows[Any]) -> Response:
        """Answer with all rows."""
        return self._answer(rows.to_answer(self.ri.snapshot))

    def page(self, rows: Rows[Any], offset: int, limit: int) -> Response:
        """Answer with a part of rows that are all here."""
        part = Rows.of(rows.kind, rows[offset : offset + limit], rows.total, rows.note)
        return self.part(part, offset, limit)

    def part(self, rows: Rows[Any], offset: int, limit: int) -> Response:
        """Answer with rows that are a part of all, and with links to the other parts."""
        answer = rows.to_answer(self.ri.snapshot)
        return self._answer(answer, {"Link": self._links(rows.total, offset, limit)})

    async def slowly(self, call: Callable[[], T]) -> T:
        """Run what takes seconds beside other questions, one at a time.

        The model and the cleaner are loaded once and use all cores; neither is made for
        several threads.

        Raises
        ------
        BusyError
            Too many wait already.
        """
        state = self._request.app.state
        if (waiting := state.slow.statistics().tasks_waiting) >= state.limits.waiting:
            raise BusyError(
                f"{waiting} slow questions are waiting already",
                "fewer at once; search, assign, texts and verify are answered one by one",
                "try again in some seconds",
            )
        return await to_thread.run_sync(call, limiter=state.slow)

    def is_known(self) -> bool:
        """Whether the asker says that it has this answer already."""
        given = self._request.headers.get("If-None-Match", "")
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return not tags.isdisjoint({"*", self.headers["ETag"]}) if "ETag" in self.headers else False

    def _answer(self, content: Any, more: dict[str, str] | None = None) -> Response:
        headers = {**self.headers, **(more or {})}
        # Only now: a question that is refused has no answer that could be known already.
        if self.is_known():
            return Response(status_code=304, headers=headers)
        return JSONResponse(content, headers=headers)

    def _links(self, total: int, offset: int, limit: int) -> str:
        """Give links that stay in this snapshot, so that no page is of a newer one."""
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
        pinned = [*kept, ("snapshot", self.ri.snapshot), ("limit", limit)]
        return ", ".join(
            f'<?{urlencode([*pinned, ("offset", place)])}>; rel="{rel}"'
            for rel, place in places.items()
        )


Ask = Annotated[Asked, Depends()]
