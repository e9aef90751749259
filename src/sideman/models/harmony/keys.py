"""The key of changes that name none."""

from __future__ import annotations

from sideman.models.harmony import alphabet
from sideman.models.harmony.model import HarmonyModel, Progression
from sideman.score import Changes

_MAJOR, _SEVENTH, _MINOR = (alphabet.WORDS.index(word) for word in ("0:maj", "0:7", "0:m"))
# Bits, fitted on 90 tunes of the part valid of the playlist of docs/harmony.md: 91 % of their keys
# are found, and 92 % of the tonics.
_ABSENT = 8.0  # a tonic that never sounds
_ELSEWHERE = 4.0  # one that neither begins nor ends the tune
_CLEAR = 0.1  # the least distance from the next key


def told(model: HarmonyModel, changes: Changes) -> tuple[int, bool] | None:
    """Return the pitch class of the tonic and whether the key is minor; None if it is not clear.

    The key is that in which the chains find the changes most probable, if its tonic chord sounds,
    and is the first or the last; a dominant counts as one where the tune begins with it.
    """
    scored = []
    for tonic in range(12):
        for minor in (False, True):
            tune = Progression.of(changes, tonic, minor=minor)
            found = tune.symbols.tolist()
            homes = {_MINOR} if minor else {_MAJOR, *({_SEVENTH} & set(found[:1]))}
            cost = float(model.surprise(tune, remembers=False).sum())
            cost += 0 if homes & set(found) else _ABSENT
            cost += 0 if homes & {found[0], found[-1]} else _ELSEWHERE
            scored.append((cost, tonic, minor, len(found) > 1 or found[0] in homes))
    (least, tonic, minor, clear), (second, *_) = sorted(scored)[:2]
    return (tonic, minor) if clear and second - least >= _CLEAR else None
