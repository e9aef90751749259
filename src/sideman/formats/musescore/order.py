"""The playing order of MuseScore: repeats, voltas, markers and jumps by their labels.

MuseScore's jumps name where to go (``jumpTo``), where to stop (``playUntil``) and where to continue
(``continueAt``), and may be several, so that they are followed as its player does. Each jump is
taken once; after it, repeats are played only where the jump asks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sideman.errors import FormatError

MOST_BARS = 4000


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump after a measure; its texts are labels of markers, or ``start`` and ``end``."""

    to: str
    until: str = ""
    then: str = ""
    repeats: bool = False


@dataclass(slots=True)
class Signs:
    """The signs of a written measure.

    Parameters
    ----------
    opens : bool
        Whether a repeat begins.
    plays : int
        How often the passage that closes here is played; 0 if none closes.
    passes : tuple of int
        The passes of the volta over this measure; empty for none.
    before, after : set of str
        The labels of markers at its beginning and at its end.
    jump : Jump or None
        The jump after it.
    breaks : bool
        Whether a section ends.
    """

    opens: bool = False
    plays: int = 0
    passes: tuple[int, ...] = ()
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    jump: Jump | None = None
    breaks: bool = False


def playing_order(bars: Sequence[Signs], where: str) -> list[int]:
    """Return the indices of the measures as played.

    Raises
    ------
    FormatError
        If too many would be played.

    Examples
    --------
    >>> playing_order([Signs(before={"segno"}), Signs(jump=Jump("segno"))], "x")
    [0, 1, 0, 1]
    """
    order: list[int] = []
    begin = 0
    for end, signs in enumerate(bars, 1):
        if signs.breaks or end == len(bars):
            order += _Player(bars, begin, end).order()
            begin = end
            if len(order) > MOST_BARS:
                break
    if len(order) > MOST_BARS:
        raise FormatError(
            f"{where}: more than {MOST_BARS} bars with repeats written out, the limit; remove "
            "repeats."
        )
    return order


class _Player:
    """A player of one section, which ends at a section break."""

    def __init__(self, bars: Sequence[Signs], begin: int, end: int) -> None:
        self.bars, self.begin, self.end = bars, begin, end
        self.start = begin  # where the current repeat begins
        self.turn = 1
        self.passed = Counter[int]()  # how often each repeat sign led back
        self.until = self.then = ""
        self.without_repeats = -1  # after a jump: the last measure without repeats
        self.taken: set[int] = set()

    def order(self) -> list[int]:
        """Play the section."""
        played: list[int] = []
        at: int | None = self.begin
        while at is not None and at < self.end and len(played) <= MOST_BARS:
            if at > self.without_repeats:
                self.without_repeats = -1
            if self.bars[at].passes and not self.sounds(at):
                at += 1
                continue
            if self.bars[at].opens and at != self.start:
                self.begin_repeat(at)
            played.append(at)
            at = self.following(at)
        return played

    def begin_repeat(self, at: int) -> None:
        """Begin a repeated passage, or play it anew."""
        self.start, self.turn = at, 1
        self.passed.clear()

    def sounds(self, at: int) -> bool:
        """Return whether a volta is played in this pass; without repeats, the last one is."""
        passes = self.bars[at].passes
        if at == self.start or self.bars[self.start].passes == passes:
            return True  # a repeat inside a volta
        if self.without_repeats < 0:
            return self.turn in passes
        last = at
        while last + 1 < self.end and self.bars[last + 1].passes and not self.bars[last + 1].opens:
            last += 1
        first = at
        while first > self.start and self.bars[first - 1].passes:
            first -= 1
        return max(max(bar.passes) for bar in self.bars[first : last + 1]) in passes

    def leads_back(self, at: int) -> bool:
        """Return whether the repeat sign after a measure still leads back."""
        signs = self.bars[at]
        limit = len(signs.passes) - (signs.jump is not None) if signs.passes else signs.plays - 1
        return bool(signs.plays) and self.without_repeats < 0 and self.passed[at] < limit

    def following(self, at: int) -> int | None:
        """Return the measure after this one; None at the end."""
        signs = self.bars[at]
        if self.until and self.until in signs.after:
            target = self.find(self.then, at, back=False) if self.then else None
            self.until = self.then = ""
            self.without_repeats = -1
            if target is not None:
                self.begin_repeat(target)
            return target
        if self.leads_back(at):
            self.passed[at] += 1
            self.turn += 1
            return self.start
        if signs.jump is not None and at not in self.taken and not self.waits(at):
            target = self.find(signs.jump.to, at, back=True)
            if target is not None:
                self.taken.add(at)
                # A jump without its goal plays to the end.
                self.until = "" if signs.jump.until in ("end", "start") else signs.jump.until
                self.then = signs.jump.then
                self.without_repeats = -1 if signs.jump.repeats else self.closing(at)
                self.begin_repeat(self.opening(target))
                return target
        return at + 1

    def closing(self, at: int) -> int:
        """Return the measure where the repeat around a measure ends; itself outside repeats."""
        for place in range(at, self.end):
            if place > at and (
                self.bars[place].opens or self.bars[place].passes != (self.bars[at].passes)
            ):
                break
            if self.bars[place].plays:
                return place
        return at

    def waits(self, at: int) -> bool:
        """Return whether a jump inside a repeat waits for its last pass."""
        return self.leads_back(self.closing(at))

    def opening(self, at: int) -> int:
        """Return the measure where the repeat around a measure begins."""
        while at > self.begin and not self.bars[at].opens:
            at -= 1
        return at

    def find(self, label: str, at: int, *, back: bool) -> int | None:
        """Return the measure with a marker: the nearest before or after, else any."""
        if label == "start":
            return self.begin
        places = [i for i in range(self.begin, self.end) if label in self.bars[i].before]
        nearest = [i for i in places if i <= at][-1:] if back else [i for i in places if i > at]
        return next(iter([*nearest, *places]), None)
