"""Changes that are typed or opened, and the songbook."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import StringConstraints, ValidationError

from sideman.errors import MusicError
from sideman.studio import values
from sideman.studio.errors import RefusedError
from sideman.studio.limits import FILE_SECONDS
from sideman.studio.plays import unless_gone
from sideman.studio.state import Here
from sideman.studio.tasks import Task

router = APIRouter(prefix="/api", tags=["changes"])
Name = Annotated[
    str, StringConstraints(max_length=255), Query(description="The name of a file, for its kind.")
]
Tune = Annotated[
    str, StringConstraints(max_length=500), Query(description="Which tune of the file.")
]
Word = Annotated[
    str, StringConstraints(max_length=100), Query(description="A word in name, title or composer.")
]
_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": values.Typed.model_json_schema()},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post("/changes/check", response_model=values.Chart | values.Choices, openapi_extra=_BODIES)
async def check(request: Request, here: Here, name: Name = "", tune: Tune = "") -> Any:
    """Return the chart of typed changes or of a file, or the tunes of a file to choose from.

    Typed changes with problems give the bars that are good, and the problems with their places.
    """
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/octet-stream"):
        if not body:
            raise RefusedError(422, "The file is empty; send another.")
        given = here.pools.openers.run(
            Task.CHART_OF_FILE, body, plain_name(name), tune, seconds=FILE_SECONDS
        )
    else:
        try:
            typed = values.Typed.model_validate_json(body)
        except ValidationError as error:
            raise RequestValidationError(
                [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
            ) from error
        given = here.pools.readers.run(
            Task.CHART_OF_TEXT, typed.text, typed.title, seconds=FILE_SECONDS
        )
    return await unless_gone(request.receive, given)


def plain_name(name: str) -> str:
    """Return the last part of a file's name, which is only shown and read for its suffix."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign if sign.isprintable() else "�" for sign in last) or "the file"


@router.get("/songbook", response_model=values.Songs)
async def songbook(here: Here, q: Word = "") -> Any:
    """Search the songbook for a word."""
    word = q.casefold()
    found = await here.fact(Task.SONGBOOK)
    texts = ("name", "title", "composer", "style")
    return {
        "tunes": [
            song for song in found if any(word in (song[text] or "").casefold() for text in texts)
        ]
    }


@router.get("/songbook/{name}", response_model=values.Chart)
async def song(name: str, here: Here) -> Any:
    """Return the chart of a tune of the songbook."""
    try:
        return await here.pools.readers.run(Task.CHART_OF_SONG, name, seconds=FILE_SECONDS)
    except MusicError as error:
        raise RefusedError(404, str(error), "name") from error
