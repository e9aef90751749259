"""Gradient-boosted regression trees as arrays, evaluated with NumPy.

They are fitted elsewhere (``benchmarks/fit_critic.py``); here is only their sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NODES = ("root", "low", "high")
_WHOLE = ("root", "feature", "low", "high")
TABLES = ("root", "feature", "threshold", "low", "high", "missing", "value")


class Trees:
    """The sum of regression trees over the features of an example.

    Parameters
    ----------
    tables : mapping of str to array
        ``root``, shape (trees,), the first node of each tree; and with an entry for each node its
        ``feature``; the ``threshold`` up to which an example goes to the node ``low``, and above it
        to ``high``; whether one without a value (NaN) goes ``low`` (``missing`` is 1); and the
        ``value`` of a leaf. The successors of a leaf are itself.

    Raises
    ------
    ValueError
        If the tables do not fit together.
    """

    def __init__(self, tables: Mapping[str, NDArray[Any]]) -> None:
        self.tables = {name: np.asarray(tables[name]) for name in TABLES}
        nodes = len(self.tables["value"])
        if any(len(self.tables[name]) != nodes for name in TABLES[1:]):
            raise ValueError("the tables have different numbers of nodes")
        whole = {name: self.tables[name].astype(np.int64) for name in _WHOLE}
        self._root, self._feature = whole["root"], whole["feature"]
        self._next = np.stack([whole["high"], whole["low"]], axis=1)
        if max(self._root.max(), self._next.max()) >= nodes:
            raise ValueError("a tree has a successor that is not there")
        self._threshold = self.tables["threshold"].astype(np.float64)
        self._missing = self.tables["missing"].astype(bool)
        self._value = self.tables["value"].astype(np.float64)
        self._depth = self._deepest()

    def _deepest(self) -> int:
        """Return the most steps from a root to a leaf."""
        at, depth = self._root, 0
        inner = np.arange(len(self._value)) != self._next[:, 0]
        while len(at := np.unique(at[inner[at]])):
            at, depth = self._next[at].ravel(), depth + 1
            if depth > len(self._value):
                raise ValueError("a tree has a circle")
        return depth

    @property
    def features(self) -> int:
        """The number of features that an example needs."""
        return int(self._feature.max()) + 1

    def __call__(self, rows: Floats) -> Floats:
        """Return the sum of all trees for each row, shape (rows,), of features."""
        at = np.broadcast_to(self._root, (len(rows), len(self._root)))
        each = np.arange(len(rows))[:, None]
        for _ in range(self._depth):
            x = rows[each, self._feature[at]]
            low = np.where(np.isnan(x), self._missing[at], x <= self._threshold[at])
            at = self._next[at, low.astype(np.int64)]
        total: Floats = self._value[at].sum(axis=1)
        return total


def joined(every: Sequence[Trees]) -> Trees:
    """Return the trees of several sums together."""
    firsts = np.cumsum([0, *(len(one.tables["value"]) for one in every[:-1])])
    moved = [
        {
            name: table + np.asarray(first if name in _NODES else 0, table.dtype)
            for name, table in one.tables.items()
        }
        for one, first in zip(every, firsts, strict=True)
    ]
    return Trees({name: np.concatenate([tables[name] for tables in moved]) for name in TABLES})
