"""Chord charts as JSON, in the shapes of public collections of standards.

``Sections``
    Mike Oliphant's JazzStandards: ``{"Title", "TimeSignature", "Sections": [{"Label", "Repeats",
    "MainSegment": {"Chords": "F7|Bb7,F7"}, "Endings": [...]}]}``; a bar's parts are equal, and an
    empty part continues the chord.
``chords, measures, beats``
    The Jazz Harmony Treebank: three lists of one length.
``parts``
    The Jazz Audio-Aligned Harmony dataset: Harte labels in bars, ``"|F:maj7 |E:hdim7 A:7 |"``.
``bars``
    Also ``measures`` or ``changes``: a list of bars, each a symbol, a text of symbols, or a list of
    symbols; or one text with bar lines.

A file holds one chart or a list of charts. A list of chords without bars is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import Any

from sideman.errors import ChordError, FormatError, SidemanError
from sideman.files import MEBIBYTE, decoded
from sideman.formats import typed
from sideman.formats.document import Document, Tune
from sideman.formats.harte import read_label
from sideman.formats.headers import read_key
from sideman.formats.registry import Codec
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.theory.chord import Chord
from sideman.theory.chord.context import Notation
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

MOST_BYTES = 32 * MEBIBYTE
MOST_CHARTS = 50_000
MOST_BARS = 4000
_LETTERS = Notation()
_METER = re.compile(r"(?i)time_?sig(nature)?|met(er|re)")
_SHAPES = ("Sections", "chords", "parts", "bars", "measures", "changes")


def charts(data: bytes, name: str) -> tuple[Tune, ...]:
    """Return the charts of a file, each read when it is opened.

    Raises
    ------
    FormatError
        If it is not JSON, or of none of the shapes.
    """
    try:
        held = json.loads(decoded(data, name))
    except (ValueError, RecursionError) as error:
        place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise FormatError(f"{name}{place}: is not well-formed JSON; correct it.") from error
    listed = held if type(held) is list else [held]
    if type(held) is dict:
        inner = next((held[k] for k in ("tunes", "songs", "standards", "charts") if k in held), 0)
        listed = inner if type(inner) is list else listed
    found = [one for one in listed if type(one) is dict and any(key in one for key in _SHAPES)]
    if not found or len(found) > MOST_CHARTS:
        raise FormatError(
            f"{name}: is JSON but not a chart; give bars as in "
            '{"title": "A", "bars": ["F7", "Bb7 F7"]}, or a list of charts.'
        )
    stem = PurePath(name).stem
    return tuple(_tune(one, name, stem, several=len(found) > 1) for one in found)


def _tune(one: Mapping[str, Any], name: str, stem: str, *, several: bool) -> Tune:
    title = _text(one, "title") or _text(one, "name") or stem
    where = f"{name}: {title!r}" if several else name
    composer = _text(one, "composer") or _text(one, "composers")
    style = _text(one, "rhythm") or _text(one, "style")
    sheet = partial(_sheet, one, where, LeadSheet(title, Changes(()), composer, style=style))
    return Tune(title, composer, style, sheet)


def _text(one: Mapping[str, Any], name: str) -> str:
    """Return a text by its name in any case; empty for other values."""
    value = next((value for key, value in one.items() if key.lower() == name), "")
    return " ".join(value.split())[:500] if type(value) is str else ""


def _sheet(one: Mapping[str, Any], where: str, sheet: LeadSheet) -> LeadSheet:
    """Read one chart."""
    reader = next(
        read
        for keys, read in _READERS
        if all(any(alternative in one for alternative in key.split("|")) for key in keys)
    )
    try:
        bars = reader(one, _meter(one, where), where)
    except (
        TypeError,
        AttributeError,
        ArithmeticError,
        LookupError,
        ValueError,
        StopIteration,
    ) as error:
        raise FormatError(
            f"{where}: a part of the chart has an unexpected type; give bars as texts of symbols."
        ) from error
    if not bars or len(bars) > MOST_BARS:
        raise FormatError(f"{where}: has no bars, or more than {MOST_BARS}, the limit.")
    return replace(sheet, changes=Changes(tuple(bars)), key=_key(one), tempo_bpm=_tempo(one))


def _meter(one: Mapping[str, Any], where: str) -> Meter:
    """Return the meter; 4/4 if none is given."""
    given = next((one[k] for k in one if _METER.fullmatch(k) and one[k]), "")
    beats = next((one[k] for k in one if re.fullmatch(r"(?i)beats_?per_?(bar|measure)", k)), 4)
    if given == "":
        given = next((one[k] for k in one if k.lower() == "time" and "/" in str(one[k])), "")
    if type(given) is dict:
        named = {key.lower().replace("_", ""): value for key, value in given.items()}
        over = named.get("numerator", named.get("beats"))
        under = named.get("denominator", named.get("beattype", named.get("unit")))
        given = f"{over}/{under}"
    if type(given) is list:
        given = "/".join(map(str, given))
    try:
        return Meter.parse(str(given).strip() or f"{beats}/4")
    except FormatError as error:
        raise FormatError(f"{where}: {error}") from error


def _key(one: Mapping[str, Any]) -> Key | None:
    text = _text(one, "key")
    nested = one.get("sandbox")
    if not text and type(nested) is dict and type(nested.get("key")) is list and nested["key"]:
        text = str(nested["key"][0]).replace(":", " ")
    return read_key(text)


def _tempo(one: Mapping[str, Any]) -> float | None:
    value: Any = next((v for k, v in one.items() if k.lower() in ("tempo", "bpm")), None)
    if type(value) is str and (number := re.fullmatch(r"(\d{2,3})\s?(?:bpm)?", value.lower())):
        value = int(number[1])
    if type(value) not in (int, float) or not 10 <= value <= 999:
        return None
    return float(value)


def _chord(symbol: str, where: str, bar: int, read: Callable[[str], Chord]) -> Chord:
    try:
        return read(symbol)
    except ChordError as error:
        said = f"{where}, bar {bar}: {error}"
        raise ChordError(said, error.symbol, error.nearest) from error


def _standard(symbol: str, notation: Notation = _LETTERS) -> Chord:
    """Read a symbol of a collection of standards, which writes 0 for a diminished chord."""
    plain = re.sub(r"\([A-G][^()]*\)$", "", symbol) or symbol.strip("()")  # without alternatives
    return notation.parse(re.sub(r"^([A-G][#b]?)0(?=7|/|$)", r"\1dim", plain))


def _bar(
    parts: Sequence[str], meter: Meter, where: str, bar: int, read: Callable[[str], Chord]
) -> Bar:
    """Read a bar of equal parts; an empty one continues the chord."""
    count = len(parts)
    onsets: Sequence[int] = typed.spread(count, meter)
    if "" in parts and meter.beats % count and count != 2 * meter.beats:
        raise FormatError(f"{where}, bar {bar}: {count} parts do not fit in {meter}; write beats.")
    if "" in parts and meter.ticks_per_bar % count == 0:
        onsets = range(0, meter.ticks_per_bar, meter.ticks_per_bar // count)
    if len(onsets) < count:
        raise FormatError(f"{where}, bar {bar}: {count} chords do not fit in {meter}.")
    return Bar(
        tuple(
            ChordChange(onset, _chord(part, where, bar, read))
            for onset, part in zip(onsets, parts, strict=True)
            if part
        ),
        meter,
    )


def _sections(one: Mapping[str, Any], meter: Meter, where: str) -> list[Bar]:
    """Read sections with repeats and endings."""
    bars: list[Bar] = []
    for section in one["Sections"]:
        endings = [str(ending["Chords"]) for ending in section.get("Endings") or ()]
        turns = max(len(endings), int(section.get("Repeats") or 0) + 1)
        if turns > 16:
            raise FormatError(f"{where}: repeats a section {turns} times; the limit is 16.")
        main = str((section.get("MainSegment") or {}).get("Chords") or "")
        label = str(section.get("Label") or "")[:200]
        for turn in range(turns):
            ending = endings[min(turn, len(endings) - 1)] if endings else ""
            begin = len(bars)
            for text in (main, ending):
                for bar in text.split("|") if text else ():
                    parts = [part.strip() for part in bar.split(",")]
                    if any(part and part[0] != "(" for part in parts):
                        # An alternative in parentheses is left out beside a chord.
                        parts = [part if part[:1] != "(" else "" for part in parts]
                    bars.append(_bar(parts, meter, where, len(bars) + 1, _standard))
                    if len(bars) > MOST_BARS:
                        raise FormatError(f"{where}: has more than {MOST_BARS} bars, the limit.")
            if len(bars) > begin and label:
                bars[begin] = replace(bars[begin], section=label)
    return bars


def _placed(one: Mapping[str, Any], meter: Meter, where: str) -> list[Bar]:
    """Read lists of chords, measures and beats."""
    chords, measures, beats = one["chords"], one["measures"], one["beats"]
    if not len(chords) == len(measures) == len(beats):
        raise FormatError(f"{where}: the lists of chords, measures and beats differ in length.")
    if not chords or not 0 < int(measures[-1]) <= MOST_BARS:
        raise FormatError(f"{where}: has no measures, or more than {MOST_BARS}.")
    bars: list[list[ChordChange]] = [[] for _ in range(int(measures[-1]))]
    for symbol, measure, beat in zip(chords, measures, beats, strict=True):
        number, onset = int(measure), round((float(beat) - 1) * meter.ticks_per_beat)
        if (
            not 1 <= number <= len(bars)
            or not 0 <= onset < meter.ticks_per_bar
            or (bars[number - 1] and bars[number - 1][-1].onset >= onset)
        ):
            raise FormatError(f"{where}, bar {number}: beat {beat} is out of its place.")
        # "%" is half-diminished.
        chord = _chord(str(symbol).replace("%", "ø"), where, number, _standard)
        bars[number - 1].append(ChordChange(onset, chord))
    return [Bar(tuple(changes), meter) for changes in bars]


def _parts(one: Mapping[str, Any], meter: Meter, where: str) -> list[Bar]:
    """Read parts with Harte labels in bars."""
    bars: list[Bar] = []

    def walk(part: Mapping[str, Any], label: str, depth: int = 0) -> None:
        if depth > 20:
            raise FormatError(f"{where}: parts within parts are more than 20 deep.")
        name = str(part.get("name") or label)[:200]
        inner = _meter(part, where) if "metre" in part else meter
        begin = len(bars)
        for row in part.get("chords") or ():
            for cell in str(row).strip().strip("|").split("|"):
                labels = cell.split()
                if labels:
                    bars.append(_bar(labels, inner, where, len(bars) + 1, read_label))
                if len(bars) > MOST_BARS:
                    raise FormatError(f"{where}: has more than {MOST_BARS} bars, the limit.")
        if len(bars) > begin and name:
            bars[begin] = replace(bars[begin], section=name)
        for child in part.get("parts") or ():
            walk(child, name, depth + 1)

    walk(one, "")
    return bars


def _bars(one: Mapping[str, Any], meter: Meter, where: str) -> list[Bar]:
    """Read a list of bars, or a text with bar lines."""
    held = next(one[key] for key in ("bars", "measures", "changes", "chords") if key in one)
    if type(held) is str and "|" in held:
        head = f"({meter}) " if meter != Meter() else ""
        try:
            return list(typed.parse(head + held, where).changes.bars)
        except SidemanError as error:
            raise FormatError(str(error)) from error
    if type(held) is not list or (
        "bars" not in one
        and all(type(x) is str for x in held)
        and ("chords" in one and "measures" not in one and "changes" not in one)
    ):
        raise FormatError(f"{where}: has chords without bars; give a list of bars.")
    cells = [_symbols(cell, meter) for cell in held[: MOST_BARS + 1]]
    known = [symbol for cell in cells for symbol in cell if symbol not in ("", "%")]
    read = partial(_standard, notation=Notation.of(known, _key(one)))
    bars: list[Bar] = []
    for number, symbols in enumerate(cells, 1):
        if symbols == ["%"] and bars:
            bars.append(bars[-1])
        else:
            bars.append(_bar(symbols, meter, where, number, read) if symbols else Bar((), meter))
    return bars


def _symbols(cell: Any, meter: Meter) -> list[str]:
    """Return the symbols of a bar; an empty one continues the chord."""
    inner = cell
    if type(cell) is dict:
        inner = next(cell[key] for key in ("chords", "changes", "symbols", "chord") if key in cell)
    if type(inner) is str:
        inner = re.split(r"(?:\s|,(?![^()]*\)))+", inner.strip()) if inner.strip() else []
    if type(inner) is list and inner and all(type(one) is dict for one in inner):
        return _on_beats(inner, meter)
    return ["" if symbol in (".", "/", "", None) else str(symbol) for symbol in inner]


def _on_beats(chords: Sequence[Mapping[str, Any]], meter: Meter) -> list[str]:
    """Return the beats of a bar whose chords say on which beat they begin, or for how many last."""
    beats = [""] * meter.beats
    now = 1
    for chord in chords:
        symbol = next(chord[key] for key in ("symbol", "chord", "name") if key in chord)
        now = int(chord.get("beat", now))
        if now < 1 or beats[now - 1] or float(chord.get("beat", now)) != now:
            raise ValueError("a chord that is not on a beat of its own")
        beats[now - 1] = str(symbol)
        last = float(chord.get("beats", chord.get("duration", 1)))
        if last != int(last) or last < 1:
            raise ValueError("a chord of less than a beat")
        now += int(last)
    if len(chords) == 1 or any("beat" in chord for chord in chords) or now == meter.beats + 1:
        return beats
    if any({"beats", "duration"} & {*chord} for chord in chords):
        raise ValueError("chords that do not fill their bar")
    return [symbol for symbol in beats if symbol]


_READERS: tuple[
    tuple[tuple[str, ...], Callable[[Mapping[str, Any], Meter, str], list[Bar]]], ...
] = (
    (("Sections",), _sections),
    (("chords", "measures", "beats"), _placed),
    (("parts",), _parts),
    (("bars|measures|changes|chords",), _bars),
)

CODEC = Codec(
    read=lambda data, name: Document(read_charts=partial(charts, data, name)),
    most_bytes=MOST_BYTES,
)
