"""The drums: time that varies, fills before sections, solos that make sense, and a count-in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import any_form, form
from sideman.band import drums, listening, styles
from sideman.band.styles import VOICES
from sideman.library import songbook
from sideman.score import Bar, Changes, Note
from sideman.theory.meter import Meter

SWING, BALLAD, BOSSA, WALTZ = (styles.load(name) for name in ("swing", "ballad", "bossa", "waltz"))
BLUES = songbook.load("blues-f").changes


def hits(notes: Sequence[Note], voice: str) -> list[int]:
    return [note.onset for note in notes if note.pitch == VOICES[voice]]


def played(
    changes: Changes, style: styles.Style = SWING, seed: int = 0, solo: Sequence[Note] = ()
) -> tuple[Note, ...]:
    return drums.drum(
        changes, style, np.random.default_rng(seed), heard=listening.hear(changes, solo)
    ).notes


def check(changes: Changes, notes: Sequence[Note]) -> None:
    """Hold a part to what holds for all."""
    until: dict[int, int] = {}
    assert list(notes) == sorted(notes, key=lambda note: note.onset)
    for note in notes:
        assert 0 <= note.onset < changes.length
        assert note.duration >= 1
        assert 1 <= note.velocity <= 127
        assert note.pitch in VOICES.values()
        assert until.get(note.pitch, 0) <= note.onset, "struck while it still sounds"
        until[note.pitch] = note.end


@pytest.mark.parametrize("name", styles.names())
def test_every_tune_in_every_style(name: str) -> None:
    style = styles.load(name)
    for seed, tune in enumerate(songbook.names()):
        changes = songbook.load(tune).changes.repeated(2)
        part = drums.drum(changes, style, np.random.default_rng(seed))
        assert part.percussion
        check(changes, part.notes)
        for start, end in pairwise(changes.bar_starts):
            assert any(start <= note.onset < end for note in part.notes), "an empty bar"


@given(any_form(), st.sampled_from(styles.names()), st.integers(0, 1000))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_any_form_can_be_played(changes: Changes, name: str, seed: int) -> None:
    style, rng = styles.load(name), np.random.default_rng(seed)
    solo = [Note(at, 12, 70) for at in range(0, changes.length, 12)]
    check(changes, drums.drum(changes, style, rng, heard=listening.hear(changes, solo)).notes)
    check(changes, drums.fours(changes, style, rng).notes)


def test_the_hi_hat_is_on_two_and_four() -> None:
    changes = BLUES.repeated(3)
    feet = hits(played(changes), "pedal")
    wanted = [start + beat for start in changes.bar_starts[:-2] for beat in (24, 72)]
    assert feet == wanted
    waltz = hits(played(songbook.load("jazz-waltz-f").changes, WALTZ), "pedal")
    assert {onset % 72 for onset in waltz} == {24, 48}
    assert np.mean([onset % 72 == 24 for onset in waltz]) > 0.6


def test_the_ride_swings_and_varies() -> None:
    notes = played(BLUES.repeated(5))
    bars = Counter(
        tuple(onset - start for onset in hits(notes, "ride") if start <= onset < start + 96)
        for start in range(0, 59 * 96, 96)
    )
    assert bars.most_common(1)[0][0] == (0, 24, 36, 48, 72, 84)
    assert 0.3 < bars.most_common(1)[0][1] / 59 < 0.85
    assert len(bars) >= 4
    loud: dict[int, list[int]] = {0: [], 12: [], 24: [], 36: []}
    for note in notes:
        if note.pitch == VOICES["ride"]:
            loud[note.onset % 48].append(note.velocity)
    assert np.mean(loud[24]) > np.mean(loud[0]) + 5  # two and four


def test_the_kick_is_feathered_and_the_snare_talks() -> None:
    changes = BLUES.repeated(5)
    notes = played(changes)
    kick = [note for note in notes if note.pitch == VOICES["kick"] and note.onset % 24 == 0]
    snare = [note for note in notes if note.pitch == VOICES["snare"]]
    assert len(kick) > 3 * 60
    assert np.median([note.velocity for note in kick]) < 45
    assert len({note.velocity for note in snare}) > 8
    assert np.mean([note.onset % 24 == 12 for note in snare]) > 0.5


def test_fills_lead_into_choruses() -> None:
    """Before a chorus the hands leave the ride more often than elsewhere."""
    changes = BLUES.repeated(8)
    left: dict[bool, list[bool]] = {True: [], False: []}
    crashed: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(3):
        notes = played(changes, SWING, seed)
        ride, crash = set(hits(notes, "ride")), set(hits(notes, "crash"))
        for bar in range(1, 94):
            start = changes.bar_starts[bar]
            left[bar % 12 == 11].append(start + 72 not in ride)
            crashed[bar % 12 == 0].append(start in crash)
    assert np.mean(left[True]) > 0.7
    assert np.mean(left[False]) < 0.35
    assert np.mean(crashed[True]) > 0.6
    assert np.mean(crashed[False]) < 0.1


def test_fills_lead_into_sections() -> None:
    """Eight bars that are named end with a fill, and the bars inside them seldom have one."""
    changes = songbook.load("rhythm-changes-bb").changes.repeated(4)
    named = {number for number, bar in enumerate(changes.bars) if bar.section}
    toms = {VOICES[voice] for voice in ("high", "mid", "floor")}
    filled: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(4):
        struck = {
            changes.bar_at(note.onset) for note in played(changes, seed=seed) if note.pitch in toms
        }
        for bar in range(len(changes.bars) - 2):
            filled[bar + 1 in named].append(bar in struck)
    assert np.mean(filled[True]) > 0.35
    assert np.mean(filled[True]) > 3 * np.mean(filled[False])


@pytest.mark.parametrize(("level", "share"), [(0.95, 0.5), (0.5, 0.0)])
def test_the_kick_plays_with_chords_off_the_beat(level: float, share: float) -> None:
    changes = form("Dm7 | " * 63 + "Dm7")
    heard = listening.Heard(levels=(level,) * 64, busier=(0.0,) * 64)
    chords = [*range(12, 63 * 96, 96), *range(48, 63 * 96, 96)]
    kicks = []
    for piano in (chords, ()):
        part = drums.drum(
            changes, BALLAD, np.random.default_rng(0), heard=heard, chords=piano, ending=False
        )
        kicks.append(set(hits(part.notes, "kick")))
    more = kicks[0] - kicks[1]
    assert all(onset % 96 == 12 for onset in more), "on a beat, or without the piano"
    assert abs(len(more) / 63 - share) < 0.2


def test_every_second_rest_is_answered_with_the_last_rhythm() -> None:
    changes = form("Dm7 | " * 63 + "Dm7")
    rhythm = (0, 36, 60)  # with a rest from the third quarter of the second bar
    solo = [Note(bar * 96 + onset, 12, 70) for bar in range(0, 64, 2) for onset in rhythm]
    heard = listening.hear(changes, solo)
    drummed = {VOICES[voice] for voice in ("snare", "high", "mid", "floor", "kick")}
    shares = []
    for rests in (heard.rests[1::2], heard.rests[::2]):
        echoed = [onset for rest in rests for onset in heard.echo(rest)]
        struck: list[bool] = []
        for seed in range(3):
            onsets = {n.onset for n in played(changes, BALLAD, seed, solo) if n.pitch in drummed}
            struck += [onset in onsets for onset in echoed]
        shares.append(np.mean(struck))
    assert shares[0] > 0.6
    assert shares[0] > 1.5 * shares[1]


def test_crashes_mark_the_choruses_after_an_introduction() -> None:
    choruses = BLUES.repeated(4).bars
    intro = tuple(replace(bar, section=None) for bar in BLUES.bars[-4:])
    named = tuple(
        replace(bar, section="Solo" if number % 12 == 0 else None)
        for number, bar in enumerate(choruses)
    )
    tops = (4, 16, 28, 40)
    changes = Changes((*intro, *named, Bar(BLUES.bars[0].chords)), tops)
    crashed: Counter[int] = Counter()
    for seed in range(20):
        crashed.update(onset // 96 for onset in hits(played(changes, SWING, seed), "crash"))
    assert {*tops} <= {bar for bar, count in crashed.items() if count >= 10}
    assert all(count < 10 for bar, count in crashed.items() if bar not in {*tops, 52})


def test_the_snare_gives_way_and_answers() -> None:
    changes = form("Dm7 | " * 63 + "Dm7")
    # Two bars of eighths, two bars of rest.
    solo = [Note(at, 12, 70) for at in range(0, changes.length, 12) if at // 96 % 4 < 2]
    playing = resting = 0
    for seed in range(4):
        for onset in hits(played(changes, SWING, seed, solo), "snare"):
            playing += onset // 96 % 4 == 1
            resting += onset // 96 % 4 == 2
    assert resting > 1.3 * playing


def test_brushes_have_a_kit_of_their_own() -> None:
    part = drums.drum(songbook.load("ballad-eb").changes, BALLAD, np.random.default_rng(0))
    assert part.program == drums.BRUSH_KIT
    assert hits(part.notes, "brush")
    assert not hits(part.notes, "crash")
    assert drums.drum(BLUES, SWING, np.random.default_rng(0)).program == drums.KIT


def test_bossa_plays_even_eighths_and_the_clave() -> None:
    notes = played(songbook.load("bossa-d").changes, BOSSA)
    assert len(hits(notes, "hihat")) > 28 * 8 * 0.7
    rims = Counter(onset % 192 for onset in hits(notes, "rim"))
    assert {0, 36, 72, 120, 156} <= set(rims)


def test_in_a_break_only_the_foot_goes_on() -> None:
    notes = played(form("C7 | N.C. | N.C. | F7 | C7"))
    inside = {note.pitch for note in notes if 96 <= note.onset < 288}
    assert inside == {VOICES["pedal"]}
    assert len({note.pitch for note in played(form("N.C. | N.C. | N.C."))}) > 2  # drums alone


def test_the_last_bar_rings() -> None:
    notes = played(BLUES)
    last = [note for note in notes if note.onset >= BLUES.bar_starts[-2]]
    assert {note.pitch for note in last} == {VOICES["crash"], VOICES["kick"]}
    assert all(note.end == BLUES.length for note in last)
    rng = np.random.default_rng(0)
    going_on = drums.drum(BLUES, SWING, rng, ending=False).notes
    assert len([note for note in going_on if note.onset >= BLUES.bar_starts[-2]]) > 6


@pytest.mark.parametrize("name", styles.names())
def test_a_solo_fills_its_bars_and_comes_back_to_its_motif(name: str) -> None:
    style = styles.load(name)
    meter = Meter(3, 4) if name == "waltz" else Meter()
    changes = Changes((Bar(meter=meter),) * 8)
    ticks = meter.ticks_per_bar
    repeats, others, seen = [], [], set()
    for seed in range(20):
        notes = drums.fours(changes, style, np.random.default_rng(seed)).notes
        check(changes, notes)
        hands = [note for note in notes if note.pitch != VOICES["pedal"]]
        rhythm = [
            tuple(note.onset % ticks for note in hands if note.onset // ticks == bar)
            for bar in range(8)
        ]
        assert all(len(set(bar)) >= 2 for bar in rhythm)
        repeats += [rhythm[0] == rhythm[1], rhythm[4] == rhythm[5]]
        others += [rhythm[1] == rhythm[2], rhythm[2] == rhythm[3]]
        seen.add(tuple(rhythm))
        assert len({note.pitch for note in hands}) >= 2
    assert np.mean(repeats) > 0.9 > np.mean(others)
    assert len(seen) > 15


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "6/8", "7/8", "2/2", "1/4", "1/32"])
def test_the_count_in_counts_every_beat_of_its_last_bar(meter: str) -> None:
    one = Meter.parse(meter)
    part = drums.count_in(one, 2, np.random.default_rng(0))
    assert part.percussion
    onsets = [note.onset for note in part.notes]
    assert {0, one.ticks_per_bar} <= set(onsets)
    assert len(onsets) == len(set(onsets))
    assert all(b.onset >= a.end for a, b in pairwise(part.notes))
    assert max(note.end for note in part.notes) <= 2 * one.ticks_per_bar
    assert drums.count_in(one, 0, np.random.default_rng(0)).notes == ()


def test_the_same_seed_plays_the_same() -> None:
    assert played(BLUES, seed=1) == played(BLUES, seed=1)
    assert played(BLUES, seed=1) != played(BLUES, seed=2)
    changes = Changes((Bar(),) * 4)
    solos = [drums.fours(changes, SWING, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert solos[0] == solos[1] != solos[2]
    counts = [drums.count_in(Meter(), 2, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert counts[0] == counts[1] != counts[2]


def test_a_style_without_fills_or_solos_still_plays() -> None:
    bare = replace(SWING, drums=styles.Drums())
    assert {note.pitch for note in played(BLUES, bare)} <= {VOICES["kick"], VOICES["crash"]}
    assert drums.fours(Changes((Bar(),) * 4), bare, np.random.default_rng(0)).notes
