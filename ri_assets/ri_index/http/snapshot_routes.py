"""Questions about a snapshot as a whole, and about which there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import pyarrow as pa
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from ri_assets.records.answers import Coverage
from ri_assets.records.snapshots import Diff, Quality, SnapshotInfo, SummaryStats
from ri_assets.ri_index.exports.names import APP, EXPORTS
from ri_assets.ri_index.http.dependencies import Ask, Left, SnapshotName, indexes_of
from ri_assets.ri_index.http.snapshot_cache import Indexes
from ri_assets.ri_index.results import rows_model
from ri_assets.ri_index.snapshots import list_snapshots

router = APIRouter(tags=["the snapshot"])
open_router = APIRouter(tags=["the server"])

Served = Annotated[Indexes, Depends(indexes_of)]
_PIECE = 256 * 1024


@router.get("/get_summary_stats", response_model=SummaryStats)
def get_summary_stats(ask: Ask) -> Response:
    """Give counts, retention, coverage and sizes."""
    return ask.one(ask.ri.get_summary_stats())


@router.get("/get_persona_coverage", response_model=rows_model(Coverage))
def get_persona_coverage(ask: Ask) -> Response:
    """Say what part of the tweets each persona is, largest first, and their running sum."""
    return ask.rows(ask.ri.get_persona_coverage())


@router.get("/quality", response_model=Quality)
def quality(ask: Ask) -> Response:
    """Give figures beside what noise reaches, checks, and each persona's stability."""
    return ask.one(ask.ri.quality())


@router.get("/snapshots", response_model=rows_model(SnapshotInfo))
def snapshots(served: Served) -> Response:
    """List what is published, oldest first; one that cannot be read says why."""
    return JSONResponse(list_snapshots(served.files).to_answer(None))


@router.get("/diff", response_model=Diff)
def diff(
    ask: Ask,
    served: Served,
    snapshot_a: Annotated[SnapshotName, Query(description="Id of the earlier snapshot.")],
    snapshot_b: Annotated[
        SnapshotName | Left,
        Query(description="Id of the later one; without it, the one that is asked."),
    ] = None,
) -> Response:
    """Say what changed from one snapshot to another."""
    for name in filter(None, (snapshot_a, snapshot_b)):
        served.contents(name)  # an unknown one is the asker's mistake, and not the store's
    return ask.one(ask.ri.diff(snapshot_a, snapshot_b))


class Verified(BaseModel):
    """Every file of the snapshot is as it was published."""

    model_config = ConfigDict(extra="forbid")

    snapshot: str = Field(description="Id of the snapshot.")
    files: int = Field(description="How many files were compared.", ge=0)


@router.get("/verify", response_model=Verified)
async def verify(ask: Ask) -> Response:
    """Compare every file of the snapshot with its manifest; a problem names one that differs."""
    await ask.slowly(ask.ri.verify)
    files = len(ask.contents.snapshot.manifest.files)
    return JSONResponse(Verified(snapshot=ask.ri.snapshot, files=files).model_dump())


@router.get(
    "/export",
    response_class=Response,
    responses={
        200: {
            "description": "The file, as it was published.",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    },
)
def export(
    ask: Ask,
    name: Annotated[Literal[EXPORTS], Query(description="Name of the export.")],  # type: ignore[valid-type]
) -> Response:
    """Give one of the seven exports."""
    return _file(ask, name)


@router.get(
    "/export_for_app",
    response_class=Response,
    responses={
        200: {
            "description": "The file, as it was published.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
def export_for_app(ask: Ask) -> Response:
    """Give `ri_index_app.json`, the list of personas that an application shows."""
    return _file(ask, APP)


class Health(BaseModel):
    """The server answers."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["ok"] = Field(description="Always ok; else it is a problem.")
    snapshot: str = Field(description="Id of the snapshot that is current.")


@open_router.get("/health", response_model=Health)
def health(served: Served) -> Response:
    """Say whether questions can be answered; needs no token."""
    snapshot = served.contents().snapshot.manifest.snapshot
    return JSONResponse(Health(status="ok", snapshot=snapshot).model_dump())


def _file(ask: Ask, name: str) -> Response:
    content = ask.contents.snapshot.content(name)  # whole and as published, or a StoreError
    if ask.is_known():
        return Response(status_code=304, headers=ask.headers)
    headers = {
        **ask.headers,
        "Content-Length": str(content.size),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    media = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/json"
    return StreamingResponse(_pieces(content), headers=headers, media_type=media)


def _pieces(content: pa.Buffer) -> Iterator[bytes]:
    view = memoryview(content)
    for start in range(0, len(view), _PIECE):
        yield bytes(view[start : start + _PIECE])
