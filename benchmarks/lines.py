"""Are the lines good?  Solos over six tunes beside the benchmark's held-out players.

``.venv/bin/python benchmarks/lines.py wjazzd.db split.json [--seeds 40] [--controls bare]``

Prints the tables of ``docs/listening.md``: every statistic of ``sideman measure`` over solos of
two choruses, what they have in common, and their form (motifs that return, where phrases end, where
the climax is), each beside the test part.  Seeds are not those of ``benchmarks/fit_manner.py``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import Pool
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from sideman.evaluation import loading, novelty, players, style
from sideman.formats.midi import reading, solo, writing
from sideman.library import songbook
from sideman.models import registry
from sideman.models.controls import Controls
from sideman.models.events import IOI_EDGES, Events, from_solo
from sideman.models.protocol import Soloist
from sideman.score import Solo
from sideman.service import improviser
from sideman.service.takes.performer import Performer
from sideman.theory.meter import SLOWEST_BPM

FORMS = (
    "blues-f",
    "rhythm-changes-bb",
    "minor-blues-c",
    "minor-bossa-a",
    "jazz-waltz-f",
    "happy-birthday",
)
LETTERED = ("rhythm-changes-bb", "ballad-eb", "bossa-d", "modal-d-minor", "indiana")
"""Tunes whose sections return: AABA, and one ABAC."""
CHORUSES = 2
SECTION_BARS = 8
CONTROLS: dict[str, Controls | None] = {"usual": None, "bare": Controls()}
WITHIN, LEAST, MOST = 0.5, 0.5, 2.0
"""How many of players' standard deviations the mean may be off, and the spread be theirs."""
_MOTIF = 3  # intervals of a motif: four notes


@cache
def loaded(model: str) -> Soloist:
    return registry.load(model)


def play(job: tuple[str, int, str, str]) -> Solo:
    """Play one solo, as ``sideman improvise`` does, but for the band."""
    form, seed, model, controls = job
    place = [2026, (FORMS + LETTERED).index(form), seed]
    sheet = songbook.load(form)
    changes = sheet.changes.repeated(CHORUSES)
    tempo = sheet.tempo_bpm or SLOWEST_BPM
    performer = Performer(loaded(model), tempo, controls=CONTROLS[controls])
    notes = performer.play(changes, rng=np.random.default_rng(place))
    return Solo(sheet.title, notes, changes, tempo_bpm=tempo)


def swing(form: str, model: str) -> float | None:
    """Play one solo with its band, and give the swing ratio that its MIDI file has."""
    sheet = songbook.load(form)
    performer = Performer(loaded(model), improviser.tempo(sheet))
    take = improviser.improvise(sheet, performer, rng=np.random.default_rng(2026))
    return style.swing_ratio(solo.to_solo(reading.parse(writing.dumps(take.performance))))


def verdicts(real: Mapping[str, Any], ours: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """How far each mean is off in players' standard deviations, and the ratio of the spreads."""
    found = []
    for statistic in style.STATISTICS:
        theirs, mine = real[statistic.name], ours[statistic.name]
        if mine["mean"] is not None and statistic.name != "swing_ratio":
            off = (mine["mean"] - theirs["mean"]) / theirs["spread"]
            found.append((statistic.name, off, (mine["spread"] or 0.0) / theirs["spread"]))
    return found


# Form


def motifs(events: Events) -> tuple[list[tuple[int, ...]], NDArray[np.int64]]:
    """Every four notes as intervals and classes of IOIs, and the section in which they begin."""
    steps = np.diff(events.pitch)
    pace = np.searchsorted(IOI_EDGES, events.ioi[1:], side="right")
    both = np.stack([steps, pace], axis=1)
    many = max(0, len(both) - _MOTIF + 1)
    section = events.onset[:many] // (SECTION_BARS * events.ticks_per_bar)
    return [tuple(both[at : at + _MOTIF].ravel().tolist()) for at in range(many)], section


def returning(events: Events, heard: Events) -> float | None:
    """The share of motifs that another line (or this one) has in an earlier section."""
    first: dict[tuple[int, ...], int] = {}
    for motif, section in zip(*motifs(heard), strict=True):
        first[motif] = min(first.get(motif, 10**9), int(section))
    hits = [
        first.get(motif, 10**9) < section
        for motif, section in zip(*motifs(events), strict=True)
        if section > 0
    ]
    return float(np.mean(hits)) if hits else None


def lettered(line: Solo, events: Events) -> tuple[list[str], list[list[tuple[int, ...]]]]:
    """The letter of every section, and the motifs that begin in it."""
    marks = line.changes.sections if line.changes else ()
    steps, _ = motifs(events)
    place = np.searchsorted([start for start, _ in marks], events.onset, side="right") - 1
    found: list[list[tuple[int, ...]]] = [[] for _ in marks]
    for motif, at in zip(steps, place, strict=False):
        if at >= 0:
            found[at].append(motif)
    return [name[0] for _, name in marks], found


def kinship(
    lines: Sequence[tuple[Solo, Events]], rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Tell whether motifs return where the letter does.

    For every two sections of a solo the share of the later one's motifs that the earlier one has:
    its mean over sections of the same letter, and over others; the mean of the difference with the
    letters shuffled within each solo, and how often that reaches the real one.
    """
    shares, alike, shuffled = [], [], []
    for line, events in lines:
        letters, found = lettered(line, events)
        turns = [rng.permutation(len(letters)) for _ in range(2000)]
        for later, motifs_there in enumerate(found):
            for earlier in range(later):
                if motifs_there and found[earlier]:
                    known = set(found[earlier])
                    shares.append(np.mean([motif in known for motif in motifs_there]))
                    alike.append(letters[later] == letters[earlier])
                    shuffled.append([letters[t[later]] == letters[t[earlier]] for t in turns])
    share, same, other = np.array(shares), np.array(alike), np.array(shuffled, bool).T

    def gain(same: NDArray[np.bool_]) -> float:
        return float(share[same].mean() - share[~same].mean())

    by_chance = np.array([gain(one) for one in other])
    return (
        float(share[same].mean()),
        float(share[~same].mean()),
        float(by_chance.mean()),
        float((by_chance >= gain(same)).mean()),
    )


def ends(line: Solo, events: Events) -> tuple[float, float]:
    """Of the phrases' ends and of all notes: the share within a bar of a section's line."""
    section = SECTION_BARS * events.ticks_per_bar
    near = events.ticks_per_bar

    def share(onsets: Sequence[int]) -> float:
        off = [(onset - events.chorus_start(onset) + near) % section for onset in onsets]
        return float(np.mean([at <= 2 * near for at in off]))

    return (
        share([phrase[-1].onset for phrase in style.phrases(line)]),
        share([note.onset for note in line.notes]),
    )


def climax(events: Events) -> tuple[float, float]:
    """Where the highest note is and where the densest four bars are, 0 to 1 of the line."""
    begin, length = events.onset[0], max(1, events.onset[-1] - events.onset[0])
    top = events.onset[events.pitch == events.pitch.max()].mean()
    window = 4 * events.ticks_per_bar
    starts = np.arange(begin, max(begin + 1, events.onset[-1] - window), events.ticks_per_bar)
    counts = np.searchsorted(events.onset, starts + window) - np.searchsorted(events.onset, starts)
    dense = starts[counts == counts.max()].mean() + window / 2
    return float((top - begin) / length), float(min(1.0, (dense - begin) / length))


def form(lines: Sequence[tuple[Solo, Events]], control: Sequence[int]) -> dict[str, float]:
    """All measures of form, averaged; a line's control is another line of the same kind."""
    pairs = [(events, lines[other][1]) for (_, events), other in zip(lines, control, strict=True)]
    own = [found for events, _ in pairs if (found := returning(events, events)) is not None]
    shuffled = [found for one, other in pairs if (found := returning(one, other)) is not None]
    near = np.array([ends(line, events) for line, events in lines])
    peaks = np.array([climax(events) for _, events in lines])
    return {
        "motifs that return from an earlier section": float(np.mean(own)),
        "the same in another solo's earlier sections": float(np.mean(shuffled)),
        "phrases that end within a bar of a section's line": float(near[:, 0].mean()),
        "notes that lie there": float(near[:, 1].mean()),
        "place of the highest note": float(peaks[:, 0].mean()),
        "place of the densest four bars": float(peaks[:, 1].mean()),
    }


def cut(item: loading.Item, bars: int = 64) -> tuple[Solo, Events]:
    """The first choruses of a player, as long as ours."""
    ticks = bars * item.events.ticks_per_bar
    kept = int(np.searchsorted(item.events.onset, ticks))
    line = item.solo
    notes = tuple(note for note in line.notes if note.onset < ticks)
    return Solo(line.title, notes, line.changes), item.events.until(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--model", default="soloist")
    parser.add_argument("--controls", choices=CONTROLS, default="usual")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    jobs = [
        (name, seed, options.model, options.controls)
        for name in FORMS
        for seed in range(options.seeds)
    ]
    lines = []
    with Pool(options.processes) as pool:
        for line in pool.imap(play, jobs, chunksize=4):
            lines.append(line)
            print(f"{len(lines)} of {len(jobs)}", end="\r", file=sys.stderr, flush=True)
    real = players.reference("test")["statistics"]
    every = [style.measure(line) for line in lines]
    ours = players.summary(every)
    by_form = [
        players.summary(every[at : at + options.seeds])
        for at in range(0, len(every), options.seeds)
    ]
    print(f"{len(lines)} solos, {sum(len(line.notes) for line in lines)} notes\n")
    print("| | players | ours | off | spread |", " | ".join(FORMS), "|")
    print("|---|" + "---|" * (4 + len(FORMS)))
    for name, off, ratio in verdicts(real, ours):
        far, wide = abs(off) > WITHIN, not LEAST <= ratio <= MOST
        each = " | ".join(
            "–" if one[name]["mean"] is None else f"{one[name]['mean']:.3g}" for one in by_form
        )
        print(
            f"| {name} | {real[name]['mean']:.3g} ± {real[name]['spread']:.2g} "
            f"| {ours[name]['mean']:.3g} ± {ours[name]['spread']:.2g} "
            f"| {off:+.2f}{' !' * far} | {ratio:.2f}{' !' * wide} | {each} |"
        )
    print("\nswing ratio of a MIDI file over each:", [swing(name, options.model) for name in FORMS])
    print(f"\ndifferent solos: {len({line.notes for line in lines})} of {len(lines)}")
    opened = {
        (line.title, *((note.onset, note.pitch) for note in line.notes[:4])) for line in lines
    }
    print(f"different openings of four notes: {len(opened)} of {len(lines)}")
    index = novelty.shipped()
    matches = [index.match(line).longest for line in lines]
    print(f"longest match with the corpus: mean {np.mean(matches):.1f}, most {max(matches)}\n")
    together = [(line, from_solo(line)) for line in lines]
    chosen = loading.select([options.corpus], options.split, "test", only_common_time=True)
    theirs = [cut(item) for item in chosen.items]
    theirs = [one for one in theirs if len(one[1]) > 40]
    mine = form(
        together,
        [
            at - at % options.seeds + (at + 1) % options.seeds if options.seeds > 1 else at
            for at in range(len(together))
        ],
    )
    others = form(theirs, [(at + 1) % len(theirs) for at in range(len(theirs))])
    print("| form | players, 64 bars | ours |")
    print("|---|---|---|")
    for name, value in others.items():
        print(f"| {name} | {value:.3f} | {mine[name]:.3f} |")
    rng = np.random.default_rng(0)
    both = [options.model, options.controls]
    with Pool(options.processes) as pool:
        jobs = [(name, seed, *both) for name in LETTERED for seed in range(options.seeds)]
        returned = [(line, from_solo(line)) for line in pool.imap(play, jobs, chunksize=4)]
    train = loading.select([options.corpus], options.split, "train", only_common_time=True)
    known = [cut(item) for item in (*train.items, *chosen.items)]
    known = [one for one in known if len(set(lettered(*one)[0])) > 1]
    print("\n| motifs in a later section | of the same letter | of another | shuffled | chance |")
    print("|---|---|---|---|---|")
    for name, those in ((f"{len(known)} players", known), (f"{len(returned)} of ours", returned)):
        same, apart, shuffled, chance = kinship(those, rng)
        print(f"| {name} | {same:.4f} | {apart:.4f} | {shuffled:+.4f} | {chance:.4f} |")


if __name__ == "__main__":
    main()
