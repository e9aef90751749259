"""The signs of a measure on the playing order: barlines, words, symbols and ``<sound>``.

Programs spell them differently. *To Coda* is words, a coda symbol, ``<sound tocoda>``, or a symbol
with ``<sound coda>`` like the coda itself; a jump is words, ``<sound dacapo>`` or
``<sound dalsegno>``. :class:`SignReader` collects what one measure says, and :func:`resolved`
decides over the whole score which symbol is which. Words are preferred to sounds. The words *To
Coda* are about the end of their measure; a symbol at its start is about its start.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from unicodedata import combining, normalize
from xml.etree.ElementTree import Element

from sideman.score.roadmap import Signs

_CODA_GLYPHS = re.compile("[\U0001d10c⊕\ue048]|(?:^|\\s)[ØøÞ]$")
_SEGNO_GLYPHS = re.compile("[\U0001d10b\ue047]")
_CAPO = r"(?:d\.\s?c|dc)(?![a-z])|da\s?capo|(?:back to|from) the (?:top|beginning)|vom anfang"
_SEGNO_SIGN = "[\U0001d10b\ue047§]"
_SEGNO = (
    rf"(?:d\.\s?s|ds)(?![a-z])|dal\s?segno|\bd(?:\.|al)\s?{_SEGNO_SIGN}"
    rf"|(?:\b(?:al|ao|a la|back to|from|to)\s)?{_SEGNO_SIGN}(?=.*(?:\bcoda\b|[\U0001d10c⊕\ue048]))"
    r"|(?:back to|from|to) the sign"
)
# "on D.S.", "after the D.C.": about a jump that stands elsewhere.
_JUMP = re.compile(
    rf"(?<![a-z.])(?P<about>(?:on|after|at|during|with|by|until)\s+(?:the\s+)?)?"
    rf"(?:(?P<capo>{_CAPO})|(?P<segno>{_SEGNO}))"
)
_TO_CODA = re.compile(r"\b(?:to|al|alla|a la|da|zur)\s+(?:the\s+)?coda\b|\btocoda\b")
_CODA = re.compile(r"\W*coda\b")
_FINE = re.compile(r"\W*(?:al\s)?fi(?:ne?|m)\b")
_ENDING = re.compile(r"\bal\s?(?:la\s)?(\d)")

_NEAR_BARS = 3

Place = Literal["start", "inside", "end"]


@dataclass(frozen=True, slots=True)
class CodaMark:
    """A coda symbol, or words that mean one.

    Parameters
    ----------
    kind : {"to", "coda", "symbol"}
        *To Coda*, the coda, or a symbol that may be either.
    place : {"start", "inside", "end"}
        The place in the measure.
    """

    kind: Literal["to", "coda", "symbol"]
    place: Place


@dataclass(frozen=True, slots=True)
class Marks:
    """The signs of one measure before the symbols are told apart.

    Parameters
    ----------
    signs : Signs
        The signs without the coda.
    codas : tuple of CodaMark
        The coda symbols, in order.
    final : bool
        Whether a final bar line follows.
    segno_follows : bool
        Whether a segno stands at the end, so that it belongs to the next measure.
    jump_first : bool
        Whether the jump stands at the start.
    """

    signs: Signs = Signs()
    codas: tuple[CodaMark, ...] = ()
    final: bool = False
    segno_follows: bool = False
    jump_first: bool = False

    def joined(self, rest: Marks) -> Marks:
        """Return the signs of a bar of which `rest` is the second half."""
        own, other = self.signs, rest.signs
        first = (replace(mark, place="inside") for mark in self.codas if mark.place != "start")
        last = (replace(mark, place="inside") for mark in rest.codas if mark.place != "end")
        return Marks(
            replace(
                own,
                closes=other.closes,
                times=other.times,
                ends_section=other.ends_section,
                fine=own.fine or other.fine,
                jump=own.jump or other.jump,
                until=own.until or other.until,
            ),
            (
                *(mark for mark in self.codas if mark.place == "start"),
                *first,
                *last,
                *(mark for mark in rest.codas if mark.place == "end"),
            ),
            rest.final,
            rest.segno_follows,
            self.jump_first and own.jump is not None,
        )

    def with_those_of(self, other: Marks) -> Marks:
        """Return the signs with the jumps and symbols of the same measure in another part."""
        signs = replace(
            self.signs,
            segno=self.signs.segno or other.signs.segno,
            fine=self.signs.fine or other.signs.fine,
            jump=self.signs.jump or other.signs.jump,
            until=self.signs.until or other.signs.until,
        )
        jump_first = self.jump_first if self.signs.jump else other.jump_first
        return replace(
            self,
            signs=signs,
            codas=self.codas or other.codas,
            segno_follows=self.segno_follows or other.segno_follows,
            jump_first=jump_first,
        )


class SignReader:
    """A reader of one measure's signs."""

    def __init__(self) -> None:
        self.signs = Signs()
        self.final = False
        self.codas: list[tuple[Literal["to", "coda", "symbol"], float]] = []
        self.segnos: list[float] = []
        self.jump_at = 0.0
        self.to = False  # the word "To" apart from its symbol

    def barline(self, element: Element) -> None:
        """Read repeats, endings, double bar lines and the symbols above them."""
        right = element.get("location", "right") == "right"
        at = math.inf if right else 0.0
        if (repeat := element.find("repeat")) is not None:
            if repeat.get("direction") == "forward":
                self.signs = replace(self.signs, opens=True)
            elif repeat.get("direction") == "backward":
                times = repeat.get("times", "")
                known = int(times) if re.fullmatch(r"\d{1,4}", times) else 0
                self.signs = replace(self.signs, closes=True, times=min(16, known))
        if (ending := element.find("ending")) is not None and ending.get("type") == "start":
            numbers = re.findall(r"\d{1,2}", ending.get("number", "1"))
            endings = tuple(min(16, int(number)) for number in numbers)
            self.signs = replace(self.signs, endings=endings)
        style = (element.findtext("bar-style") or "").strip()
        if right and style.startswith("light-"):
            self.signs = replace(self.signs, ends_section=True)
            self.final = style == "light-heavy" and repeat is None
        if element.find("segno") is not None or element.get("segno"):
            self.segnos.append(at)
        if element.find("coda") is not None or element.get("coda"):
            self.codas.append(("symbol", at))

    def direction(
        self, words: str, symbols: Iterable[str], sounds: Iterable[Element], at: float
    ) -> None:
        """Read one direction: its words, symbols and sounds together.

        Parameters
        ----------
        words : str
            All words, joined.
        symbols : iterable of str
            The tags of its segno and coda symbols.
        sounds : iterable of Element
            Its ``<sound>`` elements.
        at : float
            The place in the measure, in divisions.
        """
        sounded = {name: value for sound in sounds for name, value in sound.attrib.items()}
        coda = "coda" in symbols or _CODA_GLYPHS.search(words) is not None
        segno = "segno" in symbols or _SEGNO_GLYPHS.search(words) is not None
        said = _plain(words)
        if self._jump(said, sounded, coda, at):
            return
        if _TO_CODA.search(said) or (coda and re.search(r"\b(to|al|alla|da)\b", said)):
            # Words stand before the bar line to which they belong, some programs' at the start.
            self.codas.append(("to", math.inf))
        elif _CODA.match(said):
            self.codas.append(("coda", at))
        elif sounded.get("tocoda"):
            self.codas.append(("to", at))
        elif coda or sounded.get("coda"):
            self.codas.append(("symbol", at))
        self.to |= said.strip(".:") == "to"
        if _FINE.match(said) or sounded.get("fine"):
            self.signs = replace(self.signs, fine=True)
        if segno or sounded.get("segno"):
            self.segnos.append(at)

    def _jump(self, said: str, sounded: dict[str, str], coda: bool, at: float) -> bool:
        """Read a jump; return whether there is one."""
        found = next((one for one in _JUMP.finditer(said) if not one["about"]), None)
        if found is None and sounded.get("dacapo") != "yes" and not sounded.get("dalsegno"):
            return False
        capo = found["capo"] if found is not None else sounded.get("dacapo") == "yes"
        until: str | int = ""
        if coda or "coda" in said:
            until = "coda"
        elif re.search(r"\bfi(?:ne?|m)\b", said):
            until = "fine"
        elif ending := _ENDING.search(said):
            until = int(ending[1])
        if self.signs.jump is None:
            self.jump_at = at
        self.signs = replace(
            self.signs,
            jump=self.signs.jump or ("da capo" if capo else "dal segno"),
            until=self.signs.until or until,
        )
        return True

    def marks(self, length: float) -> Marks:
        """Return what was read of a measure of that length in divisions."""

        def place(at: float) -> Place:
            if at <= 0:
                return "start"
            return "end" if at >= length else "inside"

        begins = any(place(at) != "end" for at in self.segnos)
        return Marks(
            replace(
                self.signs,
                ends_section=self.signs.ends_section or self.signs.closes,
                segno=begins,
            ),
            tuple(CodaMark(kind, place(at)) for kind, at in self._codas()),
            self.final,
            bool(self.segnos) and not begins,
            self.jump_at <= 0,
        )

    def _codas(self) -> list[tuple[Literal["to", "coda", "symbol"], float]]:
        """Return the marks with the words and the symbol of one sign joined."""
        places = [at for _, at in self.codas]
        kinds = {kind for kind, _ in self.codas}
        if self.codas and ("to" in kinds or self.to):
            words = [at for kind, at in self.codas if kind == "coda"]
            return [("to", max(places)), *(("coda", at) for at in words)]
        if "coda" in kinds:
            return [("coda", min(places))]
        return [("symbol", at) for at in dict.fromkeys(places)]


def _plain(words: str) -> str:
    """Return words in lower case, without accents and with single spaces."""
    letters = normalize("NFD", words.lower())
    return " ".join("".join(one for one in letters if not combining(one)).split())


def resolved(marks: Sequence[Marks], where: Sequence[str]) -> tuple[list[Signs], tuple[str, ...]]:
    """Return the signs of each measure with *To Coda* and coda told apart, and notices.

    Without a jump the coda ends the last chorus only; it is known by a sign for *To Coda* before
    it, or by a final bar line.

    Parameters
    ----------
    marks : sequence of Marks
        By measure.
    where : sequence of str
        The name of each measure in notices.
    """
    signs = [mark.signs for mark in marks]
    for index, mark in enumerate(marks[:-1]):
        if mark.segno_follows:
            signs[index + 1] = replace(signs[index + 1], segno=True)
    jump = next((index for index, sign in enumerate(signs) if sign.jump), None)
    notices: list[str] = []
    if jump is None:
        leave, target = _last_chorus(marks)
        if target is not None:
            notices.append(
                f"{where[target]}: the coda ends the last chorus only; the bars from here on are "
                "left out of the form."
            )
    else:
        leave, target = _after(marks, jump)
        if target == jump:  # The words stand at the start of the coda.
            moved = signs[jump]
            signs[jump] = replace(moved, jump=None, until="")
            jump -= 1
            signs[jump] = replace(signs[jump], jump=moved.jump, until=moved.until)
        else:
            jump = _moved_to_double_bar(signs, jump, target)
        if target is not None and leave is not None and not signs[jump].until:
            signs[jump] = replace(signs[jump], until="coda")
        notices += _doubts(signs, where, jump, leave)
    if leave is not None:
        signs[leave] = replace(signs[leave], to_coda=True)
    if target is not None:
        signs[target] = replace(signs[target], coda=True)
    return signs, tuple(notices)


def _moved_to_double_bar(signs: list[Signs], jump: int, target: int | None) -> int:
    """Move a jump that stands shortly before the double bar line of its section; return its bar."""
    end = min(len(signs) if target is None else target, jump + _NEAR_BARS + 1)
    goal = next((i for i in range(jump, end) if signs[i].ends_section), jump)
    if goal > jump and not any(sign.endings for sign in signs[jump + 1 : goal + 1]):
        moved = signs[jump]
        signs[jump] = replace(moved, jump=None, until="")
        signs[goal] = replace(signs[goal], jump=moved.jump, until=moved.until)
        return goal
    return jump


def _doubts(
    signs: Sequence[Signs], where: Sequence[str], jump: int, leave: int | None
) -> Iterator[str]:
    """Yield a notice for each thing that a jump lacks."""
    if signs[jump].until == "coda" and leave is None:
        yield (
            f"{where[jump]}: no sign To Coda is found before it, so the repetition goes on to this "
            "bar; write To Coda where the coda is left for."
        )
    if signs[jump].until == "fine" and not any(sign.fine for sign in signs):
        yield f"{where[jump]}: there is no Fine, so the repetition goes on to the end; write one."
    if signs[jump].jump == "dal segno" and not any(sign.segno for sign in signs):
        yield f"{where[jump]}: D.S. goes back to the beginning, as there is no segno; write one."
    other = next((i for i in range(jump + 1, len(signs)) if signs[i].jump), None)
    if other is not None:
        yield f"{where[other]}: only the first of several jumps is played; write the others out."


def _sites(marks: Sequence[Marks], *kinds: str) -> list[tuple[int, int]]:
    """Return for each mark the measure after which it stands, and the one before which."""
    found = []
    for index, one in enumerate(marks):
        for mark in one.codas:
            if mark.kind in kinds:
                after = max(0, index - 1) if mark.place == "start" else index
                before = min(index + 1, len(marks) - 1) if mark.place == "end" else index
                found.append((after, before))
    return found


def _last_chorus(marks: Sequence[Marks]) -> tuple[int | None, int | None]:
    """Return the measure after which the coda is left for, and its first one, without a jump."""
    codas = _sites(marks, "coda", "symbol")
    if not codas:
        return None, None
    target = codas[-1][1]
    leaves = [after for after, _ in _sites(marks, "to") if after < target]
    leaves = leaves or [after for after, before in codas if before < target]
    if leaves:
        return leaves[0], target
    return None, (target if target and marks[target - 1].final else None)


def _after(marks: Sequence[Marks], jump: int) -> tuple[int | None, int | None]:
    """Return the measure after which the coda is left for, and its first one, with a jump."""
    codas, tos = _sites(marks, "coda", "symbol"), _sites(marks, "to")
    earliest = jump if marks[jump].jump_first and jump else jump + 1
    target = min((before for _, before in codas if before >= earliest), default=None)
    if target is None and (tos or marks[jump].signs.until == "coda") and jump + 1 < len(marks):
        target = jump + 1  # Nothing else can follow the jump.
    if target is None:
        return None, None
    leaves = [after for after, _ in tos if after < target]
    leaves = leaves or [after for after, before in codas if before < target]
    return (leaves[0] if leaves else None), target
