"""Forms to play over: typed ones, and any that there could be."""

from hypothesis import strategies as st

from sideman.score import Bar, Changes, ChordChange
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter

METERS = ["4/4", "3/4", "5/4", "6/8", "7/4", "2/4", "12/8", "7/8", "3/2", "1/4", "5/8", "6/4"]
SYMBOLS = [
    "Cmaj7", "Dm7", "G7", "F", "Ebm", "Bm7b5", "Cdim7", "A7b9", "C6/9", "Fsus4", "Bb/D", "Fm7/Bb",
    "G5", "E+7", "Dbmaj7#11", "G13#11b9", "C7alt",
]  # fmt: skip


def form(text: str, meter: str = "4/4") -> Changes:
    """Bars divided by ``|``; the chords of a bar share its beats."""
    bars = []
    for words in text.split("|"):
        symbols = words.split()
        one = Meter.parse(meter)
        step = one.ticks_per_bar // max(1, len(symbols))
        chords = tuple(ChordChange(i * step, Chord.parse(s)) for i, s in enumerate(symbols))
        bars.append(Bar(chords, one))
    return Changes(tuple(bars))


@st.composite
def any_form(draw: st.DrawFn) -> Changes:
    """Bars of any meter with chords at any tick."""
    raw = draw(
        st.lists(
            st.tuples(
                st.sampled_from(METERS),
                st.dictionaries(
                    st.integers(0, 120), st.sampled_from([*SYMBOLS, "N.C."]), max_size=4
                ),
                st.sampled_from([None, None, "A"]),
            ),
            max_size=12,
        )
    )
    bars = []
    for meter, chords, section in raw:
        one = Meter.parse(meter)
        arrivals = sorted(onset for onset in chords if onset < one.ticks_per_bar)
        changes = tuple(ChordChange(at, Chord.parse(chords[at])) for at in arrivals)
        bars.append(Bar(changes, one, section))
    return Changes(tuple(bars))
