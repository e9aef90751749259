"""Parts for players whose instrument sounds other than written."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from sideman.errors import MusicError
from sideman.score import LeadSheet


@dataclass(frozen=True, slots=True)
class Transposition:
    """How much higher a part is written than it sounds.

    Parameters
    ----------
    name : str
        Whose part it is, such as ``B♭`` or ``Tenor sax``.
    fifths : int
        How far key, chords and spelling move on the line of fifths.
    semitones : int
        How far the notes move.

    Examples
    --------
    >>> transposition_named("tenor sax")
    Transposition(name='Tenor sax', fifths=2, semitones=14)
    """

    name: str
    fifths: int
    semitones: int

    @property
    def steps(self) -> int:
        """Letter steps up from the sounding to the written note."""
        return (7 * self.semitones - self.fifths) // 12

    def written(self, sheet: LeadSheet) -> LeadSheet:
        """Move a lead sheet from sounding to written pitch.

        Parameters
        ----------
        sheet : LeadSheet
            As it sounds.

        Returns
        -------
        LeadSheet
            As it is written, in a key with at most six signs.

        Raises
        ------
        MusicError
            If a note would leave the range of MIDI.
        """
        return sheet.transposed(self.fifths, self.semitones)

    def within_signs(self, key_fifths: int) -> Transposition:
        """Take the other spelling where a key would have more than six signs.

        Parameters
        ----------
        key_fifths : int
            The signature of the sounding key.

        Returns
        -------
        Transposition
            This one, or its enharmonic change.

        Examples
        --------
        >>> transposition_named("Eb").within_signs(5).fifths
        -9
        """
        written = key_fifths + self.fifths
        if abs(written) <= 6:
            return self
        moved = self.fifths - 12 if written > 0 else self.fifths + 12
        return Transposition(self.name, moved, self.semitones)


CONCERT = Transposition("", 0, 0)
_B_FLAT, _E_FLAT = 2, 3
_TABLE = {
    "c": CONCERT,
    "concert": CONCERT,
    "bb": Transposition("B♭", _B_FLAT, 2),
    "eb": Transposition("E♭", _E_FLAT, 9),
    "f": Transposition("F", 1, 7),
    "tenor sax": Transposition("Tenor sax", _B_FLAT, 14),
    "alto sax": Transposition("Alto sax", _E_FLAT, 9),
    "soprano sax": Transposition("Soprano sax", _B_FLAT, 2),
    "baritone sax": Transposition("Baritone sax", _E_FLAT, 21),
    "trumpet": Transposition("Trumpet", _B_FLAT, 2),
    "flugelhorn": Transposition("Flugelhorn", _B_FLAT, 2),
    "trombone": Transposition("Trombone", 0, 0),
    "clarinet": Transposition("Clarinet", _B_FLAT, 2),
    "flute": Transposition("Flute", 0, 0),
    "violin": Transposition("Violin", 0, 0),
    "vibraphone": Transposition("Vibraphone", 0, 0),
    "guitar": Transposition("Guitar", 0, 12),
    "bass": Transposition("Bass", 0, 12),
    "piano": Transposition("Piano", 0, 0),
    "french horn": Transposition("French horn", 1, 7),
}


def transposition_named(name: str) -> Transposition:
    """Find how a player's part is written.

    Parameters
    ----------
    name : str
        The key of the instrument (``Bb``, ``Eb``, ``F``, ``C``), or the instrument, or the
        beginning of its name.

    Returns
    -------
    Transposition
        The transposition.

    Raises
    ------
    MusicError
        If there is none of that name; the known ones are named.
    """
    plain = name.strip().casefold().replace("♭", "b").replace("saxophone", "sax")
    wanted = re.sub(r"[\s_-]+", " ", plain)
    if wanted in _TABLE:
        return _TABLE[wanted]
    begun = [known for known in _TABLE if len(wanted) > 2 and known.startswith(wanted)]
    if len(begun) == 1:
        return _TABLE[begun[0]]
    near = begun or difflib.get_close_matches(wanted, _TABLE, n=3, cutoff=0.5)
    raise MusicError(
        f"{name[:60]!r} is no part that sideman writes; choose one of {', '.join(near or _TABLE)}."
    )
