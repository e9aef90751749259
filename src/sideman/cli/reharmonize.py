"""``sideman reharmonize``: a tune with other chords, step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sideman import terminal
from sideman.cli import asked, options
from sideman.cli.options import argument, option
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.service.reharmonizing import Reharmonization

_LISTED = 8
_BARS = 4
_DELAY_SECONDS = 2


@click.command("reharmonize")
@argument("changes", shell_complete=options.tunes)
@options.TUNE
@option(
    "--by",
    metavar="RULES",
    default_text="all",
    help="Rules, with commas: tritone, ii-V, backdoor, coltrane, interchange, diminished.",
)
@option(
    "--surprise",
    type=float,
    default=options.constant("reharmonizing", "SURPRISE"),
    metavar="X",
    help="How surprising each step is among those that are possible: 0 the least, 1 the most.",
)
@option(
    "--steps",
    type=int,
    default=options.constant("reharmonizing", "STEPS"),
    metavar="N",
    help="Steps at most.",
)
@options.seed()
@options.harmony_model("Model of how changes go on, which prices the steps.")
@options.file(
    "--out",
    help="Write the new chart, in any format that sideman convert writes, or engrave it with the "
    "steps under the staff: .svg, .png or .pdf.",
)
@options.AS_JSON
def command(  # one parameter for each option
    changes: str,
    tune: str | None,
    by: str | None,
    surprise: float,
    steps: int,
    seed: int | None,
    model: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Reharmonize a tune, step by step, each explained.

    CHANGES is the name of a tune in the songbook, a file (lead sheet, MusicXML, iReal Pro, MIDI),
    or typed changes.  Each step has its price in bits: the surprise of the new changes by the model
    less that of the old ones.  A step that would make a note of the melody an avoid note is left
    out and listed.
    """
    from sideman.output import engraving
    from sideman.service import reharmonizing

    asked.target(out, changes)
    rules = {} if by is None else {"by": [each.strip() for each in by.split(",")]}
    with terminal.progress_bar(
        max(steps, 0), "Reharmonizing", "step", delay=_DELAY_SECONDS, disable=None, leave=False
    ) as bar:
        result = reharmonizing.reharmonize(
            asked.tune(changes, tune),
            asked.harmony_model(model),
            surprise=surprise,
            steps=steps,
            seed=seed,
            told=lambda done: bar.update(done - bar.n),
            **rules,
        )
    files, lost = ([], ()) if out is None else reharmonizing.written(result, str(out))
    paths = () if out is None else engraving.write_pages(out, files)
    if as_json:
        click.echo(json.dumps(result.data(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_text(result)))
    for path in paths:
        click.echo(str(path), err=as_json)
    if lost:
        click.echo(f"  left out: {', '.join(lost)}", err=as_json)


def _text(result: Reharmonization) -> Iterator[str]:
    found, changes = result.found, result.sheet.changes
    before, after = result.mean(0), result.mean(len(found.steps))
    count = counted(len(found.steps), "step")
    yield (
        f"{result.chart.heading}: {before:.2f} bits a change before, "
        f"{after:.2f} after {count}, seed {result.seed}"
    )
    for number, each in enumerate(found.steps, 1):
        bar, beat = changes.position(each.onset)
        at = f"bar {bar}" + (f", beat {beat:g}" if beat != 1 else "")
        old, new = (" ".join(str(chord) for _, chord in part) for part in (each.before, each.after))
        yield ""
        yield f"{number}. {at}, {each.rule}: {old} -> {new}  {each.price:+.1f} bits"
        yield f"   {each.reason}"
    if not found.steps:
        yield ""
        yield "No step is possible by these rules."
    if found.left_out:
        yield ""
        yield f"left out for the melody: {len(found.left_out)}"
    for left in found.left_out[:_LISTED]:
        bar, _ = changes.position(left.step.onset)
        new = " ".join(str(chord) for _, chord in left.step.after)
        yield f"  bar {bar}, {left.step.rule}: {new}: {result.why(left)}"
    if len(found.left_out) > _LISTED:
        yield f"  and {len(found.left_out) - _LISTED} more"
    yield ""
    bars = [" ".join(str(change.chord) for change in bar.chords) or "%" for bar in changes.bars]
    for first in range(0, len(bars), _BARS):
        yield f"{first + 1:3} | {' | '.join(bars[first : first + _BARS])} |"
