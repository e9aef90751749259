"""Bends, vibrato, breath and ghost notes of instruments, by General MIDI program.

The register and the ghost notes are measured of the players of the Weimar Jazz Database
(``benchmarks/performance.py``); its columns of pitch contours are empty, so that vibrato, scoops
and falls are choices within what the literature gives (``docs/feel.md``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Technique:
    """The playing technique of an instrument.

    Parameters
    ----------
    register_db : float
        Decibels an octave by which high lines are louder.
    ghosts : float
        The share of ghost notes among off-beat notes at the bottom of a turn.
    scoop_cents : float
        How far below its pitch a scooped note begins; 0 where notes are not bent.
    fall_cents : float
        How far the pitch falls at the end of a phrase; at most 200, the range of the pitch wheel.
    vibrato_cents, vibrato_hz : float
        The amplitude and the rate of the vibrato.
    breath : bool
        Whether long notes swell and fade.
    """

    register_db: float = 2.2
    ghosts: float = 0.10
    scoop_cents: float = 0.0
    fall_cents: float = 0.0
    vibrato_cents: float = 0.0
    vibrato_hz: float = 5.0
    breath: bool = False


_SAXOPHONE = Technique(2.5, 0.10, 100, 200, 20, 5.0, breath=True)
_BRASS = Technique(5.3, 0.16, 80, 200, 18, 5.2, breath=True)
_REED = Technique(1.5, 0.08, 100, 150, 10, 5.0, breath=True)
_FLUTE = Technique(2.2, 0.10, 50, 100, 14, 5.2, breath=True)
_VOICE = Technique(2.2, 0.05, 150, 200, 35, 5.8, breath=True)
_HARMONICA = Technique(2.2, 0.10, 150, 150, 14, 5.0, breath=True)

# First program of each range, and its technique.
_TECHNIQUES = (
    (0, Technique(0.4, 0.14)),  # keyboards
    (8, Technique(1.5, 0.22)),  # mallets
    (16, Technique(0.0, 0.0)),  # organs
    (22, _HARMONICA),
    (23, Technique(0.0, 0.0)),  # bandoneon
    (24, Technique(1.8, 0.19, 80, 100, 9, 5.0)),  # guitars
    (32, Technique(1.8, 0.15, 60, 100, 6, 5.0)),  # basses
    (40, Technique(2.2, 0.10, 80, 150, 20, 5.8)),  # strings
    (44, Technique()),
    (52, _VOICE),
    (55, Technique()),
    (56, _BRASS),
    (61, Technique()),
    (64, _SAXOPHONE),
    (68, _REED),
    (72, _FLUTE),
    (80, Technique()),
    (110, Technique(2.2, 0.10, 80, 150, 20, 5.8)),  # fiddle
    (111, _REED),
    (112, Technique()),
)


def of(program: int) -> Technique:
    """Return the technique of a General MIDI program."""
    return next(found for first, found in reversed(_TECHNIQUES) if program >= first)
