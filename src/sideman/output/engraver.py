"""Engrave with Verovio, in a process of its own (:mod:`sideman.processes`).

Verovio is C++: a crash ends the process that runs it, and it cannot be interrupted.  This module
imports nothing else of sideman, so that the process starts quickly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count, pairwise
from typing import Any, NamedTuple

# A4 in tenths of a millimetre; the staff is 7 mm high, as in printed charts.
_OPTIONS = {
    "pageWidth": 2100,
    "pageHeight": 2970,
    "pageMarginLeft": 120,
    "pageMarginRight": 120,
    "pageMarginTop": 100,
    "pageMarginBottom": 100,
    "unit": 8.6,
    "breaks": "line",
    "header": "encoded",
    "bottomMarginHeader": 3.5,
    "topMarginHarm": 1.6,
    "footer": "none",
    "xmlIdSeed": 1,
    "spacingSystem": 6,
    "justifyVertically": False,
    "svgFormatRaw": True,
    "svgViewBox": True,
    "minLastJustification": 0.5,
    "mnumInterval": 0,
    "harmDist": 1.6,
    "lyricSize": 4.8,
}


_HIGHEST = 60_000
_APART = "\N{NO-BREAK SPACE}" * 3
_SYSTEM, _HEAD = '<g id="[^"]*" class="system">', 'class="pgHead">'
_BOX = re.compile(r'<rect x="-?[\d.]+" y="(-?[\d.]+)" height="([\d.]+)"')
_WORDS = re.compile(
    r'<g id="([^"]*)" class="(harm|reh)"[^>]*>.*?<text [^>]*?y="(-?[\d.]+)"(.*?)</text>', re.DOTALL
)
_AROUND = re.compile(r'<rect x="(-?[\d.]+)" y="(-?[\d.]+)"[^>]* width="([\d.]+)"')
_MEASURE = 'class="measure">'
_BOXED = re.compile(
    r'<g id="([^"]*)" class="reh"[^>]*(?=>(?:<g id="bbox-.*?</g>)?'
    r'<rect stroke-width="[^>]* x="(-?[\d.]+)" y="(-?[\d.]+)" height="([\d.]+)" width="([\d.]+)"/>'
    r'<text [^>]*?y="(-?[\d.]+)"(.*?)</text>)',
    re.DOTALL,
)
_CHORD = re.compile(r'class="harm"[^>]*>(?:<g id="bbox-[^>]*>)?<text x="(-?[\d.]+)" y="(-?[\d.]+)"')
_STAFF = re.compile(r'<path d="M-?[\d.]+ (-?[\d.]+) L')
_OVER_CLEF = 300.0
"""The least distance of a box from the staff, above its clef, in Verovio's units."""
_APART_FROM_CHORDS, _WIDEST_BESIDE = 120.0, 800.0
"""The least distance of a mark from a chord symbol beside it, and the widest box, of a letter and
a sign, that stands beside one."""
_CHORD_HEIGHT, _OVER_CHORDS = 340.0, 90.0
"""The height of a chord symbol above its baseline, and the least distance of a box above it."""
_TIE = re.compile(r'class="(?:tie|lv) bounding-box"[^>]*><rect[^>]*>')
_UNITS = 10.0
"""Verovio's units in a tenth of a millimetre."""
_CLOSEST = 2
"""The least distance of systems, where a page is full."""
_BLANKS = (200, 300, 450, 700, 1100, 1700)
"""Sizes of the blank below a mark, in percent of its letters; the first that suffices is used."""
_LATER_HEAD = 700.0
"""The height of the heading of later pages, in Verovio's units."""
_USUALLY_FILLED = 0.76
"""The share of a page that nine or ten systems fill at their least distance."""
_SPARSE, _CROWDED, _SMALLER_UNIT = 0.65, 0.95, 8.0
"""Pages less full than the first share are saved by smaller notes that fill at most the second."""
_FEW, _FARTHEST = 4, (9, 18)
"""The greatest distance of systems on a single page of so few, and on other pages."""

_BELOW = re.compile(r'<dir\b(?=[^>]*place="below")(.*?)</dir>', re.DOTALL)
_TEMPO = re.compile(r"<tempo\b([^>]*?) midi\.bpm=[^>]*>(.*?)</tempo>", re.DOTALL)
_TEMPO_AND_WORDS = re.compile(
    r"(<tempo\b[^>]*>(?:(?!</tempo>).)*</tempo>\s*)((?:<reh\b[^>]*>(?:(?!</reh>).)*</reh>\s*)+)",
    re.DOTALL,
)
_BETWEEN = re.compile(r"</rend>\s*<rend")


def engrave(
    score: str, heads: str, slashes: list[int], chords: list[str], layout: dict[str, Any]
) -> list[str]:
    """Return the pages of a MusicXML score as SVG; none if Verovio cannot read it.

    `heads` are the headings in MEI, `slashes` the slashes that fill each bar instead of its rests
    (empty for none), `chords` the ids of the chord symbols in order (empty for none), `layout`
    options of Verovio beside those of a page of A4.
    """
    if not heads and not slashes and "<words" not in score and "<metronome" not in score:
        # Nothing is to be edited.
        toolkit = _loaded(score, layout, 2)
        pages = [] if toolkit is None else _pages(toolkit)
        names = iter(chords)
        return [_renamed(page, names) for page in pages]
    toolkit = _loaded(score, layout, 1)
    if toolkit is None:
        return []
    # Another seed: the same one would give new elements the identifiers of existing ones.
    music = _edited(toolkit.getMEI(), heads, slashes, chords)
    divided, spread = _divided(music, layout) if "pageHeight" not in layout else (music, {})
    toolkit = _loaded(divided, {**layout, **spread}, 2)
    return [] if toolkit is None else _pages(toolkit)


def _divided(music: str, layout: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return MEI with page breaks that divide its systems evenly, and options for such pages."""
    music, pieces = _raised(music, layout)
    options: dict[str, Any] = _OPTIONS | layout
    unit = options["unit"] * _UNITS
    systems = [extent for extent in map(_extent, pieces) if extent is not None]
    if not pieces or len(systems) != len(pieces) or music.count("<sb") != len(systems) - 1:
        return music, {}
    margins = options["pageMarginTop"] + options["pageMarginBottom"]
    room = (options["pageHeight"] - margins) * _UNITS
    starts, filled = divisions(systems, room)
    smaller = {}
    if len(starts) > 1 and filled < _SPARSE:  # smaller notes may save a page
        wider = room * options["unit"] / _SMALLER_UNIT
        closer, share = divisions(systems, wider, _CROWDED)
        if len(closer) < len(starts):
            starts, filled, room, smaller = closer, share, wider, {"unit": _SMALLER_UNIT}
    many = count(1)
    broken = re.sub("<sb", lambda _: "<pb" if next(many) in starts else "<sb", music)
    most = max(b - a for a, b in pairwise((*starts, len(systems))))
    farthest = _FARTHEST[len(systems) > _FEW]
    free = int((1 - filled) * room / unit / max(most - 1, 1))
    spacing = {"spacingSystem": min(_CLOSEST + free, farthest)}
    even = {"justifyVertically": len(starts) > 1}
    return broken, {"breaks": "encoded", **smaller, **spacing, **even}


def _raised(music: str, layout: dict[str, Any]) -> tuple[str, list[str]]:
    """Return MEI whose marks are above the chords, and the SVG of each of its systems.

    Verovio puts a mark between chords and staff where that has room; a blank below it needs more.
    """
    systems = _systems(music, layout)
    sizes: dict[str, int] = {}
    for size in _BLANKS:
        low = {name for system in systems for name in _low_marks(system)}
        if not low:
            break
        sizes |= dict.fromkeys(low, size)
        systems = _systems(raised := _with_blanks(music, sizes), layout)
    return (raised if sizes else music), systems


def _with_blanks(music: str, sizes: Mapping[str, int]) -> str:
    """Return MEI with blanks of some sizes, in percent, in marks of some ids."""

    def taller(mark: re.Match[str]) -> str:
        if mark[2] not in sizes:
            return mark[0]
        return f'{mark[1]}<rend rend="sub" fontsize="{sizes[mark[2]]}%">{_APART[0]}</rend></reh>'

    return re.sub(r'(<reh xml:id="([^"]*)".*?)</reh>', taller, music, flags=re.DOTALL)


def _systems(music: str, layout: dict[str, Any]) -> list[str]:
    """Return the SVG of each system on one endless page; none where it would need several."""
    endless = {"spacingSystem": _CLOSEST, "pageHeight": _HIGHEST, "adjustPageHeight": False}
    toolkit = _loaded(music, {**layout, **endless, "svgBoundingBoxes": True}, 2)
    if toolkit is None or toolkit.getPageCount() != 1:
        return []
    return re.split(_SYSTEM, toolkit.renderToSVG(1).partition(_HEAD)[0])[1:]


def _low_marks(system: str) -> Iterator[str]:
    """Yield the ids of the marks of a system that are below a chord symbol, or close beside it."""
    opening = _opening(system)
    placed = [_Words.of(*found) for found in _WORDS.findall(system)]
    chords = [each for each in placed if each.kind == "harm"]
    for mark in placed:
        if mark.kind == "harm" or (opening and opening.beside and opening.name == mark.name):
            continue
        left, right = mark.left - _APART_FROM_CHORDS, mark.right + _APART_FROM_CHORDS
        if any(one.left < right and left < one.right and one.top < mark.base for one in chords):
            yield mark.name


class _Words(NamedTuple):
    """A mark or a chord symbol of a system: its class, its id, its baseline and its edges."""

    kind: str
    name: str
    base: float
    left: float
    top: float
    right: float

    @classmethod
    def of(cls, name: str, kind: str, base: str, content: str) -> _Words:
        boxes = [(float(x), float(y), float(width)) for x, y, width in _AROUND.findall(content)]
        boxes = boxes or [(0.0, float(base), 0.0)]
        left, top = min(x for x, _, _ in boxes), min(y for _, y, _ in boxes)
        return cls(kind, name, float(base), left, top, max(x + width for x, _, width in boxes))


class _Opening(NamedTuple):
    """A boxed mark at the first bar of a system: its id, and where it is moved."""

    name: str
    right: float
    down: float
    beside: bool


def _opening(system: str) -> _Opening | None:
    """Return how the boxed mark that opens a system moves to its left end; None without one.

    One that has room there stands beside the first chord symbol, on its line or above the clef.
    """
    first, _, others = system.partition(_MEASURE)[2].partition(_MEASURE)
    mark = _BOXED.search(first)
    if mark is None:
        return None
    name, content = mark[1], mark[7]
    x, y, height, width, base = map(float, mark.groups()[1:6])
    chord, staff = _CHORD.search(first), _STAFF.search(first)
    short = width <= _WIDEST_BESIDE and content.count('class="rend"') == 1
    beside = short and (chord is None or width + _APART_FROM_CHORDS <= float(chord[1]))
    down = 0.0
    if beside and staff and (line := chord or _CHORD.search(others)):
        down = min(float(line[2]) - base, float(staff[1]) - _OVER_CLEF - (y + height))
    elif not beside:
        _, down = _off_chords(0.0, width + _APART_FROM_CHORDS, y + height, _chords(system))
    return _Opening(name, -x, down, beside)


def _chords(system: str) -> list[tuple[float, float]]:
    """Return the left end and the baseline of each chord symbol of a system."""
    return [(float(left), float(line)) for left, line in _CHORD.findall(system)]


def _off_chords(
    left: float, right: float, bottom: float, chords: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return how far a box moves to the right and down, both at most 0, to touch no chord symbol.

    `chords` are the left end and the baseline of each.  A box moves to the left of one that begins
    after it, and up from one that begins below it.
    """
    near = [
        (start - right, line - _CHORD_HEIGHT - _OVER_CHORDS - bottom)
        for start, line in chords
        if left - _APART_FROM_CHORDS < start < right + _APART_FROM_CHORDS
    ]
    aside = [room - _APART_FROM_CHORDS for room, over in near if room >= 0 > over]
    above = [over for room, over in near if room < 0]
    return min(aside, default=0.0), min([0.0, *above])


def _moved(page: str) -> str:
    """Return a page whose boxed marks touch no chord, at the left end where they begin a system."""
    pieces = re.split(f"(?={_SYSTEM})", page)
    for at, system in enumerate(pieces):
        opening = _opening(system)
        chords = _chords(system)

        def placed(
            mark: re.Match[str],
            opening: _Opening | None = opening,
            chords: Sequence[tuple[float, float]] = chords,
        ) -> str:
            x, y, height, width = map(float, mark.groups()[1:5])
            if opening is not None and opening.name == mark[1]:
                right, down = opening.right, opening.down
            else:
                right, down = _off_chords(x, x + width, y + height, chords)
                if not right and not down:
                    return mark[0]
            return f'{mark[0]} transform="translate({right:g}, {down:g})"'

        pieces[at] = _BOXED.sub(placed, system)
    return "".join(pieces)


def _extent(piece: str) -> tuple[float, float] | None:
    """Return the highest and the lowest place of a system by its bounding boxes."""
    # That of a tie over the end of a line is about both lines.
    boxes = [
        (float(y), float(y) + float(height)) for y, height in _BOX.findall(_TIE.sub("", piece))
    ]
    return (min(y for y, _ in boxes), max(y for _, y in boxes)) if boxes else None


def divisions(
    systems: list[tuple[float, float]], room: float, fullest: float = 1.0
) -> tuple[list[int], float]:
    """Return the first system of each page, and how full the fullest page is.

    `systems` are the top and the bottom of each, as close as they may be on one endless page, the
    first one below the heading; `room` is the height of a page, and `fullest` the most of it that
    they fill.  Pages are as near as they can be
    to being full of systems at their usual distance, by the sum of squares.

    >>> divisions([(2200 * at + 1500, 2200 * at + 3500) for at in range(12)], 27700)[0]
    [0]
    >>> divisions([(2200 * at + 1500, 2200 * at + 3500) for at in range(17)], 27700)[0]
    [0, 8]
    """

    def filled(first: int, last: int) -> float:
        above = _LATER_HEAD - systems[first][0] if first else 0.0
        return (systems[last][1] + above) / room

    # For each number of systems: the cost, and the first system of the last page.
    best: list[tuple[float, int]] = [(0.0, 0)]
    for last in range(len(systems)):
        found = []
        for first in range(last, -1, -1):
            if filled(first, last) > fullest and first < last:
                break
            cost = best[first][0] + (filled(first, last) - _USUALLY_FILLED) ** 2
            found.append((cost, first))
        best.append(min(found))
    starts: list[int] = []
    at = len(systems)
    while at:
        at = best[at][1]
        starts.insert(0, at)
    ends = [start - 1 for start in starts[1:]] + [len(systems) - 1]
    return starts, max(filled(a, b) for a, b in zip(starts, ends, strict=True))


@lru_cache(maxsize=1)
def _toolkit() -> Any:
    import verovio

    return verovio.toolkit()


def _loaded(score: str, layout: dict[str, Any], seed: int) -> Any | None:
    """Return the toolkit with a score, in MusicXML or MEI; None if it cannot be read."""
    toolkit = _toolkit()
    toolkit.resetOptions()
    toolkit.setOptions(_OPTIONS | layout | {"xmlIdSeed": seed})
    toolkit.resetXmlIdSeed(seed)
    return toolkit if toolkit.loadData(score) else None


def _pages(toolkit: Any) -> list[str]:
    return [_moved(toolkit.renderToSVG(page)) for page in range(1, toolkit.getPageCount() + 1)]


def _renamed(page: str, names: Iterator[str]) -> str:
    """Return a page with the ids of its chord symbols, which Verovio does not keep."""
    return re.sub(
        r'(<g id=")([^"]*)(?=" class="harm")', lambda found: found[1] + next(names, found[2]), page
    )


def _levelled(words: re.Match[str]) -> str:
    """Return words below the staff on the level of the others of their kind in a line of music.

    Upright ones are a direction, and the lines in italics of another kind, below it.
    """
    text = _BETWEEN.sub("</rend><lb/><rend", words[1])
    if 'fontstyle="italic"' in text:
        return f'<repeatMark vgrp="2"{text}</repeatMark>'
    return f'<dir vgrp="1"{text}</dir>'


def _edited(music: str, heads: str, slashes: list[int], chords: list[str]) -> str:
    music = re.sub(r"(<scoreDef\b[^>]*>)", lambda found: found[1] + heads, music, count=1)
    # Rehearsal marks stand above the chords, directions below them; what is to stand below the
    # staff stays a direction, which begins at its note instead of being centred on it.
    music = re.sub(
        r'<dir\b(?![^>]*place="below")([^>]*>.*?)</dir>', r"<reh\1</reh>", music, flags=re.DOTALL
    )
    # So do later tempos, on a line with what begins there.
    music = _TEMPO_AND_WORDS.sub(r"\2\1", music)
    music = _TEMPO.sub(r"<reh\1>\2</reh>", music)
    # A section and a chorus that begin together share a line, from the left on.
    music = re.sub(r"</reh>\s*<reh\b[^>]*>", f"<rend>{_APART}</rend>", music)
    music = re.sub(r"(<reh\b[^>]*>\s*<rend\b)", r'\1 halign="left"', music)
    if chords:  # Verovio does not keep the ids of chord symbols.
        names = iter(chords)
        music = re.sub(
            r'(<harm\b[^>]*?xml:id=")([^"]*)', lambda found: found[1] + next(names, found[2]), music
        )
    if 'fontweight="normal"' in music:
        music = _BELOW.sub(_levelled, music)
    if slashes:
        left = iter(slashes)
        music = re.sub(
            r"(<layer\b[^>]*>).*?</layer>",
            lambda found: found[1] + '<beatRpt slash="1"/>' * next(left) + "</layer>",
            music,
            flags=re.DOTALL,
        )
    return music
