import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span } from "../src/player/clock";
import { heard } from "../src/player/clock";
import { band, COUNT, countIn, CLICK, DRUMS, due, sameBeat, sameLoop, type Due } from "../src/player/scheduler";
import type { Bar, Music, NoteRow } from "../src/player/types";

const near = (a: number, b: number, by = 1e-9) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

/** Bars of four beats at a tempo: an intro bar, then choruses of a four-bar form. */
function music(tempo: number, choruses: number, notes: readonly NoteRow[] = []): Music {
  const beat = 60 / tempo;
  const bars: Bar[] = [];
  for (let k = 0; k < 1 + 4 * choruses; k++) {
    const start = k * 4 * beat;
    const solo = k > 0;
    bars.push({
      start,
      end: start + 4 * beat,
      beats: [0, 1, 2, 3].map((b) => start + b * beat),
      place: solo ? "solo" : "intro",
      chorus: solo ? 1 + Math.floor((k - 1) / 4) : null,
      form: solo ? (k - 1) % 4 : null,
    });
  }
  const part = { program: 66, percussion: false, volume: 100, pan: 64 };
  return {
    seconds: bars.length * 4 * beat,
    bars,
    parts: [
      { ...part, role: "solo", notes },
      { ...part, role: "bass", program: 32, notes: [] },
      { ...part, role: "drums", percussion: true, notes: [[0, 0.1, 51, 90]] },
    ],
  };
}

/** Every 0.25 s a note, up to ten seconds. */
const steady: NoteRow[] = Array.from({ length: 40 }, (_, k) => [k / 4, k / 4 + 0.2, 60 + (k % 12), 90]);
const solo = (found: Due[]) => found.filter(({ event }) => event.role === "solo");

/** Schedule in small windows, as the player does. */
function inWindows(span: Span, to: number, size: number): Due[] {
  const { events } = band(music(120, 3, steady));
  const found: Due[] = [];
  for (let from = span.at; from < to; from += size) found.push(...due(events, span, from, Math.min(to, from + size)));
  return solo(found);
}

test("windows of any size hand over every note once, at the same times", () => {
  const span: Span = { at: 100, music: 0, rate: 0.9, loop: { from: 1, to: 3 }, faster: 0.1, fresh: true };
  const whole = inWindows(span, 120, 20);
  for (const size of [0.0251, 0.2, 1.5]) assert.deepEqual(inWindows(span, 120, size), whole);
  for (const { at, event } of whole) near(heard(span, at + 1e-9).music, event.start, 1e-6);
});

test("a loop's notes return at its length, and none sounds over its end", () => {
  const span: Span = { at: 0, music: 1, rate: 1, loop: { from: 1, to: 3.1 }, faster: 0, fresh: true };
  const first = inWindows(span, 21, 0.2).filter(({ event }) => event.start === 1);
  first.forEach(({ at }, k) => near(at, k * 2.1, 1e-9));
  assert.equal(first.length, 10);
  const pad: NoteRow[] = [[2.5, 9, 48, 80]];
  const [held] = solo(due(band(music(120, 3, pad)).events, span, 0, 2.1));
  near(held?.until ?? 0, 2.1);
});

test("a note a little before the loop sounds at its start, not at its end", () => {
  const notes: NoteRow[] = [[0.99, 1.4, 50, 80], [1.5, 1.7, 51, 80], [2.98, 3.4, 52, 80]];
  const { events } = band(music(120, 3, notes));
  const span: Span = { at: 0, music: 1, rate: 1, loop: { from: 1, to: 3 }, faster: 0, fresh: true };
  const found = solo(due(events, span, 0, 4));
  assert.deepEqual(found.map(({ at, event }) => [at, event.pitch]), [[0, 50], [0.5, 51], [2, 50], [2.5, 51]]);
});

test("going on at another speed repeats no note", () => {
  const { events } = band(music(120, 3, steady));
  const before: Span = { at: 0, music: 0, rate: 1, loop: null, faster: 0, fresh: true };
  const at = 1.01;
  const after: Span = { at, music: heard(before, at).music, rate: 0.5, loop: null, faster: 0, fresh: false };
  const pitches = [...solo(due(events, before, 0, at)), ...solo(due(events, after, at, 2.9))].map(({ event }) => event.start);
  assert.deepEqual(pitches, [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]);
});

test("parts get channels of their own, drums the tenth", () => {
  const { channels, events, end } = band(music(120, 1, steady));
  assert.deepEqual(channels.map(({ channel, program }) => [channel, program]), [[0, 66], [1, 32], [DRUMS, 66]]);
  assert.ok(events.every((event, k) => k === 0 || event.start >= (events[k - 1]?.start ?? 0)));
  near(end, 10);
});

test("the metronome strikes every beat, the first of a bar harder", () => {
  const clicks = band(music(120, 1)).events.filter(({ channel }) => channel === CLICK);
  assert.equal(clicks.length, 20);
  assert.deepEqual(clicks.slice(0, 5).map(({ velocity }) => velocity), [112, 84, 84, 84, 112]);
});

test("the count-in is a whole bar, and the beats before a place within one", () => {
  const { bars } = music(120, 1);
  assert.deepEqual(countIn(bars, 2).map(({ start }) => start), [0, 0.5, 1, 1.5]);
  assert.deepEqual(countIn(bars, 3).map(({ start, channel }) => [start, channel]), [0, 0.5, 1, 1.5, 2, 2.5].map((t) => [t, COUNT]));
  assert.deepEqual(countIn([], 3), []);
});

test("another take goes on at the same bar and beat of its chorus", () => {
  const [mine, other] = [music(120, 3), music(60, 3)];
  near(sameBeat(mine, 2 + 8 + 3.25, other), 2 * (2 + 8 + 3.25));
  near(sameBeat(mine, 0.5, other), 1);
});

test("a chorus that the other has not is its last", () => {
  const [mine, other] = [music(120, 3), music(120, 1)];
  near(sameBeat(mine, 2 + 16 + 1, other), 2 + 1);
});

test("another form gives the same share", () => {
  const other: Music = { ...music(120, 1), bars: [], seconds: 5 };
  near(sameBeat(music(120, 1), 5, other), 2.5);
});

test("a loop moves with its bars", () => {
  const moved = sameLoop(music(120, 3), { from: 2, to: 6 }, music(60, 3));
  near(moved?.from ?? 0, 4);
  near(moved?.to ?? 0, 12, 1e-4);
});

test("a note takes the controls up to the next one along, from rest", () => {
  const one = music(120, 1, [[0, 0.4, 60, 90], [1, 1.4, 62, 90]]);
  const parts = one.parts.map((part) => (part.role === "solo" ? { ...part, controls: [[0, -1, 7000], [0.7, -1, 8192], [1.2, 11, 100]] as const } : part));
  const [first, second] = band({ ...one, parts }).events.filter(({ role }) => role === "solo");
  assert.deepEqual(first?.controls, [[0, -1, 8192], [0, 11, 127], [0, -1, 7000], [0.7, -1, 8192]]);
  assert.deepEqual(second?.controls?.slice(0, 2), [[0, -1, 8192], [0, 11, 127]]);
  assert.equal(second?.controls?.length, 3);
});
