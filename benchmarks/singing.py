"""Do slow solos sing, and does a solo take up its tune's melody?  Tables of ``docs/listening.md``.

``.venv/bin/python benchmarks/singing.py wjazzd.db split.json [--seeds 8]``

*Slow solos*: those of players in 4/4 at up to 80 quarters a minute, beside two choruses of
``ballad-eb`` for each seed, as a ballad and at the same tempo in another style.  A bar is in double
time if inter-onset intervals of a sixteenth or less fill half of it; a long tone lasts a quarter or
more.

*Melodies*: the share of the melody's notes of which the pitch class is sounded within an eighth,
and the share of its phrases of which three notes in five are; for some values of ``--melody``, two
choruses for each seed of tunes in 4/4.  The control takes the melody of another of these tunes,
moved to the same key.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sideman.evaluation import loading
from sideman.library import songbook
from sideman.models.events import DURATION_TICKS
from sideman.models.melody import phrases
from sideman.models.passages import SLOW_BPM
from sideman.score import Note
from sideman.score.practice import ALIKE
from sideman.service import playing
from sideman.service.requests import PlayRequest, Tune

Ints = NDArray[np.int64]
BAR, EIGHTH, SIXTEENTH, QUARTER = 96, 12, 6, 24
BALLAD = "ballad-eb"
TUNES = ("happy-birthday", "londonderry-air", "indiana", "bye-bye-blackbird", "after-youve-gone")
SHARES = (0.0, 0.5, 1.0)
CHORUSES = 2
MOST_OF = 0.6


@dataclass(frozen=True)
class Heard:
    """Onsets and lengths of a solo's notes, in ticks."""

    onset: Ints
    length: Ints

    @property
    def doubled(self) -> NDArray[np.bool_]:
        """Return whether each bar is in double time, from the first note's to the last's."""
        bar, wait = self.onset // BAR - self.onset[0] // BAR, np.diff(self.onset)
        return np.bincount(bar, np.append(np.where(wait <= SIXTEENTH, wait, 0), 0)) >= BAR / 2


def row(name: str, solos: Sequence[Heard]) -> str:
    """Return a row of the table of slow solos."""
    doubled = [solo.doubled for solo in solos]
    runs = {
        kind: [
            len(list(run)) for bars in doubled for is_fast, run in groupby(bars) if is_fast == kind
        ]
        for kind in (True, False)
    }
    bars = sum(map(len, doubled))
    length = np.concatenate([solo.length for solo in solos])
    sung = np.concatenate(
        [
            ~bars[solo.onset // BAR - solo.onset[0] // BAR]
            for bars, solo in zip(doubled, solos, strict=True)
        ]
    )
    last = np.concatenate(
        [np.append(np.diff(solo.onset) - solo.length[:-1] >= EIGHTH, True) for solo in solos]
    )
    long = length >= QUARTER
    figures = (
        f"{len(solos)}",
        f"{length[long].sum() / length.sum():.3f}",
        f"{long.sum() / bars:.3f}",
        f"{long[last].mean():.3f}",
        f"{np.concatenate(doubled).mean():.3f}",
        *(f"{np.mean(runs[kind]):.2f} ({_quartiles(runs[kind])})" for kind in (True, False)),
        f"{sung.sum() / (bars - np.concatenate(doubled).sum()):.2f}",
    )
    return f"| {name} | " + " | ".join(figures) + " |"


def _quartiles(lengths: Sequence[int]) -> str:
    return ", ".join(f"{value:g}" for value in np.quantile(lengths, [0.25, 0.5, 0.75, 0.9]))


def played(name: str, seed: int, **asked: object) -> tuple[Note, ...]:
    """Return a solo over a form of the songbook."""
    request = PlayRequest(changes=Tune(name=name), choruses=CHORUSES, seed=seed, **asked)  # type: ignore[arg-type]
    return playing.play(request).solo.notes


def of_notes(notes: Sequence[Note]) -> Heard:
    return Heard(np.array([n.onset for n in notes]), np.array([n.duration for n in notes]))


def of_players(corpus: str, split: str) -> Iterator[Heard]:
    for part in ("train", "valid", "test"):
        for item in loading.select([corpus], split, part, only_common_time=True).items:
            if 0 < (item.solo.tempo_bpm or 0) <= SLOW_BPM:
                events = item.events
                yield Heard(events.onset, np.array(DURATION_TICKS)[events.duration])


def melody_of(name: str) -> tuple[Note, ...]:
    return ALIKE.melody(songbook.load(name), CHORUSES)


def sounded(melody: Sequence[Note], notes: Sequence[Note], moved: int = 0) -> NDArray[np.bool_]:
    """Return which notes of a melody, moved by semitones, a solo sounds within an eighth."""
    return np.array(
        [
            any(
                abs(note.onset - one.onset) <= EIGHTH and (note.pitch - one.pitch - moved) % 12 == 0
                for note in notes
            )
            for one in melody
        ]
    )


def taken_up(share: float, seeds: int) -> str:
    """Return a row of the table of melodies."""
    own, mostly, other = [], [], []
    for at, name in enumerate(TUNES):
        another = TUNES[at - 1]
        keys = [songbook.load(each).key for each in (name, another)]
        moved = (keys[0].tonic.pitch_class - keys[1].tonic.pitch_class) if all(keys) else 0
        melody = melody_of(name)
        end = CHORUSES * songbook.load(name).changes.length
        control = [note for note in melody_of(another) if note.onset < end]
        for seed in range(seeds):
            notes = played(name, seed, controls={"melody": share})
            own.append(sounded(melody, notes).mean())
            other.append(sounded(control, notes, moved).mean())
            mostly += [sounded(one, notes).mean() >= MOST_OF for one in phrases(melody, BAR)]
    return f"| {share:g} | {np.mean(own):.3f} | {np.mean(mostly):.3f} | {np.mean(other):.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--seeds", type=int, default=8)
    asked = parser.parse_args()
    print(
        "| | solos | long tones, share of time | a bar | at phrase ends | double time "
        "| double runs, bars | other runs | notes in another bar |"
    )
    print(row("players", list(of_players(asked.corpus, asked.split))))
    slow = {"as a ballad": {}, "as swing": {"style": "swing", "tempo": 66.0}}
    for name, more in slow.items():
        print(row(name, [of_notes(played(BALLAD, seed, **more)) for seed in range(asked.seeds)]))
    print("| `--melody` | sounded | phrases | of another tune |")
    for share in SHARES:
        print(taken_up(share, asked.seeds))


if __name__ == "__main__":
    main()
