"""Errors as problem details (RFC 9457): what was found, what was expected, the remedy.

Belongs here: the status of each error, and what of it a client may read. Does not belong here:
the errors themselves (`ri_assets.errors`, `ri_index.questions`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from ri_assets.errors import BusyError, ModelError, NotFoundError, QueryError, RIError
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets.ri_index.questions import refusal, shown_value
from ri_assets.store.files import Files

MEDIA = "application/problem+json"
_log = logging.getLogger("ri_index.http")


class Problem(BaseModel):
    """Why a request has no answer."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Kind of problem, stable for programs.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="HTTP status.", ge=400, le=599)
    detail: str = Field(description="The whole problem in one text.")
    found: str = Field(description="What was found.")
    expected: str = Field(description="What was expected.")
    remedy: str = Field(description="What to do.")


def problem(
    status: int, error: RIError, kind: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Give the response for an error.

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
    """Give the response for a body above the limit."""
    most = f"at most {LIMITS.body_bytes // 2**20} MiB"
    error = QueryError("the body is too large", most, "send several smaller requests")
    return problem(413, error, "request")


def too_many_headers(limits: Limits) -> QueryError:
    """Give the error for headers above the limit."""
    return QueryError(
        "the address and the headers are too large",
        f"at most {limits.header_bytes // 1024} KiB together",
        "leave out cookies; send long arguments as the body of a POST",
    )


def tell_problems(app: FastAPI, store: Files) -> None:
    """Make an application answer every error as a problem.

    Parameters
    ----------
    store
        The store; its location is not revealed.
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
            "the model of the snapshot's profile cannot be loaded"  # without its path
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
    """Answer a fault of the program without any detail."""
    fault = RIError(
        "the server met an unexpected error",
        "an answer",
        "look in the server's log, and report it",
    )
    return problem(500, fault, "unexpected")


def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Say which arguments cannot be used; pydantic knows why."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = error.errors()
    # The first part of a place says whether it is the query or the body.
    inner = [{**one, "loc": one["loc"][1:]} for one in errors]
    in_body = any(one["loc"][0] == "body" for one in errors)
    known = _arguments(request, in_body=in_body)
    return problem(
        422,
        refusal(inner, known, "correct it; /docs describes it", hides_texts=in_body),
        "question",
    )


def _arguments(request: Request, *, in_body: bool) -> list[str]:
    """Names of the arguments that a path takes in its query, or in its body."""
    described = request.app.openapi()
    operation = described["paths"][request.scope["path"]][request.method.lower()]
    if not in_body:
        return [one["name"] for one in operation.get("parameters", ())]
    form = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return list(described["components"]["schemas"][form.rpartition("/")[2]]["properties"])


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    status, headers = error.status_code, dict(error.headers or {})
    expected, remedy = "a request that /docs describes", "see /docs"
    found = str(error.detail)
    if status == HTTPStatus.NOT_FOUND:
        found = f"there is no {shown_value(request.url.path)}"
        expected, remedy = "a path that /openapi.json lists", "see /docs for all of them"
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names the methods of the first route that has the path.
        methods = request.app.openapi()["paths"].get(request.scope["path"], {"get": {}})
        headers["Allow"] = ", ".join(method.upper() for method in methods)
        found = f"{shown_value(request.method)} is not allowed here"
        expected = f"{headers['Allow']}: the index is read-only"
    elif status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large()
    return problem(status, QueryError(found, expected, remedy), "request", headers)
