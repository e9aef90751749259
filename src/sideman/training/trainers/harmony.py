"""Train a model of harmony on charts."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sideman import opening
from sideman.errors import FormatError, MusicError
from sideman.evaluation import harmony as evaluation
from sideman.evaluation.harmony import Corpus, Row
from sideman.files import File
from sideman.formats.report import table
from sideman.library import etudes, songbook
from sideman.models.harmony import learning, model
from sideman.models.harmony.learning import LEAST_TUNES, PARTS, Tune
from sideman.score import LeadSheet
from sideman.training.plan import Given, Progress, Trained, Watch
from sideman.words import counted

FIELDS: frozenset[str] = frozenset()
METHOD = "counted in one pass over charts"
NETWORKS = ()
LARGEST_TEXT = 0
CHARTS = True
_STEPS = 4
_NAMED = 5  # tunes named in a sentence


@dataclass(frozen=True, slots=True)
class HarmonyPlan:
    """The tunes of some charts: see :class:`sideman.training.plan.Plan`."""

    tunes: tuple[Tune, ...]
    description: str
    unit: str = "change"
    epochs: int = _STEPS
    learning_rate: float = 0.0

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Learn the model, and compare it with n-grams on held-out tunes; no checkpoints."""
        corpus = Corpus.of(self.tunes)
        rows: dict[str, list[Row]] = {}
        for step, name in enumerate(evaluation.ALPHABETS, 1):
            if _stopped(watch):
                return Trained(None, {}, finished=False)
            begun = time.perf_counter()
            by_interval = name == "interval"
            found = evaluation.ngrams(corpus, by_interval)
            found.append(evaluation.with_memory(corpus, found, by_interval))
            rows[name] = [*found, evaluation.tree(corpus, by_interval)]
            _report(watch, step, begun, f"n-grams of the {name} alphabet are counted")
        if _stopped(watch):
            return Trained(None, {}, finished=False)
        begun = time.perf_counter()
        orders = {
            name: evaluation.best_order(corpus, rows[name], usual)
            for name, usual in (("key", model.KEY_ORDER), ("interval", model.INTERVAL_ORDER))
        }
        recipes = model.recipes(orders["key"], orders["interval"])
        learnt = learning.learn(self.tunes, recipes, _fingerprint(self.tunes))
        _report(watch, _STEPS - 1, begun, "the model is counted, its experts are weighted")
        if _stopped(watch):
            return Trained(None, {}, finished=False)
        begun = time.perf_counter()
        for name, found in rows.items():
            for remembers in (False, True):
                by_interval = name == "interval"
                row = evaluation.of_model(
                    corpus, learnt, remembers=remembers, by_interval=by_interval
                )
                found.append(row)
        _report(watch, _STEPS, begun, "\n".join(_lines(corpus, rows)))
        figures = {name: _figures(corpus, found) for name, found in rows.items()}
        sizes = {part: len(corpus.tunes[part]) for part in PARTS}
        training = {"tunes": sizes, "orders": orders, "perplexity": figures}
        apart = corpus.apart("test")
        best = rows["key"][-1].perplexity("test", apart)
        summary = f"perplexity {best:.2f} a change on {sum(apart)} held-out tunes"
        return Trained(
            model.to_file(replace(learnt, training=training)),
            {},
            finished=True,
            summary=summary if any(apart) else "no held-out tune has changes of its own",
        )


def _stopped(watch: Watch) -> bool:
    return watch.stop is not None and watch.stop()


def _report(watch: Watch, step: int, begun: float, text: str) -> None:
    if watch.report is not None:
        took = time.perf_counter() - begun
        watch.report(Progress(step, _STEPS, 0.0, 0, took, text=text))


def _figures(corpus: Corpus, rows: Iterable[Row]) -> list[list[str | float]]:
    """Return name and perplexities of each row: valid, test, and test without tunes that cross."""
    apart = corpus.apart("test")
    return [
        [
            row.name,
            round(row.perplexity("valid"), 4),
            round(row.perplexity("test"), 4),
            *([round(row.perplexity("test", apart), 4)] if any(apart) else []),
        ]
        for row in rows
    ]


def _lines(corpus: Corpus, rows: Mapping[str, list[Row]]) -> Iterator[str]:
    """Yield the table of perplexities, the comparison with the n-gram, and the tunes that cross."""
    heads = ["perplexity a change", *(f"{name}, {part}" for name in rows for part in PARTS[1:])]
    listed = list(rows.values())
    body = [
        (
            _plain(same[0].name),
            *(f"{row.perplexity(part):.2f}" for row in same for part in PARTS[1:]),
        )
        for same in zip(*listed, strict=True)
    ]
    yield from table(heads, body, "lrrrr")
    for name, found in rows.items():
        memory = next(row for row in found if "and memory" in row.name)
        for among, called in ((None, ""), (corpus.apart("test"), ", without tunes that cross")):
            chosen = among or [True] * len(corpus.tunes["test"])
            if not any(chosen) or (among and all(among)):
                continue
            rng = np.random.default_rng(0)
            mean, low, high = evaluation.compare(found[-1], memory, chosen, rng)
            yield (
                f"{name}: this model less {memory.name}, test{called}: {mean:+.3f} bits a change "
                f"(95 %: {low:+.3f} to {high:+.3f})"
            )
    for group in corpus.crossing:
        named = ", ".join(f"{tune.title} ({tune.part})" for tune in group[:_NAMED])
        more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
        yield f"The same changes in several parts: {named}{more}."


def _plain(name: str) -> str:
    return "n-gram and memory of the tune" if "and memory" in name else name


def prepare(given: Given) -> HarmonyPlan:
    """Return the plan for some charts; for the songbook and the études where there are none.

    A tune is left out that has no key or no chord, or that is there twice.
    """
    found: dict[tuple[str, bytes], Tune] = {}
    keyless = chordless = 0
    for sheet in _sheets(given.files):
        if not any(span.chord.root is not None for span in sheet.changes.spans):
            chordless += 1
        elif (key := sheet.tonality) is None:
            keyless += 1
        else:
            tune = Tune(sheet.title, sheet.changes, key.tonic.pitch_class, key.minor)
            found.setdefault(
                (learning.plain(tune.title), tune.progression.intervals.tobytes()), tune
            )
    tunes = tuple(found.values())
    left = [
        f"{count} without {what}"
        for count, what in ((keyless, "a key"), (chordless, "chords"))
        if count
    ]
    if not tunes and keyless:
        raise MusicError(
            f"None of the {keyless} tunes has a key, and changes are learnt relative to it; give "
            "charts with keys."
        )
    if len(tunes) < LEAST_TUNES:
        there = f"{counted(len(tunes), 'tune')} with chords and a key"
        raise MusicError(
            f"There {'is' if len(tunes) == 1 else 'are'} {there}"
            + (f" ({', '.join(left)} left out)" if left else "")
            + f", too few to learn how changes go on; give at least {LEAST_TUNES}."
        )
    for part in PARTS:
        if all(tune.part != part for tune in tunes):
            raise MusicError(
                f"None of the {len(tunes)} tunes falls into the part {part!r} by its title; give "
                "more tunes."
            )
    changes = sum(len(tune.progression) for tune in tunes)
    description = f"{len(tunes):,} tunes, {changes:,} changes" + (
        f"; left out: {', '.join(left)}" if left else ""
    )
    return HarmonyPlan(tunes, description)


def _sheets(files: Iterable[File]) -> Iterator[LeadSheet]:
    given = False
    for each in files:
        given = True
        document = opening.loads(each.data, each.name)
        if document.charts is None:
            raise FormatError(
                f"{each.name}: is {document.label}, which holds no chart; give charts, such as "
                "lead sheets or a playlist of iReal Pro."
            )
        yield from (tune.open() for tune in document.charts)
    if not given:
        yield from map(songbook.load, songbook.names())
        yield from map(etudes.sheet, etudes.names())


def _fingerprint(tunes: Iterable[Tune]) -> str:
    """Return the SHA-256 of titles, symbols and onsets."""
    digest = hashlib.sha256()
    for tune in tunes:
        digest.update(tune.title.encode())
        found = tune.progression
        digest.update(np.array([found.symbols, found.places.onsets], "<i8").tobytes())
    return digest.hexdigest()


def defaults() -> Mapping[str, str]:
    """Return no settings: the orders are chosen on held-out tunes."""
    return {}
