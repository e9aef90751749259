"""Charts: tunes that are read, shown, converted and engraved."""

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sideman import files, opening
from sideman.api import showing
from sideman.api.arguments import typed
from sideman.api.names import naming
from sideman.api.sources import Music
from sideman.errors import MusicError
from sideman.files import slug
from sideman.formats import registry
from sideman.formats.chart import chart
from sideman.formats.document import melody_document
from sideman.library import songbook
from sideman.score import LeadSheet
from sideman.service.requests import File, Line, Tune
from sideman.service.takes import reading

_PAGES = (".pdf", ".png", ".svg")


@dataclass(frozen=True, repr=False)
class Chart(Music):
    """A tune: its changes, and its melody if known (:func:`read`).

    In a notebook it shows its page.

    Parameters
    ----------
    sheet : LeadSheet
        The tune (:class:`sideman.score.LeadSheet`).
    name : str
        A short name for files.

    Examples
    --------
    >>> import sideman
    >>> chart = sideman.read("blues-f")
    >>> chart
    <Chart 'Blues in F': F major, 4/4, 12 bars, 140 bpm, swing>
    >>> print(chart.transposed(key="Bb").changes)
    | Bb7 | Eb7   | Bb7      | Fm7 Bb7    |
    | Eb7 | Edim7 | Bb7      | Dm7b5 G7b9 |
    | Cm7 | F7    | Bb7 G7b9 | Cm7 F7     |
    >>> chart.save("blues.musicxml")
    [PosixPath('blues.musicxml')]
    """

    sheet: LeadSheet
    name: str = "changes"

    def __post_init__(self) -> None:
        if not isinstance(self.sheet, LeadSheet):
            raise MusicError(
                f"A chart is made of a LeadSheet, not of {self.sheet!r:.60}; sideman.read opens a "
                "tune or a file.",
                field="sheet",
            )

    @property
    def title(self) -> str:
        """The title."""
        return self.sheet.title

    @property
    def changes(self) -> str:
        """The changes as text, which can be played over again."""
        return chart(self.sheet.changes)

    @typed
    def transposed(self, semitones: int | None = None, *, key: str | None = None) -> "Chart":
        """Return the chart in a key such as ``Eb``, or higher by some semitones."""
        with naming("key" if key is not None else "semitones"):
            return replace(self, sheet=songbook.moved(self.sheet, key, semitones))

    @typed
    def lost(self, path: str | os.PathLike[str]) -> tuple[str, ...]:
        """Return what the format of a file's name cannot hold of the chart, in a few words each."""
        with naming("path"):
            return registry.dumps(self.sheet, str(path))[1]

    @typed
    def save(
        self,
        path: str | os.PathLike[str],
        *,
        part: str = "C",
        dedication: str = "",
        font: str = "engraved",
    ) -> list[Path]:
        """Write the chart, whole or not at all, and return the files.

        The suffix gives the format: .ls (Impro-Visor), .musicxml, .xml or .mxl, .html (an iReal Pro
        link), .mid, .txt (typed changes), or a page: .pdf, .png, .svg.  `part`, `dedication`
        and `font` (:meth:`score`) are for pages.
        """
        from sideman.output import engraving

        suffix = Path(path).suffix.lower()
        with naming("path", kind="path"):
            if suffix in _PAGES:
                pages = self.score(suffix[1:], part, dedication=dedication, font=font)
                return list(engraving.write_pages(path, pages))
            given = {"part": part != "C", "dedication": dedication, "font": font != "engraved"}
            if asked := [name for name, value in given.items() if value]:
                raise MusicError(
                    f"{path}: part, dedication and font are for pages; let the name end in "
                    f"{', '.join(_PAGES)}, or leave them out.",
                    field=asked[0],
                )
            files.write_whole(path, registry.dumps(self.sheet, str(path))[0])
            return [Path(path)]

    def __repr__(self) -> str:
        return f"<Chart {self.title!r}: {', '.join(songbook.summary(self.sheet))}>"

    def _repr_html_(self) -> str:
        return self._html

    @cached_property
    def _html(self) -> str:
        return showing.document(
            [
                showing.heading(self.title, ", ".join(songbook.summary(self.sheet))),
                showing.possible(lambda: showing.score(self.sheet)),
                showing.text(self.changes),
            ]
        )

    @property
    def _written(self) -> LeadSheet:
        return self.sheet

    def _tune(self) -> Tune:
        return Tune(name=self.name, sheet=self.sheet)

    def _line(self) -> Line:
        document = replace(melody_document(lambda: self.sheet), name=self.name, label="a chart")
        take = reading.parsed(document)
        return Line(take.solo, take.meter)

    def _file(self) -> File:
        name = f"{self.name}.ls"
        return File(name, registry.dumps(self.sheet, name)[0])


def opened(data: bytes, name: str, title: str | None = None) -> Chart:
    """Return the chart in the bytes of a file."""
    sheet = opening.chart(data, name, title)
    return Chart(sheet, slug(Path(name).stem if title is None else sheet.title))
