"""Small files of the formats that are only read."""

import re
import struct
from collections.abc import Mapping, Sequence

TPC = {"F": 13, "C": 14, "G": 15, "D": 16, "A": 17, "E": 18, "B": 19, "Bb": 12, "Eb": 11}
STEPS = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69, "B": 71, "Bb": 70, "Eb": 63}


def note(name: str, kind: str = "quarter", inner: str = "", before: str = "") -> str:
    """A note of MuseScore; ``r`` is a rest."""
    if name == "r":
        return f"<Rest><durationType>{kind}</durationType>{inner}</Rest>"
    return (
        f"<Chord><durationType>{kind}</durationType>{before}<Note>{inner}"
        f"<pitch>{STEPS[name]}</pitch><tpc>{TPC[name]}</tpc></Note></Chord>"
    )


def harmony(root: str, name: str = "", inner: str = "") -> str:
    """A chord symbol of MuseScore."""
    named = f"<name>{name}</name>" if name else ""
    return f"<Harmony><root>{TPC[root]}</root>{named}{inner}</Harmony>"


def mscx(measures: Sequence[str], *, version: str = "3.02", head: str = "", part: str = "") -> str:
    """A score of MuseScore with one staff; a measure that is no element is the inside of one."""
    voice = ("<voice>", "</voice>") if version >= "3" else ("", "")
    inside = "".join(
        one
        if one.startswith(("<Measure>", "<Measure "))
        else f"<Measure>{voice[0]}{one}{voice[1]}</Measure>"
        for one in measures
    )
    return (
        f'<?xml version="1.0"?><museScore version="{version}"><Score><Division>480</Division>{head}'
        f'<Part><Staff id="1"/><trackName>Piano</trackName><Instrument>{part}</Instrument></Part>'
        f'<Staff id="1">{inside}</Staff></Score></museScore>'
    )


BARS, TYPES, ROOTS, CHORUS = 0x42, 0x42 + 255, 0x42 + 5 * 255, 0x43 + 9 * 255


def song(
    chords: Mapping[tuple[int, int], tuple[int, int]],
    chorus: tuple[int, int] = (1, 4),
    notes: Sequence[tuple[int, int, int]] = (),
    *,
    title: str = "A",
    style: str = "ZZJAZZ.STY",
    places: Mapping[int, int] | None = None,
) -> bytes:
    """A song of Band-in-a-Box, in C at 120.

    A chord is a type and a root at a bar, from 1, and a beat, from 0; a note is a tick, a pitch and
    a length. `places` are further bytes of the coded image.
    """
    image = bytearray(CHORUS + 2)
    image[0x3E:0x41] = (1, 1, 120)
    for (bar, beat), (kind, root) in chords.items():
        at = 4 * (bar - 1) + beat
        image[TYPES + at], image[ROOTS + at] = kind, root
    image[CHORUS:] = chorus
    for place, value in (places or {}).items():
        image[place] = value
    name, file = title.encode("cp1252"), style.encode()
    coded = re.sub(
        rb"\0{1,255}", lambda run: bytes((0, len(run[0]))), bytes(image[2 + len(name) :])
    )
    head = bytes((0x49, len(name))) + name + coded + b"\1\0\xff\0)B" + bytes((len(file),)) + file
    events = [struct.pack("<IBBBBI", tick, 0x90, key, 90, 0, size) for tick, key, size in notes]
    if notes:
        events.append(struct.pack("<IBBBBI", 0xFFFFF, 0, 0, 0, 0, 0))
    return head + b"".join(events) + struct.pack("<HH", len(head), len(events))


_TEXTS = {
    "musescore": mscx([harmony("F", "7") + note("F", "whole"), harmony("Bb", "7") + "<Rest>"
                       "<durationType>measure</durationType></Rest>"]),
    "humdrum": "!!!OTL: A\n**jazz\n*M4/4\n*F:\n1F:7\n=\n2B-:maj7\n2r\n==\n*-\n",
    "labels": "".join(f"{2 * i}.0 {2 * i + 2}.0 {root}:7\n" for i, root in enumerate("CFCGCF")),
    "json": '{"title": "A", "bars": ["F7", "Bb7 F7"]}',
}  # fmt: skip
SAMPLES = {name: text.encode() for name, text in _TEXTS.items()} | {
    "bandinabox": song({(1, 0): (64, 6), (2, 2): (19, 36)}, notes=[(960, 65, 120)])
}
"""By the format's key, a file with a chart of at least one bar."""
