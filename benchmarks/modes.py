"""Modes told from the chords, where a chart gives a signature alone, against a playlist's.

``.venv/bin/python benchmarks/modes.py ../shared/data/leadsheets``

The playlist ``ireal/jazz1460.txt`` names the mode of each tune.  It is hidden, and told from the
chords (:func:`sideman.score.settled`), and by the shipped model, as the mode in which the changes
have fewer bits.  The lead sheets in ``impro-visor`` and ``musicxml``
name none, or it is hidden; of those with a title of the playlist the modes are compared if the
signatures are equal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sideman import opening
from sideman.formats.report import table
from sideman.library import charts, songbook
from sideman.models.harmony.model import KIND, HarmonyModel, Progression
from sideman.score import LeadSheet, settled
from sideman.service import harmony
from sideman.theory.pitch import Key


def plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.lower())


def told(sheet: LeadSheet, fifths: int) -> Key:
    return settled(Key(fifths, has_mode=False), sheet.changes)


def by_model(model: HarmonyModel, sheet: LeadSheet, fifths: int) -> Key:
    bits = {}
    for key in (Key(fifths), Key(fifths, minor=True)):
        tune = Progression.of(sheet.changes, key.tonic.pitch_class, minor=key.minor)
        bits[key] = float(model.surprise(tune, remembers=False).sum())
    return min(bits, key=bits.__getitem__)


def sheets(folder: Path) -> Iterator[tuple[str, LeadSheet]]:
    for path in sorted(folder.iterdir()):
        sheet = opening.read(path)
        if sheet.key is not None and any(span.chord.root for span in sheet.changes.spans):
            yield sheet.title or path.stem, sheet


def row(name: str, model: HarmonyModel, cases: list[tuple[LeadSheet, Key]]) -> tuple[object, ...]:
    major, minor = ([case for case in cases if case[1].minor is mode] for mode in (False, True))
    right = [sum(told(sheet, key.fifths) == key for sheet, key in part) for part in (major, minor)]
    fewer = sum(by_model(model, sheet, key.fifths) == key for sheet, key in cases)
    return (
        name,
        len(cases),
        f"{right[0]} of {len(major)}",
        f"{right[1]} of {len(minor)}",
        f"{sum(right) / len(cases):.1%}",
        f"{fewer / len(cases):.1%}",
    )


def main() -> None:
    folder = Path(sys.argv[1])
    model = harmony.opened(KIND)
    own = {plain(sheet.title) for sheet in map(songbook.load, songbook.names())}
    listed = [each.open() for each in charts.tunes(folder / "ireal" / "jazz1460.txt")]
    known = {plain(each.title): each.key for each in listed if each.key is not None}
    playlist = [(each, each.key) for each in listed if each.key and plain(each.title) not in own]
    rows = [row("playlist, without titles of the songbook", model, playlist)]
    for place in ("impro-visor", "musicxml"):
        found = [(sheet, known.get(plain(title))) for title, sheet in sheets(folder / place)]
        same = [
            (sheet, key)
            for sheet, key in found
            if key is not None and sheet.key is not None and key.fifths == sheet.key.fifths
        ]
        others = sum(key is not None for _, key in found) - len(same)
        rows.append(row(f"{place} ({len(found)}; {others} in another signature)", model, same))
    heads = ("charts", "tunes", "major, right", "minor, right", "right", "by the model's bits")
    print("\n".join(table(heads, rows, "lrrrrr")))


if __name__ == "__main__":
    main()
