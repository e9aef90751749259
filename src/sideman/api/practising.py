"""Practice: licks in all keys at rising tempos, and what was played beside a take."""

from typing import Any, Unpack

from sideman.api import sources
from sideman.api.arguments import typed
from sideman.api.chart import Chart
from sideman.api.names import naming
from sideman.api.options import Practising, fields_of, keywords, of_take
from sideman.api.sources import Source
from sideman.api.take import Take, played
from sideman.service import playing, recordings
from sideman.service.requests import PracticeRequest


@keywords(Practising, PracticeRequest)
def practice(take: Source, **settings: Unpack[Practising]) -> tuple[Chart, Take]:
    """Return a page of licks in all keys, and a take that plays them at rising tempos.

    >>> import sideman
    >>> sideman.practice(sideman.improvise("blues-f", seed=7, choruses=1), ramp="80:120")[1].title
    'Blues in F: practice'
    """
    given = of_take(take, settings)
    _, values = fields_of(given)
    result = playing.practise(PracticeRequest(**values))
    page = Chart(result.page, result.loop.name)
    loop = played(result.loop, "", result.page)
    return page, loop


@typed
def compare(
    take: Source,
    mine: Source,
    *,
    bars: str | None = None,
    part: str | None = None,
    synced: bool = False,
) -> dict[str, Any]:
    """Return what was played in `mine`, a MIDI file, beside a take (``docs/practice.md``).

    >>> import sideman
    >>> sideman.compare(take := sideman.improvise("blues-f", seed=7), take)["total"]["missed"]
    0
    """
    with naming("take"):
        line = sources.with_folders(take)[0]
    with naming("mine"):
        recording = sources.with_folders(mine)[0]
        request = recordings.CompareRequest(line, recording, bars, part, synced)
        return recordings.compare(request).json()
