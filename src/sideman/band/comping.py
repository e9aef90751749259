"""Comping: the piano's chords under a solo.

Voicings leave the root to the bass and hold the guide tones and a tension in close position, or
what the style asks for; each is the one nearest to the previous voicing.  The style supplies the
rhythms.  A chord struck up to an eighth before a change anticipates the next chord.  The
more intense the solo, the more chords and the louder; in a busy bar there are fewer, and rests are
answered (:mod:`sideman.band.listening`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from numpy.random import Generator

from sideman.band import rhythm
from sideman.band.listening import MIDDLE, UNHEARD, Heard, louder
from sideman.band.styles import Style
from sideman.score import Changes, Note, Part
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER

LOW, HIGH = 48, 72
"""The range of voicings: C3 to C5, below most of a horn's range."""

_CENTRE = 59
_VOICES = 4
_EIGHTH = TICKS_PER_QUARTER // 2
_NINTH, _FIFTH, _THIRTEENTH = 2, 7, 9  # semitones above the root, less an octave

_VELOCITIES = {"o": 62, "x": 76, "X": 88}
# Velocities, and probabilities from 0 to 1.
_PUSHED, _UNDER = 4, -5  # added to the velocity of an anticipation, and under a busy solo
_PUSH_RINGS = 0.4  # an anticipation is held past its beat
_AGAIN_AFTER_PUSH = 0.4  # it is struck again on the beat
_REVOICED, _FOURTHS_REVOICED = 0.12, 0.35  # a repeated chord gets another voicing
_MOST_EXTRA_COST = 22.0  # largest extra cost of that other voicing

_RANGE_DB, _CHANCE_DB = 4.0, 0.8  # of the intensity, on either side; standard deviation
_LIVELY, _GIVES_WAY = 2.4, 0.6  # of the log weight of a stroke: by intensity, by notes a quarter

_BUSY = 3  # notes of the solo around a stroke from which it is busy
_LEFT_OUT = 0.9  # a stroke under a busy solo is left out, at the least intensity
_ANSWERS = 0.85  # every second rest of the solo is answered


def comp(
    changes: Changes,
    style: Style,
    rng: Generator,
    *,
    heard: Heard = UNHEARD,
    ending: bool = True,
) -> Part:
    """Return the piano part ``Chords``, with pitches from `LOW` to `HIGH`.

    It rests under N.C.  What is `heard` of the soloist sets loudness and density, and every second
    rest is answered.  With `ending` the chords of the last bar are held.
    """
    strokes = _placed(changes, _laid(changes, style, rng, heard), rng)
    strokes = _complete(changes, strokes, ending)
    chords = [span.chord for span in changes.spans]
    foreign = _clashing(chords)
    notes: list[Note] = []
    pitches: tuple[int, ...] = ()
    before: Chord | None = None
    kind = style.comping.voicings
    revoiced = _FOURTHS_REVOICED if kind == "quartal" else _REVOICED
    chances = rng.random(len(strokes))
    varied = rng.normal(0.0, _CHANCE_DB, len(strokes))
    for index, stroke in enumerate(strokes):
        chord = chords[stroke.span]
        again = chord == before and chances[index] < revoiced
        pitches = voicing(chord, pitches, kind, foreign[stroke.span], again=again)
        before = chord
        end = stroke.end
        if index + 1 < len(strokes):
            end = min(end, strokes[index + 1].onset)
        velocity = _VELOCITIES[stroke.sign] + _PUSHED * stroke.pushed
        velocity += _UNDER * (heard.around(stroke.onset) >= _BUSY)
        level = heard.decibels(changes.bar_at(stroke.onset), _RANGE_DB) + varied[index]
        velocity = louder(velocity, level)
        notes += [Note(stroke.onset, end - stroke.onset, pitch, velocity) for pitch in pitches]
    return Part("Chords", tuple(notes))


# When -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A chord that is struck.

    `onset` and `end` are ticks from the start of the form, `span` is the index of the chord, and
    `pushed` marks an anticipation.
    """

    onset: int
    end: int
    sign: str
    span: int
    pushed: bool = False


def _laid(changes: Changes, style: Style, rng: Generator, heard: Heard) -> list[rhythm.Struck]:
    """Return the strokes of the style's rhythms, thinned out where the solo is busy.

    The more intense the solo, the more strokes; a bar that is denser than those around has fewer.
    """
    lively = [
        _LIVELY * (heard.level(bar) - MIDDLE) - _GIVES_WAY * busier
        for bar, busier in enumerate(heard.busier)
    ]
    struck = rhythm.lay(changes, style.comping.rhythms, rng, lively=lively)
    chances = rng.random(len(struck))
    kept = [
        stroke
        for stroke, chance in zip(struck, chances, strict=True)
        if chance >= _LEFT_OUT * (1 - heard.level(stroke.bar)) or heard.around(stroke.onset) < _BUSY
    ]
    return _answered(changes, kept, rng, heard)


def _answered(
    changes: Changes, struck: Sequence[rhythm.Struck], rng: Generator, heard: Heard
) -> list[rhythm.Struck]:
    """Return strokes that repeat the soloist's last rhythm in the rests, instead of the others.

    Piano and drums answer by turns, the piano first.
    """
    left = list(struck)
    for rest in heard.rests[::2]:
        echo = [onset for onset in heard.echo(rest) if onset + _EIGHTH < changes.length]
        spaced = [
            onset
            for index, onset in enumerate(echo)
            if index == 0 or onset - echo[index - 1] >= _EIGHTH
        ]
        if not spaced or rng.random() >= _ANSWERS:
            continue
        until = spaced[-1] + TICKS_PER_QUARTER
        left = [stroke for stroke in left if not rest[0] <= stroke.onset < until]
        left += [
            rhythm.Struck(changes.bar_at(onset), onset, min(end, onset + TICKS_PER_QUARTER), "x")
            for onset, end in pairwise((*spaced, until))
        ]
    return sorted(left, key=lambda stroke: stroke.onset)


def _placed(changes: Changes, struck: Sequence[rhythm.Struck], rng: Generator) -> list[_Stroke]:
    """Assign each stroke its chord: the next one, if the stroke anticipates it."""
    spans = changes.spans
    onsets = [span.onset for span in spans]
    placed: list[_Stroke] = []
    for stroke in struck:
        number = bisect_right(onsets, stroke.onset) - 1
        if number < 0 or spans[number].chord.is_no_chord:
            continue
        span = spans[number]
        after_push = bool(placed) and placed[-1].pushed and stroke.onset == span.onset
        if after_push and rng.random() >= _AGAIN_AFTER_PUSH:
            # The anticipation replaces this stroke and is held to its end.
            end = max(placed[-1].end, min(stroke.end, span.end))
            placed[-1] = replace(placed[-1], end=end)
            continue
        after = spans[number + 1] if number + 1 < len(spans) else None
        pushes = (
            after is not None
            and not after.chord.is_no_chord
            and span.end - stroke.onset <= _EIGHTH < span.end - span.onset
            and span.end <= stroke.end
            and stroke.onset + _EIGHTH < after.end
        )
        if after is not None and pushes:
            rings = TICKS_PER_QUARTER * (rng.random() < _PUSH_RINGS)
            end = min(max(stroke.end, after.onset + rings), after.end)
            placed.append(_Stroke(stroke.onset, end, stroke.sign, number + 1, pushed=True))
        else:
            end = min(stroke.end, span.end)
            placed.append(_Stroke(stroke.onset, end, stroke.sign, number))
    return placed


def _complete(changes: Changes, strokes: list[_Stroke], ending: bool) -> list[_Stroke]:
    """Add a stroke for each chord that has none, and hold the chords of the last bar."""
    last = changes.bar_starts[-2] if ending and changes.bars else changes.length
    if last < changes.length:
        strokes = [
            replace(stroke, end=min(stroke.end, last) if not stroke.pushed else stroke.end)
            for stroke in strokes
            if stroke.onset < last
        ]
    onsets = [stroke.onset for stroke in strokes]
    more: list[_Stroke] = []
    before: Chord | None = None
    for number, span in enumerate(changes.spans):
        chord, before_that, before = span.chord, before, span.chord
        if chord.is_no_chord:
            continue
        if span.end > last:
            onset = max(span.onset, last)
            more.append(_Stroke(onset, span.end, "x", number))
        if span.onset >= last or chord == before_that:
            continue
        at = bisect_left(onsets, span.onset)
        pushed = at > 0 and strokes[at - 1].pushed and strokes[at - 1].span == number
        if not pushed and not (
            at < len(onsets) and onsets[at] < span.end and not strokes[at].pushed
        ):
            end = min(span.end, span.onset + TICKS_PER_QUARTER)
            more.append(_Stroke(span.onset, end, "x", number))
    return sorted(strokes + more, key=lambda stroke: stroke.onset) if more else strokes


# What -------------------------------------------------------------------------------------------


def _clashing(chords: Sequence[Chord]) -> list[frozenset[int]]:
    """Return for each chord the tensions that contradict its neighbours.

    A ninth or thirteenth that no symbol asks for is left out where the chords around contain the
    pitch class a semitone below: B over Am7 among chords with Bb.  Chords whose roots are a
    semitone apart are not counted.
    """
    tones = [chord.tones for chord in chords]
    found = []
    for number, (root, *others) in enumerate(tone or (-1,) for tone in tones):
        around: set[int] = set()
        for other in tones[max(0, number - 2) : number + 3]:
            if other and (other[0] - root) % 12 not in (0, 1, 11):
                around.update(other)
        colours = {(root + degree) % 12 for degree in (_NINTH, _THIRTEENTH)}.difference(others)
        found.append(frozenset(tone for tone in colours - around if (tone - 1) % 12 in around))
    return found


def voicing(
    chord: Chord,
    before: tuple[int, ...] = (),
    kind: str = "rootless",
    foreign: frozenset[int] = frozenset(),
    *,
    again: bool = False,
) -> tuple[int, ...]:
    """Return the voicing of a chord that is nearest to `before`, or with `again` another one."""
    nearest, other = _nearest(chord, before, kind, foreign)
    return other if again else nearest


@lru_cache(maxsize=65536)
def _nearest(
    chord: Chord, before: tuple[int, ...], kind: str, foreign: frozenset[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the nearest voicing, and the nearest that differs from `before`."""
    if chord.is_no_chord:
        return (), ()
    positions = _positions(chord, kind, foreign)
    ranked = sorted((_cost(pitches, before), pitches) for pitches in positions)
    cost, nearest = ranked[0]
    others = [
        pitches
        for other_cost, pitches in ranked
        if pitches != before and other_cost < cost + _MOST_EXTRA_COST
    ]
    return nearest, others[0] if others else nearest


@lru_cache(maxsize=4096)
def _positions(chord: Chord, kind: str, foreign: frozenset[int]) -> tuple[tuple[int, ...], ...]:
    """Return the voicings of a chord within `LOW` and `HIGH`."""
    if kind == "quartal":
        stacks = _fourths(chord)
        fitting = tuple(pitches for pitches in stacks if not {p % 12 for p in pitches} & foreign)
        return fitting or stacks or _positions(chord, "rootless", foreign)
    root, *others = chord.tones
    if kind == "triads":
        voices = guides = set(chord.tones)
    else:
        voices = set(_voices(chord, foreign)[: 3 if kind == "shell" else _VOICES])
        guides = {tone for tone in others if tone != (root + _FIFTH) % 12} & voices
        if len(others) < 3:
            guides = voices
    positions = []
    for bottom in range(LOW, HIGH + 1):
        pitches = tuple(sorted(bottom + (voice - bottom) % 12 for voice in voices))
        if bottom % 12 in guides and pitches[-1] <= HIGH:
            positions.append(pitches)
    return tuple(positions)


def _voices(chord: Chord, foreign: frozenset[int]) -> tuple[int, ...]:
    """Return the pitch classes of a voicing, the most important first.

    Guide tones, the tensions of the symbol, a ninth and over a dominant a thirteenth where they
    fit, then fifth and root.  A triad keeps its three tones.
    """
    root, *others = chord.tones
    if len(others) < 3:
        return chord.tones
    quality = chord.quality
    fifth, ninth, thirteenth = ((root + degree) % 12 for degree in (_FIFTH, _NINTH, _THIRTEENTH))
    voices = [tone for tone in others if tone != fifth]
    voices += [(root + tension) % 12 for tension in quality.extensions]
    if not {1, 3} & {*quality.extensions} and ninth in chord.colours and fifth in others:
        voices.append(ninth)
        if quality.third == 4 and quality.seventh == 10 and thirteenth in chord.colours:
            voices.append(thirteenth)
    if fifth in others:
        voices.append(fifth)
    asked = {(root + tension) % 12 for tension in quality.extensions}
    return tuple(tone for tone in dict.fromkeys((*voices, root)) if tone not in foreign - asked)


def _fourths(chord: Chord) -> tuple[tuple[int, ...], ...]:
    """Return stacks of fourths in the chord's scale, as on "So What"; empty without a 7-note scale.

    A stack holds a guide tone, at most one tritone, and no fourth above a major third.
    """
    scale = sorted(chord.scale)
    if len(scale) != 7 or len(chord.tones) < 4 or chord.quality.fifth != _FIFTH:
        return ()
    root, third, _, seventh = chord.tones[:4]
    avoided = (root + 5) % 12 if chord.quality.third == 4 else None
    stacks = []
    for bottom in range(LOW, HIGH + 1):
        if bottom % 12 not in scale:
            continue
        at = scale.index(bottom % 12)
        classes = [scale[(at + 3 * voice) % 7] for voice in range(_VOICES)]
        pitches = [bottom]
        for one in classes[1:]:
            pitches.append(pitches[-1] + (one - pitches[-1]) % 12)
        tritones = sum(high - low == 6 for low, high in pairwise(pitches))
        fits = avoided not in classes and tritones <= 1 and {third, seventh} & {*classes}
        if fits and pitches[-1] <= HIGH:
            stacks.append(tuple(pitches))
    return tuple(stacks)


def _cost(pitches: tuple[int, ...], before: tuple[int, ...]) -> float:
    """Return the cost of a voicing: movement, distance from the centre, muddiness, harshness."""
    middle = sum(pitches) / len(pitches)
    cost = 0.4 * abs(middle - _CENTRE)
    if len(pitches) > 1 and pitches[-1] - pitches[-2] == 1:
        cost += 4  # a semitone at the top sounds like a wrong note
    if len(pitches) > 1 and pitches[0] < 52 and pitches[1] - pitches[0] <= 2:
        cost += 3
    if before:
        cost += sum(min(abs(pitch - old) for old in before) for pitch in pitches)
        cost += sum(min(abs(pitch - old) for pitch in pitches) for old in before)
        cost += abs(pitches[-1] - before[-1])
    return cost
