"""From changes and a model to a solo with its band.

::

    changes ── model, sampled under its legal mask ──▶ line ── polish ──▶ solo
    tune + solo + band ──▶ arrangement ── feel ──▶ performance

:func:`improvise` does both steps, :func:`accompany` the second one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from numpy.random import Generator

from sideman import feel
from sideman.band import arranging, bass, styles
from sideman.band.arranging import SOLO, Plan
from sideman.band.styles import Style
from sideman.errors import MusicError
from sideman.models import sampler
from sideman.models.constraints import FREE, Constraints
from sideman.models.controls import Feature
from sideman.models.protocol import Soloist
from sideman.score import Arrangement, Changes, LeadSheet, Performance, Solo
from sideman.score.practice import ALIKE, Practice
from sideman.service.takes.performer import Performer
from sideman.theory import instruments
from sideman.theory.instruments import INSTRUMENT, INSTRUMENTS, PROGRAMS, Instrument
from sideman.theory.meter import FASTEST_BPM, SLOWEST_BPM, check_tempo

MOST_CHORUSES = 100
MOST_BARS = 10_000
_MEDIUM_BPM = 132.0


@dataclass(frozen=True, slots=True)
class Improvisation:
    """A solo (without the bars of the drummer's fours), and its band as written and played."""

    solo: Solo
    arrangement: Arrangement
    performance: Performance


@dataclass(frozen=True, slots=True)
class Band:
    """The settings of the band and of the performance.

    Parameters
    ----------
    style : Style or None
        The style; the tune's where None.
    plan : Plan
        Head, intro, fours, ending.
    swing : float or None
        The on-beat eighth over the off-beat one, 1 to 4; where None that of the tune, the style or
        the tempo.
    expression : float
        From 0, plain timing, to 1, as players.
    """

    style: Style | None = None
    plan: Plan = Plan()
    swing: float | None = None
    expression: float = 0.0


def improvise(
    sheet: LeadSheet,
    performer: Performer,
    *,
    rng: Generator,
    choruses: int = 3,
    constraints: Constraints = FREE,
    band: Band = Band(),
    practice: Practice = ALIKE,
) -> Improvisation:
    """Return a solo over a tune's changes, with piano, bass and drums.

    Parameters
    ----------
    sheet : LeadSheet
        The tune: the solo is over its changes, and its melody is the head.
    performer : Performer
        The soloist, its instrument and the tempo (:func:`tempo`).
    rng : numpy.random.Generator
        The random generator; solo, comping and feel have streams of their own.
    choruses : int
        How often the form is played, 1 to 100.
    constraints : Constraints
        What is fixed of the solo (:mod:`sideman.service.takes.settling`).
    band : Band
        The settings of the band.
    practice : Practice
        What changes from chorus to chorus; the performer's tempo is that of the first.

    Raises
    ------
    MusicError
        If there is nothing to play over, or a number is out of its bounds.
    """
    if band.style is not None:
        sheet = replace(sheet, style=band.style.name)
    _check(sheet, choruses, performer.tempo_bpm)
    feel.check(band.swing, band.expression)
    changes = practice.form(sheet, choruses)
    melody = practice.melody(sheet, choruses)
    playing, accompanying = rng.spawn(2)
    solo = Solo(
        sheet.title,
        (),
        changes,
        performer="sideman",
        key=sheet.key,
        tempo_bpm=performer.tempo_bpm,
        style=sheet.style,
    )
    for _ in range(sampler.MOST_DRAWS):
        line = performer.play(
            changes,
            rng=playing,
            constraints=constraints,
            melody=melody,
            double_time=_style(sheet, band.style).double_time,
            key=sheet.tonality,
        )
        solo = replace(solo, notes=line)
        # Without the drummer's bars, what is left may match a solo as the whole did not.
        if not band.plan.fours:
            break
        left = arranging.traded(solo, len(sheet.changes.bars))
        if not performer.copies(left.notes, constraints):
            break
    return accompany(
        solo, rng=accompanying, sheet=sheet, instrument=performer.instrument, band=band
    )


def accompany(
    solo: Solo,
    *,
    rng: Generator,
    sheet: LeadSheet | None = None,
    instrument: Instrument = INSTRUMENTS[INSTRUMENT],
    band: Band = Band(),
) -> Improvisation:
    """Return a given solo over whole choruses, with piano, bass and drums.

    The tune is `sheet`; where None, the changes of the solo's first chorus without a melody.

    Raises
    ------
    MusicError
        If the solo has no chords under it, or a number is out of its bounds.
    """
    sheet = sheet or tune(solo)
    style = _style(sheet, band.style)
    solo = replace(
        solo,
        tempo_bpm=solo.tempo_bpm or sheet.tempo_bpm or style.tempo_for(sheet.style),
        style=solo.style or style.name,
    )
    _check(sheet, 1, solo.tempo_bpm or style.tempo_bpm)
    accompanying, feeling = rng.spawn(2)
    if band.plan.fours:
        solo = arranging.traded(solo, len(sheet.changes.bars))
    arrangement = arranging.arrange(
        sheet, solo, style, band.plan, accompanying, instrument=instrument
    )
    swing = band.swing or (sheet.swing if band.style is None else None)
    performance = feel.perform(arrangement, style, feeling, swing=swing, expression=band.expression)
    return Improvisation(solo, arrangement, performance)


def usual_controls(sheet: LeadSheet, style: Style | None, soloist: Soloist) -> dict[str, float]:
    """Return the controls that a style and a tune give where the request does not."""
    style = _style(sheet, style)
    sings = style.melody and sheet.melody and Feature.PHRASING in soloist.features
    return {"melody": style.melody} if sings else {}


def tempo(sheet: LeadSheet, style: Style | None = None, asked: float | None = None) -> float:
    """Return the requested tempo; else the tune's or the style's, within the playable bounds."""
    style = _style(sheet, style)
    return (
        within_bounds(sheet.tempo_bpm or style.tempo_for(sheet.style)) if asked is None else asked
    )


def tempo_of(asked: float | None, solo: Solo) -> float:
    """Return the requested tempo, which is checked, or else that of a solo within the bounds."""
    if asked is None:
        return within_bounds(solo.tempo_bpm)
    check_tempo(asked)
    return asked


def within_bounds(tempo_bpm: float | None) -> float:
    """Return the nearest tempo that can be played; a medium one for None."""
    return min(max(tempo_bpm or _MEDIUM_BPM, SLOWEST_BPM), FASTEST_BPM)


def _style(sheet: LeadSheet, asked: Style | None) -> Style:
    return asked or styles.matching(sheet.style, sheet.changes.meter)


def tune(solo: Solo) -> LeadSheet:
    """Return the tune of a solo: its first chorus, without a melody."""
    changes = solo.changes.first_chorus if solo.changes else Changes(())
    return LeadSheet(solo.title, changes, key=solo.key, tempo_bpm=solo.tempo_bpm, style=solo.style)


def check_length(sheet: LeadSheet, choruses: int) -> None:
    """Raise a MusicError unless so many choruses of a tune can be played."""
    if not 1 <= choruses <= MOST_CHORUSES:
        raise MusicError(
            f"{choruses} choruses cannot be played; ask for 1 to {MOST_CHORUSES}.", field="choruses"
        )
    bars = len(sheet.changes.bars) * choruses
    if bars > MOST_BARS:
        raise MusicError(
            f"{sheet.title}: {choruses} choruses are {bars} bars, and at most "
            f"{MOST_BARS} are played; ask for fewer choruses.",
            field="choruses",
        )


def check_bars(solo: Solo, fewer: str) -> None:
    """Raise a MusicError for a solo of more bars than are played; `fewer` are to be asked for."""
    bars = len(solo.changes.bars) if solo.changes is not None else 0
    if bars > MOST_BARS:
        raise MusicError(
            f"{solo.title}: is {bars} bars long, and at most {MOST_BARS} are played; ask for fewer "
            f"{fewer}."
        )


def _check(sheet: LeadSheet, choruses: int, tempo_bpm: float) -> None:
    """Raise a MusicError for what cannot be played."""
    check_length(sheet, choruses)
    check_tempo(tempo_bpm)
    if not sheet.changes.spans:
        raise MusicError(f"{sheet.title}: has no chords to play over; give changes with chords.")


def check_parts(words: Iterable[str], instrument: str | None = None) -> None:
    """Raise a MusicError for a word that names no part of a take, as a rendering selects them.

    The solo may be on any instrument where `instrument` is None.
    """
    soloists = [instruments.named(instrument)] if instrument else INSTRUMENTS.values()
    names = {
        SOLO: [PROGRAMS[each.program] for each in soloists],
        "Chords": [PROGRAMS[0]],
        "Bass": [PROGRAMS[bass.PROGRAM]],
        "Drums": ["Drums"],
    }
    known = [text.lower() for name, programs in names.items() for text in (name, *programs)]
    for word in words:
        lower = word.strip().lower()
        numbered = lower.isdecimal() and int(lower[:9]) < len(names)
        if not numbered and not (lower and any(lower in each for each in (*known, "melody"))):
            there = ", ".join(f"{number} {name}" for number, name in enumerate(names))
            raise MusicError(
                f"A take has no part {word[:60]!r}; choose from: {there}.", field="without"
            )
