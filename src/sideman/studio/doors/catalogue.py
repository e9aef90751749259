"""What there is to choose from, and what this installation has."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from sideman.studio import values, work
from sideman.studio.state import Here

router = APIRouter(prefix="/api", tags=["catalogue"])


@router.get("/players", response_model=list[values.Named])
async def players(here: Here) -> Any:
    """List the players that the model can imitate."""
    return await here.told("players", work.players)


@router.get("/styles", response_model=list[values.Named])
async def styles(here: Here) -> Any:
    """List the styles of the band."""
    return await here.told("styles", work.styles)


@router.get("/instruments", response_model=list[values.Named])
async def instruments(here: Here) -> Any:
    """List the instruments of the soloist."""
    return await here.told("instruments", work.instruments)


@router.get("/knobs", response_model=list[values.Knob])
async def knobs(here: Here) -> Any:
    """List the controls of the soloist."""
    return await here.told("knobs", work.knobs)


@router.get("/about", response_model=values.About)
async def about(here: Here) -> Any:
    """Tell the version, and what lacks here, in sentences."""
    found = await here.told("about", work.about)
    notice = {"takes": here.store.notice} if here.store.notice else {}
    return {
        **found,
        "sound": {**found["sound"], "soundfont": here.font and f"/assets/{here.font.name}"},
        "sentences": {**found["sentences"], **notice},
    }
