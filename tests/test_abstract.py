"""Windows as abstract melodies, their features and clusters: the worked examples, and real use."""

import numpy as np
import pytest

from sideman.errors import MusicError
from sideman.models.grammar import abstract, tones
from sideman.models.grammar.abstract import Melody, Window, windows
from sideman.models.grammar.clusters import centres, clusters, nearest
from sideman.models.grammar.features import WEIGHTS, features, normalised
from sideman.models.grammar.terminals import Degree, Tone, slots, terminal
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord

EIGHTH, QUARTER = 12, 24


def over(symbol: str, bars: int, *notes: tuple[int, int, int]) -> Solo:
    first = Bar((ChordChange(0, Chord.parse(symbol)),)) if symbol else Bar()
    changes = Changes((first, *[Bar()] * (bars - 1)))
    return Solo("test", tuple(Note(*note) for note in notes), changes)


def abstracted(symbol: str, *notes: tuple[int, int, int]) -> tuple[Window, ...]:
    return windows(over(symbol, 4, *notes))


def test_the_first_example() -> None:
    line = [(96 + 12 * index, 12, pitch) for index, pitch in enumerate((60, 64, 67, 69))]
    _, window = abstracted("C7", (84, 12, 59), *line, (144, 24, 67))
    assert window.melody.text == "(slope 1 2 C8) (slope 2 4 C8 C8 L8) (slope -2 -2 C4 R4)"
    assert features(window.melody) == (0, 264, 5, 120, 8 / 3, 1, 3)
    assert (window.tied, window.bar) == (False, 1)
    names = [step.degree for step in window.degrees if isinstance(step, Degree)]
    assert names == ["1", "3", "5", "6", "5"]
    assert window.degrees[-1] == Tone("R", 120)


def test_the_second_example() -> None:
    first = ((0, 12, 64), (12, 12, 63), (24, 12, 62), (48, 12, 62), (60, 12, 65), (72, 48, 67))
    one, two = abstracted("C7", *first)
    assert one.melody.text == (
        "(slope 0 0 C8) (slope -1 -1 A8 L8) (slope 0 0 R8 L8) (slope 2 3 X8 C4)"
    )
    assert features(one.melody) == (0, 234, 6, 60, 1, 1, 4)
    assert two.tied
    assert two.melody.text == "(slope 0 0 C4 R2.)"


@pytest.mark.parametrize(
    ("before", "bounds"), [(60, (0, 0)), (59, (1, 2)), (61, (-2, -1)), (55, (4, 6)), (65, (-6, -4))]
)
def test_the_first_note_stands_alone_with_the_interval_from_before(
    before: int, bounds: tuple[int, int]
) -> None:
    slope = abstracted("C7", (84, 12, before), (108, 12, 60))[1].melody.terminals[0]
    assert (slope.low, slope.high) == bounds
    assert [tone.kind for tone in slope.tones] == ["R", "C", "R"]


def test_a_window_of_rest_and_one_without_chords() -> None:
    _, silent, _ = abstracted("C7", (0, 24, 61), (192, 24, 61))
    assert silent.melody.text == "(slope 0 0 R1)"
    assert features(silent.melody) == (480, 0, 0, 480, 0, 1, 1)
    (free,) = windows(Solo("free", (Note(0, 96, 61),)))
    assert free.melody.text == "(slope 0 0 C1)"
    assert free.degrees == (Degree("b2", 480),)


def test_windows_of_two_beats_overlap_where_the_slide_is_shorter() -> None:
    solo = over("C7", 2, *((24 * beat, 24, 60 + beat) for beat in range(8)))
    found = windows(solo, beats=2, slide=1, index=7)
    assert [window.bar for window in found] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert all(window.solo == 7 for window in found)
    assert found[0].melody.text == "(slope 0 0 C4) (slope 1 1 X4)"
    assert [features(window.melody)[2] for window in found] == [2] * 7 + [1]


def test_a_pickup_lies_in_a_bar_before_the_first() -> None:
    assert [window.bar for window in abstracted("C7", (-24, 24, 60), (0, 24, 62))] == [-1, 0]


def test_larger_colours() -> None:
    solo = over("C7", 1, (0, 24, 61), (24, 72, 70))
    assert windows(solo)[0].melody.terminals[0].tones[0].kind == "X"
    assert windows(solo, colours="impro-visor")[0].melody.terminals[0].tones[0].kind == "L"


@pytest.mark.parametrize("symbol", ["Cmaj7", "Cm6", "Cm7", "C7", "Cm7b5", "Cdim7", "C+", "C7sus4"])
def test_each_degree_is_read_as_its_pitch_class(symbol: str) -> None:
    for pitch in range(12):
        (step,) = abstracted(symbol, (0, 96, 60 + pitch))[0].degrees
        assert isinstance(step, Degree)
        read = tones.semitones(step.degree, tones.family(Chord.parse(symbol)))
        assert read is not None
        assert read % 12 == pitch


def test_lengths_are_spelled_as_they_are_read() -> None:
    assert all(slots(abstract.duration(length)) == length for length in range(1, 1000))


def test_what_is_stated_is_read_again() -> None:
    melody = abstracted("C7", (6, 17, 61), (24, 40, 59), (80, 16, 71))[0].melody
    assert Melody(tuple(map(terminal, melody.expressions))) == melody  # type: ignore[arg-type]


def test_the_distance_is_weighted_and_a_feature_without_mean_is_left() -> None:
    rows = np.array([[0, 2, 1, 0, 0, 0, 1], [0, 4, 3, 0, 0, 0, 3]])
    one, two = normalised(rows)
    expected = sum(
        weight * ((x - y) / mean) ** 2
        for weight, x, y, mean in zip(WEIGHTS, *rows, (1, 3, 2, 1, 1, 1, 2), strict=True)
    )
    assert ((one - two) ** 2).sum() == pytest.approx(expected)


def test_clusters_are_full_numbered_by_size_and_the_same_for_a_seed() -> None:
    rng = np.random.default_rng(3)
    rows = np.concatenate([rng.normal(place, 0.1, (count, 7)) for place, count in _HEAPS])
    found = clusters(rows, 3, np.random.default_rng(0))
    assert list(np.bincount(found)) == [50, 30, 20]
    assert len(set(found[:20])) == 1
    assert np.array_equal(found, clusters(rows, 3, np.random.default_rng(0)))
    assert np.array_equal(nearest(rows, centres(rows, found)), found)
    many = np.bincount(clusters(rows, 60, np.random.default_rng(1)), minlength=60)
    assert many.min() >= 1
    assert list(many) == sorted(many, reverse=True)


_HEAPS = ((0, 20), (5, 50), (9, 30))


def test_rows_that_are_alike_fill_as_many_clusters_as_are_asked_for() -> None:
    found = clusters(np.ones((9, 7)), 4, np.random.default_rng(0))
    assert sorted(set(found)) == [0, 1, 2, 3]
    with pytest.raises(MusicError, match="10 clusters of 9 windows"):
        clusters(np.ones((9, 7)), 10, np.random.default_rng(0))
