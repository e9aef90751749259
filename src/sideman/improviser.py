"""The whole path, from changes and a model to a solo with its band.

::

    changes ── model, sampled under its legal mask ──▶ line ── polish ──▶ solo
    tune + solo + band ──▶ arrangement ── feel ──▶ performance

:func:`improvise` is that picture as code.  :func:`sideman.charts.find` finds the changes that
somebody asks for by name, by file or by typing them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from numpy.random import Generator

from sideman import feel, sampling
from sideman.band import arranging, styles
from sideman.band.arranging import Plan
from sideman.band.styles import Style
from sideman.errors import MusicError
from sideman.instruments import INSTRUMENT, INSTRUMENTS, Instrument
from sideman.meter import FASTEST_BPM, SLOWEST_BPM, check_tempo
from sideman.models import plans
from sideman.models.soloist import Soloist
from sideman.sampling import Controls, Model
from sideman.score import Arrangement, Changes, LeadSheet, Performance, Solo
from sideman.takes import drawing

MOST_CHORUSES = 100
MOST_BARS = 10_000


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
    controls: Controls | None = None,
    tempo_bpm: float | None = None,
    instrument: Instrument = INSTRUMENTS[INSTRUMENT],
    style: Style | None = None,
    plan: Plan = Plan(),  # noqa: B008 - frozen
    swing: float | None = None,
    settled: plans.Plan = plans.FREE,
    max_copy: int | None = drawing.MAX_COPY,
) -> Improvisation:
    """Improvise over a tune's changes, with piano, bass and drums.

    Parameters
    ----------
    sheet : LeadSheet
        The tune: the solo is over its changes, and its melody is the head.
    model : Model
        What has learnt to play.
    rng : numpy.random.Generator
        Where chance comes from; solo, comping and feel have streams of their own.
    choruses : int
        How often the form is played, 1 to 100.
    controls : Controls or None
        How boldly to choose; as the model plays best where None (:func:`sampling.usual`).
    tempo_bpm : float or None
        Quarter notes a minute, 20 to 400; the tune's own where None, or else the style's.
    instrument : Instrument
        What the soloist plays.
    style : Style or None
        How the band plays; what the sheet asks for where None.
    plan : Plan
        What is played beside the solo: head, intro, fours, ending.
    swing : float or None
        The band's on-beat eighth over the off-beat one, 1 to 4; the style's or the tempo's own
        where None.
    settled : sideman.models.plans.Plan
        What of the solo is settled: a phrase to go on from, bars that stay
        (:mod:`sideman.takes.settling`).
    max_copy : int or None
        No match of the solo with the Weimar solos is longer than so many notes; None for any.

    Returns
    -------
    Improvisation
        The solo (its choruses alone), the whole piece as written and as played.

    Raises
    ------
    MusicError
        If there is nothing to play over, or a number is out of its bounds.
    """
    if style is None:
        style = styles.matching(sheet.style, sheet.changes.meter)
    else:
        sheet = replace(sheet, style=style.name)
    own_tempo = min(max(sheet.tempo_bpm or style.tempo_bpm, SLOWEST_BPM), FASTEST_BPM)
    tempo = own_tempo if tempo_bpm is None else tempo_bpm
    _check(sheet, choruses, tempo)
    feel.check(swing)
    changes = sheet.changes.repeated(choruses)
    playing, accompanying = rng.spawn(2)

    # The soloist leaves the good register rarely, the course's network would walk to the end of it.
    able = isinstance(model, Soloist)
    low, high = instrument.reach if able else (instrument.low, instrument.high)
    blank = Solo(
        sheet.title,
        (),
        changes,
        performer="sideman",
        key=sheet.key,
        tempo_bpm=tempo,
        style=sheet.style,
    )
    solo = blank
    for _ in range(drawing.MOST_DRAWS):
        line = drawing.draw(
            model,
            changes,
            rng=playing,
            controls=controls or sampling.usual(model),
            low=low,
            high=high,
            tempo_bpm=tempo,
            plan=settled,
            max_copy=max_copy,
        )
        solo = replace(blank, notes=line)
        # Without the drummer's bars, what is left may run on as somebody else's did.
        if not plan.fours or max_copy is None:
            break
        left = arranging.traded(solo, len(sheet.changes.bars))
        if not drawing.copies(left.notes, settled, max_copy):
            break
    return accompany(
        solo,
        rng=accompanying,
        sheet=sheet,
        instrument=instrument,
        style=style,
        plan=plan,
        swing=swing,
    )


def accompany(
    solo: Solo,
    *,
    rng: Generator,
    sheet: LeadSheet | None = None,
    instrument: Instrument = INSTRUMENTS[INSTRUMENT],
    style: Style | None = None,
    plan: Plan = Plan(),  # noqa: B008 - frozen
    swing: float | None = None,
) -> Improvisation:
    """Play a solo that is there already, with piano, bass and drums.

    Parameters
    ----------
    solo : Solo
        The solo, over whole choruses.
    rng : numpy.random.Generator
        Where chance comes from; band and feel have streams of their own.
    sheet : LeadSheet or None
        The tune; where None, the changes of the solo's first chorus without a melody.
    instrument, style, plan, swing
        As for :func:`improvise`.

    Returns
    -------
    Improvisation
        The solo (without the drummer's bars, where fours are traded), the whole piece as written
        and as played.

    Raises
    ------
    MusicError
        If the solo has no chords under it, or a number is out of its bounds.
    """
    sheet = sheet or _tune(solo)
    style = style or styles.matching(sheet.style, sheet.changes.meter)
    solo = replace(solo, tempo_bpm=solo.tempo_bpm or sheet.tempo_bpm or style.tempo_bpm)
    _check(sheet, 1, solo.tempo_bpm or style.tempo_bpm)
    accompanying, feeling = rng.spawn(2)
    if plan.fours:
        solo = arranging.traded(solo, len(sheet.changes.bars))
    arrangement = arranging.arrange(sheet, solo, style, plan, accompanying, instrument=instrument)
    performance = feel.perform(arrangement, style, feeling, swing=swing)
    return Improvisation(solo, arrangement, performance)


def _tune(solo: Solo) -> LeadSheet:
    """Take the tune of a solo: its first chorus, without a melody."""
    bars = solo.changes.bars if solo.changes else ()
    once = [*solo.chorus_bars[1:2], len(bars)][0]
    return LeadSheet(
        solo.title, Changes(bars[:once]), key=solo.key, tempo_bpm=solo.tempo_bpm, style=solo.style
    )


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
    check_tempo(tempo_bpm)
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
    bars = len(solo.changes.bars) if solo.changes else 0
    choruses = len(solo.chorus_bars)
    return (
        f"{solo.title}, {choruses} chorus{'es' if choruses > 1 else ''}, {bars} bars at "
        f"{improvisation.arrangement.tempo_bpm:g}, {len(solo.notes)} notes"
    )
