"""The grammar that reads chord qualities in all dialects.

The root is followed by a triad, a seventh or extension, then alterations, suspensions, additions
and omissions in any order. Two conventions of jazz apply: a thirteenth chord has no eleventh, and
an altered ninth, eleventh or thirteenth replaces the natural one that a larger number implies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST_SYMBOL = 64
ALTERED_TONES = frozenset({0, 1, 3, 4, 6, 8, 10})

_SIGNS = str.maketrans(
    {
        "♭": "b", "♯": "#", "−": "-", "–": "-", "‐": "-", "‑": "-", "—": "-", "∆": "Δ", "△": "Δ",
        "▵": "Δ", "Ø": "ø", "∅": "ø", "°": "o", "º": "o", "˚": "o", "○": "o", "⁺": "+", "＋": "+",
        "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁹": "9",
    }
)  # fmt: skip
_SEPARATORS = re.compile(r"\s*[()\[\]{},/*:]\s*(?:[()\[\]{},/*:]\s*)*")
_SPACES = re.compile(r"(?<!\d)\s+|\s+(?!\d)")

_MAJOR = r"[Mm]ajor|MAJOR|[Mm]aj|MAJ|[Mm]a(?!dd|lt|ug)|MA(?!DD|LT|UG)|[Mm]j|M(?![iI])|[jJ]|[Δ^]"
_MINOR = r"[Mm]inor|MINOR|[Mm]in|MIN|[Mm]i|MI|m|-"
_TRIAD = re.compile(
    rf"(?P<half>half-?dim(?:inished)?|ø|h)|(?P<dim>[Dd]im(?:inished)?|DIM|o(?!mit)|0)"
    rf"|(?P<aug>[Aa]ug(?:mented)?|AUG|\+)|(?P<dom>dom(?:inant)?)"
    rf"|(?P<major>{_MAJOR})|(?P<minor>{_MINOR})"
)
_THEN_MAJOR = re.compile(rf"[,-]?(?:{_MAJOR})(?=7|9|11|13|,|$)")
_NUMBER = re.compile(r"69|6,9|13|11|[9765]|4(?!\d)|2(?!\d)")
_MAJOR_BEHIND = re.compile(r"(?:M|maj)(?=$|,)")
_FIFTH_BEHIND = re.compile(r"5([b#+-])(?!\d)")
_AFTER_SUS = re.compile(r",?(13|11|9|7)")
_POSTFIXED = re.compile(r"(9[#b]?|11#?|13b?)")
_MODIFIER = re.compile(
    r"(?P<sus>[Ss]us(?:pended)?|SUS)(?P<sus_of>2,?(?:sus)?,?4|4,?(?:sus)?,?2|4|2(?!\d))?"
    r"|(?P<alt>[Aa]lt(?:ered)?\.?|ALT)"
    r"|(?P<add>[Aa]dd|ADD),?(?P<add_sign>b|#|\+|-|maj|M)?(?P<add_of>13|11|9|7|6|5|4|3|2)"
    r"|(?P<omit>[Nn]o|[Oo]mit),?(?P<omit_of>13|11|9|7|5|3)(?:rd|th)?"
    r"|(?P<alter>b|#|\+|-)(?P<alter_of>13|11|10|9|7|6|5|4|2)"
    r"|(?P<behind_of>13|11|9|6|5)(?P<behind>b|#|\+|-)(?!\d)"
    r"|(?P<sharp_fifth>[Aa]ug|\+)"
    r"|(?P<major_seventh>7(?:M|maj)|(?:[Mm]aj|ma|M|Δ|\^|j)7?)(?!\d)"
    r"|(?P<bare>13|11|9|7|6|4|2)"
)
_NATURAL = {2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 9: 2, 11: 5, 13: 9}
_ALTERED = {"b2": 1, "b9": 1, "#2": 3, "#9": 3, "b10": 3, "#4": 6, "#11": 6, "b6": 8, "b13": 8}
_TAKES_THE_PLACE_OF = {2: 9, 10: 9, 4: 11, 6: 13}
_IMPLIED = {6: {6}, 69: {6, 9}, 9: {9}, 11: {9, 11}, 13: {9, 13}}
# Words for a whole quality in some dialect.
_WORDS = {
    "5": {7}, "power": {7}, "ped": set(), "pedal": set(), "Bass": set(), "Note": set(),
    "Blues": {3, 5, 6, 7, 10}, "Dominant": {4, 7, 10}, "quartal": {3, 5, 10},
    "phryg": {1, 5, 7, 10}, "susb9": {1, 5, 7, 10}, "67": {4, 7, 9, 10}, "10": {4, 7},
    "m10": {3, 7}, "m8": {3, 7},
}  # fmt: skip


@dataclass
class _Parts:
    """The parts of a symbol that have been read."""

    triad: str = ""  # the group of _TRIAD, or empty
    third: int | None = 4
    fifths: set[int] = field(default_factory=lambda: {7})
    seventh: int | None = None
    usual_seventh: int = 10  # the seventh of a 7, 9, 11 or 13 without sign
    number: int = 0
    implied: set[int] = field(default_factory=set)  # degrees implied by the number
    altered: set[int] = field(default_factory=set)  # degrees whose natural form is replaced
    omitted: set[int] = field(default_factory=set)  # degrees
    sus: set[int] = field(default_factory=set)  # semitones
    added: set[int] = field(default_factory=set)  # semitones
    alt: bool = False

    def semitones(self) -> set[int]:
        """Return the semitones of all parts together."""
        if self.alt:
            return {*ALTERED_TONES} | self.added
        tones = {0} | self.added
        tones |= {_NATURAL[degree] for degree in self.implied - self.altered - self.omitted}
        if self.sus:
            tones |= self.sus
        elif self.third and 3 not in self.omitted:
            tones.add(self.third)
        if 5 not in self.omitted:
            tones |= self.fifths
        if self.seventh and 7 not in self.omitted:
            tones.add(self.seventh)
        return tones


def read_semitones(text: str) -> set[int] | None:
    """Return the semitones above the root of a quality such as ``m7b5``, ``^7#11`` or ``79b13``.

    The text has at most `LONGEST_SYMBOL` characters and no bass. None if the spelling is unknown.
    """
    plain = _plain(text)
    if plain is None or plain in _WORDS:
        return None if plain is None else {0} | _WORDS[plain]
    parts, at = _read_triad(plain)
    at = _read_number(parts, plain, at)
    while 0 <= at < len(plain):
        separated = plain[at] == ","
        item = _MODIFIER.match(plain, at + separated)
        if item is None:
            return None
        at = item.end()
        if item["sus"]:
            at = _suspend(parts, item, plain)
        elif not _modify(parts, item, separated):
            return None
    return None if at < 0 or (parts.alt and parts.sus) else parts.semitones()


def _plain(text: str) -> str | None:
    """Normalise the characters: ASCII except Δ and ø, a comma for every separator."""
    # iReal Pro writes custom chords between asterisks; Impro-Visor marks a voicing with "_".
    text = _SPACES.sub("", text.translate(_SIGNS).strip().strip("*")).rstrip("_")
    if text.endswith((*"([{,/*:",)):
        return None
    text = _SEPARATORS.sub(",", text.rstrip(")]}")).rstrip(",")
    return re.sub(r"\s+", ",", text)


def _read_triad(plain: str) -> tuple[_Parts, int]:
    """Read the triad, and a major seventh directly after it: ``m(maj7)``."""
    found = _TRIAD.match(plain)
    if found is None:
        return _Parts(), 0
    triad, at = found.lastgroup or "", found.end()
    parts = _Parts(
        triad=triad,
        third=3 if triad in ("minor", "dim", "half") else 4,
        fifths={{"dim": 6, "half": 6, "aug": 8}.get(triad, 7)},
        usual_seventh={"major": 11, "dim": 9}.get(triad, 10),
    )
    # A triangle or iReal Pro's ^ implies the seventh.
    if triad == "half" or found[0] in (*"jJΔ^",):
        parts.seventh = parts.usual_seventh
    if triad in ("minor", "dim", "aug") and (then := _THEN_MAJOR.match(plain, at)):
        parts.seventh = parts.usual_seventh = 11
        at = then.end()
    return parts, at


def _read_number(parts: _Parts, plain: str, at: int) -> int:
    """Read the number after the triad; -1 if they do not fit together."""
    found = _NUMBER.match(plain, at)
    if found is None:
        return at
    if fifth := _FIFTH_BEHIND.match(plain, at):  # "C5+"
        parts.fifths = {6 if fifth[1] in "b-" else 8}
        return fifth.end() if parts.triad in ("", "minor") else -1
    number = parts.number = int(found[0].replace(",", ""))
    at = found.end()
    if number in (2, 4, 5):
        if parts.triad:
            return -1
        parts.third = 0 if number == 5 else 4
        parts.sus |= {5} if number == 4 else set()
        parts.added |= {2} if number == 2 else set()
        return at
    # "C+11" is ambiguous: a raised eleventh or a raised fifth.
    if plain.startswith(("+11", "+13")):
        return -1
    parts.implied |= _IMPLIED.get(number, set())
    if number not in (6, 69):
        parts.seventh = parts.usual_seventh
    elif parts.triad != "half":
        parts.seventh = None
    if number == 7 and parts.triad in ("", "minor") and (then := _MAJOR_BEHIND.match(plain, at)):
        parts.seventh, at = 11, then.end()
    return _read_postfixed(parts, plain, at) if number in (7, 69) else at


def _read_postfixed(parts: _Parts, plain: str, at: int) -> int:
    """Read extensions with the accidental after the number, as in ``79b13``."""
    while item := _POSTFIXED.match(plain, at):
        natural = _NATURAL[int(item[1].rstrip("#b"))]
        parts.added.add(natural + item[1].count("#") - item[1].count("b"))
        at = item.end()
    return at


def _suspend(parts: _Parts, item: re.Match[str], plain: str) -> int:
    """Read ``sus4``, and a seventh or extension directly after it: ``sus79``."""
    of, at = item["sus_of"] or "4", item.end()
    parts.sus |= ({5} if "4" in of else set()) | ({2} if "2" in of else set())
    if not parts.number and (found := _AFTER_SUS.match(plain, at)):
        parts.number = int(found[1])
        parts.implied |= _IMPLIED.get(parts.number, set())
        parts.seventh = parts.usual_seventh
        at = found.end()
        if parts.number == 7:
            at = _read_postfixed(parts, plain, at)
    return at


def _modify(parts: _Parts, item: re.Match[str], separated: bool) -> bool:
    """Read one modifier; return False if it is not valid here."""
    if item["add"]:
        return _add(parts, item["add_sign"] or "", int(item["add_of"]))
    if item["alter"]:
        return _alter(parts, item["alter"], int(item["alter_of"]), separated)
    if item["behind"]:  # "C7(9-)"
        return separated and _alter(parts, item["behind"], int(item["behind_of"]), separated)
    if item["alt"]:
        parts.alt = True
        return parts.triad in ("", "dom") and parts.number in (0, 7)
    if item["omit"]:
        parts.omitted.add(int(item["omit_of"]))
        return True
    if item["sharp_fifth"]:
        parts.fifths = (parts.fifths - {7}) | {8}
        return True
    if item["major_seventh"]:
        # "Co7M7" has both sevenths; "Cm9(maj7)" has the major one only.
        if parts.triad == "dim" and parts.number == 7:
            parts.added.add(11)
            return True
        tall_minor = parts.triad == "minor" and parts.number in (9, 11, 13)
        clear = parts.seventh is None or tall_minor
        parts.seventh = 11
        return clear
    if item["bare"] == "4":
        parts.sus.add(5)
        return separated and parts.number != 6
    # A number without a sign, as in C7(9,13), must follow a separator.
    if item["bare"] != "7":
        parts.added.add(_NATURAL[int(item["bare"])])
        return separated
    clear = separated and parts.seventh is None
    parts.seventh = parts.usual_seventh
    return clear


def _add(parts: _Parts, sign: str, degree: int) -> bool:
    """Read ``add9``, ``addb13`` or ``addmaj7``."""
    sign = {"+": "#", "-": "b", "M": "maj"}.get(sign, sign)
    tone = {"maj7": 11, "b7": 10, "b5": 6, "#5": 8}.get(f"{sign}{degree}")
    if tone is None:
        tone = _ALTERED.get(f"{sign}{degree}") if sign else _NATURAL.get(degree)
    if tone is None:
        return False
    parts.added.add(tone)
    return True


def _alter(parts: _Parts, mark: str, degree: int, separated: bool) -> bool:
    """Read ``b5`` or ``+11``."""
    sign = {"+": "#", "-": "b"}.get(mark, mark)
    if degree == 5:
        parts.fifths = (parts.fifths - {7}) | {6 if sign == "b" else 8}
        return True
    if degree == 7:
        # "Cm(+7)" is clear; "Cm+7" may mean a raised fifth.
        parts.seventh = 11
        return sign == "#" and (mark == "#" or separated)
    tone = _ALTERED.get(f"{sign}{degree}")
    if tone is None:
        return False
    parts.altered.add(_TAKES_THE_PLACE_OF.get(degree, degree))
    parts.added.add(tone)
    return True
