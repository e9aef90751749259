"""Chords inferred from the notes of a piano alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sideman.band.comping import comp
from sideman.band.styles import load
from sideman.formats import typed
from sideman.formats.midi import dumps, harmony, parse, take
from sideman.formats.midi.bars import BarLines
from sideman.formats.midi.solo import Taken
from sideman.library import songbook
from sideman.score import Arrangement, Changes, Note, Part
from sideman.theory.meter import Meter


def played(part: Part, changes: Changes) -> Taken:
    """Return what is read from a file of one part without chord symbols."""
    file = parse(dumps(Arrangement("A", (part,), changes)), "piano.mid")
    tracks = tuple(replace(track, texts=()) for track in file.tracks)
    return take(replace(file, tracks=tracks))


def roots(changes: Changes, taken: Taken) -> float:
    """Return the share of the time with the right root."""
    found, shift = taken.solo.changes, taken.lines.starts[taken.first_bar]
    assert found is not None
    ticks = range(shift, changes.length, 12)
    right = 0
    for tick in ticks:
        one, two = changes.chord_at(tick), found.chord_at(tick - shift)
        assert one is not None
        assert two is not None
        right += None not in (one.root, two.root) and one.symbol[0] == two.symbol[0]
    return right / len(ticks)


@pytest.mark.parametrize(
    ("name", "style", "least"),
    [
        ("blues-f", "swing", 0.85),
        ("indiana", "swing", 0.85),
        ("bossa-d", "bossa", 0.85),
        ("sweet-georgia-brown", "ballad", 0.95),
        ("minor-blues-c", "swing", 0.9),
        ("indiana", "gypsy", 0.9),
    ],
)
def test_rootless_comping_and_triads_are_heard(name: str, style: str, least: float) -> None:
    changes = songbook.load(name).changes.repeated(2)
    part = comp(changes, load(style), np.random.default_rng(1))
    taken = played(replace(part, name="Piano", program=0), changes)
    assert taken.chord_source.startswith("inferred from the notes of part 0")
    assert "confidence" in taken.chord_source
    assert roots(changes, taken) > least


def test_a_melody_on_top_is_a_line_and_no_part_of_the_chords() -> None:
    changes = songbook.load("indiana").changes.repeated(2)
    part = comp(changes, load("bossa"), np.random.default_rng(1))
    line = [
        Note(span.onset, 24, 77 + (span.chord.root.pitch_class + 7) % 12)
        for span in changes.spans
        if span.chord.root is not None
    ]
    taken = played(replace(part, notes=tuple(sorted((*part.notes, *line)))), changes)
    assert roots(changes, taken) > 0.9


def block(symbols: str) -> tuple[Changes, list[Note]]:
    """Return chords in root position with a low bass, one a bar."""
    changes = typed.parse(symbols).changes
    notes = []
    for span in changes.spans:
        pitches = [60 + tone for tone in span.chord.tones]
        notes += [Note(span.onset, 90, p) for p in (36 + span.chord.tones[0], *sorted({*pitches}))]
    return changes, sorted(notes)


def test_chords_in_root_position() -> None:
    changes, notes = block(
        "Dm7 | G7 | Cmaj7 | Am7 | Bm7b5 | E7 | Am6 | A7sus4 | D7 | G6 | Fdim7 | C"
    )
    found = played(Part("Piano", tuple(notes)), changes).solo.changes
    assert found is not None
    assert [span.chord.symbol for span in found.spans[:6]] == [
        "Dm7", "G7", "Cmaj7", "Am7", "Bm7b5", "E7",
    ]  # fmt: skip


def strokes(voicings: str) -> list[Note]:
    """Return voicings in pitches, two a bar."""
    held = [[*map(int, voicing.split())] for voicing in voicings.split("|")]
    return [Note(48 * i, 44, pitch) for i, voicing in enumerate(held) for pitch in voicing]


def inferred(notes: list[Note], bars: int) -> list[str]:
    """Return the chords of bars in 4/4."""
    lines = BarLines(tuple(range(0, 96 * bars, 96)), (Meter(),) * bars)
    return [guess.chord.symbol for guess in harmony.infer(harmony.notes_by_bar(notes, lines))]


def test_the_chords_around_decide_between_names_of_the_same_notes() -> None:
    # F# A C E: over D in a cycle of dominants, tonic A minor after E7.
    tonic, fifth = "53 57 59 64 | 53 57 59 64", "52 55 57 62 | 52 55 57 62"
    cycle = f"54 57 60 64 | 54 57 60 64 | {tonic} | {fifth} | {fifth}"
    assert inferred(strokes(cycle), 4)[0] == "D7"
    minor = "56 59 62 65 | 56 59 62 65 | 54 57 60 64 | 54 57 60 64"
    assert inferred(strokes(f"{minor} | {minor}"), 4)[:2] == ["E7b9", "Am6"]


def test_triads_in_any_inversion() -> None:
    notes = strokes("60 64 67 | 60 64 67 | 60 65 69 | 60 65 69 | 59 62 67 | 59 62 67 | 60 64 67")
    assert inferred(notes, 4) == ["C", "F", "G", "C"]


def test_choruses_that_drift_are_not_mixed() -> None:
    one = "Fm7 | Bbm7 | Eb7 | Abmaj7 | Dbmaj7 | G7 | Cmaj7 | Cmaj7"
    changes, notes = block(f"{one} | {one} | Dm7 | {one} | {one}")
    lines = BarLines(changes.bar_starts[:-1], tuple(bar.meter for bar in changes.bars))
    guesses = harmony.infer(harmony.notes_by_bar(notes, lines))
    found = {guess.tick // 96: guess.chord.symbol for guess in guesses}
    assert [found.get(bar) for bar in (0, 1, 2, 3, 16, 17, 18, 19)] == [
        "Fm7", "Bbm7", "Eb7", "Abmaj7", "Dm7", "Fm7", "Bbm7", "Eb7",
    ]  # fmt: skip


def test_the_table_of_progressions_has_shares_of_all_classes() -> None:
    text = Path(harmony.__file__).with_name("progressions.txt").read_text("utf-8")
    rows = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(rows) == 10
    for row in rows:
        shares = [int(cell) for cell in row.replace("|", " ").split()]
        assert len(shares) == 96
        assert abs(sum(shares) - 1000) < 20


def test_lines_drums_and_noise_get_no_chords() -> None:
    changes = Changes(typed.parse("C").changes.bars * 16)
    line = tuple(Note(12 * i, 12, 60 + i * 7 % 12) for i in range(128))
    assert played(Part("Line", line), changes).solo.changes is None
    drums = tuple(Note(24 * i, 6, 36 + i % 3) for i in range(64))
    assert played(Part("Drums", drums, percussion=True), changes).solo.changes is None
    chance = np.random.default_rng(1)
    noise = tuple(
        Note(t, 24, int(p))
        for t in range(0, 1500, 24)
        for p in chance.choice(np.arange(48, 84), 5, replace=False)
    )
    taken = played(Part("Piano", tuple(sorted(noise))), changes)
    assert taken.solo.changes is None
    assert taken.chord_source == "none; the notes do not give a likely harmony"


def test_the_model_takes_notes_by_bar() -> None:
    lines = BarLines((0, 96), (Meter(), Meter()))
    notes = [Note(0, 40, 60), Note(84, 40, 62), Note(84, 40, 65), Note(84, 40, 69)]
    bars = harmony.notes_by_bar(notes, lines)
    assert [(bar.start, bar.end, bar.downbeat) for bar in bars] == [
        (0, 48, True), (48, 96, False), (96, 144, True), (144, 192, False),
    ]  # fmt: skip
    # A chord in the last eighth anticipates the next bar.
    assert [len(bar.notes) for bar in bars] == [1, 0, 3, 0]
    assert harmony.infer(bars) == ()
    assert harmony.infer(()) == ()
    assert harmony.infer(bars * harmony.MOST_WINDOWS) == ()


def test_guesses_have_confidence_and_silence_is_no_chord() -> None:
    changes, notes = block("Dm7 | G7 | Cmaj7 | Cmaj7 | . | . | . | . | . | Dm7 | G7 | C")
    lines = BarLines(changes.bar_starts[:-1], tuple(bar.meter for bar in changes.bars))
    guesses = harmony.infer(harmony.notes_by_bar(notes, lines))
    assert "N.C." in [guess.chord.symbol for guess in guesses]
    assert all(0.3 <= guess.confidence <= 1 for guess in guesses if not guess.chord.is_no_chord)
