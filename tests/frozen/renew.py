"""Renew the frozen facts, where a change of what is played or scored is meant.

::

    python tests/frozen/renew.py                  all of them
    python tests/frozen/renew.py midi options     some: midi, nats, options, files
    python tests/frozen/renew.py --show FOLDER    write the MIDI events as text, to compare them
                                                  between two checkouts with diff

Look at ``git diff tests/frozen`` afterwards: every changed line must be explained by the change.
The take, the model and ``form_lengths.json`` stay as version 0.1 wrote them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

KINDS = ("midi", "nats", "options", "files")


def main(words: list[str]) -> None:
    """Write the files of facts that are named, or all."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from frozen import facts
    from realdata import DATA

    if words[:1] == ["--show"]:
        _show(Path(words[1]))
        return
    wanted = words or list(KINDS)
    assert set(wanted) <= set(KINDS), f"there are {', '.join(KINDS)}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "midi" in wanted:
            found = {
                request: {
                    path.name: facts.midi_facts(path)
                    for path in facts.play(request, folder / str(number))
                }
                for number, request in enumerate(facts.REQUESTS)
            }
            facts.store("midi", found)
        if "nats" in wanted:
            scores = {**facts.stored("nats"), "etudes": facts.nats_facts(facts.etude_files())}
            if DATA.is_dir():
                scores["held-out"] = facts.nats_facts([facts.held_out(folder)])
            facts.store("nats", scores)
        if "options" in wanted:
            facts.store("options", facts.option_facts())
        if "files" in wanted:
            files = {
                "take": facts.take_facts(facts.TAKE),
                "chart": facts.chart_facts(facts.TAKE, folder),
                "model": facts.model_facts(facts.MODEL, folder),
            }
            facts.store("files", files)


def _show(folder: Path) -> None:
    from frozen import facts

    for number, request in enumerate(facts.REQUESTS):
        for path in facts.play(request, folder / f"{number:02}"):
            lines = [
                f"{track} {event}"
                for track, found in enumerate(facts.events(path))
                for event in found
            ]
            path.with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
