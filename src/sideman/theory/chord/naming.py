"""Naming a chord from its sounding notes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sideman.theory.chord.quality import Quality

# The qualities that players name, in tiers from usual to unusual; the tier is part of the cost.
_NAMED = """
    7 m7 maj7 | m 6 m6 m7b5 dim7 9 13 m9 | maj9 7b9 7sus4 9sus4 m(maj7) 6/9 7#5 7#9 dim +
    | sus4 m11 13sus4 7#11 9#11 13b9 m6/9 7#5#9 7#5b9 maj7#11 maj9#11 add9 madd9 7b5 maj7#5 maj13
    m13 13#11 7b9#11 7b9b13 7#9b13 7b13 7#9#11 m9b5 11 7sus4b9 maj7b5 dim(maj7) sus2 5
"""


@lru_cache(maxsize=1)
def _costs() -> dict[tuple[int, ...], tuple[int, Quality]]:
    """Return quality and cost of each known set of intervals; unusual chords cost more."""
    costs: dict[tuple[int, ...], tuple[int, Quality]] = {(0, 4, 7): (0, Quality((0, 4, 7)))}
    for tier, row in enumerate(_NAMED.split("|")):
        for spelling in row.split():
            quality = Quality.parse(spelling)
            costs.setdefault(quality.semitones, (2 * tier, quality))
    # In seventh chords players omit the natural fifth, and the ninth of a thirteenth chord.
    for semitones, (cost, quality) in list(costs.items()):
        if quality.seventh not in (10, 11):
            continue
        spare = [(7,)] + ([(2,), (2, 7)] if 9 in semitones else [])
        for left_out in spare:
            shell = tuple(tone for tone in semitones if tone not in left_out)
            if len(shell) >= 3:
                costs.setdefault(shell, (cost + 2 + len(left_out), quality))
    return costs


def name_intervals(numbers: Sequence[int]) -> tuple[int, Quality, int] | None:
    """Return the pitch class of the root, the quality, and the pitch class of the bass, or None."""
    if not numbers:
        return None
    sounding = sorted({number % 12 for number in numbers})
    bass = min(numbers) % 12
    best: tuple[int, int, Quality] | None = None
    # A bass other than the root costs 3 if it is a chord tone, else 7: more than an unusual name.
    for root in dict.fromkeys((bass, *sounding)):
        intervals = {(tone - root) % 12 for tone in sounding}
        found = _costs().get(tuple(sorted(intervals)))
        if found is not None:
            cost = found[0] + (0 if root == bass else 3)
            if best is None or cost < best[0]:
                best = cost, root, found[1]
        apart = tuple(sorted(intervals - {(bass - root) % 12}))
        if root != bass and len(apart) >= 3 and apart in _costs():
            cost, quality = _costs()[apart]
            if best is None or cost + 7 < best[0]:
                best = cost + 7, root, quality
    return None if best is None else (best[1], best[2], bass)
