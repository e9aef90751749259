"""Engraving: lead sheets and solos as SVG, PNG, PDF or MusicXML.

::

    LeadSheet or Solo ── copying, layout ──▶ MusicXML ── Verovio ──▶ SVG ── typst ──▶ PDF, PNG

The input is music at sounding pitch, as written; transposition is a parameter.  The same music
gives the same bytes.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict, Unpack

from sideman.errors import FormatError, MusicError
from sideman.files import write_whole
from sideman.formats import musicxml
from sideman.formats.musicxml.folding import folded, unfolded
from sideman.formats.musicxml.spelling import spell_line
from sideman.output.engraving import layout, strips
from sideman.output.engraving.copying import readable, staccato
from sideman.output.engraving.fonts import FONTS, check_font
from sideman.output.engraving.pages import check, pdf, png, svg
from sideman.score import Bar, Changes, LeadSheet, Part, Solo
from sideman.theory.instruments import transposition_named
from sideman.theory.meter import Meter
from sideman.theory.pitch import Pitch

__all__ = [
    "SUFFIXES",
    "Words",
    "as_musicxml",
    "check",
    "chorus_marks",
    "dumps",
    "engrave",
    "excerpts",
    "kind_of",
    "render",
    "sheet_to_read",
    "spelling",
    "strip",
    "write",
    "write_pages",
]

MOST_BARS = 2000
"""The longest music that is engraved: about a hundred pages."""
SUFFIXES = (".svg", ".png", ".pdf", ".musicxml", ".xml", ".mxl")
_BARS_WITH_WORDS, _WIDEST_WITH_WORDS = 2, 24.0
"""The most bars, and the most notes and rests, of a line with words under its notes."""
_WITHOUT_NUMBERS = {"mnumInterval": 64}


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a page: under notes, below bars, and figures; see :class:`musicxml.Page`."""

    verses: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    below: Mapping[int, str] = field(default_factory=dict)
    figures: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


class Printing(TypedDict, total=False):
    """Options of a printed page.

    Parameters
    ----------
    dedication : str
        A name that is printed as ``for …``.
    transposition : str
        The part: an instrument, or C, Bb, Eb or F.
    font : str
        ``engraved``, or ``handwritten`` as in jazz charts.
    marks : mapping of int to str or None
        What begins at bars of the form; its choruses where None.
    """

    dedication: str
    transposition: str
    font: str
    marks: Mapping[int, str] | None


def engrave(
    music: LeadSheet | Solo, *, trim: bool = False, **printing: Unpack[Printing]
) -> tuple[str, ...]:
    """Return music as SVG pages of A4, or with `trim` as high as the music: see :func:`render`."""
    sheet, page = sheet_to_read(music, **printing)
    return svg(sheet, page, {"adjustPageHeight": trim})


def strip(
    music: LeadSheet | Solo,
    bars_a_line: int = layout.BARS_A_LINE,
    *,
    transposition: str = "C",
    prefix: str = "",
) -> str:
    """Return music as one SVG document as high as it must be, without a heading, to put in a page.

    It has no style: it takes the colour of the text around it, and needs the font Leipzig for the
    signs in chord symbols.  Of a solo, notes, bars and chords have the ids of
    :class:`sideman.formats.musicxml.Page`; `prefix` begins every id, so that a page can hold
    several documents.  A line has at most 1, 2 or 4 bars: with many notes all lines are a little
    wider, and beyond that the line has fewer bars.

    Raise as :func:`render`, and MusicError if there is no such layout or the music is too long.
    """
    if bars_a_line not in strips.WIDTHS:
        raise MusicError(
            f"A line cannot have {bars_a_line} bars; choose 1, 2 or 4.", field="bars_a_line"
        )
    sheet, page = sheet_to_read(music, transposition=transposition)
    page = replace(page, fold=page.fold and not page.names)
    bars = [one.bar for one in (folded(sheet) if page.fold else unfolded(sheet))]
    starts = frozenset(page.marks)
    needed = layout.lines_needed(sheet, bars, starts, bars_a_line)
    width = strips.width(bars_a_line, needed)
    widest = strips.widest(width)
    page = replace(page, lines=layout.line_starts(sheet, bars, starts, bars_a_line, widest))
    pages = svg(sheet, page, strips.options(width))
    if len(pages) > 1:
        raise MusicError(
            f"{sheet.title or 'The music'}: is too long for one strip with {bars_a_line} bars a "
            "line; choose more bars a line.",
            field="bars_a_line",
        )
    return strips.plain(pages[0], prefix)


def as_musicxml(music: LeadSheet | Solo, **printing: Unpack[Printing]) -> bytes:
    """Return music as the MusicXML document that is engraved: see :func:`render`."""
    return musicxml.dumps(*sheet_to_read(music, **printing))


def render(
    music: LeadSheet | Solo,
    kind: str = "pdf",
    *,
    words: Words | None = None,
    **printing: Unpack[Printing],
) -> list[bytes]:
    """Return music as the bytes of one file, or of one file for each page in SVG and PNG.

    `kind` is one of `SUFFIXES` without the dot; `printing` are those of :class:`Printing`.
    Raise FormatError for another kind, MusicError for music that is too long or out of range, or
    another part, and MissingExtraError where the extra ``page`` is needed (PDF, PNG) and missing.
    """
    if f".{kind}" not in SUFFIXES:
        kinds = ", ".join(suffix[1:] for suffix in SUFFIXES)
        raise FormatError(f"{kind[:40]!r} is not a format of pages; choose one of {kinds}.")
    check(kind)
    sheet, page = sheet_to_read(music, **printing)
    if words is not None:
        page = _with_words(sheet, page, words)
    return _rendered(sheet, page, kind)


def _rendered(
    sheet: LeadSheet, page: musicxml.Page, kind: str, *, excerpts: bool = False
) -> list[bytes]:
    if kind in ("musicxml", "xml", "mxl"):
        document = musicxml.dumps(sheet, page)
        return [musicxml.packed(document) if kind == "mxl" else document]
    pages = svg(sheet, page, _WITHOUT_NUMBERS if excerpts else {})
    if kind == "svg":
        return [one.encode() for one in pages]
    return png(pages) if kind == "png" else [pdf(pages, sheet.title)]


def write(
    path: str | os.PathLike[str], music: LeadSheet | Solo, **printing: Unpack[Printing]
) -> tuple[Path, ...]:
    """Write music as the suffix of `path` says; return the paths, several pages numbered."""
    return write_pages(path, dumps(music, str(path), **printing))


def dumps(
    music: LeadSheet | Solo,
    name: str,
    *,
    words: Words | None = None,
    **printing: Unpack[Printing],
) -> list[bytes]:
    """Return music in the format that a file's name ends in: one file, or one a page."""
    return render(music, kind_of(name), words=words, **printing)


def kind_of(name: str) -> str:
    """Return the suffix of a file's name without dot; a FormatError where no page has it."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise FormatError(
            f"{name}: a page is not written in that format; let the name end in one of "
            f"{', '.join(SUFFIXES)}."
        )
    return suffix[1:]


def excerpts(music: LeadSheet, labels: Mapping[int, str], name: str) -> list[bytes]:
    """Return music in the format that a file's name ends in, with words above some bars.

    Each bar of `labels` begins a line.
    """
    kind = kind_of(name)
    check(kind)
    sheet, page = sheet_to_read(music)
    page = replace(page, marks=labels, lines=frozenset(labels), fold=False)
    return _rendered(sheet, page, kind, excerpts=True)


def write_pages(path: str | os.PathLike[str], contents: Sequence[bytes]) -> tuple[Path, ...]:
    """Write pages, all or none; several are numbered, and their paths returned."""
    target = Path(path)
    names = [target]
    if len(contents) > 1:
        names = [target.with_stem(f"{target.stem}-{n}") for n in range(1, len(contents) + 1)]
    done: list[Path] = []
    try:
        for name, content in zip(names, contents, strict=True):
            write_whole(name, content)
            done.append(name)
    except BaseException:
        for name in done:
            with contextlib.suppress(OSError):
                name.unlink()
        raise
    return tuple(names)


def sheet_to_read(
    music: LeadSheet | Solo,
    *,
    dedication: str = "",
    transposition: str = "C",
    font: str = FONTS[0],
    marks: Mapping[int, str] | None = None,
) -> tuple[LeadSheet, musicxml.Page]:
    """Return music as a lead sheet of at most one readable part, and the additions of its page.

    Of a lead sheet's parts those with the first part's name, or those called ``Chorus`` or ``Solo``
    and a number, are successive choruses; the others are left out.  A MusicError is raised if the
    music is too long, or there is no such part.
    """
    player = transposition_named(transposition)
    check_font(font)
    sheet, choruses = _one_line(music)
    bars = len(sheet.changes.bars)
    if bars > MOST_BARS:
        raise MusicError(
            f"{sheet.title or 'The music'}: {bars} bars are more than the {MOST_BARS} that are "
            "engraved; play fewer choruses."
        )
    swung = layout.is_swung(sheet.style, sheet.swing)
    parts = tuple(
        replace(
            part,
            notes=readable(part.notes, sheet.changes, tempo_bpm=sheet.tempo_bpm, swung=swung),
        )
        for part in sheet.parts
    )
    sheet = replace(sheet, parts=parts)
    if marks is None:
        marks = chorus_marks(choruses) or {}
    written = [one.bar for one in folded(sheet)]
    page = musicxml.Page(
        dedication=_dedicated(dedication),
        transposition=player,
        handwritten=font == "handwritten",
        feel=layout.feel(sheet.style, sheet.swing),
        swung=swung,
        marks=marks,
        lines=layout.line_starts(sheet, written, frozenset(marks)),
        staccato=staccato(sheet.melody, sheet.changes, tempo_bpm=sheet.tempo_bpm),
        names=isinstance(music, Solo),
    )
    return sheet, page


def chorus_marks(starts: Sequence[int]) -> dict[int, str] | None:
    """Return the marks of choruses by their first bars; None for a single one."""
    if len(starts) < 2:
        return None
    return {bar: f"Chorus {number}" for number, bar in enumerate(starts, 1)}


def spelling(solo: Solo) -> list[Pitch]:
    """Return the pitches of a solo's notes, in order of time, as they are spelled on its page."""
    changes = solo.changes or _empty_bars(solo)
    swung = layout.is_swung(solo.style)
    written = readable(solo.notes, changes, tempo_bpm=solo.tempo_bpm, swung=swung)
    return spell_line(written, solo.key, changes)


def _with_words(sheet: LeadSheet, page: musicxml.Page, words: Words) -> musicxml.Page:
    """Return a page with words, and for them fewer bars a line."""
    bars = range(len(sheet.changes.bars))
    starts = frozenset(page.marks)
    if words.figures:
        lines = layout.line_starts(sheet, bars, starts, figures=words.figures)
    else:
        lines = layout.line_starts(sheet, bars, starts, _BARS_WITH_WORDS, _WIDEST_WITH_WORDS)
    return replace(
        page,
        verses=words.verses,
        below=words.below,
        figures=words.figures,
        fold=False,
        lines=lines,
    )


def _dedicated(name: str) -> str:
    plain = " ".join(name.split())
    return plain if not plain or plain.casefold().startswith("for ") else f"for {plain}"


def _one_line(music: LeadSheet | Solo) -> tuple[LeadSheet, tuple[int, ...]]:
    """Return the choruses as one part, and the bars at which they begin if there are several."""
    if isinstance(music, Solo):
        changes = music.changes or _empty_bars(music)
        part = Part(music.performer or "Solo", music.notes)
        starts = music.chorus_bars if len(music.chorus_bars) > 1 else ()
        sheet = LeadSheet(
            music.title,
            changes,
            parts=(part,) if music.notes else (),
            key=music.key,
            tempo_bpm=music.tempo_bpm,
            style=music.style,
        )
        return sheet, tuple(bar for bar in starts if bar < len(changes.bars))
    parts = [part for part in music.parts if not part.percussion]
    choruses = [part for part in parts if _line(part) == _line(parts[0])]
    if len(choruses) < 2:
        return replace(music, parts=tuple(choruses)), ()
    length = music.changes.length
    notes = tuple(
        replace(note, onset=note.onset + index * length)
        for index, part in enumerate(choruses)
        for note in part.notes
    )
    whole = replace(
        music,
        changes=music.changes.repeated(len(choruses)),
        parts=(replace(choruses[0], notes=notes),),
    )
    return whole, whole.changes.chorus_starts


def _line(part: Part) -> str:
    """Return the name of the line that a part belongs to, the same for all numbered choruses."""
    numbered = re.fullmatch(r"(chorus|solo)(\s*\d+)?", part.name.strip().casefold())
    return numbered[1] if numbered else part.name


def _empty_bars(solo: Solo) -> Changes:
    """Return the empty 4/4 bars that a solo without changes fills."""
    end = max((note.end for note in solo.notes), default=1)
    return Changes((Bar(),) * -(-end // Meter().ticks_per_bar))
