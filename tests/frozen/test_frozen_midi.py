"""The MIDI events of the frozen requests are those of version 0.1, as mido reads them.

``python tests/frozen/renew.py midi`` renews the facts where a change of the music is meant.

The course's model was renewed: version 0.1 copied its network's state before playing so that the
gates were read from memory that was not initialised, and two runs could differ.  The facts of
``course-0.1.safetensors`` in ``files.json`` were renewed for the same reason.
"""

from collections import Counter
from pathlib import Path

import pytest

from frozen import facts

FROZEN = facts.stored("midi")


def test_every_request_is_frozen() -> None:
    assert list(FROZEN) == list(facts.REQUESTS)


@pytest.mark.parametrize("request_name", facts.REQUESTS)
def test_a_request_plays_the_frozen_events(request_name: str, tmp_path: Path) -> None:
    frozen = FROZEN[request_name]
    played = {path.name: facts.midi_facts(path) for path in facts.play(request_name, tmp_path)}
    assert list(played) == list(frozen)
    for name, file in played.items():
        assert file["header"] == frozen[name]["header"]
        assert file["tracks"] == frozen[name]["tracks"], name
        # Another text or sequencer-specific event may be added, none may be changed.
        assert Counter(frozen[name]["texts"]) <= Counter(file["texts"]), name
