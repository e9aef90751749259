"""Grammar files: what is read of them, what is written, and what is wrong with a damaged one."""

import json
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sideman
from commands import call, sentence
from realdata import DATA, needs_data
from sideman import files
from sideman.errors import FormatError, ModelError, SidemanError
from sideman.models import file, registry
from sideman.models.file import ModelFile
from sideman.models.grammar import describing, doubts, reading, rules, tones, writing
from sideman.models.grammar.productions import Productions
from sideman.models.grammar.rules import Grammar
from sideman.models.grammar.tones import Parameters

FILES = sorted((DATA / "grammars").glob("*.grammar")) if DATA.is_dir() else []
SMALL = """
---- a heading, which is no form ----
(parameter (max-pitch 82)) /* two
lines */ (parameter scale-type Use_First_Scale)
(parameter (odd (a (b)) c))
(startsymbol P) (startsymbol Q)
(terminals C4 (slope))
(base (P 0) () 1.0)
(rule (P Y) ((START 2) (P (- Y 960)) R4) 1.0E7) // of the first, bar 3
(rule START
  (slope C8/3) .5 (builtin chord-family (minor minor7)))   /* no */ // two // thirds
(rule (START) C4 (* .5 (builtin brick POT))) // é
// of its own line
(remark (which sideman leaves))
(rule (END) ())
"""


@cache
def read(path: Path) -> Grammar:
    return reading.loads(files.decoded(path.read_bytes(), path.name), path.name)


def told(text: str | bytes, name: str = "x.grammar") -> str:
    """What is wrong with a grammar, in one sentence."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(FormatError) as wrong:
        reading.loads(files.decoded(data, name), name)
    assert "\n" not in str(wrong.value)
    assert str(wrong.value).endswith(".")
    return str(wrong.value)


def with_comments(grammar: Grammar) -> list[tuple[rules.Rule, str]]:
    return [(rule, rule.comment) for rule in grammar.rules]


def test_forms_of_a_file() -> None:
    grammar = reading.loads(SMALL, "x.grammar")
    assert grammar.start == "P"
    assert grammar.values == {
        "max-pitch": "82",
        "scale-type": "Use_First_Scale",
        "odd": "(a (b)) c",
    }
    assert grammar.declared == (("C4", ("slope",)),)
    assert grammar.others == (
        ("startsymbol", "Q"),
        ("remark", ("which", "sideman", "leaves")),
    )
    base, first, second, third, empty = grammar.rules
    assert base.base
    assert base.left == ("P", "0")
    assert base.right == ()
    assert first.right == (("START", "2"), ("P", ("-", "Y", "960")), "R4")
    assert [rule.line for rule in grammar.rules] == [8, 9, 10, 12, 15]
    assert second.left == ("START",)
    assert second.right == ("slope", "C8/3")
    assert second.weights == (".5", ("builtin", "chord-family", ("minor", "minor7")))
    assert third.right == ("C4",)
    assert [rule.comment for rule in grammar.rules] == [
        *("", "of the first, bar 3", "two // thirds", "é", ""),
    ]
    assert empty.weights == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(encoding: str, newline: str) -> None:
    data = SMALL.replace("\n", newline).encode(encoding)
    assert with_comments(reading.loads(files.decoded(data, "x"), "x")) == with_comments(
        reading.loads(SMALL, "x")
    )


def test_what_is_written_is_read_again() -> None:
    grammar = reading.loads(SMALL, "x")
    text = writing.dumps(grammar, "learnt\n\nby nobody")
    again = reading.loads(text, "y")
    assert again == grammar
    assert with_comments(again) == with_comments(grammar)
    assert text.startswith("// learnt\n//\n// by nobody\n(startsymbol P)\n")
    assert writing.dumps(again, "learnt\n\nby nobody") == text


@needs_data
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_of_impro_visor_is_read_and_written(path: Path) -> None:
    begun = time.process_time()
    grammar = read(path)
    assert time.process_time() - begun < 2  # benchmarks hold it to half a second
    assert not grammar.others
    again = reading.loads(writing.dumps(grammar), path.name)
    assert again == grammar
    assert with_comments(again) == with_comments(grammar)


@needs_data
def test_counts_of_all_files() -> None:
    found = [read(path) for path in FILES]
    every = [rule for grammar in found for rule in grammar.rules]
    assert len(found) == 57
    assert sum(rule.base for rule in every) == 5822
    assert sum(bool(rule.brick) for rule in every) == 8146
    assert len(every) == 22501 + 8146 + 5822
    assert sum(len(grammar.parameters) for grammar in found) == 1301
    assert [grammar.start for grammar in found].count("P_motif") == 7


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("(startsymbol P)\n (rule (P) (C4) 1", "line 2, column 2: this parenthesis is not closed"),
        ("(startsymbol P))", "line 1, column 16: this parenthesis closes nothing; remove it"),
        ("(startsymbol P)\n/* (rule", "line 2, column 1: this comment has no end; write */"),
        ("(startsymbol P) (rule (P))", "line 1, column 17: this rule has too few items"),
        ("(startsymbol P)\n(base)", "line 2, column 1: this base has too few items"),
        ("(rule (P) (C4) 1)\n", "line 2, column 1: no start symbol; add a line such as"),
        ("", "line 1, column 1: no start symbol"),
        ("(startsymbol)", "names no start symbol; write one, as (startsymbol P)"),
        ("(startsymbol (P))", "names no start symbol"),
        ("(parameter ())", "names no parameter"),
        (
            "(parameter (max-pitch 1e999))",
            "column 23: 1e999 is larger than 1,000,000,000; lower it",
        ),
        ("(rule () (C4) 1)", "the left side of this rule is no list of a name and"),
        ("(rule (P (Y)) (C4) 1)", "the left side of this rule is no list of a name and"),
        ("(rule (P) (C4) heavy)", "line 1, column 16: heavy is no weight; write a number"),
        ("(rule (P)\n ((slope -2 -1 C8)) // down\n  -2)", "line 3, column 3: -2 is no weight"),
        ("(rule (P) (C4) -1)", "-1 is no weight"),
        ("(rule (P) (C4) 2 ())", "line 1, column 18: a factor of the weight is empty"),
        ("(rule (P) (C4) (* 1 much))", "line 1, column 21: much is no weight"),
        ("(rule (P) (C4) 1e999)", "the weight of this rule is larger than 1e100; lower it"),
        ("(rule (P) (C4) 1e99 1e99)", "the weight of this rule is larger than 1e100"),
        (f"(rule (P) (C4) (*{' 1e9' * 99}))", "the weight of this rule is larger than 1e100"),
        (
            "(rule (P) (C4) (builtin brick))",
            "column 16: names no brick; write one, as (builtin brick POT)",
        ),
        (
            "(rule (P) ((P 9999999999)) 1)",
            "column 15: 9999999999 is larger than 1,000,000,000; lower it",
        ),
        (f"(rule (P) ({'9' * 5000}) 1)", "99999999999999999999… has more than 200 letters"),
        ("(rule (P) " + "(" * 99_999, "column 74: more than 64 lists one within another; close"),
        ("(startsymbol P)\0", "is not a text file; save it as text in UTF-8"),
        (b"MThd\0\0\0\6\0\1", "is not a text file"),
        (b" " * (reading.LARGEST + 1), "has 16,777,217 letters, and a grammar has at most"),
    ],
)
def test_a_damaged_file_is_refused_with_the_place(text: str | bytes, fault: str) -> None:
    message = told(text)
    assert message.startswith("x.grammar")
    assert fault in message


@pytest.mark.parametrize(
    "text",
    [
        "//" * 300_000,
        "/*/" * 200_000,
        "a/" * 300_000,
        "(a)" * 150_000,
        "(/ 1 2" * 90_000,
        "\n" * 600_000,
    ],
)
def test_long_texts_take_little_time(text: str) -> None:
    begun = time.process_time()
    told(text)
    assert time.process_time() - begun < 2


def inspected(folder: Path, text: str, *options: str) -> Any:
    path = folder / "x.grammar"
    path.write_text(text, encoding="utf-8")
    return call("inspect", path, *options)


def test_inspect_tells_what_a_grammar_holds(tmp_path: Path) -> None:
    text = """(startsymbol P) (parameter (max-pitch 82)) (parameter (scale-1x D))
    (remark) (remark 2) (parameter (use-grammar true)) (base (P 0) () 1)
    (rule (P Y) ((Bar) (P (- Y 480))) 1) (rule (P Y) ((Lost) (P (- Y 480))) 1)
    (rule (Bar) (C4 R4 (slope 1 2 L4 C4)) 1) (rule (Bar) ((X b3 1)) 3) (rule (Lost) ((Gone)) 1)
    (rule (Brick 480) (C1) (builtin brick POT) 1) (rule (Brick 480) (C1) (builtin brick Odd) 1)
    (rule (Bar) (C1) (* 1 (builtin expectancy 2)) 0)"""
    done = inspected(tmp_path, text, "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["forms"] == {
        "rule": 6,
        "brick rule": 2,
        "base": 1,
        "parameter": 3,
        "terminals": 0,
    }
    assert found["kind"] == "cfg"
    assert found["start"] == "P"
    assert found["unknown_forms"] == {"remark": 2}
    assert found["unknown_parameters"] == ["scale-1x"]
    assert found["undefined_symbols"] == ["Gone"]
    assert found["unproductive_symbols"] == ["Lost"]
    assert found["terminals"] == {"C": 5, "R": 1, "slope": 1, "L": 1, "degree": 1}
    assert found["bricks"] == {"POT": 1}
    assert found["unknown_bricks"] == {"Odd": 1}
    assert found["unknown_functions"] == ["expectancy"]
    # In each bar one choice, of 1/4 and 3/4.
    assert found["entropy"] == {"bits_a_bar": 0.81, "over": "blues-f"}
    text = inspected(tmp_path, text).stdout
    assert "choices of rules: 0.81 bits a bar over blues-f" in text
    assert "left out, unknown parameters: scale-1x" in text
    assert "bricks not recognised: Odd 1" in text


def test_inspect_says_why_a_grammar_cannot_play(tmp_path: Path) -> None:
    done = inspected(tmp_path, "(startsymbol P) (rule (P) ((Gone \x1b[1m)) 1)")
    assert (
        "x.grammar: no rule of its start symbol P leads to a note or a rest; Gone (line 1) has no"
        in done.stdout
    )
    assert "undefined symbols: Gone" in done.stdout
    assert "\x1b" not in done.stdout
    refused = inspected(tmp_path, "(startsymbol P) (rule (P) (C4) \x1b[1m)")
    assert refused.returncode == 2
    assert "line 1, column 32: �[1m is no weight; write" in refused.stderr
    odd = inspected(tmp_path, "(startsymbol P)", "--beats", "1:2")
    assert "beats is not for grammar (.grammar); leave it out" in odd.stderr


def test_inspect_names_what_has_no_effect(tmp_path: Path) -> None:
    text = """(startsymbol P) (parameter (min-pitch low)) (parameter (colours houses))
(rule (P) (Lin D8 (slope 1 C8)) 1) (rule (P) (D8) 1)
(rule (P) (Line))
(rule (Line) (C8) (* 1 (builtin chord-family (dominnt)))) (startsymbol Q)
(rule (P Y) ((slope a b C8) (P (- Z
    480))) (/ 2 1)) (rule (P) (C7) (builtin chord-family dominant))
(rule (P) ((slope 4 1 C8) (slope 1 2 C8 V8) (X b99x 8) (X 3 C0) (triadic 8)) (builtin mus 1))
(rule (P) (slope 1 2 C8) 1)"""
    said = inspected(tmp_path, text).stdout.splitlines()
    found = json.loads(inspected(tmp_path, text, "--json").stdout)
    assert [line for line in said if line.startswith("line")] == found["doubts"][:12]
    assert found["doubts"] == [
        "line 2, column 12: Lin is no terminal and has no rule; did you mean Line?",
        "line 2, column 16: D8 is no terminal and has no rule",
        "line 2, column 19: (slope 1 C8) is incomplete; write one as (slope 1 4 C8 L8)",
        "line 3, column 8: the rule P has no weight, and counts as 1",
        "line 4, column 47: there are no chords of the family dominnt; write one of "
        f"{', '.join(tones.FAMILIES)}",
        "line 5, column 14: a and b in (slope a b C8) must be whole numbers; write one as "
        "(slope 1 4 C8 L8)",
        "line 5, column 29: Z in (P (- Z 480)) is no variable of the left side (P Y)",
        "line 6, column 13: the function / of a weight is unknown, and counts as 1",
        "line 6, column 32: 7 in C7 is no note length; 68 slots are played, of 120 to a quarter",
        "line 6, column 36: (builtin chord-family dominant) names no list of families, and counts "
        "as 1; write one such as (builtin chord-family (dominant))",
        "line 7, column 12: the first bound of (slope 4 1 C8) is above the second",
        "line 7, column 27: V8 in (slope 1 2 C8 V8) is no note and no rest; write one as "
        "(slope 1 4 C8 L8)",
        "line 7, column 45: b99x in (X b99x 8) is no scale degree; write one as (X b3 8)",
        "line 7, column 56: (X 3 C0) has a length that is none; write one as (X b3 8)",
        "line 7, column 65: (triadic 8) is incomplete; write one as (triadic 1 8)",
        "line 7, column 87: the function mus of a weight is unknown, and counts as 1",
        "line 8, column 11: (slope 1 2 C8) stands without a list around it; write ((slope 1 2 C8))",
        "a second start symbol, Q, has no effect; P counts",
        "parameter min-pitch: low is no number, so that its default is taken",
        "parameter colours: houses is neither house nor impro-visor",
    ]
    assert found["undefined_symbols"] == ["D8", "Lin"]
    assert found["unknown_functions"] == ["/", "mus"]
    assert found["unknown_forms"] == {}
    shouted = inspected(tmp_path, "(startsymbol P) (rule (P) (C4) 1) (RULE (P) (C8) 1)").stdout
    assert "a form RULE has no effect; did you mean rule?" in shouted
    exchanged = "(startsymbol P) (parameter (min-pitch 80)) (parameter (max-pitch 60))"
    assert "max-pitch: 60 is below min-pitch, 80" in inspected(tmp_path, exchanged).stdout
    for name in ("cfg", "jazz-grammar"):
        assert json.loads(call("inspect", name, "--json").stdout)["doubts"] == []


def test_inspect_copies_a_grammar_that_comes_with_sideman(tmp_path: Path) -> None:
    copy = tmp_path / "my.grammar"
    done = call("inspect", "cfg", "--out", copy)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, str(copy))
    assert copy.read_bytes() == file.content("cfg")[1]
    again = call("inspect", "cfg", "--out", copy)
    assert again.returncode == 2
    assert "is there already; give the copy another name" in again.stderr
    other = tmp_path / "chart.txt"
    other.write_text("| F7 | Bb7 |")
    refused = call("inspect", other, "--out", tmp_path / "new.grammar")
    assert "is no grammar, which alone is copied" in refused.stderr
    refused = call("inspect", "cfg", "--out", tmp_path / "cfg.mid")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "read by the suffix .grammar; give such a name" in refused.stderr
    assert not (tmp_path / "new.grammar").exists()


def test_inspect_shows_a_grammar_in_a_model_file(tmp_path: Path) -> None:
    sheet, packed, copy = (tmp_path / name for name in ("a.ls", "a.safetensors", "a.grammar"))
    sheet.write_text("(title A)\n(meter 4 4)\nF7 | Bb7 |\nf4 a4 c4 d4 d4 f4 r2\n")
    assert call("train", sheet, "--model-kind", "jazz-grammar", "--out", packed).returncode == 0
    done = call("inspect", packed, "--out", copy)
    assert done.returncode == 0, done.stderr
    assert "a grammar of kind jazz-grammar" in done.stdout
    assert call("inspect", copy, "--json").stdout == call(
        "inspect", packed, "--json"
    ).stdout.replace(packed.name, copy.name)


def improvised(folder: Path, text: str, *options: str, of: str = "improvise") -> list[str]:
    """Return what is printed on the error stream of a take by a grammar."""
    (folder / "x.grammar").write_text(text)
    words = [of, "blues-f" if of == "improvise" else str(folder / "take.mid")]
    known = ("--model", folder / "x.grammar", "--seed", "1", "--no-audio", "--out", folder)
    done = call(*words, *known, *options)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


LACKING = """(startsymbol P)
(rule (P) (C4 L8 C8 Gone) 1)
(rule (P) (C4 L8 C8 R4) (builtin expectancy 3) 3)
(rule (P) ((muse-switch (x) ((one R4) (default C4)))) 1)
(rule (P Y) ((POT 960) (P (- Y 960))) 2) (rule (POT 960) (C1 C1) (builtin brick Nowhere) 1)
(rule (P) ((slope a b C8)) 1)"""
WORKED_ROUND = (
    "x.grammar: parts of it cannot be played as written: Gone (line 2) has no rule; a "
    "muse-switch takes its first choice, as no headset is read; the brick Nowhere is not "
    "recognised; the function expectancy (line 3) of a weight counts as 1; line 6, column 12:"
    " a and b in (slope a b C8) must be whole numbers; write one as (slope 1 4 C8 L8)."
)


def test_what_a_grammar_asks_for_in_vain_is_said_once(tmp_path: Path) -> None:
    take = sideman.improvise("blues-f", seed=1, choruses=2)
    take.save(tmp_path / "take.mid")
    assert improvised(tmp_path, LACKING, "--choruses", "4") == [WORKED_ROUND]
    assert improvised(tmp_path, LACKING, of="trade") == [WORKED_ROUND]
    assert improvised(tmp_path, LACKING, "--count", "3", of="vary") == [WORKED_ROUND]
    assert improvised(tmp_path, "(startsymbol P) (rule (P) (C4) 1)") == []
    (tmp_path / "x.grammar").write_text(LACKING)
    own = sideman.improvise("blues-f", seed=1, model=tmp_path / "x.grammar")
    assert own.notices == (WORKED_ROUND,)
    assert take.notices == ()


def test_a_doubt_about_a_parameter_is_said_where_the_grammar_plays(tmp_path: Path) -> None:
    head = "(startsymbol P) (rule (P) (C4) 1)"
    start = "x.grammar: parts of it cannot be played as written: "
    assert improvised(tmp_path, head + "(parameter (max-pich 70)) (parameter (zeal 1))") == [
        f"{start}the parameters max-pich (did you mean max-pitch?) and zeal are unknown."
    ]
    wrong = "(parameter (leap-prob 7)) (parameter (min-pitch low)) (parameter (rectify yes))"
    assert improvised(tmp_path, head + wrong) == [
        f"{start}parameter min-pitch: low is no number, so that its default is taken; 2 more such "
        "places."
    ]
    assert [
        line for line in inspected(tmp_path, head + wrong).stdout.splitlines() if "is n" in line
    ] == [
        "parameter min-pitch: low is no number, so that its default is taken",
        "parameter leap-prob: 7 is not from 0 to 1, so that its default is taken",
        "parameter rectify: yes is neither true nor false, and counts as true",
    ]
    assert Parameters.of(reading.loads(head + wrong, "x")) == Parameters()


def test_a_malformed_terminal_is_named_where_nothing_else_can_play(tmp_path: Path) -> None:
    (path := tmp_path / "x.grammar").write_text("(startsymbol P)\n(rule (P) ((slope 1 b C8)) 1)")
    assert sentence(call("improvise", "blues-f", "--model", path, "--out", tmp_path)) == (
        "sideman: x.grammar: no rule of its start symbol P leads to a note or a rest; line 2, "
        "column 12: b in (slope 1 b C8) must be a whole number; write one as (slope 1 4 C8 L8). "
        "(option --model)"
    )


def test_rests_alone_are_said(tmp_path: Path) -> None:
    silent = "(startsymbol P) (rule (P) (R4) 1)"
    assert improvised(tmp_path, silent) == [
        "x.grammar: its rules hold rests alone, so it is silent; add a note like C4.",
        "x.grammar: chose rests alone, so that there are no notes.",
    ]
    assert "plays nothing: its rules hold rests alone" in inspected(tmp_path, silent).stdout
    (take,) = tmp_path.glob("*.mid")
    told = json.loads(call("inspect", take, "--json").stdout)
    assert (told["melody"], told["melody_notes"]) == (None, 0)
    for wanted in ("solo", "changes"):
        with pytest.raises(SidemanError, match="has no melody"):
            getattr(sideman.read(take), wanted)
    with pytest.raises(SidemanError, match="has no melody"):
        sideman.Take(take.read_bytes()).roll()
    for options in ((), ("--model", "cfg", "--bar", "1")):
        assert "has no melody; give a file with one" in sentence(call("explain", take, *options))
    assert call("engrave", take, tmp_path / "page.musicxml").returncode == 0
    seldom = "(startsymbol P) (rule (P) (R4) 1e9) (rule (P) (C4) 1e-9)"
    assert improvised(tmp_path, seldom) == [
        "x.grammar: chose rests alone, so that there are no notes."
    ]


@needs_data
def test_terminals_of_all_files() -> None:
    """As many as a program of its own has counted."""
    total: Counter[str] = Counter()
    doubtful = {}
    for path in FILES:
        own = Productions(read(path))
        findings = doubts.search(own)
        found = describing.summary(read(path), own, findings)
        total.update(found.terminals)
        assert (found.unknown_parameters != ()) == (path.stem == "_muse-brainwave")
        assert not found.unknown_functions
        doubtful[path.stem] = len(doubts.sentences(findings, read(path)))
    assert {name: many for name, many in doubtful.items() if many} == {
        "Bergonzi-method": 1,  # a family of chords, other
        "CharlieParkerMotif": 30,  # clusters without rules, as in the next two
        "KennyGarrett": 1,
        "_emptyMotif": 2,
    }
    assert total == {
        "degree": 89337,
        "C": 54301,
        "slope": 52004,
        "L": 32539,
        "R": 18148,
        "X": 6211,
        "A": 4644,
        "Y": 43,
        "S": 42,
        "H": 39,
        "triadic": 3,
    }


LEARNT = "(startsymbol P)\n (parameter (model-kind jazz-grammar))\n(rule (P) (C4) 1) // José"


@pytest.mark.parametrize(("text", "kind"), [(SMALL, "cfg"), (LEARNT, "jazz-grammar")])
def test_the_kind_of_a_grammar_is_in_the_file(text: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.GRAMMAR"
    path.write_bytes(text.encode("latin-1"))
    found, soloist = registry.open_model(path)
    assert (found.name, soloist.name) == (kind, "x")
    stored = np.frombuffer(text.encode(), np.uint8)
    content = ModelFile(kind, {}, (), {"grammar": stored})
    packed, same = registry.open_model(_written(tmp_path / "x.safetensors", content))
    assert packed.name == kind
    assert same.grammar == soloist.grammar
    with pytest.raises(ModelError, match="has no text of a grammar"):
        registry.open_model(_written(tmp_path / "y.safetensors", ModelFile(kind, {}, (), {})))


def _written(path: Path, content: ModelFile) -> Path:
    file.write(path, content)
    return path


def test_messages_say_that_a_grammar_can_be_given(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the path of a \.safetensors or \.grammar file"):
        file.locate("nobody")
    path = tmp_path / "x.txt"
    path.write_text(LEARNT, encoding="utf-8")
    with pytest.raises(ModelError, match=r"or a grammar whose name ends in \.grammar"):
        registry.open_model(path)


def test_the_largest_weight_is_allowed() -> None:
    assert reading.loads("(startsymbol P) (rule (P) (C4) 1e100)", "x").rules
    assert "lower it" in told("(startsymbol P) (rule (P) (C4) 1e101)")
