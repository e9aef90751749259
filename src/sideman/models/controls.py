"""Every knob of a soloist: one flat dataclass, whose fields say their own bounds and meaning.

The bounds check and its message, the options of the command line, the web form and the table in
the documentation are all made from the :class:`Knob` of each field.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from enum import Enum
from numbers import Integral
from typing import Any

from sideman.errors import MusicError

HARDEST = 5
MAX_COPY = 10
"""The default limit of matches with recorded solos, in notes."""


class Feature(Enum):
    """What a soloist can do beyond playing; the value is what messages call it."""

    CONSTRAINTS = "fixed bars or rhythms"
    PRIME = "continuing a given phrase"
    PHRASING = "separate choices of onset, pitch and length for each note"
    PLAYERS = "knowledge of players"
    SCORING = "likelihoods of whole solos"
    BATCH = "several solos at once"
    CRITIC = "a critic"
    DERIVATION = "rules that a solo is derived from"


@dataclass(frozen=True, slots=True)
class Knob:
    """What describes a control besides its name and type.

    Values lie from `low` (excluded if `above` is set) to `high`; `unit` is empty for a ratio.
    `label` is a short name for forms, `help` one line on what changes in the sound, `group` the
    heading in a form, and `needs` the feature that a soloist must have for it.
    """

    low: float
    high: float
    unit: str
    label: str
    help: str
    group: str
    needs: Feature | None = None
    above: bool = False


def _knob(
    default: Any, low: float, high: float, label: str, help: str, group: str, **more: Any
) -> Any:
    one = Knob(low, high, more.pop("unit", ""), label, help, group, **more)
    return field(default=default, metadata={"knob": one})


_RANDOMNESS, _LINE, _SEARCH = "randomness", "line", "search"
_PHRASING = Feature.PHRASING


@dataclass(frozen=True, slots=True)
class Controls:
    """How to play: the values of all knobs.  The defaults do not change a model's probabilities.

    A soloist has defaults of its own (:attr:`sideman.models.protocol.Soloist.defaults`).

    Raises
    ------
    MusicError
        If a value is out of its bounds; its field is the control's name.
    """

    temperature: float = _knob(
        1.0,
        0,
        100,
        "temperature",
        "Randomness: 0 always takes the most likely choice, 1 samples from the model as it is, "
        "more is bolder.",
        _RANDOMNESS,
    )
    rhythm: float = _knob(
        1.0,
        0.1,
        10,
        "rhythm temperature",
        "Temperature of onsets, as a factor of the temperature.",
        _RANDOMNESS,
        needs=_PHRASING,
    )
    pitch: float = _knob(
        1.0,
        0.1,
        10,
        "pitch temperature",
        "Temperature of pitches, as a factor of the temperature.",
        _RANDOMNESS,
        needs=_PHRASING,
    )
    duration: float = _knob(
        1.0,
        0.1,
        10,
        "duration temperature",
        "Temperature of note lengths, as a factor of the temperature.",
        _RANDOMNESS,
        needs=_PHRASING,
    )
    top_k: int = _knob(
        0,
        0,
        math.inf,
        "top-k",
        "Sample from the K most likely choices only; 0 for all.",
        _RANDOMNESS,
    )
    top_p: float = _knob(
        1.0,
        0,
        1,
        "top-p",
        "Sample from the most likely choices that together have this probability.",
        _RANDOMNESS,
        above=True,
    )
    min_p: float = _knob(
        0.0,
        0,
        1,
        "min-p",
        "Exclude choices less likely than this share of the most likely one.",
        _RANDOMNESS,
    )
    typical: float = _knob(
        1.0,
        0,
        1,
        "typical-p",
        "Sample from the choices of typical surprise that together have this probability.",
        _RANDOMNESS,
        above=True,
    )
    density: float = _knob(
        1.0,
        0.25,
        4,
        "density",
        "Number of notes relative to players: 0.5 is sparse, 2 is dense.",
        _LINE,
        needs=_PHRASING,
    )
    breath: float = _knob(
        0.0,
        0,
        4,
        "phrasing",
        "How strictly phrases keep to players' lengths: 0 leaves them to the model.",
        _LINE,
        needs=_PHRASING,
    )
    motif: float = _knob(
        1.0,
        0,
        4,
        "motifs",
        "How often motifs of the solo, or a given phrase, return: 0 for never, 1 as usual.",
        _LINE,
        needs=_PHRASING,
    )
    melody: float = _knob(
        0.0,
        0,
        1,
        "melody",
        "Share of the melody's phrases that the solo paraphrases, most of them in its first "
        "chorus; other phrases may quote its beginning.  Needs a tune with a melody.",
        _LINE,
        needs=_PHRASING,
    )
    register: float = _knob(
        0.0,
        0,
        4,
        "register",
        "How strictly the line follows a planned register and stays within its range.",
        _LINE,
        needs=_PHRASING,
    )
    softness: float = _knob(
        4.0,
        1,
        24,
        "range softness",
        "Distance over which pitches near the end of the range become less likely.",
        _LINE,
        unit="semitones",
        needs=_PHRASING,
    )
    manner: float = _knob(
        0.0,
        0,
        4,
        "consistency",
        "How strictly a solo keeps the speed of its tempo and the intervals and consonance drawn "
        "for it: 0 leaves them to the model.",
        _LINE,
        needs=_PHRASING,
    )
    resolve: bool = _knob(
        False,
        0,
        1,
        "resolve",
        "Whether the last phrase ends on a chord tone.",
        _LINE,
        needs=_PHRASING,
    )
    difficulty: int = _knob(
        HARDEST,
        1,
        HARDEST,
        "difficulty",
        "1 for beginners to 5 for anything that players play.",
        _LINE,
    )
    effort: int = _knob(
        1,
        1,
        3,
        "effort",
        "1 plays one line as it comes; with 2 a critic chooses among three continuations every "
        "four bars, with 3 among eight.",
        _SEARCH,
        needs=Feature.CRITIC,
    )
    best_of: int = _knob(
        1,
        1,
        100,
        "best of",
        "Play this many solos and keep the best: most like players' where the model has a critic, "
        "else most likely; copies count against it.",
        _SEARCH,
        needs=Feature.SCORING,
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            check(each.name, getattr(self, each.name))

    @property
    def shaped(self) -> bool:
        """Whether any control that needs phrasing differs from what a model does by itself."""
        return bool(self.asking(Feature.PHRASING)) or self.difficulty != HARDEST

    def asking(self, feature: Feature) -> tuple[str, ...]:
        """Return the names of the controls that need a feature and are not neutral."""
        return tuple(
            each.name
            for each in fields(self)
            if knob(each).needs is feature and getattr(self, each.name) != each.default
        )

    def asked(self, values: Mapping[str, Any]) -> Controls:
        """Return these controls with some values replaced; None keeps a value."""
        return replace(self, **{name: one for name, one in values.items() if one is not None})


def knob(of: Field[Any]) -> Knob:
    """Return the knob of a field of :class:`Controls`."""
    found: Knob = of.metadata["knob"]
    return found


KNOBS = {each.name: knob(each) for each in fields(Controls)}
_WHOLE = {each.name for each in fields(Controls) if each.type in ("int", "bool")}


def check(name: str, value: float) -> None:
    """Check one control, a field of :class:`Controls`, against its bounds; else raise MusicError.

    >>> check("density", 9)
    Traceback (most recent call last):
    sideman.errors.MusicError: density must be between 0.25 and 4, got 9.
    """
    one = KNOBS[name]
    low_enough = value <= one.high and not math.isinf(value)
    if low_enough and (one.low < value if one.above else one.low <= value):
        if name not in _WHOLE or _is_whole(value):
            return
        raise MusicError(f"{one.label} must be a whole number, got {value:g}.", field=name)
    if math.isinf(one.high):
        bounds = f"{one.low:g} or more"
    elif one.above:
        bounds = f"above {one.low:g} and at most {one.high:g}"
    else:
        bounds = f"between {one.low:g} and {one.high:g}"
    unit = f" {one.unit}" if one.unit else ""
    raise MusicError(f"{one.label} must be {bounds}{unit}, got {value:g}.", field=name)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral)
