"""The band follows the soloist: level, density, patterns, rests."""

import numpy as np
import pytest

from sideman.band import bass, comping, drums, listening, styles
from sideman.library import songbook
from sideman.score import Changes, Note

BLUES = songbook.load("blues-f").changes.repeated(6)
PLAN_DB = (-2.0, 1.5, -1.0, 2.0, 0.0, 1.0)


def solo(changes: Changes) -> list[Note]:
    """Two bars of eighths, a bar of rest and so on, each chorus with a loudness of its own."""
    return [
        Note(at, 12, 65, listening.louder(92, PLAN_DB[at // (12 * 96)]))
        for at in range(0, changes.length, 12)
        if at // 96 % 3 < 2
    ]


@pytest.mark.parametrize("name", ["swing", "ballad", "bossa"])
def test_the_band_builds_with_the_plan(name: str) -> None:
    style = styles.load(name)
    heard = listening.hear(BLUES, solo(BLUES))
    rng = np.random.default_rng(1)
    parts = [
        comping.comp(BLUES, style, rng, heard=heard),
        bass.walk(BLUES, style, rng, heard=heard),
        drums.drum(BLUES, style, rng, heard=heard),
    ]
    levels, plan = [], []
    for start in range(0, BLUES.length - 4 * 96, 4 * 96):
        inside = [n for part in parts for n in part.notes if start <= n.onset < start + 4 * 96]
        levels.append(10 * np.log10(sum((note.velocity / 127) ** 4 for note in inside)))
        plan.append(PLAN_DB[start // (12 * 96)])
    assert np.corrcoef(levels, plan)[0, 1] > 0.5
    assert np.ptp(levels) > 3


@pytest.mark.parametrize("name", styles.names())
def test_a_style_has_twelve_patterns_of_many_levels(name: str) -> None:
    patterns = [pattern for pattern, _ in styles.load(name).drums.patterns.weighted]
    assert len(patterns) >= 12
    assert len({pattern.level for pattern in patterns}) >= 12


def test_rests_are_answered_with_the_last_rhythm() -> None:
    heard = listening.hear(BLUES, solo(BLUES))
    echoed = [onset for rest in heard.rests[::2] for onset in heard.echo(rest)]
    shares = []
    for listened in (heard, listening.UNHEARD):
        rng = np.random.default_rng(0)
        part = comping.comp(BLUES, styles.load("swing"), rng, heard=listened)
        struck = {note.onset for note in part.notes}
        shares.append(np.mean([onset in struck for onset in echoed]))
    assert shares[0] > 0.65
    assert shares[0] > 1.5 * shares[1]
