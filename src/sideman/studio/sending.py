"""Responses with bytes: tags, ranges, and names for files."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from sideman.files import slug
from sideman.studio.errors import RefusedError

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
KEPT = "private, no-cache"
"""For what is asked again each time with its tag."""
FOR_GOOD = "public, max-age=31536000, immutable"
"""For what has its hash in its name."""


def tagged(request: Request, content: bytes, kind: str, tag: str, **headers: str) -> Response:
    """Return a response with content, or 304 where the client has it already."""
    told = {"etag": tag, "cache-control": KEPT, **_named(headers)}
    if has(request, tag):
        return Response(None, 304, told)
    return Response(content, 200, told, kind)


def ranged(request: Request, content: bytes, kind: str, tag: str, **headers: str) -> Response:
    """Return a response with content, or with the range that is asked for."""
    told = {"etag": tag, "cache-control": KEPT, "accept-ranges": "bytes", **_named(headers)}
    if has(request, tag):
        return Response(None, 304, told)
    asked = request.headers.get("range", "")
    if not asked or request.headers.get("if-range", tag) != tag:
        return Response(content, 200, told, kind)
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or not any(found.groups()):
        return Response(content, 200, told, kind)  # several ranges, or another unit
    size = len(content)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    else:
        first, last = max(0, size - int(found[2])), size - 1
    if first > last:
        raise RefusedError(
            416,
            "The file has no such range; ask for one that it has.",
            Content_Range=f"bytes */{size}",
        )
    told["content-range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, told, kind)


def has(request: Request, tag: str) -> bool:
    """Return whether the client has the content of a tag."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in (
        each.strip().removeprefix("W/") for each in given.split(",")
    )


def disposition(name: str, suffix: str) -> str:
    """Return the header that names a download: letters, digits and hyphens alone."""
    return f'attachment; filename="{slug(name)}.{suffix}"'


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
