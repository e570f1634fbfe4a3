"""The application: all paths, their description, the documentation page, and the gate.

The page is Swagger UI from an installed package; it opens no connection elsewhere.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp

from ri_assets.ri_index.http import explorer_routes
from ri_assets.ri_index.http.dependencies import Indexes
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.ri_index.http.middleware import Gate
from ri_assets.ri_index.http.problems import MEDIA, Problem, tell_problems
from ri_assets.ri_index.http.routes import router

_HEALTH, _OPENAPI = "/health", "/openapi.json"
# Their answers may change while the snapshot stays the same.
_NEVER_KEPT = {"/snapshots", "/verify", _HEALTH}
PAGE = "/docs"
_SWAGGER = Path(str(files("fastapi_offline") / "static"))
_SWAGGER_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
# Everything comes from this server, and only what the page names.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
_DOCS_HTML = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>RI Index</title>
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
# `validatorUrl: null` keeps the page from sending its address to an outside service.
_DOCS_SCRIPT = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  validatorUrl: null,
  deepLinking: true,
});
"""

_docs = APIRouter(include_in_schema=False)
_DOCS_PATHS = (PAGE, f"{PAGE}/start.js", *(f"{PAGE}/{name}" for name in _SWAGGER_FILES))


_OPEN = (_HEALTH, _OPENAPI, *_DOCS_PATHS)
_ABOUT = """Read-only queries about behavioural personas, answered from a published snapshot.

Each path is a method of `RIIndex` in Python, with the same arguments. Tweet ids are text. The
ETag of an answer begins with the id of its snapshot.
"""


def build_app(store: str, token: str | None = None, limits: Limits = LIMITS) -> ASGIApp:
    """Assemble the application.

    Parameters
    ----------
    store
        Folder or fsspec URL of the store; it may still be empty.
    token
        The bearer token that clients must send; without one, all who reach the server under a
        loopback name may ask.
    limits
        Limits of a request, and of slow questions at once.
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
        # A collector of traces on this machine must not collect what people ask.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.indexes = Indexes(store)
    app.state.slow = CapacityLimiter(1)
    app.state.slow_questions = 0
    app.state.limits = limits
    app.include_router(router)
    app.include_router(_docs)
    app.include_router(explorer_routes.router)
    tell_problems(app, app.state.indexes.files)
    app.openapi = lambda: _described(app, has_token=token is not None)  # type: ignore[method-assign]
    return Gate(app, token, {*app.openapi()["paths"], explorer_routes.PAGE, *_OPEN}, _OPEN, limits)


def _described(app: FastAPI, *, has_token: bool) -> dict[str, Any]:
    """Describe the application, and the problems that every path may answer with."""
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
                answers["304"] = {"description": "Unchanged: the ETag in If-None-Match is current."}
            answers["4XX"] = {"description": "The request cannot be answered.", "content": content}
            answers["5XX"] = {"description": "The snapshot cannot be read.", "content": content}
            if has_token and path != _HEALTH:
                operation["security"] = [{"bearer": []}]
    if has_token:
        parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    app.openapi_schema = found
    return found


@_docs.get(PAGE)
def page() -> Response:
    """Show the page."""
    return HTMLResponse(_DOCS_HTML, headers={"Content-Security-Policy": _DOCS_POLICY})


@_docs.get(f"{PAGE}/start.js")
def script() -> Response:
    """Start Swagger UI."""
    return Response(_DOCS_SCRIPT, media_type="text/javascript")


def _add(name: str) -> None:
    @_docs.get(f"{PAGE}/{name}")
    def asset() -> Response:
        return FileResponse(_SWAGGER / name, headers={"Cache-Control": "private, max-age=86400"})


for _name in _SWAGGER_FILES:
    _add(_name)
