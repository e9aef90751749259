"""The playing order of a chart: repeats, endings, D.C., D.S., coda and Fine written out.

:func:`playing_order` turns the :class:`Signs` of the written bars into the bar indices of one
chorus, as stored in :class:`~sideman.score.Changes`. Repeats are played, then one D.C. or D.S. is
taken, without repeats and with the last endings, up to the Fine, the coda, or a given ending. A
coda without D.C. or D.S. ends the last chorus only, so it is not part of the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sideman.errors import FormatError

MOST_BARS = 4000


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of one written bar.

    Parameters
    ----------
    opens, closes : bool
        Repeat signs at its beginning and end.
    times : int
        How often the repeat that closes here is played; 0 for the number of endings, else twice.
    endings : tuple of int
        The passes of the ending that begins here, such as ``(1,)`` or ``(1, 2)``; empty for none.
    ends_section : bool
        Whether a double bar line follows.
    segno, fine : bool
        A segno before the bar, a Fine after it.
    to_coda, coda : bool
        A jump to the coda after this bar; the coda begins with this bar.
    jump : {None, "da capo", "dal segno"}
        The jump after this bar, taken once.
    until : {"coda", "fine", ""} or int
        Where playing after the jump ends; a number is an ending.
    """

    opens: bool = False
    closes: bool = False
    times: int = 0
    endings: tuple[int, ...] = ()
    ends_section: bool = False
    segno: bool = False
    fine: bool = False
    to_coda: bool = False
    coda: bool = False
    jump: Literal["da capo", "dal segno"] | None = None
    until: str | int = ""


def playing_order(bars: Sequence[Signs], where: str) -> list[int]:
    """Return the indices of the bars in the order of one chorus.

    Raise FormatError, beginning with `where`, if more than 4,000 bars would be played.

    >>> first, second = Signs(endings=(1,), closes=True), Signs(endings=(2,))
    >>> playing_order([Signs(opens=True), first, second, Signs()], "tune")
    [0, 1, 0, 2, 3]
    """
    coda = next((i for i in reversed(range(len(bars))) if bars[i].coda), None)
    end = len(bars) if coda is None else coda
    jump_at = next((i for i in range(end) if bars[i].jump), None)
    if jump_at is None:
        return _repeated(bars, 0, end, where)
    back = 0
    if bars[jump_at].jump == "dal segno":
        back = next((i for i in range(end) if bars[i].segno), 0)
    order = _repeated(bars, 0, jump_at + 1, where)
    return order + _after_jump(bars, back, bars[jump_at].until, coda, where)


def _repeated(bars: Sequence[Signs], begin: int, end: int, where: str) -> list[int]:
    """Return the bars with their repeats and endings."""
    order: list[int] = []
    start, time, i = begin, 1, begin
    while i < end:
        if bars[i].opens and i != start:
            start, time = i, 1
        if time > 1 and bars[i].endings and time not in bars[i].endings:
            i = _own_ending(bars, i, end, time)
        order.append(i)
        if len(order) > MOST_BARS:
            raise FormatError(
                f"{where}: more than {MOST_BARS} bars with repeats written out, the limit; "
                "remove repeats."
            )
        closes = bars[i].closes
        i += 1
        if closes and time < _times(bars, start, i):
            time += 1
            i = start
        elif closes:
            start, time = i, 1
    return order


def _own_ending(bars: Sequence[Signs], i: int, end: int, time: int) -> int:
    """Return the bar at which the ending of this pass begins, or `i` if there is none."""
    for j in range(i + 1, end):
        if bars[j].opens:
            break
        if time in bars[j].endings:
            return j
    return i


def _times(bars: Sequence[Signs], start: int, end: int) -> int:
    """Return how often the repeat over these bars is played."""
    passes = [number for bar in bars[start:end] for number in bar.endings]
    if not passes:
        return bars[end - 1].times or 2
    # The last ending follows the repeat sign.
    following = bars[end].endings if end < len(bars) else ()
    return max(passes) + (max(passes) + 1 in following)


def _after_jump(
    bars: Sequence[Signs], back: int, until: str | int, coda: int | None, where: str
) -> list[int]:
    """Return the bars after a jump, without repeats, up to the given end."""
    if until == "coda" and coda is not None:
        leave = next((i for i in range(back, coda) if bars[i].to_coda), coda - 1)
        return _last_time(bars, back, leave + 1) + _repeated(bars, coda, len(bars), where)
    if isinstance(until, int):
        first = next((i for i in range(back, len(bars)) if bars[i].endings), None)
        wanted = next((i for i in range(back, len(bars)) if until in bars[i].endings), None)
        if first is not None and wanted is not None:
            end = wanted + 1
            while end < len(bars) and not bars[end - 1].ends_section:
                end += 1
            return [*range(back, first), *range(wanted, end)]
    fine = next((i for i in range(back, len(bars)) if bars[i].fine), None)
    end = coda if coda is not None and fine is None else len(bars)
    return _last_time(bars, back, end if fine is None else fine + 1)


def _last_time(bars: Sequence[Signs], begin: int, end: int) -> list[int]:
    """Return the bars once, with the last ending of each group."""
    order, i = [], begin
    while i < end:
        if bars[i].endings:
            last = i
            for j in range(i + 1, end):
                if bars[j].opens or (bars[j].endings and min(bars[j].endings) == 1):
                    break
                if bars[j].endings:
                    last = j
            i = last
        order.append(i)
        i += 1
    return order
