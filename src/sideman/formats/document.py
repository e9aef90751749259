"""The content of a file of any format: charts, solos, a phrase."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sideman.errors import FormatError, SidemanError
from sideman.score import Changes, LeadSheet, Solo
from sideman.theory.meter import Meter

if TYPE_CHECKING:
    from sideman.formats.prior import Prior
    from sideman.formats.report import Report


@dataclass(frozen=True, slots=True)
class Tune:
    """A chart in a file.

    Parameters
    ----------
    title, composer, style : str
        As in the file.
    open : callable
        Reads the chart.
    """

    title: str
    composer: str
    style: str
    open: Callable[[], LeadSheet]


@dataclass(frozen=True, slots=True)
class GridNotes:
    """The notes of a performed solo on a grid of 4/4, by rising onset.

    Parameters
    ----------
    onsets : tuple of int
        Ticks from the start of the form; several notes may have the same onset.
    pitches : tuple of int
        MIDI numbers.
    lengths : tuple of float
        Ticks, not rounded.
    changes : Changes or None
        The form in 4/4.
    """

    onsets: tuple[int, ...]
    pitches: tuple[int, ...]
    lengths: tuple[float, ...]
    changes: Changes | None


@dataclass(frozen=True, slots=True)
class SoloEntry:
    """A solo in a file.

    Parameters
    ----------
    name : str
        The name in the file; empty if solos have no names.
    notes : int
        The number of notes.
    common_time : bool
        Whether the meter is 4/4 or unknown.
    open : callable
        Reads the solo.
    grid, swing_shares : callable or None
        For a transcribed performance: the notes with exact lengths, and the onset of the second
        note in each beat of two notes, as a share of the beat.
    performer : str
        The player; empty if unknown.
    tempo_bpm : float or None
        Quarter notes per minute.
    number : int
        Its number in a database; 0 if solos have none.
    """

    name: str
    notes: int
    common_time: bool
    open: Callable[[], Solo]
    grid: Callable[[], GridNotes] | None = None
    swing_shares: Callable[[], tuple[float, ...]] | None = None
    performer: str = ""
    tempo_bpm: float | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line to continue.

    Parameters
    ----------
    solo : Solo
        The line.
    meter : Meter or None
        The meter, if the file has one.
    program : int or None
        The General MIDI program, if the file has one.
    exact : bool
        Whether the file contains the line as written; otherwise its times were quantised.
    """

    solo: Solo
    meter: Meter | None = None
    program: int | None = None
    exact: bool = True


@dataclass(frozen=True)
class Document:
    """The content of a file. Each view is read when it is first used.

    Parameters
    ----------
    read_charts, read_solos, read_phrase : callable or None
        Read one view; None if the format has no such view.
    report : callable or None
        Returns the report of ``sideman inspect``; None for the general report on charts.
    report_options : tuple of str
        The keyword arguments of the report.
    informed : callable or None
        Returns the document with chords inferred under a prior; None if none are inferred.
    name : str
        The name of the file in messages.
    label : str
        The name of the format in messages.
    has_meter : callable or None
        Returns whether the file names a meter; None if the format always has one, or cannot tell.
    """

    read_charts: Callable[[], tuple[Tune, ...]] | None = None
    read_solos: Callable[[], tuple[SoloEntry, ...]] | None = None
    read_phrase: Callable[[], Phrase] | None = None
    report: Callable[..., Report] | None = None
    report_options: tuple[str, ...] = ("tune",)
    informed: Callable[[Prior], Document] | None = None
    name: str = ""
    label: str = ""
    has_meter: Callable[[], bool] | None = None

    @cached_property
    def charts(self) -> tuple[Tune, ...] | None:
        """The charts in file order; None if the format has no charts."""
        return None if self.read_charts is None else self.read_charts()

    @cached_property
    def solos(self) -> tuple[SoloEntry, ...] | None:
        """The solos in file order; None if the format has no solos."""
        return None if self.read_solos is None else self.read_solos()

    @cached_property
    def phrase(self) -> Phrase | None:
        """The first line of the file; None if the format has no single lines."""
        return None if self.read_phrase is None else self.read_phrase()


def guarded(read: Callable[..., Any], name: str, label: str) -> Callable[..., Any]:
    """Return a function that reads the same, and raises a FormatError where a library fails."""

    def guard(*arguments: Any, **options: Any) -> Any:
        try:
            return read(*arguments, **options)
        except (SidemanError, MemoryError):
            raise
        except Exception as error:
            raise FormatError(
                f"{name}: is damaged, or not {label} ({type(error).__name__}); get it again."
            ) from error

    return guard


def named(document: Document, name: str, label: str) -> Document:
    """Return a document with its name and format, in which every view is guarded."""

    def guard(read: Callable[..., Any] | None) -> Any:
        return None if read is None else guarded(read, name, label)

    def views(read: Callable[[], tuple[Any, ...]] | None, *names: str) -> Any:
        if read is None:
            return None
        whole = guarded(read, name, label)
        return lambda: tuple(
            replace(each, **{view: guard(getattr(each, view)) for view in names})
            for each in whole()
        )

    informed = document.informed
    return replace(
        document,
        informed=None if informed is None else lambda prior: named(informed(prior), name, label),
        read_charts=views(document.read_charts, "open"),
        read_solos=views(document.read_solos, "open", "grid", "swing_shares"),
        read_phrase=guard(document.read_phrase),
        report=guard(document.report),
        has_meter=guard(document.has_meter),
        name=name,
        label=label,
    )


def chart_document(read: Callable[[], LeadSheet]) -> Document:
    """Return the document of one chart."""

    def charts() -> tuple[Tune, ...]:
        sheet = read()
        return (Tune(sheet.title, sheet.composer, sheet.style, lambda: sheet),)

    return Document(read_charts=charts)


def melody_document(
    read: Callable[[], LeadSheet], has_meter: Callable[[], bool] | None = None
) -> Document:
    """Return the document of one chart whose melodies are also solos."""
    sheet = cache(read)

    def phrase() -> Phrase:
        first = next(choruses(sheet()), Solo("", ()))
        return Phrase(first, first.changes.meter if first.changes is not None else None)

    return replace(
        chart_document(sheet),
        read_solos=lambda: tuple(map(entry, choruses(sheet()))),
        read_phrase=phrase,
        has_meter=has_meter,
    )


def entry(solo: Solo) -> SoloEntry:
    """Return the entry of a solo that is already read."""
    common = solo.changes is None or solo.changes.meter == Meter()
    return SoloEntry("", len(solo.notes), common, lambda: solo)


def choruses(sheet: LeadSheet) -> Iterator[Solo]:
    """Yield each melody of a lead sheet as a solo over the repeated form."""
    for part in sheet.parts:
        if part.notes:
            solo = Solo(sheet.title, part.notes, None, key=sheet.key, tempo_bpm=sheet.tempo_bpm)
            yield over(solo, sheet.changes) if sheet.changes.bars else solo


def over(solo: Solo, changes: Changes) -> Solo:
    """Return a solo over a form, repeated to the length of the solo."""
    if not changes.length:
        return replace(solo, changes=changes)
    end = max((note.end for note in solo.notes), default=0)
    return replace(solo, changes=changes.repeated(max(1, -(-end // changes.length))))
