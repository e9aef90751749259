"""The soloist's lines are a musician's: a small sample of ``benchmarks/lines.py``."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from sideman.evaluation import novelty, players, style
from sideman.library import songbook
from sideman.models import registry, sampler, shaping
from sideman.models.constraints import FREE, Constraints
from sideman.models.controls import MAX_COPY, Controls
from sideman.models.protocol import Setting
from sideman.models.soloing import NoteSession
from sideman.models.soloist import DEFAULTS, NeuralSoloist
from sideman.score import Solo
from sideman.service.takes import performer
from sideman.service.takes.performer import Performer
from sideman.theory import instruments

FORMS = (
    "blues-f",
    "rhythm-changes-bb",
    "minor-blues-c",
    "minor-bossa-a",
    "jazz-waltz-f",
    "happy-birthday",
)
# Chords are the tune's, and swing is the feel's: a written line shows neither of a player.
NOT_OF_THE_LINE = ("chord_irregularity", "swing_ratio")
# One solo of 267 notes without a breath makes these spreads of the 44 what they are.
SPREAD_BY_ONE = ("phrase_notes", "phrase_beats")


@cache
def soloist() -> NeuralSoloist:
    model = registry.load("soloist")
    assert isinstance(model, NeuralSoloist)
    return model


def play(form: str, seed: int, controls: Controls = DEFAULTS, choruses: int = 2) -> Solo:
    sheet = songbook.load(form)
    changes = sheet.changes.repeated(choruses)
    low, high = instruments.named("tenor sax").reach
    shortest = performer.shortest_ticks(sheet.tempo_bpm or 120)
    notes = sampler.sample(
        soloist(),
        Setting(changes, sheet.tempo_bpm, low, high, shortest),
        rng=np.random.default_rng([seed, *form.encode()]),
        controls=controls,
    )
    return Solo(sheet.title, notes, changes, tempo_bpm=sheet.tempo_bpm)


@cache
def lines() -> tuple[Solo, ...]:
    return tuple(play(form, seed) for form in FORMS for seed in range(3))


@cache
def summary() -> Mapping[str, Mapping[str, float]]:
    return players.summary([style.measure(line) for line in lines()])


@pytest.mark.parametrize(
    "name",
    [one.name for one in style.STATISTICS if one.name not in NOT_OF_THE_LINE],
)
def test_lines_are_as_players_lines_are(name: str) -> None:
    """Eighteen solos: their mean has an error of a quarter of their spread."""
    real, ours = players.reference("test")["statistics"][name], summary()[name]
    assert abs(ours["mean"] - real["mean"]) < 0.75 * real["spread"]
    assert ours["spread"] < 2.2 * real["spread"]
    if name not in SPREAD_BY_ONE:
        assert ours["spread"] > 0.3 * real["spread"]


def test_no_two_are_alike_and_openings_differ() -> None:
    assert len({line.notes for line in lines()}) == len(lines())
    assert len({tuple((n.onset, n.pitch) for n in line.notes[:4]) for line in lines()}) == len(
        lines()
    )


def test_every_solo_comes_to_rest_where_its_form_ends() -> None:
    for line in lines():
        assert line.changes is not None
        bar, end = line.changes.meter.ticks_per_bar, line.changes.length
        last = line.notes[-1]
        strong = bar // 2 if bar % 48 == 0 else bar
        beat = last.onset + -last.onset % strong
        assert beat - last.onset <= 12, "the last note leans on no strong beat"
        assert end - bar - 12 <= last.onset < last.end <= end
        chord = line.changes.chord_at(beat)
        assert chord is not None
        assert last.pitch % 12 in chord.tones


def test_lines_breathe_and_do_not_run_in_circles() -> None:
    for line in lines():
        assert line.changes is not None
        bars = len(line.changes.bars)
        # A breath every eight bars at least, all in all; and no bar-long hole every other bar.
        assert bars / 8 <= len(style.phrases(line)) <= bars
        told = [(b.onset - a.onset, b.pitch - a.pitch) for a, b in pairwise(line.notes)]
        for size in range(2, 9):
            again = [told[at] == told[at - size] for at in range(size, len(told))]
            longest = max(len(run) for run in "".join("+-"[not x] for x in again).split("-"))
            assert longest < 5 * size, "one cell over and over"


def test_onsets_are_such_as_one_can_write() -> None:
    """Sixteenths and triplets; 32nds and sextuplets in runs; a swung pair is two eighths."""
    for line in lines():
        onsets = {note.onset for note in line.notes}
        for note in line.notes:
            place = note.onset % 24
            assert place % 3 == 0 or place % 4 == 0
            if place == 16:
                assert note.onset - 8 in onsets or note.onset - 4 in onsets
            if place % 6 and place % 8:
                step = 3 if place % 3 == 0 else 4
                assert note.onset - step in onsets


def test_manners_are_drawn_as_they_were_fitted() -> None:
    known = shaping.players()
    rng = np.random.default_rng(0)
    drawn = [list(shaping.draw(known, 200.0, rng).values()) for _ in range(2000)]
    centre = shaping.centre(known, 200.0)
    spread = np.sqrt(np.diag(known.covariance))
    assert np.abs((np.mean(drawn, axis=0) - centre) / spread).max() < 0.1
    assert np.abs(np.std(drawn, axis=0) / spread - 0.9).max() < 0.15
    near = np.corrcoef(np.array(drawn).T)[shaping.TRAITS.index("chord_tones")]
    assert near[shaping.TRAITS.index("scale_tones")] > 0.5


def shaped(**asked: float) -> Controls:
    return DEFAULTS.asked(asked)


def mean(name: str, controls: Controls, seeds: int = 3) -> float:
    found = [style.measure(play("blues-f", seed, controls))[name] for seed in range(seeds)]
    return float(np.mean([value for value in found if value is not None]))


def test_density_is_heard() -> None:
    few, usual, many = (mean("notes_a_bar", shaped(density=x), 10) for x in (0.5, 1, 2))
    assert few < 0.87 * usual
    assert usual < 0.7 * many


def test_the_motif_is_heard() -> None:
    """Without its own motifs a line has more different cells of four notes."""

    def variety(controls: Controls) -> float:
        shares = []
        for seed in range(3):
            notes = play("blues-f", seed, controls, choruses=3).notes
            told = [b.pitch - a.pitch for a, b in pairwise(notes)]
            cells = list(zip(told, told[1:], told[2:], strict=False))
            shares.append(len(set(cells)) / len(cells))
        return float(np.mean(shares))

    assert variety(shaped(motif=0.0)) > variety(shaped(motif=1.6))


def test_students_play_within_their_reach() -> None:
    for difficulty, width, shortest, widest in ((1, 14, 12, 7), (3, 20, 8, 12)):
        line = play("blues-f", 1, shaped(difficulty=difficulty))
        pitches = [note.pitch for note in line.notes]
        assert max(pitches) - min(pitches) <= width
        assert min(b.onset - a.onset for a, b in pairwise(line.notes)) >= shortest
        assert max(abs(b - a) for a, b in pairwise(pitches)) <= widest
    on_beats = [
        chord is not None and note.pitch % 12 in chord.tones
        for seed in range(3)
        for line in (play("blues-f", seed, shaped(difficulty=1)),)
        for note in line.notes
        if note.onset % 24 == 0 and line.changes is not None
        for chord in (line.changes.chord_at(note.onset),)
    ]
    assert np.mean(on_beats) > 0.65


def test_the_best_of_several_is_worth_no_less_than_the_first() -> None:
    changes = songbook.load("blues-f").changes
    guard = novelty.Limit(novelty.shipped(), MAX_COPY)

    def best(many: int) -> float:
        controls = replace(DEFAULTS, best_of=many)
        player = Performer(soloist(), 140, instruments.named("tenor sax"), controls)
        notes = player.play(changes, rng=np.random.default_rng(3))
        judge, setting = soloist(), Setting(changes, 140.0)
        return sampler.worth(notes, setting, judge, Constraints(guard=guard))

    one, three = best(1), best(3)
    assert math.isfinite(one)
    assert three >= one


def test_solos_side_by_side_are_those_played_one_by_one() -> None:
    changes = songbook.load("blues-f").changes

    def begun() -> list[NoteSession]:
        return [
            soloist().begin(Setting(changes, 140), DEFAULTS, FREE, np.random.default_rng(seed))
            for seed in range(5)
        ]

    def rngs() -> list[np.random.Generator]:
        return [np.random.default_rng([7, seed]) for seed in range(5)]

    together, alone = begun(), begun()
    sampler.finish_together(soloist(), together, rngs=rngs(), controls=DEFAULTS)
    for session, rng in zip(alone, rngs(), strict=True):
        sampler.finish(session, rng=rng, controls=DEFAULTS)
    assert [one.line() for one in together] == [one.line() for one in alone]
    assert len({one.line() for one in together}) == 5


def test_the_same_seed_gives_the_same_line() -> None:
    assert play("minor-blues-c", 5, choruses=1) == play("minor-blues-c", 5, choruses=1)
    assert play("minor-blues-c", 5, choruses=1) != play("minor-blues-c", 6, choruses=1)


def test_controls_may_leave_all_to_the_networks() -> None:
    bare = replace(DEFAULTS, breath=0, register=0, manner=0, resolve=False)
    for controls in (bare, Controls()):
        assert len(play("waltz-blues-g", 2, controls, choruses=1).notes) > 10
