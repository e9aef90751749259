"""Players compared by cluster profile: the distribution of their windows over clusters.

The windows of all solos are clustered, each view (:mod:`sideman.evaluation.views`) by itself.  The
profile of a solo is the share of each cluster, smoothed towards the corpus.  Between the square
roots of shares the Euclidean distance is Hellinger's; here it is measured in units of the spread
among the solos of one player, as in a linear discriminant analysis.

The players that come with sideman are learnt from the training part of the Weimar Jazz Database
(https://jazzomat.hfm-weimar.de, Open Database License 1.0) by ``benchmarks/nearest_players.py``;
the file holds centres of clusters, shares and names, and no notes.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sideman.errors import ModelError, MusicError
from sideman.evaluation.views import VIEWS, Rows, Views
from sideman.models import file
from sideman.models.grammar import clusters, features

KIND = "players"
CLUSTERS = 24
"""Clusters of each view."""
FEWEST_SOLOS = 4
"""A player with fewer solos is not compared."""
_TOWARDS_CORPUS = 5.0
"""The weight of the corpus in the profile of a solo, in windows."""
_TOWARDS_MEAN = 1.0
"""The weight of the corpus in the profile of a player, in solos."""
_DIAGONAL = 0.7
"""The weight of the diagonal in the covariance of a player's solos."""
_LEAST_VARIANCE = 1e-4
_LEAST_SPREAD = 1e-6
_SILENT = np.array([0.1])
"""The share of silent windows before any solo is known."""
_SHIPPED = Path(__file__).parent / "profiles.safetensors"


@dataclass(frozen=True, slots=True)
class Codebook:
    """The clusters of all views.

    Parameters
    ----------
    scales, centres : mapping of str to ndarray
        Of each view the factor of each measure, and the centres of the scaled measures.
    corpus : ndarray, shape (clusters + 1,)
        The share of silent windows, and of each cluster of each view in turn.
    """

    scales: Mapping[str, Rows]
    centres: Mapping[str, Rows]
    corpus: Rows

    def labels(self, solo: Views) -> dict[str, NDArray[np.int64]]:
        """Return the cluster of each window by each view that the solo has."""
        return {
            view: clusters.nearest(rows * self.scales[view], self.centres[view])
            for view, rows in solo.rows.items()
            if view in self.centres
        }

    def counts(self, solo: Views) -> Rows:
        """Return the number of silent windows, and of those of each cluster."""
        labels, found = self.labels(solo), [np.array([solo.silent])]
        for view, centres in self.centres.items():
            here = labels.get(view, np.zeros(0, dtype=np.int64))
            found.append(np.bincount(here, minlength=len(centres)))
        return np.concatenate(found).astype(np.float64)

    def shares(self, counts: Rows) -> Rows:
        """Return smoothed shares; those of the corpus for a view without windows."""
        bounds = np.cumsum([0, 1, *map(len, self.centres.values())])
        sizes = np.add.reduceat(counts, bounds[:-1])
        sizes[0] += sizes[1]  # silent windows are a share of all
        totals = np.repeat(sizes, np.diff(bounds)) + _TOWARDS_CORPUS
        found: Rows = (counts + _TOWARDS_CORPUS * self.corpus) / totals
        return found


@dataclass(frozen=True, slots=True)
class Player:
    """A player: name, profile as a point of the players' space, and the solos it was learnt from.

    `shares` are the mean shares of the player's solos.
    """

    name: str
    point: Rows
    shares: Rows
    solos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profiles:
    """Players that a solo can be compared with.

    Parameters
    ----------
    codebook : Codebook
        The clusters.
    middle : ndarray, shape (clusters + 1,)
        The mean of the roots of shares over the corpus.
    projection : ndarray, shape (clusters + 1, dimensions)
        Takes a difference from `middle` to the players' space.
    players : tuple of Player
        By name.
    """

    codebook: Codebook
    middle: Rows
    projection: Rows
    players: tuple[Player, ...]

    def point(self, solo: Views) -> Rows:
        """Return a solo as a point of the players' space."""
        roots = np.sqrt(self.codebook.shares(self.codebook.counts(solo)))
        # Summed in the same order on every machine.
        found: Rows = np.cumsum((roots - self.middle)[:, None] * self.projection, axis=0)[-1]
        return found

    def nearest(self, solo: Views, name: str = "") -> list[tuple[Player, float]]:
        """Return the players with their distances, the nearest first.

        A solo of this name among those that a player was learnt from does not count there.
        """
        point = self.point(solo)
        found = []
        for player in self.players:
            own, size = player.point, len(player.solos)
            if name in player.solos and size > 1:
                own, size = (own * size - point) / (size - 1), size - 1
            apart = point - own * (size / (size + _TOWARDS_MEAN))
            found.append((player, float(np.sqrt(np.cumsum(apart * apart)[-1]))))
        return sorted(found, key=lambda one: (one[1], one[0].name))

    def typical(self, solo: Views, player: Player) -> Rows:
        """Return of each window the log ratio of its clusters' shares: the player's to all."""
        ratio = np.log(player.shares / self.codebook.corpus)
        total: Rows = np.zeros(len(solo.starts))
        start = 1
        labels = self.codebook.labels(solo)
        for view, centres in self.codebook.centres.items():
            if view in labels:
                total += ratio[start + labels[view]]
            start += len(centres)
        return total

    def player(self, name: str) -> Player:
        """Return a player by name, in any case; a MusicError where there is none."""
        for one in self.players:
            if one.name.casefold() == name.strip().casefold():
                return one
        names = [one.name for one in self.players]
        near = difflib.get_close_matches(name[:40], names, 3, 0.4) or names[:3]
        raise MusicError(
            f"No player {name[:40]!r} is among the {len(names)} that are compared; the nearest "
            f"names are {', '.join(near)}.",
            field="player",
        )


def learn(solos: Sequence[tuple[str, str, Views]], rng: np.random.Generator) -> Profiles:
    """Return profiles from solos: their names, their players, and their views."""
    book = codebook([views for _, _, views in solos], rng)
    shares = np.array([book.shares(book.counts(views)) for _, _, views in solos])
    return compared(book, [(name, player) for name, player, _ in solos], shares)


def codebook(solos: Sequence[Views], rng: np.random.Generator) -> Codebook:
    """Return the clusters of the windows of solos, by each view that any of them has."""
    scales, centres = {}, {}
    for view in VIEWS:
        tables = [solo.rows[view] for solo in solos if len(solo.rows.get(view, ()))]
        if not tables:
            continue
        rows = np.concatenate(tables)
        spread = rows.std(axis=0)
        spread[spread < _LEAST_SPREAD] = 1.0
        scales[view] = features.scale(rows) if view == "melody" else 1 / spread
        labels = clusters.clusters(rows * scales[view], min(CLUSTERS, len(rows)), rng)
        centres[view] = clusters.centres(rows * scales[view], labels)
    even = [_SILENT, *(np.full(len(one), 1 / len(one)) for one in centres.values())]
    first = Codebook(scales, centres, np.concatenate(even))
    counts = np.array([first.counts(solo) for solo in solos])
    return replace(first, corpus=first.shares(counts.sum(axis=0)))


def compared(
    book: Codebook, names: Sequence[tuple[str, str]], shares: Rows, fewest: int = FEWEST_SOLOS
) -> Profiles:
    """Return the profiles of players who have so many solos.

    `names` are those of each solo and its player, and `shares` the solo's smoothed shares.  A
    MusicError is raised where fewer than two players have so many solos.
    """
    of: dict[str, list[int]] = {}
    for number, (_, player) in enumerate(names):
        of.setdefault(player, []).append(number)
    chosen = [(name, of[name]) for name in sorted(of) if name and len(of[name]) >= fewest]
    if len(chosen) < 2:
        raise MusicError(
            f"Players are compared who have {fewest} solos or more, and fewer than two have; "
            "give more solos.",
            field="corpus",
        )
    roots = np.sqrt(shares)
    middle = roots.mean(axis=0)
    means = np.array([roots[numbers].mean(axis=0) for _, numbers in chosen])
    apart = [roots[numbers] - mean for (_, numbers), mean in zip(chosen, means, strict=True)]
    whitening = _whitening(np.concatenate(apart), len(chosen))
    # What is orthogonal to all players is the same distance from each.
    axes = np.linalg.svd((means - middle) @ whitening.T, full_matrices=False)[2]
    projection = whitening.T @ axes.T
    points = (means - middle) @ projection
    players = tuple(
        Player(name, point, shares[numbers].mean(axis=0), tuple(names[one][0] for one in numbers))
        for (name, numbers), point in zip(chosen, points, strict=True)
    )
    return Profiles(book, middle, projection, players)


def _whitening(apart: Rows, players: int) -> Rows:
    """Return the matrix that gives solos of one player unit variance in every direction."""
    covariance = apart.T @ apart / (len(apart) - players)
    diagonal = np.diag(np.diag(covariance) + _LEAST_VARIANCE)
    mixed = (1 - _DIAGONAL) * covariance + _DIAGONAL * diagonal
    found: Rows = np.linalg.inv(np.linalg.cholesky(mixed))
    return found


# Files ---------------------------------------------------------------------------------------


def to_file(profiles: Profiles, corpus: str) -> file.ModelFile:
    """Return profiles as a model file; `corpus` is the fingerprint of the solos."""
    book = profiles.codebook
    weights = {
        "corpus": book.corpus,
        "middle": profiles.middle,
        "projection": profiles.projection,
        "points": np.array([one.point for one in profiles.players]),
        "shares": np.array([one.shares for one in profiles.players]),
        **{f"scales.{view}": scale for view, scale in book.scales.items()},
        **{f"centres.{view}": centres for view, centres in book.centres.items()},
    }
    solos = [list(one.solos) for one in profiles.players]
    names = tuple(one.name for one in profiles.players)
    return file.ModelFile(KIND, {"solos": solos}, names, weights, corpus)


def from_file(content: file.ModelFile, name: str) -> Profiles:
    """Return the profiles in a file (:func:`to_file`); raise ModelError if it is none."""
    solos = content.config.get("solos", [])
    if content.kind != KIND or len(solos) != len(content.vocabulary):
        raise ModelError(f"{name}: holds no profiles of players; build them again.")
    try:
        weights = {key: value.astype(np.float64) for key, value in content.weights.items()}
        book = Codebook(
            {view: weights[f"scales.{view}"] for view in VIEWS},
            {view: weights[f"centres.{view}"] for view in VIEWS},
            weights["corpus"],
        )
        rows = zip(content.vocabulary, weights["points"], weights["shares"], solos, strict=True)
        players = tuple(Player(one, point, share, tuple(of)) for one, point, share, of in rows)
        return Profiles(book, weights["middle"], weights["projection"], players)
    except (KeyError, ValueError) as error:
        raise ModelError(f"{name}: holds damaged profiles; build them again.") from error


@lru_cache(maxsize=1)
def shipped() -> Profiles:
    """Return the players that come with sideman."""
    return from_file(file.read(_SHIPPED), _SHIPPED.name)
