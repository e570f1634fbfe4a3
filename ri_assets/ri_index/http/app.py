"""The application: all questions, their description, and the gate before them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import ASGIApp

from ri_assets.ri_index.http import (
    docs_page,
    explorer_routes,
    persona_routes,
    snapshot_routes,
    tweet_routes,
)
from ri_assets.ri_index.http.dependencies import known_parameters
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.ri_index.http.middleware import Gate
from ri_assets.ri_index.http.problems import MEDIA, Problem, tell_problems
from ri_assets.ri_index.http.snapshot_cache import Indexes

_HEALTH, _OPENAPI = "/health", "/openapi.json"
_OPEN = (_HEALTH, _OPENAPI, *docs_page.PATHS)
# What they say may change while the snapshot stays the same.
_NEVER_KEPT = {"/snapshots", "/verify", _HEALTH}
_ABOUT = """Read-only questions about behavioural personas, answered from a published snapshot.

A path is a method of `RIIndex` in Python, and a parameter is an argument of it. Tweet ids
are text. An answer's ETag is the id of its snapshot.
"""


def build_app(store: str, token: str | None = None, limits: Limits = LIMITS) -> ASGIApp:
    """Assemble the application.

    Parameters
    ----------
    store
        Folder or fsspec URL of the store; it may be empty still.
    token
        What askers have to show; without one, all who reach the server on a loopback
        name may ask.
    limits
        Of a request, and of slow questions at once.
    """
    app = FastAPI(
        title="RI Index",
        version=version("ri-persona-system"),
        description=_ABOUT,
        openapi_url=_OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        max_body_size=limits.body_bytes,
        # Whatever collects traces on this machine must not collect what people ask.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.indexes = Indexes(store)
    app.state.slow = CapacityLimiter(1)
    app.state.limits = limits
    for part in (
        persona_routes.router,
        tweet_routes.router,
        snapshot_routes.router,
        snapshot_routes.open_router,
    ):
        app.include_router(part, dependencies=[Depends(known_parameters)])
    app.include_router(docs_page.router)
    app.include_router(explorer_routes.router)
    tell_problems(app, app.state.indexes.files)
    app.openapi = lambda: _described(app, has_token=token is not None)  # type: ignore[method-assign]
    return Gate(app, token, {*app.openapi()["paths"], explorer_routes.PAGE, *_OPEN}, _OPEN, limits)


def _described(app: FastAPI, *, has_token: bool) -> dict[str, Any]:
    """Describe the application, with the problems that every question may meet."""
    if app.openapi_schema:
        return app.openapi_schema
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    parts = found["components"]
    parts["schemas"]["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            answers.pop("422", None)
            if method == "get" and path not in _NEVER_KEPT:
                answers["304"] = {"description": "As the ETag in If-None-Match says."}
            answers["4XX"] = {"description": "It cannot be answered as put.", "content": content}
            answers["5XX"] = {"description": "The snapshot cannot be read.", "content": content}
            if has_token and path != _HEALTH:
                operation["security"] = [{"bearer": []}]
    if has_token:
        parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    app.openapi_schema = found
    return found
