"""The most typical bars of a player: those of clusters with a larger share than in the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sideman.evaluation.loading import Item
from sideman.evaluation.profiles import Player, Profiles
from sideman.evaluation.views import views
from sideman.score import Bar, Changes, Note, Solo, monophonic

BARS = 2
"""The length of an example."""


@dataclass(frozen=True)
class Example:
    """Bars of a solo in 4/4.

    Parameters
    ----------
    player : str
        Who plays.
    solo : Solo
        The whole solo.
    bar : int
        The first bar, from 0.
    score : float
        The mean over the bars of :meth:`sideman.evaluation.profiles.Profiles.typical`.
    """

    player: str
    solo: Solo
    bar: int
    score: float

    @property
    def label(self) -> str:
        """Player, title and bars, as printed above the staff."""
        return f"{self.player}: {self.solo.title}, bars {self.bar + 1} and {self.bar + BARS}"


def examples(
    items: Iterable[Item], profiles: Profiles, players: Sequence[Player], count: int
) -> dict[str, list[Example]]:
    """Return the most typical bars of each player, at most one example from a solo."""
    found: dict[str, list[Example]] = {player.name: [] for player in players}
    names = {player.name.casefold(): player for player in players}
    for item in items:
        player = names.get(item.entry.performer.casefold())
        best = None if player is None else _best(item.solo, profiles, player)
        if best is not None:
            found[best.player].append(best)
    return {
        player: sorted(bars, key=lambda one: (-one.score, one.solo.title, one.bar))[:count]
        for player, bars in found.items()
    }


def _best(solo: Solo, profiles: Profiles, player: Player) -> Example | None:
    """Return the most typical bars of a solo; None where it has no such bars with chords."""
    if solo.changes is None:
        return None
    measured = views(solo)
    scores = profiles.typical(measured, player)
    starts = {int(start): float(one) for start, one in zip(measured.starts, scores, strict=True)}
    size = solo.changes.meter.ticks_per_bar
    last = solo.changes.length - BARS * size
    found = []
    for start in starts:
        bars = [starts.get(start + number * size) for number in range(BARS)]
        known = [one for one in bars if one is not None]
        if len(known) == BARS and 0 <= start <= last:
            found.append((sum(known) / BARS, -start))
    if not found:
        return None
    score, start = max(found)
    return Example(player.name, solo, solo.changes.bar_at(-start), score)


def joined(found: Sequence[Example]) -> tuple[Changes, tuple[Note, ...], dict[int, str]]:
    """Return examples as one line: changes, notes, and the label of each first bar."""
    bars: list[Bar] = []
    notes: list[Note] = []
    labels = {}
    for example in found:
        changes, first, last = example.solo.changes, example.bar, example.bar + BARS
        assert changes is not None
        start, end = changes.bar_starts[first], changes.bar_starts[last]
        shift = Changes(tuple(bars)).length - start
        labels[len(bars)] = example.label
        bars += changes.cut(first, last)
        notes += [
            replace(note, onset=onset + shift, duration=min(note.end, end) - onset)
            for note in monophonic(example.solo.notes)
            if (onset := max(note.onset, start)) < min(note.end, end)
        ]
    return Changes(tuple(replace(bar, section=None) for bar in bars)), tuple(notes), labels
