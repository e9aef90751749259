"""``sideman harmonize``: write changes by a dial of surprise, or under a melody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sideman.cli import asked, options
from sideman.cli.options import option
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.service.harmonizing import Harmonized

_BARS = 4


@click.command("harmonize")
@option(
    "--form",
    metavar="LETTERS",
    default_text=lambda: f"{options.constant('harmonizing', 'FORM')()}, or that of the melody",
    help="Sections A to D, each with its bars if they are not 8, such as AABA or A12. Sections "
    "with the same letter are equal but for their last two bars.",
)
@option(
    "--key",
    metavar="KEY",
    default_text=lambda: f"{options.constant('harmonizing', 'KEY')()}, or that of the melody",
    help="Key, such as Bb or Cm.",
)
@option(
    "--surprise",
    type=float,
    default=options.constant("harmonizing", "SURPRISE"),
    metavar="DIAL",
    help="How surprising the changes are, from 0 to 1: how rare, and how many are substitutes for "
    "what was expected.",
)
@option(
    "--melody",
    metavar="CHANGES",
    help="Write the changes under the melody of this tune: its name in the songbook, or a file.",
)
@options.TUNE
@options.harmony_model()
@options.seed()
@options.file("--out", help="File for the chart, in any format that sideman convert writes.")
@options.AS_JSON
def command(
    form: str | None,
    key: str | None,
    surprise: float,
    melody: str | None,
    tune: str | None,
    model: str,
    seed: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write changes: over a form by a dial of surprise, or under a melody.

    A model of harmony gives the probability of each chord after those before it. With --melody the
    chords also fit the notes: few notes on a beat are foreign to their chord.
    """
    from sideman.files import write_whole
    from sideman.service import harmonizing

    asked.target(out, melody)
    result = harmonizing.harmonize(
        harmonizing.HarmonizeRequest(
            form=form,
            key=key,
            surprise=surprise,
            seed=seed,
            melody=None if melody is None else asked.melody(melody),
            tune=tune,
            model=asked.harmony_model(model),
        )
    )
    lost: tuple[str, ...] = ()
    if out is not None:
        data, lost = harmonizing.dumps(result, str(out))
        write_whole(out, data)
    if as_json:
        click.echo(json.dumps(result.data(), ensure_ascii=False, indent=2))
    elif out is None:
        click.echo(_text(result))
    if out is not None:
        click.echo(f"{out}  {_said(result)}", err=as_json)
    if lost:
        click.echo(f"  left out: {', '.join(lost)}", err=as_json)


def _said(result: Harmonized) -> str:
    """Return a summary of the result in one line, and for a melody another on its fit."""
    title = result.sheet.title if result.fit is None else result.chart.heading
    bars, changes = len(result.sheet.changes.bars), len(result.chart.progression)
    found = (
        f"{title}, {counted(bars, 'bar')}, {counted(changes, 'change')}, "
        f"{result.bits:.2f} bits a change, seed {result.seed}"
    )
    for fit, whose in ((result.fit, "these changes"), (result.own_fit, "those of the chart")):
        if fit is not None:
            found += (
                f"\n  under {whose}: {fit.share_inside:.0%} of the melody's notes are chord or "
                f"colour tones; avoid notes on the beat: {fit.avoided} of {fit.on_beat}"
            )
    return found


def _text(result: Harmonized) -> str:
    lines = [_said(result), ""]
    row: list[str] = []
    mark = ""

    def close() -> None:
        if row:
            lines.append(f"{mark[:8]:<3}| {' | '.join(row)} |")
            row.clear()

    for bar in result.sheet.changes.bars:
        if bar.section or len(row) == _BARS:
            close()
            mark = bar.section or ""
        row.append(" ".join(str(each.chord) for each in bar.chords) or "%")
    close()
    return "\n".join(lines)
