"""Compare ``sideman analyze`` with published analyses of jazz harmony.

``python benchmarks/analyses.py FOLDER`` reads what is there of

``treebank.json``
    the Jazz Harmony Treebank (github.com/DCMLab/JazzHarmonyTreebank, CC BY-NC-SA): the tunes' keys;
    the keys of each chord that an earlier version has of a few tunes (the field ``keys``); and
    trees, in which each chord prepares or prolongs another;
``chord_corpus.txt``
    the corpus of Granroth-Wilding and Steedman (github.com/markgw/jazzparser, ``input``): the
    function of each chord of 76 tunes, in which a ii is a dominant of the dominant;
``jazz1460.txt``
    a playlist of iReal Pro, with the keys of thirty of its tunes in ``standards.txt`` here.

It prints the share of chords for which both say the same.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sideman.errors import SidemanError
from sideman.library import charts
from sideman.models.harmony import analysis, keys
from sideman.models.harmony.analysis import APPLIED, DOMINANT, SUBDOMINANT, TONIC, Analysis
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.service import harmony
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

STANDARDS = Path(__file__).parent / "standards.txt"
_SPELLED = (("%7", "m7b5"), ("%", "m7b5"), ("^7", "maj7"), ("o7", "dim7"), ("aug7", "7#5"))
_COMMAS = (("m,M7", "mM7"), ("b5,7", "7b5"), ("sus4,7", "7sus4"), ("M7", "maj7"))


def chord(text: str) -> Chord:
    for old, new in _SPELLED:
        text = text.replace(old, new)
    return Chord.parse(text)


def treebank_key(text: str) -> Key:
    letter, sign = text[0], text[1:].replace("-", "b")
    return Key.parse(letter.upper() + sign + "m" * letter.islower())


def treebank_changes(tune: Mapping[str, Any]) -> tuple[Changes, list[int]]:
    """Return the changes of a tune, and the tick of each chord."""
    meter = Meter(tune["meter"]["numerator"], tune["meter"]["denominator"])
    bars: dict[int, list[ChordChange]] = {}
    ticks = []
    for bar, beat, symbol in zip(tune["measures"], tune["beats"], tune["chords"], strict=True):
        onset = (beat - 1) * meter.ticks_per_beat
        bars.setdefault(bar, []).append(ChordChange(onset, chord(symbol)))
        ticks.append((bar - 1) * meter.ticks_per_bar + onset)
    whole = tuple(Bar(tuple(bars.get(at, ())), meter) for at in range(1, max(bars) + 1))
    return Changes(whole), ticks


def at_ticks(found: Analysis, ticks: Sequence[int]) -> list[int]:
    """Return the index of the function at each tick."""
    onsets = [each.change.onset for each in found.functions]
    return [max(at for at, onset in enumerate(onsets) if onset <= tick) for tick in ticks]


def heads(tree: Mapping[str, Any]) -> tuple[int, list[tuple[int, int]], int]:
    """Return a tree's head, the pairs of a chord and the one that it refers to, and its size.

    The head of a node is that of the child with its label, the right one where both have it.
    """

    def walk(node: Mapping[str, Any], first: int) -> tuple[int, int]:
        if not node["children"]:
            return first, first + 1
        left, middle = walk(node["children"][0], first)
        right, after = walk(node["children"][1], middle)
        label = node["label"].rstrip("*")
        mine = [each["label"].rstrip("*") for each in node["children"]]
        head, other = (left, right) if mine[1] != label and mine[0] == label else (right, left)
        pairs.append((other, head))
        return head, after

    pairs: list[tuple[int, int]] = []
    head, size = walk(tree, 0)
    return head, pairs, size


def treebank(path: Path) -> None:
    tunes = json.loads(path.read_text(encoding="utf-8"))
    score: Counter[str] = Counter()
    model = harmony.opened("harmony")
    for tune in tunes:
        try:
            changes, ticks = treebank_changes(tune)
            key = treebank_key(tune["key"])
        except (SidemanError, KeyError, ValueError):
            score["unread"] += 1
            continue
        trees = tune.get("trees") or ([{"tree": tune["tree"]}] if "tree" in tune else [])
        named = tune.get("keys", "").split()
        if not trees and not named:
            continue
        told = keys.inferred(model, changes)
        score["tunes"] += 1
        score["tonic told"] += told is not None and told[0] == key.tonic.pitch_class
        found = analysis.analyze(changes, key)
        places = at_ticks(found, ticks)
        if len(named) == len(ticks):
            local_keys(found, places, [Key.parse(each.replace("M", "")) for each in named], score)
        for tree in trees[:1]:
            whole = tree.get("complete_constituent_tree") or tree.get("tree")
            _, pairs, size = heads(whole)
            references(found, places, [pair for pair in pairs if max(pair) < len(ticks)], score)
            score["trees"] += size > 0
    print(f"{score['tunes']} tunes, {score['trees']} trees, {score['unread']} not read")
    for what in ("tonic told", "keys", "dominants", "tonics"):
        whole = score["tunes"] if what == "tonic told" else score[f"{what}, all"]
        if whole:
            print(f"{what:12} {score[what]:5} of {whole:5}  {score[what] / whole:.1%}")


def local_keys(
    found: Analysis, places: Sequence[int], named: Sequence[Key], score: Counter[str]
) -> None:
    for at, key in zip(places, named, strict=True):
        each = found.functions[at]
        score["keys, all"] += 1
        score["keys"] += (each.tonic, each.minor) == (key.tonic.pitch_class, key.minor)


def references(
    found: Analysis, places: Sequence[int], pairs: Sequence[tuple[int, int]], score: Counter[str]
) -> None:
    """Count the dominants whose goal the tree has too, and the tonics of local keys.

    A dominant refers to its goal, at once or by way of chords that prolong it.  A tonic does not
    refer to a chord a fifth below, as a preparation does.
    """
    above = dict(pairs)
    for at, place in enumerate(places):
        if place >= len(found.functions) or at not in above:
            continue
        each = found.functions[place]
        roots = []
        step = at
        while step in above:
            step = above[step]
            roots.append(found.functions[places[step]].change.root)
        if each.function == DOMINANT:
            score["dominants, all"] += 1
            other = [root for root in roots if root != each.change.root]
            score["dominants"] += bool(other) and other[0] == each.tonic
        elif each.function == TONIC and each.change.root == each.tonic:
            score["tonics, all"] += 1
            score["tonics"] += (each.change.root - roots[0]) % 12 not in (7, 1)


def corpus(path: Path) -> None:
    score: Counter[tuple[str, str]] = Counter()
    tunes = unread = 0
    for key, symbols, beats, names in sequences(path.read_text(encoding="utf-8")):
        try:
            chords = [labelled(each) for each in symbols]
        except SidemanError:
            unread += 1
            continue
        tunes += 1
        bars = tuple(
            Bar((ChordChange(0, each),), Meter(count, 4))
            for each, count in zip(chords, beats, strict=True)
        )
        changes = Changes(bars)
        found = analysis.analyze(changes, key)
        for place, name in zip(at_ticks(found, changes.bar_starts[:-1]), names, strict=True):
            theirs = next((each for each in ("Ton", "Dom", "Subdom") if name.startswith(each)), "")
            each = found.functions[place]
            after = found.functions[place + 1 : place + 2]
            falls = bool(after) and (each.change.root - after[0].change.root) % 12 == 7
            ours = {TONIC: "Ton", DOMINANT: "Dom", APPLIED: "Dom"}.get(each.function, "Subdom")
            if each.function == SUBDOMINANT and falls:
                ours = "Dom"
            if theirs:
                score[theirs, ours] += 1
    print(f"{tunes} tunes, {unread} not read")
    for theirs in ("Ton", "Dom", "Subdom"):
        row = {ours: score[theirs, ours] for ours in ("Ton", "Dom", "Subdom")}
        print(f"{theirs:7} {row}")
    same = sum(count for (theirs, ours), count in score.items() if theirs == ours)
    print(f"the same {same} of {score.total()}  {same / score.total():.1%}")


def labelled(text: str) -> Chord:
    for old, new in _COMMAS:
        text = text.replace(old, new)
    return chord(text)


def sequences(text: str) -> Iterator[tuple[Key, list[str], list[int], list[str]]]:
    """Yield mode, chords, beats and functions of each tune; all are written in C."""
    for part in text.split("Chords for ")[1:]:
        lines = part.splitlines()
        minor = bool(re.search(r"Main key:.*minor", lines[1]))
        symbols, beats, names = (lines[at].split() for at in (3, 4, 5))
        yield Key.parse("Cm" if minor else "C"), symbols, [int(each) for each in beats], names


def standards(path: Path) -> None:
    tunes = {each.title: each for each in charts.tunes(path)}
    for part in STANDARDS.read_text(encoding="utf-8").split("\n[")[1:]:
        name, *lines = part.split("\n")
        score: Counter[str] = Counter()
        for title, text in (line.split(" = ") for line in lines if " = " in line):
            read_otherwise = score["all"] - score["same"]
            segments(tunes[title].open(), text, score)
            if score["all"] - score["same"] > read_otherwise:
                print(f"  {title}")
        share = score["same"] / score["all"]
        print(f"{name.strip(']')}: the same {score['same']} of {score['all']}  {share:.1%}")


def segments(sheet: LeadSheet, text: str, score: Counter[str]) -> None:
    """Count the chords whose local key is that of a text such as ``Ab@1 C/Am@6.5 *@9``."""
    assert sheet.key is not None
    changes = sheet.changes
    ticks, named = [], []
    for word in text.split():
        names, at = word.split("@")
        bar, part = divmod(float(at), 1)
        length = changes.bars[int(bar) - 1].meter.ticks_per_bar
        ticks.append(changes.bar_starts[int(bar) - 1] + int(part * length))
        named.append(names.split("/"))
    for each in analysis.analyze(changes, sheet.key).functions:
        names = named[bisect_right(ticks, each.change.onset) - 1]
        if each.function < 0 or "*" in names:
            continue
        score["all"] += 1
        keys_of = [Key.parse(name) for name in names]
        score["same"] += (each.tonic, each.minor) in [
            (key.tonic.pitch_class, key.minor) for key in keys_of
        ]


def main(folder: Path) -> None:
    for name, read in (
        ("treebank.json", treebank),
        ("chord_corpus.txt", corpus),
        ("jazz1460.txt", standards),
    ):
        if (folder / name).exists():
            print(f"\n{name}")
            read(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
