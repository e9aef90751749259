"""A practice sheet: licks in all keys at rising tempos, to be heard and then played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sideman.output.printed import printed
from sideman.score import Changes, LeadSheet, Part, Solo
from sideman.service.takes.licks import Lick, in_keys, joined
from sideman.theory.instruments import CONCERT, Instrument, Transposition, transposition_named

STEPS = 4
"""The number of tempos by default."""
SLOWEST = 0.6
"""The first tempo over the last one by default."""
LICKS = 3
"""How many licks are practised where none are chosen."""
_LISTED = 5  # tempos in a heading


def heading(tempos: Sequence[float], cycle: str, keys: int, name: str = "") -> str:
    """Return what to practise, in a line; `name` is that of the player.

    >>> heading((84, 112, 140), "fourths", 12)
    'for practice: 12 keys by fourths at 84, 112, 140'
    """
    at = ", ".join(f"{tempo:g}" for tempo in tempos)
    if len(tempos) > _LISTED:
        at = f"{tempos[0]:g} to {tempos[-1]:g} in {len(tempos)} steps"
    player = name.strip().removeprefix("for ") or "practice"
    return f"for {player}: {keys} keys by {cycle.replace('-', ' ')} at {at}"


@dataclass(frozen=True, slots=True)
class Order:
    """In what order licks are practised: keys by a cycle, in an instrument's range, at tempos."""

    instrument: Instrument
    cycle: str
    tempos: tuple[float, ...]

    def keys(
        self, lick: Lick, title: str, *, echo: bool = False, player: Transposition = CONCERT
    ) -> LeadSheet:
        """Return a lick in every key (:func:`sideman.service.takes.licks.in_keys`)."""
        return in_keys(
            lick,
            title,
            low=self.instrument.low,
            high=self.instrument.high,
            cycle=self.cycle,
            echo=echo,
            player=player,
        )


def page(found: Sequence[Lick], take: Solo, order: Order, *, part: str = "C") -> LeadSheet:
    """Return licks in every key at sounding pitch, each key a section.

    The keys are named as the player of `part` reads them.
    """
    title, player = f"{take.title}: practice", transposition_named(part)
    changes, notes = joined(
        (_label(keys, lick), keys.changes, keys.melody)
        for lick, keys in ((lick, order.keys(lick, title, player=player)) for lick in found)
    )
    bars = (replace(bar, section=bar.section and printed(bar.section)) for bar in changes.bars)
    return LeadSheet(
        title,
        Changes(tuple(bars)),
        parts=(Part("Licks", notes),),
        tempo_bpm=order.tempos[0],
        style=take.style,
    )


def loop(found: Sequence[Lick], take: Solo, order: Order) -> Solo:
    """Return each lick at each tempo in each key, and the same bars without it."""
    title = f"{take.title}: practice"
    pieces = []
    for lick in found:
        keys = order.keys(lick, title, echo=True)
        for tempo in order.tempos:
            first, *others = keys.changes.bars
            timed = Changes((replace(first, tempo_bpm=float(tempo)), *others))
            pieces.append((_label(keys, lick), timed, keys.melody))
    changes, notes = joined(pieces)
    return Solo(
        title,
        notes,
        changes,
        performer="sideman",
        tempo_bpm=float(order.tempos[0]),
        style=take.style,
    )


def _label(keys: LeadSheet, lick: Lick) -> str:
    """Return the label of a lick's first section."""
    return f"Lick {lick.number}: {keys.changes.bars[0].section}"
