"""Every reader, with its seeds and mutators, and what is read of a mutated file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attack import mutators, seeds
from attack.mutators import Mutator
from sideman.band import styles
from sideman.evaluation import loading
from sideman.formats import registry, typed
from sideman.models import letters, sampler
from sideman.models import registry as kinds
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls
from sideman.models.grammar import describing, doubts
from sideman.models.protocol import Setting
from sideman.output.audio import synthesiser
from sideman.output.audio.cues import Event
from sideman.service import playing, requests


@dataclass(frozen=True)
class Target:
    """A reader under attack.

    Parameters
    ----------
    seeds : callable
        Return well-formed files.
    mutators : tuple of Mutator
        The mutations.
    read : callable
        Reads the bytes of a file.
    inputs : int
        The number of files in the gate.
    """

    seeds: Callable[[], list[bytes]]
    mutators: tuple[Mutator, ...]
    read: Callable[[bytes], object]
    inputs: int = 2000


def document(name: str) -> Callable[[bytes], None]:
    """Return a function that reads all views of a file, and writes its first chart."""

    def read(data: bytes) -> None:
        found = registry.loads(data, name)
        for tune in (found.charts or ())[:4]:
            sheet = tune.open()
            typed.dumps(sheet)
        for entry in (found.solos or ())[:4]:
            entry.open()
            if entry.grid is not None:
                entry.grid()
        if found.report is not None:
            found.report()
        found.phrase  # noqa: B018 - a property that reads

    return read


def take(data: bytes) -> None:
    """Read the request of a take."""
    playing.requested(data, "take.mid")


def model(data: bytes) -> None:
    """Read a model."""
    kinds.identify(data, "m.safetensors").load(data, "m.safetensors")


def grammar(data: bytes) -> None:
    """Read a grammar, describe it, and play two bars with it."""
    name = "x.grammar"
    soloist = kinds.identify(data, name).load(data, name)
    found = doubts.search(soloist.productions)
    describing.summary(soloist.grammar, soloist.productions, found)
    doubts.sentences(found, soloist.grammar, soloist.text)
    assert all("\n" not in notice for notice in soloist.notices)
    rng = np.random.default_rng(0)
    session = soloist.begin(_TWO_BARS, Controls(), Constraints(), rng)
    sampler.finish(session, rng=rng, controls=Controls())
    session.line()
    describing.entropy(soloist.productions, _TWO_BARS.changes, name)


def soundfont(data: bytes) -> None:
    """Load a soundfont, and play a note with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sf2"
        path.write_bytes(data)
        player = synthesiser.load(synthesiser.SYNTHESISERS[0], path)
        notes = [Event(0.0, 0, "on", 69, 100), Event(0.05, 0, "off", 69, 0)]
        for _ in player(notes, 4800, 1024):
            pass


def _written(suffix: str, *ways: Mutator) -> Target:
    return Target(lambda: seeds.written(suffix), ways, document(f"x{suffix}"))


def _sampled(name: str, suffix: str, *ways: Mutator) -> Target:
    return Target(lambda: seeds.sampled(name), ways, document(f"x{suffix}"))


_TWO_BARS = Setting(typed.parse("| F7 | Bbm7 Eb7 |").changes)
_BYTES, _TEXT, _XML = mutators.bytes_of, mutators.text_of, mutators.xml_of
TARGETS = {
    "midi": Target(seeds.songs, (_BYTES, mutators.midi_of), document("x.mid")),
    "musicxml": _written(".musicxml", _BYTES, _XML, _XML, _TEXT),
    "mxl": _written(".mxl", _BYTES, mutators.zip_of(_XML), mutators.zip_of(_BYTES)),
    "leadsheet": _written(".ls", _BYTES, _TEXT, _TEXT),
    "ireal": _written(".html", _BYTES, _TEXT, _TEXT),
    "typed": _written(".txt", _BYTES, _TEXT, _TEXT),
    "chordpro": _written(".cho", _BYTES, _TEXT, _TEXT),
    "abc": _written(".abc", _BYTES, _TEXT, _TEXT),
    "musescore": _sampled("musescore", ".mscx", _BYTES, _XML, _XML, _TEXT),
    "mscz": Target(
        seeds.packed,
        (_BYTES, mutators.zip_of(_XML), mutators.zip_of(_BYTES)),
        document("x.mscz"),
    ),
    "humdrum": _sampled("humdrum", ".krn", _BYTES, _TEXT, _TEXT),
    "labels": _sampled("labels", ".lab", _BYTES, _TEXT, _TEXT),
    "jams": Target(seeds.jams, (_BYTES, mutators.json_of, mutators.json_of), document("x.jams")),
    "json": _sampled("json", ".json", _BYTES, mutators.json_of, mutators.json_of),
    "bandinabox": _sampled("bandinabox", ".mgu", _BYTES, _BYTES),
    "style": Target(
        seeds.style_files, (_BYTES, _TEXT, _TEXT), lambda data: styles.parse(data, "x.toml")
    ),
    "weimar": Target(seeds.weimar_files, (_BYTES, mutators.database_of), document("x.db")),
    "model": Target(seeds.model_files, (_BYTES, mutators.model_of, mutators.model_of), model),
    "grammar": Target(
        seeds.grammar_files, (_BYTES, _TEXT, mutators.grammar_of, mutators.grammar_of), grammar
    ),
    "take": Target(lambda: [seeds.take().midi()], (_BYTES, mutators.midi_of), take),
    "request": Target(
        seeds.request_files,
        (_BYTES, mutators.json_of, mutators.json_of),
        lambda data: requests.loads(data.decode("utf-8", "replace")),
    ),
    "split": Target(
        seeds.split_files,
        (_BYTES, mutators.json_of),
        lambda data: loading.parse_split(data, "x.json"),
    ),
    "names": Target(seeds.name_files, (_BYTES, _TEXT), lambda data: letters.parse(data, "x.txt")),
    # Each is tried in a process of its own.
    "soundfont": Target(
        seeds.soundfonts, (_BYTES, mutators.riff_of, mutators.riff_of), soundfont, inputs=60
    ),
}
