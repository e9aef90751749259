"""A teacher's marks by rule, and the network that judges lines (``benchmarks/marks.py``)."""

import doctest
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from benchmarking import module
from sideman.library import songbook
from sideman.models.events import Events, from_notes


def heard(*notes: tuple[int, int, int], name: str = "a line") -> Any:
    """Return notes (onset, pitch, length) over a blues in F: F7, Bb7, F7."""
    onsets, pitches, lengths = zip(*notes, strict=True)
    changes = songbook.load("blues-f").changes
    return module("marks").Heard(from_notes(name, onsets, pitches, lengths, changes))


def marks(*notes: tuple[int, int, int]) -> dict[str, int]:
    solo = heard(*notes)
    return {name: mark(solo) for name, mark in module("marks").MARKS.items() if mark(solo)}


OUTSIDE, AVOID, SAME, LEAP, SILENCE = (
    "outside note on 1 or 3, unresolved",
    "avoid note held on a beat",
    "same pitch four times",
    "leap in eighths not turned back",
    "silence of two bars",
)


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        # E over F7 on beat 3; resolved; on beat 2; a sixteenth late, read as off the beat; E flat.
        ([(48, 64, 12), (60, 67, 12)], {OUTSIDE: 1}),
        ([(48, 64, 12), (60, 65, 12)], {}),
        ([(24, 64, 12), (36, 67, 12)], {}),
        ([(54, 64, 6), (72, 67, 12)], {}),
        ([(48, 64, 12), (60, 63, 12)], {}),
        # B flat over F7 held, short, off the beat; it is a tone of the second bar's chord.
        ([(24, 70, 24), (48, 69, 12)], {AVOID: 1}),
        ([(24, 70, 12), (36, 69, 12)], {}),
        ([(36, 70, 24), (72, 69, 12)], {}),
        ([(120, 70, 24), (144, 68, 12)], {}),
        # One pitch four times and eight times is a run each; three times is none.
        ([(12 * at, 65, 12) for at in range(4)], {SAME: 1}),
        ([(12 * at, 65, 12) for at in range(8)], {SAME: 1}),
        ([(12 * at, 65, 12) for at in range(3)], {}),
        # A sixth up that goes on, turns back, is slower, is a fifth.
        ([(0, 60, 12), (12, 69, 12), (24, 70, 12)], {LEAP: 1}),
        ([(0, 60, 12), (12, 69, 12), (24, 67, 12)], {}),
        ([(0, 60, 12), (24, 69, 12), (36, 70, 12)], {}),
        ([(0, 60, 12), (12, 67, 12), (24, 69, 12)], {}),
        ([(0, 65, 12), (192, 65, 12)], {SILENCE: 1}),
        ([(0, 65, 12), (180, 65, 12)], {}),
    ],
)
def test_a_mark_is_what_its_rule_says(
    notes: Sequence[tuple[int, int, int]], found: dict[str, int]
) -> None:
    assert marks(*notes) == found


def test_long_notes_are_counted_among_themselves() -> None:
    table = module("marks")
    # A over F7 held; E held, then its semitone; E short.
    solo = heard((0, 69, 24), (24, 64, 24), (48, 65, 12), (60, 64, 12))
    shares = {name: share(solo) for name, share in table.SHARES.items()}
    assert shares["long notes on chord tones"] == (1, 2)
    assert shares["long notes outside"] == (1, 2)
    assert shares["of them resolved by a semitone"] == (1, 1)
    assert shares["notes in matches of six or more"] == (0, 4)
    assert shares["entropy of durations, bits"] == (pytest.approx(1), 1)


def line(seed: int, name: str = "", *, even: bool = False) -> Events:
    rng = np.random.default_rng(seed)
    iois = [12] * 160 if even else rng.choice([6, 8, 12, 24, 36], 160)
    onsets = np.cumsum(iois).tolist()
    pitches = (60 + np.cumsum(rng.choice([-2, -1, 1, 2], 160)) % 20).tolist()
    return from_notes(name, onsets, pitches, [6] * 160, songbook.load("blues-f").changes)


def test_cells_are_shared_by_seeds_over_a_solo_and_by_players_over_a_tune() -> None:
    table = module("marks")

    def named(seed: int, name: str, player: str) -> tuple[str, Any]:
        return "tune", table.Heard(replace(line(seed, name), performer=player))

    solos = [named(1, "a", "One"), named(1, "a", "One"), named(2, "b", "Two")]
    seeds, players = list(table.by_seeds(solos)), list(table.by_players(solos))
    assert (len(seeds), len(players)) == (1, 2)
    same, different = table.shared_cells(seeds), table.shared_cells(players)
    assert (same.rate, same.tunes) == (1, ("tune",))
    assert different.rate < 0.3


def test_the_ratio_of_two_rates_has_an_interval_over_tunes() -> None:
    table = module("marks")
    tunes = tuple("abcdefgh")
    rng = np.random.default_rng(0)
    theirs = table.Counted(tunes, np.arange(1.0, 9.0), np.full(8, 2.0))
    doubled = table.Counted(tunes * 2, np.tile(theirs.hits * 2, 2), np.tile(theirs.of, 2))
    assert table.ratio(doubled, theirs, rng) == pytest.approx((2, 2, 2))
    other = table.Counted(tunes, theirs.hits[::-1].copy(), theirs.of)
    value, low, high = table.ratio(other, theirs, rng)
    assert value == 1
    assert 0.2 < low < 0.8
    assert 1.25 < high < 5


@pytest.mark.parametrize("name", ["told_apart", "line_features", "marks"])
def test_examples_of_the_judges_hold(name: str) -> None:
    found = doctest.testmod(module(name))
    assert (found.failed, found.attempted > 0) == (0, True)


needs_jax = pytest.mark.skipif(find_spec("jax") is None, reason="needs the training extra")


@needs_jax
@pytest.mark.train
def test_nothing_before_a_window_is_in_it() -> None:
    network, features = module("window_network"), module("line_features")
    whole = line(3)
    later = replace(
        whole, onset=whole.onset[40:], pitch=whole.pitch[40:], duration=whole.duration[40:]
    )
    lines = [features.read(one, beatwise=False) for one in (whole, later)]
    windows = network.Windows(lines)
    ours, theirs = windows.cut(np.array([0, 1]), np.array([40, 0]))
    assert ours.shape == (network.SIZE, windows.channels)
    np.testing.assert_array_equal(ours, theirs)
    drawn, firsts = windows.draw(
        np.array([0, 1]), np.array([False, True]), 8, np.random.default_rng(0)
    )
    assert drawn.tolist() == [0] * 4 + [1] * 4
    assert (firsts + network.SIZE <= windows.lengths[drawn]).all()


@needs_jax
@pytest.mark.train
def test_the_network_tells_even_lines_of_tunes_that_it_has_not_read() -> None:
    network, features, apart = (
        module(name) for name in ("window_network", "line_features", "told_apart")
    )
    lines = [features.read(line(seed, even=seed % 2 == 1), beatwise=True) for seed in range(12)]
    even = np.arange(12) % 2 == 1
    held = list(apart.folds([f"tune {seed // 2}" for seed in range(12)]))[:1]
    small = network.Settings(
        embedded=8, filters=(8, 8), updates=30, batch=16, learning_rate=0.01, networks=1
    )
    firsts = [[0, 90]] * 12
    scores = network.scored(lines, even, held, firsts, small)
    read = np.repeat(held[0], 2)
    assert (scores[~read] == 0).all()
    assert apart.area(scores[read], np.repeat(even, 2)[read], np.ones(read.sum())) > 0.9
