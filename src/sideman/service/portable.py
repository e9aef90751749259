"""Lead sheets and lines as JSON: what a request needs, without its origin.

Changes are typed text (:mod:`sideman.formats.typed`), notes are lists of onset, duration, pitch and
velocity in ticks.  The input is untrusted: every number is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sideman.errors import FormatError, SidemanError
from sideman.formats import typed
from sideman.score import Changes, LeadSheet, Note, Part, Solo
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key, PitchName

Json = dict[str, Any]
Value = TypeVar("Value")
MOST_NOTES = 20_000
_FURTHEST = 1 << 24
_LONGEST_WORDS = 500


def sheet_json(sheet: LeadSheet) -> Json:
    """Return a lead sheet as JSON, without the fields that it does not have."""
    fields = {
        "title": sheet.title,
        "composer": sheet.composer,
        **_key_json(sheet.key),
        "tempo": sheet.tempo_bpm,
        "style": sheet.style,
        "swing": sheet.swing,
        **_changes_json(sheet.changes),
        "parts": [_part_json(part) for part in sheet.parts],
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def sheet_from(content: object) -> LeadSheet:
    """Return the lead sheet of :func:`sheet_json`; a FormatError where it is damaged."""
    return _read(content, "a lead sheet", _sheet)


def _sheet(content: Json) -> LeadSheet:
    return LeadSheet(
        words(content.get("title", "")),
        _changes(content),
        composer=words(content.get("composer", "")),
        parts=tuple(_part(part) for part in content.get("parts", ())),
        key=_key(content),
        tempo_bpm=_tempo(content.get("tempo")),
        style=words(content.get("style", "")),
        swing=_swing(content.get("swing")),
    )


def solo_json(solo: Solo) -> Json:
    """Return a line as JSON, with its changes where it has some."""
    fields = {
        "title": solo.title,
        "performer": solo.performer,
        **_key_json(solo.key),
        "tempo": solo.tempo_bpm,
        "style": solo.style,
        **(_changes_json(solo.changes) if solo.changes is not None else {}),
        "notes": [_note_json(note) for note in solo.notes],
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def solo_from(content: object) -> Solo:
    """Return the line of :func:`solo_json`; a FormatError where it is damaged."""
    return _read(content, "a line", _solo)


def _solo(content: Json) -> Solo:
    return Solo(
        words(content.get("title", "")),
        _notes(content["notes"]),
        _changes(content) if "changes" in content else None,
        performer=words(content.get("performer", "")),
        key=_key(content),
        tempo_bpm=_tempo(content.get("tempo")),
        style=words(content.get("style", "")),
    )


def _read(content: object, what: str, read: Callable[[Json], Value]) -> Value:
    try:
        if not isinstance(content, dict):
            raise TypeError
        return read(content)
    except SidemanError as error:
        raise FormatError(f"{what} in the request is damaged: {error}") from error
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise FormatError(f"{what} in the request is damaged; make the request again.") from error


def _changes_json(changes: Changes) -> Json:
    sheet = LeadSheet("", changes)
    found: Json = {"changes": typed.dumps(sheet) if changes.bars else ""}
    if changes.chorus_starts != (0,):
        found["choruses"] = list(changes.chorus_starts)
    bars = {str(number): bar for number, bar in enumerate(changes.bars)}
    fields = {
        "bar_styles": {number: bar.style for number, bar in bars.items() if bar.style},
        "bar_keys": {number: _key_json(bar.key) for number, bar in bars.items() if bar.key},
        "bar_tempos": {number: bar.tempo_bpm for number, bar in bars.items() if bar.tempo_bpm},
    }
    return {**found, **{name: held for name, held in fields.items() if held}}


def _changes(content: Mapping[str, Any]) -> Changes:
    text = content["changes"]
    if not isinstance(text, str):
        raise TypeError
    bars = typed.parse(text, "changes").changes.bars if text else ()
    fields: dict[int, dict[str, Any]] = {}
    for name, key, read in (
        ("style", "bar_styles", words),
        ("key", "bar_keys", _key),
        ("tempo_bpm", "bar_tempos", _tempo),
    ):
        for number, value in content.get(key, {}).items():
            fields.setdefault(int(number), {})[name] = read(value)
    bars = tuple(replace(bar, **fields.get(number, {})) for number, bar in enumerate(bars))
    starts = tuple(whole(bar) for bar in content.get("choruses", (0,)))
    if not all(0 <= bar < max(len(bars), 1) for bar in starts):
        raise ValueError
    return Changes(bars, starts)


def _part_json(part: Part) -> Json:
    return {
        "name": part.name,
        "program": part.program,
        "percussion": part.percussion,
        "notes": [_note_json(note) for note in part.notes],
    }


def _part(content: Mapping[str, Any]) -> Part:
    program = whole(content.get("program", 0))
    if not 0 <= program <= 127:
        raise ValueError
    return Part(
        words(content["name"]),
        _notes(content["notes"]),
        program,
        bool(content.get("percussion", False)),
    )


def _note_json(note: Note) -> list[Any]:
    row: list[Any] = [note.onset, note.duration, note.pitch, note.velocity]
    return row if note.name is None else [*row, str(note.name)]


def _notes(rows: Any) -> tuple[Note, ...]:
    if len(rows) > MOST_NOTES:
        raise ValueError
    return tuple(_note(*row) for row in rows)


def _note(onset: int, duration: int, pitch: int, velocity: int, name: str | None = None) -> Note:
    note = Note(
        whole(onset),
        whole(duration),
        whole(pitch),
        whole(velocity),
        None if name is None else PitchName.parse(words(name)),
    )
    if not (
        abs(note.onset) < _FURTHEST
        and 1 <= note.duration < _FURTHEST
        and 0 <= note.pitch <= 127
        and 1 <= note.velocity <= 127
    ):
        raise ValueError
    return note


def _key_json(key: Key | None) -> Json:
    """Return the fields of a key; one whose mode is not given has a further one."""
    if key is None:
        return {}
    return {"key": key.name} if key.has_mode else {"key": key.name, "has_mode": False}


def _key(content: Mapping[str, Any]) -> Key | None:
    if (name := content.get("key")) is None:
        return None
    return replace(Key.parse(words(name)), has_mode=content.get("has_mode") is not False)


def _tempo(value: Any) -> float | None:
    if value is None:
        return None
    tempo = float(value)
    if not 1 <= tempo <= 1000:
        raise ValueError
    return tempo


def _swing(value: Any) -> float | None:
    if value is None:
        return None
    ratio = float(value)
    if not 1 <= ratio <= 4:
        raise ValueError
    return ratio


def meter_from(text: Any) -> Meter | None:
    """Return the meter that a text names, such as ``3/4``; None for None."""
    return None if text is None else Meter.parse(words(text))


def whole(value: object) -> int:
    """Return a whole number; anything else, true and false included, is a ValueError."""
    if type(value) is not int:
        raise ValueError
    return value


def words(value: object) -> str:
    """Return a text of bounded length; anything else is a ValueError."""
    if not isinstance(value, str):
        raise ValueError
    return value[:_LONGEST_WORDS]
