"""The files of a take: music, pages and sound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import StringConstraints
from starlette.responses import Response

from sideman.studio.doors.takes import Id
from sideman.studio.limits import PAGE_SECONDS, SOUND_SECONDS
from sideman.studio.sending import disposition, ranged, tagged
from sideman.studio.state import Here, Studio, tag
from sideman.studio.tasks import Task
from sideman.version import VERSION

router = APIRouter(prefix="/api/takes", tags=["files"])
Part = Annotated[
    str,
    StringConstraints(max_length=40),
    Query(description="The part: C, Bb, Eb, F or an instrument."),
]
Dedication = Annotated[
    str, StringConstraints(max_length=100), Query(description="Printed as `for …`.")
]
Font = Annotated[
    Literal["engraved", "handwritten"], Query(description="The look of notes and letters.")
]
Whole = Annotated[
    bool, Query(description="All that the soloist plays, with the head and the ending.")
]
Page = Annotated[int, Query(ge=1, le=200, description="Which page.")]


def _printed(
    part: Part = "C",
    dedication: Dedication = "",
    font: Font = "engraved",
    whole: Whole = False,
) -> dict[str, Any]:
    return {"part": part, "dedication": dedication, "font": font, "whole": whole}


Printed = Annotated[dict[str, Any], Depends(_printed)]
TYPES = {
    "mid": "audio/midi",
    "musicxml": "application/vnd.recordare.musicxml+xml",
    "pdf": "application/pdf",
    "png": "image/png",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ls": "text/plain; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}
_SOUND = ("mp3", "wav")
_SAFE = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""An SVG that is opened by itself runs nothing."""


def _told(kind: str) -> dict[str, Any]:
    """Return the description of a file in the OpenAPI document."""
    schema: dict[str, Any] = {"type": "string", "format": "binary"}
    if kind == "json":
        schema = {"$ref": "#/components/schemas/Take"}
    content = {TYPES[kind].partition(";")[0]: {"schema": schema}}
    told: dict[int | str, Any] = {
        200: {"description": "The file.", "content": content},
        304: {"description": "The client has the file."},
    }
    if kind in _SOUND:
        told[206] = {"description": "The range that was asked for.", "content": content}
    return {"response_class": Response, "responses": told}


@router.get("/{id}.mid", **_told("mid"))
async def midi(request: Request, id: Id, here: Here) -> Response:
    """Return the MIDI file, which carries the request."""
    take = await here.plays.take(id)
    name = json.loads(take.music)["file"]
    return tagged(
        request,
        take.midi,
        TYPES["mid"],
        tag(take.midi),
        content_disposition=disposition(name, "mid"),
    )


@router.get("/{id}.json", **_told("json"))
async def values(request: Request, id: Id, here: Here) -> Response:
    """Return the take as JSON."""
    take = await here.plays.take(id)
    content = take.json()
    name = json.loads(take.music)["file"]
    return tagged(
        request,
        content,
        TYPES["json"],
        tag(content),
        content_disposition=disposition(name, "json"),
    )


@router.get("/{id}.musicxml", **_told("musicxml"))
async def musicxml(
    request: Request, id: Id, here: Here, part: Part = "C", whole: Whole = False
) -> Response:
    """Return the solo as MusicXML; note n has the id `n…`."""
    return await _file(request, here, id, "musicxml", {"part": part, "whole": whole})


@router.get("/{id}.svg", **_told("svg"))
async def svg(
    request: Request, id: Id, here: Here, part: Part = "C", bars: Literal["1", "2", "4"] = "4"
) -> Response:
    """Return the solo engraved, one endless page with so many bars a line."""
    return await _file(request, here, id, "svg", {"part": part, "bars": int(bars)})


@router.get("/{id}.pdf", **_told("pdf"))
async def pdf(request: Request, id: Id, here: Here, printed: Printed) -> Response:
    """Return the solo as pages to print."""
    return await _file(request, here, id, "pdf", printed)


@router.get("/{id}.png", **_told("png"))
async def png(request: Request, id: Id, here: Here, printed: Printed, page: Page = 1) -> Response:
    """Return one page of the solo as a picture."""
    return await _file(request, here, id, "png", {**printed, "page": page})


@router.get("/{id}.ls", **_told("ls"))
async def lead_sheet(request: Request, id: Id, here: Here) -> Response:
    """Return the solo as a lead sheet of Impro-Visor."""
    return await _file(request, here, id, "ls", {})


@router.get("/{id}.mp3", **_told("mp3"))
async def mp3(request: Request, id: Id, here: Here) -> Response:
    """Return the sound as MP3; ranges are answered."""
    return await _file(request, here, id, "mp3", {})


@router.get("/{id}.wav", **_told("wav"))
async def wav(request: Request, id: Id, here: Here) -> Response:
    """Return the sound as WAV; ranges are answered."""
    return await _file(request, here, id, "wav", {})


async def _file(
    request: Request, here: Studio, id: str, kind: str, options: Mapping[str, Any]
) -> Response:
    take = await here.plays.take(id)
    mark = tag(take.midi, kind, json.dumps(options, sort_keys=True), VERSION)
    cache = here.sounds if kind in _SOUND else here.pages  # a player asks for sound in pieces
    content = cache.get(mark)
    if content is None:
        pool = here.pools.readers if kind in ("svg", "musicxml", "ls") else here.pools.players
        seconds = SOUND_SECONDS if kind in _SOUND else PAGE_SECONDS
        content = await pool.run(Task.FILE, take.midi, kind, {**options}, seconds=seconds)
        cache.put(mark, content)
    headers = {"content_disposition": disposition(json.loads(take.music)["file"], kind)}
    if kind == "svg":
        headers = {"content_security_policy": _SAFE}
    send = ranged if kind in _SOUND else tagged
    return send(request, content, TYPES[kind], mark, **headers)
