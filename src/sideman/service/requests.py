"""Requests as values: frozen, and JSON there and back without loss.

A request names nothing on a disk.  A tune is a name of the songbook, typed text, the bytes of a
file, or a lead sheet; a phrase or a take is a line; a model is a name and the fingerprint of its
file.  Fields that this version does not define are kept.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar

from sideman import feel
from sideman.band.arranging import Plan
from sideman.errors import FormatError, MusicError, SidemanError
from sideman.files import File as File  # also a part of requests
from sideman.models import registry
from sideman.models.controls import KNOBS, MAX_COPY
from sideman.score import LeadSheet, Solo
from sideman.service.portable import (
    Json,
    meter_from,
    sheet_from,
    sheet_json,
    solo_from,
    solo_json,
    whole,
    words,
)
from sideman.theory.instruments import INSTRUMENT
from sideman.theory.meter import Meter

SCHEMA = 1
"""The number of the JSON's layout; a larger one is refused."""
LARGEST_JSON = 64 * 1024
"""The most bytes of a request inside a take."""
LONGEST_TITLE = 200
"""The most characters of a title that a request gives."""
EXPRESSION = feel.EXPRESSION
"""The expression of a new take that asks for none."""
_SEEDS = 1 << 63  # those that a database can hold
Request = TypeVar("Request", bound="BaseRequest")


@dataclass(frozen=True)
class Tune:
    """A tune: exactly one of name, text, data and sheet.

    Parameters
    ----------
    name : str
        A tune of the songbook; beside `data` the name of the file.
    text : str
        Typed changes, or an iReal Pro link.
    data : bytes
        A file.
    title : str
        Which tune of a file that holds several.
    sheet : LeadSheet or None
        The tune itself.
    """

    name: str = ""
    text: str = ""
    data: bytes = b""
    title: str = ""
    sheet: LeadSheet | None = None

    def to_json(self) -> Json:
        """Return the tune as JSON."""
        if self.sheet is not None:
            found: Json = {"sheet": sheet_json(self.sheet), "name": self.name}
        elif self.data:
            found = {"name": self.name, "data": base64.b64encode(self.data).decode()}
        else:
            found = {"name": self.name, "text": self.text}
        return {key: value for key, value in {**found, "title": self.title}.items() if value}

    @classmethod
    def from_json(cls, content: object) -> Tune:
        """Return the tune that JSON describes; a FormatError where it is damaged."""
        try:
            assert isinstance(content, dict)
            return cls(
                words(content.get("name", "")),
                str(content.get("text", "")),
                base64.b64decode(content.get("data", ""), validate=True),
                words(content.get("title", "")),
                sheet_from(content["sheet"]) if "sheet" in content else None,
            )
        except (AssertionError, TypeError, ValueError, binascii.Error) as error:
            raise FormatError(
                "The tune in the request is damaged; name one, or type its changes.",
                field="changes",
            ) from error


@dataclass(frozen=True)
class Line:
    """A phrase or a take, as it was read from a file.

    Parameters
    ----------
    solo : Solo
        The notes, and the changes where they are known.
    meter : Meter or None
        Its meter, where it is known.
    instrument : str
        What plays it; empty where unknown.
    """

    solo: Solo
    meter: Meter | None = None
    instrument: str = ""

    def to_json(self) -> Json:
        """Return the line as JSON."""
        found = solo_json(self.solo)
        if self.meter is not None:
            found["meter"] = str(self.meter)
        if self.instrument:
            found["instrument"] = self.instrument
        return found

    @classmethod
    def from_json(cls, content: object) -> Line:
        """Return the line that JSON describes; a FormatError where it is damaged."""
        solo = solo_from(content)
        assert isinstance(content, dict)
        try:
            return cls(solo, meter_from(content.get("meter")), words(content.get("instrument", "")))
        except (ValueError, SidemanError) as error:
            raise FormatError("A line in the request is damaged; give it again.") from error


@dataclass(frozen=True)
class BaseRequest:
    """What every request to play has.

    Parameters
    ----------
    model : str
        The name of the model that plays.
    fingerprint : str
        The SHA-256 of its file, or ``memory`` if it has none; empty for whatever has the name.
    version : str
        The version of sideman that has played the request; empty before it is played.
    player : str or None
        The player to imitate.
    controls : mapping of str to number or bool
        Values of knobs; the model's defaults for all others.
    max_copy : int or None
        Notes of the longest match with a recorded solo; None for any length.
    tempo : float or None
        Quarter notes a minute; the tune's, the take's or the style's where None.
    seed : int or None
        The seed; chosen at random, and then kept in the result, where None.
    title : str
        The title that is printed and written to files; that of the tune or the take where empty.
    expression : float or None
        From 0, plain timing, to 1, as players; where None that of a new take, and 0 for a take that
        an earlier version has played.
    taste : str
        The SHA-256 of the marks of the listener to whose taste the solo moves; empty for none.
    extra : mapping
        Fields of a later version, which are kept.
    """

    kind: ClassVar[str] = ""

    model: str = registry.DEFAULT
    fingerprint: str = ""
    version: str = ""
    player: str | None = None
    controls: Mapping[str, float] = field(default_factory=dict)
    max_copy: int | None = MAX_COPY
    tempo: float | None = None
    seed: int | None = None
    title: str = ""
    expression: float | None = None
    taste: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(self.controls.keys() - KNOBS.keys())
        if unknown:
            raise MusicError(
                f"There is no control {unknown[0]!r:.60}; the controls are {', '.join(KNOBS)}.",
                field="controls",
            )
        check_seed(self.seed)
        check_title(self.title)
        feel.check(expression=self.expression)

    def to_json(self) -> Json:
        """Return the request as JSON; fields with their default values are left out."""
        found: Json = {"schema": SCHEMA, "kind": self.kind}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "extra" and value != _default(each):
                found[each.name] = _WRITE.get(each.name, _plain)(value)
        return {**found, **self.extra}

    @classmethod
    def from_json(cls: type[Request], content: object) -> Request:
        """Return the request of :meth:`to_json`.

        Raises
        ------
        FormatError
            If it is no request of this kind, damaged, or of a later layout.
        """
        if not isinstance(content, dict) or content.get("kind") != cls.kind:
            raise FormatError(f"This is no request of kind {cls.kind!r}; make it again.")
        schema = content.get("schema")
        if type(schema) is not int or not 1 <= schema <= SCHEMA:
            raise FormatError(
                f"The request has layout {schema!r:.20}, and this version of sideman reads layout "
                f"1 to {SCHEMA}; use the version that made it."
            )
        known = {each.name: each for each in fields(cls)}
        values: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, value in content.items():
            if name in ("schema", "kind"):
                continue
            if name not in known or name == "extra":
                extra[name] = value
                continue
            try:
                values[name] = _value(name, str(known[name].type), value)
            except (TypeError, ValueError, AttributeError, OverflowError) as error:
                raise FormatError(
                    f"{name} in the request cannot be {json.dumps(value)[:40]}; make the request "
                    "again.",
                    field=name,
                ) from error
        try:
            return cls(**values, extra=extra)
        except TypeError as error:
            raise FormatError("The request lacks a field; make it again.") from error


@dataclass(frozen=True)
class PlayRequest(BaseRequest):
    """A solo over a tune, with the band.

    Parameters
    ----------
    changes : Tune
        The tune.
    key : str or None
        The key to play it in.
    transpose : int or None
        Semitones to move it instead.
    choruses : int or None
        How often the form is played; 3, or as often as in the take, where None.
    instrument : str
        The instrument of the soloist.
    style : str or None
        The band's style; the tune's where None.
    style_file : str
        The TOML text of a style of one's own, in the place of a name.
    swing : float or None
        The ratio of the eighths; the style's where None.
    arrangement : Plan
        What is played beside the solo.
    prime : Line or None
        A phrase to begin with and return to.
    take : Line or None
        A take to play again in its own manner, except what `keep` and `lock` fix.
    keep : str or None
        The bars of the take that are kept, such as ``1-4,9-12``.
    lock : str or None
        What is kept of its other bars: ``rhythm`` or ``contour``.
    ramp : str or None
        The tempo of the first and of the last chorus, such as ``120:200``.
    cycle : str or None
        The order of the keys, one a chorus, such as ``fourths``.
    loop : str or None
        The only bars of the form that are played, such as ``9-12``.
    """

    kind: ClassVar[str] = "play"

    changes: Tune = Tune()
    key: str | None = None
    transpose: int | None = None
    choruses: int | None = None
    instrument: str = INSTRUMENT
    style: str | None = None
    style_file: str = ""
    swing: float | None = None
    arrangement: Plan = Plan()
    prime: Line | None = None
    take: Line | None = None
    keep: str | None = None
    lock: str | None = None
    ramp: str | None = None
    cycle: str | None = None
    loop: str | None = None


@dataclass(frozen=True)
class TradeRequest(BaseRequest):
    """An answer to a phrase.

    Parameters
    ----------
    phrase : Line
        The phrase.
    changes : Tune or None
        The form; the phrase's own chords where None.
    bars : int
        How many bars each has.
    first_bar : int
        The bar of the form in which the phrase begins, counted from 1.
    instrument : str or None
        The instrument of the answer; the phrase's instrument where None.
    """

    kind: ClassVar[str] = "trade"

    phrase: Line = Line(Solo("", ()))
    changes: Tune | None = None
    bars: int = 4
    first_bar: int = 1
    instrument: str | None = None


@dataclass(frozen=True)
class VaryRequest(BaseRequest):
    """Variations of a take.

    Parameters
    ----------
    take : Line
        The take.
    changes : Tune or None
        The form of a take that contains no chords.
    amount : float
        The share of the bars that change.
    count : int
        How many variations.
    number : int
        Which of them a result is, from 1; 0 before it is played.
    instrument : str or None
        The instrument; the take's instrument where None.
    """

    kind: ClassVar[str] = "vary"

    take: Line = Line(Solo("", ()))
    changes: Tune | None = None
    amount: float = 0.5
    count: int = 1
    number: int = 0
    instrument: str | None = None


@dataclass(frozen=True)
class LicksRequest(BaseRequest):
    """The phrases of a take, each in twelve keys.

    Parameters
    ----------
    take : Line
        The take.
    changes : Tune or None
        The form of a take that contains no chords.
    numbers : tuple of int
        Which licks; all where empty.
    fewest : int
        Phrases of fewer notes are left out.
    part : str
        The part that the pages are for.
    instrument : str or None
        The instrument whose range is used; the take's instrument where None.
    """

    kind: ClassVar[str] = "licks"

    take: Line = Line(Solo("", ()))
    changes: Tune | None = None
    numbers: tuple[int, ...] = ()
    fewest: int = 4
    part: str = "C"
    instrument: str | None = None


@dataclass(frozen=True)
class PracticeRequest(LicksRequest):
    """Licks of a take in all keys at rising tempos.

    Parameters
    ----------
    take : Line
        The take.
    changes : Tune or None
        The form of a take that contains no chords.
    numbers : tuple of int
        Which licks; the first three where empty.
    fewest : int
        Phrases of fewer notes are left out.
    part : str
        The part that the page is for.
    instrument : str or None
        The instrument whose range is used; the take's instrument where None.
    cycle : str
        The order of the keys.
    ramp : str or None
        The first and the last tempo, such as ``84:140``; where None three fifths of `tempo`, and
        `tempo`.
    steps : int
        The number of tempos.
    """

    kind: ClassVar[str] = "practice"

    cycle: str = "fourths"
    ramp: str | None = None
    steps: int = 4


KINDS: dict[str, type[BaseRequest]] = {
    each.kind: each
    for each in (PlayRequest, TradeRequest, VaryRequest, LicksRequest, PracticeRequest)
}


def loads(text: str | bytes) -> BaseRequest:
    """Return the request in a JSON text of any kind, at most 64 kB.

    Raises
    ------
    FormatError
        If it is too long, no JSON, or no request.
    """
    if len(text) > LARGEST_JSON:
        raise FormatError(f"The request is longer than {LARGEST_JSON:,} bytes; it is not read.")
    try:
        content = json.loads(text)
        # Half of a surrogate pair is no text, and NaN no number.
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise FormatError("The request is no JSON; make it again.") from error
    kind = content.get("kind") if isinstance(content, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise FormatError(f"This is no request; its kind must be one of {', '.join(KINDS)}.")
    return KINDS[kind].from_json(content)


def dumps(request: BaseRequest) -> str:
    """Return a request as a line of JSON; equal requests give equal text."""
    return json.dumps(request.to_json(), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def check_seed(seed: int | None) -> None:
    """Raise a MusicError for a seed that is negative or above 2^63 - 1."""
    if seed is not None and not 0 <= seed < _SEEDS:
        limit = "at most 2^63 - 1" if seed > 0 else "0 or more"
        raise MusicError(f"seed must be {limit}, got {seed!s:.40}.", field="seed")


def check_title(title: str) -> None:
    """Raise a MusicError for a title that is blank, too long, or cannot be printed."""
    if title and not (title.strip() and title.isprintable() and len(title) <= LONGEST_TITLE):
        raise MusicError(
            f"title must be one line of 1 to {LONGEST_TITLE} printable characters, got "
            f"{title[:60]!r}.",
            field="title",
        )


def with_seed(request: Request, seed: int) -> Request:
    """Return a request with its seed filled in, where it has none."""
    return request if request.seed is not None else replace(request, seed=seed)


def _default(each: Any) -> Any:
    return each.default_factory() if callable(each.default_factory) else each.default


def _plain(value: Any) -> Any:
    return 0.0 if isinstance(value, float) and not value else value  # -0.0 is equal to 0.0


def _controls_json(controls: Mapping[str, float]) -> Json:
    return {name: _plain(value) for name, value in controls.items()}


def _plan_json(plan: Plan) -> Json:
    return {each.name: getattr(plan, each.name) for each in fields(Plan)}


def _plan(content: Any) -> Plan:
    known = {each.name for each in fields(Plan)}
    if not all(name in known and type(value) is bool for name, value in content.items()):
        raise ValueError
    return Plan(**content)


def _controls(content: Any) -> dict[str, float]:
    if not all(isinstance(value, bool | int | float) for value in content.values()):
        raise ValueError
    for value in content.values():
        float(value)  # an OverflowError where it is too large
    return dict(content)


def _value(name: str, annotation: str, value: Any) -> Any:
    """Return the value of a field; a TypeError or ValueError where it is of another type."""
    names = [each.strip() for each in annotation.split("|")]
    if value is None and "None" in names:
        return None
    if name in _READ:
        return _READ[name](value)
    if type(value).__name__ not in names and not (type(value) is int and "float" in names):
        raise TypeError
    if "float" in names:
        float(value)  # an OverflowError where it is too large
    return value


def _own_json(value: Tune | Line | None) -> Json | None:
    return None if value is None else value.to_json()


_LINES = ("prime", "take", "phrase")
_WRITE: dict[str, Callable[[Any], Any]] = {
    "changes": _own_json,
    "arrangement": _plan_json,
    "controls": _controls_json,
    "numbers": list,
    **dict.fromkeys(_LINES, _own_json),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "changes": Tune.from_json,
    "arrangement": _plan,
    "controls": _controls,
    "numbers": lambda content: tuple(map(whole, content)),
    **dict.fromkeys(_LINES, Line.from_json),
}
