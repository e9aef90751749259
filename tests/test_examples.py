"""Examples of small functions, one line each."""

from typing import Any

import numpy as np
import pytest

from sideman.band import bass, comping, drums, rhythm, styles
from sideman.course import layers
from sideman.evaluation import distance, novelty
from sideman.feel import timing
from sideman.files import slug
from sideman.library import etudes, songbook
from sideman.library.etudes import course as etudes_course
from sideman.models import events, letters, lstm
from sideman.models.course import harmony, polish, realise
from sideman.models.course import network as course
from sideman.models.course.tokens import Bracket, Kind, Token
from sideman.output.engraving import layout
from sideman.output.printed import printed
from sideman.theory import instruments
from sideman.theory.chord import Chord, to_kind
from sideman.theory.meter import Meter, quarters_to_ticks
from sideman.theory.pitch import Key, PitchName, spelled

EXAMPLES: dict[str, tuple[Any, Any]] = {
    "a feel for print": (
        [layout.feel(t) for t in ("waltz", "medium up swing", "")],
        ["Jazz waltz", "Medium up swing", ""],
    ),
    "swung styles": (
        [layout.is_swung(style) for style in ("Medium Swing", "bossa")],
        [True, False],
    ),
    "printed chords": (
        [printed(symbol) for symbol in ("Bbm7b5/Ab", "F#7#9", "7b9")],
        ["B♭m7♭5/A♭", "F♯7♯9", "7♭9"],
    ),
    "families": ([instruments.family(program) for program in (66, 33)], ["horn", "bass"]),
    "reach": (instruments.named("tenor sax").reach, (48, 78)),
    "six signs": (instruments.transposition_named("Eb").within_signs(5).fifths, -9),
    "simplest names": (
        [str(PitchName.parse(name).simplest()) for name in ("Fb", "Gb")],
        ["E", "F#"],
    ),
    "spelled names": (str(spelled(PitchName.parse("Cb"), 71)), "Cb5"),
    "spelled in a key": (
        [str(Key.parse("Eb").spell(midi)) for midi in (60, 61, 63, 66, 71)],
        ["C4", "Db4", "Eb4", "Gb4", "Cb5"],
    ),
    "ticks": ([quarters_to_ticks(quarters) for quarters in (1 / 3, 2.5)], [8, 60]),
    "a kind": (to_kind(Chord.parse("C7b9"))[0], "dominant"),
    "a simpler chord": (Chord.parse("C13#11b9").simplified("weimar").symbol, "C13b9#11"),
    "a transposed chord": (Chord.parse("Fm7/Bb").transposed(2).symbol, "Gm7/C"),
    "slugs": (
        [slug(text) for text in ("Happy Birthday", "../Don't!", "Tâke Ünï")],
        ["happy-birthday", "dont", "take-uni"],
    ),
    "found études": (etudes.search("carousel"), ("waltz-blues-g-carousel",)),
    "an étude's character": (
        etudes.character("blues-f-back-stairs").split(".")[0],
        "Blues in F with much air",
    ),
    "an étude written out": (len(etudes.written_out("blues-f-corner-table").changes.bars), 24),
    "found forms": (songbook.search("birthday"), ("happy-birthday", "happy-birthday-waltz")),
    "a form by its title": (songbook.load("Happy Birthday").title, "Happy Birthday to You"),
    "the course's voicing": (etudes_course.voicing(Chord.parse("C7")), (48, 55, 58, 64)),
    "swing ratios": (
        [round(timing.swing_ratio(tempo), 2) for tempo in (60, 200, 340)],
        [1.96, 1.84, 1.07],
    ),
    "delays": (
        [round(1000 * timing.lateness_seconds(tempo)) for tempo in (60, 200, 340)],
        [35, 22, 2],
    ),
    "strong beats": (
        [sorted(bass._strong(beats)) for beats in range(2, 8)],
        [[0], [0], [0, 2], [0, 3], [0, 2, 4], [0, 2, 4]],
    ),
    "pulses": (
        [rhythm.pulses(meter) for meter in (Meter(3, 4), Meter(6, 8), Meter(7, 8))],
        [(0, 24, 48, 72), (0, 36, 72), (0, 24, 48, 84)],
    ),
    "a place in a bar": (
        [rhythm.place(36, rhythm.pulses(Meter(*m))) for m in ((4, 4), (12, 8))],
        [36, 60],
    ),
    "a count-in": (
        [note.onset for note in drums.count_in(Meter(), 2, np.random.default_rng(0)).notes],
        [0, 48, 96, 120, 144, 168],
    ),
    "voicings": (comping.voicing(Chord.parse("G7"), (53, 57, 60, 64)), (53, 57, 59, 64)),
    "styles": (styles.names()[:2], ("ballad", "bebop")),
    "a style's swing": (
        (styles.load("Two Beat").name, styles.load("bossa").swing),
        ("two-beat", 1.0),
    ),
    "matching styles": (
        [styles.matching(text).name for text in ("Bossa Nova", "slow ballad", "")],
        ["bossa", "ballad", "swing"],
    ),
    "a style in three": (styles.matching("", Meter(3, 4)).name, "waltz"),
    "distances": (distance.intra([1.0, 2.0, 4.0]).choice().tolist(), [1.0, 3.0, 2.0]),
    "a density": (
        distance.density(np.array([0.0]), np.array([0.0, 1.0]), 1.0).round(4).tolist(),
        [0.3989, 0.242],
    ),
    "no match": (
        novelty.told(novelty.Match(0, "", 0, 0.0)),
        "no match of six notes or more with the Weimar solos",
    ),
    "the course's spelling": ([str(harmony.spell(pitch)) for pitch in (63, 68)], ["Eb4", "G#4"]),
    "the course's interval": (harmony.step_between(66, 63).name, "A-2"),
    "coin rounding": (
        sorted({polish.coin_rounded(0.6, np.random.default_rng(seed)) for seed in range(9)}),
        [0.5, 0.75],
    ),
    "paired echoes": (polish.without_paired_echoes("aabbbc", str.__eq__), ["a", "b", "b", "c"]),
    "clashes": (polish.without_clashes([0, 0, 0, 1], int.__eq__), [0, 1]),
    "candidates": (
        realise.candidates(Token.parse("C,0.500,<P4,m-2>"), Chord.parse("C7"), 63),
        (64, 67),
    ),
    "picks": ([realise.pick((60, 64), (3.0, 1.0), draw) for draw in (0.7, 0.8)], [60, 64]),
    "brackets": (
        [str(Bracket.around_semitones(step)) for step in (2, -1)],
        ["<P4,m-2>", "<M2,M-3>"],
    ),
    "a token's kind": (Token.parse("C,0.5").kind, Kind.CHORD),
    "the grid": (
        [course.on_grid(*place) for place in ((96, 8), (88, 8), (88, 12), (84, 8))],
        [True, True, False, False],
    ),
    "duration classes": (
        events.duration_classes(np.array([0.2, 5.0, 7.4, 300.0])).tolist(),
        [0, 3, 5, 14],
    ),
    "letters": (letters.spelled(["Bo"]), (("B", "o", "\n"),)),
    "parameters": (sum(int(np.prod(shape)) for shape in lstm.shapes(78, 64).values()), 41678),
    "a written shape": (layers.written((None, 1, 78)), "(batch, 1, 78)"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str) -> None:
    found, expected = EXAMPLES[name]
    assert found == expected
