"""Learn the profiles of players that ship, and count whose solos they recognise.

``.venv/bin/python benchmarks/nearest_players.py wjazzd.db split.json --out FOLDER``

Everything is learnt from the part ``train`` (players with four solos or more), and every setting
was chosen there, one solo left out at a time; the parts ``valid`` and ``test`` are reported
together.  Writes ``profiles.safetensors``; the same files give the same bytes.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sideman.evaluation import loading, profiles
from sideman.evaluation.profiles import Profiles
from sideman.evaluation.views import VIEWS, Rows, Views, views
from sideman.models import file

Named = tuple[str, str, Views]
SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--views", action="store_true", help="also some views alone")
    parser.add_argument("--leave-out", action="store_true", help="also on train, one left out")
    options = parser.parse_args()
    everything = loading.select([options.corpus])
    parts = loading.read_split(options.split)
    solos = {
        item.name: (item.name, item.entry.performer, views(item.solo)) for item in everything.items
    }
    train = [solos[name] for name in parts["train"]]
    learnt = profiles.learn(train, np.random.default_rng(SEED))
    known = {player.name for player in learnt.players}
    held = [solos[name] for part in ("valid", "test") for name in parts[part]]
    held = [one for one in held if one[1] in known]
    print(f"{len(known)} players, {len(held)} held-out solos; chance {1 / len(known):.3f}.")
    report("all six views", places(learnt, held))
    report("the first view alone, Jensen-Shannon", plain(train, held))
    for view in VIEWS if options.views else ():
        report(f"{view} alone", narrowed(train, held, (view,)))
    for view in VIEWS if options.views else ():
        report(f"without {view}", narrowed(train, held, [v for v in VIEWS if v != view]))
    if options.views:
        kept = [view for view in VIEWS if view not in ("register", "pace")]
        report("without register and pace", narrowed(train, held, kept))
    if options.leave_out:
        report("train, one left out", left_out(train))
    if options.out is not None:
        events = [item.events for item in everything.items if item.name in parts["train"]]
        content = profiles.to_file(learnt, loading.fingerprint(events))
        file.write(options.out / "profiles.safetensors", content)


def report(label: str, found: Sequence[int]) -> None:
    """Print how often the right player is the first, and among three and five."""
    cells = []
    for most in (1, 3, 5):
        hits = sum(place <= most for place in found)
        low, high = interval(hits, len(found))
        cells.append(f"{hits / len(found):.3f} ({low:.2f}-{high:.2f})")
    print(f"{label:<45} " + "  ".join(cells), flush=True)


def interval(hits: int, tries: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of 95 % for a share."""
    share, more = hits / tries, z * z / tries
    middle = (share + more / 2) / (1 + more)
    half = z * math.sqrt(share * (1 - share) / tries + more / (4 * tries)) / (1 + more)
    return middle - half, middle + half


def places(learnt: Profiles, solos: Sequence[Named]) -> list[int]:
    """Return the place of the right player of each solo, from 1."""
    return [
        [other.name for other, _ in learnt.nearest(one)].index(player) + 1
        for _, player, one in solos
    ]


def narrowed(train: Sequence[Named], held: Sequence[Named], kept: Sequence[str]) -> list[int]:
    """Return the places where only some views are learnt from and compared."""
    learnt = profiles.learn(only(train, kept), np.random.default_rng(SEED))
    return places(learnt, only(held, kept))


def only(solos: Sequence[Named], kept: Sequence[str]) -> list[Named]:
    """Return solos with some of their views."""
    return [
        (name, player, replace(one, rows={v: one.rows[v] for v in kept if v in one.rows}))
        for name, player, one in solos
    ]


def plain(train: Sequence[Named], held: Sequence[Named]) -> list[int]:
    """Return the places by the divergence of the shares of the seven features' clusters."""
    learnt = profiles.learn(only(train, ("melody",)), np.random.default_rng(SEED))
    book, found = learnt.codebook, []
    for _, player, one in held:
        own = book.shares(book.counts(one))
        apart = {other.name: divergence(own[1:], other.shares[1:]) for other in learnt.players}
        found.append(sorted(apart, key=lambda name: apart[name]).index(player) + 1)
    return found


def divergence(one: Rows, other: Rows) -> float:
    """Return the Jensen-Shannon divergence of two distributions."""
    middle = (one + other) / 2
    return float((one * np.log(one / middle) + other * np.log(other / middle)).sum() / 2)


def left_out(train: Sequence[Named]) -> list[int]:
    """Return the places of the solos of train, each compared with players learnt without it."""
    book = profiles.codebook([one for _, _, one in train], np.random.default_rng(SEED))
    shares = np.array([book.shares(book.counts(one)) for _, _, one in train])
    counts = Counter(player for _, player, _ in train)
    known = {player for player, count in counts.items() if count >= profiles.FEWEST_SOLOS}
    names = [(name, player if player in known else "") for name, player, _ in train]
    found = []
    for number, (_, player) in enumerate(names):
        if player:
            others = names[:number] + names[number + 1 :]
            learnt = profiles.compared(
                book, others, np.delete(shares, number, axis=0), profiles.FEWEST_SOLOS - 1
            )
            found += places(learnt, [train[number]])
    return found


if __name__ == "__main__":
    main()
