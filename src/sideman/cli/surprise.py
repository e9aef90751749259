"""``sideman surprise``: the surprise of changes in bits, bar by bar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sideman.cli import asked, facts, options
from sideman.cli.options import argument
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.service.harmony import Surprise

_COLUMNS = 40


@click.command("surprise")
@argument("changes", shell_complete=options.tunes)
@options.TUNE
@options.harmony_model()
@options.file("--out", help="Draw the curve too, as .svg, .png or .pdf.")
@facts.options
def command(
    changes: str, tune: str | None, model: str, out: Path | None, printing: facts.Facts
) -> None:
    """Compute the surprise of changes in bits, bar by bar.

    CHANGES is the name of a tune in the songbook, a file (lead sheet, MusicXML, iReal Pro, MIDI),
    or typed changes.  Unheard is the surprise of a chord by the model, which has learnt from other
    tunes and has a memory of this one; deduced is its surprise as a substitute for another chord,
    by a rule that the model has induced.
    """
    from sideman.files import write_whole
    from sideman.service import harmony

    asked.target(out, changes)
    result = harmony.surprise(asked.tune(changes, tune), asked.harmony_model(model))
    if out is not None:
        write_whole(out, harmony.picture(result, str(out)))
    printing.show(
        result.to_json(),
        lambda: _text(result),
        brief=lambda: _heading(result),
        more=lambda: _changes(result),
    )
    if out is not None:
        printing.written([out])


def _heading(result: Surprise) -> str:
    count = counted(len(result.changes), "change")
    return (
        f"{result.chart.heading}: {result.mean:.2f} bits a change unheard, "
        f"{result.deduced:.2f} deduced, {count}"
    )


def _changes(result: Surprise) -> str:
    """Return a row for each change."""
    from sideman.formats.report import table
    from sideman.service import harmony

    rows = [
        (
            each.bar,
            f"{each.beat:g}",
            harmony.label(each),
            f"{each.unheard:.2f}",
            f"{each.deduced:.2f}",
        )
        for each in result.changes
    ]
    return "\n".join(table(("bar", "beat", "change", "unheard", "deduced"), rows, "rrlrr"))


def _text(result: Surprise) -> str:
    from sideman.formats.report import table
    from sideman.service import harmony

    bars = result.bars()
    scale = _COLUMNS / max(1.0, *(unheard for _, unheard, _ in bars))
    rows = [
        (
            number,
            chords,
            f"{unheard:.1f}" if chords else "",
            f"{deduced:.1f}" if chords else "",
            "#" * round(deduced * scale) + "." * (round(unheard * scale) - round(deduced * scale)),
        )
        for number, (chords, unheard, deduced) in enumerate(bars, 1)
    ]
    heads = ("bar", "changes", "unheard", "deduced", "bits in the bar: # deduced, . explained")
    lines = [
        _heading(result),
        "",
        *table(heads, rows, "rlrrl"),
    ]
    if result.peaks:
        lines += ["", "peaks"]
    for each in result.peaks:
        beat = f", beat {each.beat:g}" if each.beat != 1 else ""
        lines.append(
            f"  bar {each.bar}{beat}: {harmony.label(each)}: {each.unheard:.1f} bits unheard, "
            f"{each.deduced:.1f} deduced"
        )
    if result.place is not None:
        known = "; it is one of them" if result.known else ""
        lines += [
            "",
            f"more surprising than {result.place:.0%} of the {result.tunes:,} tunes that the model "
            f"learnt from{known}",
        ]
    return "\n".join(lines)
