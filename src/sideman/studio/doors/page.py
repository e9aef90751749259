"""The page itself, and the soundfont that it plays."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from functools import cache
from importlib import resources

from fastapi import APIRouter, Request
from starlette.responses import Response

from sideman.studio.errors import RefusedError
from sideman.studio.sending import FOR_GOOD, ranged, tagged
from sideman.studio.state import Here, tag
from sideman.studio.tasks import Font, Task

router = APIRouter(include_in_schema=False)
_HASHED = re.compile(r"[-.][0-9A-Za-z_]{8,}\.\w+$")
_INDEX = "index.html"


@cache
def _files() -> dict[str, bytes]:
    """Return the files of the bundle by their names."""
    folder = resources.files("sideman.studio") / "static"
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


@router.get("/")
async def index(request: Request) -> Response:
    """Return the page."""
    content = _files()[_INDEX]
    return tagged(request, content, "text/html; charset=utf-8", tag(content))


@router.get("/assets/{name}")
async def asset(request: Request, name: str, here: Here) -> Response:
    """Return the soundfont, which has its hash in its name."""
    font: Font | None = await here.fact(Task.FONT)
    if font is None or name != font.name:
        raise _missing()
    try:
        content = await asyncio.to_thread(font.path.read_bytes)
    except OSError as error:
        raise _missing() from error
    kind = "application/octet-stream"
    return ranged(request, content, kind, f'"{name}"', cache_control=FOR_GOOD)


@router.get("/{name}")
async def file(request: Request, name: str) -> Response:
    """Return a file of the page."""
    content = _files().get(name)
    if content is None:
        raise _missing()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kept = {"cache_control": FOR_GOOD} if _HASHED.search(name) else {}
    return tagged(request, content, kind, tag(content), **kept)


def _missing() -> RefusedError:
    return RefusedError(404, "There is nothing at this address; check the address.")
