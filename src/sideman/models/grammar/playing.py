"""The soloist that plays from a grammar: first a derivation, then a pitch for every tone.

A decision is a rule (:mod:`~sideman.models.grammar.deriving`) or a pitch
(:mod:`~sideman.models.grammar.tones`), so that temperature and truncation apply to both.  What has
no alternative is no decision.  Bars that are kept, and a phrase that is continued, divide the form
into regions, each derived by itself; of notes whose onset and length alone are fixed the pitch is
chosen as that of a free ``H``.

*Colours.*  An ``L`` of Impro-Visor's files means a colour tone of Impro-Visor's vocabulary, which
is wider than sideman's.  A grammar with the parameter ``colours``, or one that sideman has learnt,
says which it means; any other is read as Impro-Visor's.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman import files
from sideman.errors import ModelError, MusicError
from sideman.models.constraints import Constraints, Slot
from sideman.models.controls import Controls, Feature
from sideman.models.events import Distributions, Events
from sideman.models.file import ModelFile
from sideman.models.grammar import doubts, reading, scoring, tones
from sideman.models.grammar.deriving import Derivation, Form, Placed
from sideman.models.grammar.productions import Productions
from sideman.models.grammar.rules import Grammar
from sideman.models.grammar.scoring import GrammarScorer
from sideman.models.grammar.terminals import (
    REST,
    SLOTS_PER_TICK,
    Degree,
    Slope,
    Tone,
    Triadic,
    tones_of,
)
from sideman.models.grammar.tones import Ground, Odds, Parameters, Triad
from sideman.models.protocol import VELOCITY, Setting
from sideman.score import Note

Array = NDArray[np.float32]
FEATURES = frozenset({Feature.PRIME, Feature.CONSTRAINTS, Feature.DERIVATION, Feature.SCORING})
TEXT = "grammar"
"""The tensor of a model file that holds the text."""
_APPROACH, _SCALE, _HELPFUL, _CHORD = "A", "S", "H", "C"
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Sounded:
    """A tone as it was chosen, before repeats are held and tones are rectified.

    `onset` is in ticks; `placed` is the index of the terminal in the derivation, -1 for a tone that
    constraints require, and `tone` its place within the terminal.  `window` are the lowest and
    highest pitch of a slope's tone; `tone_class` is a letter of :func:`tones.classes`;
    `probability` is that of the pitch, before any temperature.
    """

    onset: int
    pitch: int
    placed: int
    tone: int
    kind: str
    window: tuple[int, int] | None
    tone_class: str
    probability: float


class _Cue(NamedTuple):
    """A tone or rest in its place, in slots: what decides its pitch is `source`, or `pitch`."""

    slot: int
    end: int
    kind: str
    placed: int
    tone: int
    source: Tone | Degree | Slope | Triadic | None
    pitch: int | None = None


class _Choice(NamedTuple):
    """The pitch of a cue, its window and its probability."""

    pitch: int
    window: tuple[int, int] | None
    probability: float


class _Sound(NamedTuple):
    """A note of the line while it is made, in ticks."""

    onset: int
    end: int
    pitch: int
    fixed: bool


@dataclass(frozen=True, eq=False)
class GrammarSoloist:
    """A grammar that plays.

    `colours` is an argument of :func:`tones.classes`; `file` and `text` are name and text of the
    grammar's file, for messages.
    """

    grammar: Grammar
    name: str
    colours: str = tones.HOUSE
    file: str = ""
    text: str = field(default="", repr=False)
    features: frozenset[Feature] = field(default=FEATURES, init=False, repr=False)
    defaults: Controls = field(default=Controls(), init=False, repr=False)

    @cached_property
    def productions(self) -> Productions:
        """The grammar compiled for deriving."""
        return Productions(self.grammar)

    @cached_property
    def parameters(self) -> Parameters:
        """The parameters of its tones."""
        return Parameters.of(self.grammar)

    @cached_property
    def findings(self) -> doubts.Found:
        """The findings about the grammar."""
        return doubts.search(self.productions)

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """Sentences on places without effect, and on a grammar of rests alone."""
        name, said = self.file or self.name, []
        if found := doubts.notice(self.findings, self.grammar, self.text):
            said.append(f"{name}: parts of it cannot be played as written: {found}.")
        if self.productions.productive and not self.productions.sounds:
            said.append(f"{name}: its rules hold rests alone, so it is silent; add a note like C4.")
        return tuple(map(files.printable, said))

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> GrammarSession:
        """Begin a solo; raise a ModelError if the grammar leads to no note and no rest."""
        if not self.productions.productive:
            raise ModelError(self._unproductive(), field="model")
        return GrammarSession(self, setting, constraints)

    @cached_property
    def scorer(self) -> GrammarScorer:
        """The grammar as scorer; a ModelError is raised where the likelihood is not defined."""
        return scoring.scorer(self.grammar, self.name, self.colours)

    def distributions(self, events: Events) -> Distributions:
        """Return what is expected at every note (:class:`sideman.models.events.Scorer`)."""
        return self.scorer.distributions(events)

    def reach(self, setting: Setting) -> tuple[int, int]:
        """Return the range: the grammar's own unless the setting's was asked for."""
        if setting.asked:
            return setting.low, setting.high
        return self.parameters.low, self.parameters.high

    def _unproductive(self) -> str:
        start, found = self.grammar.start, self.findings
        reason = f"its start symbol {start} has no rule"
        if start not in self.productions.undefined:
            missing = doubts.missing(found)
            reason = f"no rule of its start symbol {start} leads to a note or a rest"
            reason += f"; {missing}" if missing else ""
        remedy = "add rules, or choose another grammar"
        if found.faults:
            remedy = doubts.first(found, self.text)
        return f"{self.file or self.name}: {reason}; {remedy}."


def colours_of(grammar: Grammar) -> str:
    """Return whose colour tones a grammar means, by its parameters."""
    values = grammar.values
    stated = values.get("colours", "")
    if stated in (tones.HOUSE, tones.IMPRO_VISOR):
        return stated
    return tones.HOUSE if "model-kind" in values else tones.IMPRO_VISOR


def from_text(text: str, name: str) -> GrammarSoloist:
    """Return the soloist of a grammar file's text; raise a FormatError if it is damaged."""
    grammar = reading.loads(text, name)
    return _soloist(grammar, name, text)


def _soloist(grammar: Grammar, name: str, text: str) -> GrammarSoloist:
    return GrammarSoloist(grammar, Path(name).stem, colours_of(grammar), Path(name).name, text)


def from_file(content: ModelFile, name: str) -> GrammarSoloist:
    """Return the soloist of a model file; raise ModelError or FormatError if it is damaged."""
    stored = content.weights.get(TEXT)
    if stored is None or stored.dtype != np.uint8 or stored.ndim != 1:
        raise ModelError(f"{name}: has no text of a grammar; train the model again.")
    text = files.decoded(stored.tobytes(), name)
    return _soloist(reading.loads(text, name), name, text)


@lru_cache(maxsize=8192)
def _offered(odds: Odds) -> tuple[Array, Array]:
    """Return logits and mask of a distribution over MIDI numbers, shape (128,)."""
    logits, mask = np.zeros(128, np.float32), np.full(128, -np.inf, np.float32)
    at = list(odds[0])
    logits[at] = np.log(odds[1])
    mask[at] = 0
    logits.flags.writeable = mask.flags.writeable = False
    return logits, mask


class GrammarSession:
    """One solo while it is derived and its pitches are chosen."""

    def __init__(self, soloist: GrammarSoloist, setting: Setting, constraints: Constraints) -> None:
        self._soloist = soloist
        self._form = Form(setting.changes)
        self._reach = soloist.reach(setting)
        self._shortest = setting.shortest
        self._fixed = [_required(slot, self._form.end) for slot in constraints.slots]
        self.derivation = Derivation(
            soloist.productions, self._form, _open(constraints, self._form.end), soloist.name
        )
        """The rules that were applied, and the terminals."""
        self._cues: list[_Cue] = []
        self._choices: list[_Choice | None] = []
        self._at = self._run = -1
        self._asked: tuple[int, Odds, tuple[int, int] | None] | None = None
        self._previous = sum(self._reach) // 2
        self._played: tuple[int | None, ...] = ()
        self._triads: tuple[Triad, ...] = ()
        self._recent: tuple[Triad, ...] = ()
        self._begun: tuple[int, ...] = ()
        self._grounds = [
            Ground.of(chord, soloist.colours, soloist.parameters) for chord in self._form.chords
        ]
        self.done = False
        """Whether every pitch is chosen."""
        self._settle()

    def options(self) -> tuple[Array, Array]:
        """Return logits and mask of the next decision: rules, or MIDI numbers, shape (128,)."""
        if self._asked is None:
            return self.derivation.options()
        return _offered(self._asked[1])

    def choose(self, index: int, rng: Generator) -> None:
        """Apply a rule or take a pitch, and whatever follows without a choice."""
        if self._asked is None:
            self.derivation.choose(index, rng)
        else:
            at, odds, window = self._asked
            self._asked = None
            self._take(at, index, odds, window)
        self._settle()

    def branch(self) -> GrammarSession:
        """Return a copy that is played on independently; grammar, form and caches are shared."""
        other = copy.copy(self)
        if not self.derivation.done:
            other.derivation = self.derivation.branch()
        other._choices = list(self._choices)
        return other

    @property
    def sounded(self) -> list[Sounded]:
        """The tones chosen so far, in order of time."""
        return [
            Sounded(
                round(cue.slot / SLOTS_PER_TICK),
                choice.pitch,
                cue.placed,
                cue.tone,
                cue.kind,
                choice.window,
                self._ground(cue.slot).letters[choice.pitch % 12],
                choice.probability,
            )
            for cue, choice in zip(self._cues, self._choices, strict=True)
            if choice is not None
        ]

    def line(self) -> tuple[Note, ...]:
        """Return the line: repeats held, tones rectified, notes too close together left out."""
        sounds = [
            _Sound(*_ticks(cue), choice.pitch, cue.placed < 0)
            for cue, choice in zip(self._cues[: self._at], self._choices, strict=False)
            if choice is not None
        ]
        parameters = self._soloist.parameters
        if parameters.holds:
            sounds = _held(sounds)
        if parameters.rectifies:
            sounds = self._rectified(sounds)
            sounds = _held(sounds) if parameters.holds else sounds
        return tuple(
            Note(each.onset, each.end - each.onset, each.pitch, VELOCITY)
            for each in _thinned(sounds, self._shortest)
        )

    # Which cue is next -----------------------------------------------------------------------

    def _settle(self) -> None:
        """Go on to the next decision, or to the end."""
        if not self.derivation.done:
            return
        if self._at < 0:
            self._cues = _cues(self.derivation.placed, self._fixed)
            self._choices = [None] * len(self._cues)
            self._at = 0
        while self._asked is None and self._at < len(self._cues):
            cue, choice = self._cues[self._at], self._choices[self._at]
            if cue.kind == REST:
                self._remember(None)
                self._at += 1
            elif choice is not None:
                self._previous = choice.pitch
                self._remember(choice.pitch)
                self._at += 1
            elif cue.kind == _APPROACH:
                self._approach()
            else:
                self._ask(self._at, *self._odds(self._at, cue.kind))
        self.done = self._asked is None

    def _remember(self, pitch: int | None) -> None:
        self._played = (*self._played[1 - _REMEMBERED :], pitch)

    def _approach(self) -> None:
        """Ask for the target of a row of approach tones, then for each of them, the last first."""
        if self._run < self._at:
            self._run = self._target(self._at)
        run = self._run
        if self._choices[run] is None:
            cue, before = self._cues[run], self._cues[max(run - 1, self._at)]
            kind = _SCALE if cue.kind == _APPROACH else cue.kind
            if run > self._at and isinstance(before.source, Tone) and isinstance(cue.source, Tone):
                kind = _CHORD
            self._ask(run, *self._odds(run, kind))
            return
        at = run - 1
        while self._choices[at] is not None:
            at -= 1
        source, following = self._cues[at].source, self._choices[at + 1]
        assert following is not None
        target = following.pitch
        if isinstance(source, Slope):
            odds = tones.approach_in_slope(
                source.low, source.high, self._previous, target, self._reach
            )
            window = tones.window(source.low, source.high, self._previous)
            self._ask(at, odds, window)
        else:
            self._ask(at, tones.approach(target, self._previous, self._reach), None)

    def _target(self, at: int) -> int:
        """Return the cue that a row of approach tones leads to; its last where that is a rest."""
        while self._cues[at].kind == _APPROACH and at + 1 < len(self._cues):
            cue, after = self._cues[at], self._cues[at + 1]
            if after.kind == REST or after.slot > cue.end:
                break
            if isinstance(cue.source, Slope) and after.placed != cue.placed:
                break
            at += 1
        return at

    # Its pitch -------------------------------------------------------------------------------

    def _odds(self, at: int, kind: str) -> tuple[Odds, tuple[int, int] | None]:
        """Return the distribution of a cue's pitch as a tone of a kind, and a slope's window."""
        cue, previous, reach = self._cues[at], self._previous, self._reach
        if cue.pitch is not None:
            return ((cue.pitch,), (1.0,)), None
        ground = self._ground(cue.slot)
        match cue.source:
            case Slope(low=low, high=high):
                odds = tones.in_slope(kind, low, high, previous, ground.letters, reach)
                return odds, tones.window(low, high, previous)
            case Degree(degree=degree):
                return tones.degree(degree, self._form.rooted(cue.slot), previous, reach), None
            case Triadic():
                return self._triadic(cue), None
        parameters = self._soloist.parameters
        return tones.free(kind, previous, ground, parameters, reach, self._played), None

    def _ground(self, slot: int) -> Ground:
        return self._grounds[self._form.span(slot)]

    def _triadic(self, cue: _Cue) -> Odds:
        if cue.tone % 3 == 0:
            self._begun = ()
            self._triads = tones.triads(self._previous, self._recent, self._reach)
        return tones.triadic(self._triads, self._begun)

    def _ask(self, at: int, odds: Odds, window: tuple[int, int] | None) -> None:
        """Offer a distribution, or take its pitch if it has only one."""
        if len(odds[0]) == 1:
            self._take(at, odds[0][0], odds, window)
        else:
            self._asked = at, odds, window

    def _take(self, at: int, pitch: int, odds: Odds, window: tuple[int, int] | None) -> None:
        self._choices[at] = _Choice(pitch, window, odds[1][odds[0].index(pitch)])
        if isinstance(self._cues[at].source, Triadic):
            self._begun = (*self._begun, pitch)
            whole = [one for one in self._triads if one.pitches == self._begun]
            self._recent = (*self._recent[-6:], *whole[:1])

    # The line --------------------------------------------------------------------------------

    def _rectified(self, sounds: list[_Sound]) -> list[_Sound]:
        """Return notes of which none is outside its chord, unless a semitone leads to the next."""
        found: list[_Sound] = []
        for each, after in zip_longest(sounds, sounds[1:]):
            letters = self._ground(each.onset * SLOTS_PER_TICK).letters
            pitch = each.pitch
            outside = letters != tones.NO_CHORD and letters[pitch % 12] == tones.OTHER
            if outside and after is not None and abs(after.pitch - pitch) == 1:
                following = self._ground(after.onset * SLOTS_PER_TICK).letters
                outside = following[after.pitch % 12] == tones.OTHER
            if outside and not each.fixed:
                inside = range(self._reach[0], self._reach[1] + 1)
                fitting = [one for one in inside if letters[one % 12] != tones.OTHER]
                pitch = min(fitting, key=lambda one: abs(one - each.pitch), default=pitch)
            found.append(each._replace(pitch=pitch))
        return found


# What is filled, and with what -------------------------------------------------------------------


def _required(slot: Slot, end: int) -> _Cue:
    """Return the cue of a required note; raise a MusicError if its place is free."""
    if slot.onset is None or slot.duration is None:
        raise MusicError(
            "A grammar derives rhythm before pitch, so it cannot follow a contour; lock the "
            "rhythm, or choose another model, such as soloist.",
            field="lock",
        )
    begin = slot.onset * SLOTS_PER_TICK
    until = begin + slot.duration * SLOTS_PER_TICK
    if begin >= end:
        raise MusicError(
            "The notes that are kept go beyond the form; give more choruses, or fewer notes.",
            field="take",
        )
    return _Cue(begin, until, _HELPFUL, -1, 0, None, slot.pitch)


def _open(constraints: Constraints, end: int) -> list[tuple[int, int]]:
    """Return the regions between the closed spans, in slots."""
    regions: list[tuple[int, int]] = []
    at = 0
    for begin, until in constraints.spans:
        regions.append((at, min(begin * SLOTS_PER_TICK, end)))
        at = max(at, until * SLOTS_PER_TICK)
    regions.append((at, end))
    return regions


def _cues(placed: Sequence[Placed], fixed: Sequence[_Cue]) -> list[_Cue]:
    """Return the tones and rests of terminals, and the required notes, in order of time."""
    found = [
        _Cue(slot, end, "X" if isinstance(each.terminal, Degree) else kind, at, tone, each.terminal)
        for at, each in enumerate(placed)
        for tone, slot, end, kind in tones_of(each.terminal, each.slot, each.slot + each.slots)
    ]
    return sorted([*found, *fixed], key=lambda cue: cue.slot) if fixed else found


def _ticks(cue: _Cue) -> tuple[int, int]:
    return round(cue.slot / SLOTS_PER_TICK), round(cue.end / SLOTS_PER_TICK)


def _held(sounds: Sequence[_Sound]) -> list[_Sound]:
    """Return the notes, equal pitches in a row made one; required notes stay as they are."""
    found: list[_Sound] = []
    for each in sounds:
        last = found[-1] if found else None
        same = last is not None and (last.pitch, last.end) == (each.pitch, each.onset)
        if last is not None and same and not last.fixed and not each.fixed:
            found[-1] = last._replace(end=each.end)
        else:
            found.append(each)
    return found


def _thinned(sounds: Sequence[_Sound], shortest: int) -> list[_Sound]:
    """Return the notes that can be played: at least `shortest` ticks from one onset to the next.

    Required notes stay; a note ends where the next one begins.
    """
    required = [each.onset for each in sounds if each.fixed]
    found: list[_Sound] = []
    for each in sounds:
        if not each.fixed:
            after = bisect_right(required, each.onset)
            near = required[max(after - 1, 0) : after + 1]
            near += [found[-1].onset] if found else []
            if each.end <= each.onset or any(abs(each.onset - one) < shortest for one in near):
                continue
        if found and found[-1].end > each.onset:
            found[-1] = found[-1]._replace(end=each.onset)
        found.append(each)
    return found
