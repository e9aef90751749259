"""The functions of the processes by their names, so that the server imports none of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Task(StrEnum):
    """A function of :mod:`sideman.studio.work`."""

    PREPARE_PLAYER = "sideman.studio.work.preparing:player"
    PREPARE_OPENER = "sideman.studio.work.preparing:opener"
    PREPARE_READER = "sideman.studio.work.preparing:reader"
    SETTLE = "sideman.studio.work.takes:settled"
    PLAY = "sideman.studio.work.takes:play"
    ANEW = "sideman.studio.work.takes:anew"
    VARY = "sideman.studio.work.takes:varied"
    FILE = "sideman.studio.work.files:file"
    CHART_OF_TEXT = "sideman.studio.work.changes:of_text"
    CHART_OF_FILE = "sideman.studio.work.changes:of_file"
    CHART_OF_SONG = "sideman.studio.work.changes:of_song"
    SONGBOOK = "sideman.studio.work.catalogue:songbook"
    PLAYERS = "sideman.studio.work.catalogue:players"
    STYLES = "sideman.studio.work.catalogue:styles"
    INSTRUMENTS = "sideman.studio.work.catalogue:instruments"
    KNOBS = "sideman.studio.work.catalogue:knobs"
    ABOUT = "sideman.studio.work.catalogue:about"
    FONT = "sideman.studio.work.catalogue:font"


def json_text(content: object) -> str:
    """Return values as JSON without spaces, as takes are stored and sent."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Asked:
    """A request whose tune is read, the bars that it will have, and a remark on its version."""

    request: dict[str, Any]
    bars: int
    remark: str = ""


@dataclass(frozen=True)
class Played:
    """A take: JSON texts of request, music and summary, and its MIDI file."""

    request: str
    music: str
    summary: str
    midi: bytes


@dataclass(frozen=True)
class Font:
    """The soundfont that the page plays: its name on the page, and where it is."""

    name: str
    path: Path
