"""How the soloist plays: note by note, at the same cost for every note.

:class:`SoloEncoder` computes the inputs of :func:`sideman.models.encoding.encode` one note at a
time; a test compares the two.  :class:`NoteSession` is one solo of three kinds of decision, under a
legal mask (:class:`sideman.models.protocol.Session`).
"""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.models import corpus, encoding, motifs, ngram
from sideman.models.constraints import FREE, Constraints, Script, Slot
from sideman.models.encoding import CORE, INPUTS, LOWEST, MEMORIES, Vocabulary
from sideman.models.events import DURATION_TICKS, IOI_EDGES, LONGEST_IOI, Events
from sideman.models.ngram import UNHEARD
from sideman.models.planning import Stretch
from sideman.models.protocol import VELOCITY, Setting
from sideman.models.shaping import Shaper
from sideman.models.stepping import Network, Query, Voice, evaluate
from sideman.score import Note

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
Networks = Mapping[str, tuple[Network, ...]]


class SoloEncoder:
    """The inputs of the networks, updated note by note while a solo is played.

    Call :meth:`iois`, then :meth:`pitches` with the onset that was chosen, then :meth:`durations`
    of that pitch, then :meth:`take` with the duration; and again.  Each query is to be evaluated
    (:func:`sideman.models.stepping.evaluate`) before the next.

    Parameters
    ----------
    vocabulary : Vocabulary
        The values that the networks distinguish.
    networks : mapping of str to tuple of Network
        Of each factor one network or several (:func:`sideman.models.stepping.prepared`).
    setting : Events
        Chords, form and tempo; its notes are ignored.
    label : int
        The player to imitate (:meth:`sideman.models.encoding.Vocabulary.label`); 0 for none.
    motif : float
        The weight of the solo's own motifs: 1 as in training, 0 for none.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        networks: Networks,
        setting: Events,
        label: int = 0,
        motif: float = 1.0,
    ) -> None:
        self._vocabulary = vocabulary
        self._voices = {
            factor: Voice(factor, networks[factor], vocabulary.corpus.get(factor), label, motif)
            for factor in encoding.FACTORS
        }
        self._memories = {
            "ioi": motifs.MotifCounter(MEMORIES["ioi"], vocabulary.counted("ioi")),
            "pitch": motifs.MotifCounter(MEMORIES["pitch"], CORE),
            "duration": motifs.MotifCounter(MEMORIES["duration"], len(DURATION_TICKS)),
        }
        self._ioi_symbol = {int(ioi): index for index, ioi in enumerate(vocabulary.iois)}
        self._bar = setting.ticks_per_bar
        chords = setting.chords
        self._chord_onsets = setting.chord_onsets.tolist()
        self._roots = [chord.tones[0] if chord.tones else 12 for chord in chords]
        self._qualities = [ngram.quality_class(chord) for chord in chords]
        tones, scales = encoding.chord_bits(chords)
        # Twice over, so that any turn of the twelve is a slice.
        self._tones = np.tile(tones, 2).astype(np.float32)
        self._scales = np.tile(scales, 2).astype(np.float32)
        self._choruses = sorted(setting.chorus_onsets)
        tempo = setting.tempo_bpm or 150.0
        self._tempo = bisect_left(encoding.TEMPO_EDGES, tempo)
        self._log_tempo = np.array([encoding.log_tempo(tempo)], np.float32)
        self._meter = encoding.METERS.get(self._bar, 4)
        self._turns = [(np.arange(LOWEST, LOWEST + CORE) - root) % 12 for root in range(12)]
        self._all = np.arange(CORE)
        self._notes = 0
        self._onset = 0
        self._pitch = 0
        self._chord = np.zeros(encoding.CHORD_DENSE, np.float32)
        # The newest first, as the features count them: ioi1 is the IOI of the note before.
        self._iois = [UNHEARD] * 6
        self._intervals = [UNHEARD] * 6
        self._durations = [UNHEARD] * 6
        self._known: dict[str, int] = {"pitch1": UNHEARD, "beat1": UNHEARD, "position1": UNHEARD}
        self._known["tempo"] = ngram.tempo_class(tempo)
        self._fields: dict[str, int] = {"tempo": self._tempo, "meter": self._meter}
        self._last_features: dict[str, list[int]] = {}
        self._begin()

    def branch(self) -> SoloEncoder:
        """Return a copy that is played on independently."""
        branch = copy.copy(self)
        for name in ("_iois", "_intervals", "_durations", "_known", "_fields", "_last_features"):
            setattr(branch, name, copy.copy(getattr(self, name)))
        branch._voices = {factor: voice.branch() for factor, voice in self._voices.items()}
        branch._memories = {factor: memory.branch() for factor, memory in self._memories.items()}
        return branch

    def _begin(self) -> None:
        """Compute the features of the next note that precede all its choices."""
        t, known, fields = self._notes, self._known, self._fields
        for n in range(6):
            known[f"ioi{n + 1}"] = self._iois[n]
            known[f"interval{n + 1}"] = self._intervals[n]
            known[f"duration{n + 1}"] = self._durations[n]
        fields["ioi1"] = encoding.ioi_field(self._iois[0]) if t >= 2 else 0
        fields["ioi2"] = encoding.ioi_field(self._iois[1]) if t >= 3 else 0
        fields["interval1"] = encoding.interval_field(self._intervals[0]) if t >= 2 else 0
        fields["interval2"] = encoding.interval_field(self._intervals[1]) if t >= 3 else 0
        fields["duration1"] = self._durations[0] + 1 if t else 0
        fields["register1"] = min(max((self._pitch - LOWEST) // 3, 0), 23) + 1 if t else 0
        if t == 0:
            fields["position1"] = fields["beat1"] = fields["phrase1"] = -1
        else:
            fields["position1"] = fields["position"]
            fields["beat1"] = fields["beat"]
            fields["phrase1"] = fields["phrase"]
            known["position1"] = known["position"]
            known["beat1"] = known["beat"]
            known["pitch1"] = self._pitch
        known["register1"] = ngram.register(known["pitch1"])

    def _query(self, factor: str, dense: Array, tables: tuple[IntArray, ...], base: int) -> Query:
        memory, known = self._memories[factor], self._known
        features = [known[name] for name in memory.features]
        self._last_features[factor] = features
        return Query(
            self._voices[factor],
            [self._fields[name] for name in INPUTS[factor]],
            dense,
            memory.counts(features, base),
            [known[name] for name in corpus.FEATURES[factor]],
            base,
            tables,
        )

    def iois(self) -> Query:
        """Return the query for the logits of the IOIs and the escape, shape (V,)."""
        place = max(self._fields["position1"], 0)
        bar = min(self._bar, encoding.LONGEST_BAR)
        iois = self._vocabulary.iois
        return self._query("ioi", self._log_tempo, ((place + iois) % 24, (place + iois) % bar), 0)

    def pitches(self, onset: int) -> Query:
        """Return the query for a pitch at a tick later than the note before.

        Its result: logits of the pitches from 30 to 101, and of the escape, shape (73,).
        """
        t, known, fields = self._notes, self._known, self._fields
        ioi = min(onset - self._onset, LONGEST_IOI) if t else UNHEARD + 1
        self._onset = onset
        self._ioi = ioi
        known["ioi"] = ioi
        known["ioi_class"] = bisect_left(IOI_EDGES, ioi)
        known["position"] = onset % self._bar
        known["beat"] = onset % 24
        at = max(0, bisect_right(self._chord_onsets, onset) - 1)
        after = min(at + 1, len(self._roots) - 1)
        root, next_root = self._roots[at], self._roots[after]
        last = self._pitch if t else 60
        known["root"], known["quality"] = root, self._qualities[at]
        known["next_chord"] = (next_root - root) % 12 * 16 + self._qualities[after]
        known["degree1"] = (known["pitch1"] - root) % 12 if root < 12 else 12
        fields["ioi"] = encoding.ioi_field(ioi) if t else 0
        fields["degree1"] = known["degree1"]
        fields["next_degree1"] = (last - next_root) % 12 if next_root < 12 else 12
        fields["quality"] = self._qualities[at]
        fields["next_quality"] = self._qualities[after]
        fields["motion"] = (next_root - root) % 12 if root < 12 and next_root < 12 else 12
        left = (
            self._chord_onsets[at + 1] - onset
            if at + 1 < len(self._chord_onsets)
            else np.iinfo(np.int64).max
        )
        fields["chord_left"] = bisect_right(encoding.CHORD_EDGES, left)
        fields["position"] = min(known["position"], encoding.LONGEST_BAR - 1)
        fields["beat"] = known["beat"]
        chorus = bisect_right(self._choruses, onset) - 1
        fields["phrase"] = (
            (onset - self._choruses[chorus]) // max(1, self._bar) % 8 + 1 if chorus >= 0 else 0
        )
        own, turn = (root if root < 12 else 0), last % 12
        dense = np.concatenate(
            [
                self._tones[at, own : own + 12],
                self._tones[at, turn : turn + 12],
                self._scales[at, turn : turn + 12],
                self._tones[after, turn : turn + 12],
                self._log_tempo,
            ]
        )
        widest = encoding.WIDEST
        interval = np.clip(self._all + (LOWEST - last), -widest, widest) + widest
        tables = (interval, self._turns[root % 12], self._all)
        return self._query("pitch", dense, tables, known["pitch1"] - LOWEST)

    def durations(self, pitch: int) -> Query:
        """Return the query for the logits of the durations of a pitch, shape (15,)."""
        known, fields = self._known, self._fields
        interval = pitch - self._pitch if self._notes else UNHEARD + 1
        self._interval = interval
        self._pitch = pitch
        known["pitch"], known["interval"] = pitch, interval
        fields["interval"] = encoding.interval_field(interval) if self._notes else 0
        fields["register"] = min(max((pitch - LOWEST) // 3, 0), 23)
        return self._query("duration", self._log_tempo, (), 0)

    def take(self, duration: int) -> None:
        """Add the note with this duration class to the past."""
        if self._notes:
            # A solo's first note has no interval and no IOI, so it counts for nothing.
            core = self._pitch - LOWEST
            symbols: Mapping[str, int] = {
                "ioi": self._ioi_symbol.get(self._ioi, len(self._vocabulary.iois)),
                "pitch": core,
                "duration": duration,
            }
            for factor, memory in self._memories.items():
                memory.add(self._last_features[factor], symbols[factor], self._interval)
        for past, value in (
            (self._iois, self._ioi),
            (self._intervals, self._interval),
            (self._durations, duration),
        ):
            past.insert(0, value)
            past.pop()
        self._notes += 1
        self._begin()


def _swung(iois: IntArray) -> list[list[tuple[IntArray, IntArray, np.float32, np.float32]]]:
    """Return, for each tick of a beat, the IOIs to a late off-beat, and those to the eighth.

    Each comes with the logarithms of the shares of probability that move and that stay.
    """
    at = {int(ioi): index for index, ioi in enumerate(iois)}
    found: list[list[tuple[IntArray, IntArray, np.float32, np.float32]]] = [[] for _ in range(24)]
    for late, neighbour, share in ((16, 8, _TRIPLETS_SWUNG), (18, 6, _SIXTEENTHS_SWUNG)):
        early = np.array([at.get(int(ioi) - (late - 12), -1) for ioi in iois])
        moved, left = np.log(np.array([share, max(1 - share, 1e-12)], np.float32))
        for place, pairs in enumerate(found):
            # After its neighbour on the finer grid it belongs to that, and is no swung eighth.
            swung = ((place + iois) % 24 == late) & (iois > neighbour) & (early >= 0)
            pairs.append((np.flatnonzero(swung), early[swung], moved, left))
    return found


_LONGEST_REST_BARS = 4
_LEAVING_BARS = 2  # the last bars, from which a solo may end
_SPECKS = 1  # of the shortest durations, how many are slips of the transcriber's grid
_PLACES = np.arange(24)
_WRITABLE = (_PLACES % 3 == 0) | (_PLACES % 4 == 0)
# Finer than sixteenths and triplets there are only runs.
_FINE = (_PLACES % 6 != 0) & (_PLACES % 8 != 0)
_TRIPLETS_SWUNG = 1.0  # of a quarter and an eighth of a triplet, how many are but swung eighths
_SIXTEENTHS_SWUNG = 0.5  # of dotted eighths and sixteenths, how many are but swung eighths
# Solos, of 312 in 4/4, that begin on each eighth, from a bar before the form to the first bar's
# last; by its distance from the form's start.
_BEGINNINGS = (5, 6, 9, 13, 14, 8, 20, 13, 36, 22, 30, 17, 21, 6, 13, 10)


def _first_logits(ticks: IntArray) -> Array:
    """Return the logits that a solo begins at each of some ticks."""
    # Where it does not open with the form, the first of them is its start.
    eighths = (ticks - max(int(ticks[0]), 0)) // 12 + len(_BEGINNINGS) // 2
    return np.log(np.take(np.array(_BEGINNINGS, np.float32), eighths, mode="clip"))


class NoteSession:
    """One solo while it is played: IOI, pitch, duration, again.

    *Its legal mask*

    - An IOI must have a value of its own (no escape), keep the silence under four bars, and land
      on a sixteenth, a triplet or a finer division of them, all onsets of a beat on the same grid.
      One that lands beyond the form ends the solo, and is legal only in its last two bars.
    - A pitch must lie in the range.
    - A duration must end inside the form; the next onset cuts it short.

    The first note comes on an eighth of the first bar or, as a pickup, of the bar before it, by
    rule: the networks' inputs need a note before.  The probabilities are those of 312 solos.

    A decision that the constraints fix (:mod:`sideman.models.constraints`) is taken without a
    choice; the networks get it as input like one of their own.  The others leave room for what the
    constraints still require.  `shaper` corrects the logits; None for the networks alone.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        networks: Networks,
        setting: Setting,
        *,
        label: int = 0,
        constraints: Constraints = FREE,
        shaper: Shaper | None = None,
        motif: float = 1.0,
    ) -> None:
        changes, low, high = setting.changes, setting.low, setting.high
        inside = (max(low, LOWEST), min(high, LOWEST + CORE - 1))
        if inside[1] - inside[0] < 11:
            raise MusicError(
                f"The soloist plays MIDI numbers {LOWEST} to {LOWEST + CORE - 1}, and the range "
                f"{low} to {high} leaves it less than an octave of them; choose another "
                "instrument.",
                field="instrument",
            )
        starts = changes.bar_starts
        nothing = np.zeros(0, np.int64)
        form = Events(
            "",
            nothing,
            nothing,
            nothing,
            changes,
            tuple(starts[bar] for bar in changes.chorus_starts or (0,)),
            setting.tempo_bpm,
            ticks_per_bar=changes.meter.ticks_per_bar,
        )
        self._player = SoloEncoder(
            vocabulary,
            networks,
            form,
            label,
            motif,
        )
        self._shaper = shaper
        self._iois = vocabulary.iois
        self._swung = _swung(vocabulary.iois)
        self._end = starts[-1]
        bar = changes.meter.ticks_per_bar
        self._bar = bar
        self._last_bars = max(0, self._end - _LEAVING_BARS * bar)
        self._shortest = setting.shortest
        self._longest = _LONGEST_REST_BARS * bar
        pitches = np.arange(LOWEST, LOWEST + CORE + 1)
        legal = (pitches >= inside[0]) & (pitches <= inside[1])
        legal[-1] = False  # the escape
        self._pitch_mask = np.where(legal, np.float32(0), np.float32(-np.inf))
        self._lengths = np.array(DURATION_TICKS)
        self._onset = 0
        self._pitch = 0
        self._deciding = 0
        self._script = Script(constraints, self._end, *inside, setting.shortest)
        self._guard = constraints.guard
        self._slot: Slot | None = None
        # The first note: within the first bar that is open or before it, on a beat or between two.
        firsts = self._script.firsts(bar)
        self._firsts: IntArray | None = firsts
        self.mask: Array = np.zeros(len(firsts), np.float32)
        """0 for each legal alternative, minus infinity for the others."""
        self.notes: list[Note] = []
        """The notes so far."""
        self.done = False
        """Whether the form is filled."""
        self._settle()

    def options(self) -> tuple[Array, Array]:
        """Return the logits of the IOIs, the pitches or the durations, and the legal mask."""
        (logits,) = evaluate([self.query()])
        return self.shaped(logits)

    def line(self) -> tuple[Note, ...]:
        """Return the notes so far."""
        return tuple(self.notes)

    @property
    def reached(self) -> int:
        """The tick of the next note, or of the end: no note before it is to come."""
        return self._onset

    @property
    def plan(self) -> tuple[Stretch, ...]:
        """The plan of the whole solo; empty where the networks play alone."""
        return self._shaper.plan if self._shaper else ()

    def branch(self, rng: Generator | None = None) -> NoteSession:
        """Return a copy that is played on independently, with the random stream `rng` for plans."""
        branch = copy.copy(self)
        branch._player, branch._script = self._player.branch(), copy.copy(self._script)
        branch._shaper = self._shaper.branch(rng) if self._shaper else None
        branch.notes = list(self.notes)
        return branch

    def query(self) -> Query:
        """Return the query for the decision at hand; those of many solos can be joined."""
        if self._deciding == 0:
            return self._player.iois()
        if self._deciding == 1:
            return self._player.pitches(self._onset)
        return self._player.durations(self._pitch)

    def shaped(self, logits: Array) -> tuple[Array, Array]:
        """Return logits and mask from the networks' answer to :meth:`query`, which is reused."""
        return self._corrected(logits), self.mask

    def _corrected(self, logits: Array) -> Array:
        shaper = self._shaper
        if self._deciding == 0:
            if self._firsts is not None:
                logits = _first_logits(self._firsts)
                return logits if shaper is None else shaper.firsts(logits, self._firsts)
            self._write_swing_as_eighths(logits)
            return logits if shaper is None else shaper.iois(logits)
        if self._deciding == 1:
            if shaper is not None:
                logits = shaper.pitches(logits, self._onset)
            if self._script.slot is not None:
                logits[:-1] += self._script.pull(self._onset, LOWEST + np.arange(CORE))
            return logits
        return logits if shaper is None else shaper.durations(logits, self._onset, self._pitch)

    def _write_swing_as_eighths(self, logits: Array) -> None:
        """Add the probability of the late positions of a swung eighth to that of the off-beat."""
        for late, early, moved, left in self._swung[self._onset % 24]:
            logits[early] = np.logaddexp(logits[early], logits[late] + moved)
            logits[late] += left

    def choose(self, index: int, rng: Generator) -> None:
        """Choose a legal alternative; no random number is drawn."""
        if self._deciding == 0:
            firsts = self._firsts
            self._arrive(
                int(firsts[index]) if firsts is not None else self._onset + int(self._iois[index])
            )
        elif self._deciding == 1:
            self._strike(LOWEST + index)
        else:
            self._sound(DURATION_TICKS[index], index)
        self._settle()

    def _settle(self) -> None:
        """Take every decision in which the constraints leave no choice."""
        while not self.done:
            slot = self._slot
            if self._deciding == 0:
                if not self._no_choice_of_onset():
                    return
                evaluate([self._player.iois()])
                self._arrive(self._next_onset())
            elif self._deciding == 1:
                if slot is None or slot.pitch is None:
                    return
                evaluate([self._player.pitches(self._onset)])
                self._strike(slot.pitch)
            else:
                if slot is None or slot.duration is None:
                    return
                evaluate([self._player.durations(self._pitch)])
                nearest = np.abs(self._lengths - slot.duration).argmin()
                self._sound(slot.duration, int(nearest))

    def _no_choice_of_onset(self) -> bool:
        return not len(self.mask) or bool(np.isneginf(self.mask).all())

    def _next_onset(self) -> int:
        """Return the next note's onset where no IOI of the networks is legal."""
        script = self._script
        if script.loose:
            return script.latest(self._onset)[1]
        onset = script.next_open(self._onset) if self.notes else None
        return script.limit if onset is None else onset

    def _arrive(self, onset: int) -> None:
        """Set the onset; one at the next required note or beyond it means that note."""
        script = self._script
        self._firsts = None
        self._slot = None
        if script.loose or (script.slot is not None and onset >= script.limit):
            onset = onset if script.loose else script.limit
            self._slot = script.slot
        if self.notes and self.notes[-1].end > onset:
            self.notes[-1] = replace(self.notes[-1], duration=onset - self.notes[-1].onset)
        self._onset = onset
        if onset >= self._end:
            self.done = True
            return
        self.mask = self._pitches_allowed()
        if self._slot is not None:
            script.take()
        self._deciding = 1

    def _pitches_allowed(self) -> Array:
        """Return the mask of the next note's pitches."""
        mask, slot = self._pitch_mask, self._slot
        pitches = LOWEST + np.arange(CORE)
        if slot is not None and slot.pitch is None:
            least, most = self._script.bounds
            legal = (pitches >= least) & (pitches <= most)
            if slot.motion is not None and self.notes:
                legal &= np.sign(pitches - self.notes[-1].pitch) == slot.motion
            mask = self._narrowed(mask, ~legal)
        if self._guard is not None and (slot is None or slot.pitch is None):
            mask = self._narrowed(mask, self._guard.barred(self.notes, self._onset, pitches))
        return mask

    @staticmethod
    def _narrowed(mask: Array, barred: NDArray[np.bool_]) -> Array:
        """Return the mask with some pitches barred too, unless none would be left."""
        narrow = mask.copy()
        narrow[:-1][barred] = -np.inf
        return mask if np.isneginf(narrow).all() else narrow

    def _strike(self, pitch: int) -> None:
        """Set the pitch."""
        self._pitch = pitch
        until = self._script.barrier(self._onset)
        if self._slot is not None and self._slot.until is not None:
            until = min(until, self._slot.until)
        fits = self._lengths <= max(1, until - self._onset)
        if fits[1]:
            fits[:_SPECKS] = False
        self.mask = np.where(fits, np.float32(0), np.float32(-np.inf))
        self._deciding = 2

    def _sound(self, length: int, kind: int) -> None:
        """Set the duration class, which completes the note."""
        velocity = self._shaper.velocity(self._onset) if self._shaper else VELOCITY
        self.notes.append(Note(self._onset, length, self._pitch, velocity))
        self._player.take(kind)
        if self._shaper is not None:
            self._shaper.take(self._onset, self._pitch, length)
        self._set_ioi_mask()
        self._deciding = 0

    def _set_ioi_mask(self) -> None:
        script = self._script
        landing = self._onset + self._iois
        near = self._iois <= self._longest
        fit = self._iois >= self._shortest
        place = landing % 24
        fit &= _WRITABLE[place]
        # Finer than sixteenths and triplets, only runs: no single note lies a 32nd late.
        step = 3 if self._onset % 24 % 6 and self._onset % 24 % 3 == 0 else 4
        if _FINE[self._onset % 24]:
            fit &= self._iois == step
        else:
            fit &= ~_FINE[place] | (self._iois == np.where(place % 3 == 0, 3, 4))
        grid = self._grid()
        if grid:
            same_beat = landing // 24 == self._onset // 24
            fit &= ~same_beat | (place % grid == 0)
        if script.loose:
            legal = fit & (landing <= script.latest(self._onset)[0])
        else:
            limit = script.limit
            over = landing >= limit
            fit &= script.open(landing) & ~over
            legal = fit & near
            if limit < self._end:
                may_leave = limit - self._onset <= self._longest
            else:
                may_leave = self._onset >= self._last_bars
            legal |= over & may_leave
            if not legal.any():
                legal = fit
        mask = np.full(len(self._iois) + 1, -np.inf, np.float32)
        mask[:-1][legal] = 0
        self.mask = mask

    def _grid(self) -> int:
        """The grid of this beat's onsets so far: 3, 4, or 0 where it is open."""
        beat = self._onset // 24
        for note in reversed(self.notes):
            if note.onset // 24 != beat:
                break
            place = note.onset % 24
            if place % 12:
                return 3 if place % 3 == 0 else 4
        return 0
