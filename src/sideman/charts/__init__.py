"""Charts: what a musician brings, opened whatever it is written in, and written for any tool.

A chart is named by a form of the songbook, by a file, or by typing its changes.  A file may hold
one tune or a whole playlist; a tune of a playlist is named by its title, or by a part of it.
"""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sideman import songbook
from sideman.errors import FormatError, MusicError
from sideman.formats import detect, ireal, leadsheet, musicxml, typed
from sideman.score import LeadSheet, Part

_LONGEST_NAME = 1000
_LINK = re.compile(r"\s*irealb(ook)?://")


@dataclass(frozen=True, slots=True)
class Tune:
    """A tune that a file holds, not yet read.

    Parameters
    ----------
    title, composer, style : str
        As the file says.
    open : callable
        Reads it: ``() -> LeadSheet``.
    """

    title: str
    composer: str
    style: str
    open: Callable[[], LeadSheet]


def tunes(path: str | os.PathLike[str]) -> tuple[Tune, ...]:
    """List what a file of charts holds.

    Parameters
    ----------
    path : path-like
        A playlist, a lead sheet, a score, a MIDI file, a solo database, or typed changes.

    Returns
    -------
    tuple of Tune
        In the file's order; at least one.

    Raises
    ------
    SidemanError
        If the file cannot be read.
    """
    kind = detect.detect(path)
    if kind == "ireal":
        return tuple(
            Tune(tune.title, tune.composer, tune.style, tune.sheet)
            for tune in ireal.read(path).tunes
        )
    if kind == "weimar":
        return _transcriptions(path)
    if kind not in _READERS:
        raise FormatError(
            f"{path}: is {detect.KINDS[kind]}, which holds no chart; give a lead sheet."
        )
    sheet = _READERS[kind](path)
    return (Tune(sheet.title, sheet.composer, sheet.style, lambda: sheet),)


def read(path: str | os.PathLike[str], tune: str | None = None) -> LeadSheet:
    """Read one chart of a file.

    Parameters
    ----------
    path : path-like
        The file.
    tune : str or None
        The title, or a part of it that fits one title alone; needed where there are several.

    Returns
    -------
    LeadSheet
        The chart.

    Raises
    ------
    SidemanError
        If the file cannot be read, or it is not clear which tune is meant.
    """
    held = tunes(path)
    if tune is None:
        if len(held) > 1:
            raise MusicError(
                f"{path}: holds {len(held)} tunes; name one with --tune, such as "
                f"{held[0].title!r} (sideman inspect lists them)."
            )
        return held[0].open()
    wanted = _plain(tune)
    found = [one for one in held if _plain(one.title) == wanted]
    found = found or [one for one in held if wanted in _plain(one.title)]
    if len({one.title for one in found}) > 1:
        names = ", ".join(repr(one.title) for one in found[:5])
        raise MusicError(f"{path}: {tune[:60]!r} may be any of {names}; write more of the title.")
    if not found:
        titles = {_plain(one.title): one.title for one in held}
        near = [titles[key] for key in difflib.get_close_matches(wanted, titles, 3, 0.5)]
        hint = f" The nearest: {', '.join(map(repr, near))}." if near else ""
        raise MusicError(f"{path}: holds no tune called {tune[:60]!r}.{hint}")
    return found[0].open()


def find(asked: str, tune: str | None = None) -> tuple[str, LeadSheet]:
    """Find the chart that somebody asks for.

    Parameters
    ----------
    asked : str
        A name in the songbook, the path of a file, a pasted iReal Pro link, or typed changes such
        as ``| F7 | Bb7 |``.
    tune : str or None
        Which tune of a file that holds several.

    Returns
    -------
    name : str
        A short name that can begin a file's name.
    sheet : LeadSheet
        The chart.

    Raises
    ------
    SidemanError
        If there is nothing of that name, or what is there cannot be read.

    Examples
    --------
    >>> name, sheet = find("blues-f")
    >>> name, len(sheet.changes.bars)
    ('blues-f', 12)
    >>> find("| F7 | Bb7 |")[0]
    'changes'
    """
    if "|" in asked or "\n" in asked or _LINK.match(asked):
        return typed_or_link(asked)
    path = Path(asked)
    if "\0" not in asked and len(asked) <= _LONGEST_NAME:
        if path.is_file():
            sheet = read(path, tune)
            return slug(path.stem if tune is None else sheet.title), sheet
        # Something that looks like a file but is not there: this says so.
        if (path.suffix or len(path.parts) > 1) and slug(asked) not in songbook.names():
            detect.detect(path)
    return slug(asked), songbook.load(asked)


def loads(data: bytes, name: str, tune: str | None = None) -> LeadSheet:
    """Read the chart in the bytes of a file: see :func:`read`."""
    with tempfile.TemporaryDirectory() as folder:
        # The readers take paths until the formats' registry reads bytes.
        path = Path(folder) / f"{slug(Path(name).stem)}{Path(name).suffix[:12]}"
        path.write_bytes(data)
        return read(path, tune)


def typed_or_link(text: str) -> tuple[str, LeadSheet]:
    """Read typed changes or a pasted iReal Pro link: see :func:`find`."""
    if _LINK.match(text):
        sheet = ireal.parse(text, "the link").tunes[0].sheet()
        return slug(sheet.title), sheet
    return "changes", typed.parse(text, "typed changes")


def slug(text: str) -> str:
    """Make a name that can stand in a file's name.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Small letters, digits and hyphens, at most sixty; ``changes`` where nothing is left.

    Examples
    --------
    >>> slug("Happy Birthday"), slug("../Don't!")
    ('happy-birthday', 'dont')
    """
    plain = re.sub(r"['’]", "", text.casefold())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "changes"


@dataclass(frozen=True, slots=True)
class _Writer:
    write: Callable[[Path, LeadSheet], None]
    losses: Callable[[LeadSheet], tuple[str, ...]]


def write(path: str | os.PathLike[str], sheet: LeadSheet) -> tuple[str, ...]:
    """Write a chart in the format that the file's name ends in.

    Parameters
    ----------
    path : path-like
        Ends in ``.ls``, ``.musicxml``, ``.xml``, ``.mxl``, ``.html`` (an iReal Pro link), ``.mid``
        or ``.txt``.
    sheet : LeadSheet
        The chart.

    Returns
    -------
    tuple of str
        What the format cannot hold of it, in a few words each.

    Raises
    ------
    FormatError
        If the name ends in something else.
    SidemanError
        If the format cannot say it, or the file cannot be written.
    """
    target = Path(path)
    writer = _writers().get(target.suffix.lower())
    if writer is None:
        raise FormatError(
            f"{path}: sideman writes no charts of that kind; let its name end in one of "
            f"{', '.join(_writers())}."
        )
    writer.write(target, sheet)
    return writer.losses(sheet)


def _writers() -> dict[str, _Writer]:
    xml = _Writer(musicxml.write, musicxml.losses)
    link = _Writer(lambda path, sheet: ireal.write(path, [sheet]), ireal.losses)
    return {
        ".ls": _Writer(leadsheet.write, leadsheet.losses),
        ".musicxml": xml,
        ".xml": xml,
        ".mxl": xml,
        ".html": link,
        ".mid": _midi(),
        ".txt": _Writer(typed.write, typed.losses),
    }


def _midi() -> _Writer:
    from sideman.formats.midi import sheet as midi_sheet

    return _Writer(midi_sheet.write_sheet, midi_sheet.losses)


def _read_midi(path: str | os.PathLike[str]) -> LeadSheet:
    from sideman.formats.midi.sheet import read_sheet

    return read_sheet(path)


_READERS: Mapping[str, Callable[[str | os.PathLike[str]], LeadSheet]] = {
    "leadsheet": leadsheet.read,
    "musicxml": musicxml.read,
    "midi": _read_midi,
    "typed": typed.read,
}


def _transcriptions(path: str | os.PathLike[str]) -> tuple[Tune, ...]:
    """List a solo database: each solo is a chart with its line as the melody."""
    from sideman.formats import weimar

    def sheet(transcription: weimar.Transcription) -> LeadSheet:
        solo = weimar.solo(transcription)
        if solo.changes is None:
            raise MusicError(f"{path}: {solo.title!r} has no beats; choose another solo.")
        return LeadSheet(
            solo.title,
            solo.changes,
            parts=(Part(solo.performer or "Solo", solo.notes),),
            key=solo.key,
            tempo_bpm=solo.tempo_bpm,
            style=solo.style,
        )

    return tuple(
        Tune(
            f"{one.title} ({one.performer})" if one.performer else one.title,
            "",
            one.style,
            lambda one=one: sheet(one),  # type: ignore[misc]
        )
        for one in weimar.read(path)
    )


def _plain(title: str) -> str:
    return re.sub(r"[^\w]+", " ", title.casefold()).strip()
