"""The whole path, from changes and a model to a solo with its band.

::

    changes ── model, sampled under its legal mask ──▶ line ── polish ──▶ solo
    solo + comping ──▶ arrangement ── feel ──▶ performance

:func:`improvise` is that picture as code.  :func:`sideman.charts.find` finds the changes that
somebody asks for by name, by file or by typing them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from numpy.random import Generator

from sideman import feel, polish, sampling
from sideman.band import comping, styles
from sideman.errors import MusicError
from sideman.instruments import INSTRUMENT, INSTRUMENTS, Instrument
from sideman.meter import TICKS_PER_QUARTER
from sideman.sampling import Controls, Model
from sideman.score import Arrangement, Changes, LeadSheet, Part, Performance, Solo

MOST_CHORUSES = 100
MOST_BARS = 10_000
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
TEMPO_BPM = 132.0
"""The tempo where neither the tune nor the player names one."""

SHORTEST_SECONDS = 0.09
"""The shortest note that a player gets out clearly: eleven a second."""

_LOUDNESS = 92


@dataclass(frozen=True, slots=True)
class Improvisation:
    """What was played.

    Parameters
    ----------
    solo : Solo
        The line as written, over all its choruses.
    arrangement : Arrangement
        The solo and its band as written.
    performance : Performance
        The same as played.
    """

    solo: Solo
    arrangement: Arrangement
    performance: Performance


def improvise(
    sheet: LeadSheet,
    *,
    model: Model,
    rng: Generator,
    choruses: int = 3,
    controls: Controls = Controls(),  # noqa: B008 - frozen
    tempo_bpm: float | None = None,
    instrument: Instrument = INSTRUMENTS[INSTRUMENT],
) -> Improvisation:
    """Improvise over a tune's changes, with a piano comping.

    Parameters
    ----------
    sheet : LeadSheet
        The tune; only its changes are heard.
    model : Model
        What has learnt to play.
    rng : numpy.random.Generator
        Where chance comes from; solo, comping and feel have streams of their own.
    choruses : int
        How often the form is played, 1 to 100.
    controls : Controls
        How boldly to choose.
    tempo_bpm : float or None
        Quarter notes a minute, 20 to 400; the tune's own where None.
    instrument : Instrument
        What the soloist plays.

    Returns
    -------
    Improvisation
        The solo, the arrangement as written and as played.

    Raises
    ------
    MusicError
        If there is nothing to play over, or a number is out of its bounds.
    """
    own_tempo = min(max(sheet.tempo_bpm or TEMPO_BPM, SLOWEST_BPM), FASTEST_BPM)
    tempo = own_tempo if tempo_bpm is None else tempo_bpm
    _check(sheet, choruses, tempo)
    changes = sheet.changes.repeated(choruses)
    playing, accompanying, feeling = rng.spawn(3)

    take = sampling.sample(
        model,
        changes,
        rng=playing,
        controls=controls,
        low=instrument.low,
        high=instrument.high,
        tempo_bpm=tempo,
        shortest=math.ceil(TICKS_PER_QUARTER * tempo / 60 * SHORTEST_SECONDS),
    )
    line = tuple(replace(note, velocity=_LOUDNESS) for note in polish.tidy(take.notes))
    solo = Solo(
        sheet.title,
        line,
        changes,
        performer="sideman",
        key=sheet.key,
        tempo_bpm=tempo,
        style=sheet.style,
        chorus_bars=tuple(range(0, len(changes.bars), len(sheet.changes.bars))),
    )
    style = styles.matching(sheet.style, changes.meter)
    band = (comping.comp(changes, style, accompanying),)
    arrangement = arrange(solo, band, changes, tempo, instrument)
    performance = feel.perform(arrangement, style, feeling)
    return Improvisation(solo, arrangement, performance)


def arrange(
    solo: Solo, band: tuple[Part, ...], changes: Changes, tempo_bpm: float, instrument: Instrument
) -> Arrangement:
    """Set a solo before its band.

    Parameters
    ----------
    solo : Solo
        The line.
    band : tuple of Part
        The others.
    changes : Changes
        The bars of all of it.
    tempo_bpm : float
        Quarter notes a minute.
    instrument : Instrument
        What the soloist plays.

    Returns
    -------
    Arrangement
        The solo first, as the part ``Solo``.
    """
    parts = (Part("Solo", solo.notes, instrument.program), *band)
    return Arrangement(solo.title, parts, changes, tempo_bpm, solo.key)


def _check(sheet: LeadSheet, choruses: int, tempo_bpm: float) -> None:
    """Refuse what cannot be played, in a sentence."""
    if not 1 <= choruses <= MOST_CHORUSES:
        raise MusicError(f"{choruses} choruses cannot be played; ask for 1 to {MOST_CHORUSES}.")
    bars = len(sheet.changes.bars) * choruses
    if bars > MOST_BARS:
        raise MusicError(
            f"{sheet.title}: {choruses} choruses are {bars} bars, and at most "
            f"{MOST_BARS} are played; ask for fewer choruses."
        )
    if not SLOWEST_BPM <= tempo_bpm <= FASTEST_BPM:
        raise MusicError(
            f"A tempo of {tempo_bpm:g} quarters a minute cannot be played; choose one from "
            f"{SLOWEST_BPM:g} to {FASTEST_BPM:g}."
        )
    if not sheet.changes.spans:
        raise MusicError(f"{sheet.title}: has no chords to play over; give changes with chords.")


def description(improvisation: Improvisation) -> str:
    """Say in a line what was played.

    Parameters
    ----------
    improvisation : Improvisation
        What was played.

    Returns
    -------
    str
        Title, choruses, bars, tempo and notes.
    """
    solo = improvisation.solo
    bars = len(improvisation.arrangement.changes.bars)
    choruses = len(solo.chorus_bars)
    return (
        f"{solo.title}, {choruses} chorus{'es' if choruses > 1 else ''}, {bars} bars at "
        f"{improvisation.arrangement.tempo_bpm:g}, {len(solo.notes)} notes"
    )
