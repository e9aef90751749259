"""The solos of the Weimar Jazz Database as they are known here, by name and fingerprint.

``wjazzd.known.json`` has for each solo the number of its tones, digests of its notes (bar, beat,
tatum, division and pitch) and of its chords, and the sums of its onsets and durations in seconds.
``benchmarks/known_solos.py`` computes it.  Digests are of whole numbers and symbols, and the sums
are compared to 2 ms, so that the order of rows, further tables and columns, and how a number is
written make no difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from sideman.formats.weimar import Transcription

_FILE = "wjazzd.known.json"
_DIGITS, _SECONDS = 16, 0.002


class Known(NamedTuple):
    """Counts and fingerprints of a solo; `onsets` and `durations` are sums in seconds."""

    tones: int
    notes: str
    chords: str
    onsets: float
    durations: float

    def apart(self, other: Known) -> tuple[str, ...]:
        """Return in what another solo differs: notes, chords, times."""
        times = max(abs(self.onsets - other.onsets), abs(self.durations - other.durations))
        differ = {
            "notes": (self.tones, self.notes) != (other.tones, other.notes),
            "chords": self.chords != other.chords,
            "times": times > _SECONDS,
        }
        return tuple(name for name, apart in differ.items() if apart)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A database beside the solos that are known.

    Parameters
    ----------
    same : tuple of str
        The names of solos with the events that are known.
    other : mapping of str to tuple of str
        In what each solo of a known name differs.
    missing : tuple of str
        Known names that it does not have.
    further : tuple of str
        The names that are not known.
    renamed : mapping of str to str
        Of those names the known solos whose events they have.
    """

    same: tuple[str, ...]
    other: Mapping[str, tuple[str, ...]]
    missing: tuple[str, ...]
    further: tuple[str, ...]
    renamed: Mapping[str, str]

    @property
    def complete(self) -> bool:
        """True if no known solo is missing or has other events."""
        return not self.other and not self.missing


def of(one: Transcription) -> Known:
    """Return the fingerprint of a solo."""
    notes = sorted(
        (tone.bar, tone.beat, tone.division, tone.tatum, round(tone.pitch)) for tone in one.tones
    )
    chords = sorted((beat.bar, beat.beat, beat.chord) for beat in one.beats if beat.chord)
    return Known(
        len(notes),
        _digest(notes),
        _digest(chords),
        round(sum(tone.onset_seconds for tone in one.tones), 4),
        round(sum(tone.duration_seconds for tone in one.tones), 4),
    )


@cache
def solos() -> Mapping[str, Known]:
    """Return the solos that are known, by name."""
    text = (resources.files("sideman.evaluation") / _FILE).read_text(encoding="utf-8")
    return {name: Known(*values) for name, values in json.loads(text).items()}


def compare(transcriptions: Iterable[Transcription]) -> Comparison:
    """Compare the solos of a database with those that are known."""
    known = solos()
    found: dict[str, Known] = {}
    for one in transcriptions:
        twice = one.name in found
        found[f"{one.name} (solo {one.number})" if twice else one.name] = of(one)
    by_notes = {each.notes: name for name, each in known.items()}
    apart = {name: known[name].apart(own) for name, own in found.items() if name in known}
    further = tuple(sorted(found.keys() - known.keys()))
    return Comparison(
        tuple(sorted(name for name in apart if not apart[name])),
        {name: apart[name] for name in sorted(apart) if apart[name]},
        tuple(sorted(known.keys() - found.keys())),
        further,
        {name: by_notes[found[name].notes] for name in further if found[name].notes in by_notes},
    )


def _digest(rows: Iterable[tuple[object, ...]]) -> str:
    text = "\n".join(" ".join(map(str, row)) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
