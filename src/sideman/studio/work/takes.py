"""Requests for takes: read and checked, played, and made from a take that there is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sideman.errors import FormatError, MusicError, concerning
from sideman.files import slug
from sideman.models.controls import MAX_COPY
from sideman.score import Changes, LeadSheet
from sideman.service import playing, practising, requests
from sideman.service.portable import Json
from sideman.service.requests import BaseRequest, File, Line, PlayRequest, Tune, VaryRequest
from sideman.service.takes import settling
from sideman.studio.limits import MOST_BARS, MOST_CHORUSES
from sideman.studio.tasks import Asked, Played, json_text
from sideman.theory.meter import TICKS_PER_QUARTER

_COVER_NOTES = 40
_SHORTEST_BAR = 2 * TICKS_PER_QUARTER
_KINDS = (PlayRequest.kind, VaryRequest.kind)


def settled(content: Json) -> Asked:
    """Return a request with its tune as a lead sheet, so that playing it reads no file."""
    request = _request(content)
    remark = playing.remark(request)
    if isinstance(request, VaryRequest):
        solo = request.take.solo
        long = solo.notes[-1].onset if solo.notes else 0
        bars = len(solo.changes.bars) if solo.changes is not None else 0
        _check_size(1, max(bars, long // _SHORTEST_BAR))
        return Asked(request.to_json(), bars, remark)
    assert isinstance(request, PlayRequest)
    with concerning("changes"):
        name, sheet = playing.tune(request.changes)
    form = practising.tune(request, sheet).changes
    choruses = request.choruses or practising.usual_choruses(request)
    if request.take is not None and request.choruses is None:
        choruses = len(settling.over(request.take.solo, form).chorus_bars)
    _check_size(choruses, choruses * len(form.bars))
    tune = Tune(name=slug(name), sheet=replace(sheet, notices=()))
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
    # A take that is kept in part has its density already.
    usual = {name: one for name, one in base.controls.items() if not (kept and name == "density")}
    request = replace(
        base,
        seed=seed,
        prime=None,
        take=line if kept else None,
        keep=_ranges(kept) if kept else None,
        lock=None,
        controls={**usual, **controls},
    )
    return request.to_json()


def _as_play(request: BaseRequest, line: Line) -> PlayRequest:
    """Return the request of a take as one to play a solo over the same changes."""
    if isinstance(request, PlayRequest):
        return request
    solo = line.solo
    assert solo.changes is not None
    steady = len(solo.changes.keys) < 2 and len(solo.changes.tempos) < 2
    sheet = LeadSheet(
        solo.title,
        solo.changes.first_chorus if steady else Changes(solo.changes.bars),
        key=solo.key,
        tempo_bpm=solo.tempo_bpm,
        style=solo.style,
    )
    return PlayRequest(
        **_common(request),
        tempo=request.tempo,
        changes=Tune(name=slug(solo.title), sheet=sheet),
        choruses=(len(solo.chorus_bars) or 1) if steady else 1,
        instrument=line.instrument,
    )


def _common(request: BaseRequest) -> dict[str, Any]:
    return {
        "model": request.model,
        "fingerprint": request.fingerprint,
        "player": request.player,
        "controls": request.controls,
        "expression": request.expression,
        "max_copy": MAX_COPY if request.max_copy is None else request.max_copy,
        "taste": request.taste,
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
        json_text(result.request.to_json()),
        json_text(music),
        json_text(_summary(music)),
        result.midi(),
    )


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
