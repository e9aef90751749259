from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.errors import FormatError
from sideman.theory import meter


@pytest.mark.parametrize(
    ("text", "bar", "beat"), [("4/4", 96, 24), ("3/4", 72, 24), ("6/8", 72, 12), ("2/2", 96, 48)]
)
def test_ticks(text: str, bar: int, beat: int) -> None:
    read = meter.Meter.parse(text)
    assert (read.ticks_per_bar, read.ticks_per_beat) == (bar, beat)
    assert str(read) == text


@pytest.mark.parametrize("text", ["", "4", "0/4", "4/0", "4/5", "99/4", "a/b", "4/4/4", "-3/4"])
def test_bad_meters_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="not a meter"):
        meter.Meter.parse(text)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_quantised_time_stays(sixth: int) -> None:
    for division in (3, 4):
        ticks = sixth * meter.TICKS_PER_QUARTER // division
        assert meter.quantise(Fraction(sixth, division)) == ticks


def test_quantise_takes_the_first_grid_on_a_tie() -> None:
    # 7/24 lies 1/24 from 1/4 and 1/24 from 1/3.
    assert meter.quantise(Fraction(7, 24)) == 6
    assert meter.quantise(Fraction(7, 24), (3, 4)) == 8
