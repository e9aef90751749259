"""``sideman compare``: a recording beside the line that its player read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sideman.cli import asked, facts
from sideman.cli.options import argument, option
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.service.recordings import Comparison, Summary

_HEADS = ("notes", "right", "missed", "added", "wrong", "octave")


@click.command("compare")
@argument("take", type=click.Path(path_type=Path))
@argument("mine", metavar="MINE", type=click.Path(path_type=Path))
@option("--bars", metavar="BARS", help="The only bars of the take that were played, such as 9-12.")
@option(
    "--part",
    metavar="PART",
    default_text="found",
    help="Part of MINE to compare, by name or number.",
)
@option(
    "--synced",
    is_flag=True,
    help="MINE begins with the take and has its tempo, as recorded along in one project.",
)
@facts.options
def command(
    take: Path,
    mine: Path,
    bars: str | None,
    part: str | None,
    synced: bool,
    printing: facts.Facts,
) -> None:
    """Compare what you played with the line of a take, bar by bar.

    TAKE is a MIDI file written by sideman, or any melody over changes; MINE is your recording as
    MIDI, of any resolution and tempo map.  It may start late, in another tempo, or with a
    count-in: offset and tempo are estimated.  Times are in milliseconds, positive where you are
    late.
    """
    from sideman.service import recordings

    found = recordings.compare(
        recordings.CompareRequest(asked.file(take), asked.file(mine), bars, part, synced)
    )
    printing.show(
        found.json(),
        lambda: "\n".join(_lines(found)),
        brief=lambda: f"{_heading(found)}; {_next(found)}",
        more=lambda: _notes(found),
    )


def _heading(found: Comparison) -> str:
    total, right = found.total, found.total.counts["right"]
    are = "is" if 1 in (right, total.written) else "are"
    return f"{found.title}: {right} of {counted(total.written, 'note')} {are} right"


def _next(found: Comparison) -> str:
    """Return what to practise next."""
    if not found.practise:
        return "practise next: a faster tempo"
    bars = ", ".join(map(str, found.practise))
    return f"practise next: bar{'s' if len(found.practise) > 1 else ''} {bars}"


def _notes(found: Comparison) -> str:
    """Return a row for each note."""
    from sideman.formats.report import table

    rows = [
        (
            note.bar,
            f"{note.beat:g}",
            note.what,
            _whole(note.late_ms, "+"),
            _whole(note.length, share=True),
        )
        for note in found.total.notes
    ]
    return "\n".join(table(("bar", "beat", "note", "ms late", "length"), rows, "rrlrr"))


def _lines(found: Comparison) -> Iterator[str]:
    """Yield the report: the whole, a table of the bars, the faults, and what to practise."""
    yield _heading(found)
    if found.key:
        yield found.key
    slowest, fastest = found.tempos
    if found.clock.bends:
        played = f"{slowest:.0f} to {fastest:.0f}, so that times are beside your own pulse"
    else:
        played = f"{slowest:.0f}"
    yield f"tempo: {found.tempo_bpm:.0f} in the take, and you played {played}"
    if found.outside:
        yield f"left out before and after the line, such as a count-in: {found.outside}"
    yield ""
    yield "".join(f"{head:>8}" for head in ("bar", *_HEADS, "ms late", "spread", "length"))
    for bar, each in found.bars.items():
        yield _row(str(bar), each)
    yield _row("all", found.total)
    if found.accents is not None:
        yield f"accents: correlation with those of the take {found.accents:.2f}"
    faults = {
        bar: [f"beat {note.beat:g} {note.what}" for note in each.notes if note.kind != "right"]
        for bar, each in found.bars.items()
    }
    if any(faults.values()):
        yield ""
        for bar, told in faults.items():
            if told:
                yield f"bar {bar}: {'; '.join(told)}"
    yield ""
    yield _next(found)


def _row(name: str, each: Summary) -> str:
    counts = {"notes": each.written, **each.counts}
    cells = [f"{counts[head] or '-':>8}" for head in _HEADS]
    times = (_whole(each.late_ms, "+"), _whole(each.spread_ms), _whole(each.length, share=True))
    return "".join((f"{name:>8}", *cells, *(f"{time:>8}" for time in times)))


def _whole(value: float | None, sign: str = "", *, share: bool = False) -> str:
    """Return a number as a whole one, or in percent; a hyphen for None."""
    if value is None:
        return "-"
    rounded = round(100 * value if share else value)
    return f"{rounded:{sign if rounded else ''}d}{'%' if share else ''}"
