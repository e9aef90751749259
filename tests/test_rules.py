"""Every rule by which a solo is played: what it does, and that nothing else does it.

Each row of :data:`RULES` has a property that holds in a small situation, and a way to switch its
rule off: constants to replace, or a control (``control:``) or field of the setting (``setting:``)
that makes it neutral.  With the rule off the property must fail.
"""

from __future__ import annotations

import ast
import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sideman.formats import typed
from sideman.models import melody, passages, sampler, shaping, soloist, theme, traits
from sideman.models.constraints import FREE, Constraints, Script, Slot, given
from sideman.models.controls import Controls
from sideman.models.course import network as course
from sideman.models.course.tokens import Token
from sideman.models.encoding import CORE, FACTORS, LOWEST, Vocabulary
from sideman.models.events import DURATION_TICKS, Distributions, Events
from sideman.models.planning import Stretch
from sideman.models.protocol import Setting
from sideman.models.shaping import TRAITS, Shaper
from sideman.models.soloing import NoteSession
from sideman.models.stepping import prepared
from sideman.score import Changes, Note
from sideman.theory.pitch import Key

Array = NDArray[np.float32]
IOIS = np.array(
    [2, 3, 4, 6, 8, 10, 12, 14, 15, 16, 18, 24, 30, 36, 48, 72, 96, 192, 288, 312, 384, 408]
)
VOCABULARY = Vocabulary(IOIS)
OFF: dict[str, Any] = {}
"""Controls and fields of the setting that the rule at hand is switched off by."""


# Situations: a solo that has got so far, and what is thought of the next decision.


def overridden(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    changed = {name.split(":")[1]: one for name, one in OFF.items() if name.startswith(kind)}
    return {**values, **changed}


@cache
def changes(text: str) -> Changes:
    return typed.parse(text, "a form").changes


C_MAJOR = "| Cmaj7 " * 8 + "|"
ON_G, C = "| G7 " * 8 + "|", Key(0)
TO_D = "| Cmaj7 " * 7 + "| Cmaj7 D7 |"


def place(text: str = C_MAJOR, **asked: Any) -> Setting:
    return Setting(changes(text), **overridden("setting:", {"low": 48, "high": 84, **asked}))


def shaper(
    *line: tuple[int, int],
    text: str = C_MAJOR,
    ticks: int = 6,
    seed: int = 0,
    key: Key | None = None,
    **asked: Any,
) -> Shaper:
    """A shaper after some onsets and pitches; what is not asked for is neutral."""
    controls = Controls(**overridden("control:", asked))
    setting = shaping.easier(place(text, tempo_bpm=150.0, key=key), controls.difficulty)
    found = Shaper(controls, setting, IOIS, np.random.default_rng(seed))
    for onset, pitch in line:
        found.take(onset, pitch, ticks)
    return found


def added_to_iois(one: Shaper) -> dict[int, float]:
    """What a shaper adds to the log-odds of each IOI."""
    added = one.iois(np.zeros(len(IOIS) + 1, np.float32))
    return dict(zip(IOIS.tolist(), added.tolist(), strict=False))


def added_to_pitches(one: Shaper, onset: int) -> dict[int, float]:
    added = one.pitches(np.zeros(CORE + 1, np.float32), onset)
    return dict(zip(range(LOWEST, LOWEST + CORE), added.tolist(), strict=False))


def on_eighths(*pitches: int, begin: int = 0) -> list[tuple[int, int]]:
    return [(begin + 12 * at, pitch) for at, pitch in enumerate(pitches)]


@cache
def networks() -> Any:
    """Small ones, of random weights."""
    rng = np.random.default_rng(0)
    weights = {
        factor: (
            {
                name: rng.normal(0, 0.3, shape).astype(np.float32)
                for name, shape in soloist.shapes(VOCABULARY, factor, 4).items()
            },
        )
        for factor in FACTORS
    }
    return prepared(VOCABULARY, weights)


def session(
    *line: tuple[int, int], text: str = C_MAJOR, then: Constraints = FREE, **asked: Any
) -> NoteSession:
    """A session that has played a line, a tick each note, and goes on under constraints."""
    slots = tuple(given(Note(onset, 1, pitch, 92)) for onset, pitch in line)
    closed = ((0, line[-1][0] + 1),) if line else ()
    fixed = replace(then, slots=slots + then.slots, closed=closed + then.closed)
    one = NoteSession(VOCABULARY, networks(), place(text, **asked), constraints=fixed)
    while len(one.notes) < len(line):
        # Any IOI that reaches the next note means that note.
        one.choose(int(np.flatnonzero(one.mask == 0)[-1]), np.random.default_rng(0))
    return one


def legal_iois(one: NoteSession) -> set[int]:
    return set(IOIS[one.mask[:-1] == 0].tolist())


def legal_pitches(one: NoteSession) -> set[int]:
    return {LOWEST + int(at) for at in np.flatnonzero(one.mask == 0)}


def legal_durations(one: NoteSession) -> set[int]:
    return set(np.array(DURATION_TICKS)[one.mask == 0].tolist())


def at_pitch(one: NoteSession, ioi: int) -> NoteSession:
    """Decide for an IOI; the pitch is next."""
    one.choose(IOIS.tolist().index(ioi), np.random.default_rng(0))
    return one


def swing_lost(late: int) -> float:
    """How much less likely a late off-beat gets than an IOI to which no rule applies."""
    odds, _ = session((0, 60)).shaped(np.zeros(len(IOIS) + 1, np.float32))
    return float(odds[IOIS.tolist().index(96)] - odds[IOIS.tolist().index(late)])


def first_likeliest() -> int:
    """The tick on which a solo begins most often."""
    one = session()
    odds, mask = one.options()
    assert not mask.any()
    return int(script().firsts(96)[odds.argmax()])


def at_duration(then: Constraints = FREE) -> NoteSession:
    """A session that has chosen C on the second eighth, of which the duration is open."""
    one = at_pitch(session((0, 60), then=then), 12)
    one.choose(60 - LOWEST, np.random.default_rng(0))
    return one


def is_shaped(deciding: int) -> bool:
    """Whether a shaper changes a session's odds of the IOI, the pitch or the duration."""

    def odds(by: Shaper | None) -> Array:
        one = session((0, 60))
        one._shaper = by
        if deciding > 0:
            at_pitch(one, 12)
        if deciding > 1:
            one.choose(60 - LOWEST, np.random.default_rng(0))
        return one.shaped(np.linspace(0, 1, len(one.mask), dtype=np.float32))[0]

    return not np.allclose(odds(None), odds(shaper((0, 60), manner=1, duration=2)))


def pull_of_session() -> float:
    """How much less likely a session finds a pitch an octave from the next fixed note."""
    one = at_pitch(session((0, 60), then=Constraints((Slot(24, 12, 60),))), 12)
    odds, _ = one.shaped(np.zeros(CORE + 1, np.float32))
    return float(odds[61 - LOWEST] - odds[72 - LOWEST])


def contour(motion: int) -> NoteSession:
    """A session after a C that is to be followed by two notes of fixed rhythm, each higher."""
    motion_asked = overridden("slot:", {"motion": motion})["motion"]
    slots = tuple(Slot(at, 12, None, motion_asked) for at in (12, 24))
    return at_pitch(session((0, 60), then=Constraints(slots, ((0, 48),))), 12)


def loose(until: int = 96, shortest: int = 1) -> Script:
    """Two notes whose onsets are open."""
    return script(*(Slot(pitch=60, until=until),) * 2, shortest=shortest)


def goes_to_the_fixed_note() -> bool:
    """The more, the nearer it is; not at all towards a far one."""
    near, far = pulled(Slot(12, 12, 60), closed=((0, 12),))[12], pulled(Slot(96, 12, 60))[12]
    any_pitch = tuple(Slot(12 * at, 12) for at in range(1, 10))
    closed = ((0, 200),)
    return (
        near < -5 < -1 < far < -0.3
        and not any(pulled(Slot(204, 12, 60)))
        and not any(pulled(*any_pitch, Slot(120, 12, 60), closed=closed))
        and pulled(*any_pitch[:7], Slot(96, 12, 60), closed=closed)[12] < -0.3
    )


def contour_has_room() -> bool:
    def bounds(*after: Any) -> tuple[int, int]:
        return script(Slot(12, 12), Slot(24, 12, *after)).bounds

    return (
        legal_pitches(contour(1)) <= set(range(48, 84))
        and bounds(None, 1) == (48, 83)
        and bounds(None, -1) == (49, 84)
        and bounds(None, 0) == (48, 84)
        and bounds(60, 0) == (60, 60)
        and bounds(60, 1) == (48, 59)
    )


def shaper_is_told() -> bool:
    """Whether a session tells its shaper each note."""
    one = session((0, 60))
    one._shaper = shaper((0, 60))
    at_pitch(one, 12)
    for index in (62 - LOWEST, DURATION_TICKS.index(6)):
        one.choose(index, np.random.default_rng(0))
    return one._shaper._last == (12, 62, 6)


def worth_of_copying() -> float:
    """What it costs that every note stands in a match, in nats a note."""
    line = tuple(Note(onset, 12, pitch, 92) for onset, pitch in on_eighths(60, 64, 67))
    judge, setting = Indifferent(), place()
    plain = sampler.worth(line, setting, judge, FREE)
    return sampler.worth(line, setting, judge, Constraints(guard=NoC())) - plain


def script(*slots: Slot, closed: Sequence[tuple[int, int]] = (), shortest: int = 1) -> Script:
    return Script(Constraints(slots, tuple(closed)), 768, 48, 84, shortest)


def pulled(*slots: Slot, onset: int = 0, closed: Sequence[tuple[int, int]] = ()) -> list[float]:
    """What is added to the pitches from 60 to 72."""
    return list(script(*slots, closed=closed).pull(onset, np.arange(60, 73)))


class NoC:
    """A guard that forbids a pitch."""

    def barred(self, notes: Sequence[Note], onset: int, pitches: Any) -> Any:
        return pitches == 60

    def broken(self, line: Sequence[Note], fixed: frozenset[int | None]) -> bool:
        return False

    def copied(self, line: Sequence[Note]) -> float:
        return 1.0


class Indifferent:
    name = "indifferent"

    def distributions(self, events: Events) -> Distributions:
        return Distributions(*(np.full((len(events), n), 1 / n) for n in (1536, 128, 15)))


TOKENS = tuple(
    map(
        Token.parse,
        ("C,0.500", "C,0.333", "C,0.250", "R,0.500", "R,0.333", "C,0.500,<P5,P1>", "S,1.000"),
    )
)


def course_legal(
    left: int, *, has_note: bool = False, previous: int | None = None, **asked: Any
) -> set[str]:
    """The legal tokens with some ticks left of a bar of C major."""
    setting = place(**asked)
    rules = course.Rules(TOKENS, setting.shortest)
    if "course:brackets" in OFF:
        rules._opening = rules._going = ~rules._rests
    chord = setting.changes.spans[0].chord
    mask = rules.mask(left, has_note, chord, previous, setting.low, setting.high)
    return {str(token) for token, one in zip(TOKENS, mask, strict=True) if one == 0}


# The properties, in the order of the table.


def draws_stay_near() -> bool:
    """In the coordinates in which manners are uncorrelated none is far out."""
    known = shaping.players()
    rng = np.random.default_rng(0)
    off = [
        np.array(list(shaping.draw(known, 150.0, rng).values())) - shaping.centre(known, 150.0)
        for _ in range(50)
    ]
    return bool(
        np.abs(np.linalg.solve(np.linalg.cholesky(known.covariance), np.array(off).T)).max() < 1.75
    )


def one_player_differs_less() -> bool:
    known = shaping.players()

    def far(like: str) -> float:
        drawn = shaping.draw(known, 150.0, np.random.default_rng(0), like)
        middle = shaping.centre(known, 150.0) + np.array(known.own.get(like, np.zeros(len(TRAITS))))
        return float(np.abs(np.array(list(drawn.values())) - middle).sum())

    return far(next(iter(known.own))) < 0.7 * far("")


def register_of_one_player() -> bool:
    """Where a high player is imitated, registers are about the player's and differ."""
    register = shaping.players().register
    who = min(register, key=lambda name: abs(register[name] - 66))
    rngs = [np.random.default_rng(seed) for seed in range(20)]
    shapers = [Shaper(Controls(), place(tempo_bpm=150.0), IOIS, rng, who) for rng in rngs]
    middles = [(one._floor + one._ceiling) / 2 for one in shapers]
    return abs(float(np.mean(middles)) - register[who]) < 3 and bool(np.ptp(middles) > 3)


MUCH = {
    "repeats": (60, 60, 62, 62, 65, 65, 61, 61, 70, 70, 64, 64),
    "steps": (60, 61, 63, 62, 60, 59, 57, 58, 60, 62, 63, 61),
    "leaps": (60, 69, 59, 71, 58, 72, 57, 70, 56, 73, 55, 71),
    "chord_tones": (60, 64, 67, 71, 72, 64, 60, 71, 67, 60, 72, 64),
    "scale_tones": (60, 62, 65, 69, 71, 65, 57, 69, 62, 72, 65, 71),
}
"""For each trait a line that has far more of it than players' lines."""


def multipliers_follow(trait: str) -> bool:
    """What there was too much of gets less likely."""
    one = shaper(*on_eighths(*MUCH[trait]), manner=1)
    return one._tilt[trait] < one._begun_tilt[trait] - 0.02


def multipliers_stay_near() -> bool:
    one = shaper(*on_eighths(*[48, 84] * 100), manner=1, text="| Cmaj7 " * 16 + "|")
    return abs(one._tilt["leaps"] - one._begun_tilt["leaps"]) < 0.8


def phrases_end() -> bool:
    """Even a player who never stops is to breathe after ten bars."""
    longest = 0.0
    for seed in range(20):
        one = shaper(seed=seed)
        one._manner["phrase"] = 6.0
        one._plan(0)
        longest = max(longest, one._length)
    return longest <= 960


def manner_of(trait: str) -> float:
    """How far a solo's manner is from the mean, beside what was drawn."""
    known, one = shaping.players(), shaper(manner=1)
    drawn = shaping.draw(known, 150.0, np.random.default_rng(0))[trait]
    usual = shaping.centre(known, 150.0)[TRAITS.index(trait)]
    return float(
        (one._manner[trait] - usual - known.base.get(trait, 0) * (trait == "phrase"))
        / (drawn - usual)
    )


def traits_are_tilted() -> bool:
    """A manner that was drawn tilts the odds that way from the beginning."""
    known, one = shaping.players(), shaper(manner=1)
    usual = shaping.centre(known, 150.0)
    return all(
        (one._tilt[name] - known.base[name]) * (one._manner[name] - usual[TRAITS.index(name)]) > 0
        for name in shaping.TILTED
    )


def slow_tempi_are_fuller() -> bool:
    def added(tempo: float) -> float:
        controls = Controls(**overridden("control:", {"manner": 1}))
        one = Shaper(controls, place(tempo_bpm=tempo), IOIS, np.random.default_rng(0))
        odds = added_to_iois(one)
        return odds[12] - odds[6]

    return added(90) < added(150) < added(240) < 0


def in_a_stretch(*line: tuple[int, int], seed: int = 5, **planned: float) -> Shaper:
    """A shaper after a line in a stretch that is planned so."""
    one = shaper(manner=1, breath=1, register=1)
    one._floor, one._ceiling = 30.0, 100.0
    one.plan = (Stretch(0, **planned),)
    for onset, pitch in line:
        one.take(onset, pitch, 6)
    one._rng = np.random.default_rng(seed)
    one._plan(0)
    return one


def dense_stretches_are_faster() -> bool:
    few, many = (added_to_iois(in_a_stretch((0, 60), density=by)) for by in (-0.3, 0.3))
    return many[6] - many[12] > few[6] - few[12] + 1


def dense_stretches_rest_less() -> bool:
    return in_a_stretch(density=0.3)._rest < in_a_stretch(density=-0.3)._rest - 1


def high_stretches_are_higher() -> bool:
    return in_a_stretch(register=3)._goal > in_a_stretch(register=-3)._goal + 6


def low_notes_are_balanced() -> bool:
    low = on_eighths(*[40, 42] * 20)
    return in_a_stretch(*low)._goal > in_a_stretch(*low[:2])._goal + 15


def loud_stretches_are_louder() -> bool:
    loud, soft = (in_a_stretch(loudness=by).velocity(0) for by in (2, -2))
    return (soft, loud) == (82, 103)


def line_goes_to_its_goal(step: int) -> float:
    one = shaper((0, 60), register=1)
    one._goal, one._floor, one._ceiling = 72.0, 30.0, 100.0
    added = added_to_pitches(one, 12)
    return added[60 + step] - added[60]


def goals_are_renewed() -> bool:
    one = shaper(register=1)
    one._goal = 60.0
    one.take(0, 60, 6)
    return one._goal != 60.0


def outside_its_range_less_likely() -> bool:
    one = shaper(register=1)
    one._floor, one._ceiling = 55.0, 70.0
    added = added_to_pitches(one, 0)
    return added[82] < added[70] - 5 and added[82] < added[78] and added[43] < added[55] - 5


def easy_beats_have_chord_tones() -> bool:
    one = shaper((0, 60), difficulty=1)
    on, off = added_to_pitches(one, 24), added_to_pitches(one, 36)
    return on[64] - on[65] > off[64] - off[65] + 1.5


def easy_is_slower() -> bool:
    def speed(difficulty: int) -> float:
        return shaper(difficulty=difficulty)._speed

    return speed(1) > speed(5) + 0.9


def sparse_is_slower() -> bool:
    few, many = shaper(density=0.5), shaper(density=2)
    return few._speed > many._speed and few._rest > many._rest


def phrase_of(notes: int, length: int = 96, **asked: Any) -> dict[int, float]:
    """What is added after a phrase of so many eighths that was planned to last some ticks."""
    one = shaper(breath=1, **asked)
    one._length, one._wind, one._rest = float(length), length / 12, math.log(48.0)
    begun = one._begun
    for onset, pitch in on_eighths(*[60, 62, 64, 67] * 10)[:notes]:
        one.take(onset, pitch, 12)
    assert one._begun == begun
    return added_to_iois(one)


def breath_waits_for_the_phrase() -> bool:
    early, late = phrase_of(2), phrase_of(16)
    return early[72] - early[12] < -2 and late[72] - late[12] > 2


def rests_are_as_long_as_planned() -> bool:
    late = phrase_of(16)
    # 48 ticks of silence were planned after a note of 12.
    return late[72] - late[192] > 0.5 and max(late, key=lambda ioi: late[ioi]) in (48, 72)


def a_rest_begins_a_phrase() -> bool:
    one = shaper((0, 60), (12, 62))
    begun, length = one._begun, one._length
    one.take(72, 64, 6)
    return (begun, one._begun) == (0, 72) and length != one._length


def many_notes_bring_the_rest() -> bool:
    """After as many ticks in more notes a rest is likelier."""
    return phrase_of(12, length=144)[72] < _sixteenths(12, length=144)[72] - 0.2


def _sixteenths(eighths: int, length: int) -> dict[int, float]:
    one = shaper(breath=1)
    one._length, one._wind, one._rest = float(length), length / 12, math.log(48.0)
    for at in range(2 * eighths - 1):
        one.take(6 * at, 60 + at % 5, 6)
    one._last = (one._last[0], 60, 12)
    return added_to_iois(one)


def ending(onset: int, pitch: int, **asked: Any) -> dict[int, float]:
    """What is added in the last bars of eight."""
    return added_to_iois(shaper((onset, pitch), resolve=True, **asked))


def repeated_cell_rarer() -> bool:
    cell = [60, 64, 67]
    third = added_to_pitches(shaper(*on_eighths(*cell * 3)), 108)
    fourth = added_to_pitches(shaper(*on_eighths(*cell * 4)), 144)
    return third[62] == fourth[62] == 0 > -1.5 > third[60] > fourth[60] + 1


def repeated_pitch_rarer() -> bool:
    line = [(0, 60), (12, 60), (36, 60), (84, 60), (96, 60), (102, 60)]
    added = added_to_pitches(shaper(*line), 150)
    return added[60] < added[62] - 2


def quick_leaps_are_rarer() -> bool:
    one = shaper((0, 60), manner=1)
    slow, quick = added_to_pitches(one, 12), added_to_pitches(one, 8)
    return quick[69] < slow[69] - 0.5 and quick[62] == pytest.approx(slow[62], abs=1e-5)


def leaps_are_turned_back() -> bool:
    after, before = (
        added_to_pitches(shaper((0, 60), (12, 69)), 24),
        added_to_pitches(shaper((0, 69)), 12),
    )
    onward, back = after[71] - before[71], after[67] - before[67]
    down = added_to_pitches(shaper((0, 72), (12, 63)), 24)
    return onward < back - 0.3 and down[61] < down[65] - 0.3


def rests_are_near_the_drawn_one() -> bool:
    """A rest of a quarter in the place of a half costs more than two nats."""
    late = phrase_of(16)
    return late[72] > late[36] + 2


def unstable_note_left() -> bool:
    """Return whether long IOIs are less probable after avoid notes and outside the scale."""
    outside, avoid, inside = (added_to_iois(shaper((0, pitch))) for pitch in (61, 65, 64))
    went_on = all(one[48] < one[24] - 0.4 for one in (outside, avoid))
    return went_on and inside[48] == inside[24]


def unstable_note_short() -> bool:
    """Return whether long durations of such notes are less probable."""
    outside, avoid, inside = (
        shaper().durations(np.zeros(len(DURATION_TICKS), np.float32), 0, pitch)
        for pitch in (61, 65, 64)
    )
    held = DURATION_TICKS.index(24)
    return max(outside[held], avoid[held]) < -0.2 and not inside.any() and not avoid[:held].any()


def temperature_of(name: str) -> bool:
    asked: dict[str, Any] = {name: 2.0}
    one = shaper((0, 60), (12, 64), **asked)
    ask: dict[str, Callable[[Array], Array]] = {
        "rhythm": one.iois,
        "duration": partial(one.durations, onset=24, pitch=60),
    }
    odds = np.linspace(-4, 0, len(IOIS) + 1 if name == "rhythm" else CORE + 1, dtype=np.float32)
    flat = one.pitches(odds, 24) if name == "pitch" else ask[name](odds)
    return float(flat[-1] - flat[0]) == pytest.approx(2, abs=0.01)


def manner_tilts(trait: str) -> bool:
    """What a solo is to have more of is more likely by what its multiplier says."""
    one = shaper((0, 60), manner=1)
    one._tilt = {**dict.fromkeys(shaping.TILTED, 0.0), trait: 1.0}
    added = added_to_pitches(one, 12)
    more, less = {
        "repeats": (60, 61),
        "steps": (61, 64),
        "leaps": (69, 63),
        "chord_tones": (64, 65),
        "scale_tones": (65, 66),
    }[trait]
    return added[more] - added[less] > 0.9


# The melody, and the passages of slow solos.

SLOW = "| Cmaj7 " * 400 + "|"
TUNE = [*on_eighths(60, 62, 64, 65, 67), (84, 69), (108, 71), (156, 72)]
"""Five eighths, a wait of two, a quarter, and a half."""


def notes_of(*line: tuple[int, int], until: int) -> tuple[Note, ...]:
    ends = [*(onset for onset, _ in line[1:]), until]
    return tuple(
        Note(onset, end - onset, pitch, 92) for (onset, pitch), end in zip(line, ends, strict=True)
    )


def paraphrases(many: int = 400) -> list[melody.Paraphrase]:
    phrase = notes_of(*TUNE, until=192)
    return [melody.paraphrased(phrase, 192, np.random.default_rng(at)) for at in range(many)]


def moved(by: int) -> float:
    """The share of paraphrases in which the note on the second bar's first off-beat is moved."""
    line = notes_of((0, 60), (48, 62), (96, 64), until=192)
    found = [melody.paraphrased(line, 192, np.random.default_rng(at)) for at in range(400)]
    return sum(one.notes[1].onset == 48 + by for one in found) / 400


def filled(span: int) -> float:
    """The share of paraphrases with a fill of so many ticks."""
    return sum(any(e - b == span for b, e in one.fills) for one in paraphrases()) / 400


def head(share: float = 1.0, **changed: Any) -> melody.Head:
    """The melody of quarters on C, E, G, C and a rest of a bar, in eight bars, as it is written."""
    notes = tuple(
        Note(bar * 96 + 24 * at, 24, pitch, 92)
        for bar in (0, 2, 4, 6)
        for at, pitch in enumerate((60, 64, 67, 72))
    )
    setting = place(melody=notes, **changed)
    return melody.Head(setting, share, 66.0, np.random.default_rng(4))


def head_with(line: Sequence[tuple[int, int]], fills: tuple[tuple[int, int], ...] = ()) -> Any:
    """A melody of which one phrase is planned."""
    planned = [melody.Paraphrase(notes_of(*line, until=line[-1][0] + 96), fills)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(melody, "plan", lambda *_: planned)
        return head()


def landing(one: melody.Head, onset: int, *landings: int) -> list[float]:
    return list(map(float, one.onsets(onset, np.array(landings))))


def quoting() -> melody.Head:
    """A melody that quotes from a D on bar 1, but nowhere paraphrases."""
    one = head(share=0.0)
    one._share = 9.0
    one.begin(0, 62, np.random.default_rng(0))
    return one


def first_chorus_first() -> bool:
    notes = tuple(Note(24 * at, 24, 60, 92) for at in range(64))
    setting = Setting(changes(C_MAJOR).repeated(2), melody=notes)
    onsets = [
        one.notes[0].onset
        for seed in range(200)
        for one in melody.plan(notes, setting, 0.5, np.random.default_rng(seed))
    ]
    return bool(np.mean(np.array(onsets) < 768) > 0.65)


def quotes_at(share: float) -> float:
    """The share of a solo's phrases that begin with a quote."""
    one, rng = head(share=0.0), np.random.default_rng(0)
    one._share = share
    found = []
    for _ in range(200):
        one.begin(0, 60, rng)
        found.append(bool(one._quote))
    return float(np.mean(found))


def melody_makes_it_quicker() -> bool:
    notes = (Note(0, 24, 60, 92),)
    setting = place(tempo_bpm=150.0, melody=notes)
    rng = np.random.default_rng
    free = Shaper(Controls(manner=1), setting, IOIS, rng(0))
    with_melody = Shaper(Controls(manner=1, melody=0.1), setting, IOIS, rng(0))
    return with_melody._speed < free._speed - 0.2


def passages_of(double_time: float | None = None, tempo: float = 66.0) -> passages.Passages:
    setting = place(SLOW, tempo_bpm=tempo, double_time=double_time)
    return passages.plan(setting, np.random.default_rng(0))


def lengths(one: passages.Passages) -> Array:
    return np.diff(np.array([0, *one.bounds]))


def doubled(one: passages.Passages) -> float:
    return float(lengths(one)[1::2].sum() / lengths(one).sum())


@dataclass(frozen=True)
class Rule:
    name: str
    holds: Callable[[], bool]
    off: Mapping[str, Any] = field(default_factory=dict)


def easiest(**changed: Any) -> dict[int, tuple[Any, ...]]:
    """The table of difficulties with a column switched off."""
    names = ("shortest", "range", "leap", "chord_tones", "slower")
    level = {**dict(zip(names, shaping._EASY[1], strict=True)), **changed}
    return {**shaping._EASY, 1: tuple(level.values())}


def added_by_theme(onset: int, **asked: Any) -> dict[int, float]:
    """What the statement of a riff, on ticks 96, 114 and 138, adds to the IOIs after a note."""
    one = theme.Theme([RIFF], place(**asked), IOIS)
    added = np.zeros(len(IOIS), np.float32)
    one.iois(added, onset)
    return dict(zip(IOIS.tolist(), added.tolist(), strict=True))


RIFF = theme.Statement((96, 114, 138), (60, 65, 62))


def added_to_riff(onset: int, *line: tuple[int, int]) -> dict[int, float]:
    one = theme.Theme([RIFF], place(), IOIS)
    added = np.zeros(CORE, np.float32)
    one.pitches(added, onset, line[::-1])
    return dict(zip(range(LOWEST, LOWEST + CORE), added.tolist(), strict=True))


def goes_on_with_the_riff() -> bool:
    """Of a statement what has been played so far is kept in mind, by IOI and pitch."""
    one = Shaper(
        Controls(),
        place(),
        IOIS,
        np.random.default_rng(0),
        theme=theme.Theme([RIFF], place(), IOIS),
    )
    for onset, pitch in ((84, 50), (96, 67), (108, 50)):
        one.take(onset, pitch, 6)
    pitches = added_to_pitches(one, 114)
    return added_to_iois(one)[6] > 4 and pitches[72] > pitches[62] + 3


PHRASE = tuple(zip((0, 12, 30, 36, 54), (60, 64, 62, 65, 60), strict=True))


def statements(
    *line: tuple[int, int], bars: int = 32, seed: int = 0, free: int = 96, **asked: Any
) -> tuple[theme.Statement, ...]:
    """The statements that are planned after a phrase in a form of some bars."""
    notes = tuple(Note(onset, 6, pitch) for onset, pitch in line or PHRASE)
    fixed = Constraints(tuple(map(given, notes)), ((0, free),), theme=notes)
    setting = place("| Cmaj7 " * bars + "|", **asked)
    return theme.planned(fixed, setting, np.random.default_rng(seed))


def bars_of_statements(**asked: Any) -> list[int]:
    """The bars of all statements with forty seeds."""
    return [one.onsets[0] // 96 for seed in range(40) for one in statements(seed=seed, **asked)]


def long_phrase(*rare: int) -> list[tuple[int, int]]:
    """Scales in eighths over three bars, with other notes in the place of some."""
    return [(12 * at, 60 + at % 6 + 7 * (at in rare)) for at in range(24)]


def cell_of_long_phrase() -> list[theme.Statement]:
    every = {
        one.pitches: one
        for seed in range(20)
        for one in statements(*long_phrase(9, 11), bars=8, free=384, seed=seed)
    }
    return list(every.values())


def pace(*iois: int) -> float:
    one = traits.Pace(12, 1)
    for ioi in iois:
        one = one.after(ioi)
    return one.faster


def measured(notes: int, pitches: tuple[int, int] = (60, 65)) -> traits.Traits:
    """The traits of eighths with a rest after every fourth."""
    onset = np.array([12 * at + 48 * (at // 4) for at in range(notes)])
    pitch = np.array([pitches[at % 2] for at in range(notes)])
    lasting = np.full(notes, DURATION_TICKS.index(12))
    return traits.measure(Events("", onset, pitch, lasting, changes(C_MAJOR)))


RULES = (
    # How a manner is drawn, and how the line is held to it.
    Rule("nobody is far from the mean", draws_stay_near, {"shaping._OUTERMOST": 9}),
    Rule("one player's solos differ less", one_player_differs_less, {"shaping._FAITHFUL": 1}),
    Rule("nor do their registers", register_of_one_player, {"shaping._WANDER": 0}),
    *(
        Rule(
            f"too many {trait} make fewer", partial(multipliers_follow, trait), {"shaping._PACE": 0}
        )
        for trait in MUCH
    ),
    Rule("multipliers stay near their beginning", multipliers_stay_near, {"shaping._STRAY": 99}),
    Rule(
        "drawn phrase lengths too",
        lambda: manner_of("phrase") > 1.3,
        {"shaping._AMPLIFIED": {}},
    ),
    Rule(
        "the manner tilts the odds at once",
        traits_are_tilted,
        {"shaping._AHEAD": dict.fromkeys(shaping.TILTED, 0.0)},
    ),
    *(
        Rule(f"the manner's {trait}", partial(manner_tilts, trait), {"control:manner": 0})
        for trait in shaping.TILTED
    ),
    Rule("more notes", slow_tempi_are_fuller, {"control:manner": 0}),
    Rule("the more the slower", slow_tempi_are_fuller, {"shaping.log_tempo": lambda _: 0.0}),
    Rule("density", sparse_is_slower, {"control:density": 1}),
    *(
        Rule(f"temperature of each {name}", partial(temperature_of, name), {f"control:{name}": 1})
        for name in ("rhythm", "pitch", "duration")
    ),
    # Phrases.
    Rule("a phrase is at most ten bars", phrases_end, {"shaping._LONGEST_PHRASE": 1e9}),
    Rule("after a rest a phrase begins", a_rest_begins_a_phrase, {"shaping.PHRASE_GAP_TICKS": 999}),
    Rule("a breath waits for the phrase's end", breath_waits_for_the_phrase, {"control:breath": 0}),
    Rule("a rest is as long as planned", rests_are_as_long_as_planned, {"control:breath": 0}),
    Rule("near it", rests_are_near_the_drawn_one, {"shaping._NEAR_REST": 2.0}),
    Rule("after many notes a rest comes sooner", many_notes_bring_the_rest, {"control:breath": 0}),
    *(
        Rule(
            f"a session's {name} are shaped",
            partial(is_shaped, at),
            {f"shaping.Shaper.{name}": lambda _, odds, *__: odds},
        )
        for at, name in enumerate(("iois", "pitches", "durations"))
    ),
    Rule("by all notes so far", shaper_is_told, {"shaping.Shaper.take": lambda *_: None}),
    # Rhythm.
    Rule("no rest after an unstable note", unstable_note_left, {"shaping._LEFT": 0}),
    Rule("soon", unstable_note_left, {"shaping._STAYING": 999}),
    Rule("nor is one held", unstable_note_short, {"shaping._HELD": np.zeros(15, np.float32)}),
    # Repetition.
    Rule("a repeated cell becomes rarer", repeated_cell_rarer, {"shaping._LONGEST_CELL": 1}),
    Rule("the more, the more often", repeated_cell_rarer, {"shaping._REPEATED": 0}),
    Rule("a single pitch in any rhythm", repeated_pitch_rarer, {"shaping._ANY_RHYTHM": 0}),
    # Intervals and register.
    Rule("quick notes leap less", quick_leaps_are_rarer, {"shaping._SMOOTH": 0}),
    Rule("only quick ones", quick_leaps_are_rarer, {"shaping._QUICK": 99}),
    Rule("a leap is turned back", leaps_are_turned_back, {"shaping._ONWARD": 0}),
    Rule("a wide one", leaps_are_turned_back, {"shaping._WIDE": 99}),
    Rule(
        "the line goes to its goal",
        lambda: line_goes_to_its_goal(4) > 0.5,
        {"shaping._PULL": 0},
    ),
    Rule(
        "by no leap",
        lambda: line_goes_to_its_goal(12) == line_goes_to_its_goal(6) > 0,
        {"shaping._STRIDE": 99},
    ),
    Rule(
        "a goal that is reached is renewed",
        goals_are_renewed,
        {"shaping.Shaper._set_goal": lambda *_: None},
    ),
    # Stretches.
    *(
        Rule(name, holds, {"shaping._FIRMLY": {"density": 0, "register": 0}})
        for name, holds in (
            ("a dense stretch is faster", dense_stretches_are_faster),
            ("and rests less", dense_stretches_rest_less),
            ("a high stretch", high_stretches_are_higher),
        )
    ),
    Rule("what was low is balanced", low_notes_are_balanced, {"shaping._BALANCE": 0}),
    Rule("after some notes", low_notes_are_balanced, {"shaping._UNSETTLED": 1e9}),
    Rule("a loud stretch", loud_stretches_are_louder, {"shaping.VELOCITY": 0}),
    Rule("beyond its range less likely", outside_its_range_less_likely, {"control:register": 0}),
    # The melody.
    Rule(
        "a long note ends a phrase of the melody",
        lambda: list(map(len, melody.phrases(notes_of(*TUNE, until=192), 96))) == [5, 3],
        {"melody._OWN": 99},
    ),
    Rule(
        "but no phrase of two notes",
        lambda: (
            len(melody.phrases(notes_of((0, 60), (96, 60), (108, 60), (120, 60), until=132), 96))
            == 1
        ),
        {"melody._FEWEST": 1},
    ),
    Rule(
        "and none is longer than four bars",
        lambda: len(melody.phrases(notes_of(*on_eighths(*[60] * 64), until=768), 96)) == 2,
        {"melody._LONGEST_BARS": 99},
    ),
    Rule("the first chorus is paraphrased most", first_chorus_first, {"melody._FIRST": 1}),
    Rule("notes come early", lambda: moved(-12) > 0.15, {"melody._EARLY": 0}),
    Rule("or late", lambda: moved(12) > 0.07, {"melody._LATE": 0}),
    Rule(
        "short notes are left out",
        lambda: min(len(one.notes) for one in paraphrases()) < len(TUNE),
        {"melody._DROPPED": 0},
    ),
    Rule("long waits have fills", lambda: filled(24) > 0.3, {"melody._FILLED": 0}),
    Rule("only long ones", lambda: filled(12) == 0, {"melody._WAIT": 24}),
    Rule("others a note before the next", lambda: filled(1) > 0.2, {"melody._APPROACHED": 0}),
    Rule(
        "the melody's onsets",
        lambda: landing(head_with([(0, 60), (48, 62)]), 0, 48)[0] > 4,
        {"melody._LANDS": 0},
    ),
    Rule(
        "are not waited for",
        lambda: landing(head_with([(144, 60)]), 60, 144)[0] <= 0,
        {"melody._REACH": 999},
    ),
    Rule(
        "are not passed by",
        lambda: landing(head_with([(0, 60), (48, 62)]), 0, 150)[0] < -4,
        {"melody._LANDS": 0},
    ),
    Rule(
        "nor interrupted",
        lambda: landing(head_with([(0, 60), (48, 62)]), 0, 24)[0] < -2,
        {"melody._BETWEEN": 0},
    ),
    Rule(
        "but by fills",
        lambda: landing(head_with([(0, 60), (96, 62)], ((48, 96),)), 0, 60)[0] > 4,
        {"melody._FILLS": 0},
    ),
    Rule(
        "the melody's pitches",
        lambda: head_with([(0, 60), (48, 62)]).pitches(48)[62 - LOWEST] > 5,
        {"melody._SUNG": 0},
    ),
    Rule(
        "are led to",
        lambda: head_with([(0, 60), (48, 62)]).pitches(36)[64 - LOWEST] > 0.5,
        {"melody._NEARS": 0},
    ),
    Rule(
        "and held",
        lambda: np.ptp(head_with([(0, 60), (48, 62)]).durations(0)) > 2,
        {"melody._HELD": 0},
    ),
    Rule(
        "solos with a melody are quicker elsewhere", melody_makes_it_quicker, {"melody.QUICKER": 0}
    ),
    Rule("other phrases quote", lambda: quotes_at(0.5) > 0.1, {"melody._QUOTES": 0}),
    Rule(
        "the first notes",
        lambda: [pitch for _, pitch in quoting()._quote] == [66, 69, 74, 62],
        {"melody._QUOTED": 3},
    ),
    Rule(
        "in rhythm and pitch",
        lambda: landing(quoting(), 0, 24)[0] > 3 < quoting().pitches(24)[66 - LOWEST],
        {"melody._QUOTE": 0},
    ),
    # Slow solos.
    Rule(
        "slow solos have passages",
        lambda: bool(passages_of(tempo=80).bounds) and not passages_of(tempo=81).bounds,
        {"passages.SLOW_BPM": 60.0},
    ),
    Rule(
        "two fifths of them in double time",
        lambda: 0.34 < doubled(passages_of()) < 0.44,
        {"passages._PLAYERS": 0.2},
    ),
    Rule(
        "of some bars",
        lambda: 192 < float(lengths(passages_of(0.5))[1::2].mean()) < 300,
        {"passages._BARS": 9.0},
    ),
    Rule(
        "at least half a bar", lambda: lengths(passages_of()).min() >= 48, {"passages._SHORTEST": 1}
    ),
    Rule(
        "from beat to beat",
        lambda: not any(bound % 24 for bound in passages_of().bounds),
        {"passages._BEAT": 1},
    ),
    Rule(
        "slower where they sing",
        lambda: passages_of(0.2).iois(0) > passages_of().iois(0) > 0.3,
        {"passages._SUNG_IOIS": 0},
    ),
    Rule(
        "with longer notes",
        lambda: passages_of(0.2).durations(0) > passages_of().durations(0) > 0.1,
        {"passages._SUNG_DURATIONS": 0},
    ),
    Rule(
        "and faster between",
        lambda: passages_of().iois(passages_of().bounds[0]) < -0.5,
        {"passages._QUICK_IOIS": 0},
    ),
    # Difficulty.
    Rule(
        "easy: no fast notes",
        lambda: shaping.easier(place(), 1).shortest == 12,
        {"shaping._EASY": easiest(shortest=1)},
    ),
    Rule(
        "easy: a narrow range",
        lambda: shaping.easier(place(), 1).high - shaping.easier(place(), 1).low == 14,
        {"shaping._EASY": easiest(range=99)},
    ),
    Rule(
        "easy: no wide leap",
        lambda: (added := added_to_pitches(shaper((0, 60), difficulty=1), 12))[68] < added[67] - 8,
        {"shaping._EASY": easiest(leap=99)},
    ),
    Rule(
        "easy: chord tones on beats",
        easy_beats_have_chord_tones,
        {"shaping._EASY": easiest(chord_tones=0.0)},
    ),
    Rule("easy: slower", easy_is_slower, {"shaping._EASY": easiest(slower=0.0)}),
    Rule("by a multiplier", easy_is_slower, {"shaping._SLOWER": 0}),
    # The ending: eight bars of four, of 768 ticks.
    Rule(
        "a solo ends on a chord tone before a strong beat",
        lambda: ending(708, 64)[96] > ending(708, 64)[12] + 5,
        {"shaping._ENDS": 0},
    ),
    Rule(
        "it ends on no other pitch",
        lambda: ending(708, 65)[96] < ending(708, 65)[12] - 5,
        {"shaping._ENDS_NOT": 0},
    ),
    Rule(
        "nor elsewhere in the bar",
        lambda: ending(690, 64)[192] < ending(690, 64)[12] - 5,
        {"shaping._ENDS_NOT": 0},
    ),
    Rule(
        "no note after the last strong beat",
        lambda: ending(708, 65)[36] < ending(708, 65)[12] - 10,
        {"shaping._TOO_LATE": 0},
    ),
    Rule(
        "near the end chord tones",
        lambda: (
            (added := added_to_pitches(shaper((696, 60), resolve=True), 720))[64] > added[65] + 7
        ),
        {"shaping._CLOSES": 0},
    ),
    Rule(
        "of the beat before which a solo ends",
        lambda: ending(708, 66, text=TO_D)[96] > 5 > -5 > ending(708, 64, text=TO_D)[96],
        {"shaping.Shaper._closing": lambda self, onset: self._tones[self._chord_at(onset)]},
    ),
    Rule(
        "a solo ends on a tone of the tonic chord too",
        lambda: ending(708, 59, text=ON_G, key=C)[96] < -5 < 5 < ending(708, 62, text=ON_G)[96],
        {"shaping._tonic_chord": lambda _: list(range(12))},
    ),
    # A phrase is taken up.
    Rule(
        "the next onset of a statement",
        lambda: (added := added_by_theme(96))[18] > added[12] + 4 > added[24] + 8,
        {"theme._RHYTHM": np.float32(0)},
    ),
    Rule(
        "its beginning from nearby alone",
        lambda: added_by_theme(60)[36] > 4 and not added_by_theme(24)[72],
        {"theme._NEAR": 999},
    ),
    Rule(
        "its contour",
        lambda: (added := added_to_riff(114, (96, 67)))[68] > added[66] + 3,
        {"theme._CONTOUR": 0},
    ),
    Rule(
        "intervals of its size",
        lambda: (added := added_to_riff(114, (96, 67)))[72] > added[70] + 1.5 > added[69] + 2,
        {"theme._SIZE": 0.0},
    ),
    Rule(
        "a wide interval is no worse than a wider",
        lambda: (added := added_to_riff(114, (96, 60)))[69] == added[74],
        {"theme._SIZES": 99},
    ),
    Rule(
        "it begins where it has room",
        lambda: (added := added_to_riff(96))[79] > added[80] + 1,
        {"theme._ROOM": 0},
    ),
    Rule(
        "two notes are no statement",
        lambda: not statements((0, 60), (12, 62)),
        {"theme._FEWEST": 2},
    ),
    Rule(
        "a short phrase is stated whole",
        lambda: {len(one.onsets) for one in statements(*long_phrase()[:12])} == {12},
        {"theme._WHOLE": 8},
    ),
    Rule(
        "a long one in cells",
        lambda: {5 <= len(one.onsets) <= 8 for one in cell_of_long_phrase()} == {True},
        {"theme._CELL": (9, 12)},
    ),
    Rule(
        "of less than two bars",
        lambda: (
            max(
                one.onsets[-1] - one.onsets[0]
                for one in statements(*[(48 * n, 60 + n) for n in range(9)])
            )
            < 192
        ),
        {"theme._CELL_BARS": 4},
    ),
    Rule("the rarest two", lambda: len(cell_of_long_phrase()) == 2, {"theme._AMONG": 9}),
    Rule(
        "rather its beginning or its end",
        lambda: (
            {
                one.onsets[0] % 96
                for one in statements(*[(12 * at, 60 + at % 2) for at in range(24)], free=384)
            }
            == {0}
        ),
        {"theme._EDGE": 0},
    ),
    Rule(
        "a short stretch begins with one",
        lambda: min(bars_of_statements(bars=5)) == 1,
        {"theme._SHORT_BARS": 1},
    ),
    Rule(
        "and has one in two bars",
        lambda: set(bars_of_statements(bars=5)) == {1, 3},
        {"theme._OFTEN": 3},
    ),
    Rule(
        "mostly",
        lambda: 25 < bars_of_statements(bars=5).count(3) < 40,
        {"theme._AGAIN": 1},
    ),
    Rule(
        "a long one in four bars",
        lambda: all(bar % 4 == 0 for bar in bars_of_statements()),
        {"theme._SPACING": 3},
    ),
    Rule("soon", lambda: bars_of_statements().count(4) == 40, {"theme._SOON": ()}),
    Rule(
        "and seldom later",
        lambda: bars_of_statements().count(20) < bars_of_statements().count(16) < 30,
        {"theme._LATER": {0: 1.0, 4: 1.0, 8: 1.0}},
    ),
    Rule(
        "six in all",
        lambda: max(len(statements(bars=200, seed=seed)) for seed in range(9)) == 6,
        {"theme._MOST": 99},
    ),
    Rule(
        "on a grid",
        lambda: statements((1, 60), (11, 62), (24, 64), (41, 65))[0].onsets == (384, 396, 408, 426),
        {"theme._GRIDS": (1,)},
    ),
    Rule(
        "a fine one for runs alone",
        lambda: statements((0, 60), (4, 62), (20, 64), (41, 65))[0].onsets == (384, 390, 402, 426),
        {"theme._FINE": 3},
    ),
    Rule(
        "a session's statements go on",
        goes_on_with_the_riff,
        {"theme.Theme.iois": lambda *_: None},
    ),
    Rule(
        "from the last of their notes",
        goes_on_with_the_riff,
        {"shaping.Shaper._line": lambda _: iter(())},
    ),
    # The manner of a take.
    Rule(
        "a line that is behind goes faster",
        lambda: pace(36) > 0.5 > -0.1 > pace(6),
        {"traits._CATCH": 0},
    ),
    Rule("not too fast", lambda: pace(*[96] * 9) == 4, {"traits._FASTEST": 99}),
    Rule(
        "what is long ago counts less", lambda: 0 < pace(24, *[12] * 200) < 0.1, {"traits._KEPT": 1}
    ),
    Rule(
        "few notes show little",
        lambda: measured(8).share[0] < 0.3 < 0.8 < measured(300).share[0],
        {"traits._NOTES": 0},
    ),
    Rule(
        "nor do few phrases", lambda: measured(8).share[1] < 0.5, {"traits._SHOWN": {"phrase": 0.1}}
    ),
    Rule(
        "a register of an octave",
        lambda: np.ptp(measured(8, (60, 62)).register(48, 84)) == 12,
        {"traits._OCTAVE": 1},
    ),
    Rule(
        "with its mean inside",
        lambda: measured(8, (90, 95)).register(48, 84)[1] == 81,
        {"traits._INSIDE": 0},
    ),
    # The mask of the soloist's onsets.
    Rule(
        "silence under four bars",
        lambda: legal_iois(session((0, 60))) >= {384} and 408 not in legal_iois(session((0, 60))),
        {"soloing._LONGEST_REST_BARS": 99},
    ),
    Rule(
        "a solo ends in its last two bars",
        lambda: 288 not in legal_iois(session((528, 60))) and 312 in legal_iois(session((576, 60))),
        {"soloing._LEAVING_BARS": 99},
    ),
    Rule(
        "onsets can be written",
        lambda: 4 not in legal_iois(session((22, 60), text="| C | C |")),
        {"soloing._WRITABLE": np.ones(24, bool)},
    ),
    Rule(
        "32nds come in runs",
        lambda: 3 in legal_iois(session((0, 60))) and 15 not in legal_iois(session((0, 60))),
        {"soloing._FINE": np.zeros(24, bool)},
    ),
    Rule(
        "a run of 32nds goes on to its end",
        lambda: legal_iois(session((0, 60), (3, 62))) == {3},
        {"soloing._FINE": np.zeros(24, bool)},
    ),
    Rule(
        "one grid in a beat",
        lambda: (
            10 not in legal_iois(session((0, 60), (8, 62)))
            and 6 in legal_iois(session((0, 60), (8, 62), (24, 64)))
        ),
        {"soloing.NoteSession._grid": lambda _: 0},
    ),
    Rule(
        "no note too fast to play",
        lambda: min(legal_iois(session((0, 60), shortest=8))) == 8,
        {"setting:shortest": 1},
    ),
    # Swing is written as eighths.
    Rule(
        "swung triplets are eighths",
        lambda: swing_lost(16) > 9,
        {"soloing._TRIPLETS_SWUNG": 1e-9},
    ),
    Rule(
        "some swung sixteenths are eighths",
        lambda: swing_lost(18) == pytest.approx(math.log(2), abs=1e-3),
        {"soloing._SIXTEENTHS_SWUNG": 1e-9},
    ),
    # How a solo begins.
    Rule(
        "solos begin where players begin",
        lambda: first_likeliest() == 0,
        {"soloing._BEGINNINGS": (1,) * 16},
    ),
    Rule(
        "on an eighth of the first bar or the one before",
        lambda: set(script().firsts(96).tolist()) == set(range(-96, 96, 12)),
        {"constraints._EIGHTH": 1},
    ),
    # Pitches and durations.
    Rule(
        "pitches lie in the range",
        lambda: legal_pitches(at_pitch(session((0, 60)), 12)) == set(range(48, 85)),
        {"setting:high": 90},
    ),
    Rule(
        "what a guard forbids",
        lambda: (
            60 not in legal_pitches(at_pitch(session((0, 64), then=Constraints(guard=NoC())), 12))
        ),
        {"soloing.NoteSession._narrowed": staticmethod(lambda mask, _: mask)},
    ),
    Rule(
        "no duration of a tick",
        lambda: min(legal_durations(at_duration())) == 2,
        {"soloing._SPECKS": 0},
    ),
    Rule(
        "a note ends before a closed tick",
        lambda: max(legal_durations(at_duration(Constraints(closed=((36, 96),))))) == 24,
        {"constraints.Script.barrier": lambda *_: 9999},
    ),
    # What is fixed.
    Rule(
        "no free note on a closed tick",
        lambda: not {36, 48} & legal_iois(session((0, 60), then=Constraints(closed=((36, 96),)))),
        {"constraints.Script.open": lambda _, ticks: np.ones(len(ticks), bool)},
    ),
    Rule(
        "a free note goes towards a fixed one",
        goes_to_the_fixed_note,
        {"constraints._STRIDE": 1e6},
    ),
    Rule(
        "while it is played",
        lambda: pull_of_session() > 5,
        {"constraints.Script.pull": lambda *_: 0},
    ),
    Rule(
        "to within a tone",
        lambda: pulled(Slot(36, 12, 60))[2] == 0 > pulled(Slot(36, 12, 60))[3],
        {"constraints._NEAR": 0},
    ),
    Rule(
        "and is not there before it",
        lambda: pulled(Slot(12, 12, 60), closed=((0, 12),))[0] == -1,
        {"constraints._ARRIVED": 0},
    ),
    Rule(
        "a contour has room for its notes",
        contour_has_room,
        {"constraints.Script.bounds": (0, 127)},
    ),
    Rule(
        "a contour's direction",
        lambda: min(legal_pitches(contour(1))) == 61,
        {"slot:motion": None},
    ),
    Rule(
        "notes without an onset leave one another room",
        lambda: loose().latest(0)[0] < 70,
        {"constraints._LEAST_PACE": 0},
    ),
    Rule(
        "on a grid that can be played",
        lambda: loose(until=24, shortest=5).latest(0)[0] == 12,
        {"constraints._GRIDS": ()},
    ),
    # The sampler.
    Rule(
        "a line that copies is worth less",
        lambda: worth_of_copying() < -1.5,
        {"sampler._COPYING": 0},
    ),
    # The course's model.
    Rule(
        "no note that stays where the range ends",
        lambda: (
            not any(
                text.startswith("C,0.500,") for text in course_legal(96, has_note=True, previous=84)
            )
        ),
        {"course.network._moves": lambda _, pitches, __: bool(pitches)},
    ),
    Rule(
        "a triplet that is begun is finished",
        lambda: not {"C,0.250", "R,0.500"} & course_legal(88),
        {"course.network.on_grid": lambda *_: True},
    ),
    Rule(
        "a bar can be filled",
        lambda: "C,0.250" not in course_legal(24),
        {"course.network.Rules.fillable": lambda *_, **__: True},
    ),
    Rule(
        "no interval from a note in another bar",
        lambda: not any("<" in text for text in course_legal(96)),
        {"course:brackets": False},
    ),
    Rule(
        "within a bar no note without an interval",
        lambda: not {"C,0.500", "S,1.000"} & course_legal(72, has_note=True),
        {"course:brackets": False},
    ),
    Rule(
        "the course's pitches lie in the range",
        lambda: "C,0.500,<P5,P1>" not in course_legal(96, has_note=True, previous=90),
        {"setting:high": 100},
    ),
    Rule(
        "the course's notes are not too fast",
        lambda: "C,0.333" not in course_legal(96, shortest=12),
        {"setting:shortest": 1},
    ),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_does_what_it_says_and_nothing_else_does(
    rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rule.holds()
    for name, value in rule.off.items():
        if ":" in name:
            monkeypatch.setitem(OFF, name, value)
            continue
        module, *owners, last = name.split(".")
        owner: Any = importlib.import_module(f"sideman.models.{module}")
        for each in owners:
            owner = getattr(owner, each)
        monkeypatch.setattr(owner, last, value)
    assert rule.off
    assert not rule.holds()


NO_RULES = {
    # Units, names, files and what follows from other rows.
    "shaping": {
        "TRAITS", "TILTED", "USUAL_BPM", "_FILE", "_SPREAD",
    },
    "soloing": {"_NOTHING", "_PLACES"},
    "constraints": {"FREE"},
    "theme": set(),
    "traits": set(),
    "melody": {"_EIGHTH"},
    "passages": set(),
}  # fmt: skip


@pytest.mark.parametrize("module", NO_RULES)
def test_every_constant_is_in_the_table_of_rules(module: str) -> None:
    source = Path(importlib.import_module(f"sideman.models.{module}").__file__ or "")
    constants = {
        name.id
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and name.id.isupper()
    }
    ruled = {name.split(".")[1] for rule in RULES for name in rule.off if f"{module}." in name}
    assert constants <= ruled | NO_RULES[module]
    assert not ruled & NO_RULES[module]
