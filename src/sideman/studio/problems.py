"""Errors as ``application/problem+json``: a sentence, its place, and nothing that was sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sideman.errors import SidemanError
from sideman.processes import KilledError, TooLargeError, TooSlowError
from sideman.studio.errors import RefusedError, StoreError

_LOGGER = logging.getLogger("sideman.studio")
MEDIA_TYPE = "application/problem+json"
Headers = Mapping[str, str]


def problem(status: int, detail: str, field: str = "", places: Any = ()) -> dict[str, Any]:
    """Return a problem as values for JSON."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "field": field,
        "problems": list(places),
    }


def report(error: Exception) -> None:
    """Write an error that is no one's input to the log."""
    if not isinstance(error, SidemanError | RefusedError | RecursionError):
        _LOGGER.error("fault in the studio", exc_info=error)


def of_error(error: Exception) -> dict[str, Any]:
    """Return the problem that an error is."""
    if isinstance(error, RefusedError):
        return problem(error.status, error.detail, error.field)
    if isinstance(error, RecursionError):
        return problem(422, "The request is nested too deeply; send one as /docs describes it.")
    if not isinstance(error, SidemanError):
        return problem(500, "The studio has a fault here; please report it.")
    places = [asdict(each) for each in error.problems]
    return problem(_status(error), str(error), error.field, places)


def _status(error: SidemanError) -> int:
    if isinstance(error, StoreError):
        return 507
    if isinstance(error, TooLargeError):
        return 413
    if isinstance(error, KilledError) and not isinstance(error, TooSlowError):
        return 503
    return 422


def response(told: Mapping[str, Any], headers: Headers | None = None) -> Response:
    """Return the response with a problem."""
    content = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, told["status"], {**(headers or {})}, MEDIA_TYPE)


def answer(_: Request, error: Exception) -> Response:
    """Return the response to an error of the package, or to a refused request."""
    headers = error.headers if isinstance(error, RefusedError) else None
    return response(of_error(error), headers)


def answer_http(_: Request, error: Exception) -> Response:
    """Return the response to an error of the framework, such as an unknown address."""
    assert isinstance(error, HTTPException)
    return response(problem(error.status_code, _SENTENCES[error.status_code]), error.headers)


def answer_invalid(_: Request, error: Exception) -> Response:
    """Return the response to a body or a parameter of another type, which is not repeated."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = [str(each) for each in first["loc"]]
    if where[0] == "path":
        return response(problem(404, _SENTENCES[404]))
    known = [
        name
        for name in where[1:]
        if name.isidentifier() and len(name) < 30 and name not in _BRANCHES
    ]
    field = known[-1] if known else ""
    about = f"{field}: {_reason(first)}" if field else f"The {where[0]}: {_reason(first)}"
    return response(problem(422, about, field))


def _reason(error: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, without the value."""
    kind, bounds = error["type"], error.get("ctx", {})
    allowed = ("ge", "le", "gt", "lt", "min_length", "max_length", "expected")
    said = ", ".join(f"{name} {bounds[name]}" for name in allowed if name in bounds)
    words = str(kind).replace("_", " ")
    return f"not accepted ({words}{': ' if said else ''}{said}); see /docs."


_BRANCHES = ("float", "bool", "int", "str")
"""What pydantic adds to the place of a value that may be of several types."""
_SENTENCES = {
    400: "The request is not well-formed JSON; send JSON.",
    404: "There is nothing at this address; check the address.",
    405: "This address has no such method; see /docs.",
    416: "The file has no such range; ask for one that it has.",
}
