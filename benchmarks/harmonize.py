"""Fit of heads to the changes written under them and to those of the charts; and the dial.

``.venv/bin/python benchmarks/harmonize.py ../shared/data/leadsheets/{impro-visor,musicxml}``

The heads are those of the songbook and of the files, of 8 notes or more over chords in a key that
the chart names or its chords tell; the other files are left out and counted.  ``--dial`` prints the
mean bits a change of forms by the dial instead.  Prints the tables of ``docs/harmony.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sideman.errors import SidemanError
from sideman.evaluation.fitting import Fit
from sideman.files import File
from sideman.formats.report import table
from sideman.library import songbook
from sideman.models.harmony.model import KIND
from sideman.service import harmonizing
from sideman.service.harmonizing import HarmonizeRequest

LEAST_NOTES = 8
DIALS = (0.1, 0.3, 0.5, 0.7, 0.9)


def heads(folders: list[Path]) -> Iterator[tuple[str, File]]:
    from sideman.formats import registry

    for name in songbook.names():
        sheet = songbook.load(name)
        if sheet.melody:
            yield "songbook", File(f"{name}.ls", registry.dumps(sheet, f"{name}.ls")[0])
    for folder in folders:
        for path in sorted(folder.iterdir()):
            yield folder.name, File(path.name, path.read_bytes())


def fits(folders: list[Path], model: str | File, dial: float, seed: int) -> None:
    own: dict[str, Fit] = {}
    new: dict[str, Fit] = {}
    tunes: dict[str, int] = {}
    refused = 0
    for place, file in heads(folders):
        request = HarmonizeRequest(melody=file, model=model, surprise=dial, seed=seed)
        try:
            found = harmonizing.harmonize(request)
        except SidemanError:
            refused += 1
            continue
        if found.fit is None or found.own_fit is None or found.fit.notes < LEAST_NOTES:
            refused += 1
            continue
        tunes[place] = tunes.get(place, 0) + 1
        own[place] = own.get(place, Fit()) + found.own_fit
        new[place] = new.get(place, Fit()) + found.fit
    rows = [
        (
            place,
            tunes[place],
            f"{fit.notes:,}",
            whose,
            f"{fit.share_inside:.1%}",
            f"{fit.share_avoided:.1%}",
        )
        for place in tunes
        for whose, fit in (("the chart's", own[place]), (f"written, {dial:g}", new[place]))
    ]
    heads_ = ("", "heads", "notes", "changes", "chord or colour tones", "avoid notes on the beat")
    print("\n".join(table(heads_, rows, "lrrlrr")))
    print(f"{refused} files without such a head are left out")


def dials(model: str | File, form: str, seeds: int) -> None:
    rows = []
    for dial in DIALS:
        found = [
            harmonizing.harmonize(
                HarmonizeRequest(form=form, key="Bb", surprise=dial, seed=seed, model=model)
            )
            for seed in range(seeds)
        ]
        bits = np.array([each.bits for each in found])
        distinct = len({each.sheet.changes for each in found})
        changes = float(np.mean([each.changes for each in found]))
        row = (f"{dial:g}", f"{bits.mean():.2f}", f"{bits.std():.2f}", f"{changes:.1f}", distinct)
        rows.append(row)
    heads_ = ("dial", "bits a change", "deviation", "changes", "different results")
    print("\n".join(table(heads_, rows, "rrrrr")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--model", type=Path, help="a model of harmony; that of sideman without it")
    parser.add_argument("--surprise", type=float, default=harmonizing.SURPRISE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dial", action="store_true")
    parser.add_argument("--form", default="AABA")
    parser.add_argument("--seeds", type=int, default=100)
    options = parser.parse_args()
    model: str | File = KIND
    if options.model is not None:
        model = File(str(options.model), options.model.read_bytes())
    if options.dial:
        dials(model, options.form, options.seeds)
    else:
        fits(options.folders, model, options.surprise, options.seed)


if __name__ == "__main__":
    main()
