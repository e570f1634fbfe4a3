"""Every question as a path, made from its annotated signature, and what only HTTP has.

Belongs here: which questions are served, which come in pages, are slow or take a body. Does not
belong here: names, bounds and help of arguments, which are the question's. There is no
`from __future__ import annotations`: FastAPI needs the models that functions here make.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import pyarrow as pa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from ri_assets.records.answers import Assignment
from ri_assets.records.snapshots import SnapshotInfo
from ri_assets.ri_index import authors, personas, similarity, tweets
from ri_assets.ri_index import snapshots as whole
from ri_assets.ri_index.exports.names import APP, EXPORTS
from ri_assets.ri_index.http.dependencies import (
    Asked,
    OfSnapshot,
    Page,
    Parameters,
    indexes_of,
    refuse_repeated,
)
from ri_assets.ri_index.http.limits import (
    LONGEST_TEXT,
    LONGEST_TEXT_IN_ADDRESS,
    MOST_ASSIGNED,
    MOST_PERSONAS,
    MOST_REPLIES,
    MOST_ROWS,
    MOST_SKIPPED,
    MOST_TWEETS,
    MOST_TWEETS_IN_ADDRESS,
)
from ri_assets.ri_index.questions import answer_of, bounded_arguments_of, help_of
from ri_assets.ri_index.results import Rows, answer_json, rows_model

router = APIRouter()

# Bounds of the server alone: in Python a list may be as long as memory allows.
_BOUNDS = {
    "limit": Field(le=MOST_ROWS),
    "offset": Field(le=MOST_SKIPPED),
    "personas": Field(max_length=MOST_PERSONAS),
    "tweet_ids": Field(min_length=1, max_length=MOST_TWEETS),
}
# An address has less room than a body.
_IN_ADDRESS = {
    "tweet_ids": Field(min_length=1, max_length=MOST_TWEETS_IN_ADDRESS),
    "text": Field(max_length=LONGEST_TEXT_IN_ADDRESS),
}
_PIECE = 256 * 1024


def _serve(
    ask: Callable[..., Any],
    tag: str,
    *,
    in_pages: bool = False,
    is_slow: Callable[[Any], bool] = lambda _: False,
    with_post: bool = False,
) -> None:
    """Add the path of a question.

    Parameters
    ----------
    in_pages
        Whether its rows are sent in pages; a question with an offset of its own makes them.
    is_slow
        Whether it needs the model or the cleaner, by its arguments.
    with_post
        Whether its arguments may also come as a JSON body, which keeps them out of the logs of
        proxies.
    """
    own = bounded_arguments_of(ask, {**_BOUNDS, **_IN_ADDRESS})
    bases = (OfSnapshot, Page, own) if in_pages else (OfSnapshot, own)
    query: Any = create_model(own.__name__, __base__=bases)

    async def send(asked: Asked, given: Any) -> Response:
        arguments = {name: getattr(given, name) for name in own.model_fields}
        call = partial(ask, asked.contents, **arguments)
        found = await asked.run(call, is_slow=is_slow(given))
        if in_pages:
            return asked.page(found, given.offset, given.limit)
        if "offset" in arguments:
            return asked.part(found, given.offset, given.limit)
        return asked.answer(found)

    async def get(request: Request, given: Annotated[query, Query()]) -> Response:
        return await send(await Asked.of(request, given), given)  # type: ignore[arg-type]

    name = ask.__name__
    described: dict[str, Any] = {
        "summary": help_of(ask),
        "description": "",
        "tags": [tag],
        "response_model": _form_of(answer_of(ask)),
    }
    router.add_api_route(f"/{name}", get, methods=["GET"], name=name, **described)
    if not with_post:
        return
    larger = bounded_arguments_of(ask, _BOUNDS)
    strict: Any = type(f"{own.__name__}Body", (larger,), {"model_config": ConfigDict(strict=True)})

    async def post(
        request: Request, body: strict, given: Annotated[OfSnapshot, Query()]
    ) -> Response:
        return await send(await Asked.of(request, given), body)

    router.add_api_route(f"/{name}", post, methods=["POST"], name=f"{name}_post", **described)


def _form_of(answer: Any) -> type[BaseModel]:
    if get_origin(answer) is not Rows:
        return cast("type[BaseModel]", answer)
    [record] = get_args(answer)
    return rows_model(*(get_args(record) or (record,)))


_serve(personas.list_personas, "personas", in_pages=True)
_serve(personas.get_persona, "personas")
_serve(personas.get_personas, "personas")
_serve(personas.get_persona_by_name, "personas")
_serve(personas.filter_personas, "personas", in_pages=True)
_serve(personas.get_persona_terms, "personas")
_serve(personas.get_persona_rhythm, "personas")
_serve(authors.get_audience, "personas")
_serve(authors.get_persona_overlap, "personas")
_serve(personas.lineage, "personas")
_serve(similarity.find_similar_personas, "personas")
_serve(similarity.compare, "personas")
_serve(similarity.search, "personas", is_slow=lambda _: True, with_post=True)
_serve(tweets.get_persona_tweets, "tweets", is_slow=lambda given: given.with_text)
_serve(tweets.get_tweet_persona, "tweets")
_serve(tweets.get_tweet_personas, "tweets", with_post=True)
_serve(tweets.get_tweet_samples, "tweets")
_serve(whole.get_summary_stats, "snapshots")
_serve(whole.get_persona_coverage, "snapshots")
_serve(whole.quality, "snapshots")
_serve(whole.diff, "snapshots")


class NewTweet(BaseModel):
    """A new tweet; its other fields are columns of a source's tweets."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    text: str = Field(max_length=LONGEST_TEXT, description="Text of the tweet.")


class AssignBody(BaseModel):
    """Arguments of `assign`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tweets: list[Annotated[str, Field(max_length=LONGEST_TEXT)] | NewTweet] = Field(
        max_length=MOST_ASSIGNED, description="Texts, or whole tweets."
    )
    replies: list[NewTweet] | None = Field(
        None, max_length=MOST_REPLIES, description="Replies to tweets that have a tweet_id."
    )


@router.post("/assign", response_model=rows_model(Assignment), tags=["tweets"])
async def assign(
    request: Request, body: AssignBody, given: Annotated[OfSnapshot, Query()]
) -> Response:
    """Assign new tweets to personas, if one fits; nothing is kept."""
    from ri_assets.ri_index.assign import assign as ask

    asked = await Asked.of(request, given)
    new = [one if isinstance(one, str) else one.model_dump() for one in body.tweets]
    replies = [reply.model_dump() for reply in body.replies or ()]
    call = partial(ask, asked.contents, new, replies or None)
    return asked.answer(await asked.run(call, is_slow=True))


@router.get("/snapshots", response_model=rows_model(SnapshotInfo), tags=["snapshots"])
def snapshots(request: Request, given: Annotated[Parameters, Query()]) -> Response:
    """List the published snapshots, oldest first."""
    refuse_repeated(request, given)
    return JSONResponse(answer_json(whole.list_snapshots(indexes_of(request).files), None))


class Verified(BaseModel):
    """Every file of the snapshot is as published."""

    model_config = ConfigDict(extra="forbid")

    snapshot: str = Field(description="Id of the snapshot.")
    files: int = Field(description="Number of files that were compared.", ge=0)


@router.get("/verify", response_model=Verified, tags=["snapshots"])
async def verify(request: Request, given: Annotated[OfSnapshot, Query()]) -> Response:
    """Compare every file of a snapshot with its manifest."""
    asked = await Asked.of(request, given)
    await asked.run(asked.contents.snapshot.verify, is_slow=True)
    files = len(asked.contents.snapshot.manifest.files)
    return JSONResponse(Verified(snapshot=asked.snapshot, files=files).model_dump())


class ExportName(OfSnapshot):
    """Parameters of `export`."""

    name: Literal[EXPORTS] = Field(description="Name of the export.")  # type: ignore[valid-type]


_JSON = {"application/json": {"schema": {"type": "object"}}}
_CSV = {"text/csv": {"schema": {"type": "string"}}}


def _file_response(*contents: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    content = {kind: schema for one in contents for kind, schema in one.items()}
    return {200: {"description": "The file, as published.", "content": content}}


@router.get(
    "/export", response_class=Response, responses=_file_response(_JSON, _CSV), tags=["snapshots"]
)
async def export(request: Request, given: Annotated[ExportName, Query()]) -> Response:
    """Download one of the eight exports."""
    asked = await Asked.of(request, given)
    return await asked.run(partial(_file, asked, given.name))


@router.get(
    "/export_for_app", response_class=Response, responses=_file_response(_JSON), tags=["snapshots"]
)
async def export_for_app(request: Request, given: Annotated[OfSnapshot, Query()]) -> Response:
    """Download `ri_index_app.json`, the list of personas for an application."""
    asked = await Asked.of(request, given)
    return await asked.run(partial(_file, asked, APP))


class Health(BaseModel):
    """The server answers."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["ok"] = Field(description="Always ok; otherwise there is a problem.")
    snapshot: str = Field(description="Id of the current snapshot.")


@router.get("/health", response_model=Health, tags=["server"])
def health(request: Request, given: Annotated[Parameters, Query()]) -> Response:
    """Check whether the server can answer; needs no token."""
    refuse_repeated(request, given)
    snapshot = indexes_of(request).contents().snapshot.manifest.snapshot
    return JSONResponse(Health(status="ok", snapshot=snapshot).model_dump())


def _file(asked: Asked, name: str) -> Response:
    content = asked.contents.snapshot.content(name)  # whole and as published, or a StoreError
    if asked.is_known():
        return Response(status_code=304, headers=asked.headers)
    headers = {
        **asked.headers,
        "Content-Length": str(content.size),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    media = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/json"
    return StreamingResponse(_pieces(content), headers=headers, media_type=media)


def _pieces(content: pa.Buffer) -> Iterator[bytes]:
    view = memoryview(content)
    for start in range(0, len(view), _PIECE):
        yield bytes(view[start : start + _PIECE])
