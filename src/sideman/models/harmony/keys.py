"""Estimation of the key of changes that name none."""

from __future__ import annotations

import math

from sideman.models.harmony import alphabet
from sideman.models.harmony.model import HarmonyModel, Progression
from sideman.score import Changes

_MAJOR, _SEVENTH, _MINOR = (alphabet.WORDS.index(word) for word in ("0:maj", "0:7", "0:m"))
_DIATONIC = tuple(
    frozenset(map(alphabet.WORDS.index, words.split()))
    for words in (
        "0:maj 2:m7 4:m7 5:maj 7:7 7:sus 9:m7 11:ø",
        "0:m 2:ø 3:maj 5:m 5:m7 7:7 8:maj 10:7",
    )
)
# Bits, fitted on 90 tunes of the part valid of the playlist of docs/harmony.md: 91 % of their keys
# are found, and 93 % of the tonics; with the shipped model 89 % and 90 %.
_ABSENT = 8.0  # a tonic that never sounds
_ELSEWHERE = 4.0  # one that neither begins nor ends the tune
_CHROMATIC = 0.65  # each change that is not diatonic
_CLEAR = 0.05  # the least distance from the next key
_NONE = [(math.inf, 0, False)] * 2


def inferred(model: HarmonyModel, changes: Changes) -> tuple[int, bool] | None:
    """Return the pitch class of the tonic and whether the key is minor; None if it is not clear.

    The key is that in which the chains find the changes most probable, and which has most diatonic
    ones; it is better if its tonic chord sounds, and is the first or the last.  A dominant is a
    tonic chord where the tune begins with it.  A key without a diatonic change is none.
    """
    scored = []
    for tonic in range(12):
        for minor in (False, True):
            with_thirds = alphabet.completed(changes, tonic, minor=minor)
            tune = Progression.of(with_thirds, tonic, minor=minor)
            found = tune.symbols.tolist()
            homes = {_MINOR} if minor else {_MAJOR, *({_SEVENTH} & set(found[:1]))}
            cost = float(model.surprise(tune, remembers=False).sum())
            cost += 0 if homes & set(found) else _ABSENT
            cost += 0 if homes & {found[0], found[-1]} else _ELSEWHERE
            diatonic = sum(each in _DIATONIC[minor] for each in found)
            cost += _CHROMATIC * (len(found) - diatonic)
            if diatonic or homes & set(found):
                scored.append((cost, tonic, minor))
    (least, tonic, minor), (second, *_) = sorted([*scored, *_NONE])[:2]
    return (tonic, minor) if second - least >= _CLEAR else None
