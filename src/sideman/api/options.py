"""The keyword arguments of the API: their types, their texts, and the fields that they fill.

Each group is a :class:`typing.TypedDict`.  :func:`keywords` gives a function the signature and the
description of its group, so that ``help``, a notebook and the reference show every argument.
"""

import difflib
import functools
import inspect
import os
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, ParamSpec, TypedDict, TypeVar, get_type_hints

from sideman import files
from sideman.api import sources
from sideman.api.arguments import converted
from sideman.api.names import CONTROLS, FIELDS, KEYWORDS, naming
from sideman.api.sources import Source
from sideman.band.arranging import Plan
from sideman.errors import ModelError, MusicError
from sideman.models import file, registry
from sideman.models.controls import KNOBS
from sideman.models.protocol import Soloist
from sideman.service import rating
from sideman.service.playing import MEMORY, Model, check_taste, model_from, performer_of
from sideman.service.rating import Marks
from sideman.service.requests import BaseRequest

P = ParamSpec("P")
R = TypeVar("R")


class Playing(TypedDict, total=False):
    """Who plays, and how.

    Parameters
    ----------
    model : str, path-like, Soloist or None
        A model that comes with sideman, a model file, or an object that plays; where None the one
        that has played the take, if there is one, else ``soloist``.
    player : str or None
        The player to imitate (:func:`players`).
    max_match : int or None
        Notes of the longest match with a recorded solo; None for any length.
    tempo : float or None
        Quarter notes a minute; the tune's or the take's where None.
    seed : int or None
        The seed; chosen at random, and kept in the take, where None.
    title : str
        The title on pages and in files; that of the tune or the take where empty.
    instrument : str or None
        The soloist's instrument, such as ``trumpet``.
    expression : float or None
        From 0, plain timing and loudness, to 1, which is what is measured of players; 1 where None.
    taste : path-like or None
        A file of marks (:meth:`Take.rate`), which the critic also prefers by, with `effort` 2 or 3
        or `best_of`.
    """

    model: str | os.PathLike[str] | Soloist | None
    player: str | None
    max_match: int | None
    tempo: float | None
    seed: int | None
    title: str
    instrument: str | None
    expression: float | None
    taste: str | os.PathLike[str] | None
    temperature: float | None
    rhythm_temperature: float | None
    pitch_temperature: float | None
    duration_temperature: float | None
    top_k: int | None
    top_p: float | None
    min_p: float | None
    typical_p: float | None
    density: float | None
    phrasing: float | None
    motifs: float | None
    melody: float | None
    register: float | None
    range_softness: float | None
    consistency: float | None
    resolve: bool | None
    difficulty: int | None
    effort: int | None
    best_of: int | None


class Improvising(Playing, total=False):
    """The keywords of :func:`improvise` besides those of the performer.

    Parameters
    ----------
    tune : str or None
        The title of one of several tunes in a file.
    key : str or None
        The key to play in, such as ``Eb``.
    transpose : int or None
        Semitones to move the tune instead.
    choruses : int or None
        How often the form is played; 3, or as often as in the take, where None.
    style : str, path-like or None
        The style of the band, or a ``.toml`` file; the tune's where None.
    swing : float or None
        On-beat eighths divided by off-beat ones; as measured of players where None.
    prime : str, path-like, bytes, Take or Chart
        A phrase to begin with and return to.
    take : str, path-like, bytes, Take or Chart
        A take to play again in its own manner, except for what `keep` and `lock` preserve.
    keep : str or None
        Bars of that take to keep, such as ``1-4,9-12``.
    lock : str or None
        What is kept of its other bars: ``rhythm`` or ``contour``.
    ramp : str or None
        The tempos of the first and the last chorus, such as ``120:200``.
    cycle : str or None
        The order of the keys, one a chorus: ``fourths``, ``fifths``, ``semitones`` ...
    loop : str or None
        The only bars of the tune to play, such as ``9-12``.
    count_in, intro, head, fours, ending : bool
        Whether there is a count-in, an introduction, the tune's melody around the solo, fours with
        the drums in the last chorus, and a ritardando at the end.
    """

    tune: str | None
    key: str | None
    transpose: int | None
    choruses: int | None
    style: str | os.PathLike[str] | None
    swing: float | None
    prime: Source | None
    take: Source | None
    keep: str | None
    lock: str | None
    ramp: str | None
    cycle: str | None
    loop: str | None
    count_in: bool
    intro: bool
    head: bool
    fours: bool
    ending: bool


class Trading(Playing, total=False):
    """The keywords of :func:`trade` besides those of the performer.

    Parameters
    ----------
    tune : str or None
        The title of one of several tunes in the file of the changes.
    bars : int
        Bars of the phrase, and of the answer.
    start_bar : int
        The bar of the form in which the phrase begins, from 1.
    """

    tune: str | None
    bars: int
    start_bar: int


class Varying(Playing, total=False):
    """The keywords of :func:`vary` besides those of the performer.

    Parameters
    ----------
    changes : str, path-like, bytes, Take or Chart
        The changes of a take that contains no chords.
    amount : float
        The share of the bars that change, up to 1.
    count : int
        How many variations.
    """

    changes: Source | None
    amount: float
    count: int


class Cutting(TypedDict, total=False):
    """Which licks of a take are written, and for which part.

    Parameters
    ----------
    changes : str, path-like, bytes, Take or Chart
        The changes of a take that contains no chords.
    numbers : sequence of int
        Which licks, from 1; all where empty.
    min_notes : int
        Phrases with fewer notes are left out.
    part : str
        The transposition of the pages: C, Bb, Eb, F, or an instrument.
    instrument : str or None
        The instrument whose range the licks fit.
    tempo : float or None
        Quarter notes a minute; the take's where None.
    title : str
        The title on pages and in files; that of the take where empty.
    seed : int or None
        The seed of the band.
    expression : float or None
        From 0, plain timing and loudness, to 1, which is what is measured of players; 1 where None.
    """

    changes: Source | None
    numbers: Sequence[int]
    min_notes: int
    part: str
    instrument: str | None
    tempo: float | None
    title: str
    seed: int | None
    expression: float | None


class Practising(TypedDict, total=False):
    """Which licks of a take are practised, in which keys and at which tempos.

    Parameters
    ----------
    changes : str, path-like, bytes, Take or Chart
        The changes of a take that contains no chords.
    numbers : sequence of int
        Which licks, from 1; the first three where empty.
    min_notes : int
        Phrases with fewer notes are left out.
    cycle : str
        The order of the keys: ``fourths``, ``fifths``, ``semitones`` ...
    ramp : str or None
        The first and the last tempo, such as ``84:140``; from three fifths of `tempo` up to it
        where None.
    steps : int
        The number of tempos.
    part : str
        The transposition of the page: C, Bb, Eb, F, or an instrument.
    instrument : str or None
        The instrument whose range the licks fit.
    tempo : float or None
        The last tempo, quarter notes a minute; the take's where None.
    title : str
        The title on pages and in files; that of the take where empty.
    seed : int or None
        The seed of the band.
    expression : float or None
        From 0, plain timing and loudness, to 1, which is what is measured of players; 1 where None.
    """

    changes: Source | None
    numbers: Sequence[int]
    min_notes: int
    cycle: str
    ramp: str | None
    steps: int
    part: str
    instrument: str | None
    tempo: float | None
    title: str
    seed: int | None
    expression: float | None


class Saving(TypedDict, total=False):
    """Keywords of :meth:`Take.save`: those up to `dedication` are for pages, the others for sound.

    Parameters
    ----------
    part : str
        The transposition of the page: C, Bb, Eb, F, or an instrument.
    font : str
        ``engraved`` or ``handwritten``.
    whole : bool
        Whether the page has the head and the ending too.
    dedication : str
        A name that is printed as ``for …``.
    mute : sequence of str
        Parts to leave out.
    click : bool
        Whether there is a metronome.
    soundfont : str, path-like or None
        An ``.sf2`` or ``.sf3`` file, or ``best``.
    """

    part: str
    font: str
    whole: bool
    dedication: str
    mute: Sequence[str]
    click: bool
    soundfont: str | os.PathLike[str] | None


_PLAN = tuple(each.name for each in fields(Plan))


def keywords(group: Any, kind: type[BaseRequest]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator for a function whose keywords are those of a group.

    The keywords are checked before it is called.  It gets a signature with all of them, their
    descriptions before its examples, and errors that name them.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        given = inspect.signature(function)
        own = [one for one in given.parameters.values() if one.kind is not one.VAR_KEYWORD]
        names = {one.name for one in own}

        @functools.wraps(function)
        def named(*values: P.args, **options: P.kwargs) -> R:
            first = {name: options[name] for name in names & options.keys()}
            rest = {name: options[name] for name in options.keys() - first.keys()}
            settings: Any = {**first, **checked(group, rest)}
            with naming():
                return function(*values, **settings)

        hints = get_type_hints(group)
        more = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint
            )
            for name, default, hint in (
                (name, _default(kind, name), hints[name]) for name in _ordered(group)
            )
        ]
        named.__signature__ = given.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
        text = inspect.getdoc(function) or ""
        head, prompt, example = text.partition(">>>")
        title = "Examples\n--------\n" if prompt else ""
        named.__doc__ = f"{head.rstrip()}\n\n{_described(group)}{title}{prompt}{example}"
        return named

    return decorate


def _ordered(group: Any) -> list[str]:
    """Return the keywords of a group: its own, then those of :class:`Playing`."""
    names = list(get_type_hints(group))
    playing = list(get_type_hints(Playing))
    shared = [name for name in names if name in playing] if "model" in names else []
    return [*(name for name in names if name not in shared), *shared]


def _default(kind: type[BaseRequest], name: str) -> Any:
    if name in CONTROLS:
        return None
    holder = Plan if name in _PLAN else kind
    found = getattr(holder(), FIELDS.get(name, name), None)
    return None if name in ("model", "taste", "prime", "take", "changes") else found


def _described(group: Any) -> str:
    """Return the parameters of a group as a NumPy section."""
    own = _parameters(group)
    if "model" not in get_type_hints(group):
        return f"Parameters\n----------\n{own}\n\n"
    hints = get_type_hints(Playing)
    controls = [
        f"{keyword} : {getattr(hints.get(keyword), '__args__', (float,))[0].__name__} or None\n"
        + textwrap.fill(KNOBS[name].help, 96, initial_indent="    ", subsequent_indent="    ")
        for keyword, name in CONTROLS.items()
    ]
    parts = (own, _parameters(Playing), "\n".join(controls))
    joined = "\n".join(parts)
    return f"Parameters\n----------\n{joined}\n\n"


def _parameters(group: Any) -> str:
    return (inspect.getdoc(group) or "").split("----------\n")[1].strip()


def checked(group: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return keywords of a group with their values as plain Python numbers and texts.

    A keyword that is not in the group, or a value of another type, is refused.
    """
    hints = get_type_hints(group)
    known = {*hints, *(CONTROLS if "model" in hints else ())}
    for name in given:
        if name not in known:
            raise MusicError(_unknown(name, known), field=name)
    return {
        name: converted(name, value, hints.get(name, float | None)) for name, value in given.items()
    }


def _unknown(name: str, known: Collection[str]) -> str:
    renamed = KEYWORDS.get(name, "")
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    if renamed in known:
        near = [renamed]
    hint = (
        f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}."
    )
    return f"There is no argument {name[:60]!r}; {hint}"


def model(source: str | os.PathLike[str] | Soloist) -> tuple[str, Model | None]:
    """Return the name of a model for a request, and the model where it does not come with sideman.

    Raise ModelError or FileError if there is no such model, or it plays no solos.
    """
    with naming("model"):
        if isinstance(source, str) and source in file.names():
            return source, None
        if isinstance(source, str | os.PathLike):
            path, data = file.content(source, registry.players())
            found = model_from(data, path.name)
        elif callable(getattr(source, "begin", None)):
            found = Model(source.name, MEMORY, source)
        else:
            raise ModelError(
                f"{source!r:.60} plays no solos; give the name of a model, a model file, or a "
                "Soloist (sideman.models.protocol)."
            )
        return found.name, found


def of_take(take: Source, settings: Mapping[str, object]) -> dict[str, Any]:
    """Return keywords with a take as part of a request, and with its changes where it has none."""
    given: dict[str, Any] = {**settings}
    with naming("take"):
        given["take"] = sources.line(take)
    if (over := given.get("changes")) is not None:
        with naming("changes"):
            given["changes"] = sources.tune(over)
    return given


def fields_of(
    given: Mapping[str, Any], take: Source | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what checked keywords give from files to play with, and the fields of a request.

    The former are a model that does not come with sideman, and a taste.  A keyword that is None
    keeps the field's default, except `max_match`; the model is then the one that has played `take`.
    """
    found: dict[str, Any] = {}
    controls: dict[str, float] = {}
    plan: dict[str, bool] = {}
    playing: Model | None = None
    tasted: Marks | None = None
    for name, value in given.items():
        if name == "max_match":
            found["max_copy"] = value
        elif value is None:
            continue
        elif name == "model":
            found["model"], playing = model(value)
        elif name == "taste":
            tasted = taste(value)
        elif name in CONTROLS:
            controls[CONTROLS[name]] = value
        elif name in _PLAN:
            plan[name] = value
        else:
            found[FIELDS.get(name, name)] = value
    if take is not None:
        source, folders = sources.with_folders(take)
        check_taste(source, tasted)
        if "model" not in found:
            found["model"], playing = performer_of(source, folders)
    if controls:
        found["controls"] = controls
    if plan:
        found["arrangement"] = Plan(**plan)
    return {"model": playing, "taste": tasted}, found


def taste(path: str | os.PathLike[str]) -> Marks:
    """Return the marks in a taste file; raise FileError, FormatError or ModelError if damaged."""
    with naming("taste"):
        return rating.load(path)


def style(given: dict[str, Any]) -> None:
    """Add the text of the file to a style that is given by a path."""
    name = given.get("style")
    if name is None:
        return
    given["style"] = os.fspath(name)
    if given["style"].casefold().endswith(".toml"):
        with naming("style"):
            text = files.read_bytes(name, at_most=files.MEBIBYTE)
        given["style_file"] = text.decode("utf-8", "replace")


def soloist(source: str | os.PathLike[str] | Soloist) -> Any:
    """Return a model that plays: see :func:`model`."""
    name, given = model(source)
    return registry.load(name) if given is None else given.soloist
