"""Takes: played, listed, changed, deleted, restored, and played from again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from sideman.studio import values
from sideman.studio.errors import no_take
from sideman.studio.limits import FILE_SECONDS, TAKES_AT_ONCE
from sideman.studio.plays import Play, new_id, unless_gone
from sideman.studio.sending import tagged
from sideman.studio.state import Here, Studio, tag
from sideman.studio.tasks import Task

router = APIRouter(prefix="/api/takes", tags=["takes"])
Id = Annotated[str, Path(pattern=values.ID_PATTERN, description="The name of a take.")]
Before = Annotated[
    str | None,
    Query(pattern=values.ID_PATTERN, description="A take; older ones than this are listed."),
]
Prefer = Annotated[
    str | None,
    Header(description="`respond-async` for 202 and events while the solo is played."),
]
_PLAYED: dict[int | str, dict[str, Any]] = {
    201: {"model": values.Take, "description": "The take."},
    202: {"model": values.Accepted, "description": "The take is being played."},
}
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"enum": ["queued", "bars", "take", "problem"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
_EVENTS = """Events: `queued` {ahead}, `bars` {done, of}, and at last `take` (a Take) or `problem`.
Closing the stream ends the work."""


@router.post("", status_code=201, response_model=values.Take, responses=_PLAYED)
async def play(request: Request, body: values.Play, here: Here, prefer: Prefer = None) -> Response:
    """Play a solo."""
    content = body.request.model_dump(by_alias=True, exclude_unset=True)
    return await _answer(request, here, content, None, prefer)


@router.post("/{id}/anew", status_code=201, response_model=values.Take, responses=_PLAYED)
async def anew(
    request: Request, id: Id, body: values.Anew, here: Here, prefer: Prefer = None
) -> Response:
    """Play some bars of a take anew, and keep the others."""
    content = await _from_take(here, id, Task.ANEW, body.bars, body.seed, body.controls)
    return await _answer(request, here, content, id, prefer)


@router.post("/{id}/vary", status_code=201, response_model=values.Take, responses=_PLAYED)
async def vary(
    request: Request, id: Id, body: values.Vary, here: Here, prefer: Prefer = None
) -> Response:
    """Play a variation of a take."""
    content = await _from_take(here, id, Task.VARY, body.amount, body.seed)
    return await _answer(request, here, content, id, prefer)


async def _from_take(here: Studio, id: str, task: Task, *arguments: Any) -> dict[str, Any]:
    """Return the request that a task makes from a take."""
    take = await here.plays.take(id)
    content: dict[str, Any] = await here.pools.readers.run(
        task, json.loads(take.request), take.midi, *arguments, seconds=FILE_SECONDS
    )
    return content


async def _answer(
    request: Request,
    here: Studio,
    content: Mapping[str, Any],
    parent: str | None,
    prefer: str | None,
) -> Response:
    if "respond-async" in (prefer or "").casefold():
        begun = here.plays.begin({**content}, parent)
        where = f"/api/takes/{begun.id}/events"
        told = json.dumps({"id": begun.id, "events": where}).encode()
        return Response(told, 202, {"location": where}, "application/json")
    work = here.plays.perform({**content}, parent, Play(new_id()))
    take = await unless_gone(request.receive, work)
    headers = {"location": f"/api/takes/{take.id}"}
    return Response(take.json(), 201, headers, "application/json")


@router.get(
    "/{id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": _EVENTS,
            "content": {"text/event-stream": {"schema": _EVENT}},
        }
    },
)
async def events(id: Id, here: Here) -> Response:
    """Follow a solo while it is played."""
    play = here.plays.running.get(id)
    if play is None:
        take = await here.plays.take(id)
        play = Play(id, [("take", take.json().decode())])
    return StreamingResponse(here.plays.follow(play), media_type="text/event-stream; charset=utf-8")


@router.get("", response_model=values.Takes)
async def takes(request: Request, here: Here, before: Before = None) -> Response:
    """List 60 takes, the newest first."""
    found = await asyncio.to_thread(here.store.summaries, before, TAKES_AT_ONCE + 1)
    more = json.dumps(len(found) > TAKES_AT_ONCE)
    content = f'{{"takes":[{",".join(found[:TAKES_AT_ONCE])}],"more":{more}}}'.encode()
    return tagged(request, content, "application/json", tag(content))


@router.get("/{id}", response_model=values.Take)
async def take(request: Request, id: Id, here: Here) -> Response:
    """Return a take."""
    content = (await here.plays.take(id)).json()
    return tagged(request, content, "application/json", tag(content))


@router.patch("/{id}", response_model=values.Take)
async def change(id: Id, body: values.Change, here: Here) -> Response:
    """Write a name, a note or a star on a take."""
    asked = {
        name: value
        for name, value in body.model_dump(exclude_unset=True).items()
        if value is not None
    }
    await asyncio.to_thread(here.store.change, id, asked)
    return Response((await here.plays.take(id)).json(), media_type="application/json")


@router.delete("/{id}", status_code=204, response_class=Response)
async def delete(id: Id, here: Here) -> Response:
    """Delete a take; it can be restored for a day."""
    if not await asyncio.to_thread(here.store.delete, id):
        raise no_take()
    return Response(status_code=204)


@router.post("/{id}/restore", response_model=values.Take)
async def restore(id: Id, here: Here) -> Response:
    """Restore a take that was deleted."""
    await asyncio.to_thread(here.store.restore, id)
    return Response((await here.plays.take(id)).json(), media_type="application/json")
