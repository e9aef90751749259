"""Analyse, write, derive, realise, analyse again: kinds and slopes come back."""

import numpy as np
import pytest

from sideman.models import sampler
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls
from sideman.models.grammar import abstract, playing, tones, writing
from sideman.models.grammar.playing import Sounded
from sideman.models.grammar.rules import Grammar, Rule
from sideman.models.grammar.terminals import Slope, Tone
from sideman.models.protocol import Setting
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord

SYMBOLS = ("C7", "Fmaj7", "Dm7", "Bm7b5", "Gdim7", "Ebm6", "Ab7#5", "A7sus4", "N.C.", "Bb6")
LENGTHS = (6, 8, 12, 12, 12, 16, 24, 24, 36)
BARS = 8
PARAMETERS = (("avoid-repeats", ("false",)), ("rectify", ("false",)), ("colours", ("house",)))


def invented(seed: int) -> Solo:
    """A line of random rhythm, intervals and rests over random chords.

    Those of even seeds have notes across bar lines, and repeated notes.
    """
    rng = np.random.default_rng(seed)
    chords = [Chord.parse(SYMBOLS[index]) for index in rng.integers(len(SYMBOLS), size=BARS)]
    changes = Changes(tuple(Bar((ChordChange(0, chord),)) for chord in chords))
    notes, tick, pitch = [], 0, 63
    while tick < changes.length - 36:
        length = int(rng.choice(LENGTHS))
        if seed % 2:
            length = min(length, 96 - tick % 96)
        if rng.random() < 0.8:
            step = int(rng.integers(-4, 5)) if rng.random() < 0.85 else int(rng.integers(-9, 10))
            step = step or seed % 2
            pitch += step if 45 <= pitch + step <= 82 else -step
            notes.append(Note(tick, length, pitch))
        tick += length
    return Solo("invented", tuple(notes), changes)


def realised(melodies: list[abstract.Melody], solo: Solo, seed: int) -> tuple[Solo, list[Sounded]]:
    """Write a grammar of these melodies in a row, read it, and play it."""
    right = tuple(one for melody in melodies for one in melody.expressions)
    text = writing.dumps(Grammar("P", (Rule(("P",), right, ("1.0",)),), PARAMETERS))
    soloist = playing.from_text(text, "row.grammar")
    assert solo.changes is not None
    setting = Setting(solo.changes, low=0, high=127, asked=True)
    rng = np.random.default_rng(seed)
    session = soloist.begin(setting, Controls(), Constraints(), rng)
    sampler.finish(session, rng=rng)
    return Solo("realised", session.line(), solo.changes), session.sounded


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


@pytest.mark.parametrize("seed", range(12))
def test_what_the_chord_allows_comes_back(seed: int) -> None:
    solo = invented(seed)
    before = abstract.windows(solo)
    # Silence before the first window and after the last is not part of the windows.
    assert [window.bar for window in before] == list(range(len(before)))
    line, sounded = realised([window.melody for window in before], solo, seed)
    after = abstract.windows(line)
    assert len(after) == len(before)
    slopes = [slope for window in before for slope in window.melody.terminals]
    planned = [(slope, tone) for slope in slopes for tone in slope.tones if tone.kind != "R"]
    found = [
        tone
        for window in after
        for slope in window.melody.terminals
        for tone in slope.tones
        if tone.kind != "R"
    ]
    rhythm = [tuple(t.slots for s in w.melody.terminals for t in s.tones) for w in before]
    assert rhythm == [tuple(t.slots for s in w.melody.terminals for t in s.tones) for w in after]
    assert len(planned) == len(found) == len(sounded) == len(line.notes)
    allowed = 0
    departure = 63  # of a slope's window: the note before, or that before its approach tones
    rows = zip(planned, found, sounded, line.notes, strict=True)
    for index, ((slope, wanted), got, one, note) in enumerate(rows):
        assert one.kind == wanted.kind
        assert one.pitch == note.pitch
        if wanted.kind != "A":
            check_slope(slope, note.pitch - departure, wanted)
        allowed += check_kind(wanted, got, one, solo)
        if wanted.kind != "A" or slope is not planned[min(index + 1, len(planned) - 1)][0]:
            departure = note.pitch
    assert allowed > 0.5 * sum(tone.kind in "CL" for _, tone in planned)
    for (slope, tone), (same, _), a, b in zip(
        planned, planned[1:], line.notes, line.notes[1:], strict=False
    ):
        # An approach tone leads to the next tone of its slope.
        if tone.kind == "A" and same is slope and a.end == b.onset:
            assert abs(a.pitch - b.pitch) == 1
    signs = [sign(b.pitch - a.pitch) for a, b in zip(line.notes, line.notes[1:], strict=False)]
    meant = [sign(slope.low) if slope.low else sign(slope.high) for slope, _ in planned[1:]]
    if seed % 2:
        # A target is chosen before its approach tone, which may come to lie beyond it.
        kinds = [tone.kind for _, tone in planned]
        free = [kinds[at] != "A" != kinds[at + 1] for at in range(len(signs))]
        assert [one for one, is_free in zip(signs, free, strict=True) if is_free] == [
            one for one, is_free in zip(meant, free, strict=True) if is_free
        ]
    if signs == meant:
        assert [len(w.melody.terminals) for w in after] == [len(w.melody.terminals) for w in before]


def check_slope(slope: Slope, step: int, wanted: Tone) -> None:
    """Check a step against a slope and the rules by which its window is widened."""
    wider = (slope.low == slope.high) + (2 if wanted.kind == "C" else 0)
    low = slope.low - wider - 3 * (slope.low >= 6)
    high = slope.high + wider + 3 * (slope.high <= -6)
    assert low <= step <= high
    if slope.low * slope.high > 0:
        assert sign(step) == sign(slope.low)


def check_kind(wanted: Tone, got: Tone, one: Sounded, solo: Solo) -> bool:
    """Check that a kind came back if its window has a tone of the kind; say whether it has."""
    assert solo.changes is not None
    chord = solo.changes.chord_at(one.onset)
    letters = "C" * 12 if chord is None or chord.is_no_chord else tones.classes(chord)
    if wanted.kind not in "CL" or one.window is None:
        return False
    low, high = one.window
    if not any(letters[pitch % 12] == wanted.kind for pitch in range(low, high + 1)):
        return False
    assert got.kind == wanted.kind
    return True
