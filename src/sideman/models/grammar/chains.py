"""Chains: which cluster of bars follows which, and the rules that say so.

Each window of a solo belongs to a cluster, so that a solo is a sequence of clusters; an n-gram of
order n says what follows the last n - 1 of them.  As rules, where ``Z`` counts the windows to go::

    (rule (START Z) ((Cluster0 Z)) 0.4)
    (rule (Cluster0 Z) (Q0 (Cluster0to1 (- Z 1))) 1.0)
    (rule (Cluster0to1 Z) (Q1 (Cluster1to2 (- Z 1))) 0.5)
    (base (Cluster0 0) () 1)

A history that nothing follows, as at the end of a solo, is shortened until something does; where
nothing follows the cluster either, the chain starts again.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sideman.models.grammar.rules import Expression, Rule

HIGHEST_ORDER = 4
START = "START"
History = tuple[int, ...]

_VARIABLE = "Z"
_REST: Expression = ("-", _VARIABLE, "1")
_EMPTIED = "0"


@dataclass(frozen=True)
class Chains:
    """The counts of an n-gram of clusters.

    Parameters
    ----------
    order : int
        The n of the n-gram.
    starts : mapping of int to int
        The number of windows of each cluster.
    following : mapping of tuple of int to mapping of int to int
        The number of times that each cluster follows a history of 1 to n - 1 clusters, the last one
        at the end.
    """

    order: int
    starts: Mapping[int, int]
    following: Mapping[History, Mapping[int, int]]

    def known(self, history: Sequence[int]) -> History:
        """Return the longest end of a history that something follows; at least the last cluster."""
        ends = (tuple(history[-size:]) for size in range(self.order - 1, 0, -1))
        return next((end for end in ends if end in self.following), tuple(history[-1:]))


def count(solos: Iterable[Sequence[int]], order: int) -> Chains:
    """Count the chains within each solo.

    Examples
    --------
    >>> toy = count([(0, 1, 0, 1, 2)], 2)
    >>> dict(toy.starts), dict(toy.following[0,]), dict(toy.following[1,])
    ({0: 2, 1: 2, 2: 1}, {1: 2}, {0: 1, 2: 1})
    """
    starts: Counter[int] = Counter()
    following: defaultdict[History, Counter[int]] = defaultdict(Counter)
    for clusters in solos:
        starts.update(clusters)
        for size in range(1, order):
            for at in range(size, len(clusters)):
                following[tuple(clusters[at - size : at])][clusters[at]] += 1
    return Chains(order, starts, dict(following))


def rules(chains: Chains) -> tuple[Rule, ...]:
    """Return the rules of chains: those of ``START``, then those of each history, then the ends."""
    names = {history: _name(history) for history in _reached(chains)}
    start = [
        Rule((START, _VARIABLE), ((names[chains.known((cluster,))], _VARIABLE),), (share,))
        for cluster, share in _shares(chains.starts)
    ]
    chained = [rule for history in names for rule in _continued(chains, history, names)]
    ends = [Rule((name, _EMPTIED), (), ("1",), base=True) for name in (START, *names.values())]
    return (*start, *chained, *ends)


def _continued(chains: Chains, history: History, names: Mapping[History, str]) -> Iterator[Rule]:
    left, played = (names[history], _VARIABLE), sounding(history[-1])
    if history not in chains.following:
        yield Rule(left, (played, (START, _REST)), ("1.0",))
        return
    for cluster, share in _shares(chains.following[history]):
        yield Rule(left, (played, (names[chains.known((*history, cluster))], _REST)), (share,))


def _reached(chains: Chains) -> tuple[History, ...]:
    """Return the histories that the rules reach from the start, the shortest first."""
    found: set[History] = set()
    open_: list[History] = [(cluster,) for cluster in chains.starts]
    while open_:
        history = open_.pop()
        if history not in found:
            found.add(history)
            following = chains.following.get(history, {})
            open_ += [chains.known((*history, cluster)) for cluster in following]
    return tuple(sorted(found, key=lambda history: (len(history), history)))


def sounding(cluster: int) -> str:
    """Return the symbol of a cluster's melodies."""
    return f"Q{cluster}"


def _name(history: History) -> str:
    return "Cluster" + "to".join(map(str, history))


def _shares(counts: Mapping[int, int]) -> list[tuple[int, str]]:
    """Return each cluster with its share as text, by rising number."""
    whole = sum(counts.values())
    return [(cluster, share(number, whole)) for cluster, number in sorted(counts.items())]


def share(number: int, whole: int) -> str:
    """Return a share as text, to four decimals, or to four digits where that would be nothing."""
    value = number / whole
    digits = 4 if value >= 0.00005 else 3 - math.floor(math.log10(value))
    text = f"{value:.{digits}f}".rstrip("0")
    return text + "0" * text.endswith(".")


def nats(chains: Chains, solos: Iterable[Sequence[int]], clusters: int, order: int) -> float:
    """Return the mean nats of each cluster of held-out solos but the first, given those before it.

    `order` is at most that of the chains.
    Witten-Bell smoothing: what follows a history is mixed with what follows the next shorter one,
    at last with the shares of the clusters, and these with an even distribution over `clusters`.
    """
    total, windows = 0.0, 0
    for numbers in solos:
        for at in range(1, len(numbers)):
            probability = _mixed(1 / clusters, chains.starts, numbers[at])
            for size in range(1, min(order - 1, at) + 1):
                counts = chains.following.get(tuple(numbers[at - size : at]), {})
                probability = _mixed(probability, counts, numbers[at])
            total -= math.log(probability)
            windows += 1
    return total / max(windows, 1)


def _mixed(shorter: float, counts: Mapping[int, int], cluster: int) -> float:
    whole, kinds = sum(counts.values()), len(counts)
    if not whole:
        return shorter
    return (counts.get(cluster, 0) + kinds * shorter) / (whole + kinds)
