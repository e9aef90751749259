"""Charts as JSON for the page: bars to draw, text to edit, a sheet for a request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

from sideman import opening
from sideman.errors import MusicError, Problem, SidemanError
from sideman.formats import typed
from sideman.library import charts, songbook
from sideman.output.printed import printed
from sideman.score import Bar, Changes, LeadSheet
from sideman.service import practising
from sideman.service.music import voiced
from sideman.service.portable import Json, sheet_json
from sideman.studio.limits import MOST_BARS

_LABEL, _METER = r'\["[^"]*"\]|\[[^\]]*\]', r"\(\d+/\d+\)"
_SIGN = re.compile(rf"{_LABEL}|{_METER}|\||\.(?=\s)|(?P<chord>[^\s|]+)")


def of_text(text: str, title: str = "") -> Json:
    """Return the chart of typed changes or of an iReal Pro link; with problems, what is good."""
    try:
        if charts.is_link(text):
            return of_file(text.encode(), "the link", title)
        sheet = charts.typed_or_link(text)[1]
    except SidemanError as error:
        return _faulty(text, title, error)
    if title and sheet.title in ("", charts.TYPED):
        sheet = replace(sheet, title=title)
    return chart(sheet)


def of_file(data: bytes, name: str, tune: str) -> Json:
    """Return the chart in a file, or the titles of its tunes where there are several."""
    document = opening.loads(data, name)
    held = document.charts
    if held is not None and len(held) > 1 and not tune:
        return {"tunes": [{"title": each.title, "composer": each.composer} for each in held]}
    return chart(opening.chart(data, name, tune or None))


def of_song(name: str) -> Json:
    """Return the chart of a tune of the songbook."""
    return chart(songbook.load(name))


def chart(sheet: LeadSheet) -> Json:
    """Return a lead sheet as a chart."""
    bars = sheet.changes.bars
    if len(bars) > MOST_BARS:
        raise MusicError(
            f"The tune has {len(bars)} bars, and the studio plays up to {MOST_BARS}; give a "
            "shorter one.",
            field="changes",
        )
    plain = replace(sheet, changes=replace(sheet.changes, bars=tuple(map(_typeable, bars))))
    text = typed.form(plain.changes)
    return {
        **facts(sheet),
        "text": text,
        "sheet": sheet_json(plain),
        "bars": _bars(plain.changes, text),
        "notices": list(sheet.notices),
        "problems": [],
    }


def facts(sheet: LeadSheet) -> Json:
    """Return title, composer, key, tempo, style and meter of a lead sheet."""
    return {
        "title": sheet.title,
        "composer": sheet.composer,
        "key": "" if sheet.tonality is None else sheet.tonality.name,
        "tempo": sheet.tempo_bpm,
        "style": sheet.style,
        "meter": str(sheet.changes.meter),
        "choruses_default": practising.CHORUSES,
    }


def _typeable(bar: Bar) -> Bar:
    """Return a bar whose label can be typed."""
    if bar.section is None:
        return bar
    return replace(bar, section=re.sub(r'["\r\n]', " ", bar.section)[:200].strip() or None)


def _bars(changes: Changes, text: str) -> list[Json]:
    places = _places(text)
    found: list[Json] = []
    last: Bar | None = None
    sounding: tuple[int, ...] = ()
    for bar in changes.bars:
        chords = []
        for change in bar.chords:
            start, end = next(places, (0, 0))
            sounding = voiced(change.chord, sounding)
            chords.append(
                {
                    "symbol": printed(change.chord.symbol),
                    "beat": 1 + change.onset / bar.meter.ticks_per_beat,
                    "start": start,
                    "end": end,
                    "pitches": list(sounding),
                }
            )
        same = last is not None and (bar.chords, bar.meter) == (last.chords, last.meter)
        found.append(
            {
                "section": bar.section or "",
                "meter": str(bar.meter),
                "chords": chords,
                "repeat": bool(chords) and same,
            }
        )
        last = bar
    return found


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Yield the characters of each chord in text that :func:`typed.form` has written."""
    for sign in _SIGN.finditer(text):
        if sign["chord"] is not None:
            yield sign.span()


def _faulty(text: str, title: str, error: SidemanError) -> Json:
    problems = error.problems or (Problem(str(error), 1, None, 0, len(text)),)
    empty = facts(LeadSheet(title, Changes(())))
    return {
        **empty,
        "text": text,
        "sheet": None,
        "bars": _good(text, problems),
        "notices": [],
        "problems": [asdict(each) for each in problems],
    }


def _good(text: str, problems: Sequence[Problem]) -> list[Json]:
    """Return the bars of a text whose unknown chords alone are wrong, without these."""
    if not all(each.symbol for each in problems):
        return []
    for each in reversed(problems):
        text = f"{text[: each.start]}N.C.{text[each.end :]}"
    try:
        sheet = typed.parse(text)
    except SidemanError:
        return []
    unknown = {each.bar - 1 for each in problems}
    bars = _bars(sheet.changes, "")
    for number, bar in enumerate(bars):
        if number in unknown:
            bar["chords"] = [each for each in bar["chords"] if each["pitches"]]
    return bars
