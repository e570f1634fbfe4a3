"""The explorer over HTTP: the page of a snapshot, also under the address of each persona."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse

from ri_assets.errors import NotFoundError
from ri_assets.explorer.page import EXPLORER, policy_of
from ri_assets.ri_index.http.dependencies import Ask

PAGE = "/"
router = APIRouter(include_in_schema=False)


@router.get(PAGE)
def page(ask: Ask) -> Response:
    """Show the explorer."""
    if ask.is_known():
        return Response(status_code=304, headers=ask.headers)
    text = bytes(ask.contents.snapshot.content(EXPLORER)).decode("utf-8")
    policy = f"{policy_of(text)}; frame-ancestors 'none'"
    return HTMLResponse(text, headers={**ask.headers, "Content-Security-Policy": policy})


@router.get("/personas/{persona_id}")
def persona_page(ask: Ask, persona_id: Annotated[str, Path(max_length=100)]) -> Response:
    """Show a persona's card; the page reads from its address which one."""
    if persona_id not in ask.contents.by_id:
        raise NotFoundError(
            f"there is no persona {persona_id!r}",
            f"one of {', '.join(ask.contents.by_id)}",
            "correct the id, or open / for all personas",
        )
    return page(ask)
