import assert from "node:assert/strict";
import { test } from "node:test";
import { barAt, cellsOf, compose, keepsForm, metersOf, mostlySame, numbered, plainSymbol, printed, printedTitle, problemsByBar, repeats, split, type Cell } from "../src/chart";
import type { Chart } from "../src/types";

const cells = (...texts: string[]): Cell[] => texts.map((text) => ({ section: "", text }));

test("typed text gives the bars back that it was made from", () => {
  const bars: Cell[] = [
    { section: "A", text: "Bb6 G7" },
    ...cells("Cm7 F7", "%", ".", "Fm7 Bb7"),
    { section: "B", text: "(3/4) D7 . Am7" },
  ];
  const { text, spans } = compose(bars);
  assert.equal(text, "[A] | Bb6 G7 | Cm7 F7 | % | . |\n| Fm7 Bb7 |\n[B] | (3/4) D7 . Am7 |\n");
  assert.deepEqual(split(text), bars);
  assert.deepEqual(spans.map(({ start, end }) => text.slice(start, end)), bars.map((bar) => bar.text));
});

test("an empty bar continues the chord before it", () => {
  assert.equal(compose(cells("F7", "")).text, "| F7 | . |\n");
});

test("a meter before the first bar line belongs to the bar after it", () => {
  assert.deepEqual(split("(3/4) | Am7 | D7 |"), cells("(3/4) Am7", "D7"));
});

test("a header and a label with a colon are not bars", () => {
  assert.deepEqual(split("title: Blues\nA: | F7 | Bb7"), [{ section: "A", text: "F7" }, ...cells("Bb7")]);
});

test("bars of a chart with repeats are made from its chords", () => {
  const chord = (symbol: string, beat: number) => ({ symbol, beat, start: 0, end: 0, pitches: [] });
  const chart: Chart = {
    title: "", composer: "", key: "", tempo: null, style: "", meter: "4/4", sheet: null, notices: [], problems: [],
    text: "|: F7 :|",
    bars: [
      { section: "A", meter: "4/4", chords: [chord("F7", 1)] },
      { section: "", meter: "4/4", chords: [chord("B♭7", 1), chord("E♭7", 4)] },
      { section: "", meter: "3/4", chords: [chord("F7", 1)] },
      { section: "", meter: "4/4", chords: [chord("Gm7", 1), chord("C7", 3), chord("A7", 4)] },
    ],
  };
  assert.deepEqual(cellsOf(chart), [
    { section: "A", text: "F7" },
    { section: "", text: "Bb7 . . Eb7" },
    { section: "", text: "(3/4) F7" },
    { section: "", text: "(4/4) Gm7 C7 A7" },
  ]);
});

test("problems stand in their bars, counted from the bar's own text", () => {
  const { text, spans } = compose(cells("F7", "Hm Q7", "C7"));
  const start = text.indexOf("Q7");
  assert.equal(barAt(spans, start), 1);
  const found = problemsByBar([{ message: "no", start, end: start + 2 }, { message: "also", bar: 3 }], spans);
  assert.deepEqual([...found.keys()], [1, 2]);
  assert.deepEqual([found.get(1)![0]!.start, found.get(1)![0]!.end], [3, 5]);
});

test("symbols are typed and printed", () => {
  assert.equal(printed("Bbmaj7 C7b9 F#m7b5 Eb/Bb"), "B♭maj7 C7♭9 F♯m7♭5 E♭/B♭");
  assert.equal(plainSymbol("B♭maj7"), "Bbmaj7");
  assert.equal(printedTitle("Blues in Bb for Abby"), "Blues in B♭ for Abby");
});

test("a bar that repeats the one before it is shown as one", () => {
  assert.deepEqual(repeats(cells("F7", "F7", "%", "C7 .", "C7 .")), [false, true, true, false, false]);
});

test("bars keep their form while only their chords change", () => {
  const bars = numbered(cells("(3/4) F7", "Bb7", "4/4 F7", "C7"));
  const meters = metersOf(bars);
  assert.deepEqual(meters, ["3/4", "3/4", "4/4", "4/4"]);
  const typed = (at: number, text: string) => bars.map((cell, index) => (index === at ? { ...cell, text } : cell));
  assert.ok(keepsForm(bars, meters));
  assert.ok(keepsForm(typed(1, "Bbm7 Eb7"), meters));
  assert.ok(!keepsForm(typed(0, "F7"), meters));
  assert.ok(!keepsForm([...bars.slice(1), { section: "", text: "F7" }], meters)); // as many, but moved
  assert.ok(!keepsForm(bars.slice(1), meters));
});

test("forms of equal length are alike where most bars are", () => {
  const bars = cells("F7", "", "F7", "C7");
  assert.ok(mostlySame(bars, cells("F7", ".", "Am7", "D7")));
  assert.ok(!mostlySame(bars, cells("F7", "Gm7", "Am7", "D7")));
  assert.ok(!mostlySame(bars, cells("F7", ".", "F7")));
});
