"""Arranging: a piece has a beginning and an end, everybody in their place, nothing lost."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman import feel
from sideman.band import comping, styles
from sideman.band.arranging import Plan, arrange, traded
from sideman.band.styles import VOICES
from sideman.formats.midi import writing
from sideman.library import songbook
from sideman.output import audio
from sideman.score import Arrangement, Bar, Changes, ChordChange, LeadSheet, Note, Part, Solo
from sideman.theory.chord import Chord
from sideman.theory.instruments import INSTRUMENTS
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

NOTHING = Plan(head=False, ending=False)
PLANS = st.builds(Plan, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())


def eighths(sheet: LeadSheet, choruses: int = 2) -> Solo:
    """A solo of eighths all through, so that it shows wherever something is cut."""
    changes = sheet.changes.repeated(choruses)
    notes = tuple(Note(t, 12, 60 + (t // 12) % 7) for t in range(0, changes.length, 12))
    return Solo(sheet.title, notes, changes, key=sheet.key, tempo_bpm=sheet.tempo_bpm or 120.0)


def play(
    sheet: LeadSheet | str, plan: Plan = NOTHING, choruses: int = 2, seed: int = 0
) -> Arrangement:
    tune = songbook.load(sheet) if isinstance(sheet, str) else sheet
    style = styles.matching(tune.style, tune.changes.meter)
    solo = eighths(tune, choruses)
    if plan.fours:
        solo = traded(solo, len(tune.changes.bars))
    return arrange(tune, solo, style, plan, np.random.default_rng(seed))


def names(piece: Arrangement) -> list[str]:
    return [bar.section for bar in piece.changes.bars if bar.section]


def part(piece: Arrangement, name: str) -> Part:
    return next(part for part in piece.parts if part.name == name)


def bars_of(piece: Arrangement, name: str) -> tuple[int, int]:
    """First tick of a stretch, and the tick at which the next one begins."""
    parts = ("Count-in", "Intro", "Head", "Solo", "Fours", "Ending")
    marks = [
        (start, bar.section)
        for start, bar in zip(piece.changes.bar_starts, piece.changes.bars, strict=False)
        if bar.section and bar.section.startswith(parts)
    ]
    index = next(i for i, (_, section) in enumerate(marks) if section == name)
    following = [start for start, _ in marks[index + 1 :]] or [piece.changes.length]
    return marks[index][0], following[0]


def test_a_solo_alone_is_just_its_choruses() -> None:
    sheet = songbook.load("blues-f")
    piece = play(sheet)
    assert names(piece) == ["Solo 1", "Solo 2"]
    assert piece.changes.length == 2 * sheet.changes.length
    assert piece.changes.spans == sheet.changes.repeated(2).spans
    assert [one.name for one in piece.parts] == ["Solo", "Chords", "Bass", "Drums"]
    assert part(piece, "Solo").notes == eighths(sheet).notes
    assert piece.ritardando is None
    assert part(piece, "Drums").percussion


def test_a_whole_piece_in_its_order() -> None:
    piece = play("when-the-saints", Plan(count_in=True, intro=True, fours=True), 3)
    assert names(piece) == [
        *("Count-in", "Intro", "Head", "Solo 1", "Solo 2", "Fours", "Head out", "Ending"),
    ]
    # The head out ends with the melody's last note, two bars before the form does.
    assert len(piece.changes.bars) == 2 + 4 + 16 + 3 * 16 + 14 + 1
    sections = {bar.section for bar in play("rhythm-changes-bb").changes.bars}
    assert {"Solo 1 A", "Solo 2 A", "B"} <= sections


def test_the_sticks_are_alone_and_then_the_rhythm_section() -> None:
    piece = play("blues-f", Plan(count_in=True, intro=True, head=False))
    begin = 2 * 96
    sticks = [note for note in part(piece, "Drums").notes if note.onset < begin]
    assert len(sticks) >= 6
    assert len({note.pitch for note in sticks}) == 1
    for name in ("Chords", "Bass"):
        assert min(note.onset for note in part(piece, name).notes) >= begin
    assert part(piece, "Solo").notes[0].onset == begin + 4 * 96
    intro = Changes(piece.changes.bars[2:6])
    form = songbook.load("blues-f").changes
    assert [span.chord for span in intro.spans] == [
        span.chord for span in form.spans if span.onset >= form.bar_starts[-5]
    ]


def test_a_slow_tune_is_counted_in_for_one_bar() -> None:
    piece = play("ballad-eb", Plan(count_in=True, head=False))
    assert bars_of(piece, "Count-in") == (0, 96)


def test_a_pickup_begins_the_piece_in_a_bar_of_its_own() -> None:
    piece = play("happy-birthday", Plan())
    first, second = piece.changes.bars[:2]
    assert first.meter == Meter(1, 4)
    assert not first.chords
    assert second.section == "Head"
    assert [note.onset for note in part(piece, "Solo").notes[:3]] == [0, 12, 24]
    for name in ("Chords", "Bass", "Drums"):
        assert min(note.onset for note in part(piece, name).notes) >= 12


def test_a_pickup_falls_into_the_intro_or_the_count_in() -> None:
    for plan, begin in ((Plan(intro=True), 4 * 96), (Plan(count_in=True), 2 * 96)):
        piece = play("happy-birthday", plan)
        assert {bar.meter for bar in piece.changes.bars} == {Meter(4, 4)}
        assert bars_of(piece, "Head")[0] == begin
        head = [note.onset - begin for note in part(piece, "Solo").notes[:3]]
        assert head == [-24, -12, 0]


def test_the_head_is_the_tunes_own_notes_and_the_solo_makes_room_for_it() -> None:
    sheet = songbook.load("happy-birthday")
    piece = play(sheet, Plan())
    notes = part(piece, "Solo").notes
    assert all(one.end <= other.onset for one, other in pairwise(notes))
    begin, end = bars_of(piece, "Head")
    head = [note for note in notes if note.onset < end]
    assert [(n.onset - begin, n.pitch % 12, n.name) for n in head] == [
        (n.onset, n.pitch % 12, n.name) for n in sheet.melody
    ]
    assert len({n.pitch - m.pitch for n, m in zip(head, sheet.melody, strict=True)}) == 1
    out, end = bars_of(piece, "Head out")
    before = [note.onset - out for note in notes if out - 48 <= note.onset < out]
    assert before == [-48, -36, -24, -12]  # two eighths of the solo, then the pickup
    assert [note.pitch for note in notes if out - 24 <= note.onset] == [n.pitch for n in head]


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_the_head_lies_where_the_instrument_plays(name: str) -> None:
    sheet = songbook.load("happy-birthday")
    instrument = INSTRUMENTS[name]
    style = styles.load("swing")
    rng = np.random.default_rng(0)
    piece = arrange(sheet, eighths(sheet), style, Plan(), rng, instrument=instrument)
    _, end = bars_of(piece, "Head")
    pitches = [n.pitch for n in part(piece, "Solo").notes if n.onset < end]
    assert instrument.low - 5 <= min(pitches)
    assert max(pitches) <= instrument.high + 5
    assert part(piece, "Solo").program == instrument.program


def test_a_long_form_comes_back_from_its_second_half() -> None:
    sheet = songbook.load("sweet-georgia-brown")
    assert len(sheet.changes.bars) >= 24
    piece = play(sheet, Plan(ending=False), 1)
    out = next(section for section in names(piece) if section.startswith("Head out"))
    start, end = bars_of(piece, out)
    half = len(sheet.changes.bars) // 2
    assert end - start == sheet.changes.length - sheet.changes.bar_starts[half]
    back = [n.pitch for n in part(piece, "Solo").notes if n.onset >= start]
    melody = [n.pitch for n in sheet.melody if n.onset >= sheet.changes.bar_starts[half]]
    assert np.diff(back).tolist() == np.diff(melody).tolist()


def test_soloist_and_drummer_take_turns() -> None:
    piece = play("blues-f", Plan(fours=True, head=False, ending=False))
    start, end = bars_of(piece, "Fours")
    assert end == piece.changes.length
    alone = range(start + 4 * 96, start + 8 * 96)
    for name in ("Solo", "Chords", "Bass"):
        inside = [note for note in part(piece, name).notes if note.onset in alone]
        assert all(note.onset == alone.start for note in inside), name
        assert all(note.end <= alone.start + 24 for note in inside)
        sounding = [n for n in part(piece, name).notes if n.onset < alone.start < n.end]
        assert not sounding
        assert [note for note in part(piece, name).notes if note.onset >= alone.stop]
    played = {
        piece.changes.bar_at(note.onset)
        for note in part(piece, "Drums").notes
        if note.onset in alone
    }
    assert len(played) >= 3


def test_a_drummer_alone_slows_down_for_one_bar() -> None:
    after_drums = play("rhythm-changes-bb", Plan(fours=True, head=False))
    after_solo = play("blues-f", Plan(fours=True, head=False))  # twelve bars: the soloist is last
    for piece, bars in ((after_drums, 1), (after_solo, 2)):
        assert piece.ritardando is not None
        assert piece.ritardando[1] - piece.ritardando[0] == bars * 96


def test_it_ends_on_the_tonic_held_by_all() -> None:
    for name in ("blues-f", "rhythm-changes-bb", "minor-blues-c", "happy-birthday-waltz"):
        sheet = songbook.load(name)
        piece = play(sheet, Plan())
        assert sheet.key is not None
        last = piece.changes.bars[-1]
        assert last.section == "Ending"
        assert [change.chord.root for change in last.chords] == [sheet.key.tonic]
        start = piece.changes.bar_starts[-2]
        assert piece.ritardando is not None
        assert piece.ritardando[1] == start
        assert piece.ritardando[0] < start
        for one in piece.parts:
            inside = [note for note in one.notes if note.onset >= start - 12]
            assert inside, (name, one.name)
            if not one.percussion:
                assert max(note.end for note in inside) == piece.changes.length
        final = part(piece, "Solo").notes[-1]
        assert final.onset == start
        assert final.pitch % 12 in last.chords[0].chord.tones
        kit = [note.onset for note in part(piece, "Drums").notes if note.onset >= start]
        assert set(kit) == {start}


def test_a_tune_without_a_key_ends_on_its_first_chord() -> None:
    bars = tuple(Bar((ChordChange(0, Chord.parse(s)),)) for s in ("Dm7", "G7", "Cmaj7", "A7"))
    piece = play(LeadSheet("A", Changes(bars)), Plan())
    assert [c.chord.symbol for c in piece.changes.bars[-1].chords] == ["Dm7"]
    in_key = play(LeadSheet("A", Changes(bars), key=Key.parse("Eb")), Plan())
    assert [c.chord.symbol for c in in_key.changes.bars[-1].chords] == ["Eb6"]


def test_chords_are_fewer_and_softer_behind_a_head() -> None:
    sheet = songbook.load("when-the-saints")
    busy = tuple(Note(t, 12, 65) for t in range(0, sheet.changes.length, 12))
    tune = LeadSheet("Busy", sheet.changes, parts=(Part("Melody", busy),), key=sheet.key)
    counts, levels = [], []
    for seed in range(5):
        piece = play(tune, Plan(ending=False), 1, seed)
        (_, end), (start, stop) = bars_of(piece, "Head"), bars_of(piece, "Solo 1")
        chords = part(piece, "Chords").notes
        behind = [note for note in chords if note.onset < end]
        solo = [note for note in chords if start <= note.onset < stop]
        counts.append(len({n.onset for n in behind}) / len({n.onset for n in solo}))
        levels.append(np.mean([n.velocity for n in behind]) - np.mean([n.velocity for n in solo]))
    assert np.mean(counts) < 0.95
    assert np.mean(levels) < -4


def test_players_have_streams_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = play("blues-f", seed=3)
    assert before == play("blues-f", seed=3)
    assert part(before, "Bass") != part(play("blues-f", seed=4), "Bass")

    def silent(*arguments: object, **options: object) -> Part:
        arguments[2].random(9)  # type: ignore[attr-defined]
        return Part("Chords")

    monkeypatch.setattr(comping, "comp", silent)
    after = play("blues-f", seed=3)
    for name in ("Solo", "Bass"):
        assert part(before, name) == part(after, name)
    # Kick and snare play with some chords of the piano.
    rides = [
        [note.onset for note in part(piece, "Drums").notes if note.pitch == VOICES["ride"]]
        for piece in (before, after)
    ]
    assert rides[0] == rides[1]


def test_everybody_has_a_place_in_the_room(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    piece = play("turnarounds-c", choruses=1)
    assert part(piece, "Solo").pan == 64
    assert part(piece, "Chords").pan < 64 < part(piece, "Bass").pan
    data = writing.dumps(feel.perform(piece, styles.load("swing"), np.random.default_rng(0)))
    mix = audio.Mix(room=False)
    audio.render_midi(data, tmp_path / "piece.wav", mix=mix, stems=True)
    levels = []
    for path in audio.stem_paths(data, tmp_path / "piece.wav", mix=mix):
        sound, rate = soundfile.read(path)
        window = rate // 5
        power = (sound[: len(sound) // window * window] ** 2).mean(axis=1)
        levels.append(10 * np.log10(np.percentile(power.reshape(-1, window).mean(axis=1), 75)))
    solo, *others = levels
    assert len(others) == 3
    assert all(-15 < level - solo < 6 for level in others)


@given(
    st.sampled_from(songbook.names()),
    PLANS,
    st.integers(1, 3),
    st.sampled_from(styles.names()),
    st.integers(0, 99),
)
@settings(deadline=None, max_examples=40, derandomize=True)
def test_any_tune_any_plan_any_style(
    name: str, plan: Plan, choruses: int, style: str, seed: int
) -> None:
    sheet = songbook.load(name)
    solo = eighths(sheet, choruses)
    rng = np.random.default_rng(seed)
    piece = arrange(sheet, solo, styles.load(style), plan, rng)
    assert arrange(sheet, solo, styles.load(style), plan, np.random.default_rng(seed)) == piece
    for one in piece.parts:
        assert all(0 <= n.onset < n.end for n in one.notes), one.name
        assert one.percussion or all(n.end <= piece.changes.length for n in one.notes)
        assert list(one.notes) == sorted(one.notes, key=lambda note: note.onset)
        assert all(0 <= n.pitch <= 127 and 1 <= n.velocity <= 127 for n in one.notes)
    line = part(piece, "Solo").notes
    assert all(a.end <= b.onset for a, b in pairwise(line))
    assert (piece.ritardando is not None) == plan.ending


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "6/8", "7/8", "12/8", "2/2", "1/4"])
@pytest.mark.parametrize("bars", [1, 2, 5])
def test_any_metre_and_any_length(meter: str, bars: int) -> None:
    one = Meter.parse(meter)
    form = Changes((Bar((ChordChange(0, Chord.parse("C7")),), one),) * bars)
    melody = (Note(-7, 7, 60), Note(0, one.ticks_per_bar, 60))
    sheet = LeadSheet("A", form, parts=(Part("Melody", melody),), key=Key.parse("C"))
    piece = play(sheet, Plan(True, True, True, True, True))
    assert names(piece)[0] == "Count-in"
    assert names(piece)[-1] == "Ending"
    piece = play(sheet, Plan())
    assert piece.changes.bars[0].meter.ticks_per_bar == one.ticks_per_beat or meter == "1/4"
