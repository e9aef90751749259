"""The études: every one reads, adds up, stays in range and on the grid, and is its own music."""

import sqlite3
from collections import Counter
from contextlib import closing
from io import BytesIO
from itertools import pairwise

import mido
import pytest

from realdata import DATA, needs_data
from sideman.course import versions
from sideman.course.corpus import get_corpus_data
from sideman.course.parsing import get_musical_data
from sideman.errors import MusicError
from sideman.evaluation import novelty, style
from sideman.formats.midi import writing
from sideman.library import etudes
from sideman.library.etudes import course
from sideman.models.course.analyse import analyse_solo
from sideman.models.course.tokens import Kind
from sideman.score import Changes, Note, Solo

LOWEST, HIGHEST = 52, 81
NAMES = etudes.names()


def form(solo: Solo) -> Changes:
    assert solo.changes is not None
    return solo.changes


def bar_shapes(solo: Solo) -> list[tuple[tuple[int, int, int], ...]]:
    """For each bar its notes: where in the bar, how long, which pitch."""
    starts = form(solo).bar_starts
    bars: list[list[tuple[int, int, int]]] = [[] for _ in form(solo).bars]
    for note in solo.notes:
        bar = form(solo).bar_at(note.onset)
        bars[bar].append((note.onset - starts[bar], note.duration, note.pitch))
    return [tuple(bar) for bar in bars]


def chord_share(solo: Solo) -> float:
    kinds = [token.kind for bar in analyse_solo(solo) for token in bar.tokens]
    sounding = [kind for kind in kinds if kind is not Kind.REST]
    return sum(kind is Kind.CHORD for kind in sounding) / len(sounding)


def test_there_are_enough() -> None:
    solos = etudes.all()
    assert len(NAMES) >= 45
    assert sum(len(solo.chorus_bars) for solo in solos) >= 70
    assert len({solo.key for solo in solos}) >= 12
    meters = Counter(str(form(solo).meter) for solo in solos)
    assert set(meters) == {"4/4", "3/4", "5/4"}
    assert meters["3/4"] >= 5
    assert {solo.style for solo in solos} == {"swing", "waltz", "bossa", "ballad", "latin"}
    tempi = [solo.tempo_bpm for solo in solos if solo.tempo_bpm is not None]
    assert len(tempi) == len(solos)
    assert 60 <= min(tempi) < 70
    assert 240 < max(tempi) <= 260


@pytest.mark.parametrize("name", ["no-such-tune", "", "../secret", "x" * 10_000])
def test_unknown_name(name: str) -> None:
    for opening in (etudes.load, etudes.sheet, etudes.character, etudes.written_out):
        with pytest.raises(MusicError, match="There is no étude") as caught:
            opening(name)
        assert len(str(caught.value)) < 300


def test_a_near_name_is_told() -> None:
    with pytest.raises(MusicError, match="blues-f-corner-table"):
        etudes.load("blues-f-korner-table")


@pytest.mark.parametrize("name", NAMES)
def test_written_out_is_the_solo(name: str) -> None:
    solo, sheet = etudes.load(name), etudes.written_out(name)
    assert sheet.changes == solo.changes
    assert [part.notes for part in sheet.parts] == [solo.notes]


@pytest.mark.parametrize("name", NAMES)
def test_bars_add_up(name: str) -> None:
    text = (course.FOLDER.parent / "etudes" / f"{name}.ls").read_text()
    sheet = etudes.sheet(name)
    assert sheet.title
    assert sheet.tempo_bpm is not None
    assert sheet.key is not None
    # One line of text is one bar; a note held over the bar line stands in the line it begins in.
    melodies = text.split("(type melody)")[1:]
    assert len(melodies) == len(sheet.parts)
    for melody, part in zip(melodies, sheet.parts, strict=True):
        lines = [line.split() for line in melody.splitlines() if line[:1] in set("abcdefgr")]
        assert len(lines) == len(sheet.changes.bars)
        assert sum(length(word) for line in lines for word in line) == sheet.changes.length
        written = [length(word) for line in lines for word in line if not word.startswith("r")]
        assert written == [note.duration for note in part.notes]
        now = 0
        for number, line in enumerate(lines):
            now += sum(length(word) for word in line)
            held = now - (number + 1) * sheet.changes.meter.ticks_per_bar
            assert 0 <= held < length(line[-1]), f"bar {number + 1} does not add up"
            assert held == 0 or not line[-1].startswith("r")


def length(word: str) -> int:
    """Ticks of one written note or rest, counted without the reader."""
    ticks = 0.0
    for value in word.lstrip("abcdefgr#+-").split("+"):
        plain, _, tuplet = value.rstrip(".").partition("/")
        ticks += 96 / int(plain) * (1.5 if value.endswith(".") else 1) * (2 / 3 if tuplet else 1)
    assert ticks == int(ticks), word
    return int(ticks)


@pytest.mark.parametrize("name", NAMES)
def test_a_horn_can_play_it(name: str) -> None:
    solo = etudes.load(name)
    assert all(LOWEST <= note.pitch <= HIGHEST for note in solo.notes)
    assert all(note.end <= after.onset for note, after in pairwise(solo.notes))
    assert solo.notes[-1].end <= form(solo).length
    for note in solo.notes:
        for time in (note.onset, note.duration):
            assert time % 6 == 0 or time % 8 == 0, f"{note} is off the grid"
    leaps = [abs(after.pitch - note.pitch) for note, after in pairwise(solo.notes)]
    assert max(leaps) <= 16
    pitches = [note.pitch for note in solo.notes]
    assert 17 <= max(pitches) - min(pitches) <= 26


@pytest.mark.parametrize("name", NAMES)
def test_triplets_fill_their_beat(name: str) -> None:
    beats: dict[int, set[int]] = {}
    for note in etudes.load(name).notes:
        for time in (note.onset, note.end):
            beats.setdefault(time // 24, set()).add(time % 24)
    for beat, times in beats.items():
        assert not (times & {8, 16} and times & {6, 12, 18}), f"beat {beat + 1} mixes its grids"


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_teaches(name: str) -> None:
    assert len(etudes.character(name)) > 40
    assert etudes.character(name).count(".") >= 2


@pytest.mark.parametrize("name", NAMES)
def test_the_player_breathes(name: str) -> None:
    solo = etudes.load(name)
    bar = form(solo).meter.ticks_per_bar
    breath = solo.notes[0].onset
    for note, after in pairwise(solo.notes):
        if after.onset - note.end >= 12:
            breath = after.onset
        assert note.end - breath <= 9 * bar, f"no breath before bar {note.end // bar}"


def breaths(solo: Solo) -> list[tuple[int, int]]:
    """The silences of an eighth and more, and what of a long note a player may cut off."""
    gaps = [
        (note.end, after.onset)
        for note, after in pairwise(solo.notes)
        if after.onset - note.end >= 12
    ]
    held = [(note.onset + 36, note.end) for note in solo.notes if note.duration >= 48]
    return [*gaps, *held, (solo.notes[-1].end, 10 * form(solo).length)]


def section_ends(solo: Solo) -> list[int]:
    """Where four bars end, or eight of a blues that counts its bars twice."""
    bar, bars = form(solo).meter.ticks_per_bar, len(form(solo).bars)
    chorus = bars // len(solo.chorus_bars)
    size = 8 if chorus == 24 else 4
    return [number * bar for number in range(1, bars + 1) if number % chorus % size == 0]


def test_sections_end_in_a_breath() -> None:
    """Recorded soloists breathe near 78 of 100 section ends; études may run over one in ten."""
    shares = {}
    for name in NAMES:
        solo = etudes.load(name)
        bar, ends = form(solo).meter.ticks_per_bar, section_ends(solo)
        shares[name] = sum(
            any(first < end + bar // 2 and last > end - bar for first, last in breaths(solo))
            for end in ends
        ) / len(ends)
    assert all(share >= 0.5 for share in shares.values()), shares
    assert sum(shares.values()) / len(shares) >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_home(name: str) -> None:
    """The last note rests on the chord that it ends on, in the tonic unless the form stays open."""
    solo = etudes.load(name)
    last, chord = solo.notes[-1], form(solo).chord_at(solo.notes[-1].onset)
    assert solo.key is not None
    assert chord is not None
    assert last.pitch % 12 in chord.tones
    assert last.duration >= 24
    assert last.onset >= form(solo).length - form(solo).length // len(solo.chorus_bars) // 6
    tonic = solo.key.tonic.pitch_class
    home = {tonic, (tonic + (3 if solo.key.minor else 4)) % 12, (tonic + 7) % 12}
    assert last.pitch % 12 in home or chord == form(solo).spans[-1].chord


@pytest.mark.parametrize("name", NAMES)
def test_long_foreign_notes_resolve(name: str) -> None:
    """A quarter that the chord does not know goes on by step, or the next chord knows it."""
    solo, left = etudes.load(name), []
    for note, after in zip(solo.notes, (*solo.notes[1:], None), strict=True):
        begun, ended = form(solo).chord_at(note.onset), form(solo).chord_at(note.end - 1)
        known = any(
            chord is None or note.pitch % 12 in chord.tones + chord.colours
            for chord in (begun, ended)
        )
        stepped = (
            after is not None
            and abs(after.pitch - note.pitch) <= 2
            and after.onset - note.end < form(solo).meter.ticks_per_bar
        )
        if note.duration >= 24 and not known and not stepped:
            left.append(note)
    assert len(left) <= 1, left


def test_chord_and_scale_tones() -> None:
    """Within what is found among the 408 Weimar solos whose changes are known."""
    kinds = [chord_share(solo) for solo in etudes.all()]
    assert 0.40 <= sum(kinds) / len(kinds) <= 0.75
    for name in NAMES:
        solo = etudes.load(name)
        chord, scale = style.chord_tones(solo), style.scale_tones(solo)
        assert chord is not None
        assert scale is not None
        assert 0.22 <= chord <= 0.81, name
        assert 0.46 <= scale <= 0.945, name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_stuck(name: str) -> None:
    solo = etudes.load(name)
    shapes = [shape for shape in bar_shapes(solo) if shape]
    assert len(set(shapes)) >= 0.9 * len(shapes)
    rhythms = [tuple(onset for onset, _, _ in shape) for shape in shapes]
    assert max(Counter(rhythms).values()) <= len(rhythms) / 3
    assert sum(one == other for one, other in pairwise(rhythms)) <= len(rhythms) / 5
    on_the_beat = sum(note.onset % 24 == 0 for note in solo.notes) / len(solo.notes)
    assert 0.3 <= on_the_beat <= 0.7
    bar = form(solo).meter.ticks_per_bar
    starts = [solo.notes[0].onset] + [
        after.onset for note, after in pairwise(solo.notes) if after.onset > note.end
    ]
    places = Counter(start % bar for start in starts)
    assert len(places) >= 3
    assert max(places.values()) <= 0.7 * len(starts)


def test_openings_differ() -> None:
    openings = Counter(
        tuple((onset, length) for onset, length, _ in bar_shapes(etudes.load(name))[0])
        for name in NAMES
    )
    assert len(openings) >= 30
    assert max(openings.values()) <= 5


def test_no_lick_is_played_twice() -> None:
    """No line of more than eight notes stands in two of them, in any key."""
    index = novelty.build((name, etudes.load(name)) for name in NAMES)
    for name in NAMES:
        match = index.match(etudes.load(name), without=(name,))
        assert match.longest <= 8, f"{name} and {match.source}"


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_a_players(name: str) -> None:
    match = novelty.shipped().match(etudes.load(name))
    assert match.longest <= 10, match.source


def test_no_long_copies_among_them() -> None:
    """A motif may return, also through several bars, but no stretch of five bars is heard twice."""
    seen: dict[tuple[object, ...], str] = {}
    for name in NAMES:
        bars = bar_shapes(etudes.load(name))
        for first in range(len(bars) - 4):
            stretch = tuple(bars[first : first + 5])
            where = f"{name}, bar {first + 1}"
            assert stretch not in seen, f"{where} is {seen[stretch]} again"
            seen[stretch] = where


def rhythm_class(quarters: float) -> int:
    """From sixteenths and triplets (0) through eighths (1) and quarters (2) to long waits."""
    return sum(quarters >= edge for edge in (0.375, 0.75, 1.5, 3.0))


def patterns(line: list[tuple[float, float]], size: int) -> set[tuple[tuple[int, int], ...]]:
    """All stretches of `size` steps: interval, and class of the time to the next note."""
    steps = [(int(b[1] - a[1]), rhythm_class(b[0] - a[0])) for a, b in pairwise(line)]
    return {tuple(steps[at : at + size]) for at in range(len(steps) - size + 1)}


@needs_data
def test_nothing_is_copied_from_recorded_solos() -> None:
    size = 11
    lines: dict[int, list[tuple[float, float]]] = {}
    now: dict[int, tuple[float, float]] = {}
    with closing(sqlite3.connect(DATA / "wjazzd" / "wjazzd.db")) as database:
        query = "select melid, onset, pitch, beatdur from melody order by eventid"
        for solo, onset, pitch, beat in database.execute(query):
            # Time in beats, each step measured by the beat that it begins in.
            seconds, beats = now.get(solo, (onset, 0.0))
            beats += (onset - seconds) / (beat or 0.3)
            now[solo] = (onset, beats)
            lines.setdefault(solo, []).append((beats, pitch))
    recorded = set().union(*(patterns(line, size) for line in lines.values()))
    assert len(recorded) > 100_000
    for name in NAMES:
        notes = [(note.onset / 24, float(note.pitch)) for note in etudes.load(name).notes]
        assert not patterns(notes, size) & recorded, f"{name} has {size} steps of a recorded solo"


@pytest.mark.parametrize(
    ("version", "tokens", "sets"), [(versions.V3A, 195, 5), (versions.V4, 207, 7)]
)
def test_the_course_corpus_has_the_values_of_its_version(
    version: versions.Version, tokens: int, sets: int
) -> None:
    chords, grammars = get_musical_data(
        course.FOLDER / version.corpus,
        melody_part=0,
        chord_part=1,
        beats=(0, 10_000),
        rests=version.rests,
    )
    bars = sum(last - first + 1 for _, first, last in course.CUTS[version.corpus])
    assert len(grammars) == bars
    assert len(chords) == bars + 1
    corpus, values, _, _ = get_corpus_data(grammars)
    assert len(values) == version.n_values
    assert len(corpus) == tokens
    assert any(token.startswith("R") for token in corpus) == version.rests
    assert int(len(chords) / 3) - 1 == sets


def sounding(data: bytes) -> list[list[tuple[int, str, int, int]]]:
    """When which note begins and ends, in each track of a MIDI file, read by mido."""
    tracks = []
    for track in mido.MidiFile(file=BytesIO(data)).tracks:
        now, events = 0, []
        for message in track:
            now += message.time
            if message.type in {"note_on", "note_off"}:
                events.append((now, message.type, message.note, message.velocity))
        tracks.append(events)
    return tracks


@pytest.mark.parametrize("name", course.CUTS)
def test_the_course_file_is_what_the_etudes_say(name: str) -> None:
    said = writing.dumps(course.arrangement(course.CUTS[name]))
    filed = (course.FOLDER / name).read_bytes()
    assert sounding(said) == sounding(filed)
    assert sum(map(len, sounding(filed))) > 400


def test_the_cut_sounds_in_order() -> None:
    cut = course.arrangement((("blues-f-corner-table", 1, 2), ("blues-bb-late-bus", 3, 3)))
    solo, chords = cut.parts
    assert [part.name for part in cut.parts] == ["Solo", "Chords"]
    assert len(cut.changes.bars) == 3
    first = next(note for note in solo.notes if note.onset >= 2 * 96)
    riff = next(note for note in etudes.load("blues-bb-late-bus").notes if note.onset >= 2 * 96)
    assert isinstance(first, Note)
    assert first.pitch == riff.pitch
    assert {note.onset for note in chords.notes} == {0, 96, 192}
