"""Repairs on a line."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.errors import MusicError
from sideman.models.course.polish import coin_rounded, tidy, without_clashes, without_paired_echoes
from sideman.score import Note

quick = settings(deadline=None, max_examples=100, derandomize=True)
notes = st.lists(
    st.builds(Note, st.integers(-50, 300), st.integers(1, 60), st.integers(50, 60)), max_size=25
)


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0.25, {0.25, 0.5}), (0.1, {0.0, 0.25}), (1 / 3, {0.25, 0.5}), (0.667, {0.5, 0.75})],
)
def test_the_coin_has_two_sides(length: float, expected: set[float]) -> None:
    chance = np.random.default_rng(0)
    drawn = [coin_rounded(length, chance) for _ in range(200)]
    assert set(drawn) == expected
    assert 70 < drawn.count(max(expected)) < 130


@pytest.mark.parametrize("length", [-1.0, float("nan"), float("inf")])
def test_no_such_length(length: float) -> None:
    with pytest.raises(MusicError, match="cannot be rounded"):
        coin_rounded(length, np.random.default_rng(0))


def test_pairs_are_disjoint() -> None:
    assert without_paired_echoes("abba", str.__eq__) == ["a", "b", "b", "a"]
    assert without_paired_echoes("aaaaa", str.__eq__) == ["a", "a", "a"]
    assert without_paired_echoes("", str.__eq__) == []


def test_each_is_held_against_its_neighbour() -> None:
    assert without_clashes("aabba", str.__eq__) == ["a", "b", "a"]


def test_tidy() -> None:
    line = (
        Note(0, 12, 60),
        Note(12, 12, 60),  # an echo that touches
        Note(24, 1, 62),  # a speck
        Note(30, 12, 64),
        Note(36, 12, 65),  # overlaps
        Note(36, 6, 67),  # at the same tick, and higher
    )
    assert tidy(line) == (Note(0, 25, 60), Note(30, 6, 64), Note(36, 6, 67))


@quick
@given(notes)
def test_a_tidy_line_is_a_line(line: list[Note]) -> None:
    tidied = tidy(line)
    assert all(note.duration >= 2 for note in tidied)
    for before, note in itertools.pairwise(tidied):
        assert before.end <= note.onset
        touching = before.end == note.onset and before.pitch == note.pitch
        assert not touching or before.duration + note.duration > 48
    assert {note.pitch for note in tidied} <= {note.pitch for note in line}
    assert tidy(tidied) == tidied
