"""What the studio's processes do; each function is called in one of them.

Players improvise and make sound and pages to print; readers read files and typed changes, and
engrave for the screen, in bounded memory, so that these never wait for a solo.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sideman.errors import (
    FormatError,
    MissingExtraError,
    ModelError,
    MusicError,
    SidemanError,
    concerning,
)
from sideman.formats import typed
from sideman.library import charts
from sideman.models.controls import MAX_COPY
from sideman.output import audio
from sideman.output.audio import soundfonts
from sideman.score import LeadSheet
from sideman.service import playing, rendering, requests, results
from sideman.service.portable import Json
from sideman.service.requests import BaseRequest, File, Line, PlayRequest, Tune, VaryRequest
from sideman.service.takes import settling
from sideman.studio import charting
from sideman.studio.limits import MOST_BARS, MOST_CHORUSES
from sideman.version import VERSION

_CHORUSES = 3
_COVER_NOTES = 40
_KINDS = (PlayRequest.kind, VaryRequest.kind)


@dataclass(frozen=True)
class Asked:
    """A request whose tune is read, the bars that it will have, and a remark on its version."""

    request: Json
    bars: int
    remark: str = ""


@dataclass(frozen=True)
class Played:
    """A take: JSON texts of request, music and summary, and its MIDI file."""

    request: str
    music: str
    summary: str
    midi: bytes


def prepare_player() -> None:
    """Load all that a solo needs, by playing one."""
    request = PlayRequest(changes=Tune(text="| Dm7 | G7 | C6 | . |"), choruses=1, seed=1)
    play(request.to_json(), progress=lambda _: None)


def prepare_reader() -> None:
    """Load what most charts need, and Verovio if it is there."""
    from sideman.output import engraving

    charting.of_song("blues-f")
    with contextlib.suppress(MissingExtraError):
        engraving.strip(LeadSheet("", typed.parse("| C | F |").changes))


# Requests ----------------------------------------------------------------------------------------


def settled(content: Json) -> Asked:
    """Return a request with its tune as a lead sheet, so that playing it reads no file."""
    request = _request(content)
    remark = playing.remark(request)
    if isinstance(request, VaryRequest):
        solo = request.take.solo
        long = solo.notes[-1].onset if solo.notes else 0
        bars = len(solo.changes.bars) if solo.changes is not None else 0
        _check_size(1, max(bars, long // 48))
        return Asked(request.to_json(), bars, remark)
    assert isinstance(request, PlayRequest)
    with concerning("changes"):
        name, sheet = playing.tune(request.changes)
    form = sheet.changes
    choruses = request.choruses or _CHORUSES
    if request.take is not None and request.choruses is None:
        choruses = len(settling.over(request.take.solo, form).chorus_bars)
    _check_size(choruses, choruses * len(form.bars))
    tune = Tune(name=charts.slug(name), sheet=replace(sheet, notices=()))
    filled = replace(request, changes=tune)
    return Asked(filled.to_json(), choruses * len(form.bars), remark)


def _request(content: Json) -> BaseRequest:
    try:
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise FormatError("The request holds a number or a text that is none.") from error
    content = {"schema": requests.SCHEMA, "kind": PlayRequest.kind, **content}
    if content["kind"] not in _KINDS:
        raise FormatError("The studio plays requests of kind play and vary.", field="kind")
    return requests.KINDS[content["kind"]].from_json(content)


def _check_size(choruses: int, bars: int) -> None:
    if choruses > MOST_CHORUSES or bars > MOST_BARS:
        raise MusicError(
            f"This would be {choruses} choruses and {bars} bars, and the studio plays up to "
            f"{MOST_CHORUSES} choruses and {MOST_BARS} bars at once; ask for fewer choruses.",
            field="choruses",
        )


def anew(content: Json, midi: bytes, bars: str, seed: int | None, controls: Json) -> Json:
    """Return the request that plays some bars of a take anew and keeps the others."""
    line = playing.line(File("take.mid", midi))
    base = _as_play(requests.KINDS[content["kind"]].from_json(content), line)
    assert line.solo.changes is not None
    total = len(line.solo.changes.bars)
    with concerning("bars"):
        chosen = settling.bar_numbers(bars, total)
    kept = [bar for bar in range(total) if bar not in chosen]
    request = replace(
        base,
        seed=seed,
        prime=None,
        take=line if kept else None,
        keep=_ranges(kept) if kept else None,
        lock=None,
        controls={**base.controls, **controls},
    )
    return request.to_json()


def _as_play(request: BaseRequest, line: Line) -> PlayRequest:
    """Return the request of a take as one to play a solo over the same changes."""
    if isinstance(request, PlayRequest):
        return request
    solo = line.solo
    assert solo.changes is not None
    sheet = LeadSheet(
        solo.title,
        solo.changes.first_chorus,
        key=solo.key,
        tempo_bpm=solo.tempo_bpm,
        style=solo.style,
    )
    return PlayRequest(
        **_common(request),
        tempo=request.tempo,
        changes=Tune(name=charts.slug(solo.title), sheet=sheet),
        choruses=len(solo.chorus_bars) or 1,
        instrument=line.instrument,
    )


def _common(request: BaseRequest) -> dict[str, Any]:
    return {
        "model": request.model,
        "fingerprint": request.fingerprint,
        "player": request.player,
        "controls": request.controls,
        "max_copy": MAX_COPY if request.max_copy is None else request.max_copy,
    }


def _ranges(bars: list[int]) -> str:
    """Return bars that are counted from 0 as text such as ``1-4,9``."""
    found: list[list[int]] = []
    for bar in bars:
        if found and found[-1][1] == bar:
            found[-1][1] = bar + 1
        else:
            found.append([bar + 1, bar + 1])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in found)


def varied(content: Json, midi: bytes, amount: float, seed: int | None) -> Json:
    """Return the request for a variation of a take."""
    line = playing.line(File("take.mid", midi))
    base = requests.KINDS[content["kind"]].from_json(content)
    return VaryRequest(
        **_common(base), take=line, amount=amount, seed=seed, instrument=line.instrument
    ).to_json()


def play(content: Json, *, progress: Callable[[float], object]) -> Played:
    """Play a request that :func:`settled` has returned."""
    request = requests.KINDS[content["kind"]].from_json(content)
    result = playing.again(request, progress=progress)
    music = result.music()
    return Played(
        _text(result.request.to_json()), _text(music), _text(_summary(music)), result.midi()
    )


def _text(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _summary(music: Json) -> Json:
    return {
        **{name: music[name] for name in ("title", "tempo", "seed", "instrument")},
        "cover": _cover(music["solo"][:_COVER_NOTES]),
    }


def _cover(notes: list[Json]) -> list[tuple[float, float, float, str]]:
    """Return notes as x, width and height from 0 to 1, and kind."""
    if not notes:
        return []
    first, low = notes[0]["tick"], min(note["pitch"] for note in notes)
    long = max(1, notes[-1]["tick"] + notes[-1]["duration"] - first)
    high = max(1, max(note["pitch"] for note in notes) - low)
    return [
        (
            round((note["tick"] - first) / long, 4),
            round(note["duration"] / long, 4),
            round((note["pitch"] - low) / high, 3),
            note["kind"],
        )
        for note in notes
    ]


# Files -------------------------------------------------------------------------------------------


def file(midi: bytes, kind: str, options: Mapping[str, Any]) -> bytes:
    """Return a take's file of a kind but MIDI and JSON; `options` are those of its address."""
    return _FILES[kind](midi, **options)


def _page(kind: str) -> Callable[..., bytes]:
    def page(midi: bytes, part: str = "C", dedication: str = "", page: int = 1) -> bytes:
        with concerning("part"):
            pages = results.page(_solo(midi), kind, part, dedication=dedication)
        if page > len(pages):
            raise MusicError(f"There are {len(pages)} pages; ask for one of them.", field="page")
        return pages[page - 1]

    return page


def _solo(midi: bytes) -> Any:
    return playing.line(File("take.mid", midi)).solo


def _sound(kind: str) -> Callable[..., bytes]:
    def sound(midi: bytes) -> bytes:
        request = playing.requested(midi, "take.mid")
        solo = _solo(midi)
        tags = results.tags(solo.title, solo.tempo_bpm, request.seed)
        return rendering.render(File("take.mid", midi), kind, tags=tags).data

    return sound


def _lead_sheet(midi: bytes) -> bytes:
    from sideman.formats import registry

    return registry.dumps(charts.loads(midi, "take.mid"), "take.ls")[0]


def _strip(midi: bytes, part: str = "C", bars: int = 4) -> bytes:
    from sideman.output import engraving

    with concerning("part"):
        return engraving.strip(_solo(midi), bars, transposition=part).encode()


_FILES: dict[str, Callable[..., bytes]] = {
    **{kind: _page(kind) for kind in ("musicxml", "pdf", "png")},
    **{kind: _sound(kind) for kind in ("mp3", "wav")},
    "ls": _lead_sheet,
    "svg": _strip,
}


# What there is -----------------------------------------------------------------------------------


@cache
def songbook() -> list[Json]:
    """Return the tunes of the songbook."""
    from sideman.library import songbook as tunes

    found = []
    for name in tunes.names():
        facts = charting.facts(sheet := tunes.load(name))
        kept = {each: facts[each] for each in ("title", "composer", "key", "style", "tempo")}
        found.append({"name": name, **kept, "bars": len(sheet.changes.bars)})
    return found


def players() -> list[Json]:
    """Return the players that the model can imitate."""
    from sideman.models import registry

    try:
        soloist: Any = registry.load()
    except ModelError:  # about() says so
        return []
    return [{"name": name, "label": name, "detail": ""} for name in soloist.players]


def styles() -> list[Json]:
    """Return the styles of the band."""
    from sideman.band import styles as band

    return [
        {"name": name, "label": name.replace("-", " "), "detail": f"{style.tempo_bpm:g} bpm"}
        for name in band.names()
        for style in [band.named(name)]
    ]


def instruments() -> list[Json]:
    """Return the instruments with a common name."""
    from sideman.output.printed import printed
    from sideman.theory.instruments import INSTRUMENTS
    from sideman.theory.pitch import Key

    return [
        {
            "name": each.name,
            "label": each.name,
            "detail": printed(f"{Key(0).spell(each.low)} to {Key(0).spell(each.high)}"),
        }
        for each in INSTRUMENTS.values()
    ]


def knobs() -> list[Json]:
    """Return the controls; `high` is None where there is no bound."""
    from dataclasses import fields
    from math import isinf

    from sideman.models import registry
    from sideman.models.controls import KNOBS, Controls

    defaults = registry.defaults(registry.DEFAULT)
    return [
        {
            "name": each.name,
            "label": knob.label,
            "help": knob.help,
            "low": knob.low,
            "high": None if isinf(knob.high) else knob.high,
            "default": getattr(defaults, each.name),
            "unit": knob.unit,
            "group": knob.group,
        }
        for each in fields(Controls)
        for knob in [KNOBS[each.name]]
    ]


def about() -> Json:
    """Return the version, and what this installation has and lacks."""
    from sideman.output import engraving

    lacks: dict[str, str] = {}

    def there(name: str, check: Callable[[], object]) -> bool:
        try:
            check()
        except (SidemanError, OSError) as error:
            lacks[name] = str(error)
            return False
        return True

    fingerprint = ""
    if model := there("model", lambda: playing.model_named(PlayRequest().model)):
        fingerprint = playing.model_named(PlayRequest().model).fingerprint
    else:
        lacks["model"] = (
            "The soloist's model is not in this installation, so nothing can be improvised; "
            "install sideman again. All else works."
        )
    font = there("soundfont", soundfonts.soundfont_path)
    return {
        "version": VERSION,
        "fingerprint": fingerprint,
        "sound": {
            "soundfont": str(soundfonts.soundfont_path()) if font else None,
            "mp3": there("mp3", lambda: audio.check("mp3")),
        },
        "pages": {
            "score": there("score", lambda: engraving.check("svg")),
            "pdf": there("pdf", lambda: engraving.check("pdf")),
        },
        "model": model,
        "sentences": lacks,
    }
