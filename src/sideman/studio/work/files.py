"""The files of a take: pages, sound, and lead sheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Unpack

from sideman import opening
from sideman.errors import MusicError, concerning
from sideman.formats import registry
from sideman.output import engraving
from sideman.score import Solo
from sideman.service import playing, rendering, results
from sideman.service.requests import File


def file(midi: bytes, kind: str, options: Mapping[str, Any]) -> bytes:
    """Return a take's file of a kind but MIDI and JSON; `options` are those of its address."""
    return _FILES[kind](midi, **options)


def _page(kind: str) -> Callable[..., bytes]:
    def page(
        midi: bytes,
        part: str = "C",
        page: int = 1,
        whole: bool = False,
        **printing: Unpack[engraving.Printing],
    ) -> bytes:
        solo = _solo(midi)
        if whole:
            solo, printing["marks"] = playing.whole(playing.requested(midi, "take.mid"), solo)
        with concerning("part"):
            pages = results.page(solo, kind, part, **printing)
        if page > len(pages):
            raise MusicError(f"There are {len(pages)} pages; ask for one of them.", field="page")
        return pages[page - 1]

    return page


def _solo(midi: bytes) -> Solo:
    return playing.line(File("take.mid", midi)).solo


def _sound(kind: str) -> Callable[..., bytes]:
    def sound(midi: bytes) -> bytes:
        request = playing.requested(midi, "take.mid")
        solo = _solo(midi)
        tags = results.tags(solo.title, solo.tempo_bpm, request.seed)
        return rendering.render(File("take.mid", midi), kind, tags=tags).data

    return sound


def _lead_sheet(midi: bytes) -> bytes:
    return registry.dumps(opening.chart(midi, "take.mid"), "take.ls")[0]


def _strip(midi: bytes, part: str = "C", bars: int = 4) -> bytes:
    with concerning("part"):
        return engraving.strip(_solo(midi), bars, transposition=part).encode()


_FILES: dict[str, Callable[..., bytes]] = {
    **{kind: _page(kind) for kind in ("musicxml", "pdf", "png")},
    **{kind: _sound(kind) for kind in ("mp3", "wav")},
    "ls": _lead_sheet,
    "svg": _strip,
}
