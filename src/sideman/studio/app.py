"""The application: its doors, what stands before them, and its description."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from sideman.errors import SidemanError
from sideman.studio import pool, problems, values
from sideman.studio.doors import catalogue, changes, files, page, system, takes
from sideman.studio.errors import RefusedError
from sideman.studio.guards import Guards
from sideman.studio.limits import OPENER_AFTER_SECONDS
from sideman.studio.metrics import Metrics
from sideman.studio.plays import Plays
from sideman.studio.pool import Pool, Pools
from sideman.studio.settings import Settings
from sideman.studio.state import Studio
from sideman.studio.store import Store
from sideman.version import VERSION

_ABOUT = "Improvise jazz solos over chord changes, and keep, look at and listen to them."
_ALWAYS = {
    "400": "The request is not well-formed.",
    "401": "The token is needed.",
    "403": "Another page asks.",
    "413": "The body, or what it needs to be read, is too large.",
    "415": "The body is of another type.",
    "421": "The host is another one.",
    "422": "A value is wrong: the sentence, the field, and the places in typed changes.",
    "429": "Too many requests wait.",
    "503": "The process that did the work was ended.",
    "507": "The takes cannot be read or written.",
}


def create(settings: Settings, players: Pool | None = None, readers: Pool | None = None) -> FastAPI:
    """Return the application of a studio; its processes run from its start-up to its shut-down.

    Parameters
    ----------
    settings : Settings
        How it is set up.
    players, readers : Pool or None
        Its processes, where they were started before.

    Raises
    ------
    StoreError
        If the folder of the takes cannot be used.
    """
    store = Store(settings.folder)
    pools = Pools(
        players or pool.players(settings.workers), readers or pool.readers(), pool.openers()
    )
    metrics = Metrics()
    studio = Studio(settings, store, pools, metrics, Plays(pools, store, metrics))

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        pools.readers.warm()
        pools.players.warm()
        later = asyncio.get_running_loop().call_later(OPENER_AFTER_SECONDS, pools.openers.warm)
        yield
        later.cancel()
        await studio.close()

    app = FastAPI(
        title="sideman studio",
        version=VERSION,
        description=_ABOUT,
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.studio = studio
    app.add_middleware(
        Guards, settings=settings, done=metrics.answered, log=_log if settings.log else None
    )
    for one in (files, takes, changes, catalogue, system, page):
        app.include_router(one.router)
    app.add_exception_handler(SidemanError, problems.answer)
    app.add_exception_handler(RefusedError, problems.answer)
    app.add_exception_handler(HTTPException, problems.answer_http)
    app.add_exception_handler(RequestValidationError, problems.answer_invalid)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _log(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, in which each door has the problems that it can answer."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        own = values.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(own.pop("$defs"), Problem=own)
        for path, methods in document["paths"].items():
            for door in methods.values():
                _add_problems(door, "{" in path)
        app.openapi_schema = document
    return app.openapi_schema


def _add_problems(door: dict[str, Any], named: bool) -> None:
    schema = {"$ref": "#/components/schemas/Problem"}
    told = {**_ALWAYS}
    if named:
        told["404"] = "There is no such thing."
    if "206" in door["responses"]:
        told["416"] = "There is no such range."
    if "requestBody" in door:
        told["408"] = "The body took too long."
    for status, description in sorted(told.items()):
        door["responses"][status] = {
            "description": description,
            "content": {problems.MEDIA_TYPE: {"schema": schema}},
        }
