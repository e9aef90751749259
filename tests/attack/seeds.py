"""Small files of every format, written by the package itself."""

from __future__ import annotations

import io
import json
import struct
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

import databases
from scores import SAMPLES
from sideman.band import styles
from sideman.formats import registry
from sideman.library import etudes, songbook
from sideman.models import file, lstm
from sideman.models.file import ModelFile
from sideman.score import LeadSheet
from sideman.service import playing, requests
from sideman.service.results import PlayResult

_TUNES = ("happy-birthday", "blues-f")


def charts() -> list[LeadSheet]:
    """Return two tunes and an étude."""
    return [*map(songbook.load, _TUNES), etudes.sheet(etudes.names()[0])]


@cache
def take() -> PlayResult:
    """Return a short take."""
    request = requests.PlayRequest(changes=requests.Tune(text="| F7 | Bb7 |"), choruses=1, seed=1)
    return playing.play(request)


def written(suffix: str) -> list[bytes]:
    """Return the charts in a format."""
    return [registry.dumps(sheet, f"seed{suffix}")[0] for sheet in charts()]


def sampled(name: str) -> list[bytes]:
    """Return the sample of a format that is only read."""
    return [SAMPLES[name]]


def jams() -> list[bytes]:
    """Return chord labels with beats as JAMS."""
    chords = [
        {"time": 2.0 * n, "duration": 2.0, "value": f"{root}:7", "confidence": None}
        for n, root in enumerate("CFCGCF")
    ]
    beats = [
        {"time": 0.5 * n, "duration": 0.0, "value": {"position": n % 4 + 1}, "confidence": None}
        for n in range(24)
    ]
    found = {
        "annotations": [
            {"namespace": "chord_harte", "data": chords},
            {"namespace": "beat_position", "data": beats},
        ],
        "file_metadata": {"title": "A", "duration": 12.0},
        "sandbox": {},
    }
    return [json.dumps(found).encode()]


def packed() -> list[bytes]:
    """Return a MuseScore score in its archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo("score.mscx"), SAMPLES["musescore"])
    return [made.getvalue()]


def songs() -> list[bytes]:
    """Return a take, and charts as MIDI."""
    return [take().midi(), *written(".mid")]


def style_files() -> list[bytes]:
    """Return two styles of the package."""
    folder = Path(styles.__file__).parent
    return [(folder / f"{name}.toml").read_bytes() for name in ("swing", "waltz")]


def request_files() -> list[bytes]:
    """Return the request of a take."""
    return [requests.dumps(take().request).encode()]


def split_files() -> list[bytes]:
    """Return a split of a corpus."""
    return [json.dumps({"train": ["a", "b"], "valid": ["c"], "test": ["d"]}).encode()]


def name_files() -> list[bytes]:
    """Return a list of names."""
    return ["Bebop\nBlues\nZoë\n".encode()]


def weimar_files() -> list[bytes]:
    """Return a database with two solos."""
    tones = [(1 + n // 8, 1 + n // 2 % 4, 1 + n % 2, 2, 60 + n % 7, 0.5) for n in range(24)]
    with tempfile.TemporaryDirectory() as folder:
        path = databases.build(
            Path(folder) / "x.db", {"A_One": tones, "B_Two-2": tones[::2]}, chords={(1, 1): "F7"}
        )
        return [path.read_bytes()]


def model_files() -> list[bytes]:
    """Return small models: the course's, letters, a grammar, and the shipped one of harmony."""
    rng = np.random.default_rng(0)
    found = []
    for kind, words in (
        ("course", ("C,0.500", "R,0.500", "S,1.000,<P4,m-2>")),
        ("letters", ("a", "b", "\n")),
    ):
        shapes = ((3, 16), (4, 16), (16,), (4, 3), (3,))
        weights = {
            name: rng.standard_normal(shape).astype("f4")
            for name, shape in zip(lstm.NAMES, shapes, strict=True)
        }
        if kind == "letters":
            weights["heard"] = np.zeros(0, np.uint32)
        found.append(file.dumps(ModelFile(kind, {"units": 4}, words, weights)))
    text = np.frombuffer(GRAMMARS[0].encode(), np.uint8)
    found.append(file.dumps(ModelFile("cfg", {}, (), {"grammar": text})))
    return [*found, file.shipped("harmony").data]


GRAMMARS = (
    """(startsymbol P) (parameter (min-pitch 58)) (parameter (leap-prob 0.01))
(base (P 0) () 1.0)
(rule (P Y) ((START 1) (P (- Y 480))) 1) // a bar
(rule (P Y) ((START 2) (P (- Y 960))) 10.0)
(rule (P Y) ((BRICK 480) (P (- Y 480))) 100)
(rule (BRICK 480) ((slope 1 2 L4 A4 C2)) (builtin brick Major-On) 5)
(rule (START Z) ((N Z)) (* .5 (builtin chord-family (major dominant))))
(rule (START Z) ((Bar)) 1.0E1)
(base (N 0) () 1)
(rule (N Z) ((slope -3 -1 C8 R8 A8 L8/3 X4.+16 S8) (N (- Z 1))) .5)
(rule (Bar) ((X b3 8) (X -1 4+8) (X 9 2)) 1)
(rule (Bar) (R4 C8 L8 H4 Y4) .25)
""",
    """(startsymbol P) (terminals C4 R4)
/* shares */ (rule (P) ((fill 2 ((share V) W)) (unshare V)) 1)
(rule (P) ((muse-switch 0 ((0 left) (default right)))) 1)
(rule V (C4) 1) (rule (V) (C8 L8) 1) (rule (left) (R1) 1) (rule (right) ((triadic 480 60)) 1)
(rule (W) (((R8) X8/3)) 2) (rule (W) () 1) (rule (P) (W P) 3)
""",
)


def grammar_files() -> list[bytes]:
    """Return grammars of every form."""
    return [text.encode() for text in GRAMMARS]


def soundfonts() -> list[bytes]:
    """Return a soundfont with one sine."""
    return [soundfont()]


def soundfont() -> bytes:
    """Return a minimal soundfont: one preset, one instrument, one looped sample."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    def name(text: bytes) -> bytes:
        return text.ljust(20, b"\0")

    wave = (8000 * np.sin(2 * np.pi * np.arange(400) / 50)).astype("<i2").tobytes() + bytes(92)
    info = chunk(b"ifil", struct.pack("<HH", 2, 1)) + chunk(b"INAM", b"Sine\0\0")
    tables = (
        chunk(
            b"phdr",
            name(b"Sine") + bytes(18) + name(b"EOP") + struct.pack("<HHH3I", 0, 0, 1, 0, 0, 0),
        ),
        chunk(b"pbag", struct.pack("<4H", 0, 0, 1, 0)),
        chunk(b"pmod", bytes(10)),
        chunk(b"pgen", struct.pack("<4H", 41, 0, 0, 0)),
        chunk(b"inst", name(b"Sine") + bytes(2) + name(b"EOI") + struct.pack("<H", 1)),
        chunk(b"ibag", struct.pack("<4H", 0, 0, 2, 0)),
        chunk(b"imod", bytes(10)),
        chunk(b"igen", struct.pack("<6H", 54, 1, 53, 0, 0, 0)),
        chunk(
            b"shdr",
            name(b"Sine")
            + struct.pack("<5IBbHH", 0, 400, 50, 350, 44100, 69, 0, 0, 1)
            + name(b"EOS")
            + bytes(26),
        ),
    )
    samples = chunk(b"LIST", b"sdta" + chunk(b"smpl", wave))
    body = chunk(b"LIST", b"INFO" + info) + samples + chunk(b"LIST", b"pdta" + b"".join(tables))
    return chunk(b"RIFF", b"sfbk" + body)
