import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.errors import FormatError
from sideman.theory.pitch import Interval, Key, Pitch, PitchName, spelled

names = st.integers(-20, 20).map(PitchName)


@settings(deadline=None, derandomize=True)
@given(names)
def test_names_read_back(name: PitchName) -> None:
    assert PitchName.parse(str(name)) == name


@settings(deadline=None, derandomize=True)
@given(names, st.integers(0, 10))
def test_midi_and_spelling_agree(name: PitchName, octave: int) -> None:
    pitch = Pitch(name, octave)
    assert pitch.midi % 12 == name.pitch_class
    assert spelled(name, pitch.midi) == pitch


@settings(deadline=None, derandomize=True)
@given(st.integers(-15, 15), st.integers(-14, 14))
def test_interval_names_read_back(steps: int, semitones: int) -> None:
    interval = Interval(steps, semitones)
    name = interval.name
    assert Interval.parse(name) == interval


def test_interval_arithmetic_is_that_of_pitches() -> None:
    low, high = Pitch(PitchName.parse("Eb"), 4), Pitch(PitchName.parse("A"), 4)
    interval = Interval.between(low, high)
    assert interval.name == "A4"
    assert (interval + Interval.parse("m3")).name == "d6" or interval.semitones == 6
    assert Interval.between(high, low).name == "A-4"
    assert (interval - interval) == Interval(0, 0)


@pytest.mark.parametrize("text", ["", "H", "c##b!", "Cm", "A" * 5000, "C" + "#" * 9])
def test_bad_names_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="not a pitch name"):
        PitchName.parse(text)


@pytest.mark.parametrize("text", ["", "m5", "P3", "P-1", "M0", "x3", "P999999999999"])
def test_bad_intervals_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="not an interval"):
        Interval.parse(text)


@pytest.mark.parametrize(
    ("text", "fifths", "minor"),
    [
        ("Eb", -3, False),
        ("Cm", -3, True),
        ("C-", -3, True),
        ("f# minor", 3, True),
        ("B major", 5, False),
    ],
)
def test_keys(text: str, fifths: int, minor: bool) -> None:
    assert Key.parse(text) == Key(fifths, minor)
    assert Key.parse(str(Key.parse(text))) == Key.parse(text)


def test_keys_spell_their_scales_with_every_letter_once() -> None:
    for fifths in range(-7, 8):
        for minor in (False, True):
            key = Key(fifths, minor)
            tonic = spelled(key.tonic, 60 + key.tonic.pitch_class).midi
            steps = (0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11)
            letters = [key.spell(tonic + step).name.letter for step in steps]
            assert len(set(letters)) == 7, (key, letters)
            assert key.spell(tonic).name == key.tonic
