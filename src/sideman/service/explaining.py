"""The derivation of each note of a solo, by the grammar that played it or by another one.

A take that a grammar has played carries its request, so its derivation is made again with the same
seed and grammar.  Any other solo is parsed: :mod:`sideman.models.grammar.parsing`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from numpy.random import Generator

from sideman import opening
from sideman.errors import ModelError, MusicError
from sideman.evaluation import loading
from sideman.library import corpus
from sideman.models import file
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls, Feature
from sideman.models.grammar import parsing, rules, tones
from sideman.models.grammar.abstract import expression
from sideman.models.grammar.cleaning import cleaned
from sideman.models.grammar.deriving import Placed, Step
from sideman.models.grammar.matching import Fitted
from sideman.models.grammar.playing import GrammarSession, GrammarSoloist, Sounded
from sideman.models.grammar.terminals import SLOTS_PER_TICK, Degree, Slope, terminal
from sideman.models.protocol import Session, Setting, Soloist
from sideman.score import Changes, Note, Solo, monophonic, spell
from sideman.service import playing
from sideman.service.playing import Model
from sideman.service.requests import BaseRequest, File, PlayRequest
from sideman.service.takes import reading
from sideman.service.watching import Progress, watch
from sideman.theory.pitch import Key

GRAMMARS = ("jazz-grammar", "cfg")
"""The models that parse a solo where none is named: the first that comes with sideman."""
DERIVED, PARSED = "derived", "parsed"
HELD, LEFT_OUT, MOVED = "held", "left out", "moved"
"""A tone that lengthens the note before, one that is too short to play, and one whose pitch was
changed to fit the chord."""
WIDER, RANGE = "wider", "range"
"""A tone whose window holds no chord tone, so that a wider one was taken, and one whose window is
outside the range."""
KEPT = "kept"
"""A note that the request required."""
_BAR = re.compile(r".+, bar \d+")
CLASSES = {tones.CHORD: "chord", tones.COLOUR: "colour", tones.OTHER: "other"}


@dataclass(frozen=True)
class Explanation:
    """The explanation of the notes of a solo.

    Parameters
    ----------
    solo : Solo
        The solo.
    model : str
        The name of the grammar.
    method : str
        `DERIVED` for the derivation that gave the solo, `PARSED` for the most probable one.
    seed : int or None
        The seed of the take.
    remark : str
        A sentence on why a take is parsed; empty for nothing to say.
    bars : tuple of dict
        Each bar as JSON: `bar` (from 1; 0 for the pickup), `chords`, and `tree`, whose entries have
        a `depth` and are rules, terminals or notes (:meth:`data`).
    """

    solo: Solo
    model: str
    method: str
    seed: int | None
    remark: str
    bars: tuple[Mapping[str, Any], ...]

    @property
    def notes(self) -> list[Mapping[str, Any]]:
        """The entries that are notes or tones, in order of time."""
        return [each for bar in self.bars for each in bar["tree"] if each["entry"] == "note"]

    @property
    def misfits(self) -> int:
        """Number of notes and terminals that do not fit."""
        return sum(bool(each["misfit"]) for each in self.notes)

    def data(self) -> dict[str, Any]:
        """Return the explanation as JSON."""
        return {
            "title": self.solo.title,
            "model": self.model,
            "method": self.method,
            "seed": self.seed,
            "remark": self.remark,
            "misfits": self.misfits,
            "bars": list(self.bars),
        }


@dataclass(frozen=True, slots=True)
class _Why:
    """A tone of a terminal and the note that it became: `note` is -1 where it became none."""

    onset: int
    note: int
    placed: int
    tone: int
    kind: str
    window: tuple[int, int] | None
    letter: str
    probability: float
    remark: str = ""
    misfit: str = ""


@dataclass(frozen=True)
class _Found:
    """A derivation of a solo, however it was found."""

    solo: Solo
    steps: Sequence[Step]
    placed: Sequence[Placed]
    whys: Sequence[_Why]


def explain(
    source: File,
    *,
    model: Model | None = None,
    bar: int | None = None,
    solo: str = "",
    progress: Progress | None = None,
) -> Explanation:
    """Return the explanation of each note of a solo.

    Parameters
    ----------
    source : File
        The solo: a take, or any file with a line over chords.
    model : Model or None
        The grammar; the one that has played the take, or else the first of `GRAMMARS`, where None.
    bar : int or None
        The only bar to explain, from 1 (0 for the pickup); all where None.
    solo : str
        The number or name of the solo in a database of several.
    progress : callable or None
        Called with the share of a solo that is parsed.

    Raises
    ------
    SidemanError
        If the file has no solo over chords, the model is no grammar, or another file of the model
        has played the take.
    """
    line = _line(source, solo)
    request = playing.carried(source)
    played = None if request is None else _player(request, model, source.name)
    seed = None if request is None else request.seed
    if played is not None and isinstance(request, PlayRequest):
        found = _derived(request, played)
        if _same(found.solo.notes, line.notes):
            return _explanation(found, played.name, DERIVED, seed, "", bar)
        remark = (
            "The notes are not those that the take's request plays, so that they are parsed; "
            "another version of sideman has played it, or they were changed."
        )
        found = _parsed(line, played, source.name, progress)
        return _explanation(found, played.name, PARSED, seed, remark, bar)
    chosen = model or played or playing.model_named(_shipped())
    remark = ""
    if played is not None:
        remark = "The derivations of answers and variations are not made again; this one is parsed."
    found = _parsed(line, chosen, source.name, progress)
    return _explanation(found, chosen.name, PARSED, seed, remark, bar)


def _line(source: File, solo: str) -> Solo:
    if solo:
        return loading.choose(opening.documents([source]), solo=solo).items[0].solo
    document = opening.loads(source.data, source.name)
    if document.phrase is None and (many := len(corpus.entries_of(document))) > 1:
        raise MusicError(
            f"{source.name}: holds {many} solos, and one is explained; give its number or name.",
            field="solo",
        )
    return reading.parsed(document).solo


def is_bar(comment: str) -> bool:
    """Return whether the comment of a rule names the bar that it was learnt from."""
    return bool(_BAR.fullmatch(comment))


def pages(explanation: Explanation, name: str) -> list[bytes]:
    """Return the solo engraved with the explanation under the staff, in the format of a name.

    Under each note stand its kind, with an exclamation mark for a misfit, its slope's bounds in
    semitones, and its probability where that is not 1; under each bar, the bar it was learnt from.
    """
    from sideman.output import engraving

    solo, changes = explanation.solo, explanation.solo.changes
    assert changes is not None
    first = 0
    if len(explanation.bars) == 1:
        # For the pickup alone, the first bar.
        first = max(explanation.bars[0]["bar"] - 1, 0)
        solo = _only(solo, first)
    numbers = {(note.onset, note.pitch): at for at, note in enumerate(solo.notes, start=1)}
    start = changes.bar_starts[first]
    verses = {}
    for each in explanation.notes:
        number = numbers.get((each["tick"] - start, each["pitch"]))
        if number is not None:
            verses[number] = _verses(each)
    below = {
        bar["bar"] - 1 - first: "; ".join(sources)
        for bar in explanation.bars
        if (sources := _sources(bar))
    }
    return engraving.dumps(solo, name, words=engraving.Words(verses, below))


def _only(solo: Solo, bar: int) -> Solo:
    """Return one bar of a solo."""
    changes = solo.changes
    assert changes is not None
    start, end = changes.bar_starts[bar : bar + 2]
    notes = tuple(
        replace(note, onset=note.onset - start, duration=min(note.end, end) - note.onset)
        for note in solo.notes
        if start <= note.onset < end
    )
    return replace(solo, notes=notes, changes=Changes(changes.cut(bar, bar + 1)), phrase_starts=())


def _verses(each: Mapping[str, Any]) -> tuple[str, ...]:
    misfit = bool(each["misfit"])
    bounds = "" if each["slope"] is None or not each["kind"] else "{}/{}".format(*each["slope"])
    share = "" if misfit or each["probability"] == 1 else f"{each['probability']:.2f}"
    return each["kind"] + "!" * misfit, bounds, share.removeprefix("0")


def _sources(bar: Mapping[str, Any]) -> list[str]:
    """Return where the terminals of a bar were learnt, each once."""
    found = (each["from"] for each in bar["tree"] if each["entry"] == "terminal")
    return list(dict.fromkeys(each for each in found if is_bar(each)))


def _shipped() -> str:
    known = file.names()
    for name in GRAMMARS:
        if name in known:
            return name
    raise ModelError("No grammar comes with this sideman; name one.", field="model")


def _player(request: BaseRequest, given: Model | None, name: str) -> Model | None:
    """Return the grammar that has played a take; None if another model has, or is to explain it."""
    if given is not None:
        if given.fingerprint == request.fingerprint:
            return given if _derives(given) else None
        if given.name != request.model:
            return None
        found = given
    elif request.model in file.names():
        found = playing.model_named(request.model)
        if not _derives(found):
            return None
    else:
        raise ModelError(
            f"{name}: was played by {request.model}, which does not come with sideman and is not "
            "here as it was then; give that file for its derivation, or another grammar to parse "
            "the take.",
            field="model",
        )
    if found.fingerprint != request.fingerprint:
        raise ModelError(
            f"{name}: was played by another version of the grammar {found.name}, with which alone "
            "its derivation can be made again; give that file, or another grammar to parse it.",
            field="model",
        )
    return found


def _derives(model: Model) -> bool:
    return Feature.DERIVATION in model.soloist.features


def _same(notes: Sequence[Note], others: Sequence[Note]) -> bool:
    return [(one.onset, one.duration, one.pitch) for one in notes] == [
        (one.onset, one.duration, one.pitch) for one in others
    ]


# The derivation of a take, made again -------------------------------------------------------------


class _Recorder:
    """A soloist that plays the same and keeps its sessions; everything else is the soloist's."""

    def __init__(self, soloist: Soloist) -> None:
        self._soloist = soloist
        self.sessions: list[GrammarSession] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._soloist, name)

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> Session:
        session = self._soloist.begin(setting, controls, constraints, rng)
        return cast(Session, _Recorded(cast(GrammarSession, session), self.sessions))


class _Recorded:
    """A session kept in a list, as are its branches; everything else is the session's."""

    def __init__(self, session: GrammarSession, sessions: list[GrammarSession]) -> None:
        self._session, self._sessions = session, sessions
        sessions.append(session)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def branch(self) -> _Recorded:
        return _Recorded(self._session.branch(), self._sessions)


def _derived(request: PlayRequest, model: Model) -> _Found:
    recorder = _Recorder(model.soloist)
    again = replace(model, soloist=cast(Soloist, recorder))
    solo = playing.play(request, model=again).solo
    done = [one for one in recorder.sessions if one.done]
    session = next((one for one in done if _same(one.line(), solo.notes)), done[-1])
    derivation = session.derivation
    return _Found(
        solo, derivation.steps, derivation.placed, list(_sounding(session.sounded, solo.notes))
    )


def _sounding(sounded: Sequence[Sounded], notes: Sequence[Note]) -> Iterator[_Why]:
    """Yield what became of each tone that was chosen."""
    onsets = [note.onset for note in notes]
    for each in sounded:
        index = bisect_left(onsets, each.onset)
        remark = ""
        if index == len(onsets) or onsets[index] != each.onset:
            sounding = index > 0 and notes[index - 1].end > each.onset
            # A tone outside the chord may have become the pitch of the note before.
            same = sounding and notes[index - 1].pitch == each.pitch
            remark = HELD if same or (sounding and each.tone_class == tones.OTHER) else LEFT_OUT
            index = -1
        elif notes[index].pitch != each.pitch:
            remark = MOVED
        elif each.window and not each.window[0] <= each.pitch <= each.window[1]:
            outside = max(each.window[0] - each.pitch, each.pitch - each.window[1])
            remark = WIDER if outside <= tones.WIDENED else RANGE
        if each.placed < 0:
            remark = KEPT
        yield _Why(
            each.onset,
            index,
            each.placed,
            each.tone,
            each.kind if each.placed >= 0 else "",
            each.window,
            each.tone_class,
            each.probability,
            remark,
        )


# The most probable derivation of a solo -----------------------------------------------------------


def _parsed(line: Solo, model: Model, name: str, progress: Progress | None) -> _Found:
    if not _derives(model):
        raise ModelError(
            f"The model {model.name} is no grammar, so it explains no solo; name a grammar.",
            field="model",
        )
    soloist = cast(GrammarSoloist, model.soloist)
    solo = cleaned(line)
    solo = replace(solo, notes=monophonic(solo.notes))
    changes = solo.changes
    if changes is None or not changes.spans or not solo.notes:
        raise MusicError(
            f"{name}: has no line over chords, which alone can be explained; give one."
        )
    parse = parsing.parse(
        solo.notes,
        changes,
        soloist.productions,
        colours=soloist.colours,
        name=model.name,
        report=watch(progress, None),
    )
    whys = [_fitted(one, solo.notes, changes, soloist.colours) for one in parse.fitted]
    return _Found(solo, parse.steps, parse.placed, whys)


def _fitted(one: Fitted, notes: Sequence[Note], changes: Changes, colours: str) -> _Why:
    onset, letter = one.slot // SLOTS_PER_TICK, ""
    if one.note >= 0:
        onset = notes[one.note].onset
        letter = tones.classes(changes.chord_at(onset), colours)[notes[one.note].pitch % 12]
    return _Why(
        onset,
        one.note,
        one.placed,
        one.tone,
        one.kind,
        one.window,
        letter,
        one.probability,
        misfit=one.misfit,
    )


# The tree by bars ---------------------------------------------------------------------------------


def _explanation(
    found: _Found, model: str, method: str, seed: int | None, remark: str, bar: int | None
) -> Explanation:
    from sideman.output import engraving

    changes = found.solo.changes
    assert changes is not None
    names = engraving.spelling(found.solo)
    notes = [
        replace(note, name=pitch.name) for note, pitch in zip(found.solo.notes, names, strict=True)
    ]
    found = replace(found, solo=replace(found.solo, notes=tuple(notes)))
    tree = _Tree(found, changes)
    bars = tuple(tree.bars())
    if bar is not None:
        bars = tuple(each for each in bars if each["bar"] == bar)
        if not bars:
            raise MusicError(
                f"{found.solo.title}: has no bar {bar}; its bars are 1 to {len(changes.bars)}.",
                field="bar",
            )
    return Explanation(found.solo, model, method, seed, remark, bars)


class _Tree:
    """The entries of a derivation by bars."""

    def __init__(self, found: _Found, changes: Changes) -> None:
        self._found, self._changes = found, changes
        self._solo, self._steps = found.solo, found.steps
        self._key = found.solo.key or Key(0)
        self._step_slots = [step.slot for step in found.steps]
        self._placed_slots = [placed.slot for placed in found.placed]
        self._depths = _depths(found.steps)
        self._whys: dict[int, list[_Why]] = defaultdict(list)
        for why in found.whys:
            self._whys[why.placed].append(why)

    def bars(self) -> Iterator[dict[str, Any]]:
        """Yield each bar with its chords and entries; a pickup first, as bar 0."""
        entries: dict[int, list[dict[str, Any]]] = defaultdict(list)
        last = len(self._changes.bars) - 1
        for tick, entry in self._entries():
            entries[min(max(self._changes.bar_at(tick), -1), last)].append(entry)
        for bar in range(-1 if -1 in entries else 0, last + 1):
            yield {
                "bar": bar + 1,
                "chords": self._chords(bar),
                "tree": [*self._above(bar), *entries[bar]],
            }

    def _chords(self, bar: int) -> list[str]:
        if bar < 0:
            return []
        found = [change.chord.symbol for change in self._changes.bars[bar].chords]
        sounding = self._changes.chord_at(self._changes.bar_starts[bar])
        return found or ([] if sounding is None else [sounding.symbol])

    def _entries(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield all entries with their ticks: each step, and after it the terminals it gives."""
        # Steps come before the terminal that begins at the same slot.
        timed = [(slot, False, index) for index, slot in enumerate(self._step_slots)]
        timed += [(slot, True, index) for index, slot in enumerate(self._placed_slots)]
        for slot, is_terminal, index in sorted(timed):
            tick = slot // SLOTS_PER_TICK
            if not is_terminal:
                yield tick, self._rule(index)
                continue
            placed = self._found.placed[index]
            depth = self._depths[placed.step] + 1
            yield (
                tick,
                {
                    "entry": "terminal",
                    "depth": depth,
                    "beat": self._beat(tick),
                    "terminal": rules.spell(expression(placed.terminal)),
                    "cut": placed.slots < placed.terminal.slots,
                    "from": self._steps[placed.step].rule.comment,
                },
            )
            for why in self._whys[index]:
                yield max(why.onset, tick), self._note(why, depth + 1)
        for why in self._whys[-1]:
            yield why.onset, self._note(why, 1)

    def _rule(self, index: int) -> dict[str, Any]:
        step = self._steps[index]
        return {
            "entry": "rule",
            "depth": self._depths[index],
            "bar": self._changes.bar_at(step.slot // SLOTS_PER_TICK) + 1,
            "left": " ".join(step.rule.left),
            "right": rules.spell(step.rule.right)[1:-1],
            "terminals": all(terminal(each) is not None for each in step.rule.right),
            "probability": step.probability,
            "line": step.rule.line,
            "from": step.rule.comment,
        }

    def _above(self, bar: int) -> list[dict[str, Any]]:
        """Return the rules of earlier bars that the first rule of a bar stands under."""
        start = self._changes.bar_starts[max(bar, 0)] * SLOTS_PER_TICK
        slots = self._placed_slots
        first = bisect_left(self._step_slots, start)
        parent = self._steps[first].parent if first < len(self._steps) else -1
        if first == len(self._steps) or (slots and self._steps[first].slot > start):
            # The bar begins within what an earlier rule has given.
            at = bisect_right(slots, start) - 1
            parent = self._found.placed[at].step if at >= 0 else parent
        found: list[int] = []
        while parent >= 0:
            if self._steps[parent].slot < start and (
                not found or self._depths[parent] < self._depths[found[-1]]
            ):
                found.append(parent)
            parent = self._steps[parent].parent
        if first < len(self._steps) and self._steps[first].slot == start:
            depth = self._depths[first]
            found = [each for each in found if self._depths[each] < depth]
        return [self._rule(each) for each in reversed(found)]

    def _note(self, why: _Why, depth: int) -> dict[str, Any]:
        note = self._solo.notes[why.note] if why.note >= 0 else None
        given = self._found.placed[why.placed].terminal if why.placed >= 0 else None
        name = None
        if note is not None:
            name = str(spell(note, self._key))
        return {
            "entry": "note",
            "depth": depth,
            "n": why.note + 1 if note is not None else None,
            "tick": why.onset,
            "beat": self._beat(why.onset),
            "pitch": None if note is None else note.pitch,
            "name": name,
            "kind": given.degree if why.kind and isinstance(given, Degree) else why.kind,
            "window": None if why.window is None else list(why.window),
            "names": [self._named(one, note) for one in why.window or ()],
            "slope": [given.low, given.high] if isinstance(given, Slope) else None,
            "class": CLASSES.get(why.letter, ""),
            "probability": why.probability,
            "remark": why.remark,
            "misfit": why.misfit,
        }

    def _named(self, pitch: int, note: Note | None) -> str:
        """Return the name of a bound, spelled as the note where it is the same pitch."""
        if note is not None and note.pitch == pitch:
            return str(spell(note, self._key))
        return str(self._key.spell(min(max(pitch, 0), 127)))

    def _beat(self, tick: int) -> float:
        """Return the beat of a tick within its bar, from 1."""
        changes = self._changes
        bar = min(max(changes.bar_at(tick), 0), len(changes.bars) - 1)
        meter = changes.bars[bar].meter
        start = changes.bar_starts[bar] - (meter.ticks_per_bar if tick < 0 else 0)
        return round((tick - start) / meter.ticks_per_beat + 1, 3)


def _depths(steps: Sequence[Step]) -> list[int]:
    """Return the depth of each step in the tree, under its caller.

    A last call has the depth of its caller, so that a chain of bars is no staircase.
    """
    last_of = {step.parent: index for index, step in enumerate(steps)}
    depths: list[int] = []
    for index, step in enumerate(steps):
        if step.parent < 0:
            depths.append(0)
            continue
        last = last_of[step.parent] == index and _ends_in(steps[step.parent].rule, step.rule.name)
        depths.append(depths[step.parent] + (not last))
    return depths


def _ends_in(rule: rules.Rule, name: str) -> bool:
    """Return whether the right-hand side of a rule ends in a call of a symbol."""
    return bool(rule.right) and rules.called(rule.right[-1]) == name
