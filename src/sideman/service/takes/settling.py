"""What is kept of a take: bars, the rhythm, the contour, a phrase to begin with.

Bars are counted from 1, through all choruses; a note belongs to the bar in which it begins, and the
notes of a pickup to bar 1.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from sideman.errors import MusicError, concerning
from sideman.models.constraints import FREE, Constraints, Slot, given
from sideman.score import Changes, Note, Solo, monophonic
from sideman.theory.instruments import Instrument
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

LOCKS = ("rhythm", "contour")
"""What of a line can be kept without its notes."""


class Given(Protocol):
    """A phrase or a take: its line, and its meter where it is given."""

    @property
    def solo(self) -> Solo:
        """The line."""

    @property
    def meter(self) -> Meter | None:
        """Its meter."""


class Wanted(NamedTuple):
    """What a solo begins with, or what is kept of a take.

    Parameters
    ----------
    prime : Given or None
        A phrase to begin with.
    take : Given or None
        A take to play again.
    keep : str or None
        Bars of it that are kept, such as ``1-4,9-12``.
    lock : str or None
        What is kept of the others (:data:`LOCKS`).
    """

    prime: Given | None = None
    take: Given | None = None
    keep: str | None = None
    lock: str | None = None


def settled(
    changes: Changes,
    instrument: Instrument,
    choruses: int | None,
    usual_choruses: int,
    wanted: Wanted,
) -> tuple[int, Constraints]:
    """Return the number of choruses, and what is fixed of a solo by a phrase or a take.

    Parameters
    ----------
    changes : Changes
        One chorus.
    instrument : Instrument
        The soloist's instrument.
    choruses : int or None
        The number that is requested; None for as many as the take has, or the usual number.
    usual_choruses : int
        The usual number.
    wanted : Wanted
        The phrase or the take.

    Raises
    ------
    MusicError
        If the parts of the request contradict one another.
    """
    many = usual_choruses if choruses is None else choruses
    prime, take, keep, lock = wanted
    if take is None:
        if keep is not None or lock is not None:
            raise MusicError(
                "Bars are kept, and rhythm or contour locked, of a take; give the take.",
                field="take",
            )
        if prime is None:
            return many, FREE
        with concerning("prime"):
            return many, priming(
                prime.solo, changes.repeated(max(many, 1)), instrument, prime.meter
            )
    if prime is not None:
        raise MusicError(
            "A phrase begins a new solo, and a take is played again; give one of the two.",
            field="prime",
        )
    if keep is None and lock is None:
        raise MusicError(
            "Nothing is to stay of the take; name the bars to keep, or lock rhythm or contour.",
            field="keep",
        )
    if not changes.bars:
        raise MusicError("The changes have no bars; give changes with chords.", field="changes")
    line = over(take.solo, changes, take.meter)
    assert line.changes is not None
    if choruses is None:
        many = len(line.changes.bars) // len(changes.bars)
    form = changes.repeated(max(many, 1))
    with concerning("keep"):
        kept = bar_numbers(keep, len(form.bars)) if keep is not None else frozenset()
    with concerning("take"):
        return many, rewriting(line, form, kept=kept, lock=lock)


def over(solo: Solo, changes: Changes, meter: Meter | None = None) -> Solo:
    """Return a line over one chorus of changes, repeated as far as the line goes.

    Raises
    ------
    MusicError
        If `meter`, the line's own, is another than that of the changes.
    """
    if meter is not None and meter != changes.meter:
        raise MusicError(
            f"{solo.title}: is in {meter}, and the changes are in {changes.meter}; give changes "
            f"in {meter}.",
            field="changes",
        )
    end = max(solo.notes[-1].onset + 1, 1) if solo.notes else 1
    return replace(solo, changes=changes.repeated(-(-end // max(changes.length, 1))))


def bar_numbers(text: str, bars: int) -> frozenset[int]:
    """Return the bars of a text such as ``1-4,9-12``, counted from 0.

    A MusicError is raised where the text is no list of bars, or names one beyond `bars`.

    >>> sorted(bar_numbers("1-4, 9", 12))
    [0, 1, 2, 3, 8]
    """
    found: set[int] = set()
    for piece in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", piece)
        if match is None:
            raise MusicError(
                f"{text[:60]!r} names no bars; write numbers and ranges such as 1-4,9-12."
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise MusicError(f"The bars {first}-{last} run backwards; write {last}-{first}.")
        if first < 1 or last > bars:
            wrong = first if first < 1 else last
            raise MusicError(f"There is no bar {wrong}: the take has bars 1 to {bars}.")
        found.update(range(first - 1, last))
    return frozenset(found)


def rewriting(
    solo: Solo, changes: Changes, *, kept: Collection[int] = (), lock: str | None = None
) -> Constraints:
    """Return constraints that keep parts of a take; the rest is free.

    Parameters
    ----------
    solo : Solo
        The take.
    changes : Changes
        The bars over which it is played anew, as many as the take has or more.
    kept : collection of int
        Bars, counted from 0, whose notes are kept.
    lock : str or None
        ``rhythm``: in the other bars every onset and length is kept and all pitches are new.
        ``contour``: there each phrase begins and ends where it did and has as many notes, which
        rise and fall as they did; their rhythm and the size of the intervals are new.

    Raises
    ------
    MusicError
        If there is no such lock, the take goes beyond the changes, or nothing is left to play.

    Examples
    --------
    >>> from sideman.formats import typed
    >>> changes = typed.parse("| F7 | Bb7 |").changes
    >>> take = Solo("", (Note(0, 12, 65), Note(96, 24, 68)), changes)
    >>> rewriting(take, changes, kept={1}).slots
    (Slot(onset=96, duration=24, pitch=68, motion=None, until=None),)
    """
    if lock is not None and lock not in LOCKS:
        raise MusicError(
            f"{lock[:40]!r} cannot be locked; lock the {' or the '.join(LOCKS)}.", field="lock"
        )
    notes = monophonic(solo.notes)
    if notes and notes[-1].onset >= changes.length:
        bar = changes.bar_at(notes[-1].onset) + 1
        raise MusicError(
            f"{solo.title}: has notes up to bar {bar}, and the changes are "
            f"{len(changes.bars)} bars; give changes or choruses as long as the take."
        )
    if kept and not set(range(len(changes.bars))) - set(kept):
        raise MusicError("All bars are kept, so that nothing is left to play; keep fewer.")
    stays = [max(changes.bar_at(note.onset), 0) in kept for note in notes]
    if lock is not None and all(stays):
        raise MusicError("Outside the bars that are kept there are no notes to follow; keep fewer.")
    spans = _spans(changes, notes, kept)
    slots: list[Slot]
    if lock == "contour":
        slots = _contour(solo, notes, stays, sorted(changes.bar_starts[bar] for bar in kept))
    else:
        slots = [
            given(note) if stay else Slot(note.onset, note.duration)
            for note, stay in zip(notes, stays, strict=True)
            if stay or lock is not None
        ]
    if lock is not None:
        spans = [(min(0, notes[0].onset), changes.length)]
    return Constraints(tuple(slots), tuple(spans), take=notes)


def _spans(changes: Changes, notes: Sequence[Note], kept: Collection[int]) -> list[tuple[int, int]]:
    """Return the ticks of bars and of the notes that begin in them, pickup included."""
    starts = changes.bar_starts
    spans = {bar: (starts[bar], starts[bar + 1]) for bar in kept}
    for note in notes:
        bar = max(changes.bar_at(note.onset), 0)
        if bar in spans:
            begin, end = spans[bar]
            spans[bar] = min(begin, note.onset), max(end, note.end)
    return list(spans.values())


def _contour(
    solo: Solo, notes: Sequence[Note], stays: Sequence[bool], walls: Sequence[int]
) -> list[Slot]:
    """Return slots for the direction of each note; a new piece of a phrase begins where it did.

    No piece extends over the downbeat of a bar that is kept (`walls`).
    """
    from sideman.evaluation.style import phrases

    starts = {phrase[0].onset for phrase in phrases(replace(solo, notes=tuple(notes)))}
    behind = [bisect_right(walls, note.onset) for note in notes]
    opens = [
        at == 0 or note.onset in starts or stays[at - 1] or behind[at] > behind[at - 1]
        for at, note in enumerate(notes)
    ]
    slots: list[Slot] = []
    until = 0
    for at, note in enumerate(notes):
        motion = None
        if at:
            motion = (note.pitch > notes[at - 1].pitch) - (note.pitch < notes[at - 1].pitch)
        if stays[at]:
            slots.append(Slot(note.onset, note.duration, note.pitch, motion))
            continue
        if opens[at]:
            last = at
            while last + 1 < len(notes) and not (opens[last + 1] or stays[last + 1]):
                last += 1
            until = min([notes[last].end, *walls[behind[at] : behind[at] + 1]])
        slots.append(Slot(note.onset if opens[at] else None, None, None, motion, until))
    return slots


def priming(
    phrase: Solo, changes: Changes, instrument: Instrument, meter: Meter | None = None
) -> Constraints:
    """Return constraints that begin with a phrase; the rest is free.

    Parameters
    ----------
    phrase : Solo
        The phrase; its changes, if it has any, are ignored.
    changes : Changes
        All bars to play over.
    instrument : Instrument
        The soloist's instrument.
    meter : Meter or None
        The phrase's own meter, where it is given.

    Raises
    ------
    MusicError
        If the phrase has no notes, another meter or a wider range, or leaves no room after it.
    """
    notes = monophonic(phrase.notes)
    name = phrase.title
    if not notes:
        raise MusicError(f"{name}: has no notes to go on from; give a phrase.")
    if meter is not None and meter != changes.meter:
        raise MusicError(
            f"{name}: is in {meter}, and the changes are in {changes.meter}; give a phrase in "
            f"{changes.meter}, or other changes."
        )
    pitches = [note.pitch for note in notes]
    low, high = instrument.reach
    if min(pitches) < low or max(pitches) > high:
        lowest, highest, least, most = map(_pitch_name, (min(pitches), max(pitches), low, high))
        raise MusicError(
            f"{name}: lies between {lowest} and {highest}, and the {instrument.name} plays {least} "
            f"to {most}; choose another instrument, or move the phrase."
        )
    end = notes[-1].end
    if end >= changes.length:
        raise MusicError(
            f"{name}: is {changes.bar_at(end - 1) + 1} bars long, and the changes "
            f"{len(changes.bars)}; nothing is left to go on with, so give more choruses."
        )
    return Constraints(tuple(map(given, notes)), ((min(0, notes[0].onset), end),), theme=notes)


def _pitch_name(pitch: int) -> str:
    return str(Key(0).spell(pitch))
