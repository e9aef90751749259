"""The drums: time, fills, solos, and the count-in.

A style has patterns of the whole kit, each for an intensity of the soloist, and may have rhythms of
single voices besides.  Before a new section a fill replaces the hands while the pedal hi-hat
continues; a crash may mark the beginning of a chorus.  Where the soloist is intense, kick and snare
play with some chords of the piano; every second rest is answered on the snare and the toms.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from numpy.random import Generator

from sideman.band import rhythm
from sideman.band.listening import MIDDLE, UNHEARD, Heard, louder
from sideman.band.rhythm import Rhythms, Struck
from sideman.band.styles import FILL_SIGNS, VOICES, Style
from sideman.score import Bar, Changes, Note, Part
from sideman.theory.meter import TICKS_PER_QUARTER, Meter

KIT, BRUSH_KIT = 0, 40
"""General MIDI programs of the drum kits with sticks and with brushes."""

STICKS = 37
"""The key of the count-in: the side stick, as General MIDI has no stick click."""

# The velocity of each voice, and what the signs add to it.  In General MIDI kits a
# ride is about 12 dB softer than a snare of the same velocity.
_LOUDNESS = {
    "ride": 90, "bell": 90, "crash": 90, "hihat": 66, "pedal": 68, "open": 62, "kick": 58,
    "snare": 52, "rim": 64, "brush": 42, "high": 68, "mid": 64, "floor": 66, "shaker": 54,
    "backbeat": 58, "clave": 46, "cowbell": 44, "conga": 48, "slap": 46, "tumba": 48, "maracas": 44,
}  # fmt: skip
_SIGNS = {"o": -22, "x": 0, "X": 12}
_FILLING, _SOLOING = 6, 14  # added to the velocities of a fill and of a solo
_ACCENT, _SWELL, _CHANCE = 14, 12, 4  # in velocity: accents, crescendo, random variation
_RANGE_DB, _CHANCE_DB = 4.0, 0.9  # of the intensity, on either side; standard deviation
_GHOST = 8  # the range in velocity of soft strokes
_LONGEST, _RINGING = TICKS_PER_QUARTER // 2, 2 * TICKS_PER_QUARTER

_RING = {VOICES[voice] for voice in ("ride", "bell", "crash", "open", "brush")}

_FOOT = "pedal"
_FOLLOWING_VOICE = "snare"  # the voice whose density depends on that of the solo
# Probabilities.
_FILL_INTO_CHORUS, _FILL_INTO_SECTION, _FILL_INTO_PHRASE = 0.9, 0.6, 0.15
_CRASH_ON_CHORUS, _CRASH_ON_SECTION = 0.8, 0.25
_AGAIN = 0.55  # a pattern is repeated
_ANSWERS = 0.85  # every second rest of the solo is answered
_KICKS = 1.2  # a chord is played with, for an intensity of 1 above the middle
_WITH_SNARE = 0.4  # such a kick
_PHRASE = 4
_MOVED = 0.5  # probability that a repeated stroke of a motif moves to a tom
_PLAIN = Rhythms(((rhythm.parse("s ss s ss", "s"), 1.0),))


def drum(
    changes: Changes,
    style: Style,
    rng: Generator,
    *,
    heard: Heard = UNHEARD,
    chords: Sequence[int] = (),
    ending: bool = True,
) -> Part:
    """Return the part ``Drums`` under a piece, in General MIDI percussion.

    Under N.C.  only the pedal hi-hat plays.  What is `heard` of the soloist sets patterns and
    loudness; `chords` are the onsets of the piano.  With `ending` the last bar is one stroke that
    rings.
    """
    played = changes
    if ending and changes.bars:
        played = Changes(changes.bars[:-1])
    hits: list[tuple[int, str, int]] = []
    tops = frozenset({0, *changes.chorus_starts})
    sections = _sections(changes, tops)
    fills = _fills(played, len(changes.bars), tops, sections, style, rng)
    silent = _silences(played, fills)
    crashes = _crashes(changes, tops, sections, style, rng)
    for onset, voice, sign in _time(played, style, heard, rng):
        if voice != _FOOT and _inside(onset, silent):
            continue
        if voice in ("ride", "brush") and onset in crashes:
            continue
        ghost = int(rng.integers(_GHOST + 1)) - _GHOST // 2 if sign == "o" else 0
        hits.append((onset, voice, _LOUDNESS[voice] + _SIGNS[sign] + ghost))
    hits += _kicks(played, chords, heard, silent, rng.spawn(1)[0])
    hits += _orchestrated(_answers(played, heard, fills, rng), 0)
    hits += _orchestrated(fills, _FILLING)
    for onset in sorted(crashes):
        hits += [(onset, "crash", _LOUDNESS["crash"]), (onset, "kick", _LOUDNESS["kick"])]
    last = _last(changes, style) if ending and changes.bars else ()
    levels = [heard.decibels(bar, _RANGE_DB) for bar in range(len(changes.bars))]
    return _part(
        [(on, voice, louder(velocity, levels[changes.bar_at(on)])) for on, voice, velocity in hits],
        style,
        rng,
        last,
    )


def fours(changes: Changes, style: Style, rng: Generator) -> Part:
    """Return a drum solo over `changes`, as in trading fours.

    Every four bars are a motif, its variation on other drums, a contrast and a fill; each bar grows
    louder towards its end.
    """
    material = style.drums.solo or style.drums.fills or _PLAIN
    leading_out = style.drums.fills or material
    hits: list[tuple[int, str, int]] = []
    for onset, voice, _ in _time(changes, style, UNHEARD, rng):
        if voice == _FOOT:
            hits.append((onset, voice, _LOUDNESS[voice]))
    motif: list[Struck] = []
    strokes: list[Struck] = []
    for number, bar in enumerate(changes.bars):
        place, left = number % _PHRASE, len(changes.bars) - number
        start = changes.bar_starts[number]
        if left == 1 or place == _PHRASE - 1:
            here = _one_bar(bar, leading_out, rng)
            lead = min((stroke.onset for stroke in here), default=bar.meter.ticks_per_bar)
            here += [stroke for stroke in _one_bar(bar, material, rng) if stroke.end <= lead]
        elif place == 1 and changes.bars[number - 1].meter == bar.meter:
            here = [_moved(stroke, rng) for stroke in motif]
        else:
            here = motif = _one_bar(bar, material, rng)
        strokes += [
            Struck(number, start + stroke.onset, start + stroke.end, stroke.sign)
            for stroke in sorted(here, key=lambda stroke: stroke.onset)
        ]
    return _part(hits + _orchestrated(strokes, _SOLOING), style, rng)


def count_in(meter: Meter, bars: int, rng: Generator) -> Part:
    """Return the sticks of a count-in, from tick 0: strong beats, in the last bar every beat."""
    beats = rhythm.pulses(meter)[:-1]
    half = 2 if len(beats) % 2 == 0 else len(beats)
    notes = []
    for bar in range(bars):
        for number, onset in enumerate(beats):
            if bar == bars - 1 or number % half == 0:
                velocity = 88 + 6 * (number == 0) + int(rng.integers(-_CHANCE, _CHANCE + 1))
                at = bar * meter.ticks_per_bar + onset
                notes.append(
                    Note(at, max(1, min(_LONGEST, meter.ticks_per_beat)), STICKS, velocity)
                )
    return Part("Drums", tuple(notes), KIT, percussion=True)


# The form ---------------------------------------------------------------------------------------


def _sections(changes: Changes, tops: frozenset[int]) -> frozenset[int]:
    """Return the bars where a section begins: the named ones, or every eighth bar of a chorus."""
    named = {number for number, bar in enumerate(changes.bars) if bar.section}
    if len(named) > len(tops):
        return frozenset(named | tops)
    eighths = (range(top, end, 8) for top, end in pairwise((*sorted(tops), len(changes.bars))))
    return frozenset(named.union(*eighths))


def _fills(
    played: Changes,
    bars: int,
    tops: frozenset[int],
    sections: frozenset[int],
    style: Style,
    rng: Generator,
) -> list[Struck]:
    """Return the strokes of fills before choruses, sections and some phrases."""
    if not style.drums.fills:
        return []
    found = []
    for number, bar in enumerate(played.bars):
        after, chance = number + 1, rng.random()
        wanted = 0.0
        if after in tops or after == bars - 1:
            wanted = _FILL_INTO_CHORUS
        elif after in sections:
            wanted = _FILL_INTO_SECTION
        elif after % _PHRASE == 0:
            wanted = _FILL_INTO_PHRASE
        if chance < wanted and after < bars:
            start = played.bar_starts[number]
            found += [
                Struck(number, start + stroke.onset, start + stroke.end, stroke.sign)
                for stroke in _one_bar(bar, style.drums.fills, rng)
            ]
    return found


def _one_bar(bar: Bar, rhythms: Rhythms, rng: Generator) -> list[Struck]:
    return rhythm.lay(Changes((bar,)), rhythms, rng)


def _silences(changes: Changes, fills: Sequence[Struck]) -> list[tuple[int, int]]:
    """Return the tick ranges in which the hands do not keep time: fills and N.C."""
    begins: dict[int, int] = {}
    for stroke in fills:
        begins.setdefault(stroke.bar, stroke.onset)
    silent = [(onset, changes.bar_starts[bar + 1]) for bar, onset in begins.items()]
    if any(not span.chord.is_no_chord for span in changes.spans):
        silent += [(span.onset, span.end) for span in changes.spans if span.chord.is_no_chord]
    return sorted(silent)


def _inside(tick: int, stretches: Sequence[tuple[int, int]]) -> bool:
    number = bisect_right(stretches, (tick, math.inf)) - 1
    return any(start <= tick < end for start, end in stretches[max(0, number - 1) : number + 1])


def _crashes(
    changes: Changes,
    tops: frozenset[int],
    sections: frozenset[int],
    style: Style,
    rng: Generator,
) -> frozenset[int]:
    """Return the onsets of crash cymbals."""
    if style.drums.brushes:
        return frozenset()
    found = set()
    for number in sorted(sections | tops):
        wanted = _CRASH_ON_CHORUS if number in tops else _CRASH_ON_SECTION
        if rng.random() < wanted and 0 < number < len(changes.bars) - 1:
            found.add(changes.bar_starts[number])
    return frozenset(found)


def _time(
    changes: Changes, style: Style, heard: Heard, rng: Generator
) -> Iterator[tuple[int, str, str]]:
    """Yield onset, voice and sign of what the patterns and the rhythms of single voices play."""
    for stroke in rhythm.lay(changes, style.drums.patterns, rng, levels=heard.levels, again=_AGAIN):
        voice, sign = stroke.sign.split()
        yield stroke.onset, voice, sign
    # The snare comments less where the solo is busy.
    snare = [
        0.5 * (heard.level(bar) - MIDDLE) - 0.5 * more for bar, more in enumerate(heard.busier)
    ]
    for voice, rhythms in style.drums.voices:
        lively = snare if voice == _FOLLOWING_VOICE else ()
        for stroke in rhythm.lay(changes, rhythms, rng, lively=lively):
            yield stroke.onset, voice, stroke.sign


def _kicks(
    changes: Changes,
    chords: Sequence[int],
    heard: Heard,
    silent: Sequence[tuple[int, int]],
    rng: Generator,
) -> Iterator[tuple[int, str, int]]:
    """Yield strokes of kick and snare together with chords of the piano off the beat."""
    for onset in sorted({*chords}):
        level = heard.level(changes.bar_at(onset)) if onset < changes.length else 0.0
        chance, snare = rng.random(2)
        off_beat = onset % TICKS_PER_QUARTER != 0
        if chance < _KICKS * (level - MIDDLE) and off_beat and not _inside(onset, silent):
            yield onset, "kick", _LOUDNESS["kick"] + _ACCENT
            if snare < _WITH_SNARE:
                yield onset, "snare", _LOUDNESS["snare"] + _ACCENT


def _answers(
    changes: Changes, heard: Heard, fills: Sequence[Struck], rng: Generator
) -> list[Struck]:
    """Return strokes that repeat the soloist's last rhythm in every second rest."""
    filled = {stroke.bar for stroke in fills}
    found: list[Struck] = []
    for rest in heard.rests[1::2]:
        answered = rng.random() < _ANSWERS
        drums = "shsf" if rng.random() < _MOVED else "ssks"
        for onset, sign in zip(heard.echo(rest), drums, strict=False):
            if answered and onset < changes.length:
                bar = changes.bar_at(onset)
                if bar not in filled:
                    found.append(Struck(bar, onset, onset + 1, sign))
    return found


# Playing ----------------------------------------------------------------------------------------


def _moved(stroke: Struck, rng: Generator) -> Struck:
    """Move a stroke of the snare to a tom with probability 1/2."""
    if stroke.sign.lower() != "s" or rng.random() >= _MOVED:
        return stroke
    tom = "hmf"[int(rng.integers(3))]
    return replace(stroke, sign=tom.upper() if stroke.sign.isupper() else tom)


def _orchestrated(strokes: Sequence[Struck], louder: int) -> list[tuple[int, str, int]]:
    """Return (onset, voice, velocity) of the signs of fills, with a crescendo in each bar."""
    hits = []
    bars: dict[int, list[Struck]] = {}
    for stroke in strokes:
        bars.setdefault(stroke.bar, []).append(stroke)
    for inside in bars.values():
        for number, stroke in enumerate(inside, 1):
            voice = FILL_SIGNS[stroke.sign.lower()]
            loudness = _LOUDNESS[voice] + louder + _ACCENT * stroke.sign.isupper()
            hits.append(
                (stroke.onset, voice, loudness + round(_SWELL * (number / len(inside) - 0.6)))
            )
    return hits


def _last(changes: Changes, style: Style) -> tuple[Note, ...]:
    """Return the strokes of the last bar."""
    start, end = changes.bar_starts[-2:]
    cymbal = "ride" if style.drums.brushes else "crash"
    return tuple(
        Note(start, end - start, VOICES[voice], _LOUDNESS[voice]) for voice in ("kick", cymbal)
    )


def _part(
    hits: Iterable[tuple[int, str, int]],
    style: Style,
    rng: Generator,
    last: tuple[Note, ...] = (),
) -> Part:
    """Return the part of the hits, without doubled or overlapping notes."""
    loudest: dict[tuple[int, int], int] = {}
    for onset, voice, velocity in hits:
        key = (onset, VOICES[voice])
        loudest[key] = max(velocity, loudest.get(key, 0))
    chance = rng.normal(0.0, _CHANCE_DB, len(loudest))
    notes: list[Note] = []
    following = {note.pitch: note.onset for note in last}
    for index, (onset, pitch) in enumerate(sorted(loudest, reverse=True)):
        length = _RINGING if pitch in _RING else _LONGEST
        length = min(length, following.get(pitch, onset + length) - onset)
        following[pitch] = onset
        velocity = louder(loudest[onset, pitch], chance[index])
        notes.append(Note(onset, length, pitch, velocity))
    notes.reverse()
    program = BRUSH_KIT if style.drums.brushes else KIT
    return Part("Drums", (*notes, *last), program, percussion=True)
