"""Generation of changes: over a form of letters by a dial of surprise, or under a melody."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from sideman import opening
from sideman.errors import MusicError, SidemanError, concerning
from sideman.evaluation.fitting import Fit, fit
from sideman.formats import registry
from sideman.library import charts
from sideman.models.harmony import generating
from sideman.models.harmony.model import KIND, HarmonyModel, Progression
from sideman.score import Bar, Changes, LeadSheet, Part, Solo, monophonic
from sideman.service import harmony, playing
from sideman.service.harmony import Chart
from sideman.service.requests import File, Tune, check_seed
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key
from sideman.words import counted

FORM, KEY, SURPRISE = "AABA", "C", 0.3
"""The defaults of a request."""
MOST_BARS = 512
"""The longest melody."""


@dataclass(frozen=True, slots=True)
class HarmonizeRequest:
    """A request for changes.

    Parameters
    ----------
    form : str or None
        Letters with their bars, such as ``AABA`` or ``A12``; None for `FORM`, and with a melody.
    key : str or None
        The key; None for `KEY`, or that of the melody.
    surprise : float
        The dial, 0 to 1.
    seed : int or None
        The seed of the random numbers; None for a random one.
    melody : File or None
        A file with a melody to write changes under.
    tune : str or None
        Which tune of that file, if it holds several.
    model : str or File
        The model of harmony.
    """

    form: str | None = None
    key: str | None = None
    surprise: float = SURPRISE
    seed: int | None = None
    melody: File | None = None
    tune: str | None = None
    model: str | File = KIND


@dataclass(frozen=True, slots=True)
class Harmonized:
    """Generated changes.

    Parameters
    ----------
    chart : Chart
        The changes in their key, with the melody if one was given.
    seed : int
        The seed of the random numbers.
    bits : float
        Their mean surprise in bits, by the model with its memory of the tune.
    fit, own_fit : Fit or None
        The fit of the melody to these changes, and to those of its chart if it has chords.
    """

    chart: Chart
    seed: int
    bits: float
    fit: Fit | None = None
    own_fit: Fit | None = None

    @property
    def sheet(self) -> LeadSheet:
        """The lead sheet, which names the key."""
        return replace(self.chart.sheet, key=self.chart.key)

    def data(self) -> dict[str, Any]:
        """Return the changes and their figures as JSON values."""
        return {
            **self.chart.to_json(),
            "seed": self.seed,
            "bits_a_change": round(self.bits, 4),
            "fit": None if self.fit is None else asdict(self.fit),
            "own_fit": None if self.own_fit is None else asdict(self.own_fit),
            "sections": [bar.section for bar in self.sheet.changes.bars],
            "changes": [
                [str(change.chord) for change in bar.chords] for bar in self.sheet.changes.bars
            ],
        }


def harmonize(request: HarmonizeRequest) -> Harmonized:
    """Return changes over a form or under a melody.

    Raises
    ------
    SidemanError
        If the form, the key, the dial or the model is wrong, or the file has no melody that changes
        can be written under.
    """
    harmony.check_surprise(request.surprise)
    check_seed(request.seed)
    model = harmony.opened(request.model)
    seed = playing.seed_of(request.seed)
    rng = np.random.default_rng(seed)
    if request.melody is not None:
        return _under(request, request.melody, model, seed)
    if request.tune is not None:
        raise MusicError("a tune is one of a file with melodies; give the file.", field="tune")
    key = _key(KEY if request.key is None else request.key)
    sections = generating.form(FORM if request.form is None else request.form)
    changes = generating.over(sections, key, model, request.surprise, rng)
    name = "".join(map(str, sections))
    sheet = LeadSheet(f"{name} in {key}", changes, key=key)
    return _measured(sheet, key, model, seed)


def _under(request: HarmonizeRequest, source: File, model: HarmonyModel, seed: int) -> Harmonized:
    if request.form is not None:
        raise MusicError(
            "a form and a melody cannot both be given, because a melody has its own; leave one "
            "out.",
            field="form",
        )
    sheet = melody(source, request.tune)
    own = sheet.changes if any(span.chord.root for span in sheet.changes.spans) else None
    if request.key is not None:
        sheet = replace(sheet, key=_key(request.key))
    key = sheet.tonality
    if key is None and own is not None:
        try:
            key = harmony.read(Tune(sheet=sheet), model).key
        except MusicError:
            key = None
    if key is None:
        raise MusicError(f"{sheet.title}: names no key; give the key.", field="key")
    rng = np.random.default_rng(seed)
    changes = generating.under(sheet.melody, sheet.changes, key, model, request.surprise, rng)
    found = _measured(replace(sheet, changes=changes), key, model, seed)
    return replace(
        found,
        fit=fit(sheet.melody, changes),
        own_fit=None if own is None else fit(sheet.melody, own),
    )


def _key(text: str) -> Key:
    with concerning("key"):
        key = Key.parse(text)
        if abs(key.fifths) > harmony.MOST_ACCIDENTALS:
            raise MusicError(
                f"{text} has more than seven accidentals; give the key another name.", field="key"
            )
        return key


def _measured(sheet: LeadSheet, key: Key, model: HarmonyModel, seed: int) -> Harmonized:
    tonic = key.tonic.pitch_class
    progression = Progression.of(sheet.changes, tonic, minor=key.minor)
    bits = float(model.surprise(progression).mean())
    return Harmonized(Chart(sheet, key, progression), seed, bits)


def as_file(source: Tune) -> File:
    """Return a tune as a file with a melody; a MusicError where it has none."""
    name, sheet = playing.tune(source)
    if not sheet.melody:
        raise MusicError(f"{sheet.title}: has no melody; give a file with one.", field="melody")
    return File(f"{name}.ls", registry.dumps(sheet, f"{name}.ls")[0])


def melody(source: File, tune: str | None = None) -> LeadSheet:
    """Return the melody in a file over the bars that it lasts; a SidemanError where there is none.

    It is that of a chart, or else the line of a take or a MIDI file, in the meter of the file.
    """
    document = opening.loads(source.data, source.name)
    sheet = None
    try:
        if document.charts:
            sheet = charts.chosen(document.charts, source.name, tune)
    except SidemanError as error:  # a MIDI file without chords has a melody none the less
        if document.read_phrase is None or error.field == "tune":
            raise
    if sheet is None or not sheet.melody:
        if sheet is None and tune is not None:
            raise MusicError(
                f"{source.name}: holds no tunes to choose from; leave the tune out.", field="tune"
            )
        sheet = _line(source, document.read_phrase is not None)
    notes = tuple(note for note in sheet.melody if 0 <= note.onset < sheet.changes.length)
    if len(notes) < 2:
        raise MusicError(
            f"{source.name}: its melody has {counted(len(notes), 'note')} in its bars, and "
            "two are needed to choose changes by; give a longer one.",
            field="melody",
        )
    if document.has_meter is not None and not document.has_meter():
        raise MusicError(
            f"{source.name}: names no meter, so that the bars of its melody are unknown; give a "
            "file with one.",
            field="melody",
        )
    if len(sheet.changes.bars) > MOST_BARS:
        raise MusicError(
            f"{source.name}: has {len(sheet.changes.bars)} bars, and changes are written under at "
            f"most {MOST_BARS}; give a shorter one.",
            field="melody",
        )
    return sheet


def _line(source: File, has_phrase: bool) -> LeadSheet:
    if not has_phrase:
        raise MusicError(f"{source.name}: has no melody; give a file with one.", field="melody")
    with concerning("melody"):
        line = playing.line(source)
    solo = line.solo
    if line.meter is None and (solo.changes is None or not solo.changes.bars):
        raise MusicError(
            f"{source.name}: its melody has no meter, so that bars are unknown; give a file with "
            "one.",
            field="melody",
        )
    changes = _bars(solo, line.meter or Meter())
    title = solo.title or PurePath(source.name).stem
    return LeadSheet(
        title,
        changes,
        parts=(Part("Melody", monophonic(solo.notes)),),
        key=solo.key,
        tempo_bpm=solo.tempo_bpm,
    )


def _bars(solo: Solo, meter: Meter) -> Changes:
    """Return the bars of a solo: its form, or as many as it lasts."""
    end = max((note.end for note in solo.notes), default=0)
    if solo.changes is not None and solo.changes.length:
        return solo.changes.repeated(max(1, -(-end // solo.changes.length)))
    return Changes((Bar(meter=meter),) * max(1, -(-end // meter.ticks_per_bar)))


def dumps(result: Harmonized, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the chart in the format of a file's name, and what that format cannot hold."""
    with concerning("out"):
        return registry.dumps(result.sheet, name)
