"""The soloist: three LSTMs over the changes, the metre and the motifs of the line so far.

*Its inputs*: the notes so far, the chords and their scales (for pitch alone), the place in bar
and beat, the tempo, the player to imitate, how the current motif continued earlier in this
solo (:mod:`sideman.models.motifs`), and what followed the same contexts in the training corpus
(:mod:`sideman.models.corpus`).

*Its outputs*: the probabilities of the inter-onset intervals, then of the pitches at that onset,
then of the durations: the three factors of :mod:`sideman.models.events`, each with its own network.

*How*: one LSTM layer h.  Its dense layer gives a logit for each value by itself, and others by what
the value would mean: where in the beat and the bar the note would come; which interval, which
degree of the chord, which pitch it would be.  Their sum, normalised, is the base p.  Every counter
k, of the solo's motifs or of the corpus, then adds, for a count c,

    g_k · log(1 + c_k / (a_k p))

with a learnt prior a_k and a gate g_k, a function of h and the sums of the counts.  With one
counter and an open gate this is the mean of a Dirichlet posterior around p.

*Its parameters*, for each factor with D inputs, U units, H logits and K counters, in Keras' layout
(gates in the order i, f, g, o):

===================  ==========  =============================================
``kernel``           (D, 4U)     from the input to the LSTM
``recurrent_kernel`` (U, 4U)     from its last output
``bias``             (4U,)
``dense_kernel``     (U, H+K)    from its output to logits and gates
``dense_bias``       (H+K,)
``gate_kernel``      (K, K)      from the sums of the counts to the gates
``prior``            (K,)        log a
===================  ==========  =============================================

What is scored is what plays: the same networks give the probabilities of a solo's notes and those
from which the next note is drawn.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import ModelError
from sideman.models import corpus, critic, registry
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls, Feature
from sideman.models.encoding import (
    CORE,
    FACTORS,
    LOWEST,
    SUMMED,
    Encoded,
    Vocabulary,
    encode,
)
from sideman.models.events import LONGEST_IOI, PITCHES, Distributions, Events, from_solo
from sideman.models.file import ModelFile, fitting
from sideman.models.lstm import log_softmax
from sideman.models.protocol import Setting
from sideman.models.shaping import Shaper
from sideman.models.soloing import NoteSession, SoloEncoder
from sideman.models.stepping import Inputs, Network, evaluate, prepared
from sideman.models.taste import Taste
from sideman.models.theme import Theme, planned
from sideman.models.traits import measure
from sideman.score import Solo

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
KIND = "soloist"
FEATURES = frozenset(Feature) - {Feature.DERIVATION}
DEFAULTS = registry.defaults(KIND)
NAMES = (
    "kernel",
    "recurrent_kernel",
    "bias",
    "dense_kernel",
    "dense_bias",
    "gate_kernel",
    "prior",
)
_BLOCK = 512
_LAYOUT = 2  # raise it whenever inputs, memories or meanings change
_WITHOUT_CORPUS = 1  # the layout of networks without the counts of a corpus, those of version 0.1
_POWERS = ".partner_kernel"
_MOST_UNITS = 2048
_MOST_NETWORKS = 8
_MOST_PLAYERS = 10_000


def shapes(vocabulary: Vocabulary, factor: str, units: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a factor's parameters by name; `units` is U."""
    inputs, counters = vocabulary.inputs(factor), vocabulary.counters(factor)
    logits = sum(vocabulary.parts(factor))
    forms = (
        (inputs, 4 * units),
        (units, 4 * units),
        (4 * units,),
        (units, logits + counters),
        (logits + counters,),
        (counters, counters),
        (counters,),
    )
    return dict(zip(NAMES, forms, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class NeuralSoloist:
    """The networks.

    `weights` hold, of each factor, one network or several, whose logits are averaged, by
    :data:`NAMES`. `like` is the player to imitate, empty for none, `taste` that of a listener.
    """

    vocabulary: Vocabulary
    weights: Mapping[str, tuple[Mapping[str, Array], ...]]
    like: str = ""
    taste: Taste | None = None
    _prepared: dict[str, tuple[Network, ...]] = field(default_factory=dict, repr=False)

    @property
    def networks(self) -> Mapping[str, tuple[Network, ...]]:
        """The networks, prepared to step once for all soloists with the same weights."""
        if not self._prepared:
            self._prepared.update(prepared(self.vocabulary, self.weights))
        return self._prepared

    @property
    def name(self) -> str:
        """The name in tables."""
        return f"{KIND}, like {self.like}" if self.like else KIND

    def counting(self, solos: Sequence[Events], weight: float = 1.0) -> NeuralSoloist:
        """Return the soloist with the notes of some solos added to its counts, `weight` times."""
        known = [encode(events).known for events in solos]
        found = {}
        for factor, counts in self.vocabulary.corpus.items():
            parts = [
                self.vocabulary.counted_part(each, events, factor)
                for each, events in zip(known, solos, strict=True)
            ]
            found[factor] = counts.joined(corpus.count(factor, parts, whole=True), weight)
        return replace(self, vocabulary=replace(self.vocabulary, corpus=found), _prepared={})

    @property
    def players(self) -> tuple[str, ...]:
        """The players that it can imitate."""
        return self.vocabulary.performers

    def resembling(self, player: str) -> NeuralSoloist:
        """Return the soloist that imitates the player with the nearest name; or a ModelError."""
        if not player:
            return replace(self, like="")
        return replace(self, like=nearest(player, self.vocabulary.performers))

    def tasting(self, taste: Taste | None) -> NeuralSoloist:
        """Return the soloist whose critic also prefers what a listener likes."""
        return replace(self, taste=taste)

    @property
    def features(self) -> frozenset[Feature]:
        """The features beyond playing."""
        return FEATURES

    @property
    def defaults(self) -> Controls:
        """The controls with which it plays best (``docs/listening.md`` has the comparison)."""
        return DEFAULTS

    @property
    def critic(self) -> critic.Critic:
        """The critic that rates branches of its solos (:mod:`sideman.models.critic`)."""
        return critic.shipped().favouring(self.like).tasting(self.taste)

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> NoteSession:
        """Begin a solo (:class:`sideman.models.protocol.Soloist`)."""
        return NoteSession(
            self.vocabulary,
            self.networks,
            setting,
            label=self.vocabulary.imitation(self.like),
            constraints=constraints,
            shaper=self._shaper(setting, controls, constraints, rng) if controls.shaped else None,
            motif=controls.motif,
        )

    def _shaper(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> Shaper:
        """Return what corrects the logits of a solo."""
        iois, own = self.vocabulary.iois, rng.spawn(1)[0]
        take = theme = None
        if constraints.take:
            line = Solo("", constraints.take, setting.changes, tempo_bpm=setting.tempo_bpm)
            take = measure(from_solo(line))
        if constraints.theme and controls.motif:
            statements = planned(constraints, setting, rng.spawn(1)[0])
            theme = Theme(statements, setting, iois, controls.motif)
        return Shaper(controls, setting, iois, own, self.like, take, theme)

    def options_of(self, sessions: Sequence[NoteSession]) -> list[tuple[Array, Array]]:
        """Return the options of several sessions: a weight is read once for all of them."""
        logits = evaluate([session.query() for session in sessions])
        return [session.shaped(each) for session, each in zip(sessions, logits, strict=True)]

    def player(self, setting: Events) -> SoloEncoder:
        """Return the networks at the beginning of a solo in a setting, without rules."""
        return SoloEncoder(
            self.vocabulary, self.networks, setting, self.vocabulary.label(self.like)
        )

    def likelihoods(self, events: Events, factor: str, encoded: Encoded | None = None) -> Array:
        """Compute the log-probabilities, (notes, V), of one factor; a possible escape is last."""
        example = self.vocabulary.example(
            encoded or encode(events), events, factor, self.vocabulary.label(self.like)
        )
        sums = np.log1p(example.counts.sum(axis=1))
        every = Inputs(
            example.index,
            np.concatenate([example.dense, sums * SUMMED], axis=1),
            example.counts,
            sums,
            np.ones((len(events), 1), np.float32),
            self.vocabulary.tables(factor, example.meaning),
        )
        together = np.zeros((len(events), self.vocabulary.symbols(factor)), np.float32)
        for network in self.networks[factor]:
            h = c = np.zeros(network.units, np.float32)
            for begin in range(0, len(events), _BLOCK):
                here = slice(begin, begin + _BLOCK)
                logits, outputs, c = network.sequence(every.part(here), h, c)
                h = outputs[-1]
                together[here] += log_softmax(logits)
        several = len(self.networks[factor])
        return together if several == 1 else log_softmax(together / np.float32(several))

    def distributions(self, events: Events) -> Distributions:
        """Compute the probabilities at every note (:class:`sideman.models.events.Scorer`)."""
        encoded = encode(events)
        ioi, pitch, duration = (
            np.exp(self.likelihoods(events, factor, encoded).astype(np.float64))
            for factor in FACTORS
        )
        others = LONGEST_IOI - len(self.vocabulary.iois)
        every_ioi = np.repeat(ioi[:, -1:] / max(1, others), LONGEST_IOI, axis=1)
        every_ioi[:, self.vocabulary.iois - 1] = ioi[:, :-1]
        every_pitch = np.repeat(pitch[:, -1:] / (PITCHES - CORE), PITCHES, axis=1)
        every_pitch[:, LOWEST : LOWEST + CORE] = pitch[:, :-1]
        return Distributions(
            *(each / each.sum(axis=1, keepdims=True) for each in (every_ioi, every_pitch, duration))
        )


def nearest(player: str, known: Sequence[str], who: str = "the soloist has") -> str:
    """Return the player with the nearest name, whole or in part; raise ModelError if none is near.

    `who` begins the list of those that there are.

    >>> nearest("parker", ["Art Pepper", "Charlie Parker"])
    'Charlie Parker'
    """
    names = {name.casefold(): name for name in known}
    wanted = player.strip().casefold()
    if wanted in names:
        return names[wanted]
    within = [name for name in names if wanted and wanted in name]
    words = {word: name for name in names for word in name.split()}
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.75)
    close += [words[word] for word in difflib.get_close_matches(wanted, words, n=1, cutoff=0.75)]
    found = within[:1] or close[:1]
    if not found:
        first, more = sorted(known)[:3], len(known) - 3
        some = (", ".join(first) or "none") + (f" and {more} more" if more > 0 else "")
        raise ModelError(f"No player is called {player[:40]!r}; {who} {some}.", field="player")
    return names[found[0]]


def to_file(
    model: NeuralSoloist,
    *,
    corpus: str = "",
    training: Mapping[str, Any] | None = None,
    versions: Mapping[str, str] | None = None,
    half: bool = True,
) -> ModelFile:
    """Return the model file of a soloist, its networks in half precision if `half` is set.

    `corpus`, `training` and `versions` are as in :class:`ModelFile`.
    """
    kind = np.float16 if half else np.float32
    tensors: dict[str, NDArray[Any]] = {"iois": model.vocabulary.iois.astype(np.uint16)}
    units: dict[str, list[int]] = {}
    for factor in FACTORS:
        units[factor] = []
        for number, weights in enumerate(model.weights[factor]):
            units[factor].append(int(weights["recurrent_kernel"].shape[0]))
            for name in NAMES:
                tensors[f"{factor}.{number}.{name}"] = weights[name].astype(kind)
    config: dict[str, Any] = {
        "layout": _LAYOUT if model.vocabulary.corpus else _WITHOUT_CORPUS,
        "units": units,
        "performers": list(model.vocabulary.performers),
    }
    for factor, counts in model.vocabulary.corpus.items():
        tensors |= {f"corpus.{factor}.{name}": table for name, table in counts.packed().items()}
    return ModelFile(
        kind=KIND,
        config=config,
        vocabulary=(),
        weights=tensors,
        corpus=corpus,
        training=training or {},
        versions=versions or {},
    )


def from_file(content: ModelFile, name: str) -> NeuralSoloist:
    """Return the model of a file; `name` is for messages.  Raise ModelError if it is damaged."""
    with fitting(
        f"{name}: its weights do not fit this version of the soloist; train the model again."
    ):
        return _from_file(content)


def _from_file(content: ModelFile) -> NeuralSoloist:
    config, tensors = content.config, content.weights
    _require(content.kind == KIND and config["layout"] in (_WITHOUT_CORPUS, _LAYOUT))
    iois = np.asarray(tensors["iois"])
    _require(iois.ndim == 1 and iois.dtype.kind == "u" and len(iois) > 0)
    iois = iois.astype(np.int64)
    _require(bool((np.diff(iois) > 0).all()) and 1 <= iois[0] <= iois[-1] <= LONGEST_IOI)
    performers = config["performers"]
    _require(isinstance(performers, list) and all(isinstance(one, str) for one in performers))
    _require(len(set(performers)) == len(performers) <= _MOST_PLAYERS)
    used = {"iois"}
    counts = {}
    for factor in FACTORS if config["layout"] == _LAYOUT else ():
        tables = {name: tensors[f"corpus.{factor}.{name}"] for name in corpus.TABLES}
        counts[factor] = corpus.unpacked(factor, tables)
        used |= {f"corpus.{factor}.{name}" for name in corpus.TABLES}
    vocabulary = Vocabulary(iois, tuple(performers), counts)
    weights: dict[str, tuple[dict[str, Array], ...]] = {}
    for factor in FACTORS:
        every = config["units"][factor]
        _require(isinstance(every, list) and 1 <= len(every) <= _MOST_NETWORKS)
        networks = []
        for number, units in enumerate(every):
            _require(type(units) is int and 1 <= units <= _MOST_UNITS)
            found = {}
            for key, shape in shapes(vocabulary, factor, units).items():
                tensor = tensors[f"{factor}.{number}.{key}"]
                _require(tensor.shape == shape and tensor.dtype.kind == "f")
                found[key] = tensor.astype(np.float32)
                used.add(f"{factor}.{number}.{key}")
            networks.append(found)
        weights[factor] = tuple(networks)
    if config["layout"] == _WITHOUT_CORPUS:
        # Of version 0.1: an n-gram that was multiplied in where solos were scored, and its powers.
        used |= {key for key in tensors if key.startswith("ngram.") or key.endswith(_POWERS)}
    _require(used == set(tensors))
    return NeuralSoloist(vocabulary, weights)


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("the weights do not belong together")
