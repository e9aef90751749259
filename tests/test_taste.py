"""A listener's taste: marks in a file, what they are learnt as, and that solos move to it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import sideman
from benchmarking import module
from commands import call, sentence
from sideman.errors import MusicError, SidemanError
from sideman.files import File
from sideman.library import songbook
from sideman.models import critic, taste
from sideman.score import Note, Solo
from sideman.service import playing, rating
from sideman.service.requests import PlayRequest, Tune

TUNES = ("blues-f", "avalon", "minor-blues-c", "bossa-d")
FAST = {"effort": 1}


def take(tune: str, seed: int, **controls: float) -> bytes:
    """Return a take of a chorus."""
    request = PlayRequest(
        changes=Tune(name=tune), choruses=1, seed=seed, controls={**FAST, **controls}
    )
    return playing.play(request).midi()


def marks_of(takes: Sequence[bytes], liked: Sequence[bool]) -> rating.Marks:
    found = rating.Marks("my.taste")
    for number, (midi, like) in enumerate(zip(takes, liked, strict=True)):
        found = rating.rated(found, File(f"{number}.mid", midi), like)
    return found


@pytest.fixture(scope="module")
def sparse() -> rating.Marks:
    """Twenty marks of a listener who likes few notes."""
    takes = [take(tune, seed) for seed in range(5) for tune in TUNES]
    density = [_density(midi) for midi in takes]
    return marks_of(takes, [bool(each < np.median(density)) for each in density])


def _density(midi: bytes) -> float:
    solo = sideman.Take(midi).solo
    assert solo.changes is not None
    return len(solo.notes) / solo.changes.length


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, sparse: rating.Marks) -> Path:
    """A taste file, and a take that was played by it."""
    folder = tmp_path_factory.mktemp("taste")
    (folder / "my.taste").write_bytes(sparse.data())
    played = call(
        "improvise", "blues-f", "--seed", "3", "--choruses", "1", "--no-audio", "--out", folder,
        "--taste", folder / "my.taste",
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    return folder


def test_solos_move_to_what_is_liked(sparse: rating.Marks) -> None:
    """In small, ``benchmarks/taste.py``: with the marks, and with all of them turned around."""
    opposite = tuple(replace(mark, liked=not mark.liked) for mark in sparse.marks)
    turned = replace(sparse, marks=opposite)
    counts = {}
    for name, marks in (("sparse", sparse), ("dense", turned)):
        counts[name] = [
            len(
                playing.play(
                    PlayRequest(
                        changes=Tune(name="rhythm-changes-bb"),
                        choruses=1,
                        seed=seed,
                        controls={"effort": effort, "best_of": best_of},
                    ),
                    taste=marks,
                ).solo.notes
            )
            for effort, best_of, seeds in ((1, 4, range(3)), (2, 1, range(5)))
            for seed in seeds
        ]
    pairs = list(zip(counts["sparse"], counts["dense"], strict=True))
    # Of the same four solos, and of branches.
    for some, least in ((pairs[:3], 3), (pairs[3:], 4)):
        assert sum(few < many for few, many in some) >= least, counts
    assert np.mean(counts["sparse"]) < 0.94 * np.mean(counts["dense"]), counts
    assert sparse.preferences()[0].quality in ("notes", "rests")
    assert sparse.preferences()[0].told.startswith(("fewer notes", "more rests"))


def test_a_few_marks_weigh_little(sparse: rating.Marks) -> None:
    def spread(marks: Sequence[rating.Mark]) -> float:
        learnt = rating.Marks("", tuple(marks)).taste
        return float(np.std([learnt(mark.features[32][None], 32)[0] for mark in sparse.marks]))

    liked = [mark for mark in sparse.marks if mark.liked]
    others = [mark for mark in sparse.marks if not mark.liked]
    assert spread([liked[0], others[0]]) < 0.5 * spread(sparse.marks)


def test_the_regression_is_that_of_a_library() -> None:
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((30, 50))
    liked = rows[:, 0] + rng.standard_normal(30) > 0
    variance = rng.random(50)
    ours = taste._logistic(rows, liked, variance)
    scaled = np.hstack([rows * np.sqrt(variance), np.full((30, 1), np.sqrt(10))])
    model = LogisticRegression(C=1, fit_intercept=False, tol=1e-10, max_iter=1000)
    theirs = model.fit(scaled, liked).coef_[0, :-1] * np.sqrt(variance)
    assert np.abs(ours - theirs).max() < 1e-5


def test_qualities_are_the_features_that_they_name() -> None:
    changes = songbook.load("blues-f").changes.repeated(3)
    rng = np.random.default_rng(2)
    onsets = np.cumsum(rng.choice((6, 8, 12, 48), 70))
    pitches = 60 + np.cumsum(rng.integers(-3, 4, 70)) + 9 * (np.arange(70) % 7 == 0)
    line = critic.Line(onsets, pitches, critic.Harmony(changes), int(onsets[-1]) + 24)
    found = critic.describe(line, critic.shipped().surprise.nats(line), 64)
    last, size = pitches[-64:], np.abs(np.diff(pitches[-64:]))
    counts = line.counts[line.beat[-64] - line.first_beat :]
    cells = [tuple(np.diff(last[at : at + 4])) for at in range(61)]
    figures = line.figures[line.beat[-64] - line.first_beat :]
    shares = np.bincount(figures) / len(figures)
    solo = Solo(
        "", tuple(Note(int(o), 6, int(p)) for o, p in zip(onsets, pitches, strict=True)), changes
    )
    tones = [
        (pitch % 12 in chord.tones, pitch % 12 in {*chord.tones, *chord.scale})
        for note in solo.notes[-64:]
        if (chord := changes.chord_at(note.onset)) is not None and (pitch := note.pitch)
    ]
    expected = {
        "rhythms": -sum(share * np.log(share) for share in shares if share),
        "notes": counts.mean(),
        "rests": (counts == 0).mean(),
        "leaps": (size >= 8).mean(),
        "steps": ((size > 0) & (size <= 2)).mean(),
        "range": last.std(),
        "register": last.mean(),
        "repeats": 1 - len(set(cells)) / len(cells),
        "chord tones": np.mean([tone for tone, _ in tones]),
        "scale tones": np.mean([scale for _, scale in tones]),
    }
    assert critic.QUALITIES.keys() == expected.keys()
    for name, at in critic.QUALITIES.items():
        assert found[at] == pytest.approx(expected[name]), name


def test_without_a_taste_and_with_an_empty_one_the_bytes_are_the_same(tmp_path: Path) -> None:
    empty = tmp_path / "empty.taste"
    for content in ("", rating.Marks("").data().decode()):
        empty.write_text(content)
        options = ("--seed", "4", "--choruses", "1", "--no-audio", "--out")
        for name, more in (("plain", ()), ("empty", ("--taste", empty))):
            played = call("improvise", "blues-f", *options, tmp_path / name, *more)
            assert played.returncode == 0, played.stderr
        assert "empty.taste: has no marks" in played.stderr
        data = [(tmp_path / name / "blues-f-4.mid").read_bytes() for name in ("plain", "empty")]
        assert data[0] == data[1]


def test_a_take_is_played_again_with_its_taste(folder: Path, tmp_path: Path) -> None:
    data = (folder / "blues-f-3.mid").read_bytes()
    request = sideman.Take(data).request
    assert request is not None
    assert request.taste == rating.read(File("", (folder / "my.taste").read_bytes())).fingerprint
    longer = tmp_path / "longer.taste"
    # Marks that are added, and the layout of the JSON, change nothing.
    lines = (folder / "my.taste").read_text().splitlines()
    longer.write_text("\r\n".join(json.dumps(json.loads(line), indent=None) for line in lines))
    rated = call("rate", folder / "blues-f-3.mid", "up", "--bars", "1-8", "--taste", longer)
    assert rated.stdout.startswith(f"{longer}: 21 marks, "), rated.stderr
    for file in (folder / "my.taste", longer):
        again = call(
            "improvise", "--again", folder / "blues-f-3.mid", "--taste", file, "--no-audio",
            "--out", tmp_path / file.stem, "-q",
        )  # fmt: skip
        assert again.returncode == 0, again.stderr
        assert (tmp_path / file.stem / "blues-f-3.mid").read_bytes() == data
    take = sideman.Take(data)
    assert take.again(taste=longer).midi == data
    plain = sideman.improvise("blues-f", seed=3, choruses=1)
    with pytest.raises(SidemanError, match="was played without a taste"):
        plain.again(taste=longer)
    with pytest.raises(SidemanError, match="give the taste file"):
        take.again()
    assert sideman.improvise("blues-f", seed=3, choruses=1, taste=folder / "my.taste") == take


def test_a_take_is_not_played_on_without_its_taste(folder: Path, tmp_path: Path) -> None:
    header, first, *others = (folder / "my.taste").read_bytes().splitlines(keepends=True)
    (tmp_path / "other.taste").write_bytes(b"".join([header, *others, first]))
    (tmp_path / "empty.taste").touch()
    take, out = folder / "blues-f-3.mid", ("--out", tmp_path)
    commands = {
        ("improvise", "--again", take, "--no-audio"): "give the taste file",
        ("improvise", "blues-f", "--take", take, "--keep", "1-4", "--no-audio"): "an empty file",
        ("vary", take): "an empty file",
        ("trade", take, "--effort", "2"): "an empty file",
    }
    for command, remedy in commands.items():
        assert remedy in sentence(call(*command, *out))
        other = call(*command, *out, "--taste", tmp_path / "other.taste")
        assert "does not begin with the marks with which" in sentence(other)
    assert not list(tmp_path.glob("*.mid"))
    varied = call("vary", take, *out, "--seed", "1", "--taste", tmp_path / "empty.taste", "-q")
    assert varied.returncode == 0
    variation = sideman.read(tmp_path / "blues-f-3-vary-1.mid")
    assert isinstance(variation, sideman.Take)
    assert variation.request is not None
    assert variation.request.taste == ""


def _wrong(folder: Path) -> dict[str, tuple[object, str]]:
    header, first, *others = (folder / "my.taste").read_text().splitlines(keepends=True)
    mark = json.loads(first)
    other = json.dumps({**mark, "request": {**mark["request"], "model": "other"}})
    kinds = {json.loads(each)["mark"]: each for each in (first, *others)}
    return {
        "text": ("| F7 | Bb7 |", "is no taste file"),
        "json": ("[1, 2]", "is no taste file"),
        "binary": (b"MThd\x00\x00\xff", "is no taste file"),
        "newer": (header.replace('"schema":1', '"schema":2') + first, "has layout 2"),
        "cut": (header + first[:500], "line 2 is no whole mark"),
        "no number": (header + first.replace('"mark":', '"x":NaN,"mark":'), "line 2 is no whole"),
        "no bars": (header + json.dumps({**mark, "bars": "90-99"}), "line 2 is no whole mark"),
        "two models": (header + first + other, "line 3 is a mark on a take by other"),
        "another model": (header + other, "has marks on takes by other, and soloist plays"),
        "one kind": (header + kinds["up"], "has marks up alone"),
    }  # fmt: skip


def test_a_wrong_file_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name, (content, told) in _wrong(folder).items():
        path = tmp_path / f"{name}.taste"
        path.write_bytes(content if isinstance(content, bytes) else str(content).encode())
        said = sentence(call("improvise", "blues-f", "--taste", path, "--out", out))
        assert told in said, name
        assert str(path) in said, name
    for path, told in ((tmp_path, "is a directory"), (tmp_path / "none", "no such file")):
        assert told in sentence(call("play", "blues-f", "--taste", path, "--out", out))
    mine = ("--taste", folder / "my.taste", "--out", out)
    for more, told in (
        (("--effort", "1"), "acts where the critic chooses; ask for effort 2 or 3, or the best"),
        (("--model", "course"), "needs a critic, which the model course does not have"),
    ):
        assert told in sentence(call("improvise", "blues-f", *mine, *more))
    phrase = ("trade", folder / "blues-f-3.mid", *mine, "--best-of", "4")
    assert "ask for effort 2 or 3, or leave" in sentence(call(*phrase))
    assert not out.exists()
    best = ("--effort", "1", "--best-of", "2", "--choruses", "1", "--no-audio", "-q")
    assert call("improvise", "blues-f", *mine, *best).returncode == 0


def test_what_is_no_take_of_sideman_is_not_rated(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.taste"
    short = sideman.improvise("| F7 | Bb7 |", seed=1, choruses=1)
    short.save(tmp_path / "short.mid")
    (tmp_path / "text.mid").write_bytes(b"x")
    loops = sideman.practice(folder / "blues-f-3.mid", cycle="fourths", steps=1)
    loops[1].save(tmp_path / "loop.mid")
    course = sideman.improvise("blues-f", seed=1, choruses=1, model="course")
    course.save(tmp_path / "course.mid")
    for name, told in (
        ("short.mid", "a taste is learnt from takes of 32 or more"),
        ("text.mid", "is not a MIDI file"),
        ("loop.mid", "is made of licks to practise"),
        ("course.mid", "which has no critic"),
    ):
        assert told in sentence(call("rate", tmp_path / name, "up", "--taste", file)), name
    assert not file.exists()
    take = sideman.Take((folder / "blues-f-3.mid").read_bytes())
    for mark, bars, told in (("good", None, "up or down"), ("up", "13", "no bar 13")):
        with pytest.raises(MusicError, match=told):
            take.rate(mark, file, bars)
    assert not file.exists()


def test_a_later_mark_replaces_one_on_the_same_bars(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.taste"
    for mark, bars in (("up", "1-8"), ("up", "9-12"), ("down", "1-8")):
        rated = call("rate", folder / "blues-f-3.mid", mark, "--bars", bars, "--taste", file)
        assert rated.returncode == 0, rated.stderr
    assert rated.stdout.splitlines()[0] == f"{file}: 2 marks, 1 up and 1 down"
    assert len(file.read_text().splitlines()) == 4
    facts = json.loads(
        call("rate", folder / "blues-f-3.mid", "up", "--taste", file, "--json").stdout
    )
    assert (facts["marks"], facts["up"], facts["model"]) == (3, 2, "soloist")
    assert facts["prefers"] == []


def test_the_benchmark_marks_by_the_quality() -> None:
    benchmark = module("taste")
    changes = songbook.load("blues-f").changes
    takes = [
        Solo(str(many), tuple(Note(at * 24, 12, 60) for at in range(many)), changes)
        for many in range(4, 44)
    ]
    liked = benchmark.marked(takes, benchmark.density, -1, np.random.default_rng(1))
    assert np.mean(liked[:20]) > 0.8 > 0.2 > np.mean(liked[20:])
    moved = benchmark.shift(takes, takes[5:] + takes[-5:], benchmark.density)
    assert "+0." in moved.told(np.random.default_rng(0))[0]
