"""Charts in other formats, pages, piano rolls, and reports on files: bytes in, bytes out.

`name` is the name of the file that the result is meant for; its suffix selects the format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from sideman import opening
from sideman.errors import MusicError
from sideman.formats import registry
from sideman.formats.midi import written
from sideman.formats.midi.reading import parse
from sideman.formats.report import Report, table
from sideman.library import songbook
from sideman.library.charts import report as charts
from sideman.models import registry as kinds
from sideman.models.harmony import bricks
from sideman.models.harmony.model import KIND as HARMONY
from sideman.score import LeadSheet
from sideman.service import grammars, harmony
from sideman.service.playing import tune
from sideman.service.requests import File, Tune, check_title

if TYPE_CHECKING:
    from sideman.output.engraving import Printing


@dataclass(frozen=True)
class Converted:
    """A chart in another format.

    Parameters
    ----------
    sheet : LeadSheet
        The chart.
    data : bytes
        The file.
    lost : tuple of str
        What the format cannot hold of the chart, in a few words each.
    """

    sheet: LeadSheet
    data: bytes
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Engraved:
    """Music on paper: `pages` are the files, one or one a page."""

    sheet: LeadSheet
    pages: tuple[bytes, ...]


def convert(
    source: Tune,
    name: str,
    *,
    key: str | None = None,
    transpose: int | None = None,
    title: str = "",
) -> Converted:
    """Return a chart in the format of a file's name, in another key or with another title."""
    sheet = _moved(source, key, transpose, title)
    return Converted(sheet, *registry.dumps(sheet, name))


def engrave(
    source: Tune,
    name: str,
    *,
    key: str | None = None,
    transpose: int | None = None,
    title: str = "",
    **printing: Unpack[Printing],
) -> Engraved:
    """Return the pages of a tune, as PDF, PNG, SVG or MusicXML by the file's name."""
    from sideman.output import engraving

    sheet = _moved(source, key, transpose, title)
    pages = engraving.dumps(sheet, name, **printing)
    return Engraved(sheet, tuple(pages))


def choruses(source: File) -> dict[int, str] | None:
    """Return the marks of the choruses of a take; None for other music.

    A chart that is read of a take is one form without them.
    """
    from sideman.output import engraving

    if registry.format_of(source.data, source.name).name != "midi":
        return None
    solo = written.written(parse(source.data, source.name))
    return None if solo is None else engraving.chorus_marks(solo.chorus_bars)


def roll(
    source: Tune,
    name: str,
    *,
    key: str | None = None,
    transpose: int | None = None,
    title: str = "",
) -> Engraved:
    """Return the piano roll of a tune, as PNG or SVG by the file's name."""
    from sideman.output import pianoroll

    sheet = _moved(source, key, transpose, title)
    return Engraved(sheet, (pianoroll.dumps(sheet, name),))


def _moved(source: Tune, key: str | None, transpose: int | None, title: str) -> LeadSheet:
    """Return a tune in another key and with another title, where they are given."""
    check_title(title)
    sheet = songbook.moved(tune(source)[1], key, transpose)
    return replace(sheet, title=title or sheet.title)


def inspect(file: File, **options: Any) -> Report:
    """Return the report on a file, as text and as values.

    Parameters
    ----------
    **options
        The options of the format's report (:attr:`Document.report_options`); those that are None
        count as not given.

    Raises
    ------
    SidemanError
        If the file cannot be read, has no report, or its report has no such option.
    """
    document = opening.loads(file.data, file.name)
    if (report := _model_report(document.label, file)) is not None:
        document = replace(document, report=report, report_options=())
    if document.report is None and document.read_charts is None:
        raise MusicError(
            f"{file.name}: inspect does not show a {document.label} of this kind; see its card.",
            field="card",
        )
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in document.report_options:
            raise MusicError(
                f"{file.name}: {name} is not for {document.label}; leave it out.", field=name
            )
    if document.report is not None:
        return document.report(**given)
    return charts.report(document.charts or (), file.name, further=_bricks, **given)


def inspect_tune(source: Tune, **options: Any) -> Report:
    """Return the report on a tune, which has no options; those that are None count as not given."""
    name, sheet = tune(source)
    for option, value in options.items():
        if value is not None:
            raise MusicError(
                f"{name}: {option} is not for a tune that is no file; leave it out.", field=option
            )
    return charts.of(sheet, name, _bricks)


def _model_report(label: str, file: File) -> Callable[[], Report] | None:
    """Return what reports on a grammar or a model of harmony; None for a file of another format."""
    if label == registry.named("grammar").label:
        return partial(grammars.report, file)
    if label == registry.named("model").label:
        kind = kinds.identify(file.data, file.name).name
        if kind == HARMONY:
            return partial(harmony.report, file)
        if kind in grammars.KINDS:
            return partial(grammars.report, file)
    return None


def _bricks(sheet: LeadSheet) -> Report:
    """Return the harmonic bricks of a chart that no other brick covers."""
    changes = sheet.changes
    rows, data = [], []
    for brick in bricks.outline(changes):
        first, last = changes.bar_at(brick.onset), changes.bar_at(brick.end - 1)
        beat = (brick.onset - changes.bar_starts[first]) / changes.bars[first].meter.ticks_per_beat
        key = bricks.tonic(brick, changes)
        begins = f"{first + 1}" if not beat else f"{first + 1} (beat {beat + 1:g})"
        rows.append((begins if first == last else f"{begins} to {last + 1}", key, brick.name))
        data.append(
            {
                "name": brick.name,
                "key": key,
                "bars": [first + 1, last + 1],
                "onset": brick.onset,
                "end": brick.end,
            }
        )
    lines = table(("bars", "key", "brick"), rows) if rows else []
    return Report("\n".join(lines), {"bricks": data})
