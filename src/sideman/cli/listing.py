"""``sideman list``: the names that other commands take."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sideman.cli import options
from sideman.cli.options import argument, option
from sideman.words import plain

if TYPE_CHECKING:
    from sideman.score import LeadSheet

HEADS = ("title", "key", "metre", "bars", "tempo", "style")
RIGHT = "llrrrl"
"""The alignment of :data:`HEADS`."""


class Rows(NamedTuple):
    """A table of names: its columns, which of them are right-aligned, and its rows.

    The last `further` columns are only for ``--verbose``.
    """

    heads: tuple[str, ...]
    right: str
    rows: list[tuple[object, ...]]
    further: int = 0

    def plain(self) -> Rows:
        """Return the table without the further columns."""
        many = len(self.heads) - self.further
        return Rows(self.heads[:many], self.right[:many], [row[:many] for row in self.rows])

    def holding(self, word: str) -> Rows:
        """Return the rows with a word in one of their cells, in any case."""
        wanted, many = word.casefold(), len(self.heads) - self.further
        found = [
            row for row in self.rows if any(wanted in str(cell).casefold() for cell in row[:many])
        ]
        return self._replace(rows=found)

    def data(self) -> list[dict[str, object]]:
        """Return the rows as JSON values."""
        plain = (str, int, float)
        return [
            {
                head: cell if cell is None or type(cell) in plain else str(cell)
                for head, cell in zip(self.heads, row, strict=True)
            }
            for row in self.rows
        ]


def tunes(word: str) -> Rows:
    """Return the tunes of the songbook with a word in their name, title, composer or style."""
    from sideman.library import songbook

    sheets = {name: songbook.load(name) for name in songbook.search(word)}
    rows = [(name, *tune(sheet), sheet.composer) for name, sheet in sheets.items()]
    return Rows(("name", *HEADS, "composer"), f"l{RIGHT}l", rows, further=1)


def etudes(word: str) -> Rows:
    """Return the études that contain a word."""
    from sideman.library import etudes

    sheets = {name: etudes.sheet(name) for name in etudes.search(word)}
    rows = [
        (name, *tune(sheet), len(sheet.parts), etudes.character(name))
        for name, sheet in sheets.items()
    ]
    return Rows(("name", *HEADS, "choruses", "study of"), f"l{RIGHT}rl", rows, further=1)


def tune(sheet: LeadSheet) -> tuple[object, ...]:
    """Return the cells of :data:`HEADS`."""
    tempo = "" if sheet.tempo_bpm is None else f"{sheet.tempo_bpm:g}"
    meter, bars = sheet.changes.meter, len(sheet.changes.bars)
    return (sheet.title, sheet.key or "", meter, bars, tempo, sheet.style)


def _players(word: str) -> Rows:
    from sideman.models import registry

    soloist: Any = registry.load()
    return Rows(("player",), "l", [(name,) for name in soloist.players]).holding(word)


def _instruments(word: str) -> Rows:
    from sideman.theory.instruments import INSTRUMENTS, PROGRAMS
    from sideman.theory.pitch import Key

    name = Key(0).spell
    rows = [
        (
            *(each.name, name(each.low), name(each.high)),
            *(name(pitch) for pitch in each.reach),
            *(f"{each.transposition:+d}" if each.transposition else "", PROGRAMS[each.program]),
        )
        for each in INSTRUMENTS.values()
    ]
    further = ("at times from", "to", "written semitones", "General MIDI")
    heads = ("instrument", "lowest", "highest", *further)
    return Rows(heads, "lllllr", [*rows], len(further)).holding(word)


def _styles(word: str) -> Rows:
    from sideman.band import styles

    found = [styles.named(name) for name in styles.names()]
    rows = [
        (
            *(each.name, f"{each.tempo_bpm:g}", ", ".join(each.words)),
            *(f"{each.swing:g}" if each.swing else "by tempo", each.in_three or each.name),
            *(each.comping.voicings, ", ".join(each.bass.feels.things)),
        )
        for each in found
    ]
    further = ("swing", "in 3/4", "voicings", "bass")
    heads = ("style", "tempo", "words of a chart that choose it", *further)
    return Rows(heads, "lr", [*rows], len(further)).holding(word)


def _models(word: str) -> Rows:
    from sideman.models import file, registry

    known = {kind.name: kind for kind in registry.KINDS}
    rows = [
        (name, _YES[known[name].plays], _YES[bool(known[name].trainer)], each.name, len(each.data))
        for name in file.names()
        if name in known
        for each in (file.shipped(name),)
    ]
    heads = ("model", "plays solos", "can be trained", "file", "bytes")
    return Rows(heads, "llllr", [*rows], further=2).holding(word)


_YES = {True: "yes", False: "no"}
_KINDS: dict[str, Callable[[str], Rows]] = {
    "tunes": tunes,
    "etudes": etudes,
    "players": _players,
    "instruments": _instruments,
    "styles": _styles,
    "models": _models,
}


class _Kind(click.Choice[str]):
    """A kind of names, in any case and with or without accents."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the kind that a word names."""
        kind = plain(value)
        return super().convert(kind if kind in _KINDS else value, param, ctx)


_HELP = """List tunes, études, players, instruments, styles or models.

KIND is tunes, etudes, players, instruments, styles or models.  They are what other commands take: a
tune as CHANGES, a player as --player, an instrument as --instrument or --part (any other one of
General MIDI too), a style as --style, and a model as --model.
"""


@click.command("list", help=_HELP)
@argument("kind", type=_Kind([*_KINDS]), metavar="KIND")
@option("--search", "word", metavar="WORD", help="List only those that contain this word.")
@option("--quiet", "-q", is_flag=True, help="Print only the names.")
@option("--verbose", "-v", is_flag=True, help="Print more columns.")
@options.AS_JSON
def command(kind: str, word: str | None, quiet: bool, verbose: bool, as_json: bool) -> None:
    """List."""
    found = _KINDS[kind](word or "")
    show(found if verbose else found.plain(), f"the {kind}", word or "", as_json, quiet)


def show(found: Rows, where: str, word: str, as_json: bool, quiet: bool = False) -> None:
    """Print a table, its first column, or its rows as JSON."""
    from sideman.formats.report import table

    if as_json:
        click.echo(json.dumps(found.data(), ensure_ascii=False, indent=2))
    elif found.rows and quiet:
        click.echo("\n".join(str(row[0]) for row in found.rows))
    elif found.rows:
        click.echo("\n".join(table(found.heads, found.rows, found.right)))
    else:
        click.echo(f"Nothing in {where} holds {word!r}; leave --search out to see it all.")
