"""Small files of the formats that are only read."""

from collections.abc import Sequence

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


SAMPLES = {
    "musescore": mscx([harmony("F", "7") + note("F", "whole"), harmony("Bb", "7") + "<Rest>"
                       "<durationType>measure</durationType></Rest>"]),
    "humdrum": "!!!OTL: A\n**jazz\n*M4/4\n*F:\n1F:7\n=\n2B-:maj7\n2r\n==\n*-\n",
    "labels": "".join(f"{2 * i}.0 {2 * i + 2}.0 {root}:7\n" for i, root in enumerate("CFCGCF")),
    "json": '{"title": "A", "bars": ["F7", "Bb7 F7"]}',
}  # fmt: skip
"""By the format's key, a file with a chart of at least one bar."""
