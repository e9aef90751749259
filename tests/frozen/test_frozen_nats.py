"""The nats a note of seven models are those of version 0.1, to 1e-6.

``python tests/frozen/renew.py nats`` renews the facts.  Those of the soloist on the études were
renewed: version 0.1 did not know where a chorus of a lead sheet begins.

That a training which is stopped and resumed gives the same bytes as one without a stop is tested
elsewhere, for each kind of network:

- ``test_training.py``: ``test_a_training_that_was_stopped_goes_on_to_the_same_bytes``
- ``test_train_command.py``: ``test_ctrl_c_leaves_a_checkpoint_and_going_on_gives_the_same_bytes``
- ``test_soloist_training.py``: ``test_training_learns_and_goes_on_to_the_byte`` and, slow,
  ``test_killed_anywhere_it_goes_on_to_the_same_bytes``

The n-gram is counted in one go and has no checkpoint of its own; inside a soloist's training the
last of these tests stops it.
"""

from pathlib import Path
from typing import Any

import pytest

from frozen import facts
from realdata import needs_data

FROZEN = facts.stored("nats")
TOLERANCE_NATS = 1e-6


def compare(found: dict[str, Any], frozen: dict[str, Any]) -> None:
    assert set(found) == set(frozen)
    assert found.pop("notes") == frozen["notes"]
    for model, nats in found.items():
        # The command rounds to six decimals.
        expected = pytest.approx(frozen[model], rel=0, abs=TOLERANCE_NATS * 1.01)
        assert nats == expected, model


def test_nats_of_etudes() -> None:
    compare(facts.nats_facts(facts.etude_files()), FROZEN["etudes"])


@needs_data
def test_nats_of_held_out_solos(tmp_path: Path) -> None:
    compare(facts.nats_facts([facts.held_out(tmp_path)]), FROZEN["held-out"])
