"""Prices of rewritings are those of the whole tune, to the last bit."""

import numpy as np
import pytest

from sideman.formats.typed import parse
from sideman.library import songbook
from sideman.models.harmony import alphabet, memory
from sideman.models.harmony.alphabet import NO_ROOT, NOWHERE
from sideman.models.harmony.model import Progression
from sideman.models.harmony.pricing import Pricing, Rewriting
from sideman.models.harmony.reharmonizing import RULES, applied, possible
from sideman.score import Bar, Changes
from sideman.service import harmony
from sideman.theory.pitch import Key


def _text(text: str, letters: str = "") -> Changes:
    bars = list(parse(text).changes.bars)
    for at, letter in enumerate(letters):
        bars[at * len(bars) // len(letters)] = Bar(
            bars[at * len(bars) // len(letters)].chords, section=letter
        )
    return Changes(tuple(bars))


TUNES = {
    "blues": songbook.load("blues-f").changes,
    "waltz": songbook.load("jazz-waltz-f").changes,
    "repeats": _text("| Dm7 G7 | Cmaj7 | Em7 A7 | Dm7 G7 |" * 4, "AABA"),
    "joined": _text("| C | C6 | G7 | G9 | Cmaj7 | Cmaj7 |"),
    "rests": _text("| N.C. | Dm7 | N.C. | G7 | Cmaj7 | N.C. |"),
    "short": _text("| G7 | C |"),
}


@pytest.mark.parametrize("name", TUNES)
def test_rewritings_cost_what_the_whole_tune_costs(name: str) -> None:
    changes, key, model = TUNES[name], Key(0), harmony.opened("harmony")
    steps = possible(changes, [], key, list(RULES))[0]
    assert steps
    rewritings = [Rewriting(step.onset, step.end, step.after) for step in steps]
    # Chords that are joined with their neighbours, which no rule writes.
    span = changes.spans[1]
    rewritings.append(Rewriting(span.onset, span.end, [(span.onset, changes.spans[0].chord)]))
    whole = [applied(changes, step) for step in steps]
    found = list(Pricing(changes, key, model).rewritten(rewritings))
    for bits, after in zip(found, whole, strict=False):
        expected = model.surprise(Progression.of(after, 0, minor=False))
        assert bits.tolist() == expected.tolist()
    assert len(found[-1]) < len(found[0])


def test_the_share_of_a_change_is_that_of_the_memory() -> None:
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 9, 700):
        symbols = rng.integers(0, 3, size)
        lengths, shares = memory.own_share(symbols)
        for at, symbol in enumerate(symbols.tolist()):
            length, counts = memory.recalled(symbols[:at].tolist())
            assert lengths[at] == length
            assert shares[at] == (counts[symbol] / counts.total() if counts else 0)


def test_the_copy_along_a_tune_is_that_at_each_change() -> None:
    for changes in TUNES.values():
        tune = Progression.of(changes, 0, minor=False)
        states, symbols = memory.copied_along(tune.symbols, tune.places)
        for at, found in enumerate(zip(states.tolist(), symbols.tolist(), strict=True)):
            past, sources = tune.symbols[:at].tolist(), tune.places.sources[at]
            copy = memory.copied(past, tune.places.onsets, sources)
            assert found == ((0, 0) if copy is None else copy)


def test_intervals_of_a_tune_are_those_of_each_change() -> None:
    symbols = np.array([NO_ROOT, 3, NO_ROOT, 17, 17, 95, NO_ROOT, 0])
    last = alphabet.roots_before(symbols)
    assert last.tolist() == [NOWHERE, NOWHERE, 0, 0, 2, 2, 11, 11]
    assert alphabet.interval_symbols(symbols, last).tolist() == [
        alphabet.to_interval(*each) for each in zip(symbols.tolist(), last.tolist(), strict=True)
    ]
