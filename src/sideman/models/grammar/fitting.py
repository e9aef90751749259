"""Fitting the weights of a scorer to held-out solos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from sideman.models.events import Events
from sideman.models.grammar.blocks import UndefinedError, summed
from sideman.models.grammar.rules import Grammar
from sideman.models.grammar.scoring import LEAST, WIDEST_SPREAD, GrammarScorer, Weights, scorer

SHARINGS = (0.2, 0.3, 0.4, 0.5)
"""The probabilities of sharing that :func:`fitted` tries."""
_FIRST = Weights(rhythm=0.05, pitch=0.4, duration=0.4)
_FITTING_SOLOS, _FITTING_NOTES = 12, 100
_STEPS = 2


def fitted(
    grammar: Grammar,
    held_out: Sequence[Events],
    spread: Sequence[float] = (1.0,),
    sharings: Sequence[float] = SHARINGS,
    stop: Callable[[], bool] | None = None,
) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Return the parameters of a grammar that fit held-out solos: the weights, and the sharing.

    The weights are those of the unigram by a few steps of expectation maximisation, given the notes
    so far; of the probabilities of sharing the best is taken.  A thousand notes suffice.  None are
    returned for a grammar whose likelihood is not defined.

    Parameters
    ----------
    grammar : Grammar
        A learnt grammar.
    held_out : sequence of Events
        Solos from which it was not learnt.
    spread : sequence of float
        See :attr:`Weights.spread`; :func:`spread_of` counts it.
    sharings : sequence of float
        The probabilities of sharing to be tried.
    stop : callable or None
        Called before each solo; None is returned as soon as it returns true.
    """
    step = max(1, len(held_out) // _FITTING_SOLOS)
    chosen = [each.until(_FITTING_NOTES) for each in held_out[::step] if len(each) > 1]
    try:
        model = replace(scorer(grammar, "grammar"), weights=replace(_FIRST, spread=tuple(spread)))
    except UndefinedError:
        return ()
    if not chosen:
        return model.weights.parameters()
    first = sharings[len(sharings) // 2]
    model = replace(model, weights=replace(model.weights, sharing=first))
    try:
        model = replace(model, weights=_maximised(model, _until(stop, chosen)))
        if len(sharings) > 1:
            tried = [
                replace(model, weights=replace(model.weights, sharing=one)) for one in sharings
            ]
            model = max(
                tried, key=lambda one: sum(_likelihood(one, each) for each in _until(stop, chosen))
            )
        for _ in range(_STEPS):
            model = replace(model, weights=_maximised(model, _until(stop, chosen)))
    except _StoppedError:
        return None
    return model.weights.parameters()


def times(held_out: Sequence[Events], sharings: Sequence[float] = SHARINGS) -> int:
    """Return how often :func:`fitted` asks whether to stop: at most once a solo in each pass."""
    step = max(1, len(held_out) // _FITTING_SOLOS)
    passes = 1 + _STEPS + (len(sharings) if len(sharings) > 1 else 0)
    return passes * len(held_out[::step])


class _StoppedError(Exception):
    """The fitting was stopped."""


def _until(stop: Callable[[], bool] | None, solos: Sequence[Events]) -> Iterator[Events]:
    """Yield solos; raise _StoppedError before the first one at which `stop` returns true."""
    for each in solos:
        if stop is not None and stop():
            raise _StoppedError
        yield each


def _maximised(model: GrammarScorer, solos: Iterable[Events]) -> Weights:
    """Return the weights after a step of expectation maximisation."""
    found = [model.noise(each) for each in solos]
    notes = sum(each.notes for each in found)
    return replace(
        model.weights,
        rhythm=max(sum(each.rhythm for each in found) / notes, LEAST),
        pitch=max(sum(each.pitch for each in found) / notes, LEAST),
        duration=max(sum(each.duration for each in found) / notes, LEAST),
    )


def _likelihood(model: GrammarScorer, events: Events) -> float:
    """Return the log-likelihood of a solo."""
    expected = model.distributions(events)
    rows = np.arange(1, len(events))
    pairs = (
        (expected.ioi, events.ioi - 1),
        (expected.pitch, events.pitch),
        (expected.duration, events.duration),
    )
    return sum(float(np.log(odds[rows, index[1:]]).sum()) for odds, index in pairs)


def spread_of(
    played: Iterable[Sequence[int]], written: Iterable[Sequence[int]]
) -> tuple[float, ...]:
    """Return the shares of the distances, in ticks, of played onsets from the nearest written ones.

    Both are the onsets of the same solos, rising.
    """
    found = np.zeros(2 * WIDEST_SPREAD + 1)
    for ours, theirs in zip(played, written, strict=True):
        if not len(theirs):
            continue
        near = np.array(theirs)
        at = np.clip(np.searchsorted(near, ours), 1, max(len(near) - 1, 1))
        both = np.array(ours)[:, None] - near[np.stack([at - 1, at % len(near)], axis=1)]
        off = np.take_along_axis(both, np.abs(both).argmin(axis=1)[:, None], axis=1)[:, 0]
        kept = off[np.abs(off) <= WIDEST_SPREAD]
        found += summed(kept + WIDEST_SPREAD, np.ones(len(kept)), len(found))
    if not found.sum():
        return (1.0,)
    shares = found / found.sum()
    half = max(
        (abs(at - WIDEST_SPREAD) for at in np.flatnonzero(shares >= LEAST).tolist()), default=0
    )
    middle = shares[WIDEST_SPREAD - half : WIDEST_SPREAD + half + 1]
    return tuple(float(one) for one in middle / middle.sum())
