"""What a line takes up: an answer its phrase, a solo its riff, new bars their take's manner."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from sideman.evaluation import uptake
from sideman.library import songbook
from sideman.models import registry, shaping, soloist, traits
from sideman.models.constraints import Constraints
from sideman.models.events import from_solo
from sideman.models.protocol import Soloist
from sideman.score import Changes, Note, Solo
from sideman.service import playing, requests
from sideman.service.takes import settling, trading, varying
from sideman.service.takes.performer import Performer
from sideman.studio.work import takes
from sideman.theory.instruments import INSTRUMENTS

BLUES = songbook.load("blues-f").changes
TENOR = INSTRUMENTS["tenor sax"]
RIFF = tuple(
    Note(onset, 6, pitch)
    for onset, pitch in ((0, 65), (12, 68), (36, 72), (60, 70), (72, 68), (84, 65), (114, 63))
)


@lru_cache(maxsize=1)
def model() -> Soloist:
    return registry.load("soloist")


def performer(motif: float = 1.0) -> Performer:
    controls = replace(model().defaults, effort=1, motif=motif)
    return Performer(model(), 140, TENOR, controls)


def line(changes: Changes, fixed: Constraints, seed: int, motif: float = 1.0) -> tuple[Note, ...]:
    return performer(motif).play(changes, rng=np.random.default_rng(seed), constraints=fixed)


def moved(notes: Sequence[Note], ticks: int, semitones: int = 0) -> tuple[Note, ...]:
    return tuple(replace(n, onset=n.onset + ticks, pitch=n.pitch + semitones) for n in notes)


def test_uptake_of_rhythm_or_contour() -> None:
    eighths = tuple(Note(12 * at, 12, 60 + at % 5) for at in range(12))
    same_rhythm = tuple(replace(note, pitch=60 + at % 2) for at, note in enumerate(RIFF))
    same_contour = tuple(replace(note, onset=48 * at) for at, note in enumerate(RIFF))
    for measure, part in ((uptake.rhythm, same_rhythm), (uptake.contour, same_contour)):
        both, one, neither = (
            measure(RIFF, moved(other, 96, 3)) for other in (RIFF, part, eighths[:7])
        )
        assert both == one > neither + 4
    # Runs that any two lines share are worth little.
    assert uptake.uptake(eighths, moved(eighths[:5], 384)) < uptake.TAKEN_UP
    assert uptake.uptake(RIFF, moved(RIFF, 96, 5)) > uptake.TAKEN_UP
    assert uptake.uptake(RIFF, RIFF[:1]) == -np.inf


def test_statements_of_a_riff() -> None:
    varied = (replace(RIFF[0], onset=3), *moved(RIFF[1:6], 0, 1))
    upside_down = tuple(replace(note, pitch=140 - note.pitch) for note in RIFF)
    other = (
        *moved(varied, 96),
        *moved(upside_down, 384),
        *moved(RIFF, 972),
        *moved(RIFF, 1152, -4),
    )
    assert uptake.statements(RIFF, other, 96) == (1, 12)
    assert uptake.statements(RIFF, (), 96) == ()


def test_answers_take_up_their_phrase(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers() -> list[float]:
        phrase = Solo("", moved(RIFF, 96))
        return [
            uptake.uptake(
                phrase.notes,
                trading.exchange(
                    performer(), phrase, BLUES, rng=np.random.default_rng(seed)
                ).answer.notes,
            )
            for seed in range(10)
        ]

    planned = answers()
    monkeypatch.setattr(soloist, "planned", lambda *_: ())
    assert sum(one >= uptake.TAKEN_UP for one in planned) >= 8
    assert sum(one >= uptake.TAKEN_UP for one in answers()) <= 4


def test_a_solo_returns_to_its_first_riff() -> None:
    changes = BLUES.repeated(2)
    fixed = settling.priming(Solo("", RIFF), changes, TENOR)

    def returns(seed: int, motif: float = 1.0) -> int:
        new = line(changes, fixed, seed, motif)[len(RIFF) :]
        return len(uptake.statements(RIFF, new, 96))

    assert sum(returns(seed) for seed in range(4)) >= 6
    assert sum(returns(seed, motif=0) for seed in range(4)) <= 2


def a_take(ioi: int, pitch: int) -> Solo:
    """Return a take of two choruses, up and down a scale, with a rest in every second bar."""
    scale = (0, 3, 5, 7, 10, 7, 5, 3)
    changes = BLUES.repeated(2)
    notes = [
        Note(onset, ioi, pitch + scale[onset // ioi % 8])
        for onset in range(0, changes.length, ioi)
        if onset % 192 < 144
    ]
    return Solo("", tuple(notes), changes)


@pytest.mark.parametrize("kept", [True, False])
def test_new_bars_are_as_dense_and_high_as_their_take(kept: bool) -> None:
    def new(ioi: int, pitch: int) -> tuple[float, float]:
        take = a_take(ioi, pitch)
        assert take.changes is not None
        fixed = settling.rewriting(take, take.changes, kept={0, 1, 2, 3})
        if not kept:
            fixed = replace(fixed, take=())
        played = [line(take.changes, fixed, seed) for seed in range(2)]
        found = [note for one in played for note in one if note.onset >= 384]
        theirs = [note for note in take.notes if note.onset >= 384]
        higher = np.mean([n.pitch for n in found]) - np.mean([n.pitch for n in theirs])
        return len(found) / len(theirs) / len(played), float(higher)

    many, high = new(6, 66)
    few, low = new(24, 52)
    alike = sum([many > 0.8, few < 1.4, high > -3, low < 4])
    assert alike == 4 if kept else alike <= 1


def test_every_kind_of_new_line_inherits() -> None:
    take = a_take(12, 60)
    assert take.changes is not None
    rng = np.random.default_rng(0)
    for fixed in (
        settling.rewriting(take, take.changes, lock="rhythm"),
        settling.rewriting(take, take.changes, lock="contour"),
        varying.varying(take, take.changes, 0.5, rng),
    ):
        assert fixed.take == take.notes


def test_short_takes_have_the_usual_manner() -> None:
    usual = shaping.centre(shaping.players(), 150.0)
    long, short = a_take(36, 60), replace(a_take(36, 60), notes=a_take(36, 60).notes[:4])
    off = [
        np.abs(traits.inherited(traits.measure(from_solo(one)), usual) - usual)
        for one in (long, short)
    ]
    assert off[0][0] > 0.7 > 0.2 > off[1][0] > 0
    # Without a rest nothing is known of rests.
    assert off[1][2] == 0


def test_the_studio_asks_for_no_density_twice() -> None:
    asked = requests.PlayRequest(
        changes=requests.Tune(text="| F7 | Bb7 |"),
        choruses=1,
        seed=1,
        controls={"density": 0.5, "effort": 1},
    )
    played = playing.play(asked)
    for bars, controls in (("1", {"effort": 1}), ("1-2", asked.controls)):
        anew = takes.anew(played.request.to_json(), played.midi(), bars, 2, {})
        assert anew["controls"] == controls
