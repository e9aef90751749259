"""The tokens of the jazz grammar.

A token is one note or rest, described by its function over the chord instead of its pitch.  Its
text is ``T,L`` or ``T,L,<upper,lower>``:

``T``
    the function of the note over the chord (:class:`Kind`);
``L``
    its length in quarters, three decimals;
``<upper,lower>``
    how far above and below the note before it may be, as two directed intervals, a minor third
    either side of the step that was played (:class:`Bracket`).  A bar's first note has none.

After Jon Gillick, Kevin Tang and Robert M. Keller, "Machine Learning of Jazz Grammars", Computer
Music Journal 34(3), 2010, in the spelling of the deepjazz project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sideman.errors import FormatError
from sideman.theory.meter import TICKS_PER_QUARTER, quarters_to_ticks
from sideman.theory.pitch import Interval

_TOKEN = re.compile(r"([CSAXR]),(\d{1,4}(?:\.\d{0,12})?)(?:,<([^<>,]*),([^<>,]*)>)?", re.ASCII)
_MOST_QUARTERS = 1024
_MOST_TOKENS = 1_000_000
_HALF_WIDTH = Interval(2, 3)
# The plain name of each size in semitones: letter steps of a minor second, major second, …
_PLAIN_STEPS = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)


class Kind(StrEnum):
    """The function of a note over the chord."""

    REST = "R"
    CHORD = "C"
    """A tone of the chord."""
    SCALE = "S"
    """A tone of the chord's scale."""
    APPROACH = "A"
    """A semitone from a tone of the chord."""
    OTHER = "X"
    """Any other note."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """The interval from the note before in which a note is allowed; both ends are included.

    >>> str(Bracket.around(Interval(1, 2))), Bracket.around(Interval(1, 2)).span
    ('<P4,m-2>', (-1, 5))
    """

    upper: Interval
    lower: Interval

    @classmethod
    def around(cls, step: Interval) -> Bracket:
        """Return the bracket a minor third either side of a step, letters as spelled."""
        return cls(step + _HALF_WIDTH, step - _HALF_WIDTH)

    @classmethod
    def around_semitones(cls, semitones: int) -> Bracket:
        """Return the bracket a minor third either side of a step, its ends by simplest names."""
        return cls(_plain(semitones + 3), _plain(semitones - 3))

    @property
    def span(self) -> tuple[int, int]:
        """The two ends in semitones from the note before, the lower first."""
        ends = self.lower.semitones, self.upper.semitones
        return min(ends), max(ends)

    def __str__(self) -> str:
        return f"<{self.upper.name},{self.lower.name}>"


def _plain(semitones: int) -> Interval:
    """Return an interval of so many semitones with its simplest name."""
    sign = -1 if semitones < 0 else 1
    octaves, rest = divmod(abs(semitones), 12)
    return Interval(sign * (7 * octaves + _PLAIN_STEPS[rest]), semitones)


@dataclass(frozen=True, slots=True)
class Token:
    """One symbol of the grammar.

    `duration` is in ticks, 0 where pruning has rounded a length down to nothing; a rest and a bar's
    first note have no `bracket`.

    >>> token = Token.parse("C,0.333,<P4,m-2>")
    >>> token.kind, token.duration, token.bracket.span, str(token)
    (<Kind.CHORD: 'C'>, 8, (-1, 5), 'C,0.333,<P4,m-2>')
    >>> Token.parse("C,0.5") == Token(Kind.CHORD, 12)
    True
    """

    kind: Kind
    duration: int
    bracket: Bracket | None = None

    @classmethod
    def parse(cls, text: str) -> Token:
        """Return the token of a text, at most 1024 quarters long; raise FormatError if none."""
        return _parse_token(text)

    @property
    def is_rest(self) -> bool:
        """Whether nothing sounds."""
        return self.kind is Kind.REST

    def __str__(self) -> str:
        bracket = "" if self.bracket is None else f",{self.bracket}"
        return f"{self.kind.value},{self.duration / TICKS_PER_QUARTER:.3f}{bracket}"


@lru_cache(maxsize=65536)
def _parse_token(text: str) -> Token:
    match = _TOKEN.fullmatch(text)
    if match is None or float(match[2]) > _MOST_QUARTERS:
        raise FormatError(
            f"{text[:40]!r} is not a token; write one like C,0.500 or S,0.250,<P4,m-2> or R,1.000."
        )
    bracket = None
    if match[3] is not None:
        if match[1] == Kind.REST:
            raise FormatError(f"{text[:40]!r} is not a token: a rest has no bracket; leave it out.")
        try:
            bracket = Bracket(Interval.parse(match[3]), Interval.parse(match[4]))
        except FormatError as error:
            raise FormatError(f"Token {text[:40]!r}: {error}") from error
    return Token(Kind(match[1]), quarters_to_ticks(float(match[2])), bracket)


def parse(text: str) -> tuple[Token, ...]:
    """Return the tokens of a line, at most a million; raise FormatError naming the first wrong one.

    >>> len(parse("C,0.500 S,0.250,<m2,P-4> R,0.250"))
    3
    """
    words = text.split()
    if len(words) > _MOST_TOKENS:
        raise FormatError(
            f"{len(words)} tokens in one line; at most {_MOST_TOKENS} are read: cut it."
        )
    tokens = []
    for number, word in enumerate(words, 1):
        try:
            tokens.append(Token.parse(word))
        except FormatError as error:
            raise FormatError(f"Token {number} of the line: {error}") from error
    return tuple(tokens)


def join(tokens: Iterable[Token]) -> str:
    """Return the text of a line of tokens."""
    return " ".join(map(str, tokens))
