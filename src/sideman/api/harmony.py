"""Harmony: how surprising changes are, their analysis, and new changes."""

import os
from collections.abc import Sequence
from typing import Any

from sideman.api import sources
from sideman.api.arguments import typed
from sideman.api.chart import Chart
from sideman.api.names import naming
from sideman.api.sources import Source
from sideman.files import is_file, slug, write_whole
from sideman.models import file
from sideman.models.harmony.model import KIND
from sideman.models.harmony.reharmonizing import RULES
from sideman.service import analyzing, harmonizing, reharmonizing
from sideman.service import harmony as surprising
from sideman.service.harmonizing import HarmonizeRequest
from sideman.service.requests import File


@typed
def surprise(
    changes: Source,
    *,
    tune: str | None = None,
    model: str | os.PathLike[str] = KIND,
    out: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Return how surprising changes are, in bits, and draw the curve to `out`.

    >>> import sideman
    >>> sideman.surprise("| Dm7 | Db7 | Cmaj7 | % |")["changes"][1]["rule"]
    'tritone substitution: bII7 for V7'
    """
    with naming("changes"):
        source = sources.tune(changes, tune)
        found = surprising.surprise(source, _model(model))
    if out is not None:
        write_whole(out, surprising.picture(found, str(out)))
    return found.to_json()


@typed
def analyze(
    changes: Source,
    *,
    tune: str | None = None,
    model: str | os.PathLike[str] = KIND,
    out: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Return the local keys, functions, idioms and bricks of changes, and engrave them to `out`.

    The model finds the key of changes that name none.

    >>> import sideman
    >>> [each["numeral"] for each in sideman.analyze("| Dm7 | G7 | Cmaj7 | % |")["changes"]]
    ['IIm7', 'V7', 'I']
    """
    from sideman.output import engraving

    with naming("changes"):
        found = analyzing.analyze(sources.tune(changes, tune), _model(model))
    if out is not None:
        with naming("out", kind="out", path="out"):
            pages = analyzing.pages(found, str(out))
            engraving.write_pages(out, pages)
    return found.data()


@typed
def harmonize(
    form: str | None = None,
    *,
    key: str | None = None,
    surprise: float = harmonizing.SURPRISE,
    melody: Source | None = None,
    tune: str | None = None,
    model: str | os.PathLike[str] = KIND,
    seed: int | None = None,
) -> Chart:
    """Return new changes, over a form such as ``AABA`` or ``A12``, or under a melody.

    `surprise` is the dial, from 0 to 1; the key is that of the melody, or else C, where None;
    `tune` is the title of one of several tunes in the file of the melody.

    >>> import sideman
    >>> chart = sideman.harmonize("A12", key="F", seed=3)
    >>> take = sideman.improvise(chart, seed=1)
    """
    with naming("melody"):
        given, title = (None, tune) if melody is None else _melody(melody, tune)
        request = HarmonizeRequest(
            form=form,
            key=key,
            surprise=surprise,
            seed=seed,
            melody=given,
            tune=title,
            model=_model(model),
        )
        sheet = harmonizing.harmonize(request).sheet
    return Chart(sheet, slug(sheet.title))


@typed
def reharmonize(
    changes: Source,
    *,
    tune: str | None = None,
    by: str | Sequence[str] = tuple(RULES),
    surprise: float = reharmonizing.SURPRISE,
    steps: int = reharmonizing.STEPS,
    seed: int | None = None,
    model: str | os.PathLike[str] = KIND,
) -> tuple[Chart, dict[str, Any]]:
    """Return a tune with other chords, and the steps as values.

    `by` names the rules; `surprise`, from 0 to 1, is that of each step among those that are
    possible; `steps` is their largest number.

    >>> import sideman
    >>> chart, found = sideman.reharmonize("| Dm7 | G7 | Cmaj7 | % |", by="tritone", steps=1)
    >>> chart.changes
    '| Dm7 | Db7 | Cmaj7 | Cmaj7 |'
    """
    rules = by.split(",") if isinstance(by, str) else by
    with naming("changes"):
        source = sources.tune(changes, tune)
        result = reharmonizing.reharmonize(
            source,
            _model(model),
            by=[each.strip() for each in rules],
            surprise=surprise,
            steps=steps,
            seed=seed,
        )
    return Chart(result.sheet, source.name), result.data()


def _model(source: str | os.PathLike[str]) -> str | File:
    """Return the name of a model that comes with sideman, or the file of another."""
    with naming("model"):
        if isinstance(source, str) and source in file.names():
            return source
        return sources.model(source, (KIND,))


def _melody(source: Source, title: str | None) -> tuple[File, str | None]:
    """Return a file with a melody, and the title of one of several in it."""
    if isinstance(source, Chart) or (isinstance(source, str) and not is_file(source)):
        return harmonizing.as_file(sources.tune(source, title)), None
    return sources.with_folders(source)[0], title
