"""Hostile requests: nothing that they name is opened, and nothing that they ask for is endless."""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands import call
from sideman.errors import SidemanError
from sideman.formats import typed
from sideman.formats.midi import writing
from sideman.formats.midi.written import inscribed
from sideman.library import songbook
from sideman.score import LeadSheet, Note, Part, Solo
from sideman.service import playing, requests
from sideman.service.portable import sheet_json, solo_json

TOKEN = "qx7secret"
"""Part of every name that a request gives here: a path with it must never be opened."""
_opened: list[str] = []
_watching = False
_EVENTS = {
    "open", "os.listdir", "os.scandir", "sqlite3.connect", "glob.glob", "shutil.copyfile",
    "subprocess.Popen", "socket.connect", "socket.getaddrinfo",
}  # fmt: skip


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in _EVENTS:
        _opened.append(f"{event} {arguments!r}")


sys.addaudithook(_hook)  # for the life of the process; it does nothing unless it is watching


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect what is opened in the block."""
    global _watching
    _opened.clear()
    _watching = True
    try:
        yield _opened
    finally:
        _watching = False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real files that a request may be after: a chart, a style, a model, a take."""
    here = tmp_path_factory.mktemp(TOKEN)
    (here / "chart.ls").write_text("(title Secret)\nF7 | Bb7 |\n")
    (here / "style.toml").write_text("words = ['secret']\n")
    (here / "model.safetensors").write_bytes(b"secret")
    (here / "take.mid").write_bytes(b"MThd")
    return here


def names(folder: Path) -> list[str]:
    """Names that are paths, in every dress."""
    return [
        *(
            str(folder / name)
            for name in ("chart.ls", "style.toml", "model.safetensors", "take.mid")
        ),
        str((folder / "chart.ls").resolve().as_uri()),
        f"../{TOKEN}",
        f"../../../../{folder}/chart",
        f"..\\{TOKEN}.toml",
        f"/etc/{TOKEN}",
        f"C:\\{TOKEN}.mid",
        f"\\\\host\\{TOKEN}",
        f"{TOKEN}\x00.ls",
        f"~/{TOKEN}.safetensors",
        f"$HOME/{TOKEN}",
        f"{TOKEN}/../blues-f",
        f"{TOKEN}; touch {TOKEN}",
        f"%2e%2e%2f{TOKEN}",
        f"<img src=x onerror={TOKEN}>",
        f"http://{TOKEN}.example/x.mid",
        TOKEN * 40,
    ]


PHRASE = solo_json(
    Solo("p", (Note(0, 12, 60), Note(12, 12, 62), Note(24, 12, 64), Note(48, 24, 65)))
)
TAKE = solo_json(
    Solo("t", (Note(0, 12, 60), Note(12, 12, 62), Note(24, 24, 64), Note(48, 24, 65)),
         typed.parse("| C | G7 |", "x").changes)
)  # fmt: skip
SHEET = sheet_json(
    LeadSheet("s", typed.parse("[A] C | G7 |", "x").changes, parts=(Part("m", (Note(0, 24, 60),)),))
)
BASES: dict[str, dict[str, Any]] = {
    "play": {"changes": {"text": "| C | G7 |"}, "choruses": 1},
    "trade": {"phrase": PHRASE, "changes": {"text": "| C | G7 |"}, "bars": 1},
    "vary": {"take": TAKE},
    "licks": {"take": TAKE, "numbers": [1]},
}
COMMON = ("model", "fingerprint", "version", "player", "later")
PLACES: list[tuple[str, tuple[str, ...]]] = [
    *((kind, (field,)) for kind in BASES for field in COMMON),
    *((kind, ("instrument",)) for kind in BASES),
    *(("play", (field,)) for field in ("key", "style", "style_file", "keep", "lock")),
    *(("play", ("changes", field)) for field in ("name", "text", "title")),
    *(("play", ("prime", field)) for field in ("title", "performer", "style", "instrument", "meter",
                                               "key")),
    *(("trade", ("phrase", field)) for field in ("title", "performer", "instrument", "changes")),
    *(("vary", ("take", field)) for field in ("title", "style", "instrument", "changes")),
    *((kind, ("changes", "name")) for kind in ("trade", "vary", "licks")),
    ("licks", ("part",)),
]  # fmt: skip


PRINTED = ("title", "performer", "style", "instrument", "version", "later")


def request_of(kind: str, place: tuple[str, ...], value: Any) -> str:
    content: dict[str, Any] = json.loads(
        json.dumps({"schema": 1, "kind": kind, "seed": 1, **BASES[kind]})
    )
    inner = content
    for step in place[:-1]:
        inner = inner.setdefault(step, dict(PHRASE) if step == "prime" else {})
    if place[-1] == "name":
        inner.clear()
    inner[place[-1]] = value
    if place[-1] == "title" and place[0] == "changes":
        inner["data"] = base64.b64encode(b"(title A)\nF7 | Bb7 |\n").decode()
        inner["name"] = f"{TOKEN}/../chart.ls"
    return json.dumps(content)


def asked(text: str) -> None:
    """Play a request, or refuse it in a sentence."""
    try:
        result = playing.again(requests.loads(text))
    except SidemanError:
        return
    assert result.midi()[:4] == b"MThd"
    assert "/" not in result.name
    assert "\\" not in result.name
    assert ".." not in result.name


@pytest.mark.parametrize(("kind", "place"), PLACES, ids=lambda one: "".join(one))
def test_nothing_that_a_request_names_is_opened(
    kind: str, place: tuple[str, ...], folder: Path
) -> None:
    with watched() as opened:
        # A text that is only printed is no reason to play twenty solos.
        for name in names(folder)[:: 7 if len(place) > 1 and place[-1] in PRINTED else 1]:
            asked(request_of(kind, place, name))
        Path(__file__).open().close()  # the watch works
    assert any(Path(__file__).name in one for one in opened)
    assert [one for one in opened if TOKEN in one] == []


def test_no_name_in_a_sheet_or_a_file_is_opened(folder: Path) -> None:
    with watched() as opened:
        for name in names(folder)[::4]:
            for field in ("composer", "key"):
                sheet = {**SHEET, field: name}
                content = {**BASES["play"], "changes": {"sheet": sheet, "name": name}}
                asked(json.dumps({"schema": 1, "kind": "play", "seed": 1, **content}))
            for data in (
                b"(title A)\nF7 | Bb7 |\n",
                b"MThd",
                b"SQLite format 3\x00",
                b"PK\x03\x04",
            ):
                for suffix in ("", ".db", ".mxl", ".mscz"):
                    tune = {"data": base64.b64encode(data).decode(), "name": name + suffix}
                    content = {"changes": tune, "choruses": 1}
                    asked(json.dumps({"schema": 1, "kind": "play", "seed": 1, **content}))
    assert [one for one in opened if TOKEN in one] == []


def sheet(**values: Any) -> dict[str, Any]:
    return {"changes": {"sheet": {**SHEET, **values}}}


ENDLESS: dict[str, Callable[[], dict[str, Any]]] = {
    "millions of bars": lambda: sheet(changes="|C" * 5_000_000),
    "a form at the limit": lambda: sheet(changes="|C" * 30_000),
    "many choruses": lambda: {"choruses": 10**9},
    "many choruses of a phrase": lambda: {"choruses": 10**9, "prime": PHRASE},
    "many choruses of a take": lambda: {"choruses": 10**9, "take": TAKE, "lock": "rhythm"},
    "no chorus": lambda: {"choruses": 0},
    "fewer than no choruses": lambda: {"choruses": -5},
    "a meter of nothing": lambda: sheet(changes="1/0 | C |"),
    "a bar of no beats": lambda: sheet(changes="0/4 | C |"),
    "a meter of millions": lambda: sheet(changes="9999999/4 | C |"),
    "a repeat without end": lambda: sheet(changes="|: C :| x999999999"),
    "a tempo that is no number": lambda: {"tempo": float("nan")},
    "an infinite tempo": lambda: {"tempo": float("inf")},
    "a sheet's tempo": lambda: sheet(tempo=float("nan")),
    "a sheet's swing": lambda: sheet(swing=float("nan")),
    "a swing": lambda: {"swing": float("nan")},
    "a control": lambda: {"controls": {"density": float("nan")}},
    "an infinite control": lambda: {"controls": {"temperature": float("inf")}},
    "a huge control": lambda: {"controls": {"best_of": 10**30}},
    "a fraction of a control": lambda: {"controls": {"best_of": 1.5}},
    "a control of text": lambda: {"controls": {"density": "1"}},
    "a tempo beyond numbers": lambda: {"tempo": 10**400},
    "a swing beyond numbers": lambda: {"swing": 10**400},
    "a control beyond numbers": lambda: {"controls": {"density": 10**400}},
    "a sheet's tempo beyond numbers": lambda: sheet(tempo=10**400),
    "a far key": lambda: {"transpose": 10**30},
    "a copy": lambda: {"max_copy": -(10**30)},
    "a seed of text": lambda: {"seed": "1"},
    "a seed below nothing": lambda: {"seed": -1},
    "a huge seed": lambda: {"seed": 10**4000},
    "a bar far away": lambda: {"take": TAKE, "keep": "1-999999999999999999"},
    "a note far away": lambda: {"take": {**TAKE, "notes": [[10**9, 12, 60, 90]]}, "lock": "rhythm"},
    "a long note": lambda: {"prime": {**PHRASE, "notes": [[0, 10**7, 60, 90]]}},
    "notes without end": lambda: {"prime": {**PHRASE, "notes": [[0, 1, 60, 90]] * 100_000}},
    "a chorus elsewhere": lambda: sheet(choruses=[10**30]),
    "a bar's style elsewhere": lambda: sheet(bar_styles={"9" * 5000: "x"}),
    "a part of text": lambda: sheet(parts="x"),
    "parts within parts": lambda: sheet(parts=[[[[]]]]),
    "data that is none": lambda: {"changes": {"data": "!!", "name": "x.mid"}},
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_is_refused_in_a_sentence_at_once(name: str) -> None:
    content = {"schema": 1, "kind": "play", "seed": 1, **BASES["play"], **ENDLESS[name]()}
    begun = time.process_time()
    with pytest.raises(SidemanError) as refused:
        playing.play(requests.PlayRequest.from_json(json.loads(json.dumps(content))))
    assert time.process_time() - begun < 5
    assert len(str(refused.value)) < 1000


OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("trade", {"bars": 10**12}),
    ("trade", {"bars": 0}),
    (
        "trade",
        {"bars": 64, "first_bar": 10**15, "phrase": {**PHRASE, "notes": [[10**7, 12, 60, 90]]}},
    ),
    ("vary", {"count": 10**12}),
    ("vary", {"amount": float("nan")}),
    ("vary", {"amount": 1e308}),
    ("vary", {"number": 10**12}),
    ("licks", {"numbers": [10**12]}),
    ("licks", {"fewest": 10**12}),
    ("licks", {"tempo": float("nan")}),
]


@pytest.mark.parametrize(("kind", "values"), OTHERS)
def test_other_kinds_are_refused_too(kind: str, values: dict[str, Any]) -> None:
    content = {"schema": 1, "kind": kind, "seed": 1, **BASES[kind], **values}
    begun = time.process_time()
    with pytest.raises(SidemanError):
        playing.again(requests.KINDS[kind].from_json(json.loads(json.dumps(content))))
    assert time.process_time() - begun < 5


def test_the_name_of_a_sheet_is_a_name_of_files() -> None:
    sheet = songbook.load("blues-f")
    name, _ = playing.tune(requests.Tune(sheet=sheet, name="../../etc/passwd"))
    assert name == "etc-passwd"
    assert playing.tune(requests.Tune(sheet=sheet, name="blues-f"))[0] == "blues-f"
    assert playing.tune(requests.Tune(sheet=sheet))[0] == "blues-in-f"


def test_a_tampered_take_writes_into_its_folder_only(tmp_path: Path) -> None:
    sheet = typed.parse("| C | G7 |", "x")
    request = requests.PlayRequest(changes=requests.Tune(sheet=sheet), choruses=1, seed=1)
    result = playing.play(request)
    assert isinstance(result.request, requests.PlayRequest)
    tampered = replace(
        result.request, changes=requests.Tune(sheet=sheet, name=f"../../{TOKEN}"), fingerprint=""
    )
    take = tmp_path / "in" / "take.mid"
    take.parent.mkdir()
    take.write_bytes(
        inscribed(writing.dumps(result.performance), result.solo, request=requests.dumps(tampered))
    )
    out = tmp_path / "a" / "b" / "out"
    done = call("improvise", "--again", take, "--out", out)
    assert done.returncode == 0, done.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != take]
    assert written
    assert all(path.parent == out for path in written)
