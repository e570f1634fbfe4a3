"""The documentation page: Swagger UI from an installed package, no foreign connection."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

PAGE = "/docs"
_PACKAGE = Path(str(files("fastapi_offline") / "static"))
_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
# Everything from here, and nothing that the page itself does not name.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
_HTML = """<!DOCTYPE html>
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
# Without `validatorUrl: null` the page would send its address to a service elsewhere.
_SCRIPT = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  validatorUrl: null,
  deepLinking: true,
});
"""

router = APIRouter(include_in_schema=False)
PATHS = (PAGE, f"{PAGE}/start.js", *(f"{PAGE}/{name}" for name in _FILES))


@router.get(PAGE)
def page() -> Response:
    """Show the page."""
    return HTMLResponse(_HTML, headers={"Content-Security-Policy": _POLICY})


@router.get(f"{PAGE}/start.js")
def script() -> Response:
    """Start Swagger UI."""
    return Response(_SCRIPT, media_type="text/javascript")


def _add(name: str) -> None:
    @router.get(f"{PAGE}/{name}")
    def asset() -> Response:
        return FileResponse(_PACKAGE / name, headers={"Cache-Control": "private, max-age=86400"})


for _name in _FILES:
    _add(_name)
