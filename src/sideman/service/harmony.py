"""Surprise of changes by a model of harmony, and reports on such models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from sideman.errors import FileError, ModelError, MusicError
from sideman.formats.report import Report, table
from sideman.models import file, registry
from sideman.models.harmony import alphabet, keys, substitutions
from sideman.models.harmony.learning import PARTS
from sideman.models.harmony.model import KIND, HarmonyModel, Progression, bits
from sideman.models.harmony.substitutions import Rewriting, Substitution
from sideman.output import curve
from sideman.score import LeadSheet
from sideman.service.playing import tune
from sideman.service.requests import File, Tune
from sideman.theory.pitch import Key

LEAST_TUNES = 100
"""The least number of tunes of a corpus among which another is ranked."""
MOST_ACCIDENTALS = 7
"""The most accidentals of the key of a tune."""
LISTED = 20
_PEAKS = 5
_PEAK_BITS = 4.0  # a chord of less than 1 in 16 is a peak
_EXPLAINED = 1.0  # bits that a rule must take away to be named


@dataclass(frozen=True)
class Chart:
    """A tune as a progression in a key, which is inferred from its chords where none is named."""

    sheet: LeadSheet
    key: Key
    progression: Progression = field(compare=False)  # follows from the others

    @property
    def inferred(self) -> bool:
        """Return whether the chart names no key."""
        return self.sheet.key is None

    @property
    def mode_inferred(self) -> bool:
        """Return whether the chart has a key signature without a mode."""
        return self.sheet.key is not None and not self.sheet.key.has_mode

    @property
    def heading(self) -> str:
        """Title and key, and what of the key is inferred from the chords, as text."""
        how = ", by its chords" if self.inferred else ""
        if self.mode_inferred:
            how = f", by its signature of {self.sheet.key} and its chords"
        return f"{self.sheet.title}, in {self.key}{how}"

    def to_json(self) -> dict[str, Any]:
        """Return title and key as JSON values."""
        return {
            "title": self.sheet.title,
            "key": str(self.key),
            "key_inferred": self.inferred,
            "mode_inferred": self.mode_inferred,
        }


@dataclass(frozen=True, slots=True)
class ChangeSurprise:
    """The surprise of one change in bits.

    Parameters
    ----------
    bar : int
        The bar, from 1.
    beat : float
        The beat in the bar, from 1.
    chord, numeral : str
        The chord, and its root as a degree of the key.
    unheard : float
        By the model, with its memory of this tune.
    deduced : float
        As a substitute for another chord; `unheard` where no rule explains it.
    rule : Rewriting or None
        The rule that explains it.
    """

    bar: int
    beat: float
    chord: str
    numeral: str
    unheard: float
    deduced: float
    rule: Rewriting | None


@dataclass(frozen=True)
class Surprise:
    """The surprise of changes.

    Parameters
    ----------
    chart : Chart
        The tune.
    changes : tuple of ChangeSurprise
        Its changes.
    place : float or None
        The share of the tunes of the model's corpus with fewer bits a change; None where there are
        fewer than :data:`LEAST_TUNES`.
    tunes : int
        The number of tunes of the corpus.
    known : bool
        Whether this tune is one of them.
    """

    chart: Chart
    changes: tuple[ChangeSurprise, ...]
    place: float | None
    tunes: int
    known: bool

    @property
    def mean(self) -> float:
        """The mean bits a change, unheard."""
        return sum(each.unheard for each in self.changes) / len(self.changes)

    @property
    def deduced(self) -> float:
        """The mean bits a change, deduced."""
        return sum(each.deduced for each in self.changes) / len(self.changes)

    @property
    def peaks(self) -> tuple[ChangeSurprise, ...]:
        """The most surprising changes, in the order of the tune."""
        high = [each for each in self.changes if each.unheard >= _PEAK_BITS]
        high.sort(key=lambda each: (-each.unheard, each.bar, each.beat))
        return tuple(sorted(high[:_PEAKS], key=lambda each: (each.bar, each.beat)))

    def bars(self) -> list[tuple[str, float, float]]:
        """Return the chords that begin in each bar, and their bits, unheard and deduced."""
        found: list[tuple[str, float, float]] = []
        for number in range(1, len(self.chart.sheet.changes.bars) + 1):
            mine = [each for each in self.changes if each.bar == number]
            found.append(
                (
                    " ".join(each.chord for each in mine),
                    sum(each.unheard for each in mine),
                    sum(each.deduced for each in mine),
                )
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {
            **self.chart.to_json(),
            "unheard": round(self.mean, 4),
            "deduced": round(self.deduced, 4),
            "place": None if self.place is None else round(self.place, 4),
            "tunes": self.tunes,
            "known": self.known,
            "changes": [
                {
                    "bar": each.bar,
                    "beat": each.beat,
                    "chord": each.chord,
                    "numeral": each.numeral,
                    "unheard": round(each.unheard, 4),
                    "deduced": round(each.deduced, 4),
                    "rule": None if each.rule is None else str(each.rule),
                }
                for each in self.changes
            ],
            "bars": [
                {"bar": number, "unheard": round(unheard, 4), "deduced": round(deduced, 4)}
                for number, (_, unheard, deduced) in enumerate(self.bars(), 1)
            ],
        }


@lru_cache(maxsize=4)
def opened(source: str | File) -> HarmonyModel:
    """Return a model of harmony: one that comes with sideman, by its name, or a file's.

    Raises
    ------
    ModelError
        If it is damaged, unknown, or of another kind.
    """
    found = file.shipped(source, (KIND,)) if isinstance(source, str) else source
    kind = registry.identify(found.data, found.name)
    if kind.name != KIND:
        raise ModelError(
            f"{found.name}: is a model of kind {kind.name!r}, and this needs one of kind {KIND!r}; "
            "name another, or train one on charts.",
            field="model",
        )
    model: HarmonyModel = kind.load(found.data, found.name)
    return model


def read(source: Tune, model: HarmonyModel) -> Chart:
    """Return a tune as a progression in its key; the model infers a key that the chart lacks.

    The mode that a signature lacks is inferred from the chords: :func:`sideman.score.settled`.

    Raises
    ------
    SidemanError
        If there is none, it has no chords, or it names no key and none can be inferred.
    """
    sheet = tune(source)[1]
    if all(span.chord.root is None for span in sheet.changes.spans):
        raise MusicError(
            f"{sheet.title}: has no chords to go on with; give changes with chords.",
            field="changes",
        )
    key = sheet.tonality
    if key is None:
        found = keys.inferred(model, sheet.changes)
        if found is None:
            raise MusicError(
                f"{sheet.title}: names no key, and its chords could be in several; give a chart "
                "with a key, or more chords.",
                field="changes",
            )
        key = _key(sheet, *found)
    tonic = key.tonic.pitch_class
    return Chart(sheet, key, Progression.of(sheet.changes, tonic, minor=key.minor))


def _key(sheet: LeadSheet, tonic: int, minor: bool) -> Key:
    """Return a key, spelled after the chord on its tonic, or else with few accidentals."""
    roots = [span.chord.root for span in sheet.changes.spans if span.chord.root is not None]
    named = [root.fifths - 3 * minor for root in roots if root.pitch_class == tonic]
    if named and abs(named[0]) <= MOST_ACCIDENTALS:
        return Key(named[0], minor)
    flattest = -8 if minor else -5
    fifths = (tonic * 7 - (3 if minor else 0) - flattest) % 12 + flattest
    return Key(fifths, minor)


def check_surprise(quantile: float) -> None:
    """Raise a MusicError for a quantile of surprise that is not between 0 and 1."""
    if not 0 <= quantile <= 1:
        raise MusicError(f"surprise must be between 0 and 1, got {quantile:g}.", field="surprise")


def surprise(source: Tune, model: str | File = KIND) -> Surprise:
    """Return the surprise of the changes of a tune.

    Raises
    ------
    SidemanError
        As :func:`opened` and :func:`read`.
    """
    learnt = opened(model)
    chart = read(source, learnt)
    progression, changes = chart.progression, chart.sheet.changes
    expected = learnt.expect(progression)
    unheard = bits(expected, progression.symbols)
    heard = []
    for at, (change, symbol) in enumerate(
        zip(progression.changes, progression.symbols.tolist(), strict=True)
    ):
        rule = learnt.rules.explanation(expected[at], symbol)
        chord = changes.chord_at(change.onset)
        heard.append(
            ChangeSurprise(
                *changes.position(change.onset),
                str(chord),
                alphabet.numeral(symbol),
                float(unheard[at]),
                float(unheard[at]) if rule is None else rule.bits,
                rule,
            )
        )
    own = learnt.corpus.own(progression)
    tunes = len(learnt.corpus.bits)
    place = None
    if tunes >= LEAST_TUNES:
        place = learnt.corpus.place(float(unheard.mean()) if own is None else own)
    return Surprise(chart, tuple(heard), place, tunes, own is not None)


def picture(result: Surprise, name: str) -> bytes:
    """Return the curve as SVG, PNG or PDF, by a file's name; raise FileError for another."""
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if kind not in curve.KINDS:
        *others, last = (f".{each}" for each in curve.KINDS)
        raise FileError(
            f"{name}: a curve is not drawn in that format; let the name end in "
            f"{', '.join(others)} or {last}.",
            field="out",
        )
    changes, peaks = result.chart.sheet.changes, result.peaks
    points = []
    for change, each in zip(result.chart.progression.changes, result.changes, strict=True):
        start, end = changes.bar_starts[each.bar - 1 : each.bar + 1]
        place = each.bar - 1 + (change.onset - start) / (end - start)
        text = label(each) if each in peaks else ""
        points.append(curve.Point(place, each.unheard, each.deduced, text))
    sections = tuple((changes.bar_at(tick), name) for tick, name in changes.sections)
    drawn = curve.Curve(result.chart.sheet.title, tuple(points), len(changes.bars), sections)
    return curve.draw(drawn, kind)


def label(change: ChangeSurprise) -> str:
    """Return a chord with the rule that explains it, if there is one worth naming."""
    if change.rule is None or change.unheard - change.deduced < _EXPLAINED:
        return change.chord
    return f"{change.chord}, {change.rule}"


def report(source: File) -> Report:
    """Return the sizes, figures and best substitutions of a model of harmony."""
    model = opened(source)
    found = model.rules.substitutions
    lines = [
        f"{source.name}: a model of harmony, learnt from {len(model.corpus.bits):,} tunes; corpus "
        f"{model.fingerprint[:12]}",
    ]
    lines += _figures(model.training)
    ones = [each for each in found if len(each.first) == len(each.second) == 1]
    for called, listed in (("substitutions", found), ("of one chord for one", ones)):
        lines += ["", f"{called}, relative to the root of the next chord:"]
        heads = ("", "one", "other", "shared", "contexts", "score", "name")
        rows = [
            (
                rank,
                substitutions.numerals(each.first),
                substitutions.numerals(each.second),
                each.shared,
                each.contexts,
                f"{each.score:.1f}",
                _name(each),
            )
            for rank, each in enumerate(listed[:LISTED], 1)
        ]
        lines += table(heads, rows, "rllrrrl")
    data = {
        "file": source.name,
        "format": "model",
        "kind": KIND,
        "tunes": len(model.corpus.bits),
        "corpus": model.fingerprint,
        "chains": [list(chain.recipe.features) for chain in model.chains],
        "training": dict(model.training),
        "substitutions": [
            {
                "first": substitutions.numerals(each.first),
                "second": substitutions.numerals(each.second),
                "shared": each.shared,
                "contexts": each.contexts,
                "score": round(each.score, 3),
                "name": _name(each),
            }
            for each in found
        ],
    }
    return Report("\n".join(lines), data)


def _figures(training: Mapping[str, Any]) -> list[str]:
    """Return the table of perplexities in a file's note on its training; nothing if it has none."""
    try:
        figures = training["perplexity"]
        heads = [f"{name}, {part}" for name in figures for part in PARTS[1:]]
        body = [
            (same[0][0], *(f"{each:.2f}" for row in same for each in row[1:3]))
            for same in zip(*figures.values(), strict=True)
        ]
        return ["", *table(("perplexity a change", *heads), body, "lrrrr")] if body else []
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return []


def _name(found: Substitution) -> str:
    """Return the name of a substitution in the theory of harmony, in either direction."""
    names = (
        substitutions.name(*pair)
        for one, other in ((found.first, found.second), (found.second, found.first))
        for pair in [substitutions.place(one, other)]
        if pair is not None
    )
    return next((each for each in names if each), "")
