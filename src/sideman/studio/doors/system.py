"""Health, metrics, and the page that shows the OpenAPI document."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from sideman.studio import values
from sideman.studio.metrics import MEDIA_TYPE
from sideman.studio.state import Here

router = APIRouter(tags=["system"])


@router.get("/health", response_model=values.Health)
async def health() -> Any:
    """Answer that the server runs."""
    return {"status": "ok"}


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Counters in Prometheus' text.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
async def metrics(here: Here) -> Response:
    """Return the counters."""
    waiting, busy = here.pools.waiting, here.pools.busy
    return Response(here.metrics.text(waiting, busy), media_type=MEDIA_TYPE)


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """Return the interface as a page without a script."""
    return HTMLResponse(_page(request.app.openapi()))


@router.get("/docs.css", include_in_schema=False)
async def style() -> Response:
    """Return the style of that page."""
    file = resources.files("sideman.studio") / "docs.css"
    return Response(file.read_bytes(), media_type="text/css")


def _page(document: dict[str, Any]) -> str:
    doors = "".join(
        _door(path, method, door)
        for path, methods in document["paths"].items()
        for method, door in methods.items()
    )
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(info["title"])}</title><link rel="stylesheet" href="/docs.css">'
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f"<p>{escape(info['description'])} "
        '<a href="/openapi.json">The OpenAPI document</a> has all types.</p>'
        f"{doors}</html>"
    )


def _door(path: str, method: str, door: dict[str, Any]) -> str:
    given = "".join(
        f"<li><code>{escape(each['name'])}</code> in the {escape(each['in'])}. "
        f"{escape(each.get('description', ''))}</li>"
        for each in door.get("parameters", ())
    )
    kinds = ", ".join(door.get("requestBody", {}).get("content", {}))
    body = f"<li>A body of {escape(kinds)}.</li>" if kinds else ""
    answers = "".join(
        f"<li><code>{escape(status)}</code> {escape(', '.join(answer.get('content', {})))} "
        f"{escape(answer['description'])}</li>"
        for status, answer in door["responses"].items()
    )
    text = escape(door.get("description", door.get("summary", "")))
    return (
        f"<section><h2>{method.upper()} <code>{escape(path)}</code></h2><p>{text}</p>"
        f"<ul>{given}{body}</ul><details><summary>Answers</summary><ul>{answers}</ul></details>"
        "</section>"
    )
