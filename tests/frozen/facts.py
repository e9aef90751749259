"""Compute the facts that are frozen, as the JSON files beside this module store them.

Everything except :func:`take_facts` runs the command line or its click commands, so that a change
inside the package needs no change here.

No file holds music: notes and texts are stored as digests.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import mido

import sideman
from commands import call
from databases import SCHEMA
from realdata import DATA
from sideman.cli import command_line

HERE = Path(__file__).parent
TAKE = HERE / "take-0.1.mid"
"""Two choruses of the songbook's eight-bar blues, played and written by version 0.1."""
MODEL = HERE / "course-0.1.safetensors"
"""A course model of eight units with random weights, written by version 0.1."""
PHRASE = HERE / "phrase.ls"

_BLUES = "eight-bar-blues-bb"
_ARRANGED = ("--count-in", "--intro", "--fours", "--swing", "1.5")
_TYPED = "| Dm7 G7 | Cmaj7 A7 | Dm7 | G7 | Em7 A7 | Ab7 G7 | C6 | Bb7 |"
_TRUNCATED = ("--top-k", "12", "--top-p", "0.9", "--typical", "0.8", "--min-p", "0.01")
_SHAPED = ("--motif", "2", "--manner", "0.5", "--breath", "0.5", "--register", "0.5")
_SOFT = ("--softness", "4", "--no-resolve", "--style", "waltz")
_TEMPERED = ("--temperature", "0.8", "--rhythm", "1.1", "--pitch", "0.8", "--duration", "0.8")

# Version 0.1 guesses the chorus length of each of these forms correctly (form_lengths.json), and
# the trade ends inside the first chorus: the events must stay the same when nothing guesses.
REQUESTS: dict[str, tuple[str, ...]] = {
    "defaults, with the head": ("improvise", "happy-birthday"),
    "typed changes, transposed, tempo, style, two choruses": (
        *("improvise", _TYPED, "--choruses", "2", "--transpose", "3", "--tempo", "210"),
        *("--instrument", "trumpet", "--style", "bebop", "--no-head", "--no-ending"),
    ),
    "temperatures, over a form of three A and a bridge": (
        *("improvise", "rhythm-changes-bb", "--choruses", "1", "--no-head", *_TEMPERED),
    ),
    "truncation and shape, in three quarters": (
        *("improvise", "happy-birthday-waltz", "--choruses", "1", "--no-head"),
        *(*_TRUNCATED, *_SHAPED, *_SOFT),
    ),
    "difficulty, density, best of two": (
        *("improvise", _BLUES, "--choruses", "1", "--no-ending"),
        *("--difficulty", "2", "--density", "0.6", "--best-of", "2"),
    ),
    "a player, another key, short copies": (
        *("improvise", "blues-f", "--choruses", "2", "--key", "D"),
        *("--like", "Clifford Brown", "--instrument", "alto", "--max-copy", "6"),
    ),
    "the course's model and the whole arrangement": (
        *("improvise", "blues-f", "--choruses", "2", "--model", "course"),
        *("--temperature", "0.8", "--top-p", "0.95", *_ARRANGED),
    ),
    "a prime": ("improvise", "blues-f", "--choruses", "1", "--prime", str(PHRASE)),
    "a take with kept bars and a locked rhythm": (
        *("improvise", _BLUES, "--take", str(TAKE), "--keep", "1-4,9"),
        *("--lock", "rhythm", "--style", "two-beat"),
    ),
    "a take with a locked contour": (
        *("improvise", _BLUES, "--take", str(TAKE), "--keep", "8-16"),
        *("--lock", "contour", "--no-head", "--no-ending"),
    ),
    "trade": ("trade", str(PHRASE), "--changes", "blues-f", "--bars", "2", "--tempo", "150"),
    "vary": ("vary", str(TAKE), "--count", "2", "--amount", "0.3", "--instrument", "clarinet"),
    "licks": ("licks", str(TAKE), "--lick", "1", "--lick", "2", "--tempo", "100"),
}
SEED = 11
"""Every request is played with this seed."""

# The models in pairs: one run of `evaluate` scores a model and a baseline.
PAIRS = (("bigram", "unigram"), ("ngram", "kneser-ney"), ("soloist", "blend"), ("course", "bigram"))
ETUDES = ("blues-f-back-stairs", "eight-bar-blues-screen-door", "happy-birthday-second-slice")
HELD_OUT = 3
"""How many solos of the Weimar database's test part are scored."""
FACTORS = ("rhythm_nats", "pitch_nats", "duration_nats")

# Numbers that are inside the bounds which the documentation gives for the option.
_SAMPLES = {"--tempo": "120", "--max-copy": "10", "--swing": "1.5"}


def stored(name: str) -> Any:
    """Read one file of facts."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def store(name: str, facts: object) -> None:
    """Write one file of facts; a value that fits in a line stands in one."""
    (HERE / f"{name}.json").write_text(_lines(facts, "") + "\n", encoding="utf-8")


def _lines(value: object, indent: str) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) < 120 or not isinstance(value, dict | list):
        return line
    deeper = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_lines(one, deeper)}" for key, one in value.items()]
        return "{\n" + ",\n".join(deeper + part for part in parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + _lines(one, deeper) for one in value) + f"\n{indent}]"


def digest(value: object) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a value's JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# MIDI events


def play(request: str, folder: Path) -> list[Path]:
    """Run a request; return the MIDI files it wrote."""
    words = [*REQUESTS[request], "--seed", str(SEED), "--no-audio", "--out", str(folder)]
    result = call(*words)
    assert result.returncode == 0, result.stderr
    return sorted(folder.glob("*.mid"))


def events(path: Path) -> list[list[dict[str, Any]]]:
    """Read each track's events with mido: type, every field, and the absolute tick as `time`."""
    tracks = []
    for track in mido.MidiFile(path).tracks:
        tick = 0
        found = []
        for message in track:
            tick += message.time
            found.append({**message.dict(), "time": tick})
        tracks.append(found)
    return tracks


def midi_facts(path: Path) -> dict[str, Any]:
    """Return digests of a MIDI file.

    Of each track there is one digest of what sounds and when (channel messages, tempo, time and key
    signatures, the end), and one of its names and markers.  Text and sequencer-specific events are
    digested one by one, over the whole file: a new event leaves every other digest as it is.
    """
    file = mido.MidiFile(path)
    tracks = []
    texts = []
    for track in events(path):
        played, named = [], []
        for event in track:
            if event["type"] in ("text", "sequencer_specific"):
                texts.append(digest(event))
            elif event["type"] in ("track_name", "marker"):
                named.append(event)
            else:
                played.append(event)
        notes = sum(event["type"] == "note_on" and event["velocity"] > 0 for event in played)
        tracks.append(
            {
                "notes": notes,
                "events": len(played),
                "played": digest(played),
                "names": len(named),
                "named": digest(named),
            }
        )
    return {"header": [file.type, file.ticks_per_beat], "tracks": tracks, "texts": sorted(texts)}


# Scores


def etude_files() -> list[Path]:
    """Return the études that are scored, wherever they lie in the package."""
    root = Path(sideman.__file__).parent
    return [next(root.rglob(f"{name}.ls")) for name in ETUDES]


def held_out(folder: Path) -> Path:
    """Copy the first solos of the Weimar database's test part, by name, into a small database."""
    names = sorted(json.loads((DATA / "wjazzd" / "split.json").read_text())["test"])
    path = folder / "held-out.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("ATTACH ? AS whole", (str(DATA / "wjazzd" / "wjazzd.db"),))
        rows = db.execute(
            "SELECT t.melid, t.filename_sv FROM whole.transcription_info t "
            "JOIN whole.solo_info s ON s.melid = t.melid WHERE s.signature = '4/4'"
        ).fetchall()
        ids = {Path(file).stem.removesuffix("_FINAL"): int(melid) for melid, file in rows}
        chosen = [ids[name] for name in names if name in ids][:HELD_OUT]
        assert len(chosen) == HELD_OUT
        marks = ",".join(map(str, chosen))
        for table in SCHEMA:
            db.execute(
                f"CREATE TABLE {table} AS SELECT * FROM whole.{table} WHERE melid IN ({marks})"
            )
        db.commit()
    return path


def nats_facts(files: list[Path]) -> dict[str, Any]:
    """Score the models on some files; return nats a note of each factor for each model."""
    found: dict[str, Any] = {}
    for model, baseline in PAIRS:
        result = call("evaluate", *files, "--model", model, "--baseline", baseline, "--json")
        assert result.returncode == 0, result.stderr
        figures = json.loads(result.stdout)
        found["notes"] = figures["model"]["notes"]
        for side in ("baseline", "model"):
            scored = figures[side]
            found[scored["name"]] = {factor: scored[factor] for factor in FACTORS}
    return found


# Options


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield each command with its name and context; the group itself is called ``sideman``."""
    root = click.Context(command_line, info_name="sideman", **command_line.context_settings)
    yield "sideman", command_line, root
    for name in command_line.list_commands(root):
        command = command_line.get_command(root, name)
        assert command is not None
        yield name, command, click.Context(command, parent=root, info_name=name)


def option_facts() -> dict[str, Any]:
    """Return the arguments and options of every command, hidden options included."""
    facts: dict[str, Any] = {}
    for name, command, context in commands():
        found: dict[str, Any] = {"arguments": [], "options": []}
        for parameter in command.get_params(context):
            if isinstance(parameter, click.Option):
                found["options"].append(_option(parameter))
            else:
                found["arguments"].append(
                    {"nargs": parameter.nargs, "required": parameter.required}
                )
        facts[name] = found
    return facts


def _option(option: click.Option) -> dict[str, Any]:
    facts: dict[str, Any] = {"names": list(option.opts)}
    if option.secondary_opts:
        facts["off"] = list(option.secondary_opts)
    facts["type"] = option.type.name
    for name, holds in (
        ("multiple", option.multiple),
        ("flag", option.is_flag),
        ("required", option.required),
    ):
        if holds:
            facts[name] = True
    if isinstance(option.type, click.Choice):
        facts["choices"] = list(option.type.choices)
    if isinstance(option.type, click.IntRange | click.FloatRange):
        facts["bounds"] = [option.type.min, option.type.max]
    return facts


def spellings(facts: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the words for each spelling of an option with each choice or bound."""
    if facts.get("flag"):
        yield from ([name] for name in (*facts["names"], *facts.get("off", ())))
        return
    for name in facts["names"]:
        values = facts.get("choices") or [
            str(bound) for bound in facts.get("bounds", ()) if bound is not None
        ]
        for value in values or [_SAMPLES.get(name, "1")]:
            yield [name, value] * (2 if facts.get("multiple") else 1)


# Files of version 0.1


def model_facts(path: Path, folder: Path) -> dict[str, Any]:
    """Play over a blues with a model file; return the digests of the MIDI file."""
    words = ("--choruses", "1", "--seed", str(SEED), "--no-audio", "--no-head")
    result = call("improvise", "blues-f", "--model", path, "--out", folder, *words)
    assert result.returncode == 0, result.stderr
    return midi_facts(folder / f"blues-f-{SEED}.mid")


def take_facts(path: Path) -> dict[str, Any]:
    """Read a take; return its line, changes and title as digests.

    This is the one function here that calls the package's own functions.
    """
    from sideman.service.takes import reading

    heard = reading.read_take(path)
    solo, changes = heard.solo, heard.over
    notes = [[note.onset, note.duration, note.pitch, note.velocity] for note in solo.notes]
    bars = [
        [
            str(bar.meter),
            bar.section,
            [[change.onset, change.chord.symbol] for change in bar.chords],
        ]
        for bar in changes.bars
    ]
    return {
        "notes": len(notes),
        "line": digest(notes),
        "bars": len(bars),
        "changes": digest(bars),
        "choruses": list(solo.chorus_bars),
        "other": digest([solo.title, str(solo.key), solo.tempo_bpm, solo.style, heard.program]),
        "exact": heard.exact,
    }


def chart_facts(path: Path, folder: Path) -> str:
    """Convert a take to a lead sheet by the command line; return the text's digest."""
    result = call("convert", path, folder / "take.ls")
    assert result.returncode == 0, result.stderr
    return digest((folder / "take.ls").read_text(encoding="utf-8"))
