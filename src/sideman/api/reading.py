"""Charts and takes from files, and the names of tunes and players."""

import os
from pathlib import Path

from sideman import opening
from sideman.api import options, sources
from sideman.api.arguments import typed
from sideman.api.chart import Chart
from sideman.api.names import naming
from sideman.api.take import Take
from sideman.files import is_file, slug
from sideman.formats import registry
from sideman.library import songbook as tunes
from sideman.models import registry as models
from sideman.models.controls import Feature
from sideman.models.protocol import Soloist


@typed
def read(
    source: str | os.PathLike[str] | bytes, *, tune: str | None = None, name: str | None = None
) -> Chart | Take:
    """Return a MIDI file as a take, and a tune or any other file as a chart.

    `source` is a name of the songbook, typed changes, an iReal Pro link, a path, or the bytes of a
    file called `name`; `tune` is the title of one of several tunes in it.

    >>> import sideman
    >>> sideman.read("| F7 | Bb7 |").changes
    '| F7 | Bb7 |'
    >>> sideman.read(b"| F7 | Bb7 |", name="vamp.txt")
    <Chart 'vamp': 4/4, 2 bars>
    """
    with naming("source", changes="source", midi="source"):
        if isinstance(source, str) and ("|" in source or not is_file(source)):
            found = sources.tune(source, tune)
            assert found.sheet is not None
            return Chart(found.sheet, found.name)
        opened = sources.opened(source)
        called = opened.name if name is None else name
        if registry.format_of(opened.data, Path(called).name).name == "midi":
            return Take(opened.data, slug(Path(called).stem))
        sheet = opening.chart(opened.data, called, tune)
        return Chart(sheet, slug(Path(called).stem if tune is None else sheet.title))


@typed
def songbook(search: str = "") -> list[str]:
    """Return the names of the songbook's tunes that contain a word, in any case.

    >>> import sideman
    >>> sideman.songbook("birthday")
    ['happy-birthday', 'happy-birthday-waltz']
    """
    return list(tunes.search(search)) if search else list(tunes.names())


@typed
def players(model: str | os.PathLike[str] | Soloist = models.DEFAULT) -> list[str]:
    """Return the players that a model can imitate; none if it knows no players.

    >>> import sideman
    >>> sideman.players()[:2]
    ['Art Pepper', 'Ben Webster']
    """
    with naming("model"):
        soloist = options.soloist(model)
        return list(soloist.players) if Feature.PLAYERS in soloist.features else []
