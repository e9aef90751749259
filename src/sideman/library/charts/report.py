"""The report of ``sideman inspect`` on a chart, or on a file of several."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from sideman.formats.chart import chart
from sideman.formats.document import Tune
from sideman.formats.report import Report, table
from sideman.library import charts, songbook
from sideman.score import LeadSheet, Note, spell

_FIRST_BARS = 8


def report(
    held: tuple[Tune, ...],
    path: str | os.PathLike[str],
    *,
    tune: str | None = None,
    further: Callable[[LeadSheet], Report] | None = None,
) -> Report:
    """Return the list of a file's charts, or the chart called `tune`; `further` as for `of`."""
    if len(held) > 1 and tune is None:
        return _listing(path, held)
    return of(charts.chosen(held, path, tune), path, further)


def of(
    sheet: LeadSheet,
    name: str | os.PathLike[str],
    further: Callable[[LeadSheet], Report] | None = None,
) -> Report:
    """Return a chart with a name, and what `further` reports of it."""
    shown = _one(name, sheet)
    if further is None:
        return shown
    more = further(sheet)
    text = f"{shown.text}\n\n{more.text}" if more.text else shown.text
    return replace(shown, text=text, data={**shown.data, **more.data})


def _listing(path: str | os.PathLike[str], held: tuple[Tune, ...]) -> Report:
    rows = [(number, one.title, one.composer, one.style) for number, one in enumerate(held, 1)]
    lines = [f"{path}: {len(held)} tunes; name the tune to see one.", ""]
    lines += table(("", "title", "composer", "style"), rows, "r")
    data = {
        "tunes": [
            {"title": one.title, "composer": one.composer, "style": one.style} for one in held
        ]
    }
    return Report("\n".join(lines), data)


def _one(path: str | os.PathLike[str], sheet: LeadSheet) -> Report:
    by = f" ({sheet.composer})" if sheet.composer else ""
    lines = [f"{path}: {sheet.title}{by}", ", ".join(songbook.summary(sheet)), ""]
    lines.append(chart(sheet.changes) if sheet.changes.spans else "no chords")
    for part in sheet.parts:
        lines += ["", f"{part.name or 'melody'}: {len(part.notes)} notes"]
        lines += _first_bars(sheet, part.notes)
    if sheet.notices:
        lines += ["", *sheet.notices]
    data = {
        "title": sheet.title,
        "composer": sheet.composer,
        "style": sheet.style,
        "swing": sheet.swing,
        "key": None if sheet.key is None else str(sheet.key),
        "tempo_bpm": sheet.tempo_bpm,
        "bars": [
            {
                "meter": str(bar.meter),
                "section": bar.section,
                "chords": [[change.onset, change.chord.symbol] for change in bar.chords],
            }
            for bar in sheet.changes.bars
        ],
        "parts": [
            {
                "name": part.name,
                "program": part.program,
                "notes": [[note.onset, note.duration, note.pitch] for note in part.notes],
            }
            for part in sheet.parts
        ],
        "notices": list(sheet.notices),
    }
    return Report("\n".join(lines), data, ", ".join(lines[:2]))


def _first_bars(sheet: LeadSheet, notes: tuple[Note, ...]) -> list[str]:
    """Return the note names of the first bars, one line for each bar."""
    bars: dict[int, list[str]] = {}
    for note in notes:
        spelled = spell(note, sheet.key, sheet.changes.chord_at(note.onset))
        bars.setdefault(sheet.changes.bar_at(note.onset), []).append(str(spelled))
    shown = [number for number in sorted(bars) if number < _FIRST_BARS]
    return [
        f"  {'pickup' if number < 0 else f'bar {number + 1}':>7}  {' '.join(bars[number])}"
        for number in shown
    ]
