"""The explorer over HTTP: the page of a snapshot, also under the address of each persona.

There is no `from __future__ import annotations`: FastAPI needs the types of the parameters.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from ri_assets.errors import NotFoundError
from ri_assets.explorer.page import EXPLORER, policy_of
from ri_assets.ri_index.http.dependencies import Asked, OfSnapshot

PAGE = "/"
router = APIRouter(include_in_schema=False)


@router.get(PAGE)
async def page(request: Request, given: Annotated[OfSnapshot, Query()]) -> Response:
    """Show the explorer."""
    return await _shown(await Asked.of(request, given))


@router.get("/personas/{persona_id}")
async def persona_page(
    request: Request,
    given: Annotated[OfSnapshot, Query()],
    persona_id: Annotated[str, Path(max_length=100)],
) -> Response:
    """Show a persona's card; the page reads from its address which one."""
    asked = await Asked.of(request, given)
    known = asked.contents.by_id
    if persona_id not in known:
        raise NotFoundError(
            f"there is no persona {persona_id!r}",
            f"one of {', '.join(known)}",
            "correct the id, or open / for all personas",
        )
    return await _shown(asked)


async def _shown(asked: Asked) -> Response:
    if asked.is_known():
        return Response(status_code=304, headers=asked.headers)
    content = await asked.run(lambda: bytes(asked.contents.snapshot.content(EXPLORER)))
    text = content.decode("utf-8")
    policy = f"{policy_of(text)}; frame-ancestors 'none'"
    return HTMLResponse(text, headers={**asked.headers, "Content-Security-Policy": policy})
