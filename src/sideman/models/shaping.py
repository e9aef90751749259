"""Terms added to a network's logits for phrases, register and a consistent manner.

A network that samples note by note conditions on its own errors: its free lines are slower, with
fewer chord tones and more leaps than the training solos, although its probabilities are calibrated
on real solos (``docs/listening.md``).  A :class:`Shaper` corrects the logits so that the
statistics of a line are those of players.

*A manner is drawn for every solo* (:func:`draw`): how long phrases and rests are, how much the line
steps, leaps and repeats, how much of it is chord and scale, how wide it ranges.  Manners are
distributed as those of the training solos at that tempo: a normal distribution with their
covariance (:class:`Players`).  Where bars of a take are played again the manner is the take's
(:mod:`sideman.models.traits`).

*The logits are tilted exponentially* (Imre Csiszár, "I-divergence geometry of probability
distributions and minimization problems", Annals of Probability 3, 1975): of all distributions with
the wanted expectations ``softmax(log p + sum of multiplier * feature)`` is the nearest to p.  The
multiplier of the IOIs depends on the tempo alone: it makes the mean speed players', and how speed
varies from bar to bar and from solo to solo is left to the networks, which vary as players do.
Multipliers are fitted while sampling (``benchmarks/fit_manner.py``).

*Phrases are planned*: a length and a rest are drawn for each; a rest is unlikely before that length
and increasingly likely after it, so that it comes where the network also makes it likely.
"""

from __future__ import annotations

import copy
import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.models import melody, passages, planning
from sideman.models.controls import HARDEST, Controls
from sideman.models.encoding import CORE, LOWEST, avoid_bits, chord_bits
from sideman.models.events import DURATION_TICKS, LOG_DURATIONS, PHRASE_GAP_TICKS, IntArray
from sideman.models.planning import Stretch
from sideman.models.protocol import VELOCITY, Setting
from sideman.models.theme import Theme
from sideman.models.traits import Pace, Traits, inherited
from sideman.theory.pitch import Key

Array = NDArray[np.float32]

TRAITS = (
    "speed",
    "phrase",
    "rest",
    "repeats",
    "steps",
    "leaps",
    "chord_tones",
    "scale_tones",
    "range",
)
"""What makes a manner: mean log of the IOIs within phrases (ticks), of the phrases' lengths and of
the rests (quarters); logits of a repeated pitch, a step (1 or 2 semitones), a leap (8 or more), a
chord tone, a scale tone; the range in semitones.  Of the speed only the mean is used."""
TILTED = ("repeats", "steps", "leaps", "chord_tones", "scale_tones")
"""The traits that have a multiplier; the others are planned."""
USUAL_BPM = 150.0
"""The tempo at which means are given, and that is assumed where none is known."""

_FILE = Path(__file__).parent / "manner.json"
_OUTERMOST = 1.7  # standard deviations from the mean, at most
_FAITHFUL = 0.6  # how much one player's solos differ, beside everybody's
_WANDER = 12.0  # semitones; the registers of one player's solos have a deviation of .22 of it
_PACE = 0.01  # how far a multiplier follows one note; after about 1 / _PACE notes it has arrived
_STRAY = 0.7  # how far a multiplier leaves its beginning: what was sparse is not paid back
_LONGEST_PHRASE = 40.0
# Networks play much alike whatever is asked for: what is unlike is asked for more so.
_AMPLIFIED = {"phrase": 1.35}
_AHEAD = {
    "repeats": 0.4,
    "steps": 0.7,
    "leaps": 0.6,
    "chord_tones": 0.7,
    "scale_tones": 0.7,
}
_WIDE = 7  # semitones; a wider interval is a leap
_QUICK, _SMOOTH = 8, 0.6  # in IOIs of so many ticks a leap is that much less likely
_ONWARD = np.float32(0.7)  # nats for going on in a leap's direction
_STAYING, _LEFT = 30, np.float32(0.9)  # ticks; nats for IOIs as long after an unstable note
_HELD = np.where(np.array(DURATION_TICKS) < 24, 0, 0.3).astype(np.float32)  # for unstable notes
_SLOWER = 3.0  # the multiplier of log IOIs for each unit by which they are asked to be longer
_SPREAD = 0.25  # the variance of the logarithm of IOIs within phrases
_LONGEST_CELL, _REPEATED = 8, 1.5  # notes in a cell; nats for each repetition
_ANY_RHYTHM = 1  # notes in the longest cell that counts as repeated whatever its rhythm
_ENDS, _ENDS_NOT, _TOO_LATE, _CLOSES = 12, 16, 24, np.float32(8)  # nats, see Shaper._resolve
_NEAR_REST = 0.25  # how near the logarithm of a rest comes to the one that was drawn
_PULL = 0.018  # logits a semitone for every semitone that the goal is away
_STRIDE = 6  # semitones beyond which a wider interval counts no more
_FIRMLY = {"density": 2.9, "register": 1.2}  # times a plan's difference: a line follows in part
_BALANCE, _UNSETTLED = (
    1.2,
    8,
)  # times the difference so far from the register; notes before it counts
_EASY = {
    # shortest note (ticks), range and widest leap (semitones), chord tones on beats, slower by
    1: (12, 14, 7, 2.0, 0.5),
    2: (12, 17, 9, 1.4, 0.35),
    3: (8, 20, 12, 0.8, 0.2),
    4: (6, 24, 15, 0.4, 0.1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Players:
    """The distribution of players' styles, and what makes the networks play so.

    Parameters
    ----------
    mean, slope : array, shape (9,)
        Of :data:`TRAITS` at 150 quarters a minute, and per unit of the tempo's logarithm.
    covariance : array, shape (9, 9)
        Around that.
    phrase, rest : array, shape (quantiles,)
        Quantiles of the logarithms of phrases' and rests' lengths less a solo's mean, at equal
        steps of probability from 0 to 1.
    base : mapping of str to float
        What brings the shipped networks to `mean`: the multipliers of :data:`TILTED`, and how much
        longer, or wider, the others have to be planned.
    own : mapping of str to tuple of float
        The difference of each player from the mean, shrunk towards it where few solos are known.
    register : mapping of str to float
        The mean pitch of each player's solos, shrunk likewise.
    tempo : tuple of float
        The multiplier of the log IOIs at 150 quarters a minute, and per unit of the tempo's
        logarithm.
    arc : array, shape (3, 3)
        How :data:`sideman.models.planning.QUALITIES` depend on a stretch's place in the solo, from
        0 to 1: coefficients of 1, the place and its square.
    spread : array, shape (3, 3)
        Their covariance around that.
    """

    mean: NDArray[np.float64]
    slope: NDArray[np.float64]
    covariance: NDArray[np.float64]
    phrase: NDArray[np.float64]
    rest: NDArray[np.float64]
    base: Mapping[str, float]
    own: Mapping[str, tuple[float, ...]]
    register: Mapping[str, float]
    tempo: tuple[float, ...]
    arc: NDArray[np.float64]
    spread: NDArray[np.float64]


@lru_cache(maxsize=1)
def players() -> Players:
    """Return the players' styles, fitted by ``benchmarks/fit_manner.py`` on the training solos."""
    found = json.loads(_FILE.read_text(encoding="utf-8"))
    return Players(
        np.array(found["mean"]),
        np.array(found["slope"]),
        np.array(found["covariance"]),
        np.array(found["phrase"]),
        np.array(found["rest"]),
        found["base"],
        {name: tuple(off) for name, off in found["own"].items()},
        found["register"],
        tuple(found["tempo"]),
        np.array(found["arc"]),
        np.array(found["spread"]),
    )


def centre(known: Players, tempo_bpm: float) -> NDArray[np.float64]:
    """Return the mean of :data:`TRAITS` at a tempo in quarters a minute, shape (9,)."""
    return known.mean + known.slope * log_tempo(tempo_bpm)


def log_tempo(tempo_bpm: float) -> float:
    """Return the logarithm of a tempo over 150, within the tempi of the training solos."""
    return math.log(min(max(tempo_bpm, 50.0), 320.0) / USUAL_BPM)


def draw(known: Players, tempo_bpm: float, rng: Generator, like: str = "") -> dict[str, float]:
    """Return a random manner by :data:`TRAITS`, at a tempo in quarters a minute.

    It is near that of the player `like`, if known.
    """
    # The Cholesky factor is the same on every machine; an eigenvector's sign need not be.
    noise = np.clip(rng.standard_normal(len(TRAITS)), -_OUTERMOST, _OUTERMOST)
    drawn = centre(known, tempo_bpm)
    if like in known.own:
        drawn = drawn + np.array(known.own[like])
        noise = noise * _FAITHFUL
    drawn = drawn + np.linalg.cholesky(known.covariance) @ noise
    return dict(zip(TRAITS, drawn.tolist(), strict=True))


def easier(setting: Setting, difficulty: int) -> Setting:
    """Return a setting whose range and speed suit a student, by a difficulty from 1 (easy) to 5."""
    if difficulty == HARDEST:
        return setting
    slowest, width, *_ = _EASY[difficulty]
    spare = max(0, setting.high - setting.low - width)
    return replace(
        setting,
        low=setting.low + spare // 2,
        high=setting.high - (spare - spare // 2),
        shortest=max(setting.shortest, slowest),
        asked=True,
    )


class Shaper:
    """Corrections of the logits of one solo while it is played.

    :meth:`iois`, :meth:`pitches` and :meth:`durations` correct the logits of each decision;
    :meth:`take` is called with each note.  `iois`, shape (V,), are the IOIs that are decided among;
    `rng` is a random stream of its own, for style and phrases; `like` is the player to imitate;
    `take` are the traits of a line whose manner is inherited in the place of a drawn one; `theme`
    adds rewards for taking up a phrase.
    """

    def __init__(
        self,
        controls: Controls,
        setting: Setting,
        iois: IntArray,
        rng: Generator,
        like: str = "",
        take: Traits | None = None,
        theme: Theme | None = None,
    ) -> None:
        self._theme = theme
        self._controls, self._rng, self._known = controls, rng, players()
        self._low, self._high = setting.low, setting.high
        changes = setting.changes
        self._iois = iois
        self._log_iois = np.log(iois).astype(np.float32)
        self._end = changes.length
        self._bar = changes.meter.ticks_per_bar
        self._strong = self._bar // 2 if self._bar % 48 == 0 else self._bar
        spans = changes.spans
        self._chord_onsets = [span.onset for span in spans]
        chords = [span.chord for span in spans]
        tones, scales = chord_bits(chords)
        classes = np.arange(LOWEST, LOWEST + CORE) % 12
        self._tones = tones[:, classes].astype(np.float32)
        self._scales = (tones | scales)[:, classes].astype(np.float32)
        # Neither chord nor scale tones, or avoid notes.
        self._unstable = (~(tones | scales) | avoid_bits(chords))[:, classes]
        self._home = np.isin(classes, _tonic_chord(setting.key)).astype(np.float32)
        moves = np.arange(-CORE, CORE + 1)
        # A goal is reached by going there, not by leaping.
        self._moves = np.clip(moves, -_STRIDE, _STRIDE).astype(np.float32)
        sizes = np.abs(moves)
        self._repeats = (sizes == 0).astype(np.float32)
        self._steps = ((sizes > 0) & (sizes < 3)).astype(np.float32)
        self._leaps = (sizes > _WIDE).astype(np.float32)
        easy = _EASY.get(controls.difficulty)
        self._beat_tones = easy[3] if easy else 0.0
        self._slower = easy[4] if easy else 0.0
        self._too_wide = np.where(
            sizes > (easy[2] if easy else CORE), np.float32(-9), np.float32(0)
        )
        self._places = np.arange(LOWEST, LOWEST + CORE, dtype=np.float32)
        self._notes: list[tuple[int, int]] = []
        self._last = (0, 0, 0)  # onset, pitch, ticks
        self._entered = 0  # the first note of the stretch
        self._set_manner(setting.tempo_bpm or USUAL_BPM, like, take)
        self._passages = passages.plan(setting, rng.spawn(1)[0])
        self._head = None
        if controls.melody:
            middle = 0.5 * (self._floor + self._ceiling)
            self._head = melody.Head(setting, controls.melody, middle, rng.spawn(1)[0])
            self._speed -= melody.QUICKER
        # What a take inherits is its manner throughout.
        known = self._known
        self.plan = (
            planning.draw(changes, known.arc, known.spread, rng) if take is None else (Stretch(0),)
        )
        """The plan of the solo."""
        self._stretches = [stretch.onset for stretch in self.plan]
        self._plan(0)

    def branch(self, rng: Generator | None = None) -> Shaper:
        """Return a copy that plans on independently, with the random stream `rng` if given."""
        branch = copy.copy(self)
        branch._tilt, branch._notes = dict(self._tilt), list(self._notes)
        branch._rng = rng or copy.deepcopy(self._rng)
        branch._head = self._head.branch() if self._head else None
        return branch

    def _set_manner(self, tempo_bpm: float, like: str, take: Traits | None) -> None:
        known, controls, rng = self._known, self._controls, self._rng
        mean = centre(known, tempo_bpm)
        usual = dict(zip(TRAITS, mean.tolist(), strict=True))
        if take is None:
            manner = draw(known, tempo_bpm, rng, like)
        else:
            manner = dict(zip(TRAITS, inherited(take, mean).tolist(), strict=True))
        for name, times in _AMPLIFIED.items():
            manner[name] = usual[name] + times * (manner[name] - usual[name])
        at_mean, by_tempo = known.tempo
        self._speed = at_mean + by_tempo * log_tempo(tempo_bpm)
        self._speed += _SLOWER * (self._slower - 0.7 * math.log(controls.density))
        if take is not None:
            self._speed += _SLOWER * (manner["speed"] - usual["speed"])
            usual["speed"] = manner["speed"]
        manner["rest"] -= math.log(controls.density)
        for name in ("phrase", "rest", "range"):
            manner[name] += known.base[name]
        self._manner, self._usual_speed = manner, usual["speed"]
        self._tilt: dict[str, float] = {}
        for name in TILTED:
            off = manner[name] - usual[name]
            # The network conditions on its own line, so a smaller multiplier suffices.
            self._tilt[name] = known.base[name] + _AHEAD[name] * off
        self._begun_tilt = dict(self._tilt)
        self._wanted = {name: 1 / (1 + math.exp(-manner[name])) for name in TILTED}
        reach = min(max(manner["range"], 12.0), self._high - self._low)
        room = self._high - self._low - reach
        turn = float(rng.beta(2, 2))
        middle = self._low + reach / 2 + room * turn
        self._floor, self._ceiling = middle - reach / 2, middle + reach / 2
        if like in known.register:
            middle = known.register[like] + _WANDER * (turn - 0.5)
            middle = min(max(middle, self._low + 6), self._high - 6)
            self._floor = max(middle - reach / 2, self._low)
            self._ceiling = min(middle + reach / 2, self._high)
        self._middle = 0.5 * (self._floor + self._ceiling)
        self._pace: Pace | None = None
        if take is not None:
            self._floor, self._middle, self._ceiling = take.register(self._low, self._high)
            self._pace = take.pace(controls.density)

    def _plan(self, onset: int) -> None:
        """Plan a phrase and the rest after it."""
        rng = self._rng
        length = math.exp(self._manner["phrase"] + _quantile(self._known.phrase, rng.random()))
        rest = math.exp(self._manner["rest"] + _quantile(self._known.rest, rng.random()))
        denser = _FIRMLY["density"] * self.stretch(onset).density
        rest *= math.exp(-denser)
        length = min(max(length, 1.0), _LONGEST_PHRASE)
        self._begun, self._breath_notes = onset, 0
        self._length = 24 * length
        # The notes that fill the phrase at the usual speed: faster phrases are shorter.
        self._wind = 24 * length / math.exp(self._usual_speed + _SPREAD / 2)
        self._rest = math.log(max(24 * rest, float(PHRASE_GAP_TICKS)))
        self._set_goal(onset)

    def _set_goal(self, onset: int) -> None:
        """Draw the pitch that the line moves towards, around the register of the stretch.

        The pitches of the stretch so far are balanced.
        """
        middle = self._middle + _FIRMLY["register"] * self.stretch(onset).register
        pitches = [pitch for _, pitch in self._notes[self._entered :]]
        so_far = (sum(pitches) + _UNSETTLED * middle) / (len(pitches) + _UNSETTLED)
        middle -= _BALANCE * (so_far - middle)
        spread = (self._ceiling - self._floor) / 3
        goal = middle + spread * float(self._rng.standard_normal())
        self._goal = min(max(goal, self._floor), self._ceiling)

    def firsts(self, logits: Array, ticks: IntArray) -> Array:
        """Return the corrected logits that a solo begins at each of some ticks."""
        return logits + self._head.firsts(ticks) if self._head else logits

    def iois(self, logits: Array) -> Array:
        """Return the corrected logits of the next IOI, shape (V + 1,); the escape is last."""
        onset, pitch, ticks = self._last
        controls = self._controls
        silence = self._iois - ticks
        breath = silence >= PHRASE_GAP_TICKS
        shaped = logits * np.float32(1 / controls.rhythm)
        inside = shaped[:-1]
        sings = self._sings(onset)
        if not sings:
            faster = _SLOWER * 0.5 * _FIRMLY["density"] * self.stretch(onset + ticks).density
            if self._pace:
                faster += self._pace.faster
            tilt = self._speed - faster + self._passages.iois(onset)
            speed = np.float32(controls.manner * tilt)
            inside += np.where(breath, speed * 3, speed * self._log_iois)
        if self._head is not None:
            inside += self._head.onsets(onset, onset + self._iois)
        if self._notes and self._unstable[self._chord_at(onset), _column(pitch)]:
            # Players seldom stay or stop on an avoid note, or one from outside the chord's scale.
            inside[self._iois >= _STAYING] -= _LEFT
        if controls.breath and not sings:
            place = (onset + ticks - self._begun) / self._length
            place = 0.5 * (place + self._breath_notes / self._wind)
            urge = min(max(6.0 * (place - 1.0), -2.5), 12.0)
            rest = np.log(np.maximum(silence, 1)).astype(np.float32)
            off = (rest - np.float32(self._rest)) / np.float32(_NEAR_REST)
            wanted = np.float32(urge) - np.float32(0.5) * off * off
            inside[breath] += np.float32(controls.breath) * wanted[breath]
        if controls.resolve:
            self._resolve(inside, onset, pitch)
        if self._theme is not None:
            self._theme.iois(inside, onset)
        return shaped

    def _resolve(self, shaped: Array, onset: int, pitch: int) -> None:
        """Make the solo end on a chord tone on or just before a strong beat of the last bar."""
        if onset < self._end - 3 * self._bar:
            return
        landing = onset + self._iois
        over = landing >= self._end
        if self._is_close(onset) and self._closing(onset)[_column(pitch)]:
            shaped[over] += _ENDS
        else:
            shaped[over] -= _ENDS_NOT
        last = (self._end - 1) // self._strong * self._strong
        shaped[(landing > last) & ~over] -= _TOO_LATE

    def _is_close(self, onset: int) -> bool:
        """Whether a solo may end here."""
        late = onset >= self._end - self._bar - 12
        return late and -onset % self._strong <= 12 and onset < self._end - 12

    def _closing(self, onset: int) -> Array:
        """Return the pitches that end a solo: tones of the chord, of the tonic's too if it can."""
        tones: Array = self._tones[self._chord_at(onset + -onset % self._strong)]
        both: Array = tones * self._home
        return both if both.any() else tones

    def pitches(self, logits: Array, onset: int) -> Array:
        """Return the corrected logits of the pitches at a tick, shape (73,); the escape is last."""
        controls, tilt = self._controls, self._tilt
        chord = self._chord_at(onset)
        shaped = logits * np.float32(1 / controls.pitch)
        inside = shaped[:-1]
        if self._notes:
            at = CORE - _column(self._last[1])
            near = slice(at, at + CORE)
            strength = np.float32(controls.manner)
            inside += self._repeats[near] * np.float32(strength * tilt["repeats"])
            inside += self._steps[near] * np.float32(strength * tilt["steps"])
            quick = _SMOOTH if onset - self._last[0] <= _QUICK else 0.0
            inside += self._leaps[near] * np.float32(strength * (tilt["leaps"] - quick))
            inside += self._too_wide[near]
            inside[self._onward()] -= _ONWARD
        tones = controls.manner * tilt["chord_tones"] + (0.0 if onset % 24 else self._beat_tones)
        if controls.resolve and self._is_close(onset):
            inside += self._closing(onset) * _CLOSES
        inside += self._tones[chord] * np.float32(tones)
        inside += self._scales[chord] * np.float32(controls.manner * tilt["scale_tones"])
        if controls.register and not self._sings(onset):
            if self._notes:
                way = min(max(self._goal - self._last[1], -10.0), 10.0)
                inside += self._moves[near] * np.float32(controls.register * _PULL * way)
            over = np.maximum(self._places - np.float32(self._ceiling), 0)
            under = np.maximum(np.float32(self._floor) - self._places, 0)
            out = (over + under) / np.float32(controls.softness)
            inside -= np.float32(controls.register) * out * out
        if self._head is not None:
            inside += self._head.pitches(onset)
        for pitch, penalty in self._repetitions():
            if 0 <= pitch - LOWEST < CORE:
                inside[pitch - LOWEST] -= np.float32(penalty)
        if self._theme is not None:
            self._theme.pitches(inside, onset, self._line())
        return shaped

    def _line(self) -> Iterator[tuple[int, int]]:
        """Yield onset and pitch of each note, the last one first."""
        onset = self._last[0]
        for ioi, pitch in reversed(self._notes):
            yield onset, pitch
            onset -= ioi

    def _onward(self) -> slice:
        """Return the columns that go on in the direction of a leap, of no step at all included."""
        pitches = [pitch for _, pitch in self._notes[-2:]]
        leap = pitches[-1] - pitches[0]
        if abs(leap) <= _WIDE:
            return slice(0)
        last = _column(pitches[-1])
        return slice(last, None) if leap > 0 else slice(last + 1)

    def _repetitions(self) -> Iterator[tuple[int, float]]:
        """Yield the pitches that continue a repetition, each with its penalty in nats.

        Repetitions are cells of up to eight notes, and a single pitch in any rhythm.
        """
        notes = self._notes
        for period in range(1, _LONGEST_CELL + 1):
            many = 0
            while many < 8 * period and len(notes) > many + period:
                now, before = notes[-1 - many], notes[-1 - many - period]
                if now != before and (period > _ANY_RHYTHM or now[1] != before[1]):
                    break
                many += 1
            times = many / max(period, 2)
            if times >= 1:
                yield notes[-period][1], _REPEATED * times
                return

    def durations(self, logits: Array, onset: int, pitch: int) -> Array:
        """Return the corrected logits of the durations of a note at a tick, shape (15,)."""
        shaped = logits * np.float32(1 / self._controls.duration)
        longer = self._controls.manner * self._passages.durations(onset)
        shaped = shaped + np.float32(longer) * LOG_DURATIONS if longer else shaped
        if self._unstable[self._chord_at(onset), _column(pitch)]:
            shaped -= _HELD
        held = self._head.durations(onset) if self._head else None
        return shaped if held is None else shaped + held

    def velocity(self, onset: int) -> int:
        """Return the velocity of a note, by the loudness of its stretch."""
        return round(VELOCITY * 10 ** (self.stretch(onset).loudness / 40))

    def take(self, onset: int, pitch: int, ticks: int) -> None:
        """Update style and plan by a note, its onset and length in ticks."""
        before, last, lasted = self._last
        if self._notes:
            ioi, interval = onset - before, abs(pitch - last)
            if ioi - lasted >= PHRASE_GAP_TICKS:
                self._plan(onset)
                if self._head is not None:
                    self._head.begin(onset, pitch, self._rng)
            self._follow("repeats", interval == 0)
            self._follow("steps", 0 < interval < 3)
            self._follow("leaps", interval > _WIDE)
        chord, place = self._chord_at(onset), pitch - LOWEST
        if 0 <= place < CORE:
            self._follow("chord_tones", float(self._tones[chord, place]))
            self._follow("scale_tones", float(self._scales[chord, place]))
        if self._pace and self._notes:
            self._pace = self._pace.after(onset - before)
        self._breath_notes += 1
        if self.stretch(onset) is not self.stretch(before):
            self._entered = len(self._notes)
        if abs(pitch - self._goal) < 2:
            self._set_goal(onset)
        ioi = onset - before if self._notes else 0
        self._notes.append((ioi, pitch))
        self._last = (onset, pitch, ticks)

    def _follow(self, name: str, played: float) -> None:
        """Move a multiplier against what was too much, the further the rarer it is."""
        wanted = self._wanted[name]
        now = self._tilt[name] + _PACE / (wanted * (1 - wanted)) * (wanted - played)
        begun = self._begun_tilt[name]
        self._tilt[name] = min(max(now, begun - _STRAY), begun + _STRAY)

    def _sings(self, onset: int) -> bool:
        """Return whether a note of the tune's melody is held at a tick."""
        return self._head is not None and self._head.sings(onset)

    def stretch(self, onset: int) -> Stretch:
        """Return the stretch of the plan that a tick is in."""
        return self.plan[max(0, bisect_right(self._stretches, onset) - 1)]

    def _chord_at(self, onset: int) -> int:
        return max(0, bisect_right(self._chord_onsets, onset) - 1)


def _quantile(table: NDArray[np.float64], share: float) -> float:
    """Return the quantile at a probability, between those of a table."""
    return float(np.interp(share * (len(table) - 1), np.arange(len(table)), table))


def _tonic_chord(key: Key | None) -> list[int]:
    """Return the pitch classes of a key's tonic chord with sixth and ninth; all where unknown."""
    if key is None:
        return list(range(12))
    third = 3 if key.minor else 4
    return [(key.tonic.pitch_class + above) % 12 for above in (0, 2, third, 7, 9)]


def _column(pitch: int) -> int:
    """Return the column of a pitch; for one beyond them all, that of the nearest."""
    return min(max(pitch - LOWEST, 0), CORE - 1)
