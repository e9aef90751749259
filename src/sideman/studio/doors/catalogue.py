"""Lists of what a request can name, and what this installation has."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from sideman.studio import values
from sideman.studio.state import Here
from sideman.studio.tasks import Task

router = APIRouter(prefix="/api", tags=["catalogue"])


@router.get("/players", response_model=list[values.Named])
async def players(here: Here) -> Any:
    """List the players that the model can imitate."""
    return await here.fact(Task.PLAYERS)


@router.get("/styles", response_model=list[values.Named])
async def styles(here: Here) -> Any:
    """List the styles of the band."""
    return await here.fact(Task.STYLES)


@router.get("/instruments", response_model=list[values.Named])
async def instruments(here: Here) -> Any:
    """List the instruments of the soloist."""
    return await here.fact(Task.INSTRUMENTS)


@router.get("/knobs", response_model=list[values.Knob])
async def knobs(here: Here) -> Any:
    """List the controls of the soloist."""
    return await here.fact(Task.KNOBS)


@router.get("/about", response_model=values.About)
async def about(here: Here) -> Any:
    """Return the version, what this installation has, and a sentence for each thing it lacks."""
    found = await here.fact(Task.ABOUT)
    notice = {"takes": here.store.notice} if here.store.notice else {}
    return {**found, "sentences": {**found["sentences"], **notice}}
