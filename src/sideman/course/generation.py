"""The course's ``generate_music``, and the sampler of deepjazz on which it is based."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from sideman.course.chance import generator
from sideman.course.corpus import loaded, sequence_to_matrix
from sideman.course.models import predict_and_sample
from sideman.course.parsing import Chords, unparse_grammar
from sideman.course.pruning import clean_up_notes, prune_grammar, prune_notes
from sideman.course.stream import Element, Stream, as_voicings
from sideman.errors import ModelError, MusicError

OUTPUT = "output/my_music.midi"
TEMPO_BPM = 130
_QUARTERS_PER_SET = 4.0
_ENOUGH_QUARTERS = 4.1
_NOTHING = 1e-5
_MOST_VALUES = 10_000


def generate_music(
    inference_model: Any,
    corpus: Sequence[str] | Mapping[int, str] | None = None,
    abstract_grammars: Any = None,
    tones: Sequence[str] | None = None,
    tones_indices: Mapping[str, int] | None = None,
    indices_tones: Mapping[int, str] | None = None,
    T_y: int = 10,
    max_tries: int = 1000,
    diversity: float = 0.5,
    *,
    chords: Chords | None = None,
    path: str | os.PathLike[str] = OUTPUT,
    rng: Generator | None = None,
) -> Stream:
    """Generate music over the first chords of the solo, and write it as MIDI.

    As in the original, `indices_tones` is the only used argument after the model; the model starts
    from zeros for every set of chords, so that all sets have the same values; and the fifty notes
    of a set overlap those of the next sets.  The stream has melody and chords at 130 quarter notes
    per minute.

    Parameters
    ----------
    corpus, abstract_grammars, tones, tones_indices : object
        Not used; but if `corpus` is a mapping, the order of version 4 is assumed: `corpus` is the
        values, and `abstract_grammars` the chords.
    indices_tones, chords : mapping or None
        The token of each index and the chords of each measure; those of the solo loaded last where
        None.
    T_y, max_tries, diversity : object
        Not used.
    rng : numpy.random.Generator or None
        The random generator; the course's own where None.

    Raises
    ------
    ModelError
        If the model has more values than `indices_tones`.
    FileError
        If the file cannot be written.
    """
    del tones, tones_indices, T_y, max_tries, diversity
    if isinstance(corpus, Mapping):
        # Version 4's order: the values second, the chords third.
        indices_tones, chords = corpus, abstract_grammars if chords is None else chords
    chance = generator(rng)
    chords = loaded().chords if chords is None else chords
    values = loaded().indices_tones if indices_tones is None else indices_tones
    _are_tables(values, chords)
    stream = Stream(tempo_bpm=TEMPO_BPM)
    print("Predicting new values for different set of chords.")
    for i in range(1, int(len(chords) / 3)):
        _, indices = predict_and_sample(inference_model)
        grammar = " ".join(["C,0.25", *_values_at(indices.ravel().tolist(), values)])
        notes = _play(stream, _QUARTERS_PER_SET * (i - 1), grammar, chords[i], chance)
        print(
            f"Generated {notes} sounds using the predicted values for the set of chords "
            f'("{i}") and after pruning'
        )
    stream.write(path)
    print(f"Your generated music is saved in {os.fspath(path)}")
    return stream


def _are_tables(values: Any, chords: Any) -> None:
    """Raise MusicError if the two dictionaries are swapped or inverted."""
    if isinstance(chords, Mapping) and any(isinstance(row, str) for row in chords.values()):
        raise MusicError(
            "The values and the chords have changed places: in version 4 the call is "
            "generate_music(inference_model, indices_values, chords)."
        )
    if isinstance(values, Mapping) and any(isinstance(key, str) for key in values):
        raise MusicError(
            "The dictionary goes from a value to its index: give the other one, indices_values, "
            "from an index to its value."
        )


def _values_at(indices: Sequence[int], indices_tones: Mapping[int, str]) -> list[str]:
    try:
        return [indices_tones[index] for index in indices]
    except (KeyError, IndexError) as error:
        raise ModelError(
            f"The model gives value {error.args[0]}, and there are {len(indices_tones)}; give "
            "the indices_tones that it was trained with."
        ) from error


def _play(stream: Stream, offset: float, grammar: str, chords: Any, rng: Generator) -> int:
    """Add the notes of a grammar over a measure's chords to a stream; return their number."""
    grammar = grammar.replace(" A", " C").replace(" X", " C")
    voicings = [
        chord._replace(onset=chord.onset % _QUARTERS_PER_SET) for chord in as_voicings(chords)
    ]
    sounds = unparse_grammar(prune_grammar(grammar, rng), voicings, rng)
    notes = clean_up_notes(prune_notes(sounds))
    for note in notes:
        stream.insert(offset + note.offset, note)
    for voicing in voicings:
        chord = Element.of(voicing.onset, voicing.length, *voicing.pitches)
        stream.insert(offset + voicing.onset, chord)
    return sum(note.isNote for note in notes)


def sample(probabilities: ArrayLike, temperature: float = 1.0, rng: Generator | None = None) -> int:
    """Draw an index with probability ∝ exp(log p / temperature), by one multinomial draw.

    The course's random generator is used where None; a MusicError is raised if the temperature
    (above 0) or the probabilities are invalid.
    """
    p = np.asarray(probabilities, dtype=np.float64).ravel()
    if not (np.isfinite(temperature) and temperature > 0):
        raise MusicError(f"A temperature of {temperature} cannot be used; give one above 0.")
    if not p.size or not np.isfinite(p).all() or p.min() < 0 or p.max() <= 0:
        raise MusicError("These are no probabilities; they must be 0 or more, and not all 0.")
    with np.errstate(divide="ignore"):
        scaled = np.log(p) / temperature
    weights = np.exp(scaled - scaled.max())
    return int(np.argmax(generator(rng).multinomial(1, weights / weights.sum())))


def next_value_processing(
    model: Any,
    next_value: str,
    x: NDArray[np.float64],
    predict_and_sample: Callable[[Any, NDArray[np.float64], Mapping[int, str], float], str],
    indices_values: Mapping[int, str],
    abstract_grammars: Sequence[str],
    duration: float,
    max_tries: int = 1000,
    temperature: float = 0.5,
    rng: Generator | None = None,
) -> str:
    """Return a value; at the start of a measure, one that does not depend on an earlier note.

    ``predict_and_sample(model, x, indices_values, temperature)`` draws another value from the
    window `x`; after `max_tries` draws it is the first token of a random measure.  `duration` is
    the length of the measure so far, in quarters.  A MusicError is raised if no measure begins with
    such a value.
    """
    if duration >= _NOTHING:
        return next_value
    for _ in range(max_tries):
        if _may_begin(next_value):
            return next_value
        next_value = predict_and_sample(model, x, indices_values, temperature)
    if _may_begin(next_value):
        return next_value
    firsts = [grammar.split()[0] for grammar in abstract_grammars if grammar.strip()]
    firsts = [first for first in firsts if _may_begin(first)]
    if not firsts:
        raise MusicError("No measure begins with a note; give grammars that do.")
    return firsts[generator(rng).integers(len(firsts))]


def _may_begin(value: str) -> bool:
    kind, *rest = value.split(",")
    return kind != "R" and len(rest) == 1


def generate_grammar(
    model: Any,
    corpus: Sequence[str],
    abstract_grammars: Sequence[str],
    values: Sequence[str],
    val_indices: Mapping[str, int],
    indices_val: Mapping[int, str],
    max_len: int = 20,
    max_tries: int = 1000,
    diversity: float = 0.5,
    rng: Generator | None = None,
) -> str:
    """Return one measure, drawn from a random window as in deepjazz until it is long enough.

    The last of its tokens, separated by spaces, makes it longer than 4.1 quarters.

    Parameters
    ----------
    model : keras.Model
        An object whose ``predict(x, verbose=0)`` maps (1, max_len, n) to (1, n).
    values : sequence of str
        The distinct tokens, with their indices in `val_indices` and back in `indices_val`.
    max_len, max_tries : int
        Tokens in the window, and draws for the first value.
    diversity : float
        The temperature.
    rng : numpy.random.Generator or None
        The random generator; the course's own where None.

    Raises
    ------
    MusicError
        If the corpus is too short, or the values drawn do not fill a measure.
    """
    del values
    if len(corpus) <= max_len:
        raise MusicError(
            f"The corpus has {len(corpus)} tokens; a window of {max_len} needs more: give a longer "
            "solo."
        )
    chance = generator(rng)

    asked: dict[bytes, ArrayLike] = {}

    def draw(
        model: Any, x: NDArray[np.float64], indices: Mapping[int, str], temperature: float
    ) -> str:
        # The first value of a measure may be drawn a thousand times from the same window.
        if (window := x.tobytes()) not in asked:
            asked.clear()
            asked[window] = model.predict(x, verbose=0)[0]
        return indices[sample(asked[window], temperature, chance)]

    begin = int(chance.integers(len(corpus) - max_len))
    window = list(corpus[begin : begin + max_len])
    drawn: list[str] = []
    length = 0.0
    while length <= _ENOUGH_QUARTERS:
        if len(drawn) > _MOST_VALUES:
            raise MusicError(f"{len(drawn)} values drawn have not filled a measure; train longer.")
        x = sequence_to_matrix(window, val_indices)
        value = next_value_processing(
            model,
            draw(model, x, indices_val, diversity),
            x,
            draw,
            indices_val,
            abstract_grammars,
            length,
            max_tries,
            diversity,
            chance,
        )
        window = [*window[1:], value]
        drawn.append(value)
        length += float(value.split(",")[1])
    return " ".join(drawn)


def generate_deepjazz(
    model: Any,
    corpus: Sequence[str] | None = None,
    abstract_grammars: Sequence[str] | None = None,
    values: Sequence[str] | None = None,
    val_indices: Mapping[str, int] | None = None,
    indices_val: Mapping[int, str] | None = None,
    max_len: int = 20,
    max_tries: int = 1000,
    diversity: float = 0.5,
    *,
    chords: Chords | None = None,
    rng: Generator | None = None,
) -> Stream:
    """Return music over all chords of a solo, each measure drawn by :func:`generate_grammar`.

    Chords (those of each measure) and other arguments are those of the solo loaded last where None.
    """
    music = loaded()
    chance = generator(rng)
    stream = Stream(tempo_bpm=TEMPO_BPM)
    for number, row in enumerate(list((chords or music.chords).values())[1:]):
        grammar = generate_grammar(
            model,
            music.corpus if corpus is None else corpus,
            music.abstract_grammars if abstract_grammars is None else abstract_grammars,
            music.tones if values is None else values,
            music.tones_indices if val_indices is None else val_indices,
            music.indices_tones if indices_val is None else indices_val,
            max_len,
            max_tries,
            diversity,
            chance,
        )
        _play(stream, _QUARTERS_PER_SET * number, grammar, row, chance)
    return stream
