"""How likely a model finds solos, and what solos are like beside real players'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sideman import opening
from sideman.errors import FileError, MusicError
from sideman.evaluation import benchmark, loading, report, scorers
from sideman.models import file
from sideman.models.events import Scorer
from sideman.service.requests import File
from sideman.service.watching import Cancel, Progress, watch


@dataclass(frozen=True)
class EvaluateRequest:
    """A model and a baseline, and the solos that both are scored on.

    Parameters
    ----------
    corpus : iterable of File
        Files with solos; those in 4/4 are scored.
    model : str, File, Scorer or None
        The name of a model (:func:`sideman.evaluation.scorers.known`), its file, or itself; the
        best that comes with sideman where None.
    baseline : str, File or Scorer
        What it is compared with.
    split : File or None
        JSON that maps parts to the names of their solos; every solo is scored where None.
    part : str
        The part of the split.
    seed : int
        The seed of the bootstrap.
    """

    corpus: Iterable[File]
    model: str | File | Scorer | None = None
    baseline: str | File | Scorer = scorers.BASELINE
    split: File | None = None
    part: str = "test"
    seed: int = 0


@dataclass(frozen=True)
class MeasureRequest:
    """Solos to measure, a file after another; none is kept.

    Parameters
    ----------
    corpus : iterable of File
        Files with solos.
    split : File or None
        As for :class:`EvaluateRequest`.
    part : str
        The part of the split.
    against : iterable of File or None
        Another set to compare with.
    players : str
        The real players beside them: ``test`` or ``all``.
    solo : str
        The number or name of the only solo; empty for all.
    """

    corpus: Iterable[File]
    split: File | None = None
    part: str = "test"
    against: Iterable[File] | None = None
    players: str = "test"
    solo: str = ""


def evaluate(
    request: EvaluateRequest, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> dict[str, Any]:
    """Return the figures of the benchmark: see :func:`sideman.evaluation.benchmark.evaluate`.

    Raises
    ------
    SidemanError
        If a file cannot be read, a model is unknown, or nothing is left to score.
    """
    if request.seed < 0:
        raise MusicError(f"seed must be 0 or more, got {request.seed}.", field="seed")
    name = request.model or ("soloist" if "soloist" in file.names() else "blend")
    scored = _scorer(name)
    # Scorers themselves are not compared: arrays in them have no truth value.
    same = request.baseline is name or (isinstance(name, str | File) and request.baseline == name)
    compared = scored if same else _scorer(request.baseline)
    names, _ = _wanted(request)
    chosen = loading.choose(
        opening.documents(request.corpus), names, request.part, only_common_time=True
    )
    return benchmark.evaluate(scored, compared, chosen, request.seed, watch(progress, cancel))


def measure(
    request: MeasureRequest, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> dict[str, Any]:
    """Return the measures of solos: see :func:`sideman.evaluation.report.measure`.

    Raises
    ------
    SidemanError
        If a file cannot be read, or nothing is left to measure.
    """
    counted = progress is not None
    names, part = _wanted(request)
    chosen = _reading(request.corpus, counted, names, part, request.solo)
    against = None if request.against is None else _reading(request.against, counted)
    return report.measure(chosen, against, request.players, watch(progress, cancel))


def picture(result: Mapping[str, Any], name: str) -> bytes:
    """Return a picture of what :func:`measure` returned, as PNG, SVG or PDF by the file's name."""
    kind = PurePath(name).suffix.lower().removeprefix(".") or "png"
    if kind not in ("png", "svg", "pdf"):
        raise FileError(f"{name}: pictures are PNG, SVG or PDF; end the name in .png.")
    return report.picture(result, kind)


def _wanted(
    request: EvaluateRequest | MeasureRequest,
) -> tuple[frozenset[str] | None, str | None]:
    """Return the names of the solos that are asked for and the part of the split; None for all."""
    split, part = request.split, request.part
    if split is None:
        return None, None
    return loading.part_of(split.data, split.name, part), part


def _reading(
    corpus: Iterable[File],
    counted: bool,
    names: frozenset[str] | None = None,
    part: str | None = None,
    solo: str = "",
) -> loading.Reading:
    """Return the solos of files; `counted` reads files first whose number is unknown."""
    if counted and not isinstance(corpus, Sized):
        corpus = tuple(corpus)
    count = len(corpus) if isinstance(corpus, Sized) else 0
    return loading.Reading(opening.documents(corpus), names, part, count=count, solo=solo)


def _scorer(source: str | File | Scorer) -> Scorer:
    if isinstance(source, File):
        return scorers.parsed(source.data, source.name)
    if not isinstance(source, str):
        return source
    if source not in scorers.known():
        raise file.unknown(source, scorers.scoring())
    return scorers.named(source)
