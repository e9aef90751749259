"""What a chord is, apart from its root: a set of intervals, and the one grammar of its spellings.

A quality is the set of semitones above the root that a symbol asks for, so that ``Cm7b5``,
``CØ``, ``Ch7`` and MusicXML's ``half-diminished`` are the same quality and compare equal.  The
grammar reads every dialect's spellings: a triad, a seventh or extension, then alterations,
suspensions, additions and omissions in any order.  Two conventions of jazz hold throughout: a
thirteenth chord leaves the eleventh out, and an altered ninth, eleventh or thirteenth takes the
place of the natural one that a larger number implies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sideman.errors import ChordError

LONGEST_SYMBOL = 64

# Degree names by semitone where nothing else in the chord decides.
_DEGREE_FIFTHS = {
    "1": 0, "b9": -5, "2": 2, "9": 2, "#9": 9, "b3": -3, "3": 4, "4": -1, "11": -1, "#11": 6,
    "b5": -6, "5": 1, "#5": 8, "b6": -4, "b13": -4, "bb7": -9, "6": 3, "13": 3, "b7": -2, "7": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Quality:
    """The intervals of a chord.

    Parameters
    ----------
    semitones : tuple of int
        Semitones above the root, 0 to 11, rising, 0 first; empty for no chord at all.

    Raises
    ------
    ChordError
        If the semitones are not such a tuple.

    Examples
    --------
    >>> Quality.parse("m7b5") == Quality.parse("ø") == Quality((0, 3, 6, 10))
    True
    >>> Quality.of({4, 7, 10, 14, 21}).suffix
    '13'
    """

    semitones: tuple[int, ...]

    def __post_init__(self) -> None:
        rising = tuple(sorted(set(self.semitones)))
        if self.semitones and (
            rising != self.semitones or self.semitones[0] != 0 or self.semitones[-1] > 11
        ):
            raise ChordError(
                f"{self.semitones!r} are not semitones of a chord; give 0 and others up to 11, "
                "rising."
            )

    @classmethod
    def of(cls, semitones: set[int] | frozenset[int]) -> Quality:
        """Make a quality of semitones in any order and any octave.

        Parameters
        ----------
        semitones : set of int
            Semitones above the root; the root is added.

        Returns
        -------
        Quality
            The quality.
        """
        return cls(tuple(sorted({0, *(semitone % 12 for semitone in semitones)})))

    @classmethod
    def parse(cls, text: str) -> Quality:
        """Read what follows the root in a chord symbol, the bass left out.

        Parameters
        ----------
        text : str
            Such as ``m7b5``, ``^7#11``, ``79b13`` or nothing for a major triad.

        Returns
        -------
        Quality
            The quality.

        Raises
        ------
        ChordError
            If the spelling is unknown.
        """
        quality = _parse(text) if len(text) <= LONGEST_SYMBOL else None
        if quality is None:
            raise ChordError(f"{text[:40]!r} is not the quality of a chord.", text[:40])
        return quality

    @property
    def suffix(self) -> str:
        """The house spelling, such as ``m7b5``; reading it gives the same quality."""
        return _suffix(self.semitones)

    @property
    def third(self) -> int | None:
        """Semitones of the third, 3 or 4; of a suspended chord the fourth or second; or None."""
        return next((tone for tone in (4, 3, 5, 2) if tone in self.semitones), None)

    @property
    def fifth(self) -> int | None:
        """Semitones of the fifth, 6 to 8, or None."""
        order = (7, 6, 8) if self.third == 3 else (7, 8, 6)
        return next((tone for tone in order if tone in self.semitones), None)

    @property
    def seventh(self) -> int | None:
        """Semitones of the seventh, 9 (diminished) to 11, or None."""
        if self.third == 3 and self.fifth == 6 and not {10, 11} & {*self.semitones}:
            return 9 if 9 in self.semitones else None
        return next((tone for tone in (10, 11) if tone in self.semitones), None)

    @property
    def sixth(self) -> int | None:
        """9 where a sixth completes the chord in place of a seventh, or None."""
        return 9 if 9 in self.semitones and self.seventh is None else None

    @property
    def tones(self) -> tuple[int, ...]:
        """Semitones of the chord proper: root, third, fifth, sixth or seventh."""
        if not self.semitones:
            return ()
        found = (0, self.third, self.fifth, self.sixth, self.seventh)
        return tuple(tone for tone in found if tone is not None)

    @property
    def extensions(self) -> tuple[int, ...]:
        """Semitones of everything that the symbol asks for beyond the chord proper."""
        return tuple(tone for tone in self.semitones if tone not in self.tones)

    @property
    def degrees(self) -> tuple[tuple[int, str], ...]:
        """Each semitone with the degree's name, such as ``(3, 'b3')`` or ``(6, '#11')``."""
        return tuple((tone, self._degree(tone)) for tone in self.semitones)

    def _degree(self, tone: int) -> str:
        if tone == self.third:
            return {4: "3", 3: "b3", 5: "4", 2: "2"}[tone]
        if tone == self.fifth:
            return {6: "b5", 7: "5", 8: "#5"}[tone]
        if tone == 9 and self.seventh == 9:
            return "bb7"
        if self.seventh is None and tone in (8, 9):
            return {8: "b6", 9: "6"}[tone]
        return ("1", "b9", "9", "#9", "3", "11", "#11", "5", "b13", "13", "b7", "7")[tone]

    @property
    def fifths(self) -> tuple[int, ...]:
        """For each semitone, in the same order, its steps from the root on the line of fifths."""
        return tuple(_DEGREE_FIFTHS[name] for _, name in self.degrees)


# Reading ---------------------------------------------------------------------------------------

_SIGNS = str.maketrans(
    {
        "♭": "b", "♯": "#", "−": "-", "–": "-", "‐": "-", "‑": "-", "—": "-", "∆": "Δ", "△": "Δ",
        "▵": "Δ", "Ø": "ø", "∅": "ø", "°": "o", "º": "o", "˚": "o", "○": "o", "⁺": "+", "＋": "+",
        "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁹": "9",
    }
)  # fmt: skip
# iReal writes chords of one's own between asterisks; Impro-Visor marks a voicing with "_".
_SEPARATORS = re.compile(r"\s*[()\[\]{},/*:]\s*(?:[()\[\]{},/*:]\s*)*")
_SPACES = re.compile(r"(?<!\d)\s+|\s+(?!\d)")

_MAJOR = r"[Mm]ajor|MAJOR|[Mm]aj|MAJ|[Mm]a(?!dd|lt|ug)|MA(?!DD|LT|UG)|[Mm]j|M(?![iI])|[jJ]|[Δ^]"
_MINOR = r"[Mm]inor|MINOR|[Mm]in|MIN|[Mm]i|MI|m|-"
_HEAD = re.compile(
    rf"(?:(?P<half>half-?dim(?:inished)?|ø|h)|(?P<dim>[Dd]im(?:inished)?|DIM|o(?!mit))"
    rf"|(?P<aug>[Aa]ug(?:mented)?|AUG|\+)|(?P<dom>dom(?:inant)?)"
    rf"|(?P<major>{_MAJOR})|(?P<minor>{_MINOR}))?"
)
_THEN_MAJOR = re.compile(rf"[,-]?(?:{_MAJOR})(?=7|9|11|13|,|$)")
_NUMBER = re.compile(r"69|6,9|13|11|[9765]|4(?!\d)|2(?!\d)")
_SEVENTH_BEHIND = re.compile(r"(?:M|maj)(?=$|,)")
_AFTER_SUS = re.compile(r",?(13|11|9|7)")
_POSTFIXED = re.compile(r"(9[#b]?|11#?|13b?)")
_MODIFIER = re.compile(
    r"(?P<sus>[Ss]us(?:pended)?|SUS)(?P<sus_of>2,?(?:sus)?,?4|4,?(?:sus)?,?2|4|2(?!\d))?"
    r"|(?P<alt>[Aa]lt(?:ered)?\.?|ALT)"
    r"|(?P<add>[Aa]dd|ADD),?(?P<add_sign>b|#|\+|-|maj|M)?(?P<add_of>13|11|9|7|6|5|4|3|2)"
    r"|(?P<omit>[Nn]o|[Oo]mit),?(?P<omit_of>13|11|9|7|5|3)(?:rd|th)?"
    r"|(?P<sign>b|#|\+|-)(?P<sign_of>13|11|10|9|7|6|5|4|2)"
    r"|(?P<sharp_fifth>[Aa]ug|\+)"
    r"|(?P<major_seventh>maj|ma|M|Δ|\^|j)7?(?!\d)"
    r"|(?P<bare>13|11|9|7|6|2)"
)
_NATURAL = {2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 9: 2, 11: 5, 13: 9}
_ALTERED = {"b2": 1, "b9": 1, "#2": 3, "#9": 3, "b10": 3, "#4": 6, "#11": 6, "b6": 8, "b13": 8}
_IMPLIED = {6: {6}, 69: {6, 9}, 9: {9}, 11: {9, 11}, 13: {9, 13}}
_ALT = frozenset({0, 1, 3, 4, 6, 8, 10})
# Words that some dialect uses for a whole quality.
_WORDS = {
    "5": (0, 7), "power": (0, 7), "ped": (0,), "pedal": (0,), "Bass": (0,), "Note": (0,),
    "Blues": (0, 4, 7, 10), "Dominant": (0, 4, 7, 10), "quartal": (0, 5, 10),
}  # fmt: skip


@lru_cache(maxsize=8192)
def _parse(text: str) -> Quality | None:
    """Read a quality; None where the grammar does not know it."""
    text = _SPACES.sub("", text.translate(_SIGNS).strip().strip("*")).rstrip("_")
    plain = re.sub(r"\s+", ",", _SEPARATORS.sub(",", text.rstrip(")]}"))).rstrip(",")
    if text.endswith((*"([{,/*:",)):
        return None
    if plain in _WORDS:
        return Quality(_WORDS[plain])
    head = _HEAD.match(plain)
    kind = (head.lastgroup or "") if head else ""
    at = head.end() if head else 0
    third = 3 if kind in ("minor", "dim", "half") else 4
    fifths = {{"dim": 6, "half": 6, "aug": 8}.get(kind, 7)}
    seventh: int | None = None
    seventh_if_any = {"major": 11, "dim": 9}.get(kind, 10)
    if kind == "half" or (kind == "major" and plain[0] in "jJΔ^"):
        seventh = seventh_if_any
    if kind in ("minor", "dim", "aug") and (then := _THEN_MAJOR.match(plain, at)):
        seventh = seventh_if_any = 11
        at = then.end()

    number = 0
    implied: set[int] = set()
    if found := _NUMBER.match(plain, at):
        number = int(found[0].replace(",", ""))
        at = found.end()
    added: set[int] = set()
    sus: set[int] = set()
    if number in (2, 4, 5):
        if kind:
            return None
        if number == 5:
            third = 0
        elif number == 4:
            sus.add(5)
        else:
            added.add(2)
    elif number:
        implied |= _IMPLIED.get(number, set())
        if number not in (6, 69):
            seventh = seventh_if_any
        elif kind != "half":
            seventh = None
    if number == 7 and (found := _SEVENTH_BEHIND.match(plain, at)):
        if kind not in ("", "minor"):
            return None
        seventh, at = 11, found.end()

    def postfixed(at: int) -> int:
        """Read the Weimar database's list, whose accidentals stand behind the numbers."""
        while item := _POSTFIXED.match(plain, at):
            natural = _NATURAL[int(item[1].rstrip("#b"))]
            added.add(natural + item[1].count("#") - item[1].count("b"))
            at = item.end()
        return at

    if number in (7, 69):
        at = postfixed(at)

    altered: set[int] = set()
    omitted: set[int] = set()
    alt = False
    while at < len(plain):
        separated = plain[at] == ","
        item = _MODIFIER.match(plain, at + separated)
        if item is None:
            return None
        at = item.end()
        if item["sus"]:
            of = item["sus_of"] or "4"
            sus |= ({5} if "4" in of else set()) | ({2} if "2" in of else set())
            if not number and (found := _AFTER_SUS.match(plain, at)):
                number = int(found[1])
                implied |= _IMPLIED.get(number, set())
                seventh = seventh_if_any
                at = found.end()
                if number == 7:
                    at = postfixed(at)
        elif item["alt"]:
            if kind not in ("", "dom") or number not in (0, 7):
                return None
            alt = True
        elif item["add"]:
            sign, of_number = item["add_sign"] or "", int(item["add_of"])
            sign = {"+": "#", "-": "b", "M": "maj"}.get(sign, sign)
            if of_number == 7:
                if sign not in ("maj", "b"):
                    return None
                added.add(11 if sign == "maj" else 10)
            elif sign == "":
                added.add(_NATURAL[of_number])
            elif f"{sign}{of_number}" in _ALTERED:
                added.add(_ALTERED[f"{sign}{of_number}"])
            elif of_number == 5 and sign in ("b", "#"):
                added.add(6 if sign == "b" else 8)
            else:
                return None
        elif item["omit"]:
            omitted.add(int(item["omit_of"]))
        elif item["sign"]:
            sign = {"+": "#", "-": "b"}.get(item["sign"], item["sign"])
            of_number = int(item["sign_of"])
            if of_number == 5:
                altered.add(5)
                fifths = (fifths - {7}) | {6 if sign == "b" else 8}
            elif of_number == 7:
                if sign == "b" or (item["sign"] == "+" and not separated):
                    return None
                seventh = 11
            elif f"{sign}{of_number}" in _ALTERED:
                altered.add({2: 9, 10: 9, 4: 11, 6: 13}.get(of_number, of_number))
                added.add(_ALTERED[f"{sign}{of_number}"])
            else:
                return None
        elif item["sharp_fifth"]:
            fifths = (fifths - {7}) | {8}
        elif item["major_seventh"]:
            if seventh is not None:
                return None
            seventh = 11
        else:
            of_number = int(item["bare"])
            if not separated:
                return None
            if of_number == 7:
                if seventh is not None:
                    return None
                seventh = seventh_if_any
            else:
                added.add(_NATURAL[of_number])

    if alt:
        return None if sus else Quality.of(_ALT | added)
    tones = {0} | fifths
    if sus:
        tones |= sus
    elif third and 3 not in omitted:
        tones.add(third)
    if 5 in omitted:
        tones -= {6, 7, 8}
    if seventh is not None and 7 not in omitted:
        tones.add(seventh)
    tones |= {_NATURAL[degree] for degree in implied - altered - omitted} | added
    return Quality.of(tones)


# Writing ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _suffix(semitones: tuple[int, ...]) -> str:
    """Spell a quality in the house's way."""
    rest = {*semitones} - {0}
    if rest == _ALT - {0}:
        return "7alt"
    if rest == {7}:
        return "5"
    quality = Quality(semitones)
    third, fifth, seventh, sixth = quality.third, quality.fifth, quality.seventh, quality.sixth
    rest -= {tone for tone in quality.tones if tone is not None}
    suspended = {5: "sus4", 2: "sus2"}.get(third or 0, "")
    diminished = third == 3 and fifth == 6 and seventh != 10 and sixth is None
    ninth_altered = bool({1, 3} & rest)
    raised_fifth = fifth == 8

    number = ""
    if seventh in (10, 11) and not diminished:
        number = "7"
        if 9 in rest and 8 not in rest and (2 in rest or ninth_altered):
            number = "13"
            rest -= {9} if ninth_altered else {9, 2}
        elif 5 in rest and 6 not in rest and (2 in rest or ninth_altered):
            number = "11"
            rest -= {5} if ninth_altered else {5, 2}
        elif 2 in rest and not ninth_altered:
            number = "9"
            rest -= {2}
    elif seventh == 9:
        number = "7"
    elif sixth is not None:
        number = "6"
        if 2 in rest and not ninth_altered:
            number = "6/9"
            rest -= {2}

    if diminished:
        stem = "dim" + ("(maj7)" if seventh == 11 else number)
    else:
        stem = "m" if third == 3 else ""
        if seventh == 11:
            stem += f"(maj{number})" if stem else f"maj{number}"
        elif raised_fifth and third == 4 and not number:
            stem, raised_fifth = "+", False
        else:
            stem += number

    text = stem + suspended
    changes = []
    if fifth == 6 and not diminished:
        changes.append("b5")
    if raised_fifth:
        changes.append("#5")
    additions: list[str] = []
    altering = bool(number) and not diminished
    for tone, name in ((1, "b9"), (3, "#9"), (6, "#11"), (8, "b13")):
        if tone in rest:
            name = "b6" if tone == 8 and not number else name
            (changes if altering else additions).append(name)
    for tone, name in ((2, "9"), (5, "11"), (9, "13"), (11, "maj7")):
        if tone in rest:
            additions.append(name)
    altered = "".join(changes)
    # "Cb5" would be the power chord of C flat.
    text += f"({altered})" if altered and not text else altered
    text += "".join(f"add{name}" for name in additions)
    text += "no3" if third is None else ""
    text += "no5" if fifth is None else ""
    return text
