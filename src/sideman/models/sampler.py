"""From the logits of a soloist to a line: one sampler for every kind.

:func:`play` checks that the soloist has the requested features, begins sessions
(:mod:`sideman.models.protocol`), makes every choice by temperature and truncation, plays again a
line that copies too much, and keeps the best of several.  It contains no music; a session contains
no randomness beyond the generator that it is given.

The same seed gives the same solo.  On another processor, or with another BLAS library, a product
of matrices may differ in its last bit; a draw then differs only if it lies within a ten millionth
of the border between two alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import ModelError, MusicError
from sideman.models.constraints import FREE, Constraints, Guard
from sideman.models.controls import KNOBS, Controls, Feature
from sideman.models.events import from_solo
from sideman.models.protocol import (
    Batching,
    Branching,
    Decisions,
    Judge,
    Scorer,
    Searching,
    Session,
    Setting,
    Soloist,
)
from sideman.models.shaping import easier
from sideman.score import Note, Solo

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
NEUTRAL = Controls()
"""Sampling from the model's own probabilities."""
MOST_DRAWS = 20
"""How often a line is played at most until it copies little enough."""
BRANCHES = {2: 3, 3: 8}
"""By an effort above 1: the branches of a solo that play on before a critic keeps one."""
BARS = 4
"""The bars that the branches play on."""
STRENGTH = 1.5
"""The factor of scores, log-odds of players over the soloist, before the softmax."""
RECENT = 64
"""The last notes in which copies are counted."""
_COPYING = 4.0  # nats that a line loses whose every note stands in a match


def probabilities(logits: Array, mask: Array, controls: Controls) -> Array:
    """Return the probabilities, shape (V,), from which an alternative is sampled.

    Top-k applies first, then top-p, min-p and typical sampling; one alternative must be legal.

    >>> logits = np.log(np.array([0.5, 0.3, 0.2], np.float32))
    >>> probabilities(logits, np.zeros(3, np.float32), Controls(top_k=2)).round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    p = _unnormalised(logits, mask, controls)
    return np.asarray(p / p.sum(), np.float32)


def _unnormalised(logits: Array, mask: Array, controls: Controls) -> Array:
    p = logits + mask
    if controls.temperature == 0:
        best = np.zeros_like(p)
        best[p.argmax()] = 1
        return best
    p -= np.maximum.reduce(p)
    if controls.temperature != 1:
        p *= np.float32(1 / max(controls.temperature, 1e-6))
    np.exp(p, out=p)
    if 0 < controls.top_k < p.size:
        # A stable order: of equals the first stays.
        p[np.argsort(-p, kind="stable")[controls.top_k :]] = 0
    if controls.top_p < 1:
        order = np.argsort(-p, kind="stable")
        share = np.cumsum(p[order], dtype=np.float64)
        share /= share[-1]
        # The one that crosses the line stays.
        p[order[int(np.searchsorted(share, controls.top_p)) + 1 :]] = 0
    if controls.min_p > 0:
        p[p < np.float32(controls.min_p) * np.maximum.reduce(p)] = 0
    if controls.typical < 1:
        p = _typical(p, controls.typical)
    return p


def _typical(p: Array, share: float) -> Array:
    """Return `p` without all but the alternatives whose surprise is nearest to the expected."""
    probability = p / p.sum()
    surprise = -np.log(np.maximum(probability, 1e-30))
    order = np.argsort(np.abs(surprise - probability @ surprise), kind="stable")
    order = order[p[order] > 0]
    kept = order[: int(np.searchsorted(np.cumsum(probability[order], dtype=np.float64), share)) + 1]
    left = np.zeros_like(p)
    left[kept] = p[kept]
    return left


def choose(logits: Array, mask: Array, rng: Generator, controls: Controls) -> int:
    """Return the index of one alternative, by the inverse of the cumulative distribution.

    One random number is drawn.
    """
    p = _unnormalised(logits, mask, controls)
    cumulative = np.add.accumulate(p)
    choice = int(cumulative.searchsorted(rng.random() * float(cumulative[-1]), "right"))
    # Rounding may put the mark on the very end; the likeliest is as good as any there.
    return choice if choice < p.size and p[choice] > 0 else int(p.argmax())


def finish(decisions: Decisions, *, rng: Generator, controls: Controls = NEUTRAL) -> None:
    """Choose until no decision is left."""
    while not decisions.done:
        decisions.choose(choose(*decisions.options(), rng, controls), rng)


def finish_together(
    soloist: Batching,
    sessions: Sequence[Any],
    *,
    rngs: Sequence[Generator],
    controls: Controls = NEUTRAL,
    until: int | None = None,
) -> None:
    """Play several solos to their ends, one decision of every solo at a time.

    With its own generator of `rngs` each is the solo that :func:`finish` plays.  With `until` they
    stop where the next note comes at that tick or later; they must be :class:`Branching`.
    """

    def ahead(pairs: Iterable[tuple[Any, Generator]]) -> list[tuple[Any, Generator]]:
        return [(s, rng) for s, rng in pairs if not s.done and (until is None or s.reached < until)]

    going = ahead(zip(sessions, rngs, strict=True))
    while going:
        options = soloist.options_of([session for session, _ in going])
        for (session, rng), (logits, mask) in zip(going, options, strict=True):
            session.choose(choose(logits, mask, rng, controls), rng)
        going = ahead(going)


def search(
    soloist: Searching,
    session: Branching,
    judge: Judge,
    *,
    ticks: int,
    rng: Generator,
    controls: Controls,
    guard: Guard | None = None,
) -> Branching:
    """Play a solo to its end, in several branches of which every `ticks` ticks one is kept.

    The branches have random streams of their own.  The one that is kept is drawn with the
    probabilities ``exp(STRENGTH * score)`` of the judge's scores.
    """
    many = BRANCHES[controls.effort]
    while not session.done:
        tick = (session.reached // ticks + 1) * ticks
        rngs = rng.spawn(many)
        branches = [session.branch(stream.spawn(1)[0]) for stream in rngs]
        finish_together(soloist, branches, rngs=rngs, controls=controls, until=tick)
        lines = [branch.line() for branch in branches]
        ends = [branch.reached for branch in branches]
        scores = judge(list(zip(lines, ends, strict=True)))
        scores -= np.array([_copying(line[-RECENT:], guard) for line in lines])
        kept = np.cumsum(np.exp(STRENGTH * (scores - scores.max())))
        session = branches[int(kept.searchsorted(rng.random() * kept[-1], "right"))]
    return session


def check(soloist: Soloist, controls: Controls, constraints: Constraints = FREE) -> None:
    """Raise a MusicError with the control's name as field if a soloist lacks a requested feature.

    What a soloist plays by default is no request.
    """
    for name, one in KNOBS.items():
        if one.needs is None or one.needs in soloist.features:
            continue
        if getattr(controls, name) != getattr(soloist.defaults, name):
            _lacking(soloist, one.label, one.needs, name)
    if not constraints.free:
        wanted = Feature.PRIME if constraints.continues else Feature.CONSTRAINTS
        if wanted not in soloist.features:
            _lacking(soloist, "what is fixed of the solo", wanted, "model")


def _lacking(soloist: Soloist, asked: str, feature: Feature, field: str) -> None:
    raise MusicError(
        f"{asked} needs {feature.value}, which the model {soloist.name} does not have; choose "
        "another model, such as soloist.",
        field=field,
    )


def begin(
    soloist: Soloist,
    setting: Setting,
    *,
    rng: Generator,
    controls: Controls,
    constraints: Constraints = FREE,
) -> Session:
    """Check a request and begin a solo, in an easier setting if the difficulty is below 5."""
    check(soloist, controls, constraints)
    if controls.melody and not setting.melody:
        raise MusicError(
            "melody above 0 needs a tune with a written melody, and here there is none; choose "
            "one, such as happy-birthday, or leave melody at 0.",
            field="melody",
        )
    return soloist.begin(easier(setting, controls.difficulty), controls, constraints, rng)


def sample(
    soloist: Soloist,
    setting: Setting,
    *,
    rng: Generator,
    controls: Controls = NEUTRAL,
    constraints: Constraints = FREE,
) -> tuple[Note, ...]:
    """Play one line, as it comes: see :func:`begin` and :func:`finish`."""
    session = begin(soloist, setting, rng=rng, controls=controls, constraints=constraints)
    finish(session, rng=rng, controls=controls)
    return session.line()


def play(
    soloist: Soloist,
    setting: Setting,
    *,
    rng: Generator,
    controls: Controls | None = None,
    constraints: Constraints = FREE,
) -> tuple[Note, ...]:
    """Return the best line of as many as the controls request (the soloist's defaults where None).

    Raise ModelError if several lines cannot be compared by likelihood; MusicError if the soloist
    lacks a feature, or cannot play in the setting or under the constraints, or if twenty lines all
    copy too much.
    """
    controls = soloist.defaults if controls is None else controls
    lines = plays(
        soloist,
        setting,
        rng=rng,
        controls=controls,
        constraints=constraints,
        count=controls.best_of,
    )
    if controls.best_of == 1:
        return next(lines)
    return max(lines, key=_rating(soloist, setting, constraints))


def plays(
    soloist: Soloist,
    setting: Setting,
    *,
    rng: Generator,
    controls: Controls,
    constraints: Constraints,
    count: int,
) -> Iterator[tuple[Note, ...]]:
    """Yield `count` lines as :func:`play` does; their common beginning is computed only once."""
    begun = begin(soloist, setting, rng=rng, controls=controls, constraints=constraints)
    guard = constraints.guard
    played = tried = 0
    while tried < count * MOST_DRAWS:
        branches = [begun.branch() for _ in range(count - played)]
        tried += len(branches)
        for session in _finished(soloist, branches, setting, constraints, rng, controls):
            line = session.line()
            if guard is None or not guard.broken(line, constraints.pitched):
                yield line
                played += 1
        if played == count:
            return
    raise MusicError(
        f"{MOST_DRAWS} lines were played for each that is wanted, and most share more notes in a "
        "row with a recorded solo than is allowed; allow longer matches, or fix less of the line.",
        field="max_copy",
    )


def _finished(
    soloist: Soloist,
    sessions: Sequence[Session],
    setting: Setting,
    constraints: Constraints,
    rng: Generator,
    controls: Controls,
) -> Iterator[Session]:
    """Play solos that were begun; in a batch all but the first with new random streams."""
    if controls.effort > 1:
        searching = cast(Searching, soloist)
        judge = searching.critic.over(setting.changes)
        ticks = BARS * setting.changes.meter.ticks_per_bar
        for one in cast(Sequence[Branching], sessions):
            yield search(
                searching,
                one,
                judge,
                ticks=ticks,
                rng=rng,
                controls=controls,
                guard=constraints.guard,
            )
        return
    if len(sessions) > 1 and Feature.BATCH in soloist.features:
        rngs = [rng, *rng.spawn(len(sessions) - 1)]
        finish_together(cast(Batching, soloist), sessions, rngs=rngs, controls=controls)
        yield from sessions
        return
    for session in sessions:
        finish(session, rng=rng, controls=controls)
        yield session


def _rating(
    soloist: Soloist, setting: Setting, constraints: Constraints
) -> Callable[[tuple[Note, ...]], float]:
    """Return what rates whole lines: the soloist's critic, or else its likelihood."""
    if Feature.CRITIC in soloist.features:
        judge = cast(Searching, soloist).critic.over(setting.changes)
        end, guard = setting.changes.length, constraints.guard
        return lambda line: judge.whole(line, end) - _copying(line, guard)
    try:
        scorer = cast(Scorer, getattr(soloist, "scorer", soloist))
    except ModelError as error:
        raise ModelError(
            f"The best of several solos is chosen by likelihood; {error}", field="best_of"
        ) from error
    return lambda line: worth(line, setting, scorer, constraints)


def _copying(line: Sequence[Note], guard: Guard | None) -> float:
    """Return what a line loses for its copies, in nats."""
    return _COPYING * guard.copied(line) if guard else 0.0


def worth(
    line: tuple[Note, ...], setting: Setting, judge: Scorer, constraints: Constraints
) -> float:
    """Return a line's log-likelihood in nats a note, less four times its share of copied notes."""
    events = from_solo(Solo("", line, setting.changes, tempo_bpm=setting.tempo_bpm))
    if len(events) < 2:
        return float("-inf")
    expected = judge.distributions(events)
    rows = np.arange(1, len(events))
    nats = sum(
        float(np.log(np.maximum(probability[rows, index[1:]], 1e-30)).mean())
        for probability, index in (
            (expected.ioi, events.ioi - 1),
            (expected.pitch, events.pitch),
            (expected.duration, events.duration),
        )
    )
    return nats - _copying(line, constraints.guard)
