"""Improvise, trade, and cut licks."""

from typing import Any, Unpack

from sideman.api import options, sources
from sideman.api.chart import Chart
from sideman.api.names import naming
from sideman.api.options import Cutting, Improvising, Trading, fields_of, keywords
from sideman.api.sources import Source
from sideman.api.take import Take, played
from sideman.service import playing
from sideman.service.requests import (
    LicksRequest,
    PlayRequest,
    TradeRequest,
)


@keywords(Improvising, PlayRequest)
def improvise(changes: Source, **settings: Unpack[Improvising]) -> Take:
    """Return a solo over changes, with piano, bass and drums.

    `changes` are a tune of the songbook, typed changes, a file, a chart, or a take whose tune is
    played again.  The same arguments with the same seed give the same take, byte for byte.

    >>> import sideman
    >>> sideman.improvise("| Dm7 | G7 | Cmaj7 | . |", seed=3, choruses=2, instrument="trumpet")
    <Take 'typed changes': 2 choruses, 8 bars at 132, 52 notes, seed 3>
    """
    given: dict[str, Any] = {**settings}
    with naming("changes"):
        given["changes"] = sources.tune(changes, given.pop("tune", None))
    take = given.get("take")
    for name in ("prime", "take"):
        if given.get(name) is not None:
            with naming(name):
                given[name] = sources.line(given[name])
    options.style(given)
    files, values = fields_of(given, take)
    return played(playing.play(PlayRequest(**values), **files))


@keywords(Trading, TradeRequest)
def trade(phrase: Source, changes: Source | None = None, **settings: Unpack[Trading]) -> Take:
    """Return an answer to a phrase, or to the last `bars` of a take; the result holds both.

    >>> import sideman
    >>> phrase = sideman.improvise("| F7 | Bb7 |", seed=1, choruses=1)
    >>> sideman.trade(phrase, "blues-f", bars=2, seed=5)
    <Take 'typed changes over Blues in F': 1 chorus, 4 bars at 132, 12 notes, seed 5>
    """
    given: dict[str, Any] = {**settings}
    with naming("phrase"):
        given["phrase"] = sources.line(phrase)
    title = given.pop("tune", None)
    with naming("changes"):
        given["changes"] = None if changes is None else sources.tune(changes, title)
    files, values = fields_of(given, phrase)
    return played(playing.trade(playing.called(TradeRequest(**values)), **files))


@keywords(Cutting, LicksRequest)
def licks(take: Source, **settings: Unpack[Cutting]) -> tuple[Chart, list[Take]]:
    """Return a sheet of the licks of a take, and for each a loop: in each key with it and without.

    >>> import sideman
    >>> sheet, loops = sideman.licks(sideman.improvise("blues-f", seed=9, choruses=1))
    >>> loops[0]
    <Take 'Blues in F, lick 1': 1 chorus, 24 bars at 140, 108 notes, seed 0>
    """
    given = options.of_take(take, settings)
    _, values = fields_of(given)
    result = playing.cut(LicksRequest(**values))
    name = result.licks[0].loop.name.rpartition("-")[0] if result.licks else "licks"
    return Chart(result.sheet, name), [
        played(each.loop, each.loop.name, each.page) for each in result.licks
    ]
