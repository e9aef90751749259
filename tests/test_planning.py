"""Plans of whole solos: stretches, and how their qualities are drawn."""

import numpy as np

from sideman.library import songbook
from sideman.models import planning
from sideman.models.shaping import players


def test_stretches_are_choruses_or_equal_parts_of_at_most_sixteen_bars() -> None:
    form = songbook.load("rhythm-changes-bb").changes
    assert planning.onsets(form.repeated(2)) == (0, 1536, 3072, 4608)
    assert planning.onsets(songbook.load("jazz-waltz-f").changes)[0] == 0


def test_plans_differ_around_the_arc_of_players() -> None:
    form, known = songbook.load("blues-f").changes.repeated(5), players()
    rng = np.random.default_rng(0)
    drawn = np.array(
        [
            [(each.density, each.register, each.loudness) for each in plan]
            for plan in (planning.draw(form, known.arc, known.spread, rng) for _ in range(500))
        ]
    )
    assert np.allclose(drawn.mean(axis=1), 0)
    first, _, _, fourth, _ = drawn.mean(axis=0)
    assert (fourth - first > (0.05, 0.5, 0.1)).all()
    spread = np.sqrt(np.diag(known.spread))
    assert np.allclose(drawn.std(axis=(0, 1)), spread, rtol=0.2)


def test_a_solo_of_one_stretch_has_nothing_to_plan() -> None:
    form, known = songbook.load("blues-f").changes, players()
    plan = planning.draw(form, known.arc, known.spread, np.random.default_rng(0))
    assert plan == (planning.Stretch(0),)
