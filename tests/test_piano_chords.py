"""Chords inferred from the notes of a piano alone."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sideman
from sideman import opening
from sideman.band.comping import comp
from sideman.band.styles import load
from sideman.cli import asked
from sideman.files import File
from sideman.formats import typed
from sideman.formats.midi import dumps, harmony, parse, take
from sideman.formats.midi.bars import BarLines
from sideman.formats.midi.solo import Taken
from sideman.formats.prior import CHORDS, Decoding, Prior
from sideman.library import songbook
from sideman.score import Arrangement, Bar, Changes, Note, Part
from sideman.service import converting, playing
from sideman.service.requests import Tune
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter


def played(part: Part, changes: Changes, prior: Prior | None = None) -> Taken:
    """Return what is read from a file of one part without chord symbols."""
    file = parse(dumps(Arrangement("A", (part,), changes)), "piano.mid")
    tracks = tuple(replace(track, texts=()) for track in file.tracks)
    return take(replace(file, tracks=tracks), prior=prior)


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


def test_a_piece_too_long_for_inferred_chords_says_so() -> None:
    changes, notes = block("Dm7 | G7 | Cmaj7 | A7")
    late = [replace(note, onset=note.onset + 96 * harmony.MOST_WINDOWS) for note in notes]
    taken = played(Part("Piano", tuple(sorted([*notes, *late]))), changes)
    assert taken.solo.changes is None
    assert taken.chord_source == (
        "none; they are inferred from at most 1000 bars of 4/4, and the piece is longer"
    )


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


def comped(name: str, style: str) -> tuple[Part, Changes]:
    """Return two choruses of a tune by the piano of a style."""
    changes = songbook.load(name).changes.repeated(2)
    part = comp(changes, load(style), np.random.default_rng(1))
    return replace(part, name="Piano", program=0), changes


def test_the_model_of_harmony_is_the_prior() -> None:
    shares = []
    for name in ("after-youve-gone", "blues-f", "avalon"):
        part, changes = comped(name, "swing")
        before, after = (played(part, changes, prior) for prior in (None, opening.prior))
        shares.append((roots(changes, before), roots(changes, after)))
    before, after = np.mean(shares, axis=0)
    assert after > before


def test_a_prior_decides_between_names_of_the_same_notes() -> None:
    strokes_of = strokes("54 57 60 64 | 54 57 60 64 | 55 59 62 | 55 59 62 | 54 57 60 64")
    bars = harmony.notes_by_bar(strokes_of, BarLines((0, 96, 192), (Meter(),) * 3))
    first: list[Decoding] = []

    def prior(root: int, kind: int) -> Prior:
        row = np.full(CHORDS, 1e-6)
        row[12 * kind + root] = 1

        def informed(decoding: Decoding) -> dict[int, tuple[np.ndarray, np.ndarray]]:
            first.append(decoding)
            before = np.arange(CHORDS)
            return {4: (before, np.tile(row, (CHORDS, 1)))}

        return informed

    half_diminished, minor, none = (
        {guess.tick: guess for guess in harmony.infer(bars, prior=one)}[192]
        for one in (prior(6, 5), prior(9, 4), None)
    )
    assert half_diminished.chord == none.chord == Chord.parse("F#m7b5")
    assert half_diminished.confidence > none.confidence
    assert minor.chord == Chord.parse("Am6") or minor.confidence < none.confidence
    assert len(first) == 2
    assert first[0].onsets == (0, 48, 96, 144, 192, 240)
    assert first[0].chords.shape == (6, CHORDS)
    np.testing.assert_allclose(first[0].chords.sum(axis=1), 1)


def bare(part: Part, bars: int) -> bytes:
    """Return a MIDI file without chord symbols."""
    return dumps(Arrangement("A", (part,), Changes((Bar(()),) * bars)))


def bars(changes: Changes | None) -> tuple[Bar, ...]:
    """Return the bars of changes that are there."""
    assert changes is not None
    return changes.bars


def test_every_face_reads_the_same_chords(tmp_path: Path) -> None:
    part, changes = comped("after-youve-gone", "swing")
    path = tmp_path / "piano.mid"
    path.write_bytes(bare(part, len(changes.bars)))
    expected = opening.read(path).changes.bars
    assert expected == bars(played(part, changes, opening.prior).solo.changes)
    assert expected != bars(played(part, changes).solo.changes)
    data = path.read_bytes()
    (entry,) = opening.open_document(path).solos or ()
    typed_in = asked.tune(str(path)).sheet
    taken = sideman.read(path)
    assert typed_in is not None
    assert isinstance(taken, sideman.Take)
    for found in (
        typed_in.changes,
        entry.open().changes,
        playing.tune(Tune(name="piano.mid", data=data))[1].changes,
        playing.line(File("piano.mid", data)).solo.changes,
        taken.solo.changes,
        opening.chart(data, "piano.mid").changes,
    ):
        assert bars(found) == expected
    shown = converting.inspect(File("piano.mid", data)).data
    assert str(shown["chord_source"]).startswith("inferred")
    listed = [[one.chord.symbol for one in bar.chords] or ["%"] for bar in expected]
    assert [re.sub(r"@\S+", "", str(bar)).split() for bar in shown["changes"]] == listed  # type: ignore[attr-defined]


def test_files_are_opened_in_one_place() -> None:
    source = Path(sideman.__file__).parent
    below = {"formats", "library"}
    for path in source.rglob("*.py"):
        if path.relative_to(source).parts[0] in {*below, "opening.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called = f"{node.value.id}.{node.attr}"
                assert called not in {
                    "registry.loads", "registry.open_document", "charts.find", "charts.read",
                    "charts.tunes",
                }, f"{path}: use sideman.opening"  # fmt: skip


def test_chords_in_a_file_need_no_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    part, changes = comped("indiana", "swing")
    data = dumps(Arrangement("A", (part,), changes))
    monkeypatch.setattr(opening, "_shipped", lambda: pytest.fail("the model was loaded"))
    found = [span.chord for span in opening.chart(data, "a.mid").changes.spans]
    assert found == [span.chord for span in changes.spans]
