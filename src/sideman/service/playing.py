"""Play, trade, vary and cut licks: a request in, a result out.

Each function checks the whole request before anything is played.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

from numpy.random import default_rng

from sideman import feel, opening
from sideman.band import arranging, styles
from sideman.band.arranging import Plan
from sideman.errors import FormatError, ModelError, MusicError, concerning
from sideman.files import slug
from sideman.formats.midi import written
from sideman.formats.midi.reading import parse
from sideman.library import charts, songbook
from sideman.models import file
from sideman.models import registry as kinds
from sideman.models.controls import Controls, Feature
from sideman.models.protocol import Searching, Soloist
from sideman.score import Changes, LeadSheet, Note, Solo
from sideman.score.practice import keys_of
from sideman.service import improviser, practising, rating, requests
from sideman.service.rating import Marks
from sideman.service.requests import (
    BaseRequest,
    File,
    LicksRequest,
    Line,
    PlayRequest,
    PracticeRequest,
    Request,
    TradeRequest,
    Tune,
    VaryRequest,
)
from sideman.service.results import PlayResult
from sideman.service.takes import licks, reading, settling, sheets, trading, varying
from sideman.service.takes.performer import Performer
from sideman.service.watching import Cancel, CancelledError, Progress, watch, watched
from sideman.theory import instruments
from sideman.version import VERSION

__all__ = [
    "MEMORY",
    "CancelledError",
    "LickResult",
    "LicksResult",
    "Model",
    "PracticeResult",
    "again",
    "beside",
    "called",
    "carried",
    "check_taste",
    "cut",
    "line",
    "model_from",
    "model_named",
    "performer_of",
    "play",
    "played_by",
    "practise",
    "remark",
    "requested",
    "trade",
    "tune",
    "vary",
    "whole",
]

MEMORY = "memory"
"""The fingerprint of a model that has no file."""
Folders = Iterable[str | os.PathLike[str]]
_SEEDS = 1_000_000
_SOLO_SHARE = 0.9  # of the time that a solo with its band takes


@dataclass(frozen=True)
class Model:
    """A model that plays: its name, the SHA-256 of its file or `MEMORY`, and the soloist."""

    name: str
    fingerprint: str
    soloist: Soloist


def model_from(data: bytes, name: str) -> Model:
    """Return the model in the bytes of a file; `name` is its name with the suffix.

    Raises
    ------
    ModelError, FormatError
        If it is damaged, unknown, or plays no solos.
    """
    return Model(name, hashlib.sha256(data).hexdigest(), kinds.playing(data, name))


@lru_cache(maxsize=4)
def model_named(name: str) -> Model:
    """Return a model that comes with sideman; a ModelError where there is none of that name."""
    found = file.shipped(name, kinds.players())
    return replace(model_from(found.data, found.name), name=name)


def tune(source: Tune) -> tuple[str, LeadSheet]:
    """Return a short name for the tune of a request, and the tune.

    Raises
    ------
    SidemanError
        If there is none of that name, or it cannot be read.
    """
    if source.sheet is not None:
        return slug(source.name or source.sheet.title), source.sheet
    if source.data:
        sheet = opening.chart(source.data, source.name, source.title or None)
        return slug((source.title and sheet.title) or source.name.rsplit(".", 1)[0]), sheet
    if source.text:
        return charts.typed_or_link(source.text)
    return songbook.called(source.name), songbook.load(source.name)


def line(source: File) -> Line:
    """Return the phrase or the take in a file; a SidemanError where there is none."""
    take = reading.parsed(opening.loads(source.data, source.name))
    return Line(take.solo, take.meter, "" if take.program is None else take.instrument.name)


def called(request: TradeRequest) -> TradeRequest:
    """Return a request for an answer to the last bars of its take (:func:`trading.last_bars`).

    They are at the same place in other changes, and then the title names both tunes.
    """
    given, title = request.phrase.solo, request.title
    phrase, begins = trading.last_bars(given, request.bars)
    if request.changes is not None and given.changes is not None and not title:
        over = tune(request.changes)[1].title
        title = f"{given.title} over {over}" if over != given.title else ""
    return replace(
        request,
        phrase=replace(request.phrase, solo=phrase),
        first_bar=request.first_bar + begins - 1,
        title=title if len(title) <= requests.LONGEST_TITLE else "",
    )


def play(
    request: PlayRequest,
    *,
    model: Model | None = None,
    taste: Marks | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PlayResult:
    """Play a solo over a tune.

    Parameters
    ----------
    request : PlayRequest
        The request.
    model : Model or None
        The model that the request names; needed for one that does not come with sideman.
    taste : Marks or None
        The marks of a listener whose taste the critic has too; a request that was played with some
        needs them.
    progress, cancel : callable or None
        See :mod:`sideman.service.watching`; both are called while the solo is played.

    Returns
    -------
    PlayResult
        The performance; its request plays the same again.

    Raises
    ------
    SidemanError
        If something in the request is wrong; the error's field names it.
    """
    name, sheet, moved = _moved(request)
    if request.choruses is not None:
        improviser.check_length(moved, request.choruses)
    with concerning("instrument"):
        instrument = instruments.named(request.instrument)
    many, fixed = settling.settled(
        moved.changes,
        instrument,
        request.choruses,
        practising.usual_choruses(request),
        settling.Wanted(request.prime, request.take, request.keep, request.lock),
    )
    practice = practising.practice(request, many)
    style = _style(request)
    feel.check(request.swing)
    who = _model(request, model)
    given = {**improviser.usual_controls(moved, style, who.soloist), **request.controls}
    controls = who.soloist.defaults.asked(given)
    who, marks = _tasting(request, who, taste, controls)
    filled = _filled(request, who, marks, changes=Tune(name=name, sheet=sheet), controls=given)
    assert filled.seed is not None
    report = watch(progress, cancel)
    report(0)
    first = request.tempo if practice.ramp is None else practice.ramp.first
    take = improviser.improvise(
        moved,
        Performer(
            watched(who.soloist, report, controls.best_of, _SOLO_SHARE),
            improviser.tempo(moved, style, first),
            instrument,
            controls,
            request.max_copy,
        ),
        rng=default_rng(filled.seed),
        choruses=many,
        constraints=fixed,
        band=improviser.Band(style, request.arrangement, request.swing, _expression(filled)),
        practice=practice,
    )
    report(1)
    if request.loop is not None:
        name = f"{name}-bars-{slug(request.loop)}"
    notices = _notices(who, take.solo.notes, marks)
    return PlayResult(filled, name, take.solo, take.arrangement, take.performance, notices)


def _moved(request: PlayRequest) -> tuple[str, LeadSheet, LeadSheet]:
    """Return the name of a request's tune, the tune, and the tune in its key with its title."""
    name, sheet = tune(request.changes)
    moved = practising.tune(request, sheet)
    return name, sheet, replace(moved, title=request.title or moved.title)


def whole(request: BaseRequest, solo: Solo) -> tuple[Solo, dict[int, str]]:
    """Return the soloist's part with head and ending: see :func:`arranging.front`."""
    return _WHOLE[request.kind](request, solo)


def trade(
    request: TradeRequest,
    *,
    model: Model | None = None,
    taste: Marks | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PlayResult:
    """Answer a phrase: see :func:`play`."""
    phrase = request.phrase
    called = replace(phrase.solo, title=request.title or phrase.solo.title)
    if request.changes is None:
        form = _chords(called)
        kept = None
    else:
        name, sheet = tune(request.changes)
        kept = Tune(name=name, sheet=sheet)
        called = replace(called, style=called.style or sheet.style, key=sheet.key or called.key)
        form = sheet.changes
    instrument = _instrument(request.instrument, phrase)
    who = _model(request, model)
    controls = who.soloist.defaults.asked({**trading.USUAL, **request.controls})
    # Of several answers the one that takes up most is kept, and not the critic's.
    who, marks = _tasting(request, who, taste, controls, chosen=False)
    filled = _filled(request, who, marks, changes=kept)
    playing, accompanying = default_rng(filled.seed).spawn(2)
    report = watch(progress, cancel)
    report(0)
    soloist = watched(who.soloist, report, controls.best_of, _SOLO_SHARE)
    traded = trading.exchange(
        Performer(soloist, _tempo(request, phrase), instrument, controls, request.max_copy),
        called,
        form,
        meter=phrase.meter,
        bars=request.bars,
        first_bar=request.first_bar - 1,
        rng=playing,
    )
    take = improviser.accompany(
        traded.whole, rng=accompanying, instrument=instrument, band=_band(filled)
    )
    report(1)
    name = f"{slug(phrase.solo.title)}-trade"
    notices = _notices(who, traded.answer.notes, marks)
    return PlayResult(filled, name, take.solo, take.arrangement, take.performance, notices)


def vary(
    request: VaryRequest,
    *,
    model: Model | None = None,
    taste: Marks | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[PlayResult]:
    """Play variations of a take, one result each: see :func:`play`.

    The request of a result has its number; played again it gives that variation alone.
    """
    take = _take(request)
    if not 0 <= request.number <= max(request.count, 0):
        raise MusicError(
            f"There is no variation {request.number} of {request.count}; ask for another.",
            field="number",
        )
    instrument = _instrument(request.instrument, request.take)
    who = _model(request, model)
    controls = who.soloist.defaults.asked(request.controls)
    who, marks = _tasting(request, who, taste, controls)
    filled = _filled(request, who, marks)
    playing, accompanying = default_rng(filled.seed).spawn(2)
    report = watch(progress, cancel)
    report(0)
    performer = Performer(
        watched(who.soloist, report, request.count * controls.best_of),
        _tempo(request, request.take),
        instrument,
        controls,
        request.max_copy,
    )
    solos = varying.vary(take, performer, rng=playing, count=request.count, amount=request.amount)
    name = f"{slug(request.take.solo.title)}-vary"
    for number, solo in enumerate(solos, start=1):
        played = improviser.accompany(
            solo, rng=accompanying, instrument=instrument, band=_band(filled)
        )
        if request.number in (0, number):
            yield PlayResult(
                replace(filled, number=number),
                name,
                played.solo,
                played.arrangement,
                played.performance,
                _notices(who, solo.notes, marks),
            )


@dataclass(frozen=True)
class LickResult:
    """A lick: its page, and a loop through twelve keys to practise with the band.

    Parameters
    ----------
    lick : Lick
        The lick.
    page : LeadSheet
        The lick in every key.
    loop : PlayResult
        The loop.
    """

    lick: licks.Lick
    page: LeadSheet
    loop: PlayResult


@dataclass(frozen=True)
class LicksResult:
    """The licks of a take.

    Parameters
    ----------
    take : Solo
        The take.
    sheet : LeadSheet
        All licks one after the other.
    licks : tuple of LickResult
        Each by itself.
    """

    take: Solo
    sheet: LeadSheet
    licks: tuple[LickResult, ...]


def cut(
    request: LicksRequest, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> LicksResult:
    """Return the licks of a take: see :func:`play`."""
    line = _take(request)
    instrument = _instrument(request.instrument, request.take)
    chosen = licks.numbered(licks.licks(line, fewest=request.fewest), request.numbers)
    tempo = _tempo(request, request.take)
    style = styles.matching(line.style, _chords(line).meter)
    line = replace(line, tempo_bpm=tempo, style=line.style or style.name)
    pages = [
        licks.page(lick, line, instrument=instrument, tempo_bpm=tempo, part=request.part)
        for lick in chosen
    ]
    sheet = licks.sheet(line, chosen)
    filled = _stamped(request, seed=request.seed or 0)
    report = watch(progress, cancel)
    found: list[LickResult] = []
    for lick, page in zip(chosen, pages, strict=True):
        report(len(found) / len(chosen))
        loop = licks.loop(lick, line, instrument=instrument, tempo_bpm=tempo)
        rng = default_rng([filled.seed or 0, lick.number])
        played = improviser.accompany(loop, rng=rng, instrument=instrument, band=_band(filled))
        result = PlayResult(
            replace(filled, numbers=(lick.number,)),
            f"{slug(request.take.solo.title)}-lick-{lick.number:02}",
            played.solo,
            played.arrangement,
            played.performance,
        )
        found.append(LickResult(lick, page, result))
    report(1)
    return LicksResult(line, sheet, tuple(found))


@dataclass(frozen=True)
class PracticeResult:
    """A practice sheet.

    Parameters
    ----------
    licks : tuple of Lick
        The licks.
    page : LeadSheet
        Each in every key.
    tempos : tuple of float
        The tempos at which each is played.
    keys : int
        The number of keys.
    loop : PlayResult
        All of it with the band.
    """

    licks: tuple[licks.Lick, ...]
    page: LeadSheet
    tempos: tuple[float, ...]
    keys: int
    loop: PlayResult

    def heading(self, name: str = "") -> str:
        """Return what to practise, in a line; `name` is that of the player."""
        request = self.loop.request
        assert isinstance(request, PracticeRequest)
        return sheets.heading(self.tempos, request.cycle, self.keys, name)


def practise(
    request: PracticeRequest, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> PracticeResult:
    """Return licks of a take to practise in all keys at rising tempos: see :func:`play`."""
    line = _take(request)
    instrument = _instrument(request.instrument, request.take)
    tempos = practising.tempos(request, request.take)
    keys = keys_of(request.cycle)
    found = licks.licks(line, fewest=request.fewest)
    numbers = request.numbers or tuple(lick.number for lick in found[: sheets.LICKS])
    chosen = licks.numbered(found, numbers)
    order = sheets.Order(instrument, request.cycle, tempos)
    page = sheets.page(chosen, line, order, part=request.part)
    loop = sheets.loop(chosen, line, order)
    improviser.check_bars(loop, "licks, steps or keys")
    filled = _stamped(request, seed=request.seed or 0)
    report = watch(progress, cancel)
    report(0)
    played = improviser.accompany(
        loop, rng=default_rng(filled.seed), instrument=instrument, band=_band(filled)
    )
    report(1)
    result = PlayResult(
        filled,
        f"{slug(line.title)}-practice",
        played.solo,
        played.arrangement,
        played.performance,
    )
    return PracticeResult(chosen, page, tempos, keys, result)


def again(
    request: BaseRequest,
    *,
    model: Model | None = None,
    taste: Marks | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PlayResult:
    """Return what a take's request (:func:`requested`) asks for: the same bytes again.

    Another version of sideman may play differently; :func:`remark` mentions it.

    Raises
    ------
    SidemanError
        If it cannot be played here, such as for want of its model.
    """
    if taste is not None and taste.marks and not request.taste:
        raise MusicError(
            "The request was played without a taste, and is so again; leave the taste out.",
            field="taste",
        )
    return _AGAIN[request.kind](request, model=model, taste=taste, progress=progress, cancel=cancel)


_AGAIN: dict[str, Callable[..., PlayResult]] = {
    PlayRequest.kind: play,
    TradeRequest.kind: trade,
    VaryRequest.kind: lambda request, **options: next(vary(request, **options)),
    LicksRequest.kind: lambda request, **options: (
        cut(request, progress=options["progress"], cancel=options["cancel"]).licks[0].loop
    ),
    PracticeRequest.kind: lambda request, **options: (
        practise(request, progress=options["progress"], cancel=options["cancel"]).loop
    ),
}


def _over_the_tune(request: PlayRequest, solo: Solo) -> tuple[Solo, dict[int, str]]:
    instrument = instruments.named(request.instrument)
    return arranging.front(_moved(request)[2], solo, request.arrangement, instrument=instrument)


def _by_itself(given: Line, instrument: str | None, solo: Solo) -> tuple[Solo, dict[int, str]]:
    asked = _instrument(instrument, given)
    return arranging.front(improviser.tune(solo), solo, Plan(), instrument=asked)


_WHOLE: dict[str, Callable[..., tuple[Solo, dict[int, str]]]] = {
    PlayRequest.kind: _over_the_tune,
    TradeRequest.kind: lambda asked, solo: _by_itself(asked.phrase, asked.instrument, solo),
    VaryRequest.kind: lambda asked, solo: _by_itself(asked.take, asked.instrument, solo),
    LicksRequest.kind: lambda asked, solo: _by_itself(asked.take, asked.instrument, solo),
    PracticeRequest.kind: lambda asked, solo: _by_itself(asked.take, asked.instrument, solo),
}


def requested(data: bytes, name: str) -> BaseRequest:
    """Return the request in a MIDI file that sideman has played; `name` is for messages.

    Raises
    ------
    FormatError
        If the file is no MIDI file, contains no request, or a damaged one.
    """
    text = written.request(parse(data, name))
    if text is None:
        raise FormatError(
            f"{name}: carries no request, so it cannot be played again; give a take that this "
            "version of sideman has played.",
            field="again",
        )
    return requests.loads(text)


def carried(source: File) -> BaseRequest | None:
    """Return the request in a take; None for any other file."""
    try:
        return requested(source.data, source.name)
    except FormatError:
        return None


def beside(request: BaseRequest, folders: Folders) -> Model | None:
    """Return the model that has played a request, where its very file is in one of some folders."""
    data = file.same(request.model, request.fingerprint, folders)
    return None if data is None else model_from(data, request.model)


def played_by(source: File, folders: Folders) -> Model | None:
    """Return the model that has played a take, where its very file is in one of some folders."""
    request = carried(source)
    return None if request is None else beside(request, folders)


def check_taste(source: File, taste: Marks | None) -> None:
    """Raise a MusicError where a take is played on from without the taste that it has."""
    rating.check_source(source, carried(source), taste)


def performer_of(source: File, folders: Folders) -> tuple[str, Model | None]:
    """Return the name of the model that plays on from a take, where none is asked for.

    It is the model that has played the take, with the model itself where it does not come with
    sideman; the default for music from elsewhere, or where that model keeps no notes.  A ModelError
    is raised where the take was played by a file that is in none of the folders.
    """
    request = carried(source)
    if request is None:
        return kinds.DEFAULT, None
    ships = request.fingerprint != MEMORY and request.model in file.names()
    found = model_named(request.model) if ships else beside(request, folders)
    if found is None:
        raise ModelError(
            f"{source.name}: was played by {request.model}, which does not come with sideman and "
            "is not here as it was then; give that file, or another model.",
            field="model",
        )
    if Feature.CONSTRAINTS not in found.soloist.features:
        return kinds.DEFAULT, None
    return found.name, None if ships else found


def remark(request: BaseRequest) -> str:
    """Return a sentence on a request that another version of sideman has played, or nothing."""
    if request.version in ("", VERSION):
        return ""
    return (
        f"This take was played by version {request.version} of sideman, and this is version "
        f"{VERSION}, which may play it differently."
    )


def _notices(model: Model, notes: Sequence[Note], marks: Marks | None) -> tuple[str, ...]:
    """Return the notices of model and marks, and a sentence where no note was played."""
    found: tuple[str, ...] = getattr(model.soloist, "notices", ())
    if marks is not None:
        found += marks.notices
    if notes:
        return found
    return (*found, f"{model.name}: chose rests alone, so that there are no notes.")


def _take(request: VaryRequest | LicksRequest) -> Solo:
    """Return the line of a take over the request's changes, or else over its own."""
    line = request.take.solo
    line = replace(line, title=request.title or line.title)
    if request.changes is not None:
        line = settling.over(line, tune(request.changes)[1].changes, request.take.meter)
    changes = _chords(line)
    return line if request.tempo is None else replace(line, changes=changes.steady())


def _chords(solo: Solo) -> Changes:
    """Return the changes of a line; a MusicError where it has none."""
    if solo.changes is None or not solo.changes.spans:
        raise MusicError(
            f"{solo.title}: contains no chords, and a take is played over some; give the changes.",
            field="changes",
        )
    return solo.changes


def _style(request: PlayRequest) -> styles.Style | None:
    with concerning("style"):
        if request.style_file:
            return styles.parse(request.style_file.encode(), request.style or "the style")
        return None if request.style is None else styles.named(request.style)


def _model(request: BaseRequest, given: Model | None) -> Model:
    if given is None and request.fingerprint == MEMORY:
        raise ModelError(
            f"The request was played by a model without a file, {request.model}; give that model.",
            field="model",
        )
    if given is None and request.fingerprint and request.model not in file.names():
        raise ModelError(
            f"The request was played by the model {request.model}, which does not come with "
            "sideman and is not here as it was then; give that file.",
            field="model",
        )
    found = given or model_named(request.model)
    if request.fingerprint and request.fingerprint != found.fingerprint:
        raise ModelError(
            f"The request was played by another file of the model {found.name}; give that file, "
            f"or use {_maker(request)}.",
            field="model",
        )
    with concerning("player"):
        return replace(found, soloist=kinds.imitating(found.soloist, request.player))


def _tasting(
    request: BaseRequest,
    model: Model,
    given: Marks | None,
    controls: Controls,
    *,
    chosen: bool = True,
) -> tuple[Model, Marks | None]:
    """Return a model that prefers what the marks of a request do, and the marks."""
    marks = rating.settled(request, given)
    if marks is None or not marks.marks:
        return model, marks
    marks.check(model.soloist, model.name, controls, chosen=chosen)
    soloist = cast(Searching, model.soloist).tasting(marks.taste)
    return replace(model, soloist=soloist), marks


def _maker(request: BaseRequest) -> str:
    if request.version:
        return f"version {request.version} of sideman, which made the take"
    return "the version of sideman that made the take"


def seed_of(asked: int | None) -> int:
    """Return the seed that is asked for; a random one for None."""
    return secrets.randbelow(_SEEDS) if asked is None else asked


def _filled(request: Request, model: Model, marks: Marks | None, **values: Any) -> Request:
    """Return a request with its seed, the fingerprints of model and marks, and this version."""
    return _stamped(
        request,
        model=model.name,
        fingerprint=model.fingerprint,
        taste="" if marks is None else marks.fingerprint,
        seed=seed_of(request.seed),
        **values,
    )


def _stamped(request: Request, **values: Any) -> Request:
    """Return a request with this version, and with an expression unless it was played before."""
    new = request.expression is None and not request.version
    expression = requests.EXPRESSION if new else request.expression
    return replace(request, version=VERSION, expression=expression, **values)


def _expression(request: BaseRequest) -> float:
    """Return the expression of a request that :func:`_stamped` has returned."""
    return request.expression or 0.0


def _band(request: BaseRequest) -> improviser.Band:
    return improviser.Band(expression=_expression(request))


def _instrument(name: str | None, line: Line) -> instruments.Instrument:
    with concerning("instrument"):
        return instruments.named(name or line.instrument or instruments.INSTRUMENT)


def _tempo(request: BaseRequest, line: Line) -> float:
    with concerning("tempo"):
        return improviser.tempo_of(request.tempo, line.solo)
