"""Errors as problem details (RFC 9457): what was found, what was expected, the remedy.

Belongs here: which error has which status, and what of it a stranger may read. Does
not belong here: the errors themselves (`ri_assets.errors`, and pydantic's).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from ri_assets.errors import BusyError, ModelError, NotFoundError, QueryError, RIError
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.store.files import Files

MEDIA = "application/problem+json"
_LONGEST = 80
_log = logging.getLogger("ri_index.http")


class Problem(BaseModel):
    """Why a question has no answer."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Kind of problem; stays the same for programs.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="HTTP status.", ge=400, le=599)
    detail: str = Field(description="All of it in one text.")
    found: str = Field(description="What was met.")
    expected: str = Field(description="What should have been there.")
    remedy: str = Field(description="The next step.")


def problem(
    status: int, error: RIError, kind: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Give the response that tells an error.

    Parameters
    ----------
    kind
        Last part of the problem's type.
    """
    told = Problem(
        type=f"urn:ri-persona-system:problem:{kind}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=f"{error.found}; expected: {error.expected}; remedy: {error.remedy}",
        found=error.found,
        expected=error.expected,
        remedy=error.remedy,
    )
    return JSONResponse(told.model_dump(), status, headers, media_type=MEDIA)


def too_large() -> JSONResponse:
    """Give the response to a body that nobody needs to send."""
    most = f"at most {LIMITS.body_bytes // 2**20} MiB"
    error = QueryError("the body is too large", most, "ask in several parts")
    return problem(413, error, "request")


def too_many_headers(limits: Limits) -> QueryError:
    """Give the error for headers that nobody needs to send."""
    return QueryError(
        "the address and the headers are too large",
        f"at most {limits.header_bytes // 1024} KiB together",
        "leave cookies and the like out; what is long goes into the body of a POST",
    )


def tell_problems(app: FastAPI, store: Files) -> None:
    """Make an application answer every error as a problem.

    Parameters
    ----------
    store
        The store; where it lies, readers on other machines need not know.
    """

    def elsewhere(text: str) -> str:
        return text.replace(store.location, "the store").replace(store.root, "the store")

    def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, QueryError)  # noqa: S101 - what it is registered for
        if isinstance(error, NotFoundError):
            return problem(404, error, "not-found")
        return problem(422, error, "question")

    def broken(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RIError)  # noqa: S101
        _log.error("%s", error)
        found = (
            "the model of the snapshot's profile cannot be loaded"  # its folder is nobody's matter
            if isinstance(error, ModelError)
            else elsewhere(error.found)
        )
        told = RIError(found, elsewhere(error.expected), error.remedy)
        return problem(503, told, "snapshot", {"Retry-After": "30"})

    app.add_exception_handler(QueryError, refused)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(RIError, broken)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _busy(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BusyError)  # noqa: S101
    return problem(503, error, "busy", {"Retry-After": "10"})


def _unexpected(_: Request, __: Exception) -> JSONResponse:
    """Answer a fault of the program, and tell nothing of its inside."""
    fault = RIError(
        "the server met an unexpected error",
        "an answer",
        "look into its log; if the question cannot be the cause, report it",
    )
    return problem(500, fault, "unexpected")


def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Say which parameters cannot be meant; pydantic knows why."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found, expected = [], []
    for one in error.errors():
        if one["type"] == "none_required":
            continue  # a parameter may be left out; what was wrong with it is told beside
        name = _name(one["loc"])
        if one["type"] == "json_invalid":
            found.append("the body is no JSON")
            expected.append("a JSON object")
        elif one["type"] == "missing":
            found.append(f"{name} is missing")
            expected.append(f"a value for {name}")
        else:
            found.append(f"{name} is {_told(one.get('input'), one['loc'])}")
            expected.append(f"{name}: {one['msg']}")
    told = QueryError("; ".join(found), "; ".join(expected), "correct it; /docs describes it")
    return problem(422, told, "question")


def _name(where: Sequence[str | int]) -> str:
    """Give the parameter, and the place in it; what else pydantic tells are names of types."""
    # The first part says where it was given: query or body.
    _, *inner = where
    kept = [*inner[:1], *(part for part in inner[1:] if isinstance(part, int))]
    return ".".join(map(str, kept)) or "the body"


def _told(value: object, where: Sequence[str | int]) -> str:
    """Show what was given; of whole tweets and lists only how long they are."""
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str) and where[0] == "body" and any(isinstance(i, int) for i in where):
        return f"a text of {len(value):,} characters"
    return _shown(value)


def _shown(value: object) -> str:
    text = ascii(value) if not isinstance(value, str) or not value.isprintable() else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    status, headers = error.status_code, dict(error.headers or {})
    expected, remedy = "a request that the documentation describes", "see /docs"
    found = str(error.detail)
    if status == HTTPStatus.NOT_FOUND:
        found = f"there is no {_shown(request.url.path)}"
        expected, remedy = "a path that /openapi.json lists", "see /docs for all of them"
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names the methods of the first route that has the path.
        methods = request.app.openapi()["paths"].get(request.scope["path"], {"get": {}})
        headers["Allow"] = ", ".join(method.upper() for method in methods)
        found = f"{_shown(request.method)} is not possible here"
        expected = f"{headers['Allow']}: the index is only read"
    elif status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large()
    return problem(status, QueryError(found, expected, remedy), "request", headers)
