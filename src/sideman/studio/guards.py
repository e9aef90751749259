"""ASGI middleware: checks of each request's host, origin, content type, token and size."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sideman.studio import problems
from sideman.studio.errors import RefusedError
from sideman.studio.limits import BODY_SECONDS, MOST_BODY, MOST_DISCARDED
from sideman.studio.settings import Settings

COOKIE = "sideman-studio"
TYPES = ("application/json", "application/octet-stream")
SECURITY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_ADDRESS = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?")
Log = Callable[[dict[str, Any]], object]


class _HeadError(Exception):
    """The head of an answer was sent, and its body is not wanted."""


class Guards:
    """Refuse what may not ask, read the body whole within its limits, and mark each answer.

    Parameters
    ----------
    app : ASGI application
        What answers the requests that pass.
    settings : Settings
        Who may ask.
    done : callable
        Called with method, status and seconds of each request.
    log : callable or None
        Called with the values of a line for each request.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        done: Callable[[str, int, float], object],
        log: Log | None = None,
    ) -> None:
        self._app, self._settings, self._done, self._log = app, settings, done, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, sent = time.perf_counter(), 499, 0  # 499: the client has gone
        method = scope["method"]
        if method == "HEAD":  # answered as GET, up to the body
            scope = {**scope, "method": "GET"}
        whole = "expect" in Headers(scope=scope)  # then no body comes unless it is read

        async def taken() -> Message:
            nonlocal whole
            message = await receive()
            whole = not message.get("more_body", False)
            return message

        async def marked(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if method == "HEAD":
                    await send(message)
                    await send({"type": "http.response.body", "body": b""})
                    raise _HeadError  # before a stream begins its work
            sent += len(message.get("body", b""))
            await send(message)

        with contextlib.suppress(_HeadError):
            try:
                response = self._refusal(scope)
                if response is None:
                    body = await _body(scope, taken)
                    await self._app(scope, _again(body, receive), marked)
                else:
                    await response(scope, receive, marked)
            except _HeadError:
                raise
            except RefusedError as error:
                answer = problems.response(problems.of_error(error), error.headers)
                late = whole or error.status == 408
                await answer(scope, receive, marked if late else _lingering(receive, marked))
            except Exception as error:
                problems.report(error)
                if status == 499:
                    await problems.response(problems.of_error(error))(scope, receive, marked)
            finally:
                seconds = time.perf_counter() - begun
                self._done(method, status, seconds)
                if self._log is not None:
                    self._log(_line({**scope, "method": method}, status, sent, seconds))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that may not pass; None for one that may."""
        headers = Headers(scope=scope)
        names = self._settings.names
        if self._settings.everywhere and (own := scope.get("server")):
            names |= {own[0].casefold()}  # the address that was called, which no name stands for
        _check_host(headers, names)
        _check_origin(scope, headers)
        if self._settings.token:
            found = self._with_token(scope, headers)
            if found is not None:
                return found
        _check_type(scope, headers)
        return None

    def _with_token(self, scope: Scope, headers: Headers) -> Response | None:
        token = self._settings.token
        if _same(_cookie(headers), token):
            return None
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and scope["method"] == "GET" and _same(asked, token):
            response = RedirectResponse("/", 303)
            response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict")
            return response
        raise RefusedError(
            401, "This studio needs its token; open the address that it has printed at its start."
        )


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _check_host(headers: Headers, names: frozenset[str]) -> None:
    """Refuse a name that is not ours: a page of another name could be made to point here."""
    given = headers.getlist("host")
    if len(given) != 1 or _host(given[0]) not in names:
        raise RefusedError(
            421, "This studio does not answer to that name; allow the name when it is started."
        )


def _host(address: str) -> str:
    found = _ADDRESS.fullmatch(address.casefold())
    return found[1].strip("[]") if found else ""


def _check_origin(scope: Scope, headers: Headers) -> None:
    """Refuse what another page asks, but let a link to the page itself be followed."""
    host = headers["host"].casefold()
    for origin in headers.getlist("origin"):
        if origin.casefold() not in (f"http://{host}", f"https://{host}"):
            raise RefusedError(403, "Another page may not use this studio; open the studio itself.")
    site = headers.get("sec-fetch-site", "none")
    if site in ("none", "same-origin"):
        return
    followed = (
        scope["method"] == "GET"
        and scope["path"] == "/"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest", "document") == "document"
    )
    if not followed:
        raise RefusedError(403, "Another page may not use this studio; open the studio itself.")


def _check_type(scope: Scope, headers: Headers) -> None:
    """Refuse bodies of types that another page can send without asking first."""
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
    if (has_body or kind) and kind not in TYPES:
        raise RefusedError(415, f"Send {TYPES[0]}, or a file as {TYPES[1]}.", Accept=TYPES[0])
    if has_body and scope["method"] == "GET":
        raise RefusedError(400, "This request takes no body; send none.")


async def _body(scope: Scope, receive: Receive) -> bytes:
    """Return the body, refused by its length before it is read, and counted while it is."""
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdecimal() or int(length[:12]) > MOST_BODY or len(length) > 12:
        raise _too_large()
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RefusedError(400, "The request ended before its body was whole.")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MOST_BODY:
                    raise _too_large()
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise RefusedError(
            408,
            f"The body took longer than {BODY_SECONDS:g} seconds; send it faster.",
            Connection="close",
        ) from None


def _lingering(receive: Receive, send: Send) -> Send:
    """Return a function that sends an answer and discards the body before it ends.

    A connection that is closed while a body comes is reset, and the client never reads the answer.
    """

    async def lingering(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        await send({**message, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BODY_SECONDS):
                size = 0
                while size < MOST_DISCARDED:
                    rest = await receive()
                    size += len(rest.get("body", b""))
                    if not rest.get("more_body", False):  # its end, or that of the connection
                        break
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return lingering


def _too_large() -> RefusedError:
    return RefusedError(
        413, f"The body may have {MOST_BODY:,} bytes; send less.", Connection="close"
    )


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a function that gives the whole body once, and then what else comes."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _line(scope: Scope, status: int, sent: int, seconds: float) -> dict[str, Any]:
    """Return the values of a line of the log: the kind of address, and no name that was asked."""
    route = scope.get("route")
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "method": scope["method"] if scope["method"].isalpha() else "",
        "door": getattr(route, "path", ""),
        "status": status,
        "bytes": sent,
        "seconds": round(seconds, 4),
    }
