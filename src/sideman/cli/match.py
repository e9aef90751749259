"""``sideman match``: which solos of a corpus are held-out solos, or of the same tunes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sideman.cli import asked, facts, options
from sideman.cli.options import argument, option

_NEAREST = 5
_HEADS = ("solo", "same title as", "run", "different", "shared with", "verdict")
_RIGHT = "llrrll"


@click.command("match")
@argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path(path_type=Path))
@options.file(
    "--against",
    multiple=True,
    required=True,
    help="Database or files with the held-out solos; repeatable.",
)
@options.split("all are held out without it.")
@option(
    "--subset",
    "parts",
    multiple=True,
    metavar="NAME",
    default_text="valid and test",
    help="Subset of the split that is held out; repeatable.",
)
@option(
    "--limit",
    type=int,
    metavar="N",
    default_text="15",
    help="Number of different notes in a shared run from which a solo is left out.",
)
@options.file(
    "--out", help="Write the solos to keep to this JSON file, as subset train of a split."
)
@facts.options
def command(
    files: tuple[Path, ...],
    against: tuple[Path, ...],
    split: str | None,
    parts: tuple[str, ...],
    limit: int | None,
    out: Path | None,
    printing: facts.Facts,
) -> None:
    """Match a corpus with held-out solos, before anything is trained on it.

    FILES are MIDI files, lead sheets with melodies, databases in the Weimar schema, or folders of
    them.  A solo is left out if a held-out solo has the same title, or shares a run of notes with
    it, in any key and rhythm.  A run counts for its different notes, so that trills and scales
    count little.
    """
    from sideman.files import write_whole
    from sideman.formats.report import table
    from sideman.service import matching

    chosen: dict[str, Any] = {"parts": parts} if parts else {}
    if limit is not None:
        chosen["limit"] = limit
    result = matching.match(
        matching.MatchRequest(
            corpus=asked.corpus(files),
            against=asked.corpus(against),
            split=asked.split(split),
            **chosen,
        )
    )
    if out is not None:
        write_whole(out, matching.split_of(result))
    printing.show(
        result,
        lambda: _text(result),
        brief=lambda: _verdict(result),
        more=lambda: "\n".join(table(_HEADS, [_row(solo) for solo in result["solos"]], _RIGHT)),
    )
    if out is not None:
        printing.written([out])


def _text(result: Mapping[str, Any]) -> str:
    from sideman.formats.report import table

    solos, skipped = result["solos"], result["skipped"]
    nearest = sorted(
        (solo for solo in solos if solo["keep"] and solo["run"]),
        key=lambda solo: -int(solo["run"]["different"]),
    )[:_NEAREST]
    shown = [*(solo for solo in solos if not solo["keep"]), *nearest]
    parts = f" ({', '.join(result['parts'])})" if result["parts"] else ""
    lines = [
        f"{len(solos)} solo{'s' * (len(solos) != 1)}, matched with {result['held_out']} held-out "
        f"solos{parts}; left out: the same title, or a run of {result['limit']} different notes.",
        "",
        *table(_HEADS, [_row(solo) for solo in shown], _RIGHT),
        "",
        _verdict(result),
    ]
    if result["kept"] > len(nearest):
        lines[-1] += f"  Of those to keep, the {len(nearest)} nearest are shown; JSON has all."
    if skipped:
        lines[-1] += f"  Files without solos: {len(skipped)}."
    return "\n".join(lines)


def _verdict(result: Mapping[str, Any]) -> str:
    return f"Keep {result['kept']}, leave out {len(result['solos']) - result['kept']}."


def _row(solo: Mapping[str, Any]) -> tuple[str, ...]:
    same, run = solo["same_title"], solo["run"]
    others = f" and {len(same) - 1} more" if len(same) > 1 else ""
    return (
        solo["name"],
        "".join([*same[:1], others]),
        *((str(run["notes"]), str(run["different"]), run["source"]) if run else ("", "", "")),
        "keep" if solo["keep"] else "leave out",
    )
