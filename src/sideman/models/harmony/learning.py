"""Estimation of a model of harmony from tunes: their parts, the counts, the weights.

The parts are chosen by a hash of the title: the letters and digits of its NFKD form in lower case,
SHA-256 as a whole number, modulo 10: 0 is ``test``, 1 is ``valid``, everything else ``train``.

Counts are of ``train``.  The weights of the experts are fitted on ``train`` as well, each fold by
counts of the other three, because ``valid`` is too small for them; tunes with the same changes are
in one fold.  Orders are chosen on ``valid``, and nothing on ``test``.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sideman.models import mixing
from sideman.models.events import IntArray
from sideman.models.harmony import rhythm, substitutions
from sideman.models.harmony.model import (
    BUCKETS,
    Array,
    Chain,
    Corpus,
    HarmonyModel,
    Progression,
    Recipe,
    Weights,
    counted,
    digest,
    joined,
    recipes,
)
from sideman.models.harmony.substitutions import Rules
from sideman.score import Changes

LEAST_TUNES = 50
PARTS = ("train", "valid", "test")
_FOLDS = 4
_BLOCK = 512
_DIGITS = 4
_PRIOR = 20.0  # changes of the mean weights in each bucket's own


@dataclass(frozen=True)
class Tune:
    """A tune to learn from; `tonic` is a pitch class."""

    title: str
    changes: Changes
    tonic: int
    minor: bool

    @cached_property
    def progression(self) -> Progression:
        """The changes in the tune's key."""
        return Progression.of(self.changes, self.tonic, minor=self.minor)

    @property
    def part(self) -> str:
        """The part that the title belongs to."""
        tenth = int(hashlib.sha256(plain(self.title).encode()).hexdigest(), 16) % 10
        return {0: "test", 1: "valid"}.get(tenth, "train")


def plain(title: str) -> str:
    """Return the letters and digits of a title in lower case, without accents."""
    folded = unicodedata.normalize("NFKD", title).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def crossing(tunes: Iterable[Tune]) -> tuple[tuple[Tune, ...], ...]:
    """Return the groups of tunes with the same changes, in any key, that are not all in one part.

    A group holds them in the order of `tunes`, and the groups are ordered by their first tunes.
    """
    groups: defaultdict[bytes, list[Tune]] = defaultdict(list)
    for tune in tunes:
        groups[tune.progression.intervals.tobytes()].append(tune)
    return tuple(
        tuple(group) for group in groups.values() if len({tune.part for tune in group}) > 1
    )


def scored(chains: Sequence[Chain], tunes: Sequence[Progression]) -> Array:
    """Return the probability that each expert gave to each change, (changes, chains + 2)."""
    symbols = np.concatenate([tune.symbols for tune in tunes])
    last = np.concatenate([tune.last for tune in tunes])
    names = {name for each in chains for name in each.recipe.features}
    known = joined(tunes, names)
    columns = [np.empty(len(symbols)) for _ in chains]
    for start in range(0, len(symbols), _BLOCK):
        block = slice(start, start + _BLOCK)
        part = {name: values[block] for name, values in known.items()}
        rows = np.arange(len(symbols[block]))
        for column, each in zip(columns, chains, strict=True):
            column[block] = each.expect(part, last[block])[rows, symbols[block]]
    came = [
        (shares.get(symbol, 0.0), float(copy is not None and copy[1] == symbol))
        for tune in tunes
        for symbol, (_, shares), copy in zip(
            tune.symbols.tolist(), tune.recalled, tune.copied, strict=True
        )
    ]
    return np.column_stack([*columns, np.array(came)])


def folds(tunes: Sequence[Progression]) -> list[list[int]]:
    """Return indices of tunes in up to four folds; tunes with the same changes are in one."""
    prints = [each.intervals.tobytes() for each in tunes]
    order = {
        one: rank % _FOLDS
        for rank, one in enumerate(
            sorted(set(prints), key=lambda one: hashlib.sha256(one).digest())
        )
    }
    found: list[list[int]] = [[] for _ in range(_FOLDS)]
    for index, one in enumerate(prints):
        found[order[one]].append(index)
    return [each for each in found if each]


@dataclass(frozen=True, slots=True, eq=False)
class _OutOfFold:
    """The probability of each change by experts that were not counted on its tune."""

    scored: Array
    bucket: IntArray
    tune: IntArray


def _out_of_fold(tunes: Sequence[Progression], recipes: Sequence[Recipe]) -> _OutOfFold:
    rows, buckets, which = [], [], []
    parts = folds(tunes)
    for part in parts:
        others = [tunes[at] for each in parts if each is not part for at in each]
        mine = [tunes[at] for at in part]
        rows.append(scored([counted(others or mine, recipe) for recipe in recipes], mine))
        buckets += [each.bucket for each in mine]
        which += [np.full(len(tunes[at]), at, np.int64) for at in part]
    return _OutOfFold(np.concatenate(rows), np.concatenate(buckets), np.concatenate(which))


def learn(
    tunes: Sequence[Tune], recipes: Sequence[Recipe] = recipes(), fingerprint: str = ""
) -> HarmonyModel:
    """Return the model of the part ``train``; `tunes` hold at least one tune of each part.

    The bits a change of each tune of the corpus are those by the model, or for a tune of ``train``
    by the counts of other folds.
    """
    train = [tune for tune in tunes if tune.part == "train"]
    learnt = [tune.progression for tune in train]
    found = _out_of_fold(learnt, recipes)
    one = np.zeros(len(found.scored), np.int64)
    alone = mixing.interpolation(found.scored[:, :-2], one, 1)[0]
    recalling = mixing.interpolation(found.scored, found.bucket, BUCKETS, prior=_PRIOR)
    # Rounded, so that sums in another order, as on another machine, give the same file.
    weights = Weights(alone.round(_DIGITS), recalling.round(_DIGITS))
    rules = Rules(substitutions.induced(tune.changes for tune in learnt))
    model = HarmonyModel(
        chains=tuple(counted(learnt, recipe) for recipe in recipes),
        weights=weights,
        rules=rules,
        corpus=Corpus(np.zeros(0, np.uint32), np.zeros(0, np.float32)),
        rhythm=rhythm.counted(
            (each.changes, each.places.features["bar4"], each.places.bar_ticks) for each in learnt
        ),
        fingerprint=fingerprint,
    )
    others = [tune.progression for tune in tunes if tune.part != "train"]
    heard = [
        *_means(weights, found.scored, found.bucket, found.tune),
        *_means(
            weights,
            scored(model.chains, others),
            np.concatenate([tune.bucket for tune in others]),
            np.repeat(np.arange(len(others)), [len(tune) for tune in others]),
        ),
    ]
    corpus = Corpus(
        np.array([digest(tune) for tune in (*learnt, *others)], np.uint32),
        np.array(heard, np.float32).round(_DIGITS),
    )
    return replace(model, corpus=corpus)


def _means(weights: Weights, likely: Array, bucket: IntArray, tune: IntArray) -> Array:
    """Return the mean bits a change of each tune; `tune` is the index of that of each change."""
    bits = -np.log2((weights.known(bucket) * likely).sum(axis=1))
    return np.asarray(np.bincount(tune, bits) / np.bincount(tune))
