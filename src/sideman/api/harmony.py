"""Harmony: how surprising changes are, their analysis, and new changes."""

import os
from collections.abc import Sequence
from typing import Any

from sideman.api import sources
from sideman.api.arguments import typed
from sideman.api.chart import Chart
from sideman.api.names import naming
from sideman.api.sources import Source
from sideman.files import is_file, slug
from sideman.models import file
from sideman.models.harmony.model import KIND
from sideman.models.harmony.reharmonizing import RULES
from sideman.service import analyzing, harmonizing, reharmonizing
from sideman.service import harmony as surprising
from sideman.service.harmonizing import HarmonizeRequest
from sideman.service.requests import File


@typed
def surprise(
    changes: Source, *, tune: str | None = None, model: str | os.PathLike[str] = KIND
) -> dict[str, Any]:
    """Return how surprising changes are, in bits a change, a bar and in all (``docs/harmony.md``).

    `tune` is the title of one of several in a file, `model` a model of harmony by name or file.

    >>> import sideman
    >>> found = sideman.surprise("| Dm7 | Db7 | Cmaj7 | % |")
    >>> found["changes"][1]["rule"]
    'tritone substitution: bII7 for V7'
    """
    with naming("changes"):
        return surprising.surprise(sources.tune(changes, tune), _model(model)).to_json()


@typed
def analyze(changes: Source, *, tune: str | None = None) -> dict[str, Any]:
    """Return the local keys, functions, idioms and bricks of changes (``docs/harmony.md``).

    `tune` is the title of one of several in a file.

    >>> import sideman
    >>> [each["numeral"] for each in sideman.analyze("| Dm7 | G7 | Cmaj7 | % |")["changes"]]
    ['IIm7', 'V7', 'I']
    """
    with naming("changes"):
        return analyzing.analyze(sources.tune(changes, tune)).data()


@typed
def harmonize(
    form: str | None = None,
    *,
    key: str | None = None,
    surprise: float = harmonizing.SURPRISE,
    melody: Source | None = None,
    tune: str | None = None,
    model: str | os.PathLike[str] = KIND,
    seed: int = 0,
) -> Chart:
    """Return new changes: over a form, or under a melody.

    Parameters
    ----------
    form, key : str or None
        Sections with their bars, such as ``AABA`` or ``A12``, and the key; ``AABA`` in C, or those
        of the melody, where None.
    surprise : float
        How surprising the changes are, 0 to 1.
    melody : str, path-like, bytes, Take, Chart or None
        What to write changes under, `tune` being the title of one of several in a file.
    model : str or path-like
        A model of harmony.

    Examples
    --------
    >>> import sideman
    >>> chart = sideman.harmonize("A12", key="F", seed=3)
    >>> chart
    <Chart 'A in F major': F major, 4/4, 12 bars>
    >>> take = sideman.improvise(chart, seed=1)
    """
    with naming("melody"):
        given, title = (None, tune) if melody is None else _melody(melody, tune)
        sheet = harmonizing.harmonize(
            HarmonizeRequest(form, key, surprise, seed, given, title, _model(model))
        ).sheet
    return Chart(sheet, slug(sheet.title))


@typed
def reharmonize(
    changes: Source,
    *,
    tune: str | None = None,
    by: str | Sequence[str] = tuple(RULES),
    surprise: float = 0.5,
    steps: int = reharmonizing.STEPS,
    seed: int = 0,
    model: str | os.PathLike[str] = KIND,
) -> tuple[Chart, dict[str, Any]]:
    """Return a tune with other chords, and the steps (``docs/harmony.md``).

    Parameters
    ----------
    by : str or sequence of str
        The rules: tritone, ii-V, backdoor, coltrane, interchange, diminished.
    surprise : float
        How surprising each step is among those that are possible, 0 to 1.
    steps : int
        How many at most.
    model : str or path-like
        A model of harmony.

    Examples
    --------
    >>> import sideman
    >>> chart, found = sideman.reharmonize("| Dm7 | G7 | Cmaj7 | % |", by="tritone", steps=1)
    >>> chart.changes
    '| Dm7 | Db7 | Cmaj7 | Cmaj7 |'
    >>> found["steps"][0]["rule"]
    'tritone'
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
        return sources.scorer(source)


def _melody(source: Source, title: str | None) -> tuple[File, str | None]:
    """Return a file with a melody, and the title of one of several in it."""
    if isinstance(source, str) and not is_file(source):
        found = sources.tune(source, title)
        assert found.sheet is not None
        return sources.with_folders(Chart(found.sheet, found.name))[0], None
    return sources.with_folders(source)[0], title
