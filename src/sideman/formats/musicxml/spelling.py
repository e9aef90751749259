"""Spelling the notes of a line by chord, key and direction.

All names are chosen together by dynamic programming over the line (R. Bellman), so that each note
fits its chord, its key and its neighbours: a rising chromatic note is sharp and a falling one flat,
except for a C flat or E sharp that neither chord nor key requires.  No bar has a letter with a
sharp and with a flat where one of them can be avoided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sideman.score import Changes, Note
from sideman.theory.chord import Chord
from sideman.theory.pitch import LETTERS, Key, Pitch, PitchName, spelled

# The cost of a name outside the key, by its fifths above the tonic of the major key.
_CHROMATIC = {
    -6: 0.6, -5: 0.6, -4: 0.5, -3: 0.3, -2: 0.1, 6: 0.3, 7: 0.5, 8: 0.6, 9: 0.9, 10: 2.0,
}  # fmt: skip
_FAR = 2.5
_AWKWARD = 1.5
_AGAINST_THE_CHORD = 3.0
_AGAINST_THE_COLOUR = 0.8
_BESIDE_THE_CHORD = 0.3
_IN_THE_SCALE = -0.7
_LEAVES_BY_THE_SAME_LETTER = 1.0
_COMES_BY_THE_SAME_LETTER = 0.3
_ODD_INTERVAL = 0.4
_SHARP_BESIDE_FLAT = 2.0
_SHARP_FROM_FLAT = 14
_AGAIN = 3
# White keys with an accidental: C flat, F flat, E sharp, B sharp.
_WHITE = frozenset({-8, -7, 11, 12})
_RAISED_NINTH = 9
_DIMINISHED = (0, 3, 6, 9)
_NEIGHBOURS = 48


def spell_line(notes: Sequence[Note], key: Key | None, changes: Changes) -> list[Pitch]:
    """Spell a line, by rising onset, as in its source, else by chords, key and direction.

    `key` is that until a bar of the changes has another; C major if None.

    >>> flat = Key.parse("Bb")
    >>> line = [Note(0, 12, 74), Note(12, 12, 73), Note(24, 12, 72)]
    >>> [str(pitch) for pitch in spell_line(line, flat, Changes(()))]
    ['D5', 'Db5', 'C5']
    """
    bars = [changes.bar_at(note.onset) for note in notes]
    beside: dict[int, frozenset[int]] = {}
    names = _names(notes, key, changes, bars, beside)
    for _ in range(_AGAIN):
        clashes = _clashes(notes, names, key, changes, bars)
        if all(found <= beside.get(bar, frozenset()) for bar, found in clashes.items()):
            break
        for bar, found in clashes.items():
            beside[bar] = beside.get(bar, frozenset()) | found
        names = _names(notes, key, changes, bars, beside)
    return [spelled(PitchName(name), note.pitch) for name, note in zip(names, notes, strict=True)]


def _clashes(
    notes: Sequence[Note],
    names: Sequence[int],
    key: Key | None,
    changes: Changes,
    bars: Sequence[int],
) -> dict[int, frozenset[int]]:
    """Return the names to avoid in each bar that has a letter with a sharp and with a flat.

    Of the two the one that chord and key ask for less is avoided.
    """
    costs: dict[tuple[int, int], float] = {}
    for note, name, bar in zip(notes, names, bars, strict=True):
        home = changes.key_at(note.onset) or key or Key(0)
        cost = _cost(name, home, changes.chord_at(note.onset))
        costs[bar, name] = min(cost, costs.get((bar, name), cost))
    found: dict[int, frozenset[int]] = {}
    for (bar, name), cost in costs.items():
        other = costs.get((bar, name + _SHARP_FROM_FLAT))
        if other is not None:
            worse = name if cost >= other else name + _SHARP_FROM_FLAT
            found[bar] = found.get(bar, frozenset()) | {worse}
    return found


def _names(
    notes: Sequence[Note],
    key: Key | None,
    changes: Changes,
    bars: Sequence[int],
    beside: Mapping[int, frozenset[int]],
) -> list[int]:
    """Return the cheapest names of a line, in fifths; those of `beside` cost more in their bars."""
    # For each note: its possible names with the least cost so far and the previous name.
    table: list[dict[int, tuple[float, int]]] = []
    for index, note in enumerate(notes):
        chord = changes.chord_at(note.onset)
        home = changes.key_at(note.onset) or key or Key(0)
        avoided = beside.get(bars[index], frozenset())
        row: dict[int, tuple[float, int]] = {}
        for name in _candidates(note):
            own = _cost(name, home, chord) + (_SHARP_BESIDE_FLAT if name in avoided else 0.0)
            if index == 0:
                row[name] = (own, name)
                continue
            before = notes[index - 1]
            under = changes.chord_at(before.onset)
            row[name] = min(
                (cost + own + _step(before, note, earlier, name, home, under), earlier)
                for earlier, (cost, _) in table[-1].items()
            )
        table.append(row)
    names: list[int] = []
    if table:
        names.append(min(table[-1], key=lambda name: (table[-1][name][0], abs(name))))
    for row in reversed(table[1:]):
        names.append(row[names[-1]][1])
    names.reverse()
    return names


def _candidates(note: Note) -> tuple[int, ...]:
    if note.name is not None and note.name.pitch_class == note.pitch % 12:
        return (note.name.fifths,)
    return _names_of(note.pitch % 12)


@lru_cache(maxsize=12)
def _names_of(pitch_class: int) -> tuple[int, ...]:
    """Return the names of a pitch class with at most one accidental, F flat to B sharp."""
    return tuple(fifths for fifths in range(-8, 13) if fifths * 7 % 12 == pitch_class)


@lru_cache(maxsize=65536)
def _cost(fifths: int, key: Key, chord: Chord | None) -> float:
    """Return the cost of a name for its chord and key."""
    name = PitchName(fifths)
    if chord is not None and chord.root is not None:
        above = {tone.pitch_class: tone.fifths for tone in chord.names}
        asked = above.get(name.pitch_class)
        if chord.quality.semitones == _DIMINISHED:
            # A diminished chord has four possible roots, so no double flats are needed.
            return _by_key(fifths, key) + (0.0 if asked == fifths else _BESIDE_THE_CHORD)
        if asked is not None and name.pitch_class in chord.tones:
            return 0.0 if asked == fifths else _AGAINST_THE_CHORD
        raised_ninth = asked is not None and asked - chord.root.fifths == _RAISED_NINTH
        if asked is not None and not raised_ninth:
            return 0.0 if asked == fifths else _AGAINST_THE_COLOUR + _by_key(fifths, key)
        scale = _IN_THE_SCALE if fifths in _scale_names(chord) else 0.0
        return scale + _by_key(fifths, key)
    return _by_key(fifths, key)


def _by_key(fifths: int, key: Key) -> float:
    # The key's tones are seven fifths from its fourth; a minor key may raise sixth and seventh.
    place = fifths - key.fifths
    if -1 <= place <= 5 or (key.minor and place in (6, 8)):
        return 0.0
    return _CHROMATIC.get(place, _FAR) + (_AWKWARD if fifths in _WHITE else 0.0)


@lru_cache(maxsize=4096)
def _scale_names(chord: Chord) -> frozenset[int]:
    """Return the names of the chord's first scale, one letter for each of its seven degrees."""
    if chord.root is None or not chord.scales or len(chord.scales[0].semitones) != 7:
        return frozenset()
    first = LETTERS.index(chord.root.letter)
    names = set()
    for degree, semitones in enumerate(chord.scales[0].semitones):
        natural = PitchName.of(LETTERS[(first + degree) % 7])
        alter = (chord.root.pitch_class + semitones - natural.pitch_class + 6) % 12 - 6
        if abs(alter) < 2:
            names.add(natural.fifths + 7 * alter)
    return frozenset(names)


def _step(
    before: Note, note: Note, earlier: int, name: int, key: Key, under: Chord | None
) -> float:
    """Return the cost of the step from one name to the next; `under` is the earlier chord."""
    semitones = abs(note.pitch - before.pitch)
    if semitones == 0 and note.onset - before.onset <= _NEIGHBOURS:
        return 0.0 if earlier == name else _LEAVES_BY_THE_SAME_LETTER
    if note.onset == before.onset or note.onset - before.onset > _NEIGHBOURS:
        return 0.0
    if semitones == 1 and abs(name - earlier) == 7:
        in_key = -1 <= earlier - key.fifths <= 5
        chromatic = not (in_key or (under is not None and earlier in _scale_names(under)))
        return _LEAVES_BY_THE_SAME_LETTER if chromatic else _COMES_BY_THE_SAME_LETTER
    return _ODD_INTERVAL if abs(name - earlier) > 6 else 0.0
