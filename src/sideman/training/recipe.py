"""The soloist's recipe: solos read and divided, an n-gram beside them, three networks, one model.

Each network is trained alone first, then for half as long beside an n-gram that judges every
training solo as if it had not been counted (:func:`partner_of_all`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.evaluation import loading
from sideman.models import file, hearing, ngram, soloist
from sideman.models.events import BAR, Events, from_solo
from sideman.models.hearing import Ear
from sideman.models.ngram import NGram
from sideman.models.soloist import NeuralSoloist
from sideman.training.networks import load_jax
from sideman.training.soloist import UNITS, Settings, Trained, Watch, ear_of, gather, train
from sideman.version import VERSION

Array = NDArray[np.float32]
FOLDS = 6
_TAKE = re.compile(r"[- ]\d+$")


def partner_of_all(
    solos: Sequence[Events], partner: NGram, ear: Ear, folds: int = FOLDS
) -> list[dict[str, Array]]:
    """Compute the log-probabilities by an n-gram of every solo as if it were not counted.

    The solos are split into folds by tune, and each fold is scored by the counts of the others with
    the n-gram's own weights.  The result has, for each solo, one array of each factor
    (:func:`soloist.partner_logs`).
    """
    dealt = [zlib.crc32(tune(events).encode()) % folds for events in solos]
    if len(set(dealt)) == 1:
        dealt = [index % folds for index in range(len(solos))]
    found: dict[int, dict[str, Array]] = {}
    for fold in sorted(set(dealt)):
        others = [events for events, at in zip(solos, dealt, strict=True) if at != fold]
        counted = partner.counted_on(others or solos)
        for index, at in enumerate(dealt):
            if at == fold:
                found[index] = soloist.partner_logs(counted.distributions(solos[index]), ear)
    return [found[index] for index in range(len(solos))]


def tune(events: Events) -> str:
    """Tell the tune of a solo by its name.

    Parameters
    ----------
    events : Events
        A solo with a name of the Weimar database's kind.

    Returns
    -------
    str
        The tune.

    Examples
    --------
    >>> from sideman.models.events import from_solo
    >>> from sideman.score import Solo
    >>> tune(from_solo(Solo("", ()), "ArtPepper_Desafinado-2"))
    'Desafinado'
    """
    return _TAKE.sub("", events.name.split("_", 1)[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """What came of training a soloist.

    Parameters
    ----------
    content : ModelFile or None
        The model as it is written; None until every network has begun.
    trained : dict of str to Trained
        Each network.
    finished : bool
        Whether every network was done.
    """

    content: file.ModelFile | None
    trained: dict[str, Trained]
    finished: bool

    @property
    def failed(self) -> dict[str, int]:
        """The networks whose loss became no number, and in which epoch."""
        return {
            factor: network.failed_in
            for factor, network in self.trained.items()
            if network.failed_in is not None
        }


def usual_settings(
    epochs: int | None = None,
    seed: int = 0,
    learning_rate: float | None = None,
    *,
    units: int | None = None,
    adapting: bool = False,
) -> dict[str, Settings]:
    """Return the settings of each factor's network.

    Parameters
    ----------
    epochs : int or None
        14 where None, 6 to adapt a soloist.
    seed : int
        Of the random numbers.
    learning_rate : float or None
        0.002 where None, 0.0003 to adapt a soloist.
    units : int or None
        Units of each LSTM; those of :data:`UNITS` where None.
    adapting : bool
        Whether a soloist is adapted.
    """
    usual = Settings(epochs=6, learning_rate=3e-4) if adapting else Settings()
    one = replace(
        usual,
        epochs=usual.epochs if epochs is None else epochs,
        learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
        seed=seed,
    )
    return {
        factor: replace(one, units=own if units is None else units) for factor, own in UNITS.items()
    }


def counted(solos: Sequence[Events], held_out: Sequence[Events]) -> NGram:
    """Return the n-gram ``blend`` of some solos, its weights fitted on those held out."""
    return ngram.train(solos, held_out, loading.fingerprint(solos)).called("blend")


def forget(out: Path) -> None:
    """Remove the checkpoints of a soloist's networks."""
    for path in checkpoints(out).values():
        path.unlink(missing_ok=True)
        _alone(path).unlink(missing_ok=True)


def is_begun(out: Path) -> bool:
    """Return whether there is a checkpoint to resume."""
    return any(path.exists() or _alone(path).exists() for path in checkpoints(out).values())


def _alone(checkpoint: Path) -> Path:
    """The checkpoint of a network's first stage."""
    return checkpoint.with_name(checkpoint.name.replace(".checkpoint.", ".alone.checkpoint."))


def checkpoints(out: Path) -> dict[str, Path]:
    """Return the checkpoints' paths by factor, beside the model's."""
    return {
        factor: out.with_name(f"{out.stem}.{factor}.checkpoint.safetensors")
        for factor in hearing.FACTORS
    }


def in_meter(item: loading.Item) -> Events | None:
    """Return the events of a solo in its own meter; in 4/4 those of the benchmark.

    None if the meter is not 3/4, 4/4, 5/4 or 6/4, or if there are fewer than two notes.
    """
    if item.common_time:
        events = item.events
    else:
        events = from_solo(item.solo, item.name)
        meters = (
            {bar.meter.ticks_per_bar for bar in item.solo.changes.bars}
            if (item.solo.changes)
            else set()
        )
        if len(meters) != 1 or events.ticks_per_bar not in hearing.METERS:
            return None
    return events if len(events) > 1 else None


def read(paths: Sequence[Path], split: Path | None = None) -> tuple[list[Events], list[Events]]:
    """Read the solos to learn from, and those to be held out.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Databases in the Weimar schema, MIDI files, lead sheets, or folders of them.
    split : pathlib.Path or None
        JSON whose parts ``train`` and ``valid`` are taken; a tune in ten is held out where None.

    Returns
    -------
    learnt, held_out : list of Events
        Solos in 3/4, 4/4, 5/4 and 6/4.

    Raises
    ------
    SidemanError
        If something cannot be read, or there is nothing to learn from or to hold out.
    """
    if split is None:
        return divided(loading.select(paths).items)
    learnt, held_out = (
        [
            events
            for item in loading.select(paths, split, part).items
            if (events := in_meter(item)) is not None
        ]
        for part in ("train", "valid")
    )
    # What is held out is what the benchmark scores.
    held_out = [events for events in held_out if events.ticks_per_bar == BAR]
    if not learnt or not held_out:
        raise MusicError(f"{split}: leaves nothing to learn from, or nothing in 4/4 to hold out.")
    return learnt, held_out


def divided(items: Sequence[loading.Item]) -> tuple[list[Events], list[Events]]:
    """Divide solos into those to learn from and those to be held out, by tune.

    Parameters
    ----------
    items : sequence of loading.Item
        The solos.

    Returns
    -------
    learnt, held_out : list of Events
        A tune in ten is held out, chosen by a hash of its title; the last tune where none is.

    Raises
    ------
    MusicError
        If all solos are of one tune.
    """
    tunes: dict[str, list[Events]] = {}
    for item in items:
        events = in_meter(item)
        if events is not None:
            # "My Favourite Things-2" is a second take of the same tune.
            title = _TAKE.sub("", item.solo.title or item.name)
            tunes.setdefault(title, []).append(events)
    if len(tunes) < 2:
        raise MusicError(
            "There is nothing to hold out: give solos over two tunes or more, or a --split."
        )
    names = sorted(tunes)
    chosen = [name for name in names if zlib.crc32(name.encode()) % 10 == 0][: len(names) - 1]
    chosen = chosen or names[-1:]
    learnt = [events for name in names if name not in chosen for events in tunes[name]]
    return learnt, [events for name in chosen for events in tunes[name]]


def learn(
    solos: Sequence[Events],
    held_out: Sequence[Events],
    *,
    settings: Mapping[str, Settings] | None = None,
    begin: NeuralSoloist | None = None,
    partner: NGram | None = None,
    checkpoint: Mapping[str, Path] | None = None,
    watch: Watch = Watch(),  # noqa: B008 - frozen
) -> Learnt:
    """Train a soloist: a network for each factor, first alone, then beside an n-gram.

    Parameters
    ----------
    solos, held_out : sequence of Events
        What is learnt from, and what says when it is enough.
    settings : mapping of str to Settings, or None
        How each factor is trained; :func:`usual_settings` without arguments where None.
    begin : NeuralSoloist or None
        A soloist to go on from; its ear and its sizes are kept, and the weights that come out are
        half way between its own and the adapted ones.
    partner : NGram or None
        The n-gram, counted on `solos`, that is put beside the networks; where a soloist is gone on
        from, its own stays.
    checkpoint : mapping of str to pathlib.Path or None
        Where each network is left and gone on from.
    watch : Watch
        What is called meanwhile.

    Returns
    -------
    Learnt
        The model.

    Raises
    ------
    MusicError
        If there is nothing to learn from.
    ModelError
        If a checkpoint belongs to another training.
    MissingExtraError
        If JAX is not installed.
    """
    if not any(len(events) > 1 for events in solos) or not any(len(e) > 1 for e in held_out):
        raise MusicError("There is nothing to learn from: give solos with notes.")
    jax = load_jax()
    chosen = settings or usual_settings()
    ear = begin.ear if begin is not None else ear_of(solos)
    identity = f"{loading.fingerprint(solos)} {loading.fingerprint(held_out)}"
    trained: dict[str, Trained] = {}
    beside: list[dict[str, Array]] | None = None
    beside_held_out: list[dict[str, Array]] | None = None
    if begin is not None and begin.partner is not None:
        # It has not counted these solos; and it stays as it is.
        partner = begin.partner
        beside = [soloist.partner_logs(partner.distributions(events), ear) for events in solos]
    elif partner is not None:
        beside = partner_of_all(solos, partner, ear)
    if partner is not None:
        beside_held_out = [
            soloist.partner_logs(partner.distributions(events), ear) for events in held_out
        ]
    for factor in hearing.FACTORS:
        weights = None if begin is None else dict(begin.weights[factor][0])
        own = chosen[factor]
        if weights is not None:
            own = replace(own, units=weights["recurrent_kernel"].shape[0])
        part = gather(solos, ear, factor, _one(beside, factor))
        quiet = gather(held_out, ear, factor, _one(beside_held_out, factor))
        stages = [(part, quiet, own)]
        if partner is not None and begin is None:
            # Alone first: with the n-gram from the start the held-out nats are higher.
            alone = replace(part, partner=None), replace(quiet, partner=None), own
            stages = [alone, (part, quiet, _second(own, factor))]
        done: list[Trained] = []
        for number, (these, those, how) in enumerate(stages):
            path = None if checkpoint is None else checkpoint[factor]
            last = number == len(stages) - 1
            if path is not None and not last:
                path = _alone(path)
            done.append(
                train(
                    these,
                    those,
                    how,
                    begin=weights,
                    checkpoint=path,
                    identity=identity,
                    watch=watch,
                )
            )
            if not done[-1].finished:
                break
            weights = done[-1].weights
        trained[factor] = _together(done)
        if begin is not None:
            trained[factor] = _halfway(begin.weights[factor][0], trained[factor])
        if not trained[factor].finished and trained[factor].failed_in is None:
            return Learnt(None, trained, False)
    if not all(network.held_out for network in trained.values()):
        return Learnt(None, trained, False)
    model = NeuralSoloist(
        ear,
        {factor: (network.weights,) for factor, network in trained.items()},
        partner=partner,
    )
    told = {
        "epochs": {factor: len(network.losses) for factor, network in trained.items()},
        "held_out": {factor: min(network.held_out) for factor, network in trained.items()},
        "notes": sum(len(events) - 1 for events in solos),
        "solos": len(solos),
        **{
            key: value
            for key, value in asdict(chosen[factor]).items()
            if key not in ("epochs", "units")
        },
    }
    content = soloist.to_file(
        model,
        corpus=loading.fingerprint(solos),
        training=told,
        versions={"jax": str(jax.__version__), "numpy": np.__version__, "sideman": VERSION},
    )
    return Learnt(content, trained, all(network.finished for network in trained.values()))


def _halfway(begun: Mapping[str, Array], adapted: Trained) -> Trained:
    """Return the mean of the weights before and after adapting.

    On new solos of the player it is about as good, and on the others no worse (Mitchell Wortsman et
    al., "Robust fine-tuning of zero-shot models", CVPR 2022).
    """
    both = {
        name: np.float32(0.5) * (begun[name] + value) for name, value in adapted.weights.items()
    }
    return replace(adapted, weights=both)


def _one(beside: Sequence[Mapping[str, Array]] | None, factor: str) -> list[Array] | None:
    return None if beside is None else [each[factor] for each in beside]


def _second(settings: Settings, factor: str) -> Settings:
    """Half the epochs and two thirds of the rate, once the n-gram comes in."""
    return replace(
        settings,
        epochs=max(1, settings.epochs // 2),
        learning_rate=settings.learning_rate * 2 / 3,
        # Of rhythm the n-gram predicts so much that the network alone would get worse.
        partner_dropout=0.6 if factor == "ioi" else settings.partner_dropout,
    )


def _together(done: Sequence[Trained]) -> Trained:
    """Tell the stages of a training as one; the weights are those of the last good stage."""
    good = next((stage for stage in reversed(done) if stage.held_out), done[-1])
    before = sum(len(stage.losses) for stage in done[:-1])
    failed_in = done[-1].failed_in
    return Trained(
        good.weights,
        tuple(loss for stage in done for loss in stage.losses),
        tuple(loss for stage in done for loss in stage.held_out),
        done[-1].finished,
        None if failed_in is None else before + failed_in,
    )
