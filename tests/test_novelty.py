import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databases import transcriptions
from realdata import DATA, needs_data
from sideman.errors import ModelError, MusicError
from sideman.evaluation import novelty
from sideman.formats import weimar
from sideman.models import file
from sideman.score import Note, Solo


def walk(seed: int, notes: int) -> Solo:
    rng = np.random.default_rng(seed)
    onset = np.cumsum(rng.choice([4, 6, 8, 12, 24, 48], size=notes))
    pitch = rng.integers(40, 90, size=notes)
    made = (Note(int(at), 3, int(key)) for at, key in zip(onset, pitch, strict=True))
    return Solo(f"Walk {seed}", tuple(made))


CORPUS = [(f"solo-{seed}", walk(seed, 300)) for seed in range(20)]
INDEX = novelty.build(CORPUS)


def planted(copied: int, transposed: int, at: int = 40) -> Solo:
    """A line of its own with some notes of solo-7 in it, in another key and another place."""
    own, source = walk(999, 120).notes, CORPUS[7][1].notes[100 : 100 + copied]
    shift = own[at - 1].onset + 17 - source[0].onset
    copy = [
        replace(note, onset=note.onset + shift, pitch=note.pitch + transposed) for note in source
    ]
    gap = copy[-1].onset + 31 - own[at].onset
    rest = [replace(note, onset=note.onset + gap) for note in own[at:]]
    return Solo("Planted", (*own[:at], *copy, *rest))


@pytest.mark.parametrize("copied", [6, 7, 9, 10, 12, 13, 20, 64])
@pytest.mark.parametrize("transposed", [0, 5, -7])
def test_a_planted_copy_is_found(copied: int, transposed: int) -> None:
    solo = planted(copied, transposed)
    match = INDEX.match(solo)
    assert match.longest == copied
    assert match.source == "solo-7"
    assert match.first_note == 40
    assert match.share == pytest.approx(copied / len(solo.notes))


@pytest.mark.parametrize("most", [5, 6, 7, 8, 9, 10, 11, 12, 15, 20])
def test_a_copy_is_stopped_at_the_note_that_makes_it_too_long(most: int) -> None:
    limit, every = novelty.Limit(INDEX, most), np.arange(30, 102)
    source = planted(30, 3).notes
    own, copy = source[:40], source[40:70]
    for copied in range(2, 25):
        following = copy[copied]
        barred = limit.barred((*own, *copy[:copied]), following.onset, every)
        assert every[barred].tolist() == ([following.pitch] if copied >= most else [])
        too_long = INDEX.beyond((*own, *copy[:copied]), most)
        assert bool(too_long) == (copied > most)
        assert all(first == 40 and most < notes <= copied for first, notes in too_long)


def test_matches_that_nobody_knows_cannot_be_held() -> None:
    with pytest.raises(MusicError, match="hold them to 5 or more"):
        novelty.Limit(INDEX, 4)


def test_shorter_copies_are_not_told() -> None:
    assert INDEX.match(planted(5, 3)) == novelty.Match(0, "", 0, 0.0)
    assert INDEX.match(Solo("None", ())) == novelty.Match(0, "", 0, 0.0)


def test_another_rhythm_is_another_line() -> None:
    source = CORPUS[3][1]
    even = tuple(replace(note, onset=12 * at) for at, note in enumerate(source.notes))
    assert INDEX.match(Solo("Even", even)).longest == 0
    # Within a class of IOIs the timing is free: a tick later is the same rhythm here.
    slow = tuple(replace(note, onset=note.onset // 24 * 24 * 50) for note in source.notes)
    assert INDEX.match(Solo("Slow", slow)).longest < 20


def test_nobody_copies_from_himself() -> None:
    name, solo = CORPUS[4]
    assert INDEX.match(solo).longest == 300
    assert INDEX.match(solo).share == 1
    assert INDEX.match(solo, without={name}).longest == 0


def brute(solo: Solo, corpus: list[tuple[str, Solo]]) -> int:
    """The longest match by comparing every place with every other."""
    mine = novelty.symbols_of(solo.notes).tolist()
    best = 0
    for _, other in corpus:
        theirs = novelty.symbols_of(other.notes).tolist()
        row = [0] * (len(theirs) + 1)
        for symbol in mine:
            row = [0] + [row[at] + 1 if theirs[at] == symbol else 0 for at in range(len(theirs))]
            best = max(best, *row)
    return best + 1 if best >= 5 else 0


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 10_000))
def test_no_match_is_overlooked(seed: int) -> None:
    # Few pitches and one rhythm, so that matches of every length abound.
    rng = np.random.default_rng(seed)

    def simple(notes: int) -> Solo:
        pitches = 60 + np.cumsum(rng.choice([-1, 1, 2, -2], size=notes))
        return Solo("", tuple(Note(12 * at, 6, int(key)) for at, key in enumerate(pitches)))

    corpus = [(str(number), simple(80)) for number in range(4)]
    solo = simple(60)
    assert novelty.build(corpus).match(solo).longest >= brute(solo, corpus)


def test_a_file_holds_the_index(tmp_path: Path) -> None:
    file.write(tmp_path / "index.safetensors", novelty.to_file(INDEX, "corpus"))
    again = novelty.read(tmp_path / "index.safetensors")
    assert again.names == INDEX.names
    assert again.match(planted(15, 2)) == INDEX.match(planted(15, 2))
    content = novelty.to_file(INDEX, "corpus")
    for broken in (
        replace(content, kind="course"),
        replace(content, config={"sizes": [3]}),
        replace(content, weights={}),
        replace(content, vocabulary=("only",)),
        replace(
            content, weights={**content.weights, "hashes.5": content.weights["hashes.5"][::-1]}
        ),
    ):
        file.write(tmp_path / "broken.safetensors", broken)
        with pytest.raises(ModelError, match="no index of solos"):
            novelty.read(tmp_path / "broken.safetensors")


def test_what_ships_are_hashes_and_names() -> None:
    index = novelty.shipped()
    assert len(index.names) == 417
    path = Path(novelty.__file__).parent / "weimar.safetensors"
    content = file.read(path)
    assert path.stat().st_size < 4e6
    assert set(content.weights) == {f"{k}.{n}" for k in ("hashes", "solos") for n in novelty.SIZES}


@needs_data
def test_a_phrase_of_the_database_is_found_in_milliseconds() -> None:
    transcription = transcriptions(DATA / "wjazzd" / "wjazzd.db", [100])[0]
    solo = weimar.solo(transcription)
    phrase = Solo("Lick", tuple(replace(note, pitch=note.pitch - 3) for note in solo.notes[50:80]))
    index = novelty.shipped()
    began = time.process_time()
    for _ in range(10):
        match = index.match(phrase)
    assert (time.process_time() - began) / 10 < 0.05
    assert (match.longest, match.first_note, match.share) == (30, 0, 1.0)
    assert match.source == transcription.name
