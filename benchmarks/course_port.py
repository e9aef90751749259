"""The rival: the course's notebook carried over to Keras 3 and music21, as faithfully as can be.

It does what a learner's notebook does today, with the same libraries: music21 parses the MIDI
file, spells scales and intervals, and writes the result; Keras builds thirty shared steps, fits
them for a hundred epochs, and predicts fifty values with the unrolled inference model.  Nothing in
it is slowed down on purpose, and nothing comes from sideman.

    python benchmarks/course_port.py FILE.mid OUT.mid            the whole course
    python benchmarks/course_port.py --read FILE.mid             reading alone
    KERAS_BACKEND=torch python benchmarks/course_port.py …       on another backend

Each stage prints ``stage seconds`` on a line of its own.
"""

from __future__ import annotations

import copy
import os
import random
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
from music21 import (
    chord,
    converter,
    instrument,
    interval,
    key,
    note,
    pitch,
    scale,
    stream,
    tempo,
)

SOLO = (476, 548)
MELODY, CHORDS = 5, 0
N_UNITS = 64


def solo_measures(path: str) -> tuple[list[list[Any]], list[list[Any]]]:
    """Read the file and group the solo's melody and chords by measure."""
    score = converter.parse(path, forceSource=True)
    melody = stream.Voice()
    # Today's music21 gathers notes that begin together into chords; the solo is a line.
    for element in score.parts[MELODY].stripTies().flatten().notes:
        for one in getattr(element, "notes", [element]):
            line = note.Note(one.pitch, quarterLength=element.quarterLength or 0.25)
            melody.insert(element.offset, line)
    comping = score.parts[CHORDS].stripTies().flatten()

    def grouped(elements: Any, kind: type) -> dict[int, list[Any]]:
        measures: dict[int, list[Any]] = defaultdict(list)
        for element in elements.getElementsByOffset(*SOLO, includeEndBoundary=True):
            if isinstance(element, kind):
                measures[int(element.offset // 4)].append(element)
        return measures

    notes = grouped(melody, note.Note)
    chords = grouped(comping, chord.Chord)
    order = sorted(notes)
    order = [number for number in order if number in chords]
    return [notes[number] for number in order], [chords[number] for number in order]


def scale_over(sounding: Any) -> Any:
    """Major over a major chord, dorian over any other, as music21 derives them."""
    kind = scale.MajorScale if sounding.quality == "major" else scale.DorianScale
    return kind().derive(sounding)


def is_scale_tone(sounding: Any, one: Any) -> bool:
    names = {p.name for p in scale_over(sounding).getPitches()}
    return one.name in names


def is_approach_tone(sounding: Any, one: Any) -> bool:
    return any(
        one.name in (p.transpose(1).name, p.transpose(-1).name)
        or one.name in (p.transpose(1).getEnharmonic().name, p.transpose(-1).getEnharmonic().name)
        for p in sounding.pitches
    )


def parse_melody(notes: list[Any], chords: list[Any]) -> str:
    """Say one measure in the jazz grammar."""
    words, previous = [], None
    for one in notes:
        sounding = chords[0]
        for candidate in chords:
            if candidate.offset <= one.offset:
                sounding = candidate
        if one.name in sounding.pitchNames or one.pitch.pitchClass in sounding.pitchClasses:
            kind = "C"
        elif is_scale_tone(sounding, one):
            kind = "S"
        elif is_approach_tone(sounding, one):
            kind = "A"
        else:
            kind = "X"
        word = f"{kind},{float(one.quarterLength):.3f}"
        if previous is not None:
            step = interval.Interval(noteStart=previous, noteEnd=one)
            upper = interval.add([step, "m3"])
            lower = interval.subtract([step, "m3"])
            word += f",<{upper.directedName},{lower.directedName}>"
        words.append(word)
        previous = one
    return " ".join(words)


def training_windows(corpus: list[str], index: dict[str, int]) -> tuple[Any, Any]:
    """Sixty windows of thirty values."""
    draw = np.random.RandomState(0)
    X = np.zeros((60, 30, len(index)), dtype=bool)
    Y = np.zeros((60, 30, len(index)), dtype=bool)
    for i in range(60):
        start = draw.choice(len(corpus) - 30)
        for j in range(1, 30):
            X[i, j, index[corpus[start + j]]] = True
            Y[i, j - 1, index[corpus[start + j]]] = True
    return X, np.swapaxes(Y, 0, 1)


def build(n_values: int) -> tuple[Any, Any, Any]:
    """Thirty steps of one cell, as the course writes them."""
    from keras import layers, models

    cell = layers.LSTM(N_UNITS, return_state=True)
    dense = layers.Dense(n_values, activation="softmax")
    reshape = layers.Reshape((1, n_values))
    X = layers.Input((30, n_values))
    a0, c0 = layers.Input((N_UNITS,)), layers.Input((N_UNITS,))
    a, c, outputs = a0, c0, []
    for t in range(30):
        x = layers.Lambda(lambda z, t=t: z[:, t, :], output_shape=(n_values,))(X)
        a, _, c = cell(reshape(x), initial_state=[a, c])
        outputs.append(dense(a))
    return models.Model([X, a0, c0], outputs), cell, dense


def fit(model: Any, X: Any, Y: Any) -> float:
    """A hundred epochs of Adam with the course's decay."""
    from keras import optimizers

    rate = optimizers.schedules.InverseTimeDecay(0.01, decay_steps=1, decay_rate=0.01)
    model.compile(
        optimizer=optimizers.Adam(rate, beta_1=0.9, beta_2=0.999),
        loss="categorical_crossentropy",
        metrics=[["accuracy"]] * 30,
    )
    zeros = np.zeros((60, N_UNITS), dtype="float32")
    history = model.fit(
        [X.astype("float32"), zeros, zeros],
        [y.astype("float32") for y in Y],
        epochs=100,
        verbose=0,
    )
    return float(history.history["loss"][-1])


def predict(cell: Any, dense: Any, n_values: int, length: int = 50) -> list[int]:
    """Unroll the inference model and predict."""
    from keras import layers, models, ops

    def one_hot(z: Any) -> Any:
        return ops.expand_dims(ops.one_hot(ops.argmax(z, axis=-1), n_values), 1)

    x0 = layers.Input((1, n_values))
    a0, c0 = layers.Input((N_UNITS,)), layers.Input((N_UNITS,))
    x, a, c, outputs = x0, a0, c0, []
    for _ in range(length):
        a, _, c = cell(x, initial_state=[a, c])
        out = dense(a)
        outputs.append(out)
        x = layers.Lambda(one_hot, output_shape=(1, n_values))(out)
    model = models.Model([x0, a0, c0], outputs)
    zeros = np.zeros((1, N_UNITS), dtype="float32")
    predicted = model.predict([np.zeros((1, 1, n_values), "float32"), zeros, zeros], verbose=0)
    return [int(np.argmax(p)) for p in predicted]


def prune_grammar(words: list[str]) -> list[str]:
    """Put every length on a quarter of a quarter, up or down by a coin."""
    pruned = []
    for word in words:
        fields = word.split(",")
        below = int(float(fields[1]) / 0.25) * 0.25
        fields[1] = str(below if random.random() < 0.5 else below + 0.25)
        pruned.append(",".join(fields))
    return pruned


def one_chord_tone(sounding: Any) -> Any:
    return note.Note(random.choice([p.nameWithOctave for p in sounding.pitches]))


def one_scale_tone(sounding: Any) -> Any:
    names = [p.name for p in scale_over(sounding).getPitches()[:7]]
    octave = random.choice([p.octave for p in sounding.pitches])
    return note.Note(f"{random.choice(names)}{octave}")


def unparse(words: list[str], chords: list[Any]) -> list[Any]:
    """Turn values back into notes over one measure's chords."""
    placed, previous, offset = [], None, 0.0
    for word in words:
        fields = word.replace("<", "").replace(">", "").split(",")
        offset += float(fields[1])
        sounding = chords[0]
        for candidate in chords:
            if candidate.offset % 4 <= offset:
                sounding = candidate
        if len(fields) == 2:
            if fields[0] == "C":
                new = one_chord_tone(sounding)
            elif fields[0] == "S":
                new = one_scale_tone(sounding)
            else:
                tone = one_chord_tone(sounding)
                new = tone.transpose(random.choice((1, -1)))
            if new.octave < 4:
                new.octave = 4
        else:
            assert previous is not None
            low = previous.transpose(interval.Interval(fields[3]))
            high = previous.transpose(interval.Interval(fields[2]))
            if low.pitch.midi > high.pitch.midi:
                low, high = high, low
            steps = range(high.pitch.midi - low.pitch.midi + 1)
            near = [note.Note(low.pitch.transpose(step)) for step in steps]
            if fields[0] == "C":
                fitting = [n for n in near if n.pitch.pitchClass in sounding.pitchClasses]
            elif fields[0] == "S":
                fitting = [n for n in near if is_scale_tone(sounding, n)]
            else:
                fitting = [n for n in near if is_approach_tone(sounding, n)]
            others = [n for n in fitting if n.nameWithOctave != previous.nameWithOctave]
            if len(fitting) > 1 and others:
                new = random.choice(others)
            elif len(fitting) == 1:
                new = fitting[0]
            else:
                new = previous.transpose(random.choice((-2, 2)))
            if new.octave < 3:
                new.octave = 3
        new = note.Note(pitch.Pitch(midi=new.pitch.midi), quarterLength=float(fields[1]) or 0.25)
        new.offset = offset
        placed.append(new)
        previous = new
    return placed


def clean(notes: list[Any]) -> list[Any]:
    """Drop the second of equal pairs, and notes that fall on another's onset."""
    kept = []
    for first, second in zip(notes[::2], [*notes[1::2], None], strict=False):
        kept.append(first)
        if second is not None and second.nameWithOctave != first.nameWithOctave:
            kept.append(second)
    return [one for i, one in enumerate(kept) if i == 0 or one.offset != kept[i - 1].offset]


def generate(values: list[str], chords: list[list[Any]], out: str) -> None:
    """Five sets of chords, the same values over each, written as MIDI."""
    result = stream.Stream()
    for i in range(1, int(len(chords) / 3)):
        sounding = copy.deepcopy(chords[i - 1])
        for one in sounding:
            one.offset = one.offset % 4
        words = " ".join(["C,0.25", *values]).replace(" A", " C").replace(" X", " C").split(" ")
        for one in clean(unparse(prune_grammar(words), sounding)):
            result.insert(4 * (i - 1) + one.offset, one)
        for one in sounding:
            result.insert(4 * (i - 1) + one.offset, one)
    result.insert(0.0, instrument.Piano())
    result.insert(0.0, key.KeySignature(0))
    result.insert(0.0, tempo.MetronomeMark(number=130))
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    result.write("midi", fp=out)


def main(arguments: list[str]) -> None:
    """Run the stages and print what each took."""
    mark = time.perf_counter()

    def stage(name: str) -> None:
        nonlocal mark
        now = time.perf_counter()
        print(f"{name} {now - mark:.3f}", flush=True)
        mark = now

    reading_only = arguments[0] == "--read"
    path = arguments[1] if reading_only else arguments[0]
    notes, chords = solo_measures(path)
    stage("read")
    if reading_only:
        return
    grammars = [parse_melody(n, c) for n, c in zip(notes, chords, strict=True)]
    corpus = " ".join(grammars).split(" ")
    values = sorted(set(corpus))
    index = {value: i for i, value in enumerate(values)}
    stage("analyse")
    X, Y = training_windows(corpus, index)
    model, cell, dense = build(len(values))
    stage("build")
    loss = fit(model, X, Y)
    stage("train")
    predicted = predict(cell, dense, len(values))
    stage("predict")
    random.seed(0)
    generate([values[i] for i in predicted], chords, arguments[1])
    stage("generate")
    print(f"# {len(corpus)} tokens, {len(values)} values, loss {loss:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
