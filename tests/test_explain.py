"""``sideman explain``: the derivation of a take, and the parse of another solo."""

import json
import re
from dataclasses import replace
from itertools import product
from math import log
from pathlib import Path

import pytest

from databases import Tone, build
from sideman.cli import main
from sideman.errors import ModelError, MusicError
from sideman.formats import registry, typed
from sideman.library import songbook
from sideman.models.grammar import matching, parsing, reading, tones
from sideman.models.grammar.playing import GrammarSoloist
from sideman.models.grammar.productions import Productions
from sideman.models.grammar.terminals import terminal
from sideman.score import Note
from sideman.service import explaining, playing
from sideman.service.requests import File, PlayRequest, TradeRequest, Tune

TOY = b"""
(parameter (colours house))
(parameter (min-pitch 54))
(parameter (max-pitch 84))
(startsymbol P)
(rule (P Y) (BAR (P (- Y 480))) 1)
(base (P 0) () 1)
(rule (BAR) ((slope 1 2 C8) (slope 2 4 C8 C8 L8) (slope -2 -2 C4 R4)) 0.5) // Toy, bar 1
(rule (BAR) ((slope -4 4 X8 X8 A8 C8) HALF) 0.25) // Toy, bar 2
(rule (BAR) (HALF R2) 0.25)
(rule (HALF) (C4 L4) 1)
"""
MODEL = playing.model_from(TOY, "toy.grammar")
PRODUCTIONS = Productions(reading.loads(TOY.decode(), "toy.grammar"))
BLUES = Tune(text="| C7 | F7 | C7 | . |")


def take(seed: int = 1) -> File:
    request = PlayRequest(changes=BLUES, choruses=1, model=MODEL.name, seed=seed, max_copy=None)
    return File("take.mid", playing.play(request, model=MODEL).midi())


def notes(text: str) -> tuple[Note, ...]:
    """Return notes written as onset:length:pitch in eighths."""
    rows = [map(int, each.split(":")) for each in text.split()]
    return tuple(Note(onset * 12, length * 12, pitch) for onset, length, pitch in rows)


EXAMPLE = notes("0:1:60 1:1:64 2:1:67 3:1:69 4:2:67 8:1:64 9:1:67 10:1:69 11:1:70 12:2:72 14:2:74")
CHANGES = typed.parse("| C7 | . |").changes
LEAD = b"""(title x) (meter 4 4)
(part (type chords))
C7 | C7 |
(part (type melody))
c8 e8 g8 a8 g4 r4 c#8 d8 d#8 e8 f2
"""
LINE: list[Tone] = [(bar, beat, 1, 2, 60 + 2 * beat, 0.4) for bar in (1, 2) for beat in (1, 2, 4)]


def test_a_take_is_derived_again() -> None:
    for seed in range(3):
        data = take(seed)
        result = explaining.explain(data, model=MODEL)
        assert (result.method, result.seed, result.remark) == ("derived", seed, "")
        solo = playing.line(data).solo
        sounding = [each for each in result.notes if each["n"] is not None]
        assert [each["n"] for each in sounding] == list(range(1, len(solo.notes) + 1))
        assert [each["pitch"] for each in sounding] == [note.pitch for note in solo.notes]
        assert not result.misfits
        assert all(each["probability"] > 0 for each in result.notes)
        assert [bar["bar"] for bar in result.bars] == [1, 2, 3, 4]
        for bar in result.bars:
            rules = [each for each in bar["tree"] if each["entry"] == "rule"]
            learnt = {each["from"] for each in rules if each["left"] == "BAR"}
            assert len(learnt) == 1 <= {"Toy, bar 1", "Toy, bar 2", ""}.issuperset(learnt)
        assert json.loads(json.dumps(result.data())) == result.data()


NARROW = b"""
(parameter (colours house)) (parameter (min-pitch 54)) (parameter (max-pitch 76))
(startsymbol P)
(rule (P Y) (BAR (P (- Y 480))) 1) // one bar; the rest follows
(base (P 0) () 1)
(rule (BAR) ((slope -2 -1 C8 S8 C8 S8 C8 S8 C8 S8)) 1)
"""


def test_remarks_say_what_has_happened() -> None:
    model = playing.model_from(NARROW, "narrow.grammar")
    remarks = set()
    for seed in range(3):
        request = PlayRequest(changes=BLUES, choruses=4, model=model.name, seed=seed, max_copy=None)
        played = File("take.mid", playing.play(request, model=model).midi())
        for each in explaining.explain(played, model=model).notes:
            remarks.add(each["remark"])
            if each["window"]:
                low, high = each["window"]
                if each["remark"] == explaining.RANGE:
                    assert not (low >= 54 and high <= 76)
                elif each["remark"] == explaining.WIDER:
                    assert low - tones.WIDENED <= each["pitch"] <= high + tones.WIDENED
    assert {explaining.WIDER, explaining.RANGE} <= remarks
    # No eighth is too short at this tempo: what is missing is held.
    assert explaining.LEFT_OUT not in remarks


def test_a_comment_is_a_bar_or_a_comment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path := tmp_path / "narrow.grammar").write_bytes(NARROW)
    (played := tmp_path / "take.mid").write_bytes(take().data)
    with pytest.raises(SystemExit, match="0"):
        main(["explain", str(played), "--model", str(path)])
    assert "  // one bar; the rest follows" in capsys.readouterr().out
    (toy := tmp_path / "toy.grammar").write_bytes(TOY)
    page = tmp_path / "page.svg"
    with pytest.raises(SystemExit, match="0"):
        main(["explain", str(played), "--model", str(toy), "--out", str(page)])
    assert "  from Toy, bar 1" in capsys.readouterr().out
    # The words begin at the note and are not set as a rehearsal mark.
    assert re.search(r'class="dir".*?Toy, bar', page.read_text(), re.DOTALL)


def test_every_tone_has_its_probability() -> None:
    """What is explained is what the tone's distribution says, computed anew from the notes."""
    result = explaining.explain(take(2), model=MODEL)
    solo = result.solo
    assert solo.changes is not None
    checked = 0
    for each in result.notes:
        if each["kind"] == "A" or each["slope"] is None or not each["n"] or each["n"] == 1:
            continue
        before, note = solo.notes[each["n"] - 2 : each["n"]]
        letters = tones.classes(solo.changes.chord_at(note.onset))
        odds = tones.in_slope(each["kind"], *each["slope"], before.pitch, letters, (54, 84))
        if each["remark"] or result.notes[each["n"] - 2]["kind"] == "A":
            continue
        assert dict(zip(*odds, strict=True))[note.pitch] == pytest.approx(each["probability"])
        checked += 1
    assert checked > 5


def test_kept_bars_have_no_terminal() -> None:
    line = playing.line(take())
    request = PlayRequest(
        changes=BLUES, choruses=1, model=MODEL.name, seed=4, take=line, keep="1", max_copy=None
    )
    data = File("take.mid", playing.play(request, model=MODEL).midi())
    first, second, *_ = explaining.explain(data, model=MODEL).bars
    assert {each["entry"] for each in first["tree"]} == {"note"}
    assert {each["remark"] for each in first["tree"]} == {"kept"}
    assert second["tree"][0]["entry"] == "rule"


def test_a_chain_of_bars_is_no_staircase() -> None:
    bars = explaining.explain(take(), model=MODEL).bars
    assert [bar["tree"][0]["depth"] for bar in bars] == [0, 0, 0, 0]
    assert max(each["depth"] for bar in bars for each in bar["tree"]) <= 4


def test_the_grammar_must_be_the_same() -> None:
    data = take()
    other = playing.model_from(TOY + b"\n", "toy.grammar")
    with pytest.raises(ModelError, match="another version of the grammar toy") as caught:
        explaining.explain(data, model=other)
    assert caught.value.field == "model"
    absent = r"toy\.grammar, which does not come with sideman and is not here as it was then; give "
    with pytest.raises(ModelError, match=f"was played by {absent}"):
        explaining.explain(data)
    request = playing.carried(data)
    assert request is not None
    with pytest.raises(ModelError, match=f"was played by the model {absent}"):
        playing.again(request)
    renamed = playing.model_from(TOY + b"\n", "another.grammar")
    assert explaining.explain(data, model=renamed).method == "parsed"


def test_a_changed_take_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    played = playing.play

    def otherwise(request: PlayRequest, **options: object) -> object:
        return played(replace(request, seed=99), **options)  # type: ignore[arg-type]

    data = take()
    monkeypatch.setattr(playing, "play", otherwise)
    result = explaining.explain(data, model=MODEL)
    assert result.method == "parsed"
    assert "not those that the take's request plays" in result.remark


def test_a_model_that_is_no_grammar_explains_nothing() -> None:
    with pytest.raises(ModelError, match="course is no grammar"):
        explaining.explain(take(), model=playing.model_named("course"))


def test_the_example_is_parsed_without_a_misfit() -> None:
    found = parsing.parse(EXAMPLE, CHANGES, PRODUCTIONS)
    bars = [step.rule.comment for step in found.steps if step.rule.name == "BAR"]
    assert bars == ["Toy, bar 1", "Toy, bar 2"]
    assert not any(each.misfit for each in found.fitted)
    first = found.fitted[:5]
    assert [each.kind for each in first] == ["C", "C", "C", "L", "C"]
    assert [each.probability for each in first] == [1, 1, 1, 1, 1]
    assert first[1].window == (62, 64)
    assert [each.note for each in found.fitted if each.note >= 0] == list(range(11))


@pytest.mark.parametrize(
    ("line", "misfit"),
    [
        ("0:1:60 1:1:64 2:1:67 3:1:69 4:2:67", ""),
        ("0:1:60 1:1:64 2:1:67 3:1:74 4:2:72", "window"),
        ("0:1:60 1:1:64 2:1:67 3:1:71 4:2:70", "kind"),
        ("0:1:60 1:1:64 2:1:67 3:1:69 4:2:67 7:1:67", "unexpected"),
        ("0:1:60 1:1:64 2:1:67 4:2:64", "unplayed"),
    ],
)
def test_what_does_not_fit_is_marked(line: str, misfit: str) -> None:
    found = parsing.parse(notes(line), typed.parse("| C7 |").changes, PRODUCTIONS)
    assert [each.misfit for each in found.fitted if each.misfit] == [misfit] * bool(misfit)
    assert [step.rule.comment for step in found.steps if step.rule.name == "BAR"] == ["Toy, bar 1"]


def test_the_last_tone_of_triads_may_be_shorter() -> None:
    grammar = reading.loads("(startsymbol P) (rule (P Y) ((triadic 4. 8/3) R8 R2) 1)", "toy")
    line = (*(Note(8 * at, 8, 60 + at) for at in range(4)), Note(32, 4, 65))
    found = parsing.parse(line, typed.parse("| C7 |").changes, Productions(grammar))
    fitted = [(each.note, each.slot, each.tone, each.misfit) for each in found.fitted]
    assert fitted == [(at, 40 * at, at, "") for at in range(5)]


def test_the_parse_is_the_best_of_all_derivations() -> None:
    matcher = matching.Matcher(EXAMPLE, CHANGES, PRODUCTIONS.grammar, "house")
    bars = [rule for rule in PRODUCTIONS.grammar.rules if rule.name == "BAR"]
    half = next(rule for rule in PRODUCTIONS.grammar.rules if rule.name == "HALF")
    scores = []
    for chosen in product(bars, repeat=2):
        slot, score = 0, 0.0
        for rule in chosen:
            score += log(float(str(rule.weights[0])))
            for each in rule.right:
                for item in half.right if each == "HALF" else (each,):
                    one = terminal(item)
                    assert one is not None
                    score += matcher.score(one, slot)[0]
                    slot += one.slots
        scores.append(score)
    found = parsing.parse(EXAMPLE, CHANGES, PRODUCTIONS)
    assert found.score == pytest.approx(max(scores))


LEADING = """
(parameter (colours house)) (parameter (min-pitch 54)) (parameter (max-pitch 84))
(parameter (rectify false)) (startsymbol P)
(rule (P Y) (BAR (P (- Y 480))) 1)
(base (P 0) () 1)
(rule (BAR) ((slope 1 4 C8 L8) A8 L8 HALF) 2)
(rule (BAR) (A8 A8 (slope -3 -1 S8 C8) HALF) 1)
(rule (BAR) (C8 A8 (X 5 8) (slope 1 2 C8 A8) HALF A8) 1)
(rule (BAR) (HALF (slope -2 -1 A8 C8 L8) A8) 1)
(rule (HALF) (C8 A8 C4) 1)
(rule (HALF) ((slope 3 5 A8 A8 C8) A8) 1)
(rule (HALF) (C4. A8) 1)
(rule (HALF) (A8 R4.) 1)
"""


@pytest.mark.parametrize("name", ["leading", "jazz-grammar"])
def test_a_played_take_is_explained_as_it_was_derived(name: str) -> None:
    model = playing.model_named(name) if name != "leading" else None
    model = model or playing.model_from(LEADING.encode(), "leading.grammar")
    soloist = model.soloist
    assert isinstance(soloist, GrammarSoloist)
    leading = 0
    for seed in range(6):
        request = PlayRequest(changes=BLUES, choruses=1, model=model.name, seed=seed, max_copy=None)
        derived = explaining._derived(request, model)
        solo, productions = derived.solo, soloist.productions
        assert solo.changes is not None
        matcher = matching.Matcher(solo.notes, solo.changes, productions.grammar, soloist.colours)
        score = sum(log(step.probability) for step in derived.steps)
        misfits, carried = 0, None
        for at, placed in enumerate(derived.placed):
            found = matcher.fitted(placed, at, carried)[0]
            misfits += sum(bool(each.misfit) for each in found)
            more, carried = matcher.score(placed.terminal, placed.slot, carried)
            leading += carried is not None
            score += more
        parse = parsing.parse(solo.notes, solo.changes, productions, colours=soloist.colours)
        assert sum(bool(each.misfit) for each in parse.fitted) == misfits == 0
        assert parse.score >= score - 1e-9
    assert leading > 0 or name != "leading"


def test_an_approach_tone_leads_to_the_next_terminal_from_the_note_before_it() -> None:
    grammar = "(startsymbol P) (rule (P) (C8 A8 (slope 2 4 L8) R8 R2) 1)"
    line = notes("0:1:60 1:1:61 2:1:62")  # 62 is two semitones above 60, not above 61
    found = parsing.parse(
        line, typed.parse("| C7 |").changes, Productions(reading.loads(grammar, "x"))
    )
    assert [(each.kind, each.misfit) for each in found.fitted] == [("C", ""), ("A", ""), ("L", "")]
    assert found.fitted[2].window == (62, 64)
    # A free tone after a free approach tone is a chord tone, whatever its kind.
    grammar = "(startsymbol P) (rule (P) (C8 A8 L8 R8 R2) 1)"
    line = notes("0:1:60 1:1:63 2:1:64")
    found = parsing.parse(
        line, typed.parse("| C7 |").changes, Productions(reading.loads(grammar, "x"))
    )
    assert not any(each.misfit for each in found.fitted)


def test_the_bound_of_a_row_is_not_below_its_score() -> None:
    rules = playing.model_named("jazz-grammar").soloist.productions.grammar.rules  # type: ignore[attr-defined]
    rows = [
        [one for one in map(terminal, rule.right) if one is not None]
        for rule in (*rules, *reading.loads(LEADING, "leading").rules)
    ]
    rows = [row for row in rows[::3] if row]
    bounds = exact = 0
    for colours in ("house", "impro-visor"):
        matcher = matching.Matcher(EXAMPLE, CHANGES, PRODUCTIONS.grammar, colours)
        table = matcher.rows(rows)
        for slot in (0, 60, 475, 480, 720):
            for carried in (None, 62):
                most = matcher.most(table, slot, carried=carried is not None)
                for row, bound in zip(rows, most.tolist(), strict=True):
                    place, score, onward = slot, 0.0, carried
                    for one in row:
                        if place < matcher.end:
                            more, onward = matcher.score(one, place, onward)
                            score, place = score + more, place + one.slots
                    assert bound >= score - 1e-9, (slot, carried, row)
                    bounds += 1
                    exact += bound == pytest.approx(score)
    assert exact > 0.5 * bounds


def test_progress_is_told_and_an_interrupt_passes() -> None:
    shares: list[float] = []
    explaining.explain(File("x.ls", LEAD), model=MODEL, progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)

    def interrupted(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explaining.explain(File("x.ls", LEAD), model=MODEL, progress=interrupted)


def test_a_grammar_without_a_note_is_refused() -> None:
    silent = Productions(reading.loads("(startsymbol P) (rule (P) (Q) 1)", "silent.grammar"))
    with pytest.raises(MusicError, match="no rule leads from P"):
        parsing.parse(EXAMPLE, CHANGES, silent)


@pytest.mark.parametrize(
    "rules",
    [
        "(rule (P) (P P) 1) (rule (P) (C8) 1) (rule (P) (L8) 1) (rule (P) (R8) 1)",
        "(rule (P) (P A) 1) (rule (P) (A) 1) (rule (A) (C8) 1) (rule (A) (A L8 A) 1)",
        "(rule (P) (B C8) 1) (rule (B) (P L8) 1) (rule (P) (C4) 1) (rule (B) (B P) 1)",
    ],
)
def test_left_recursion_costs_a_limited_number_of_rewritings(
    rules: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grammar = Productions(reading.loads(f"(startsymbol P) {rules}", "left.grammar"))
    wide = parsing.parse(EXAMPLE, CHANGES, grammar)
    counted = []
    rewritten = parsing._Search._rewritten

    def counting(
        search: parsing._Search, number: int, slot: int, carried: int | None
    ) -> list[parsing._Way]:
        counted.append(slot)
        return rewritten(search, number, slot, carried)

    monkeypatch.setattr(parsing._Search, "_rewritten", counting)
    monkeypatch.setattr(parsing, "_RULES_PER_QUARTER", 50)
    narrow = parsing.parse(EXAMPLE, CHANGES, grammar)
    assert narrow.score == pytest.approx(wide.score)
    slots = len(set(counted))
    assert len(counted) <= 50 * (CHANGES.length // 24 + 8) + parsing.BEAM * slots


def test_too_many_rules_to_compare_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_COMPARED", 50)
    monkeypatch.setattr(parsing, "_COMPARED_PER_QUARTER", 0)
    rules = "".join(f"(rule (P) (C4 L4) {at})" for at in range(1, 100))
    many = Productions(reading.loads(f"(startsymbol P) {rules}", "many.grammar"))
    with pytest.raises(MusicError, match=r"many: 99 rules were compared .* give P fewer rules"):
        parsing.parse(EXAMPLE, CHANGES, many, name="many")


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "take.mid").write_bytes(take().data)
    (tmp_path / "toy.grammar").write_bytes(TOY)
    return str(tmp_path / "take.mid"), str(tmp_path / "toy.grammar")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main(["explain", *words])
    said = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, said.out, said.err


@pytest.mark.parametrize("right", ["(fill 4)", "(fill 4 (fill 0 C4))", "(fill 0 C4)", "(fill 4 5)"])
def test_a_fill_of_nothing_ends(right: str) -> None:
    text = f"(startsymbol P) (rule (P) ({right} C4) 1)"
    model = playing.model_from(text.encode(), "x.grammar")
    assert explaining.explain(take(), model=model).notes


def test_an_answer_is_parsed_by_the_grammar_that_has_played_it() -> None:
    request = TradeRequest(phrase=playing.line(take()), bars=4, model="cfg", seed=1, max_copy=None)
    answer = File("answer.mid", playing.trade(request).midi())
    assert explaining.explain(answer).model == "cfg"


def test_the_command(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, grammar = files
    code, out, err = run(capsys, path, "--model", grammar, "--bar", "2")
    assert (code, err) == (0, "")
    head, empty, _, bar, *tree = out.splitlines()
    assert head.endswith("notes by toy.grammar, derived again")
    assert (empty, bar) == ("", "bar 2  F7")
    assert tree[0] == "  P Y → BAR (P (- Y 480))  1"
    assert tree[1].startswith("    BAR")
    whole = json.loads(run(capsys, path, "--model", grammar, "--json")[1])
    assert [each["bar"] for each in whole["bars"]] == [1, 2, 3, 4]


def test_the_example_of_the_documentation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "grammars.md").read_text()
    (tmp_path / "my.grammar").write_text(page.split("```lisp\n")[1].split("```")[0])
    played, told = re.findall(r"^\$ sideman (.*)$", page, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main([*played.split("#")[0].split(), "--no-audio"])
    capsys.readouterr()
    code, out, _ = run(capsys, *told.split()[1:])
    shown = page.split(f"$ sideman {told}\n")[1].split("```")[0]
    assert (code, out.partition("\n\n")[2]) == (0, shown)


def test_the_page(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, grammar = files
    page = Path(path).with_name("page.musicxml")
    assert run(capsys, path, "--model", grammar, "--out", str(page))[0] == 0
    text = page.read_text()
    notes_of = [each for each in explaining.explain(take(), model=MODEL).notes if each["n"]]
    assert text.count('<lyric number="1">') == len(notes_of)
    assert "<text>C</text>" in text
    assert run(capsys, path, "--model", grammar, "--bar", "2", "--out", str(page))[0] == 0
    assert page.read_text().count("<measure ") == 1


def test_heads_of_columns(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, grammar = files
    lines = run(capsys, path, "--model", grammar)[1].splitlines()
    heads = lines[2]
    assert heads.split() == ["note", "beat", "pitch", "kind", "window", "class", "prob."]
    rows = [line for line in lines[3:] if re.match(r" +\d+  \d", line)]
    for row in rows:
        assert len(row) <= 100
        assert re.match(r"[A-G]", row[heads.index("pitch")])
        assert row[heads.index("kind") - 1] == " "
        assert row[heads.index("class") :].startswith(("chord", "colour", "other"))
    assert len(rows) == len(
        [each for each in explaining.explain(take(), model=MODEL).notes if each["n"]]
    )


def test_the_page_says_what_the_text_says(tmp_path: Path) -> None:
    grammar = """(startsymbol P) (parameter (rectify false))
    (rule (P Y) ((X b9 4) (X 3 4) (X b9 4) (X 1 4) (P (- Y 480))) 1) (base (P 0) () 1)"""
    model = playing.model_from(grammar.encode(), "degrees.grammar")
    request = PlayRequest(
        changes=Tune(text="| A7 | D7 |"), choruses=1, model=model.name, seed=0, max_copy=None
    )
    played = File("take.mid", playing.play(request, model=model).midi())
    for data in (played, File("x.ls", LEAD)):
        for bar in (None, 1, 2):
            result = explaining.explain(data, model=model, bar=bar)
            page = explaining.pages(result, "x.musicxml")[0].decode()
            shown = re.findall(
                r"<step>(.)</step>(?:<alter>(-?1)</alter>)?<octave>(\d)",
                re.sub(r">\s+<", "><", page),
            )
            signs = {"": "", "1": "#", "-1": "b"}
            names = [each["name"] for each in result.notes if each["n"]]
            assert [f"{step}{signs[alter]}{octave}" for step, alter, octave in shown] == names
    kinds = [each["kind"] for each in explaining.explain(played, model=model).notes]
    assert kinds == ["b9", "3", "b9", "1"] * 2
    assert (
        "<text>b9</text>"
        in explaining.pages(explaining.explain(played, model=model), "x.musicxml")[0].decode()
    )


def test_one_solo_of_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = build(tmp_path / "part.db", {"A_One": LINE, "B_Two": LINE[1:4]})
    (grammar := tmp_path / "toy.grammar").write_bytes(TOY)
    heads = {}
    for words in (("--solo", "1"), ("--solo", "A_One"), ("--solo", "2"), ("--solo", "B_Two")):
        code, out, err = run(capsys, str(path), "--model", str(grammar), *words)
        assert (code, err) == (0, "")
        heads[words[1]] = out.splitlines()[0]
    assert heads["1"] == heads["A_One"] != heads["2"] == heads["B_Two"]
    code, out, err = run(capsys, str(path), "--model", str(grammar))
    assert (code, out) == (2, "")
    assert "holds 2 solos, and one is explained" in err
    code, out, err = run(capsys, str(path), "--model", str(grammar), "--solo", "9")
    assert (code, out) == (2, "")
    assert "There is no solo '9'" in err


def test_the_best_of_several_solos_needs_a_likelihood() -> None:
    request = PlayRequest(changes=BLUES, choruses=1, model="cfg", controls={"best_of": 2})
    with pytest.raises(
        ModelError, match=r"The best of several solos is chosen by likelihood; cfg: .*share"
    ) as caught:
        playing.play(request)
    assert caught.value.field == "best_of"


def test_wrong_input(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, grammar = files
    for words, said in (
        ((path, "--model", grammar, "--bar", "9"), "has no bar 9; its bars are 1 to 4."),
        ((path, "--model", "course"), "The model course is no grammar"),
        ((path, "--model", grammar, "--out", "page.doc"), "a page is not written in that format"),
        ((grammar, "--model", grammar), "toy.grammar"),
    ):
        code, out, err = run(capsys, *words)
        assert (code, out) == (2, ""), words
        assert said in err
        assert len(err.splitlines()) == 1


def test_a_solo_of_misfits_is_said_to_be_none_of_the_grammar(
    tmp_path: Path, files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    grammar = tmp_path / "rests.grammar"
    grammar.write_text("(startsymbol P) (rule (P Y) (R4 (P (- Y 480))) 1)")
    head = tmp_path / "head.ls"
    head.write_bytes(registry.dumps(songbook.load("happy-birthday"), head.name)[0])
    for path, model, said in ((str(head), str(grammar), True), (*files, False)):
        code, out, err = run(capsys, path, "--model", model)
        assert code == 0, err
        assert ("Most of its notes are misfits" in out) == said
